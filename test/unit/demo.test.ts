import { describe, expect, test } from "vitest";
import { storyGroup, storySize } from "../../worker/demo/story.ts";
import { waterfallOf } from "../../worker/domains/runs/report.ts";
import type { Delivery } from "../../worker/wire/delivery.ts";
import type { DeploymentEvent, JobEvent, PushEvent, RunEvent } from "../../worker/wire/events.ts";

const DAY_MS = 24 * 3600_000;
// The night of the design's story: Friday 20 November 2026, 03:14 UTC.
const ANCHOR = Date.UTC(2026, 10, 20, 3, 14);

function tellAll(anchor: number, teamSalt = "team-a"): Delivery[] {
	return Array.from({ length: storySize() }, (_, group) => storyGroup({ anchor, group, teamSalt, integrationId: "i1" })).flat();
}

const all = tellAll(ANCHOR);
const events = all.flatMap((delivery) => delivery.events);
const runEvents = events.filter((event): event is RunEvent => event.type === "run");
const jobs = events.filter((event): event is JobEvent => event.type === "job");
const pushes = events.filter((event): event is PushEvent => event.type === "push");
const newest = new Map<string, RunEvent>();
for (const run of runEvents) if ((newest.get(run.id)?.attempt ?? 0) < run.attempt) newest.set(run.id, run);
const runs = [...newest.values()];

test("the story is the same at every telling, group by group", () => {
	const group = storySize() - 7;
	expect(storyGroup({ anchor: ANCHOR, group, teamSalt: "team-a", integrationId: "i1" })).toEqual(all.slice(group * 500, group * 500 + 500));
	expect(tellAll(ANCHOR)).toEqual(all);
});

test("two teams hear different stories of the same length", () => {
	const other = tellAll(ANCHOR, "team-b");
	expect(other).toHaveLength(all.length);
	expect(other[40]?.events).not.toEqual(all[40]?.events);
});

test("it is about 20,000 runs in a dozen repositories, each with several workflows", () => {
	expect(runs.length).toBeGreaterThan(18_000);
	expect(runs.length).toBeLessThan(22_000);
	const workflows = new Map<string, Set<string>>();
	for (const run of runs) workflows.set(run.repo, (workflows.get(run.repo) ?? new Set()).add(run.workflow));
	expect(workflows.size).toBeGreaterThanOrEqual(12);
	for (const names of workflows.values()) expect(names.size).toBeGreaterThanOrEqual(3);
});

test("groups hold 500 deliveries, newest first from group to group, and none lies after the anchor", () => {
	expect(storyGroup({ anchor: ANCHOR, group: 3, teamSalt: "x", integrationId: "i" })).toHaveLength(500);
	for (const [n, delivery] of all.entries()) {
		expect(delivery.receivedAt).toBeLessThanOrEqual(all[n - 1]?.receivedAt ?? ANCHOR);
		expect(delivery.receivedAt).toBeGreaterThanOrEqual(ANCHOR - 90 * DAY_MS);
	}
	for (const run of runEvents) {
		expect(Math.max(run.startedAt ?? 0, run.finishedAt ?? 0, run.updatedAt)).toBeLessThanOrEqual(ANCHOR);
		if (run.durationMs !== null) expect(run.durationMs).toBe((run.finishedAt ?? 0) - (run.startedAt ?? 0));
	}
	for (const job of jobs) expect(Math.max(job.startedAt ?? 0, job.finishedAt ?? 0, job.updatedAt)).toBeLessThanOrEqual(ANCHOR);
	for (const push of pushes) for (const commit of push.commits) expect(commit.at).toBeLessThanOrEqual(ANCHOR);
});

test("delivery ids, runs with their attempts, jobs and pushes are unique", () => {
	const unique = (keys: string[]) => expect(new Set(keys).size).toBe(keys.length);
	unique(all.map((delivery) => delivery.deliveryId));
	unique(runEvents.map((run) => `${run.id}/${run.attempt}`));
	unique(jobs.map((job) => job.id));
	unique(pushes.map((push) => push.id));
});

test("5 to 8 % fail, a few are cancelled, and most second attempts pass", () => {
	const share = (status: string) => runs.filter((run) => run.status === status).length / runs.length;
	expect(share("failure")).toBeGreaterThan(0.05);
	expect(share("failure")).toBeLessThan(0.08);
	expect(share("cancelled")).toBeGreaterThan(0.005);
	const again = runs.filter((run) => run.attempt === 2);
	expect(again.length).toBeGreaterThan(200);
	expect(again.filter((run) => run.status === "success").length / again.length).toBeGreaterThan(0.6);
});

describe("deployments", () => {
	const deployments = events.filter((event): event is DeploymentEvent => event.type === "deployment");
	const byId = new Map<string, DeploymentEvent>();
	for (const one of deployments) if ((byId.get(one.id)?.updatedAt ?? 0) < one.updatedAt) byId.set(one.id, one);
	const history = (environment: string, component: string) =>
		[...byId.values()]
			.filter((one) => one.environment === environment && one.component === component)
			.sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0));

	test("services go to staging and to production, for thirty days, and none lies after the anchor", () => {
		expect(new Set(deployments.map(({ environment }) => environment))).toEqual(new Set(["staging", "production"]));
		expect(new Set(deployments.map(({ component }) => component)).size).toBeGreaterThanOrEqual(9);
		for (const { startedAt, finishedAt } of deployments) {
			expect(finishedAt ?? 0).toBeGreaterThanOrEqual(startedAt ?? 0);
			expect(finishedAt ?? 0).toBeLessThanOrEqual(ANCHOR);
			expect(startedAt ?? 0).toBeGreaterThan(ANCHOR - 31 * DAY_MS);
		}
	});

	test("some fail, and those that went back say why", () => {
		const failed = [...byId.values()].filter(({ status }) => status === "failure");
		expect(failed.length).toBeGreaterThan(3);
		const back = [...byId.values()].filter(({ isRollback }) => isRollback);
		expect(back.length).toBeGreaterThan(0);
		for (const { status, reason } of back) expect([status, reason]).toEqual(["success", expect.stringContaining(" failed: ")]);
	});

	test("the incident is a release that failed after it had gone well; the one before it was the last to succeed", () => {
		const [latest, before] = history("production", "checkout-api");
		expect(latest).toMatchObject({ version: "v2.31.0", status: "failure", reason: "smoke-prod: assert 500 != 200" });
		expect((ANCHOR - (latest?.finishedAt ?? 0)) / 60_000).toBeCloseTo(8, 0);
		expect(before).toMatchObject({ version: "v2.30.4", status: "success" });
	});
});

test("weekends and nights are quiet", () => {
	const byWeekday = [0, 0, 0, 0, 0, 0, 0];
	let night = 0;
	for (const run of runs) {
		const at = new Date(run.updatedAt);
		byWeekday[at.getUTCDay()]! += 1;
		if (at.getUTCHours() < 6) night += 1;
	}
	expect(byWeekday[0]! + byWeekday[6]!).toBeLessThan(0.4 * byWeekday[2]!);
	expect(night / runs.length).toBeLessThan(0.15);
});

test("the newest 1,500 runs have jobs with steps and queue times; pushes reach back 30 days, bodies 14", () => {
	expect(new Set(jobs.map((job) => job.run.id)).size).toBeGreaterThan(1350);
	expect(jobs.some((job) => (job.steps?.length ?? 0) >= 3 && (job.queuedMs ?? 0) > 0)).toBe(true);
	const lengths = jobs.flatMap((job) => job.steps ?? []).map((step) => (step.finishedAt ?? 0) - (step.startedAt ?? 0));
	expect(new Set(lengths).size).toBeGreaterThan(lengths.length / 10);
	expect(pushes.length).toBeGreaterThan(800);
	const oldest = (of: Delivery[]) => Math.min(...of.map((delivery) => delivery.receivedAt));
	expect(oldest(all.filter((d) => d.event === "push"))).toBeGreaterThan(ANCHOR - 30 * DAY_MS);
	expect(oldest(all.filter((d) => d.body !== null))).toBeGreaterThan(ANCHOR - 14 * DAY_MS);
	expect(JSON.parse(all[0]?.body ?? "null")).toHaveProperty("repository.full_name");
});

test("jobs wait for each other, fill their run's time, and a failed one names the step", () => {
	const byRun = new Map<string, JobEvent[]>();
	for (const job of jobs) byRun.set(`${job.run.id}/${job.attempt}`, [...(byRun.get(`${job.run.id}/${job.attempt}`) ?? []), job]);
	const failedSteps = new Set<string>();
	let chains = 0;
	for (const run of runEvents) {
		const own = byRun.get(`${run.id}/${run.attempt}`);
		if (!own || run.finishedAt === null) continue;
		const waterfall = waterfallOf(
			{ ...run, orderedAt: run.startedAt ?? 0 },
			own.map(({ run: { id: runId }, ...job }) => ({ ...job, runId })),
			ANCHOR,
		);
		expect(Math.abs(waterfall.end - (run.finishedAt ?? 0))).toBeLessThanOrEqual(1);
		expect(waterfall.start).toBe(run.startedAt);
		if (waterfall.bars.filter(({ isCritical }) => isCritical).length >= 3) chains += 1;
		const failed = own.filter(({ status }) => status === "failure");
		expect(failed).toHaveLength(run.status === "failure" ? 1 : 0);
		for (const { name, steps } of failed) {
			const step = steps?.find(({ conclusion }) => conclusion === "failure");
			expect(step).toBeDefined();
			failedSteps.add(`${name}: ${step?.name}`);
		}
	}
	expect(chains).toBeGreaterThan(200);
	expect(failedSteps.size).toBeGreaterThan(8);
});

test("it ends in the incident: v2.31.0 deployed 12 minutes ago, smoke tests failing for 8, builds slower, some still running", () => {
	const checkout = runs.filter((run) => run.repo === "acme/checkout-api" && run.updatedAt > ANCHOR - 3 * 3600_000);
	const deploy = checkout.find((run) => run.meta.version === "v2.31.0");
	expect(deploy).toMatchObject({ workflow: "deploy-prod", status: "success", finishedAt: ANCHOR - 12 * 60_000 });
	const smoke = checkout.filter((run) => run.workflow === "smoke-prod" && (run.finishedAt ?? 0) > (deploy?.finishedAt ?? 0));
	expect(smoke.length).toBeGreaterThanOrEqual(4);
	for (const run of smoke) expect(run).toMatchObject({ status: "failure", error: "assert 500 != 200" });
	expect(Math.min(...smoke.map((run) => run.finishedAt ?? 0))).toBe(ANCHOR - 8 * 60_000);
	expect(runs.filter((run) => run.status === "running" || run.status === "queued").length).toBeGreaterThanOrEqual(4);
	expect(runs.filter((run) => run.durationMs === null && run.updatedAt < ANCHOR - 3600_000)).toEqual([]);
});

test("it holds at any anchor, on a Sunday night too", () => {
	const anchor = Date.UTC(2027, 0, 3, 4, 59, 59, 123);
	const told = tellAll(anchor);
	expect(told).toHaveLength(all.length);
	expect(told[0]!.receivedAt).toBeLessThanOrEqual(anchor);
});

test.each(Array.from({ length: 14 }, (_, n) => [n]))(
	"the day of the incident is worse than the day before it, whatever the day (%i)",
	(n) => {
		const anchor = ANCHOR + n * (DAY_MS + 7_000_000);
		const told = [0, 1, 2].flatMap((group) => storyGroup({ anchor, group, teamSalt: `team-${n}`, integrationId: "i1" }));
		const latest = new Map<string, RunEvent>();
		for (const event of told.flatMap((delivery) => delivery.events)) {
			if (event.type === "run" && (latest.get(event.id)?.attempt ?? 0) < event.attempt) latest.set(event.id, event);
		}
		// The figures are of whole hours, which end up to an hour after the story does.
		for (const late of [0, 3_599_999]) {
			const end = anchor + late;
			const [last, before] = [0, 1].map((day) => {
				const own = [...latest.values()].filter(({ startedAt }) => Math.floor((end - (startedAt ?? 0)) / DAY_MS) === day);
				const count = (status: string) => own.filter((run) => run.status === status).length;
				return { failed: count("failure"), rate: count("success") / (count("success") + count("failure")) };
			});
			expect(last!.failed).toBeGreaterThan(before!.failed);
			expect(last!.rate).toBeLessThan(before!.rate);
		}
	},
);
