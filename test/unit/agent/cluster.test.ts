import { expect, test } from "vitest";
import { AGENT_MESSAGE_MAX, AgentMessage, type Verbs } from "#worker/wire/agent";
import { knowNothing } from "../../../agent/collectors/known.ts";
import { collectors } from "../../../agent/collectors/registry.ts";
import type { Obj } from "../../../agent/objects.ts";
import { makeReporter, type Report } from "../../../agent/reports.ts";
import { agentUser } from "../../support/kube-double/index.ts";
import { resource } from "../../support/kube-double/resources.ts";
import { enterAgent, setStage } from "./support.ts";

test("the cluster is reported: nodes, pods that are not well, warnings, verbs", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	kube.trouble("registry.example.com/shop/crash:1.0.0", "CrashLoopBackOff");
	await kube.deploy("crash", "1.0.0", { wait: false });
	enterAgent(stage);
	await edge.until(() => edge.workload("crash")?.badPods.some(({ reason }) => reason === "CrashLoopBackOff") === true, "the crashing pods");
	expect(edge.workload("web")).toMatchObject({ state: "healthy", desired: 3, ready: 3, badPods: [], owner: null, component: "web" });
	await edge.until(() => (edge.cluster?.badPodCount ?? 0) > 0, "the figures of the cluster");
	expect(edge.cluster).toMatchObject({ nodeCount: 2, nodes: [{ isReady: true }, { isReady: true }] });
	const patch = edge.verbs.filter(({ verbs }) => verbs.includes("patch"));
	expect(patch.map(({ namespace, resource }) => `${namespace} ${resource}`).sort()).toEqual([
		"shop daemonsets",
		"shop deployments",
		"shop statefulsets",
	]);
	expect(edge.verbs.some(({ resource, verbs }) => resource === "secrets" || verbs.includes("create") || verbs.includes("delete"))).toBe(
		false,
	);
	kube.loseNode("hollow-1");
	await edge.until(() => edge.cluster?.nodes[0]?.isReady === null, "the lost node");
	expect(edge.cluster?.nodes[0]).toEqual({ name: "hollow-1", isReady: null, reason: "NodeStatusUnknown", isCordoned: false });
	expect(edge.nonsense).toEqual([]);
});

test("changes come as deltas, and what vanished is named", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	await kube.deploy("api", "1.0.0");
	enterAgent(stage);
	await edge.until(() => edge.workloads.size === 2, "both workloads");
	const before = edge.reports.length;
	await kube.deploy("web", "2.0.1");
	await edge.until(
		() => edge.workload("web")?.images[0]?.endsWith("2.0.1") === true && edge.workload("web")?.state === "healthy",
		"the new version",
	);
	expect(
		edge.reports.slice(before).every(({ isSnapshot, workloads }) => !isSnapshot && workloads.every(({ name }) => name === "web")),
	).toBe(true);
	kube.world.store.remove(resource("deployments"), "shop", "api");
	await edge.until(() => edge.workloads.size === 1, "the end of api");
	expect(edge.reports.at(-1)?.gone.map(({ name }) => name)).toContain("api");
});

test.each(["event", "status"] as const)("410 as %s leads to a new list, and what vanished meanwhile is gone", async (as) => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	await kube.deploy("api", "1.0.0");
	enterAgent(stage);
	await edge.until(() => edge.workloads.size === 2, "both workloads");
	const gate = kube.hold(({ verb, query }) => verb === "watch" || query.get("watch") === "true");
	kube.dropWatches();
	kube.world.store.remove(resource("deployments"), "shop", "api");
	kube.expire({ as });
	gate.open();
	await edge.until(() => edge.workloads.size === 1, "the end of api");
	await kube.deploy("web", "2.0.1");
	await edge.until(() => edge.workload("web")?.images[0]?.endsWith("2.0.1") === true, "the next change");
});

test("a watch that breaks off goes on where it was, without a new list", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	const agent = enterAgent(stage);
	await edge.until(() => edge.workload("web")?.state === "healthy", "the report");
	const lists = () =>
		agent
			.figures()
			.find(({ name }) => name === "opssight_agent_lists_total")
			?.values.map(({ value }) => value);
	const before = lists();
	kube.dropWatches();
	await kube.deploy("web", "2.0.1");
	await edge.until(() => edge.workload("web")?.images[0]?.endsWith("2.0.1") === true, "the change");
	expect(lists()).toEqual(before);
});

test("rights are the API server's answer, in each namespace", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	await kube.deploy("other", "1.0.0", { namespace: "elsewhere" });
	enterAgent(stage);
	await edge.until(() => edge.workloads.size === 2, "both workloads");
	expect(edge.workload("web")?.canPatch).toBe(true);
	expect(edge.workload("other")?.canPatch).toBe(false);
});

test("a token of Kubernetes that was replaced is read again", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	let token = "agent-service-account";
	enterAgent(stage, { kubeToken: () => token });
	await edge.until(() => edge.workload("web") !== undefined, "the report");
	kube.addToken("rotated", agentUser(["shop"]));
	kube.removeToken("agent-service-account");
	token = "rotated";
	kube.dropWatches();
	await kube.deploy("web", "2.0.1");
	await edge.until(() => edge.workload("web")?.images[0]?.endsWith("2.0.1") === true, "the change");
});

/** A cluster that is put straight into the collectors, and the reports it makes. */
function sketch() {
	const known = knowNothing();
	const reports: Report[] = [];
	const planned: (() => void)[] = [];
	const reporter = makeReporter({
		known,
		rights: { canPatch: () => true, verbs: (): Verbs[] => [] },
		now: () => 1_800_000_000_000,
		send: (report) => reports.push(report) > 0,
		isBusy: () => false,
		later: (run) => void planned.push(run),
	});
	const by = new Map(collectors(known, reporter.heard).map(({ collector }) => [collector.name, collector]));
	const put = (resource: string, object: unknown) => by.get(resource)?.put(object as Obj);
	const run = () => {
		for (let next = planned.shift(); next; next = planned.shift()) {
			next();
			reporter.acknowledged(reports.at(-1)?.seq ?? 0);
		}
	};
	return { known, reporter, reports, put, run };
}

const meta = (name: string, more: object = {}) => ({
	name,
	namespace: "shop",
	uid: `uid-${name}`,
	resourceVersion: "1",
	generation: 1,
	...more,
});

test("fault 55: 100,000 pods make bounded reports, and of a healthy one only its name is kept", () => {
	const { known, reporter, reports, put, run } = sketch();
	put("deployments", { metadata: meta("big"), spec: { replicas: 100_000, template: {} }, status: { observedGeneration: 1 } });
	put("replicasets", {
		metadata: meta("big-1", { ownerReferences: [{ kind: "Deployment", name: "big", uid: "uid-big", controller: true }] }),
		spec: { template: {} },
	});
	for (let n = 0; n < 100_000; n++) {
		const isBad = n % 2 === 0;
		const state = isBad ? { waiting: { reason: "CrashLoopBackOff", message: "x".repeat(5000) } } : { running: {} };
		put("pods", {
			metadata: meta(`big-1-${n}`, { ownerReferences: [{ kind: "ReplicaSet", name: "big-1", uid: "uid-big-1", controller: true }] }),
			spec: { nodeName: `node-${n % 5000}` },
			status: {
				phase: "Running",
				containerStatuses: [{ name: "app", ready: !isBad, restartCount: n, state }],
				conditions: [{ type: "Ready", status: isBad ? "False" : "True" }],
			},
		});
		if (n < 5000)
			put("nodes", {
				metadata: { name: `node-${n}`, uid: `n${n}`, resourceVersion: "1" },
				status: { conditions: [{ type: "Ready", status: n === 7 ? "Unknown" : "True" }] },
			});
	}
	reporter.known();
	reporter.welcomed(0);
	run();
	expect(reports).toHaveLength(1);
	const [report] = reports;
	expect(AgentMessage.parse(report)).toEqual(report);
	expect(JSON.stringify(report).length).toBeLessThan(AGENT_MESSAGE_MAX);
	expect(report?.cluster).toMatchObject({ podCount: 100_000, nodeCount: 5000 });
	expect(report?.cluster?.nodes).toHaveLength(500);
	expect(report?.cluster?.nodes[0]).toMatchObject({ name: "node-7", isReady: null });
	expect(report?.workloads[0]?.badPods).toHaveLength(20);
	expect(known.pods.get("shop/big-1-1")).toBeNull();
});

test("fault 55: 2,500 workloads with long histories are told in parts that fit, all of them", () => {
	const { reporter, reports, put, run } = sketch();
	for (let n = 0; n < 2500; n++) {
		put("deployments", { metadata: meta(`w-${n}`), spec: { replicas: 1, template: {} }, status: { observedGeneration: 1 } });
		for (let revision = 1; revision <= (n % 100 === 0 ? 40 : 2); revision++) {
			const containers = Array.from({ length: n % 100 === 0 ? 25 : 1 }, (_, c) => ({ name: `c${c}`, image: `${"r".repeat(600)}:${c}` }));
			put("replicasets", {
				metadata: meta(`w-${n}-${revision}`, {
					annotations: { "deployment.kubernetes.io/revision": String(revision) },
					ownerReferences: [{ kind: "Deployment", name: `w-${n}`, uid: `uid-w-${n}`, controller: true }],
				}),
				spec: { template: { spec: { containers } } },
			});
		}
	}
	reporter.known();
	reporter.welcomed(0);
	run();
	for (const report of reports) {
		expect(AgentMessage.safeParse(report).success).toBe(true);
		expect(JSON.stringify(report).length).toBeLessThan(AGENT_MESSAGE_MAX);
	}
	expect(new Set(reports.flatMap(({ workloads }) => workloads.map(({ name }) => name))).size).toBe(2500);
	expect(reports.map(({ seq }) => seq)).toEqual(reports.map((_, n) => n + 1));
	expect(reports.filter(({ part, parts }) => part === parts)).toHaveLength(1);
	expect(reports.at(-1)?.part).toBe(reports.at(-1)?.parts);
});

/** A Deployment with so many revisions, the newest of which runs. */
function revisionsOf(put: ReturnType<typeof sketch>["put"], name: string, templates: object[]) {
	const annotations = (n: number) => ({ "deployment.kubernetes.io/revision": String(n) });
	put("deployments", {
		metadata: meta(name, { annotations: annotations(templates.length) }),
		spec: { replicas: 1, template: templates.at(-1) },
		status: { observedGeneration: 1 },
	});
	for (const [n, template] of templates.entries()) {
		put("replicasets", {
			metadata: meta(`${name}-${n}`, {
				annotations: annotations(n + 1),
				labels: { "pod-template-hash": `h${n}` },
				ownerReferences: [{ kind: "Deployment", name, uid: `uid-${name}`, controller: true }],
			}),
			spec: { template },
		});
	}
}

/** A template as they are: some twenty settings, of which the first is given. */
const templateOf = (image: string, pool: string, text = "x") => ({
	spec: {
		containers: [
			{
				name: "app",
				image,
				env: [
					{ name: "POOL_MAX", value: pool },
					{ name: "DB_PASSWORD", value: `secret of ${image}` },
					...Array.from({ length: 18 }, (_, n) => ({ name: `SETTING_${n}`, value: `${text} ${n}` })),
				],
				resources: { limits: { memory: "128Mi" }, requests: { cpu: "100m", memory: "64Mi" } },
				readinessProbe: { httpGet: { path: "/healthz", port: 8080 } },
			},
		],
	},
});

test("each of the newest revisions comes with what returning to it would change, and no secret", () => {
	const { known, reporter, reports, put, run } = sketch();
	revisionsOf(put, "checkout", [
		...Array.from({ length: 11 }, (_, n) => templateOf(`checkout:${n}`, "40")),
		templateOf("checkout:11", "40"),
		templateOf("checkout:12", "120"),
	]);
	reporter.known();
	reporter.welcomed(0);
	run();
	const revisions = reports[0]?.workloads[0]?.revisions ?? [];
	expect(revisions.map(({ differs }) => differs?.length)).toEqual([0, ...Array(9).fill(8), undefined, undefined, undefined]);
	expect(revisions[1]?.differs).toEqual([
		"  container app:",
		"-   image: checkout:12",
		"+   image: checkout:11",
		"    env:",
		"-     DB_PASSWORD: [hidden]",
		"+     DB_PASSWORD: [hidden] (another value)",
		'-     POOL_MAX: "120"',
		'+     POOL_MAX: "40"',
	]);
	expect(JSON.stringify(reports)).not.toContain("secret of");
	// What is kept holds none either, and of equal lines only one.
	const held = [...known.history.values()].flatMap(({ lines }) => lines);
	expect(held.join()).not.toContain("secret of");
	// Another revision runs now: the others are compared with it.
	put("deployments", {
		metadata: meta("checkout", { annotations: { "deployment.kubernetes.io/revision": "12" } }),
		spec: { replicas: 1, template: templateOf("checkout:11", "40") },
		status: { observedGeneration: 1 },
	});
	run();
	expect(reports.at(-1)?.workloads[0]?.revisions[1]?.differs).toEqual([]);
	expect(reports.at(-1)?.workloads[0]?.revisions[0]?.differs).toContain('+     POOL_MAX: "120"');
});

test("a template that its workload does not have yet is compared with nothing", () => {
	const { reporter, reports, put, run } = sketch();
	revisionsOf(put, "checkout", [templateOf("checkout:1", "1"), templateOf("checkout:2", "1")]);
	put("deployments", {
		metadata: meta("checkout", { annotations: { "deployment.kubernetes.io/revision": "3" } }),
		spec: { replicas: 1, template: templateOf("checkout:3", "1") },
		status: { observedGeneration: 1 },
	});
	reporter.known();
	reporter.welcomed(0);
	run();
	expect(reports[0]?.workloads[0]?.revisions.map(({ differs }) => differs)).toEqual([undefined, undefined]);
});

test("300 workloads with ten revisions each fit, and their differences with them; so do those that differ in everything", () => {
	const { reporter, reports, put, run } = sketch();
	for (let n = 0; n < 300; n++) {
		const isOdd = n % 50 === 0;
		const text = (r: number) => (isOdd ? `${r} ${"long ".repeat(60)}` : "x");
		revisionsOf(
			put,
			`w-${n}`,
			Array.from({ length: 10 }, (_, r) => templateOf(`registry.example.com/shop/w-${n}:1.${r}.0`, "40", text(r))),
		);
	}
	reporter.known();
	reporter.welcomed(0);
	run();
	const workloads = reports.flatMap((report) => report.workloads);
	expect(new Set(workloads.map(({ name }) => name)).size).toBe(300);
	for (const report of reports) {
		expect(AgentMessage.safeParse(report).success).toBe(true);
		expect(JSON.stringify(report).length).toBeLessThan(AGENT_MESSAGE_MAX);
	}
	const odd = workloads.find(({ name }) => name === "w-50")?.revisions ?? [];
	expect(odd[0]?.differs).toEqual([]);
	expect(odd[1]?.differs?.length).toBeGreaterThan(20);
	expect(odd.at(-1)?.differs).toBeUndefined();
	const chars = (of: typeof workloads) => JSON.stringify(of.map(({ revisions }) => revisions.map(({ differs }) => differs ?? null))).length;
	expect(chars(workloads) / 300).toBeLessThan(3500);
	expect(chars(workloads.filter(({ name }) => name === "w-50"))).toBeLessThan(20_000);
});

test("fault 55: hostile names and texts come through as text, within what a message holds", () => {
	const { reporter, reports, put, run } = sketch();
	const hostile = '<img src=x onerror=alert(1)>\0\ud800"\n';
	put("deployments", {
		metadata: meta("hostile", {
			labels: { "app.kubernetes.io/name": hostile.repeat(50) },
			annotations: { "meta.helm.sh/release-name": hostile.repeat(50) },
		}),
		spec: { replicas: -5 as number, template: { spec: { containers: [{ name: "a", image: hostile.repeat(100) }] } } },
		status: { observedGeneration: 1, conditions: [] },
	});
	put("deployments", { metadata: meta("<img src=x onerror=alert(1)>"), spec: { template: {} } });
	put("deployments", { metadata: meta("x".repeat(300)), spec: { template: {} } });
	put("deployments", { metadata: meta(hostile), spec: { template: {} } });
	put("deployments", { metadata: { name: "bare", uid: "u", resourceVersion: "1" }, spec: { template: {} } });
	put("events", {
		metadata: meta("e"),
		reason: hostile,
		message: hostile.repeat(500),
		involvedObject: { kind: "Pod", name: hostile },
		lastTimestamp: "2099-01-01T00:00:00Z",
		count: -3,
	});
	reporter.known();
	reporter.welcomed(0);
	run();
	expect(reports).toHaveLength(1);
	expect(AgentMessage.safeParse(reports[0]).success).toBe(true);
	expect(reports[0]?.workloads.map(({ name }) => name)).toEqual(["hostile", "<img src=x onerror=alert(1)>"]);
	expect(JSON.stringify(reports[0])).not.toContain("\\ud800");
	expect(reports[0]?.cluster?.warnings[0]?.at).toBe(1_800_000_000_000);
});

test("fault 58: an edge that does not acknowledge gets no more than four reports, and then everything in one", () => {
	const known = knowNothing();
	const reports: Report[] = [];
	const planned: (() => void)[] = [];
	const reporter = makeReporter({
		known,
		rights: { canPatch: () => true, verbs: () => [] },
		now: () => 1_800_000_000_000,
		send: (report) => reports.push(report) > 0,
		isBusy: () => false,
		later: (run) => void planned.push(run),
	});
	const [deployments] = collectors(known, reporter.heard).map(({ collector }) => collector);
	const once = () => {
		for (const run of planned.splice(0)) run();
	};
	reporter.known();
	reporter.welcomed(0);
	for (let n = 0; n < 50; n++) {
		deployments?.put({ metadata: meta(`w-${n}`), spec: { replicas: n, template: {} } } as unknown as Obj);
		once();
	}
	expect(reports).toHaveLength(4);
	reporter.acknowledged(4);
	once();
	expect(reports).toHaveLength(5);
	expect(reports.at(-1)?.workloads.length).toBeGreaterThan(40);
});
