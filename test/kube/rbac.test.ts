// What the in-cluster agent can do as agent/deploy installs it, and what it cannot, on a real API server: the one of KUBECONFIG_TEST.
// Everything gets names of its own, so that an agent that is installed there is left alone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS, WORKLOADS } from "./commands.ts";
import { KUBECTL, kubectl, type Target } from "./kubectl.ts";
import { tokenOf } from "./rights.ts";

const REAL = process.env.KUBECONFIG_TEST;
if (!KUBECTL || !REAL) console.warn("SKIPPED: KUBECONFIG_TEST is not set, so the agent's rights were not tried on a real API server.");

const namespace = `rights-${Date.now().toString(36)}`;
const elsewhere = `${namespace}-elsewhere`;
const home = `${namespace}-agent`;
const folder = mkdtempSync(`${tmpdir()}/rbac-`);
const target: Target = { kubeconfig: REAL ?? "", namespace, cacheDir: folder };
let token = "";

const admin = async (args: string[], input?: string, where = target) => {
	const said = await kubectl(where, args, input);
	if (said.exit !== 0) throw new Error(`kubectl ${args.join(" ")}: ${said.stderr}`);
};
/** A folder of agent/deploy as it is installed: the agent in a namespace of its own, rollbacks in ours. */
async function install(folder: "base" | "overlays/example"): Promise<void> {
	const made = await kubectl(target, ["kustomize", fileURLToPath(new URL(`../../agent/deploy/${folder}`, import.meta.url))]);
	if (made.exit !== 0) throw new Error(made.stderr);
	const text = made.stdout
		.replaceAll("opssight-agent-read", `${namespace}-read`)
		.replace(/^(\s*)namespace: opssight$/gm, `$1namespace: ${home}`)
		.replace(/^ {2}name: opssight$/gm, `  name: ${home}`)
		.replace(/^(\s*)namespace: shop$/gm, `$1namespace: ${namespace}`);
	await admin(["apply", "-f", "-"], text, { ...target, namespace: "" });
}

/** A command with the agent's token, written down as it was said. */
const agent = async (line: string, input?: string) => {
	const args = line.split(" ");
	const said = await kubectl(target, [`--token=${token}`, ...args], input);
	console.info(`$ kubectl ${line}\n${said.stdout}${said.stderr}[exit ${said.exit}]`);
	return said;
};
const imageOf = async (what: string) => (await agent(`get ${what} -o jsonpath={.spec.template.spec.containers[0].image}`)).stdout;

describe.skipIf(!KUBECTL || !REAL)("the agent's ServiceAccount on a real API server", { timeout: 90_000 }, () => {
	beforeAll(async () => {
		for (const name of [namespace, elsewhere]) await admin(["create", "namespace", name]);
		await install("base");
		await admin(["create", "secret", "generic", "jewels", "--from-literal=key=value"]);
		for (const where of [target, { ...target, namespace: elsewhere }]) await admin(["apply", "-f", "-"], WORKLOADS, where);
		token = await tokenOf(target, home, "opssight-agent");
		const workloads = ["deployment/checkout", "statefulset/ledger", "daemonset/logship"];
		const settled = () => Promise.all(workloads.map((one) => admin(["rollout", "status", one, "--timeout=60s"])));
		await settled();
		const isNewVersion = ({ args }: (typeof COMMANDS)[number]) => args[0] === "patch" && /1\.4\.1|16\.0|2\.2/.test(args.at(-1) ?? "");
		for (const { args } of COMMANDS.filter(isNewVersion)) await admin(args);
		await settled();
	}, 180_000);
	afterAll(async () => {
		await kubectl(target, ["delete", "namespace", namespace, elsewhere, home, "--wait=false"]);
		await kubectl(target, ["delete", "clusterrole,clusterrolebinding", `${namespace}-read`]);
		rmSync(folder, { recursive: true, force: true });
	}, 60_000);

	test.each(["nodes", "namespaces", "pods", "events", "deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions"])(
		"lists and watches %s",
		async (plural) => {
			const line = `get ${plural}${["nodes", "namespaces"].includes(plural) ? "" : " -A"} -o name`;
			expect(await agent(line)).toMatchObject({ exit: 0, stderr: "" });
			// A watch ends with its time; what matters is that it was not refused.
			expect((await agent(`${line} --watch-only --request-timeout=1s`)).stderr).not.toMatch(/forbidden/i);
		},
	);

	test("changes nothing as it is installed by default", async () => {
		for (const what of ["deployment/checkout", "statefulset/ledger", "daemonset/logship"]) {
			const said = await agent(`rollout undo ${what}`);
			expect(said.stderr).toContain(`cannot patch resource "${what.split("/")[0]}s"`);
		}
	});

	test("with the overlay of a namespace it may patch there", async () => {
		await install("overlays/example");
		expect((await agent("auth can-i patch deployments")).stdout.trim()).toBe("yes");
		expect((await agent(`auth can-i patch deployments -n ${elsewhere}`)).stdout.trim()).toBe("no");
	});

	test.each([
		["deployment/checkout", "checkout:1.4.1", "checkout:1.4.0"],
		["statefulset/ledger", "ledger:16.0", "ledger:15.3"],
		["daemonset/logship", "logship:2.2", "logship:2.1"],
	])("takes %s back to its last revision", async (what, from, to) => {
		expect(await imageOf(what)).toContain(from);
		expect(await agent(`rollout undo ${what} --dry-run=server`)).toMatchObject({ exit: 0 });
		expect(await agent(`rollout undo ${what}`)).toMatchObject({ exit: 0 });
		expect(await agent(`rollout status ${what} --timeout=60s`)).toMatchObject({ exit: 0 });
		expect(await imageOf(what)).toContain(to);
	});

	const refused: [line: string, verb: string, resource: string][] = [
		["get secrets", "list", "secrets"],
		["get secret jewels", "get", "secrets"],
		["get secrets -n kube-system", "list", "secrets"],
		[`get --raw /api/v1/namespaces/${namespace}/secrets?watch=true`, "watch", "secrets"],
		["get configmaps", "list", "configmaps"],
		["logs ledger-0", "get", "pods/log"],
		["exec ledger-0 -- id", "create", "pods/exec"],
		["port-forward ledger-0 18080:80", "create", "pods/portforward"],
		["delete pod ledger-0", "delete", "pods"],
		["delete deployment checkout", "delete", "deployments"],
		["delete statefulset ledger", "delete", "statefulsets"],
		["scale deployment/checkout --replicas=1", "patch", "deployments/scale"],
		["scale statefulset/ledger --replicas=0", "patch", "statefulsets/scale"],
		["create deployment x --image=y", "create", "deployments"],
		["run x --image=y", "create", "pods"],
		["label pod ledger-0 x=y", "patch", "pods"],
		["label namespace kube-system x=y", "patch", "namespaces"],
		[`label deployment checkout x=y -n ${elsewhere}`, "patch", "deployments"],
		[`label statefulset ledger x=y -n ${elsewhere}`, "patch", "statefulsets"],
		["create serviceaccount x", "create", "serviceaccounts"],
		[`create token opssight-agent -n ${home}`, "create", "serviceaccounts/token"],
		["create rolebinding x --clusterrole=admin --serviceaccount=default:default", "create", "rolebindings"],
		["get pods --as=system:admin", "impersonate", "users"],
	];
	test.each(refused)("may not: %s", async (line, verb, resource) => {
		const said = await agent(line);
		expect(said.exit).toBe(1);
		expect(said.stderr).toContain(`User "system:serviceaccount:${home}:opssight-agent" cannot ${verb} resource "${resource}"`);
	});

	test("may not replace what it may patch", async () => {
		const { stdout } = await agent("get deployment checkout -o json");
		const said = await agent("replace -f -", stdout);
		expect(said.stderr).toContain(`cannot update resource "deployments"`);
	});
	test("may not drain a node or cordon it", async () => {
		const node = (await agent("get nodes -o jsonpath={.items[0].metadata.name}")).stdout;
		expect((await agent(`cordon ${node}`)).stderr).toContain(`cannot patch resource "nodes"`);
	});
	test("may not touch a status", async () => {
		const line = `patch deployment checkout --subresource=status --type=merge -p {"status":{"readyReplicas":0}}`;
		expect((await agent(line)).stderr).toMatch(/cannot (get|patch) resource "deployments\/status"/);
	});
});
