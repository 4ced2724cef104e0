import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { keepNode } from "../../../agent/collectors/nodes.ts";
import { badPod } from "../../../agent/collectors/pods.ts";
import { ownerOf } from "../../../agent/collectors/workloads.ts";
import { metrics } from "../../../agent/health.ts";
import { makeLog } from "../../../agent/log.ts";
import type { ControllerRevision, Node, Pod, ReplicaSet, Workload } from "../../../agent/objects.ts";
import { progressOf, rolloutOf } from "../../../agent/rollout.ts";
import { readSettings, SettingsError } from "../../../agent/settings.ts";
import { stuckPod, stuckSentence } from "../../../agent/stuck.ts";
import { backOff, cut } from "../../../agent/text.ts";
import { equalTemplates, type HistoryEntry, markOf, markPatch, selectorOf, undoPatch, viewOf } from "../../../agent/undo.ts";
import { lines } from "../../../agent/watch.ts";

test.each([
	["nothing was seen yet", { generation: 4, observedGeneration: 3, updatedReplicas: 6, readyReplicas: 6, replicas: 6 }, [0, 0]],
	[
		"old ones are ready, new ones are not",
		{ generation: 4, observedGeneration: 4, updatedReplicas: 2, readyReplicas: 6, replicas: 8 },
		[2, 0],
	],
	["some new ones are ready", { generation: 4, observedGeneration: 4, updatedReplicas: 4, readyReplicas: 5, replicas: 7 }, [4, 2]],
	["all are", { generation: 4, observedGeneration: 4, updatedReplicas: 6, readyReplicas: 6, replicas: 6 }, [6, 6]],
	["more old ones go than were ready", { generation: 4, observedGeneration: 4, updatedReplicas: 3, readyReplicas: 1, replicas: 6 }, [3, 0]],
])("progress is that of the new pods: %s", (_name, { generation, ...status }, [updated, ready]) => {
	const rollout = rolloutOf("Deployment", { metadata: { generation }, spec: { replicas: 6, template: {} }, status } as Workload);
	expect(progressOf(rollout)).toEqual({ updated, ready, total: 6 });
});

function recorded<T>(name: string): T {
	return JSON.parse(readFileSync(new URL(`../../fixtures/kubernetes/${name}`, import.meta.url), "utf8")) as T;
}

/** The Deployments of a recorded watch, in their order. */
const rollout = readFileSync(new URL("../../fixtures/kubernetes/watch-deploy-rollout.ndjson", import.meta.url), "utf8")
	.trim()
	.split("\n")
	.map((line) => (JSON.parse(line) as { object: Workload }).object);

describe("how a rollout stands", () => {
	test.each([
		["deploy-rev1.json", "healthy", null, true, false],
		["deploy-rev2-ok.json", "healthy", null, true, false],
		["deploy-rev3-progressing.json", "progressing", "ReplicaSetUpdated", false, false],
		["deploy-rev3-deadline-exceeded.json", "degraded", "ProgressDeadlineExceeded", false, true],
		["deploy-after-undo.json", "healthy", null, true, false],
	] as const)("%s, as Kubernetes wrote it: %s", (name, state, reason, isComplete, hasFailed) => {
		expect(rolloutOf("Deployment", recorded<Workload>(name))).toMatchObject({ state, reason, isComplete, hasFailed });
	});

	test("a failed rollout whose old pods serve says both", () => {
		const { sentence } = rolloutOf("Deployment", recorded<Workload>("deploy-rev3-deadline-exceeded.json"));
		expect(sentence).toBe("The rollout failed: no progress within 20 s. 3 old pods still there, 3 ready in all.");
	});

	test("in a whole recorded rollout, only the first and the last object are complete", () => {
		const complete = rollout.map((object) => rolloutOf("Deployment", object).isComplete);
		expect(complete).toEqual(complete.map((_, n) => n === 0 || n === complete.length - 1));
	});

	const deployment = (status: Workload["status"], spec: Partial<Workload["spec"]> = {}, generation = 1) =>
		rolloutOf("Deployment", {
			metadata: { generation },
			spec: { template: {}, replicas: 3, ...spec },
			status: { observedGeneration: 1, ...status },
		});

	test("numbers of an older generation count for nothing", () => {
		expect(deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 }, {}, 2)).toMatchObject({
			state: "progressing",
			isComplete: false,
		});
	});
	test("a failure of an older generation is not this one's", () => {
		const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
		expect(deployment({ replicas: 4, updatedReplicas: 1, conditions }, {}, 2)).toMatchObject({ hasFailed: false, state: "progressing" });
	});
	test("paused, scaled down, old pods left, pods lost", () => {
		expect(deployment({ readyReplicas: 2 }, { paused: true })).toMatchObject({ state: "paused", reason: "Paused" });
		expect(deployment({}, { replicas: 0 })).toMatchObject({ state: "scaledDown", isComplete: true });
		expect(deployment({ replicas: 4, updatedReplicas: 3, availableReplicas: 3 }).sentence).toBe("1 old pod not gone yet.");
		const conditions = [
			{ type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" },
			{ type: "Available", status: "False", reason: "MinimumReplicasUnavailable" },
		];
		expect(deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 1, conditions })).toMatchObject({
			state: "degraded",
			reason: "MinimumReplicasUnavailable",
			sentence: "1 of 3 pods available.",
		});
	});
	test("a rollout whose pods crash is degraded, one whose pods only start is not", () => {
		const status = { observedGeneration: 1, replicas: 4, updatedReplicas: 1, availableReplicas: 3 };
		const object = { metadata: { generation: 1 }, spec: { template: {}, replicas: 3 }, status };
		expect(rolloutOf("Deployment", object, "CrashLoopBackOff")).toMatchObject({ state: "degraded", reason: "CrashLoopBackOff" });
		expect(rolloutOf("Deployment", object, "NotReady")).toMatchObject({ state: "progressing" });
	});
	test("a StatefulSet is complete when its revisions agree, a partition counts from its end", () => {
		const of = (status: Workload["status"], partition?: number) =>
			rolloutOf("StatefulSet", {
				metadata: { generation: 1 },
				spec: {
					template: {},
					replicas: 3,
					updateStrategy: { type: "RollingUpdate", ...(partition !== undefined && { rollingUpdate: { partition } }) },
				},
				status: { observedGeneration: 1, replicas: 3, ...status },
			});
		expect(of({ readyReplicas: 3, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" })).toMatchObject({ isComplete: false });
		expect(of({ readyReplicas: 3, updatedReplicas: 3, currentRevision: "b", updateRevision: "b" })).toMatchObject({ isComplete: true });
		expect(of({ readyReplicas: 3, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" }, 2)).toMatchObject({ isComplete: true });
		expect(of({ readyReplicas: 2, updatedReplicas: 3, currentRevision: "b", updateRevision: "b" })).toMatchObject({ isComplete: false });
	});
	test("a DaemonSet is complete when all nodes have the new pod; with OnDelete somebody must delete", () => {
		const of = (updated: number, available: number, type = "RollingUpdate") =>
			rolloutOf("DaemonSet", {
				metadata: { generation: 1 },
				spec: { template: {}, updateStrategy: { type } },
				status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: updated, numberAvailable: available },
			});
		expect(of(1, 2)).toMatchObject({ isComplete: false, sentence: "1 of 2 new pods updated." });
		expect(of(2, 2)).toMatchObject({ isComplete: true });
		expect(of(0, 2, "OnDelete").sentence).toContain("somebody must delete");
	});
});

describe("a StatefulSet that waits for a pod it will not replace", () => {
	const set = (spec: Partial<Workload["spec"]> = {}, status: Workload["status"] = {}): Workload => ({
		metadata: { name: "ledger", uid: "u", resourceVersion: "1", generation: 2 },
		spec: { template: {}, replicas: 3, ...spec },
		status: { observedGeneration: 2, currentRevision: "ledger-old", updateRevision: "ledger-new", ...status },
	});
	const pod = (
		ordinal: number,
		isReady: boolean,
		revision = "ledger-old",
		more: Partial<Pod["metadata"]> & { phase?: string } = {},
	): Pod => ({
		metadata: {
			...{ name: `ledger-${ordinal}`, uid: `${ordinal}`, resourceVersion: "1", labels: { "controller-revision-hash": revision } },
			...(more.deletionTimestamp !== undefined && { deletionTimestamp: more.deletionTimestamp }),
		},
		spec: {},
		status: {
			phase: more.phase ?? "Running",
			conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
			containerStatuses: [{ name: "app", ready: isReady, restartCount: 0, state: { waiting: { reason: "CrashLoopBackOff" } } }],
		},
	});
	const stuck = [pod(0, true), pod(1, true), pod(2, false)];

	test.each<[string, Workload, Pod[], string | null]>([
		["the last pod never got ready, and the template is another one", set(), stuck, "ledger-2"],
		["a pod of the template of now is not ready: that is the rollout itself", set(), [pod(0, true), pod(1, false, "ledger-new")], null],
		["the first that is not ready is what is waited for", set(), [pod(11, false), pod(2, false), pod(0, true)], "ledger-2"],
		["it waits for a new one first", set(), [pod(0, false, "ledger-new"), pod(1, false)], null],
		["all are ready", set(), [pod(0, true), pod(1, true)], null],
		["it goes already", set(), [pod(2, false, "ledger-old", { deletionTimestamp: "2026-11-20T10:00:00Z" })], null],
		["one that is over is made anew", set(), [pod(2, false, "ledger-old", { phase: "Failed" })], null],
		["one that never started", set(), [pod(2, false, "ledger-old", { phase: "Pending" })], "ledger-2"],
		["nobody has seen the change yet", set({}, { observedGeneration: 1 }), stuck, null],
		["which revision is next is not known", { ...set(), status: { observedGeneration: 2 } }, stuck, null],
		["pods are replaced side by side", set({ podManagementPolicy: "Parallel" }), stuck, null],
		["somebody deletes all pods", set({ updateStrategy: { type: "OnDelete" } }), stuck, null],
		["the partition leaves it as it is", set({ updateStrategy: { rollingUpdate: { partition: 3 } } }), stuck, null],
		["the partition does not", set({ updateStrategy: { rollingUpdate: { partition: 2 } } }), stuck, "ledger-2"],
	])("%s", (_what, object, pods, name) => expect(stuckPod(object, pods)?.name ?? null).toBe(name));

	test("the sentence says which pod, why, and what to run", () => {
		expect(stuckSentence("shop", stuckPod(set(), stuck) ?? { name: "", why: "" })).toBe(
			"Kubernetes waits for pod ledger-2, which is of the version before and not ready, and does not replace it by itself. " +
				"Container app: CrashLoopBackOff. Unless it gets ready, delete it by hand: kubectl -n shop delete pod ledger-2",
		);
		expect(stuckPod(set(), [{ ...pod(2, false), status: { phase: "Pending" } }])?.why).toBe("It is not ready yet.");
	});
});

describe("undo, as kubectl does it", () => {
	const object = recorded<Workload>("deploy-rev3-deadline-exceeded.json");
	const sets = recorded<{ items: ReplicaSet[] }>("replicasets-3revs.json").items;
	const entry = (revision: number): HistoryEntry => {
		const source = sets.find(
			({ metadata }) => metadata.annotations?.["deployment.kubernetes.io/revision"] === String(revision),
		) as ReplicaSet;
		return { revision, hash: source.metadata.labels?.["pod-template-hash"] ?? "", template: source.spec.template, source };
	};
	const mark = { fence: 5, done: ["c1"], by: { id: "c1", revision: 4 } };
	const ref = { kind: "Deployment", namespace: "shop", name: "checkout" } as const;

	test("template without its hash, annotations of the ReplicaSet, the Deployment's own ones, our mark", () => {
		const { kind, body } = undoPatch({ ref, object }, entry(2), mark);
		const [bound, template, annotations] = body as { op: string; path: string; value: Record<string, Record<string, unknown>> }[];
		expect(kind).toBe("json");
		expect(bound).toEqual({ op: "test", path: "/metadata/resourceVersion", value: object.metadata.resourceVersion });
		expect(template?.value).toEqual({ ...entry(2).template, metadata: { ...entry(2).template.metadata, labels: { app: "checkout" } } });
		expect(annotations?.value).toEqual({
			"deployment.kubernetes.io/revision": "3",
			"kubectl.kubernetes.io/last-applied-configuration": object.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"],
			"kubernetes.io/change-cause": "deploy checkout 1.4.2 (sha 59b20b8)",
			"opssight.dev/command": JSON.stringify(mark),
		});
	});
	test("a mark that Kubernetes copied to the ReplicaSet is never given back", () => {
		const to = entry(2);
		const source = {
			...to.source,
			metadata: { ...to.source.metadata, annotations: { ...to.source.metadata.annotations, "opssight.dev/command": "old" } },
		};
		expect(JSON.stringify(undoPatch({ ref, object }, { ...to, source: source as ReplicaSet }, mark))).not.toContain('"old"');
	});
	test("a ControllerRevision's data is the patch, with the version and the mark in it", () => {
		const revision = recorded<{ items: ControllerRevision[] } & ControllerRevision>("controllerrevisions-1.json");
		const source = revision.items?.[0] ?? revision;
		const to = { revision: source.revision, hash: "h", template: source.data.spec.template, source };
		const { kind, body } = undoPatch({ ref: { ...ref, kind: "StatefulSet" }, object }, to, mark);
		expect(kind).toBe("strategic");
		expect(body).toEqual({
			...source.data,
			metadata: { resourceVersion: object.metadata.resourceVersion, annotations: { "opssight.dev/command": JSON.stringify(mark) } },
		});
	});
	test("the barrier changes the mark alone, also where there are no annotations", () => {
		expect(markPatch(object, mark).body).toEqual([
			{ op: "test", path: "/metadata/resourceVersion", value: object.metadata.resourceVersion },
			{ op: "add", path: "/metadata/annotations/opssight.dev~1command", value: JSON.stringify(mark) },
		]);
		const { annotations: _, ...bare } = object.metadata;
		expect((markPatch({ ...object, metadata: bare }, mark).body as { path: string }[])[1]?.path).toBe("/metadata/annotations");
	});
	test("what runs is found by its template; what no ReplicaSet has yet is newer than all of them", () => {
		const history = [3, 2, 1].map(entry);
		expect(viewOf("Deployment", object, history)).toMatchObject({ revision: 3, isObserved: true, mark: null });
		const image = { containers: [{ name: "app", image: "registry.example.com/shop/checkout:1.6.0" }] };
		const newer = { ...object, spec: { ...object.spec, template: { ...object.spec.template, spec: image } } };
		expect(viewOf("Deployment", newer, history)).toMatchObject({ revision: 4, hash: "" });
	});
	test("templates are equal whatever their hash, nulls and $patch say", () => {
		expect(equalTemplates({ metadata: { labels: { a: "1", "pod-template-hash": "x" } } }, { metadata: { labels: { a: "1" } } })).toBe(true);
		const base = { metadata: { labels: { a: "1" } }, spec: { containers: [] } };
		expect(equalTemplates(base, { ...base, $patch: "replace", metadata: { ...base.metadata, creationTimestamp: null } } as never)).toBe(
			true,
		);
		expect(equalTemplates(base, { ...base, spec: { containers: [{ name: "a" }] } })).toBe(false);
	});
	test("a mark that is none is no mark", () => {
		for (const text of ["", "{", "[]", '{"fence":"x"}', '{"fence":1}']) expect(markOf({ "opssight.dev/command": text })).toBeNull();
		expect(markOf({ "opssight.dev/command": '{"fence":1,"done":[]}' })).toEqual({ fence: 1, done: [], by: null });
	});
	test("selectors are written as Kubernetes reads them", () => {
		const matchExpressions = [
			{ key: "tier", operator: "In", values: ["a", "b"] },
			{ key: "old", operator: "DoesNotExist" },
		];
		expect(selectorOf({ matchLabels: { app: "x" }, matchExpressions })).toBe("app=x,tier in (a,b),!old");
	});
});

describe("pods and nodes", () => {
	test("the recorded healthy pods are well", () => {
		for (const pod of recorded<{ items: Pod[] }>("pods-healthy.json").items) expect(badPod(pod, true)).toBeNull();
	});
	test("the recorded failing pods are not, whatever their phase says", () => {
		const found = recorded<{ items: Pod[] }>("pods-failing.json").items.flatMap((pod) => badPod(pod, true) ?? []);
		expect(found.map(({ reason }) => reason)).toEqual(["CrashLoopBackOff", "ImagePullBackOff", "Unschedulable"]);
		for (const { sentence } of found) expect(sentence.length).toBeGreaterThan(10);
	});
	test("a pod of a bad rollout runs and is not ready", () => {
		const found = recorded<{ items: Pod[] }>("pods-bad-rollout.json").items.flatMap((pod) => badPod(pod, true) ?? []);
		expect(found.map(({ reason }) => reason)).toEqual(["NotReady"]);
	});
	test("a node whose kubelet vanished is neither ready nor not, and its pods are lost", () => {
		const nodes = recorded<{ items: Node[] }>("nodes-notready.json").items.map(keepNode);
		const lost = nodes.find(({ isReady }) => isReady === null);
		expect(lost?.reason).toBe("NodeStatusUnknown");
		const [pod] = recorded<{ items: Pod[] }>("pods-healthy.json").items;
		expect(badPod(pod as Pod, false)).toMatchObject({ reason: "NodeLost" });
	});
	test("owners: Flux before Argo CD before Helm", () => {
		expect(ownerOf({ labels: { "kustomize.toolkit.fluxcd.io/name": "apps", "app.kubernetes.io/managed-by": "Helm" } })).toEqual({
			tool: "flux",
			name: "apps",
		});
		expect(ownerOf({ annotations: { "argocd.argoproj.io/tracking-id": "checkout:apps/Deployment:shop/checkout" } })).toEqual({
			tool: "argocd",
			name: "checkout",
		});
		expect(ownerOf({ annotations: { "meta.helm.sh/release-name": "shop" } })).toEqual({ tool: "helm", name: "shop" });
		expect(ownerOf({ labels: { app: "x" } })).toBeNull();
	});
});

describe("the small parts", () => {
	test("lines are whole, also when a character lies in two pieces", async () => {
		const bytes = Buffer.from('{"a":"ünï"}\n\n{"b":1}\nrest');
		async function* pieces() {
			for (let n = 0; n < bytes.length; n += 3) yield bytes.subarray(n, n + 3);
		}
		const found: string[] = [];
		for await (const line of lines(pieces())) found.push(line);
		expect(found).toEqual(['{"a":"ünï"}', '{"b":1}']);
	});
	test("text is cut well formed", () => {
		expect(cut("a\0b", 10)).toBe("ab");
		expect(cut("😀😀😀", 4).isWellFormed()).toBe(true);
		expect(cut("x".repeat(20), 10)).toHaveLength(10);
	});
	test("waits grow, jitter and end", () => {
		const wait = { firstMs: 500, mostMs: 30_000 };
		expect(backOff(0, wait, () => 1)).toBe(500);
		expect(backOff(50, wait, () => 1)).toBe(30_000);
		expect(backOff(3, wait, () => 0)).toBe(0);
	});
	test("a token is never in a log line", () => {
		const written: string[] = [];
		const log = makeLog({ write: (line) => written.push(line), now: () => 0, secrets: () => ["s3cret"] });
		log("warn", "refused", { error: "Bearer s3cret is not known" });
		expect(written[0]).toContain('"error":"Bearer *** is not known"');
	});
	test("settings name what is missing or wrong", () => {
		const env = { OPSSIGHT_URL: "https://ops.example.com", OPSSIGHT_TOKEN_FILE: "/t", KUBERNETES_SERVICE_HOST: "fd00::1" };
		expect(readSettings(env)).toMatchObject({ kubeUrl: new URL("https://[fd00::1]:443"), stateDir: null, healthPort: 8080 });
		for (const [name, wrong] of [
			["OPSSIGHT_URL", ""],
			["OPSSIGHT_URL", "ftp://x"],
			["OPSSIGHT_TOKEN_FILE", ""],
			["KUBERNETES_SERVICE_HOST", ""],
			["OPSSIGHT_HEALTH_PORT", "many"],
		] as const) {
			expect(() => readSettings({ ...env, [name]: wrong })).toThrow(SettingsError);
			expect(() => readSettings({ ...env, [name]: wrong })).toThrow(name);
		}
	});
	test("figures are written as Prometheus reads them", () => {
		const text = metrics([{ name: "a_total", help: "Of a\nkind.", type: "counter", values: [{ labels: { r: 'x"\n' }, value: 2 }] }]);
		expect(text).toBe('# HELP a_total Of a\\nkind.\n# TYPE a_total counter\na_total{r="x\\"\\n"} 2\n');
	});
});
