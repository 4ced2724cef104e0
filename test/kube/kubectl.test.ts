// Real kubectl takes the double for a cluster: the same commands print the same and end the same as on a real API server, whose
// answers are kept in the fixture. With KUBECONFIG_TEST they run on that cluster too; with KUBECTL_RECORD=1 they are written down anew.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentUser, type KubeDouble, startKubeDouble } from "../support/kube-double/index.ts";
import { COMMANDS, type Command } from "./commands.ts";
import { KUBECTL, kubectl, normalised, type Said, type Target } from "./kubectl.ts";
import { rights, tokenOf } from "./rights.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/kubernetes/kubectl-1.32-on-1.20.txt", import.meta.url));
const REAL = process.env.KUBECONFIG_TEST;

if (!KUBECTL) console.warn("SKIPPED: kubectl is not installed, so the Kubernetes double was not compared with it.");
if (!REAL) console.warn("SKIPPED: KUBECONFIG_TEST is not set, so kubectl was compared with the double and with recordings only.");

const titleOf = ({ args, asAgent }: Command) =>
	`${asAgent ? "(agent) " : ""}kubectl ${args.map((arg) => (/[\s{]/.test(arg) ? `'${arg}'` : arg)).join(" ")}`;

const linesOf = (text: string, { compare }: Command): string[] => {
	const lines = text.split("\n").filter((line) => line.trim());
	if (compare === "last") return lines.slice(-1);
	return compare === "sorted" ? lines.sort() : lines;
};

/** A command and its answer as they stand in the fixture. */
function written(command: Command, said: Said, target: Target): string {
	const out = linesOf(normalised(said.stdout, target), command);
	const err = linesOf(normalised(said.stderr, target), { ...command, compare: command.compare === "last" ? undefined : command.compare });
	return [`$ ${titleOf(command)}`, ...out, ...err.map((line) => `! ${line}`), `[exit ${said.exit}]`].join("\n");
}

async function answerTo(command: Command, target: Target, agentToken: string): Promise<string> {
	const args = command.asAgent ? [...beforeDashes(command.args, `--token=${agentToken}`)] : command.args;
	const running = kubectl(target, args, command.input);
	for (const other of command.meanwhile ?? []) {
		await new Promise((resolve) => setTimeout(resolve, 700));
		await kubectl(target, other);
	}
	return written(command, await running, target);
}

/** What stands behind `--` belongs to another program. */
function beforeDashes(args: string[], option: string): string[] {
	const end = args.indexOf("--");
	return end < 0 ? [...args, option] : [...args.slice(0, end), option, ...args.slice(end)];
}

const recorded = (): string[] => readFileSync(FIXTURE, "utf8").trimEnd().split(/\n\n/);
const folder = mkdtempSync(`${tmpdir()}/kubectl-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!KUBECTL)("kubectl on the double says what it says on a real cluster", () => {
	let double: KubeDouble;
	let target: Target;
	beforeAll(async () => {
		double = await startKubeDouble({ everyMs: 20 });
		double.pause();
		double.addNamespace("parity");
		double.addToken("agent-token", agentUser(["parity"], "system:serviceaccount:parity:agent"));
		const kubeconfig = `${folder}/double.json`;
		writeFileSync(kubeconfig, double.kubeconfig());
		target = { kubeconfig, namespace: "parity", cacheDir: `${folder}/double-cache` };
	});
	afterAll(() => double.stop());

	test("the recording has an answer to each command", () => {
		expect(recorded().map((answer) => answer.split("\n")[0])).toEqual(
			COMMANDS.map((command) => `$ ${normalised(titleOf(command), target)}`),
		);
	});
	test.each(COMMANDS.map((command, index) => [titleOf(command), command, index] as const))(
		"%s",
		{ timeout: 60_000 },
		async (_, command, index) => {
			// The cluster's clock runs while kubectl is there, and not while it starts.
			const door = double.hold(() => true);
			const answer = answerTo(command, target, "agent-token");
			await Promise.race([door.arrived, answer]);
			double.start();
			door.open();
			expect(await answer).toBe(recorded()[index]);
			double.pause();
		},
	);
});

describe.skipIf(!KUBECTL || !REAL)("kubectl on the real cluster of KUBECONFIG_TEST", () => {
	const namespace = `parity-${Date.now().toString(36)}`;
	const target: Target = { kubeconfig: REAL ?? "", namespace, cacheDir: `${folder}/real-cache` };
	let agentToken = "";
	const answers: string[] = [];
	beforeAll(async () => {
		const made = await kubectl(target, ["create", "-f", "-"], rights(namespace));
		if (made.exit !== 0) throw new Error(made.stderr);
		agentToken = await tokenOf(target, namespace, "agent");
	}, 60_000);
	afterAll(async () => {
		await kubectl(target, ["delete", "namespace", namespace, "--wait=false"]);
		await kubectl(target, ["delete", "clusterrole,clusterrolebinding", namespace]);
		if (process.env.KUBECTL_RECORD) writeFileSync(FIXTURE, `${answers.join("\n\n")}\n`);
	}, 60_000);

	test.each(COMMANDS.map((command, index) => [titleOf(command), command, index] as const))(
		"%s",
		{ timeout: 60_000 },
		async (_, command, index) => {
			const answer = await answerTo(command, target, agentToken);
			answers.push(answer);
			if (!process.env.KUBECTL_RECORD) expect(answer).toBe(recorded()[index]);
		},
	);
});
