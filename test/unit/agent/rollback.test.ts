import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STEPS } from "../../../agent/commands/work.ts";
import { isPatch } from "../../support/kube-double/index.ts";
import { resource } from "../../support/kube-double/resources.ts";
import { breakCheckout, changesOf, enterAgent, enterDoomedAgent, imageOf, type Stage, setStage } from "./support.ts";

/** The edge's clock alone: a lease that nobody renews is over after this. */
const PAST_LEASE_MS = 16_000;

/** A cluster whose newest deployment of checkout has failed, an agent, and its report. */
async function brokenCheckout(): Promise<Stage> {
	const stage = await setStage();
	await breakCheckout(stage);
	enterAgent(stage);
	await reported(stage);
	return stage;
}

async function reported({ edge }: Stage, name = "checkout"): Promise<void> {
	await edge.until(() => edge.workload(name)?.canPatch === true, `the report of ${name}`);
}

/** A StatefulSet whose newest pod never got ready, and a rollback that has changed its template. */
async function stuckLedger(clock = { skewMs: 0 }): Promise<Stage> {
	const kind = "statefulsets";
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("ledger", "1.0.0", { kind });
	await kube.break("ledger", "1.1.0", { kind, wait: false });
	await kube.until(() => kube.find("pods", "ledger-1")?.status?.containerStatuses?.[0]?.state?.running !== undefined, "the broken pod");
	enterAgent(stage, { clock });
	await reported(stage, "ledger");
	edge.rollBack("c1", "ledger", 1);
	await edge.until(() => edge.command("c1").applied, "the patch");
	return stage;
}

async function over({ edge }: Stage, id: string): Promise<void> {
	await edge.until(() => ["succeeded", "failed", "cancelled", "expired"].includes(edge.command(id).state), `the end of ${id}`);
}

test("a failed deployment is reported, rolled back in one patch, and reported well again", async () => {
	const stage = await brokenCheckout();
	const { edge } = stage;
	expect(edge.workload("checkout")).toMatchObject({ revision: 3, state: "degraded", reason: "ProgressDeadlineExceeded" });

	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");

	expect(edge.command("c1")).toMatchObject({ state: "succeeded", applied: true, revision: 4, reason: null });
	expect(imageOf(stage, "checkout")).toBe("1.4.2");
	expect(changesOf(stage, "checkout")).toHaveLength(1);
	await edge.until(() => edge.workload("checkout")?.state === "healthy", "the healthy report");
	expect(edge.workload("checkout")).toMatchObject({ revision: 4, commandId: "c1" });
	expect(edge.commands.get("c1")?.stages.map(({ stage }) => stage)).toEqual(expect.arrayContaining(["accepted", "applied", "succeeded"]));
	expect(edge.nonsense).toEqual([]);
});

test("the patch is rehearsed first, bound to the version that was read, and names its manager", async () => {
	const stage = await brokenCheckout();
	stage.edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	const sent = stage.kube.requests.filter((one) => isPatch(one) && one.name === "checkout");
	expect(sent.map(({ dryRun }) => dryRun)).toEqual([true, false]);
	for (const { body, query } of sent) {
		expect(body[0]).toMatchObject({ op: "test", path: "/metadata/resourceVersion" });
		expect(query.get("fieldManager")).toBe("opssight-agent");
	}
	expect(JSON.stringify(sent[1]?.body)).not.toContain("pod-template-hash");
});

test("a second rollback after the first does not return to the broken revision", async () => {
	const stage = await brokenCheckout();
	const { edge, kube } = stage;
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	await kube.break("checkout", "1.6.0");
	await edge.until(
		() => edge.workload("checkout")?.revision === 5 && edge.workload("checkout")?.state === "degraded",
		"the second failure",
	);
	// What plain `kubectl rollout undo` would take is the newest but one; the good one has another number by now.
	expect(edge.workload("checkout")?.revisions.map(({ revision }) => revision)).toEqual([5, 4, 3, 1]);

	edge.rollBack("c2", "checkout", 4);
	await over(stage, "c2");

	expect(edge.command("c2").state).toBe("succeeded");
	expect(imageOf(stage, "checkout")).toBe("1.4.2");
	expect(changesOf(stage, "checkout")).toHaveLength(2);
});

test("a revision that was renumbered since it was chosen is found by its template", async () => {
	const stage = await brokenCheckout();
	stage.edge.rollBack("c1", "checkout", 2, { targetRevision: 77 });
	await over(stage, "c1");
	expect(imageOf(stage, "checkout")).toBe("1.4.2");
});

test.each([
	["statefulsets", "StatefulSet"],
	["daemonsets", "DaemonSet"],
] as const)("%s go back by their ControllerRevision, mark and change in one patch", async (kind, name) => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("ledger", "1.0.0", { kind });
	await kube.deploy("ledger", "1.1.0", { kind });
	await kube.break("ledger", "1.2.0", { kind, wait: false });
	enterAgent(stage);
	await edge.until(() => edge.workload("ledger")?.revision === 3 && edge.workload("ledger")?.canPatch === true, "the report");
	expect(edge.workload("ledger")).toMatchObject({ kind: name });

	edge.rollBack("c1", "ledger", 2);
	await edge.until(() => edge.command("c1").applied, "the patch");
	if (kind === "statefulsets") {
		// As in a real cluster, a StatefulSet waits for its broken pod until somebody deletes it.
		await edge.until(() => edge.command("c1").state !== "pending", "the claim");
	} else await over(stage, "c1");

	expect(imageOf(stage, "ledger", kind)).toBe("1.1.0");
	expect(changesOf(stage, "ledger")).toHaveLength(1);
	const [patch] = changesOf(stage, "ledger") as { contentType: string; body: { metadata: Record<string, unknown> } }[];
	expect(patch?.contentType).toContain("strategic-merge-patch");
	expect(patch?.body.metadata).toMatchObject({
		resourceVersion: expect.any(String),
		annotations: { "opssight.dev/command": expect.stringContaining("c1") },
	});
});

test("a StatefulSet that waits for its broken pod says so at once, and goes on when somebody deletes it", async () => {
	const stage = await stuckLedger();
	const { kube, edge } = stage;
	const sentences = () => edge.heard.flatMap(({ message }) => (message.type === "progress" ? (message.sentence ?? []) : []));
	await edge.until(() => sentences().some((one) => one.includes("delete pod")), "the sentence about the pod");
	expect(sentences().at(-1)).toBe(
		"1 of 2 pods ready. Kubernetes waits for pod ledger-1, which is of the version before and not ready, and does not replace it by itself. " +
			"Container app runs and is not ready. Unless it gets ready, delete it by hand: kubectl -n shop delete pod ledger-1",
	);
	expect(edge.command("c1")).toMatchObject({ state: "claimed", applied: true, message: sentences().at(-1) });
	const reads = () => kube.requests.filter(({ verb, resource }) => verb === "list" && resource === "pods").length;
	const before = reads();
	kube.world.store.remove(resource("pods"), "shop", "ledger-1");
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "succeeded", applied: true });
	expect(edge.command("c1").message).not.toContain("kubectl");
	expect(reads() - before).toBeLessThan(6);
	// This program never asks for it itself: it may not.
	expect(kube.requests.filter(({ verb, user }) => verb === "delete" && user.includes("opssight"))).toEqual([]);
});

test("a StatefulSet that waits for its broken pod until its deadline fails with what to do", async () => {
	const clock = { skewMs: 0 };
	const stage = await stuckLedger(clock);
	const { edge } = stage;
	await edge.until(() => edge.command("c1").message?.includes("delete pod") === true, "the sentence about the pod");
	clock.skewMs = 11 * 60_000;
	await over(stage, "c1");
	expect(edge.results.at(-1)).toMatchObject({
		...{ outcome: "failed", applied: true, reason: "rollout_failed" },
		message: expect.stringMatching(/^Not ready after 10 minutes: 1 of 2 pods ready\. .* kubectl -n shop delete pod ledger-1$/),
	});
});

test.each(STEPS.filter((name) => !/Barrier/.test(name)))(
	"fault 49: killed at '%s' and started again, it makes exactly one patch and the truth is told",
	async (name) => {
		const stage = await setStage();
		const { edge } = stage;
		await breakCheckout(stage);
		const { died } = await enterDoomedAgent(stage, name);
		await reported(stage);
		edge.rollBack("c1", "checkout", 2);
		await died;
		enterAgent(stage);
		edge.advance(PAST_LEASE_MS);
		await over(stage, "c1");

		expect(edge.command("c1")).toMatchObject({ state: "succeeded", applied: true });
		expect(imageOf(stage, "checkout")).toBe("1.4.2");
		expect(changesOf(stage, "checkout")).toHaveLength(1);
	},
);

test.each(["beforeBarrier", "afterBarrier"] as const)("fault 49: killed at '%s', the next agent says the same no", async (name) => {
	const stage = await setStage();
	const { edge } = stage;
	await breakCheckout(stage);
	const { died } = await enterDoomedAgent(stage, name);
	await reported(stage);
	edge.rollBack("c1", "checkout", 2, { expectedRevision: 2, expectedHash: null });
	await died;
	enterAgent(stage);
	edge.advance(PAST_LEASE_MS);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "failed", applied: false, reason: "environment_moved" });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 49: a result that was not acknowledged survives the process and is said again", async () => {
	const stage = await setStage({ edge: { fate: (message) => (message.type === "result" ? "lose" : "arrive") } });
	const { edge, dir } = stage;
	await breakCheckout(stage);
	const { died } = await enterDoomedAgent(stage, "afterResult");
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await died;
	expect(edge.command("c1").state).toBe("claimed");
	edge.fate = () => "arrive";
	// A cluster that does not answer shows that the result comes from the disk and not from another look.
	stage.kube.failNext(1000, "reset");
	enterAgent(stage);
	edge.advance(PAST_LEASE_MS);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "succeeded", revision: 4 });
	await expect.poll(() => readdirSync(join(dir, "state"))).toEqual([]);
});

test("fault 47: of two agents of one cluster one holds it, and the other takes over when it is gone", async () => {
	const stage = await setStage();
	const { edge } = stage;
	await breakCheckout(stage);
	const first = enterAgent(stage);
	await reported(stage);
	const second = enterAgent(stage);
	await edge.until(() => second.state().why === "standby", "the second standing by");
	expect(edge.holder()).toBe(first.id);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.grants.map(({ agent }) => agent)).toEqual([first.id]);
	expect(changesOf(stage, "checkout")).toHaveLength(1);

	await first.stop();
	edge.advance(PAST_LEASE_MS);
	await edge.until(() => second.state().why === "holder", "the second holding");
	expect(edge.heard.filter(({ agent, message }) => agent === second.id && message.type === "report").length).toBeGreaterThanOrEqual(0);
	await edge.until(
		() => edge.reports.length > 0 && edge.heard.some(({ agent, message }) => agent === second.id && message.type === "report"),
		"its report",
	);
});

/** Of two agents the one that holds the cluster falls asleep: its patch is on the way, and it says nothing any more. */
async function fallAsleep() {
	const stage = await setStage();
	const { edge, kube } = stage;
	await breakCheckout(stage);
	const sleeper = enterAgent(stage);
	await reported(stage);
	const second = enterAgent(stage);
	await edge.until(() => second.state().why === "standby", "the second standing by");
	const patch = kube.hold((one) => isPatch(one) && !one.dryRun);
	edge.rollBack("c1", "checkout", 2);
	await patch.arrived;
	edge.ignore(sleeper.id);
	return { stage, second, patch };
}

test("fault 48: an agent that slept longer than its lease can't patch after another one did", async () => {
	const { stage, second, patch: gate } = await fallAsleep();
	const { edge } = stage;
	edge.advance(PAST_LEASE_MS);
	await edge.until(() => edge.grants.some(({ agent }) => agent === second.id), "the second's grant");
	gate.open();
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "succeeded", applied: true });
	expect(changesOf(stage, "checkout")).toHaveLength(1);
});

test("fault 48: a patch of another agent that comes between reading a workload and its history is no newer deployment", async () => {
	const { stage, patch } = await fallAsleep();
	const { edge, kube } = stage;
	const history = kube.hold(({ verb, resource, query }) => verb === "list" && resource === "replicasets" && query.has("labelSelector"));
	edge.advance(PAST_LEASE_MS);
	await history.arrived;
	patch.open();
	const isMarked = () => kube.world.store.list("replicasets").some(({ metadata }) => JSON.stringify(metadata.annotations).includes("c1"));
	await kube.until(isMarked, "the copy of the mark");
	history.open();
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "succeeded", applied: true });
	expect(changesOf(stage, "checkout")).toHaveLength(1);
});

test("fault 48: a command that was settled as cancelled is not carried out by a sleeper that wakes", async () => {
	const stage = await setStage();
	const { edge, kube } = stage;
	await breakCheckout(stage);
	const sleeper = enterAgent(stage);
	await reported(stage);
	const second = enterAgent(stage);
	await edge.until(() => second.state().why === "standby", "the second standing by");
	let patches = 0;
	const gate = kube.hold((one) => isPatch(one) && !one.dryRun && patches++ === 0);
	edge.rollBack("c1", "checkout", 2);
	await gate.arrived;
	edge.ignore(sleeper.id);
	edge.cancel("c1");
	edge.advance(PAST_LEASE_MS);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "cancelled", applied: false });
	gate.open();
	await expect.poll(() => kube.patchesOf("checkout").filter(({ status }) => status === 422).length).toBe(1);
	expect(changesOf(stage, "checkout")).toEqual([]);
	expect(imageOf(stage, "checkout")).toBe("1.5.0");
});

test("fault 50: each message twice, in both directions, makes one patch and one result", async () => {
	const stage = await setStage({ edge: { fate: () => "twice" } });
	await breakCheckout(stage);
	enterAgent(stage);
	await reported(stage);
	stage.edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(stage.edge.command("c1").state).toBe("succeeded");
	expect(changesOf(stage, "checkout")).toHaveLength(1);
	expect(new Set(stage.edge.grants.map(({ fence }) => fence)).size).toBe(1);
});

test("fault 50: lost claims, grants, progress and results are said again until they arrive", async () => {
	const lost = new Map<string, number>();
	const losing = new Set(["claim", "granted", "offer", "progress", "result", "resultAck"]);
	const stage = await setStage({
		edge: {
			fate({ type }) {
				const times = lost.get(type) ?? 0;
				lost.set(type, times + 1);
				return losing.has(type) && times < 1 ? "lose" : "arrive";
			},
		},
	});
	await breakCheckout(stage);
	enterAgent(stage);
	await reported(stage);
	stage.edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(stage.edge.command("c1").state).toBe("succeeded");
	expect(changesOf(stage, "checkout")).toHaveLength(1);
	expect([...losing].filter((type) => (lost.get(type) ?? 0) < 2 && type !== "resultAck")).toEqual([]);
});

test("fault 50: a grant that arrives when its command is long over is not acted on", async () => {
	const stage = await brokenCheckout();
	const { edge } = stage;
	edge.fate = (message) => (message.type === "granted" ? "lose" : "arrive");
	edge.rollBack("c1", "checkout", 2);
	await edge.until(() => edge.grants.length > 0, "the grant");
	const [late] = edge.grants;
	edge.fate = () => "arrive";
	edge.advance(PAST_LEASE_MS);
	await over(stage, "c1");
	expect(changesOf(stage, "checkout")).toHaveLength(1);

	await stage.kube.deploy("checkout", "1.6.0");
	if (late) edge.tell({ type: "granted", command: late });
	await edge.until(() => edge.workload("checkout")?.revision === 5, "the report of the next deployment");
	expect(changesOf(stage, "checkout")).toHaveLength(1);
	expect(imageOf(stage, "checkout")).toBe("1.6.0");
});

test("fault 52: a revision that is gone is refused with the fence raised", async () => {
	const stage = await brokenCheckout();
	stage.edge.rollBack("c1", "checkout", 99, { targetHash: "gone" });
	await over(stage, "c1");
	expect(stage.edge.results.at(-1)).toMatchObject({ outcome: "failed", reason: "revision_missing", applied: false, barrier: true });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 52: what runs already is not rolled out again", async () => {
	const stage = await brokenCheckout();
	stage.edge.rollBack("c1", "checkout", 3);
	await over(stage, "c1");
	expect(stage.edge.command("c1")).toMatchObject({ state: "failed", reason: "same_revision" });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 52: a paused workload is left alone, with the way out", async () => {
	const stage = await brokenCheckout();
	const { kube, edge } = stage;
	const checkout = kube.find("deployments", "checkout");
	kube.put("deployments", { ...checkout, spec: { ...checkout?.spec, paused: true } });
	await edge.until(() => edge.workload("checkout")?.isPaused === true, "the paused report");
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.results.at(-1)).toMatchObject({ reason: "paused", message: expect.stringContaining("kubectl rollout resume") });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 53: a deployment that lands between reading and patching is not undone", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	let isFirst = true;
	enterAgent(stage, {
		async step(name) {
			if (name !== "beforePatch" || !isFirst) return;
			isFirst = false;
			await kube.deploy("checkout", "1.6.0", { wait: false });
		},
	});
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "failed", applied: false, reason: "environment_moved" });
	expect(imageOf(stage, "checkout")).toBe("1.6.0");
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 53: a deployment its controller has not numbered yet counts as newer", async () => {
	const stage = await brokenCheckout();
	const { kube, edge } = stage;
	kube.pause();
	await kube.deploy("checkout", "1.6.0", { wait: false });
	edge.rollBack("c1", "checkout", 2, { expectedRevision: 3, expectedHash: null });
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "failed", reason: "environment_moved" });
	expect(imageOf(stage, "checkout")).toBe("1.6.0");
	kube.start();
});

test("something else about the workload may change in between: it is read again", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	let times = 0;
	enterAgent(stage, {
		async step(name) {
			if (name !== "beforePatch" || times++ > 1) return;
			const checkout = kube.find("deployments", "checkout");
			kube.put("deployments", {
				...checkout,
				metadata: { ...checkout?.metadata, labels: { ...checkout?.metadata.labels, touched: String(times) } },
			});
		},
	});
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.command("c1").state).toBe("succeeded");
	expect(kube.find("deployments", "checkout")?.metadata.labels).toMatchObject({ touched: "2" });
	expect(changesOf(stage, "checkout")).toHaveLength(1);
});

test("a workload that somebody keeps changing is given up after three patches, with the fence raised", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	let times = 0;
	enterAgent(stage, {
		async step(name) {
			if (name !== "beforePatch") return;
			const checkout = kube.find("deployments", "checkout");
			kube.put("deployments", {
				...checkout,
				metadata: { ...checkout?.metadata, labels: { ...checkout?.metadata.labels, touched: String(++times) } },
			});
		},
	});
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.results.at(-1)).toMatchObject({ reason: "conflict", barrier: true, applied: false });
	expect(times).toBe(3);
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 53: a deployment that replaces the rolled back version before it is ready is told", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	enterAgent(stage, {
		async step(name) {
			if (name === "afterPatch") await kube.deploy("checkout", "1.7.0", { wait: false });
		},
	});
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "failed", applied: true, reason: "environment_moved" });
	expect(imageOf(stage, "checkout")).toBe("1.7.0");
});

test("fault 54: a command nobody claimed in time is expired, and an agent that comes later does nothing", async () => {
	const stage = await setStage();
	const { edge } = stage;
	await breakCheckout(stage);
	const first = enterAgent(stage);
	await reported(stage);
	await first.stop();
	edge.advance(PAST_LEASE_MS);
	edge.rollBack("c1", "checkout", 2);
	edge.advance(121_000);
	expect(edge.command("c1").state).toBe("expired");
	enterAgent(stage);
	await edge.until(() => edge.holder() !== null, "the next agent");
	edge.offer("c1");
	await edge.until(() => edge.heard.some(({ message }) => message.type === "claim"), "its claim");
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 54: claimed and silent past its deadline it is unknown, until an agent settles it", async () => {
	const stage = await setStage();
	const { edge } = stage;
	await breakCheckout(stage);
	const { died } = await enterDoomedAgent(stage, "beforePatch");
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await died;
	edge.advance(121_000);
	expect(edge.command("c1").state).toBe("unknown");
	enterAgent(stage);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "expired", applied: false });
	expect(edge.results.at(-1)).toMatchObject({ barrier: true });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("fault 54: a rollback that outlives the deadline is still running, and says so", async () => {
	const stage = await setStage();
	const { edge, kube } = stage;
	await breakCheckout(stage);
	const clock = { skewMs: 0 };
	enterAgent(stage, {
		clock,
		async step(name) {
			// The good version does not get ready either, for now.
			if (name === "beforePatch") kube.trouble("registry.example.com/shop/checkout:1.4.2", "Pending");
			if (name === "applied") clock.skewMs = 125_000;
		},
	});
	await reported(stage);
	kube.put("deployments", {
		...kube.find("deployments", "checkout"),
		spec: { ...kube.find("deployments", "checkout")?.spec, progressDeadlineSeconds: 600 },
	});
	await kube.step(5);
	edge.rollBack("c1", "checkout", 1, { targetRevision: 2 });
	await edge.until(
		() => edge.command("c1").message?.startsWith("Still running after 12") === true || edge.command("c1").state === "succeeded",
		"the sentence",
	);
	kube.trouble("registry.example.com/shop/checkout:1.4.2", null);
	await over(stage, "c1");
	expect(edge.command("c1").state).toBe("succeeded");
});

test("a rollback whose pods do not get ready is a change that failed, and is told as both", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	const clock = { skewMs: 0 };
	let looks = 0;
	enterAgent(stage, {
		clock,
		async step(name) {
			// It has been watched for long enough: a failure is not the old one any more.
			if (name === "read" && kube.patchesOf("checkout").length > 0 && ++looks === 2) clock.skewMs = 11_000;
		},
	});
	await reported(stage);
	kube.trouble("registry.example.com/shop/checkout:1.4.1", "CrashLoopBackOff");
	edge.rollBack("c1", "checkout", 1);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "failed", applied: true, reason: "rollout_failed" });
	expect(edge.results.at(-1)?.message).toContain("no progress within 20 s");
	await edge.until(() => edge.workload("checkout")?.badPods.some(({ reason }) => reason === "CrashLoopBackOff") === true, "the pods");
});

test("a command is cancelled before it changes anything, and the fence is raised", async () => {
	const stage = await setStage();
	const { edge } = stage;
	await breakCheckout(stage);
	let isFirst = true;
	enterAgent(stage, {
		async step(name) {
			if (name !== "read" || !isFirst) return;
			isFirst = false;
			edge.cancel("c1");
			await new Promise((done) => setTimeout(done, 100));
		},
	});
	await reported(stage);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.command("c1")).toMatchObject({ state: "cancelled", applied: false });
	expect(edge.results.at(-1)).toMatchObject({ reason: "cancelled", barrier: true });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("an unknown verb is refused in words and touches nothing", async () => {
	const stage = await brokenCheckout();
	stage.edge.request("c1", { verb: "exec" as "rollback" });
	await over(stage, "c1");
	expect(stage.edge.command("c1")).toMatchObject({ state: "failed", reason: "unknown_verb" });
	expect(stage.kube.requests.filter(isPatch)).toEqual([]);
});

test("a workload that is not there is missing, not broken", async () => {
	const stage = await brokenCheckout();
	const workload = { namespace: "shop", kind: "Deployment", name: "nothing" } as const;
	stage.edge.request("c1", { verb: "rollback", workload, expectedRevision: 1, targetRevision: 2 });
	await over(stage, "c1");
	expect(stage.edge.command("c1")).toMatchObject({ state: "failed", reason: "workload_missing" });
});

test("without the right to patch the refusal is Kubernetes' own, and the rights are looked up again", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	enterAgent(stage);
	await reported(stage);
	kube.failNext(1, { status: 403, message: "deployments.apps is forbidden" }, isPatch);
	edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(edge.results.at(-1)).toMatchObject({ reason: "forbidden", applied: false, message: expect.stringContaining("deployments.apps") });
	expect(changesOf(stage, "checkout")).toEqual([]);
});

test("an API server that is away for a moment is waited for", async () => {
	const stage = await brokenCheckout();
	stage.kube.failNext(3, "reset", ({ path }) => path.endsWith("/deployments/checkout"));
	stage.edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(stage.edge.command("c1").state).toBe("succeeded");
	expect(changesOf(stage, "checkout")).toHaveLength(1);
});

test("a patch whose answer is lost is found in the cluster and not made again", async () => {
	const stage = await brokenCheckout();
	stage.kube.failNext(1, "lost", (one) => isPatch(one) && !one.dryRun);
	stage.edge.rollBack("c1", "checkout", 2);
	await over(stage, "c1");
	expect(stage.edge.command("c1")).toMatchObject({ state: "succeeded", applied: true });
	expect(changesOf(stage, "checkout").length + stage.kube.patchesOf("checkout").filter(({ status }) => status !== 200).length).toBe(1);
});

test("a dry run says what would change, and changes nothing", async () => {
	const stage = await brokenCheckout();
	stage.edge.rollBack("d1", "checkout", 2, { verb: "dry-run" });
	await over(stage, "d1");
	expect(stage.edge.command("d1")).toMatchObject({ state: "succeeded", applied: false });
	const { changes } = stage.edge.results.at(-1) ?? {};
	expect(changes?.slice(0, 3)).toEqual([
		"  container app:",
		"-   image: registry.example.com/shop/checkout:1.5.0",
		"+   image: registry.example.com/shop/checkout:1.4.2",
	]);
	// The report says the same of that revision: there is one way to describe a difference.
	expect(stage.edge.workload("checkout")?.revisions.find(({ revision }) => revision === 2)?.differs).toEqual(changes);
	expect(stage.kube.patchesOf("checkout")).toEqual([]);
	expect(stage.kube.requests.filter((one) => isPatch(one) && one.dryRun)).toHaveLength(1);
});

test("a snapshot is sent when it is asked for", async () => {
	const stage = await brokenCheckout();
	const { edge } = stage;
	const before = edge.reports.length;
	edge.request("s1", { verb: "snapshot" });
	await over(stage, "s1");
	expect(edge.command("s1").state).toBe("succeeded");
	await edge.until(() => edge.reports.slice(before).some(({ isSnapshot }) => isSnapshot), "the snapshot");
});
