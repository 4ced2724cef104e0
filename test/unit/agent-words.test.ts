import { describe, expect, test } from "vitest";
import { maskLine, withoutSecrets } from "../../worker/live/agent-words.ts";
import type { AgentMessage } from "../../worker/wire/agent.ts";
import { a, join2 } from "../support/secrets.ts";

const token = join2("gh", "p_", a(36));

describe("a line of a diff", () => {
	test.each([
		["    env:", "    env:"],
		['+     POOL_MAX: "40"', '+     POOL_MAX: "40"'],
		["-     DB_PASSWORD: [hidden]", "-     DB_PASSWORD: [hidden]"],
		["+     DB_PASSWORD: [hidden] (another value)", "+     DB_PASSWORD: [hidden] (another value)"],
		["+     DB_PASSWORD: from secret db/password1234", "+     DB_PASSWORD: from secret db/password1234"],
		['+     URL: "postgres://[hidden]@db-1/shop"', '+     URL: "postgres://[hidden]@db-1/shop"'],
		['+   args: ["--token=[hidden]","-v"]', '+   args: ["--token=[hidden]","-v"]'],
		["-   image: shop/token:20261120", "-   image: shop/token:20261120"],
		["+     secretName: certs", "+     secretName: certs"],
		["  … 12 more lines", "  … 12 more lines"],
		// What an agent of another make may say.
		['+     DB_PASSWORD: "hunter2"', '+     DB_PASSWORD: "[masked:secret-value]"'],
		[`+     note: ${token}`, "+     note: [masked:github-token]"],
		[`env: ${token}`, "env: [masked:github-token]"],
	])("%s", (line, expected) => expect(maskLine(line)).toBe(expected));

	test("stays as long as a line may be", () => {
		expect(maskLine(`+ a: ${"x".repeat(200)} ${`${token} `.repeat(3)}`).length).toBeLessThanOrEqual(300);
	});
});

test("sentences of every kind are masked, names and images are not", () => {
	const said = { at: 1, sentence: `It says ${token}`, name: "x" };
	const report = {
		...{ type: "report", seq: 1, isSnapshot: true, part: 1, parts: 1, gone: [], verbs: null, at: 1 },
		workloads: [
			{
				...{ name: "token", images: ["shop/token:20261120"], sentence: said.sentence },
				revisions: [
					{ revision: 1, changeCause: said.sentence, images: [] },
					{ revision: 2, changeCause: null, differs: [`+ a: ${token}`] },
				],
				badPods: [said],
			},
		],
		cluster: { warnings: [{ message: said.sentence }] },
	} as unknown as AgentMessage;
	const masked = JSON.stringify(withoutSecrets(report));
	expect(masked).not.toContain(token);
	expect(masked).toContain("shop/token:20261120");
	const progress = { type: "progress", sentence: null } as unknown as AgentMessage;
	expect(withoutSecrets(progress)).toEqual(progress);
	const result = { type: "result", message: said.sentence, changes: [`- a: ${token}`] } as unknown as AgentMessage;
	expect(JSON.stringify(withoutSecrets(result))).not.toContain(token);
	const beat: AgentMessage = { type: "beat", at: 1 };
	expect(withoutSecrets(beat)).toBe(beat);
});
