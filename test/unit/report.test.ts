// One run looked at closely: the waterfall of its jobs with the critical path, and the steps of its workflow.
import { describe, expect, test } from "vitest";
import type { Job } from "#worker/domains/runs/apply";
import { stepReports, waterfallOf } from "#worker/domains/runs/report";
import { quantileOf } from "#worker/domains/stats/quantile";

const T = Date.parse("2026-11-20T10:00:00Z");
const at = (seconds: number | null) => (seconds === null ? null : T + seconds * 1000);
const run = { attempt: 1, startedAt: T, finishedAt: at(100), orderedAt: T };

/** A job that waited from `queued` to `from`, seconds after the run's start. */
function job(name: string, queued: number | null, from: number | null, to: number | null, more: Partial<Job> = {}): Job {
	return {
		...{
			runId: "r",
			id: name,
			externalId: name,
			attempt: 1,
			name,
			stage: null,
			conclusionRaw: null,
			runner: null,
			labels: [],
			steps: null,
		},
		status: from === null ? "queued" : to === null ? "running" : "success",
		...{ startedAt: at(from), finishedAt: at(to), durationMs: from === null || to === null ? null : (to - from) * 1000 },
		queuedMs: queued === null || from === null ? null : (from - queued) * 1000,
		updatedAt: at(to ?? from ?? queued ?? 0)!,
		...more,
	};
}

describe("the critical path", () => {
	test.each<[string, Job[], string[], number, number]>([
		["no jobs", [], [], 0, 0],
		["one job", [job("a", 0, 5, 100)], ["a"], 100, 5],
		["side by side: the longest", [job("a", 0, 2, 40), job("b", 0, 3, 100)], ["b"], 100, 3],
		["one after the other", [job("a", 0, 2, 40), job("b", 41, 43, 100)], ["a", "b"], 100, 4],
		[
			"the one whose end let it begin, not an earlier one",
			[job("a", 0, 2, 20), job("b", 0, 2, 40), job("c", 40, 45, 100)],
			["b", "c"],
			100,
			7,
		],
		[
			"a diamond",
			[job("build", 0, 1, 30), job("unit", 30, 32, 60), job("e2e", 30, 33, 80), job("ship", 80, 81, 100)],
			["build", "e2e", "ship"],
			...[100, 5],
		] as [string, Job[], string[], number, number],
		["clocks of whole seconds", [job("a", 0, 0, 41), job("b", 40, 40, 100)], ["a", "b"], 100, 0],
		["a job that never began is on no path", [job("a", 0, 0, 90), job("b", null, null, null)], ["a"], 90, 0],
		["no queue times", [job("a", null, 0, 40), job("b", null, 40, 90)], ["a", "b"], 90, 0],
		["jobs without length do not go round in circles", [job("a", 50, 50, 50), job("b", 50, 50, 50)], ["a", "b"], 0, 0],
	])("%s", (_what, jobs, names, seconds, queued) => {
		const waterfall = waterfallOf(run, jobs, at(500)!);
		const critical = waterfall.bars.filter(({ isCritical }) => isCritical).map(({ name }) => name);
		expect(critical).toEqual(names);
		expect(waterfall.criticalMs).toBe(seconds * 1000);
		expect(waterfall.queuedMs).toBe(queued * 1000);
	});

	test("goes through a job that still runs, up to now", () => {
		const jobs = [job("a", 0, 1, 40), job("b", 40, 42, null), job("c", null, null, null)];
		const waterfall = waterfallOf({ ...run, finishedAt: null }, jobs, at(60)!);
		expect(waterfall).toMatchObject({ start: T, end: at(60), criticalMs: 60_000, queuedMs: 3000 });
		expect(waterfall.bars.map(({ name, status, isCritical }) => [name, status, isCritical])).toEqual([
			["a", "success", true],
			["b", "running", true],
			["c", "queued", false],
		]);
	});
});

describe("the waterfall", () => {
	test("shows the newest attempt only, in the order of beginning", () => {
		const jobs = [job("late", 30, 31, 100), job("old", 0, 1, 2, { attempt: 1 }), job("early", 0, 1, 20)].map((one) =>
			one.name === "old" ? one : { ...one, attempt: 2 },
		);
		expect(waterfallOf({ ...run, attempt: 2 }, jobs, T).bars.map(({ name }) => name)).toEqual(["early", "late"]);
	});

	test.each<[string, Partial<typeof run>, Job[], number, number]>([
		["the run's own times without jobs", {}, [], 0, 100],
		["a job that was queued before the run began", {}, [job("a", -5, 1, 50)], -5, 100],
		["a job that ended after the run", {}, [job("a", 0, 1, 130)], 0, 130],
		["a run that only its jobs know", { startedAt: undefined as never, finishedAt: at(50) }, [job("a", 10, 11, 50)], 10, 50],
	])("spans %s", (_what, more, jobs, start, end) => {
		expect(waterfallOf({ ...run, ...more }, jobs, T)).toMatchObject({ start: at(start), end: at(end) });
	});

	test("a job whose end was never told ends with its run", () => {
		const waterfall = waterfallOf(run, [job("a", 0, 1, null)], at(9000)!);
		expect(waterfall).toMatchObject({ end: at(100), criticalMs: 100_000 });
	});

	test("is never empty in time", () => {
		expect(waterfallOf({ ...run, finishedAt: T }, [], T)).toMatchObject({ start: T, end: T + 1, bars: [] });
	});

	test("tells what became of each step", () => {
		const step = (name: string, status: string, conclusion: string | null) => ({
			name,
			status,
			conclusion,
			startedAt: null,
			finishedAt: null,
		});
		const steps = [step("a", "completed", "success"), step("b", "completed", "timed_out"), step("c", "completed", "skipped")];
		steps.push(step("d", "in_progress", null), step("e", "pending", null), step("f", "completed", "cancelled"));
		const [bar] = waterfallOf(run, [job("a", 0, 1, null, { steps })], T).bars;
		expect(bar?.steps.map(({ status }) => status)).toEqual(["success", "failure", "skipped", "running", "queued", "cancelled"]);
	});
});

describe("steps", () => {
	const step = (name: string, seconds: number, conclusion = "success") => ({
		...{ name, status: "completed", conclusion, startedAt: T, finishedAt: at(seconds) },
	});
	test("the slowest by their median, the most-failed by how often", () => {
		const jobs = [
			job("test", 0, 0, 60, { steps: [step("setup", 5), step("unit", 40), step("upload", 1, "skipped")] }),
			job("test", 0, 0, 60, { steps: [step("setup", 7), step("unit", 50, "failure"), step("upload", 0, "skipped")] }),
			job("test", 0, 0, 60, { steps: [step("setup", 6), step("unit", 60)] }),
			job("lint", 0, 0, 9, { status: "failure" }),
			job("lint", 0, 0, 11),
			job("lint", 0, null, null),
			job("lint", 0, 0, 3, { status: "cancelled" }),
		];
		const { slowest, mostFailed } = stepReports(jobs);
		expect(slowest).toEqual([
			{ job: "test", step: "unit", n: 3, failures: 1, p50Ms: 50_000, p95Ms: 59_000 },
			{ job: "lint", step: "lint", n: 2, failures: 1, p50Ms: 10_000, p95Ms: 10_900 },
			{ job: "test", step: "setup", n: 3, failures: 0, p50Ms: 6000, p95Ms: 6900 },
		]);
		expect(mostFailed.map(({ job: name, step: what }) => `${name}/${what}`)).toEqual(["lint/lint", "test/unit"]);
	});

	test("ten each", () => {
		const jobs = Array.from({ length: 14 }, (_, n) => job(`j${n}`, 0, 0, 1 + n, { status: "failure" }));
		const { slowest, mostFailed } = stepReports(jobs);
		expect(slowest).toHaveLength(10);
		expect(slowest[0]?.job).toBe("j13");
		expect(mostFailed).toHaveLength(10);
		expect(stepReports([])).toEqual({ slowest: [], mostFailed: [] });
	});
});

test.each<[number[], number, number | null]>([
	[[], 0.5, null],
	[[7], 0.95, 7],
	[[3, 1], 0.5, 2],
	[[1, 2, 3, 4, 5], 0.5, 3],
	[[0, 10], 0.95, 10],
])("the quantile of %j at %d is %s", (values, q, expected) => expect(quantileOf(values, q)).toBe(expected));
