// The dependency arrows of this repository, checked by reading import lines.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, normalize } from "node:path";
import { expect, test } from "vitest";

const pure = /^worker\/domains\/(?!.*\.server\.ts$)/;
const arrows: { from: RegExp; never: RegExp; because: string }[] = [
	{ from: /^worker\/wire\//, never: /^(?!zod(\/mini)?$|worker\/wire\/)/, because: "wire/ is shared with browser and agent" },
	{
		from: pure,
		never: /^(?!zod$|worker\/(wire\/|errors\.ts$|domains\/(?!.*\.server\.ts$)))/,
		because: "a domain's own logic is pure",
	},
	{
		from: /^worker\/domains\//,
		never: /^worker\/(pipeline|http|live|sources|channels|demo|dev)\//,
		because: "domains do not know the line",
	},
	{
		from: /^worker\/domains\/.*\/(store|book|rollup|metrics)\.server\.ts$/,
		never: /\/actions\.server\.ts$/,
		because: "a store never calls actions",
	},
	{
		from: /^worker\/(sources|channels)\//,
		never: /\.server\.ts$|^worker\/(live|http|pipeline)\//,
		because: "an integration only translates",
	},
	{ from: /^worker\/pipeline\//, never: /^worker\/http\//, because: "the line does not know its doors" },
	{ from: /^worker\//, never: /^(app|agent)\//, because: "the worker does not know its readers" },
	{
		from: /^agent\//,
		never: /^(app\/|worker\/(?!wire\/|domains\/redaction\/(mask|pairs)))/,
		because: "the agent knows only the protocol, and what is a secret",
	},
	{ from: /^app\//, never: /\/table\.server\.ts$/, because: "pages read domains, not tables" },
];

function violations(files: Record<string, string>): string[] {
	return Object.entries(files).flatMap(([file, text]) => {
		const clock =
			pure.test(file) && /\b(Date\.now|Math\.random)\(|new Date\(\)/.test(text) ? [`${file} reads the clock or chance: pass it in`] : [];
		const imports = [...text.matchAll(/^\s*(?:import|export)\s[^;"']*?from\s*["']([^"']+)["']/gms)].map((m) => m[1] as string);
		return clock.concat(
			imports.flatMap((name) => {
				const target = name.startsWith(".") ? normalize(`${dirname(file)}/${name}`) : name.startsWith("#") ? `${name.slice(1)}.ts` : name;
				return arrows.filter((a) => a.from.test(file) && a.never.test(target)).map((a) => `${file} imports ${name}: ${a.because}`);
			}),
		);
	});
}

const sourceFiles = (...roots: string[]) =>
	Object.fromEntries(
		roots.flatMap((root) =>
			readdirSync(root, { recursive: true, withFileTypes: true })
				.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
				.map((entry) => `${entry.parentPath}/${entry.name}`)
				.map((path) => [path, readFileSync(path, "utf8")]),
		),
	);

test("imports follow the arrows", () => expect(violations(sourceFiles("worker", "app", "agent"))).toEqual([]));
test.each([
	["worker/domains/deployments/rollback.ts", 'import { x } from "./store.server.ts";'],
	["worker/domains/deployments/rollback.ts", 'import { Hono } from "hono";'],
	["worker/domains/cost/anomaly.ts", "export const t = Date.now();"],
	["worker/domains/runs/store.server.ts", 'import { publish } from "#worker/pipeline/publish";'],
	["worker/sources/github.ts", 'import { x } from "#worker/domains/runs/store.server";'],
	["worker/pipeline/receive.ts", 'import { x } from "../http/body.ts";'],
	["agent/index.ts", 'import { x } from "#worker/domains/runs/model";'],
	["app/panels/runs/table.tsx", 'import { runs } from "#worker/domains/runs/table.server";'],
])("catches %s", (file, text) => expect(violations({ [file]: text })).toHaveLength(1));

test("every exported function says what it is for", () => {
	const silent = Object.entries(sourceFiles("worker", "app")).flatMap(([file, text]) =>
		[...text.matchAll(/(^|\n)([^\n]*)\nexport (?:async )?function (\w+)/g)]
			.filter(([, , before]) => !/\*\/\s*$|^\s*\*/.test(before as string))
			.map(([, , , name]) => `${file}: ${name}`),
	);
	expect(silent).toEqual([]);
});
