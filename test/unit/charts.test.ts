import { describe, expect, test } from "vitest";
import { bucketWords, timeTicks } from "../../app/format/chart-time.ts";
import { commitHref } from "../../app/format/forge.ts";
import { formatBytes } from "../../app/format/number.ts";
import { foldOverviewPage, type OverviewState, withoutRuns } from "../../app/panels/runs/overview-page.ts";
import {
	type BucketFigures,
	bucketSentence,
	changedPoints,
	durationModel,
	durationSentence,
	figuresOfBucket,
	pointsAfter,
	runsModel,
	runsSentence,
} from "../../app/panels/runs/run-courses.ts";
import {
	type ChartModel,
	drawnValues,
	extentOf,
	keptPoints,
	scaleOf,
	seriesAt,
	tipLeft,
	toggled,
	zoomOf,
} from "../../app/ui/chart-model.ts";
import { emptyTally } from "../../worker/domains/runs/tally.ts";
import type { Bucket, Change, RunRow } from "../../worker/wire/live.ts";

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);
const plain = (text: string) => text.replaceAll("\u202f", "_");

describe("the times along a chart", () => {
	test.each([
		["a day in UTC", "2026-11-19T16:00Z", "2026-11-20T17:00Z", "UTC", "16:00 20:00 20 Nov 04:00 08:00 12:00 16:00"],
		["a day half an hour off", "2026-11-19T16:00Z", "2026-11-20T17:00Z", "Asia/Kolkata", "20 Nov 04:00 08:00 12:00 16:00 20:00"],
		["a week", "2026-11-14T00:00Z", "2026-11-21T00:00Z", "UTC", "14 Nov 15 Nov 16 Nov 17 Nov 18 Nov 19 Nov 20 Nov"],
		["a month", "2026-10-22T00:00Z", "2026-11-21T00:00Z", "UTC", "22 Oct 29 Oct 5 Nov 12 Nov 19 Nov"],
		["three hours", "2026-11-20T01:00Z", "2026-11-20T04:00Z", "UTC", "01:00 01:30 02:00 02:30 03:00 03:30"],
	])("%s is marked at even times of the zone's clock", (_what, from, to, zone, expected) => {
		const ticks = timeTicks({ from: at(from), to: at(to) }, zone);
		expect(ticks.map(({ label }) => label).join(" ")).toBe(expected);
		for (const tick of ticks) expect(tick.at).toBeGreaterThanOrEqual(at(from));
	});

	test("marks keep to the clock when it is changed", () => {
		const ticks = timeTicks({ from: at("2026-10-24T22:00Z"), to: at("2026-10-25T22:00Z") }, "Europe/Berlin");
		expect(ticks.map(({ label }) => label)).toEqual(["25 Oct", "04:00", "08:00", "12:00", "16:00", "20:00"]);
	});

	test.each([
		["2026-11-20T03:00Z", "2026-11-20T04:00Z", "UTC", "Fri 20 Nov, 03:00 – 04:00"],
		["2026-11-20T03:00Z", "2026-11-20T04:00Z", "Asia/Kolkata", "Fri 20 Nov, 08:30 – 09:30"],
		["2026-11-20T00:00Z", "2026-11-21T00:00Z", "UTC", "Fri 20 Nov"],
		["2026-11-20T00:00Z", "2026-11-21T00:00Z", "Europe/Berlin", "20 Nov 01:00 – 21 Nov 01:00"],
		["2026-11-16T00:00Z", "2026-11-23T00:00Z", "UTC", "16 Nov 00:00 – 23 Nov 00:00"],
	])("a bucket from %s to %s in %s is %s", (from, to, zone, expected) => {
		expect(bucketWords({ from: at(from), to: at(to) }, { now: at("2026-11-20T12:00Z"), zone })).toBe(expected);
	});
});

describe("the height of a chart", () => {
	test.each([
		["count", [0, 0, 0], 0, "0 2 4"],
		["count", [3, 50], 0, "0 20 40 60"],
		["count", [7], 0, "0 5 10"],
		["count", [1366, 2], 0, "0 500 1,000 1,500"],
		["duration", [null, null], 0, "0 30_s 1m"],
		["duration", [20_000, 300_000], 0, "0 2m 4m 6m"],
		["duration", [290_000, 310_000], 240_000, "4m 5m 6m"],
		["duration", [5 * HOUR, 3 * HOUR], 3 * HOUR, "3_h 4_h 5_h"],
	] as const)("%s of %j begins at %d and is marked %s", (unit, values, min, expected) => {
		const scale = scaleOf(unit, [values]);
		expect(scale.min).toBe(min);
		expect(scale.ticks.map(({ label }) => plain(label)).join(" ")).toBe(expected);
		expect(scale.max).toBe(scale.ticks.at(-1)?.at);
	});

	test("there are two to four lines whatever the numbers", () => {
		for (let high = 1; high < 5_000_000; high = Math.ceil(high * 1.3)) {
			for (const unit of ["count", "duration"] as const) {
				const { ticks, max } = scaleOf(unit, [[high]]);
				expect(max).toBeGreaterThanOrEqual(high);
				expect(ticks.length).toBeGreaterThanOrEqual(2);
				expect(ticks.length).toBeLessThanOrEqual(4);
			}
		}
	});
});

const figures = (...failedPassed: [number, number][]): BucketFigures[] =>
	failedPassed.map(([failed, passed], n) => ({
		at: n * HOUR,
		failed,
		passed,
		cancelled: 0,
		averageMs: null,
		p50Ms: null,
		p95Ms: null,
		timed: 0,
	}));
const NONE: ReadonlySet<string> = new Set();

describe("what a chart draws", () => {
	const model = runsModel(figures([1, 9], [0, 4], [5, 0]), "hour");

	test("failed stands on the baseline, passed above it; what is hidden takes no room", () => {
		expect(drawnValues(model, NONE)).toEqual([
			[1, 0, 5],
			[10, 4, 5],
		]);
		expect(drawnValues(model, new Set(["failed"]))).toEqual([
			[null, null, null],
			[9, 4, 0],
		]);
	});

	test("it shows whole buckets, the last one too", () => {
		expect(extentOf(model)).toEqual({ from: 0, to: 3 * HOUR });
	});

	test("gaps of lines stay gaps", () => {
		const durations = durationModel([figuresOfBucket({ at: 0, tally: emptyTally() })], "hour");
		expect(drawnValues(durations, NONE)).toEqual([[null], [null], [null]]);
	});

	test.each([
		[0, 0.5, "failed"],
		[0, 1.5, "passed"],
		[0, 11, null],
		[1, 0.5, "passed"],
	])("a press in bucket %d at height %d means %s", (index, value, expected) => {
		expect(seriesAt(model, NONE, index, value)).toBe(expected);
	});
});

describe("more points than pixels", () => {
	test("few points are all drawn", () => expect(keptPoints([[1, 2, 3]], 3)).toBe(null));
	test("of many, each part keeps its lowest and highest, in order", () => {
		expect(keptPoints([[5, 1, 9, 4, 4, 7, 2, 3]], 4)).toEqual([1, 2, 5, 6]);
	});
	test("gaps and level parts keep one", () => {
		expect(keptPoints([[null, null, 3, 3, 3, 3]], 4)).toEqual([2, 3]);
	});
	test("a peak in any of the lines is kept", () => {
		const flat = new Array<number>(1000).fill(1);
		const spike = flat.map((_, n) => (n === 777 ? 50 : 2));
		expect(keptPoints([flat, spike], 20)).toContain(777);
	});
});

describe("a drawn stretch of time", () => {
	const model: Pick<ChartModel, "starts" | "stepMs"> = { starts: [0, HOUR, 2 * HOUR, 3 * HOUR], stepMs: HOUR };
	test.each([
		["inside one bucket", 1.2 * HOUR, 1.7 * HOUR, { from: HOUR, to: 2 * HOUR }],
		["over an edge", 1.2 * HOUR, 2.1 * HOUR, { from: HOUR, to: 3 * HOUR }],
		["to the left", 2.1 * HOUR, 1.2 * HOUR, { from: HOUR, to: 3 * HOUR }],
		["exactly on edges", HOUR, 2 * HOUR, { from: HOUR, to: 2 * HOUR }],
		["beyond the end", 2.5 * HOUR, 9 * HOUR, { from: 2 * HOUR, to: 4 * HOUR }],
		["over everything", -HOUR, 9 * HOUR, null],
	])("%s becomes whole buckets", (_what, from, to, expected) => {
		expect(zoomOf(model, { from, to })).toEqual(expected);
	});
});

describe("the legend", () => {
	const keys = ["average", "p50", "p95"];
	test.each([
		["a press shows only that", [], "p50", false, ["average", "p95"]],
		["a press on what stands alone shows all", ["average", "p95"], "p50", false, []],
		["with ⌘ it goes", [], "p50", true, ["p50"]],
		["with ⌘ it comes", ["p50", "p95"], "p50", true, ["p95"]],
		["the last one does not go", ["average", "p95"], "p50", true, []],
	])("%s", (_what, hidden, key, isAdding, expected) => {
		expect([...toggled(keys, new Set(hidden), key, isAdding)]).toEqual(expected);
	});
});

test.each([
	[100, 160, 600, 112],
	[500, 160, 600, 328],
	[80, 160, 170, 0],
])("a tooltip at %d, %d wide, in a box of %d stands at %d", (at, tip, box, left) => {
	expect(tipLeft({ at, tip, box })).toBe(left);
});

const bucket = (at: number, failure: number, success: number, durationMs = 60_000): Bucket => {
	const n = failure + success;
	return {
		at,
		tally: { ...emptyTally(), failure, success, durationSum: n * durationMs, durationCount: n, histogram: n > 0 ? { 48: n } : {} },
	};
};

describe("charts in words", () => {
	const clock = { now: at("2026-11-20T12:00Z"), zone: "UTC" };
	const start = at("2026-11-20T00:00Z");
	const day = (failures: number[]) => failures.map((failed, n) => bucket(start + n * HOUR, failed, 10));

	test.each([
		["nothing failed", [0, 0, 0, 0, 0, 0], "Runs per hour: 60 in all, 0 failed."],
		[
			"failures rose",
			[1, 2, 1, 2, 1, 2, 1, 9],
			"Runs per hour: 99 in all, 19 failed. Failed runs rose from 1–2 to 9 per hour in Fri 20 Nov, 07:00 – 08:00.",
		],
		["failures were before", [0, 7, 0, 0, 0, 0, 0, 1], "Runs per hour: 88 in all, 8 failed. Most failed, 7, in Fri 20 Nov, 01:00 – 02:00."],
	])("%s", (_what, failures, expected) => {
		expect(runsSentence({ buckets: day(failures), groupBy: "hour" }, clock)).toBe(expected);
	});

	test("durations", () => {
		expect(durationSentence({ buckets: [bucket(0, 0, 0)], groupBy: "day" })).toBe("Duration per day: no run has finished yet.");
		const buckets = [bucket(0, 0, 1, 60_000), bucket(HOUR, 0, 1, 120_000)];
		expect(durationSentence({ buckets, groupBy: "hour" })).toMatch(
			/^Average duration per hour: between 1m 00s and 2m 00s, 1m 30s over all; /,
		);
	});

	test("one bucket", () => {
		expect(bucketSentence(figuresOfBucket(bucket(start, 2, 1)), "hour", clock)).toBe(
			"Fri 20 Nov, 00:00 – 01:00: 2 failed, 1 run passed, on average 1m 00s",
		);
	});
});

describe("what a paused chart holds back", () => {
	test("buckets that came or changed; new empty ones do not count", () => {
		const shown = [bucket(0, 0, 1), bucket(HOUR, 0, 1)];
		const current = [shown[0]!, bucket(HOUR, 1, 1), bucket(2 * HOUR, 0, 3), bucket(3 * HOUR, 0, 0)];
		expect(changedPoints(shown, shown)).toBe(0);
		expect(changedPoints(shown, current)).toBe(2);
	});

	test("points beyond a range that has ended", () => {
		const view = { from: 0, to: 2 * HOUR, groupBy: "hour" as const, repos: [], workflows: [] };
		const hours = [bucket(HOUR, 0, 1), bucket(2 * HOUR, 0, 1), bucket(3 * HOUR, 0, 0), bucket(4 * HOUR, 1, 0)];
		expect(pointsAfter({ view, hours })).toBe(2);
		expect(pointsAfter({ view: { ...view, groupBy: "day" }, hours })).toBe(1);
		expect(pointsAfter({ view: { ...view, to: null }, hours })).toBe(0);
	});
});

describe("the overview's fold", () => {
	const view = { from: 0, to: null, groupBy: "hour" as const, repos: [], workflows: [] };
	const summary = { repo: "acme/web", workflow: "ci", tally: { ...emptyTally(), failure: 1 }, course: [emptyTally()], last: [] };
	const state = (seqs: { overview: number; workflows: number }): OverviewState => ({
		...{ epoch: "e", seq: seqs.overview, at: 1, view, buckets: [], previous: emptyTally(), hours: [], runs: [] },
		workflows: withoutRuns({
			...{ epoch: "e", seq: seqs.workflows, at: 1, workflows: [summary], workflowsTotal: 9, runs: [], nextCursor: null },
			view: { ...view, statuses: [], q: "", sort: { by: "duration", isDescending: true }, after: null, workflowsShown: 5 },
			span: { from: 0, to: DAY, by: "hour" },
		}),
		streaks: {
			...{ epoch: "e", seq: seqs.overview, view },
			list: [{ repo: "acme/web", workflow: "ci", failed: [{ id: "r-old", orderedAt: 1 }] }],
		},
	});
	const run = (workflow: string, status: RunRow["status"]): RunRow => ({
		...{ id: `r-${workflow}`, source: "github", attempt: 1, repo: "acme/web", workflow, branch: null, status, startedAt: HOUR },
		...{ finishedAt: null, durationMs: null, triggeredBy: null, actor: null, commit: null, url: null, orderedAt: HOUR, error: null },
	});
	const change = (runs: RunRow[], seq = 2): Change => ({
		...{ type: "change", epoch: "e", seq, prev: seq - 1, at: HOUR, runs },
		tallies: runs.map(({ repo, workflow, status }) => ({ hour: HOUR, repo, workflow, tally: { ...emptyTally(), [status]: 1 } })),
	});

	test("a frame moves figures and workflows", () => {
		const { state: next, needs } = foldOverviewPage(state({ overview: 1, workflows: 1 }), change([run("ci", "failure")]));
		expect(needs).toBe("nothing");
		expect(next.buckets[0]?.tally.failure).toBe(1);
		expect(next.workflows.workflows[0]).toMatchObject({ tally: { failure: 2 }, last: [{ id: "r-ci" }] });
		expect(next.workflows.runs).toEqual([]);
	});

	test("a part that was read later does not count a frame twice", () => {
		const { state: next, needs } = foldOverviewPage(state({ overview: 1, workflows: 2 }), change([run("ci", "failure")]));
		expect(needs).toBe("nothing");
		expect(next.buckets[0]?.tally.failure).toBe(1);
		expect(next.workflows.workflows[0]?.tally.failure).toBe(1);
	});

	test("a part that was read earlier asks for page data, not for frames again", () => {
		const { needs } = foldOverviewPage(state({ overview: 2, workflows: 1 }), change([run("ci", "failure")], 3));
		expect(needs).toBe("refetch");
	});

	test("a failure of a workflow that is not shown asks for page data; another run of it does not", () => {
		expect(foldOverviewPage(state({ overview: 1, workflows: 1 }), change([run("other", "failure")])).needs).toBe("refetch");
		expect(foldOverviewPage(state({ overview: 1, workflows: 1 }), change([run("other", "success")])).needs).toBe("nothing");
	});
});

test.each([
	["github", "https://github.com/acme/web/actions/runs/12", "https://github.com/acme/web/commit/0123abcd"],
	["gitlab", "https://git.example/group/sub/web/-/pipelines/12", "https://git.example/group/sub/web/-/commit/0123abcd"],
	["generic", "https://ci.example/runs/12", null],
	["github", "javascript:alert(1)", null],
	["github", null, null],
])("the commit of a run at %s, %s, is at %s", (source, url, expected) => {
	expect(commitHref({ source, repo: "acme/web", url, commit: "0123abcd" })).toBe(expected);
});

test.each([
	[0, "0_B"],
	[1023, "1023_B"],
	[1024, "1_KiB"],
	[5020, "4.9_KiB"],
	[3 * 2 ** 20, "3_MiB"],
])("%d bytes are %s", (bytes, expected) => expect(plain(formatBytes(bytes))).toBe(expected));
