// What kubectl does not show of the Kubernetes double: watches and their ends, pages, refusals, and what a test can do to it.
// Its objects are held against recordings of a real API server.
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentUser, isPatch, type Json, type KubeDouble, startKubeDouble } from "../support/kube-double/index.ts";
import { ask, watch } from "./client.ts";

const DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments";
const CHECKOUT = `${DEPLOYMENTS}/checkout`;
const PODS = "/api/v1/namespaces/shop/pods";

let double: KubeDouble;
beforeEach(async () => {
	double = await startKubeDouble({ everyMs: 0 });
	double.addToken("agent-token", agentUser(["shop"]));
	await double.deploy("checkout", "1.4.1");
	await double.deploy("checkout", "1.4.2", { changeCause: "deploy checkout 1.4.2 (sha 59b20b8)" });
});
afterEach(() => double.stop());

const recording = (name: string): Json => JSON.parse(readFileSync(new URL(`../fixtures/kubernetes/${name}.json`, import.meta.url), "utf8"));
const jsonPatch = (operations: Json, token = "agent-token") =>
	ask(double, "PATCH", CHECKOUT, { token, type: "application/json-patch+json", body: operations });
const pause = [{ op: "replace", path: "/metadata/labels/app", value: "checkout2" }];

/** The names of fields, in depth; what a list holds is described by its first item, a map of names that people choose by nothing. */
function shape(value: Json): Json {
	if (Array.isArray(value)) return value.length ? [shape(value[0])] : [];
	if (value === null || typeof value !== "object") return typeof value;
	const skipped = new Set(["managedFields", "annotations", "labels", "matchLabels", "template", "containers", "tolerations"]);
	return Object.fromEntries(
		Object.keys(value)
			.filter((key) => !skipped.has(key))
			.sort()
			.map((key) => [key, shape(value[key])]),
	);
}

describe("objects look as recorded", () => {
	test("a rolled out Deployment", async () => {
		const { body } = await ask(double, "GET", CHECKOUT);
		const real = recording("deploy-rev2-ok");
		expect(shape(body)).toEqual(shape(real));
		expect(body.status.conditions.map((one: Json) => one.reason)).toEqual(real.status.conditions.map((one: Json) => one.reason));
		expect(body.metadata.annotations["deployment.kubernetes.io/revision"]).toBe("2");
	});
	test("a Deployment whose rollout failed, its ReplicaSets and its pods", async () => {
		await double.break("checkout", "1.5.0");
		const { body } = await ask(double, "GET", CHECKOUT);
		const real = recording("deploy-rev3-deadline-exceeded");
		expect(shape(body)).toEqual(shape(real));
		const { conditions: _, observedGeneration: __, ...counts } = body.status;
		expect(real.status).toMatchObject(counts);
		const message = (one: Json) => [one.type, one.status, one.reason, one.message.replace(/-[a-z0-9]+"/, '-HASH"')];
		expect(body.status.conditions.map(message)).toEqual(real.status.conditions.map(message));

		const sets = (await ask(double, "GET", "/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dcheckout")).body;
		const realSets = recording("replicasets-3revs");
		const facts = ({ metadata, spec, status }: Json) => ({
			revision: metadata.annotations["deployment.kubernetes.io/revision"],
			image: spec.template.spec.containers[0].image,
			desired: metadata.annotations["deployment.kubernetes.io/desired-replicas"],
			max: metadata.annotations["deployment.kubernetes.io/max-replicas"],
			...status,
			observedGeneration: undefined,
		});
		const inOrder = (list: Json) => list.items.map(facts).sort((a: Json, b: Json) => a.revision - b.revision);
		expect(inOrder(sets)).toEqual(inOrder(realSets));

		const pods = (await ask(double, "GET", `${PODS}?labelSelector=app%3Dcheckout`)).body.items;
		const broken = pods.find((pod: Json) => pod.spec.containers[0].image.endsWith("1.5.0"));
		const real2 = recording("pods-bad-rollout").items.find((pod: Json) => pod.status.containerStatuses?.some((one: Json) => !one.ready));
		expect(shape(broken.status)).toEqual(shape(real2.status));
	});
	test("a StatefulSet and its ControllerRevision", async () => {
		await double.deploy("ledger", "15.3", { kind: "statefulsets" });
		const { body } = await ask(double, "GET", "/apis/apps/v1/namespaces/shop/statefulsets/ledger");
		expect(shape(body.status)).toEqual(shape(recording("statefulsets").items[0].status));
		const [revision] = (await ask(double, "GET", "/apis/apps/v1/namespaces/shop/controllerrevisions")).body.items;
		expect(shape(revision)).toEqual(shape(recording("controllerrevisions-1").items[0]));
	});
});

describe("a watch", () => {
	test("starts with what there is, and goes on with what happens", async () => {
		const seen = await watch(double, `${DEPLOYMENTS}?watch=true`);
		await seen.until(({ type }) => type === "ADDED");
		await jsonPatch(pause);
		await ask(double, "DELETE", CHECKOUT);
		await seen.until(({ type }) => type === "DELETED");
		expect(seen.events.map(({ type }) => type)).toEqual(["ADDED", "MODIFIED", "DELETED"]);
		expect(seen.events.map(({ object }) => object.kind)).toEqual(["Deployment", "Deployment", "Deployment"]);
		seen.stop();
	});
	test("from a version on replays what happened since", async () => {
		const { body } = await ask(double, "GET", DEPLOYMENTS);
		await jsonPatch(pause);
		const seen = await watch(double, `${DEPLOYMENTS}?watch=true&resourceVersion=${body.metadata.resourceVersion}`);
		await seen.until(({ type }) => type === "MODIFIED");
		expect(seen.events).toHaveLength(1);
		seen.stop();
	});
	test("with a selector is told of what stops matching as deleted", async () => {
		const seen = await watch(double, `${DEPLOYMENTS}?watch=true&labelSelector=app%3Dcheckout`);
		await seen.until(({ type }) => type === "ADDED");
		await jsonPatch(pause);
		await seen.until(({ type }) => type === "DELETED");
		expect(seen.events.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
		seen.stop();
	});
	test("gets bookmarks where it asks for them", async () => {
		const seen = await watch(double, `${PODS}?watch=true&allowWatchBookmarks=true&resourceVersion=${double.world.store.version}`);
		await seen.until(({ type }) => type === "BOOKMARK");
		expect(seen.events[0]?.object).toMatchObject({ kind: "Pod", metadata: { resourceVersion: String(double.world.store.version) } });
		seen.stop();
	});
	test("from a version that is too old gets an ERROR event, or 410 where the cluster answers so", async () => {
		const old = `${PODS}?watch=true&resourceVersion=101`;
		double.expire();
		const seen = await watch(double, old);
		await seen.ended;
		expect(seen).toMatchObject({ status: 200, events: [{ type: "ERROR", object: { code: 410, reason: "Expired", status: "Failure" } }] });
		double.expire({ as: "status" });
		expect(await ask(double, "GET", old)).toMatchObject({ status: 410, body: { reason: "Expired" } });
	});
	test("is cut when a test says so", async () => {
		const seen = await watch(double, `${PODS}?watch=true`);
		expect(double.dropWatches(({ resource }) => resource === "pods")).toBe(1);
		await seen.ended;
	});
	test("ends by itself after timeoutSeconds", async () => {
		const seen = await watch(double, `${PODS}?watch=true&timeoutSeconds=1`);
		await seen.ended;
		expect(seen.events.every(({ type }) => type === "ADDED")).toBe(true);
	});
});

describe("a list", () => {
	test("comes in pages that together are everything, once", async () => {
		const names: string[] = [];
		let more = "";
		do {
			const { body } = await ask(double, "GET", `${PODS}?limit=2${more && `&continue=${more}`}`);
			names.push(...body.items.map((pod: Json) => pod.metadata.name));
			more = body.metadata.continue ?? "";
		} while (more);
		expect(names).toHaveLength(3);
		expect(new Set(names).size).toBe(3);
	});
	test("cannot be continued once the past is forgotten", async () => {
		const { body } = await ask(double, "GET", `${PODS}?limit=2`);
		double.step();
		await double.deploy("checkout", "1.4.3");
		double.expire();
		expect(await ask(double, "GET", `${PODS}?limit=2&continue=${body.metadata.continue}`)).toMatchObject({
			status: 410,
			body: { reason: "Expired" },
		});
	});
	test("answers selectors", async () => {
		const count = async (query: string) => (await ask(double, "GET", `${PODS}?${query}`)).body.items.length;
		expect(await count("labelSelector=app%20in%20(checkout,web)")).toBe(3);
		expect(await count("labelSelector=app!%3Dcheckout")).toBe(0);
		expect(await count("labelSelector=nothing")).toBe(0);
		expect(await count("fieldSelector=spec.nodeName%3Dnowhere")).toBe(0);
		expect(await ask(double, "GET", `${PODS}?fieldSelector=spec.foo%3Dx`)).toMatchObject({ status: 400, body: { reason: "BadRequest" } });
	});
});

describe("who may do what", () => {
	test("no token, a wrong one, and rights that end at a namespace", async () => {
		expect(await ask(double, "GET", CHECKOUT, { token: "stolen" })).toMatchObject({ status: 401, body: { reason: "Unauthorized" } });
		expect((await ask(double, "GET", DEPLOYMENTS, { token: null })).body.message).toBe(
			'deployments.apps is forbidden: User "system:anonymous" cannot list resource "deployments" in API group "apps" in the namespace "shop"',
		);
		const other = "/apis/apps/v1/namespaces/default/deployments/x";
		const refused = await ask(double, "PATCH", other, { token: "agent-token", type: "application/merge-patch+json", body: {} });
		expect(refused).toMatchObject({
			status: 403,
			body: { reason: "Forbidden", details: { name: "x", group: "apps", kind: "deployments" } },
		});
	});
	test("a client can ask what it may do", async () => {
		const may = async (namespace: string, verb: string, resource: string, group = "apps") => {
			const spec = { resourceAttributes: { namespace, verb, resource, group } };
			const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
			return (await ask(double, "POST", path, { token: "agent-token", body: { spec } })).body.status.allowed;
		};
		expect(await may("shop", "patch", "deployments")).toBe(true);
		expect(await may("default", "patch", "deployments")).toBe(false);
		expect(await may("shop", "list", "secrets", "")).toBe(false);
		const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
		const { body } = await ask(double, "POST", path, { token: "agent-token", body: { spec: { namespace: "shop" } } });
		expect(body.status.resourceRules).toContainEqual({
			verbs: ["patch"],
			apiGroups: ["apps"],
			resources: ["deployments", "statefulsets", "daemonsets"],
		});
	});
});

describe("a patch", () => {
	test("whose test holds is applied once and raises the generation; the same again changes nothing", async () => {
		const { resourceVersion } = double.find("deployments", "checkout")?.metadata ?? {};
		const operations = [
			{ op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
			{ op: "replace", path: "/spec/replicas", value: 4 },
		];
		const { body } = await jsonPatch(operations);
		expect([body.spec.replicas, body.metadata.generation]).toEqual([4, 3]);
		expect(await jsonPatch(operations)).toMatchObject({
			status: 422,
			body: { reason: "Invalid", message: "the server rejected our request due to an error in our request" },
		});
		const again = await jsonPatch([{ op: "replace", path: "/spec/replicas", value: 4 }]);
		expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
		expect(double.patchesOf("checkout").map(({ status }) => status)).toEqual([200, 422, 200]);
		expect(double.patchesOf("checkout", { applied: true })).toHaveLength(2);
	});
	test("with dryRun=All is answered and not kept", async () => {
		const before = double.find("deployments", "checkout");
		const options = { token: "agent-token", type: "application/json-patch+json", body: pause };
		const { body } = await ask(double, "PATCH", `${CHECKOUT}?dryRun=All`, options);
		expect(body.metadata.labels.app).toBe("checkout2");
		expect(double.find("deployments", "checkout")).toEqual(before);
		expect(double.patchesOf("checkout")).toEqual([]);
	});
	test("can be refused, cut off, done without an answer, or held", async () => {
		double.failNext(1, { status: 503, message: "etcdserver: leader changed" }, isPatch);
		expect(await jsonPatch(pause)).toMatchObject({ status: 503 });
		double.failNext(1, "reset", isPatch);
		await expect(jsonPatch(pause)).rejects.toThrow();
		expect(double.find("deployments", "checkout")?.metadata.labels?.app).toBe("checkout");
		double.failNext(1, "lost", isPatch);
		await expect(jsonPatch(pause)).rejects.toThrow();
		expect(double.find("deployments", "checkout")?.metadata.labels?.app).toBe("checkout2");

		const gate = double.hold(isPatch);
		const held = jsonPatch([{ op: "replace", path: "/spec/replicas", value: 5 }]);
		expect((await gate.arrived).name).toBe("checkout");
		expect(double.find("deployments", "checkout")?.spec.replicas).toBe(3);
		gate.open();
		expect((await held).body.spec.replicas).toBe(5);
	});
});

describe("a StatefulSet whose newest pod never got ready", () => {
	const podsOf = () =>
		double.world.store
			.list("pods", "shop", (pod) => pod.metadata.labels?.app === "ledger")
			.map((pod) => pod.spec.containers[0].image.split(":")[1]);

	// Seen on a real cluster: the controller waits for the broken pod, whatever its template says now.
	test("does not come back by itself when its template does", async () => {
		await double.deploy("ledger", "15.3", { kind: "statefulsets" });
		await double.break("ledger", "16.0", { kind: "statefulsets", wait: false });
		double.step(10);
		expect(podsOf()).toEqual(["15.3", "16.0"]);
		await double.deploy("ledger", "15.3", { kind: "statefulsets", wait: false });
		double.step(30);
		expect(podsOf()).toEqual(["15.3", "16.0"]);
		expect(double.find("statefulsets", "ledger")?.status).toMatchObject({ readyReplicas: 1, updatedReplicas: 1 });
		await ask(double, "DELETE", `${PODS}/ledger-1`);
		double.step(10);
		expect(podsOf()).toEqual(["15.3", "15.3"]);
		expect(double.isRolledOut("ledger", { kind: "statefulsets" })).toBe(true);
	});
});

describe("pods in trouble", () => {
	test.each([
		["CrashLoopBackOff", "CrashLoopBackOff", "Running"],
		["OOMKilled", "CrashLoopBackOff", "Running"],
		["ImagePullBackOff", "ImagePullBackOff", "Pending"],
	] as const)("%s is seen in the containers, not in the phase", (how, reason, phase) => {
		double.trouble("registry.example.com/shop/checkout:1.6.0", how);
		void double.deploy("checkout", "1.6.0", { wait: false });
		double.step(6);
		const pod = double.world.store.list("pods").find((one) => one.spec.containers[0].image.endsWith("1.6.0"));
		expect(pod?.status.phase).toBe(phase);
		expect(pod?.status.containerStatuses[0].state.waiting.reason).toBe(reason);
		expect(double.isRolledOut("checkout")).toBe(false);
	});
	test("a node whose kubelet vanished is Unknown, and its pods go on saying Running", () => {
		double.loseNode("hollow-1");
		const ready = double.find("nodes", "hollow-1", "")?.status.conditions[0];
		expect(ready).toMatchObject({ type: "Ready", status: "Unknown" });
	});
});
