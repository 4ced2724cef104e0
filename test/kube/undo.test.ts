// The agent's undo and kubectl's leave the same object behind, on the double and on the real cluster of KUBECONFIG_TEST.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectKube, type Kube } from "../../agent/kube.ts";
import { readWorkload, undoPatch, workloadPath } from "../../agent/undo.ts";
import { MARK_ANNOTATION, type WorkloadRef } from "../../worker/wire/agent.ts";
import { type Json, type KubeDouble, startKubeDouble } from "../support/kube-double/index.ts";
import { WORKLOADS } from "./commands.ts";
import { KUBECTL, kubectl, type Target } from "./kubectl.ts";
import { rights, tokenOf } from "./rights.ts";

const REAL = process.env.KUBECONFIG_TEST;
if (!KUBECTL) console.warn("SKIPPED: kubectl is not installed, so the agent's undo was not compared with it.");
if (!REAL) console.warn("SKIPPED: KUBECONFIG_TEST is not set, so the agent's undo was not tried on a real cluster.");

const folder = mkdtempSync(`${tmpdir()}/undo-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Place = { target: Target; kube: Kube; end: () => Promise<void> };

async function onDouble(): Promise<Place> {
	const double: KubeDouble = await startKubeDouble();
	double.addNamespace("twins");
	writeFileSync(`${folder}/double.json`, double.kubeconfig());
	writeFileSync(`${folder}/double.crt`, double.ca);
	const target = { kubeconfig: `${folder}/double.json`, namespace: "twins", cacheDir: `${folder}/double` };
	const kube = connectKube({ url: new URL(double.url), readToken: () => "admin-token", caFile: `${folder}/double.crt` });
	return { target, kube, end: () => double.stop() };
}

async function onReal(): Promise<Place> {
	const namespace = `twins-${Date.now().toString(36)}`;
	const target = { kubeconfig: REAL ?? "", namespace, cacheDir: `${folder}/real` };
	await run(target, ["create", "-f", "-"], rights(namespace));
	const token = await tokenOf(target, namespace, "agent");
	const view = await run(target, ["config", "view", "--minify", "--flatten", "--raw", "-o", "json"]);
	const { server, "certificate-authority-data": ca } = JSON.parse(view).clusters[0].cluster;
	writeFileSync(`${folder}/real.crt`, Buffer.from(ca, "base64"));
	const kube = connectKube({ url: new URL(server), readToken: () => token, caFile: `${folder}/real.crt` });
	const end = async () => {
		await run(target, ["delete", "namespace", namespace, "--wait=false"]);
		await run(target, ["delete", "clusterrole,clusterrolebinding", namespace]);
	};
	return { target, kube, end };
}

async function run(target: Target, args: string[], input?: string): Promise<string> {
	const said = await kubectl(target, args, input);
	if (said.exit !== 0) throw new Error(`kubectl ${args.join(" ")}: ${said.stderr}`);
	return said.stdout;
}

const KINDS = { Deployment: "checkout", StatefulSet: "ledger", DaemonSet: "logship" } as const;
const TWINS = ["ours", "theirs"] as const;
type Kind = keyof typeof KINDS;
const nameOf = (kind: Kind, twin: string) => `${KINDS[kind]}-${twin}`;

/** Each workload twice: one for the agent, one for kubectl. */
const twins = () => {
	const { items, ...list } = JSON.parse(WORKLOADS);
	const named = (item: Json, twin: string) => JSON.parse(JSON.stringify(item).replaceAll(/"(checkout|ledger|logship)"/g, `"$1-${twin}"`));
	const wanted = items.filter((item: Json) => item.metadata.name !== "idle");
	return JSON.stringify({ ...list, items: TWINS.flatMap((twin) => wanted.map((item: Json) => named(item, twin))) });
};

/** What a person would call the object: without names of machines and moments, and without our mark. */
function essence(object: Json, twin: string): Json {
	const { metadata, status: _status, ...rest } = JSON.parse(JSON.stringify(object).replaceAll(`-${twin}`, "-twin"));
	const { managedFields: _fields, uid: _uid, resourceVersion: _version, creationTimestamp: _created, ...kept } = metadata;
	delete kept.annotations[MARK_ANNOTATION];
	return { ...rest, metadata: kept };
}

describe.each([
	["the double", onDouble, !KUBECTL],
	["a real cluster", onReal, !KUBECTL || !REAL],
] as const)("undo on %s", (_, begin, isSkipped) => {
	describe.skipIf(isSkipped)("by the agent and by kubectl", { timeout: 120_000 }, () => {
		let place: Place;
		const all = (Object.keys(KINDS) as Kind[]).flatMap((kind) => TWINS.map((twin) => `${kind}/${nameOf(kind, twin)}`.toLowerCase()));
		const settled = async () => {
			for (const one of all) await run(place.target, ["rollout", "status", one, "--timeout=60s"]);
		};
		beforeAll(async () => {
			place = await begin();
			await run(place.target, ["apply", "--validate=false", "-f", "-"], twins());
			await settled();
			// The second version changes template, labels and annotations, and adds an annotation that the first did not have.
			const container = { name: "app", image: "registry.example.com/shop/any:2", env: [{ name: "A", value: "b" }] };
			const change = {
				metadata: { annotations: { "kubernetes.io/change-cause": "the second", note: "two" }, labels: { tier: "gold" } },
				spec: { template: { metadata: { annotations: { seen: "yes" } }, spec: { containers: [container] } } },
			};
			for (const one of all) await run(place.target, ["patch", one, "-p", JSON.stringify(change)]);
			await settled();
		}, 180_000);
		afterAll(() => place?.end(), 60_000);

		test.each(Object.keys(KINDS) as Kind[])("of a %s leave the same behind, and the agent's holds once only", async (kind) => {
			await run(place.target, ["rollout", "undo", `${kind}/${nameOf(kind, "theirs")}`, "--to-revision=1"]);
			const ref: WorkloadRef = { kind, namespace: place.target.namespace, name: nameOf(kind, "ours") };
			const read = await readWorkload(place.kube, ref);
			expect(read.view).toMatchObject({ revision: 2, revisions: [{ revision: 2 }, { revision: 1 }], isPaused: false });
			const to = read.history.find(({ revision }) => revision === 1);
			if (!to) throw new Error("no revision 1");
			const patch = undoPatch(read, to, { fence: 7, done: ["command"], by: { id: "command", revision: 1 } });
			const send = (isDryRun: boolean) => place.kube.patch(workloadPath(ref), patch.kind, patch.body, { isDryRun });
			await send(true);
			await send(false);
			await expect(send(false)).rejects.toMatchObject({ status: kind === "Deployment" ? 422 : 409 });
			for (const twin of TWINS) await run(place.target, ["rollout", "status", `${kind}/${nameOf(kind, twin)}`, "--timeout=60s"]);

			const [ours, theirs] = await Promise.all(
				TWINS.map(async (twin) =>
					essence(JSON.parse(await run(place.target, ["get", `${kind}/${nameOf(kind, twin)}`, "-o", "json"])), twin),
				),
			);
			expect(ours).toEqual(theirs);
			const after = (await readWorkload(place.kube, ref)).view;
			expect(after).toMatchObject({ revision: 3, hash: to.hash, mark: { fence: 7, done: ["command"] } });
			expect(after.revisions.map(({ revision }) => revision)).toEqual([3, 2]);
		});

		test("a paused Deployment is seen as one", async () => {
			const name = nameOf("Deployment", "ours");
			await run(place.target, ["rollout", "pause", `deployment/${name}`]);
			const { view } = await readWorkload(place.kube, { kind: "Deployment", namespace: place.target.namespace, name });
			expect(view.isPaused).toBe(true);
		});
	});
});
