// The pure core of runs: the order-free merge, the figures, ranges and histograms.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyJob, applyRun, openRunBook, type RunBook, tallyChanges } from "#worker/domains/runs/apply";
import { orderedAtOf } from "#worker/domains/runs/model";
import { failedLast24h, foldOverview, mergeRuns, type Overview } from "#worker/domains/runs/overview";
import { fillBuckets, hoursKeptSince, previousSegments, type Range, resolveRange } from "#worker/domains/runs/range";
import { type RollupRow, rollupChanges, rollupsAfter } from "#worker/domains/runs/rollup";
import { addTally, bucketStart, emptyTally, HOUR_MS, isEmptyTally, tallyOf, totalOf } from "#worker/domains/runs/tally";
import { addHistogram, binOf, type Histogram, quantile } from "#worker/domains/stats/histogram";
import { ChangeRing, mergeChanges, Pacer } from "#worker/live/frames";
import type { JobEvent, RunEvent, RunStatus } from "#worker/wire/events";
import type { RunRow } from "#worker/wire/live";

const T = Date.parse("2026-11-20T10:00:00Z");
const facts = {
	id: "r",
	source: "github",
	externalId: "1",
	repo: "a/b",
	workflow: "ci",
	branch: "main",
	commit: null,
	triggeredBy: null,
	actor: null,
	url: null,
};
const STATUSES: RunStatus[] = ["queued", "running", "success", "failure", "cancelled"];

const runEvent = (attempt: number, status: RunStatus, updated: number): RunEvent => {
	const isFinal = status !== "queued" && status !== "running";
	return {
		...{ type: "run", ...facts, attempt, status, conclusionRaw: isFinal ? status : null, startedAt: T + attempt * HOUR_MS },
		...{ finishedAt: isFinal ? T + updated : null, durationMs: isFinal ? updated * 1000 : null, updatedAt: T + updated },
		...{ coverage: null, error: null, meta: {} },
	} as RunEvent;
};
const jobEvent = (attempt: number, status: RunStatus, updated: number, id: string): JobEvent => ({
	...{ type: "job", run: { ...facts, attempt }, id, externalId: id, attempt, name: id, stage: null, status, conclusionRaw: status },
	...{ startedAt: T, finishedAt: null, durationMs: null, queuedMs: null, updatedAt: T + updated, runner: null, labels: [], steps: null },
});
const anyEvent = fc.oneof(
	fc
		.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...STATUSES), fc.integer({ min: 0, max: 5 }))
		.map(([a, s, u]) => runEvent(a, s, u)),
	fc
		.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...STATUSES), fc.integer({ min: 0, max: 5 }), fc.constantFrom("j1", "j2"))
		.map(([a, s, u, j]) => jobEvent(a, s, u, j)),
);

function applyAll(events: readonly (RunEvent | JobEvent)[]): RunBook {
	const book = openRunBook([], []);
	for (const event of events) event.type === "run" ? applyRun(book, event, "i", T) : applyJob(book, event, "i", T);
	return book;
}
const endOf = (book: RunBook) => ({
	run: book.now.get("r"),
	attempts: [...book.attempts.values()].filter((a) => a.attempt < (book.now.get("r")?.attempt ?? 0)).sort((a, b) => a.attempt - b.attempt),
	jobs: [...book.jobs.values()]
		.map(({ id, attempt, status, updatedAt }) => ({ id, attempt, status, updatedAt }))
		.sort((a, b) => (a.id < b.id ? -1 : 1)),
	tallies: tallyChanges(book),
});

describe("the merge", () => {
	test("whatever the order, and with whatever repeats, the same events end in the same state and figures", () => {
		fc.assert(
			fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (events, chance) => {
				const shuffled = [...events, ...events.slice(0, 3)]
					.map((event) => [chance.next().value as number, event] as const)
					.sort((a, b) => a[0] - b[0])
					.map(([, event]) => event);
				const [first, second] = [endOf(applyAll(events)), endOf(applyAll(shuffled))];
				// Two jobs that tell a stub's status at the same instant may disagree about queued or running: no run has said anything yet.
				if (first.run?.stub && second.run?.stub) return;
				expect(second).toEqual(first);
			}),
			{ numRuns: 3000 },
		);
	});
	test.each([
		["a late 'in progress' never reopens a finished run", [runEvent(1, "success", 3), runEvent(1, "running", 5)], "success", 1],
		["a second attempt reopens it", [runEvent(1, "failure", 3), runEvent(2, "running", 1)], "running", 2],
		["a late end of the first attempt does not end the second", [runEvent(2, "running", 1), runEvent(1, "success", 9)], "running", 2],
		["a job begins an unknown run", [jobEvent(1, "queued", 1, "j")], "queued", 1],
		["a finished job does not finish its run", [jobEvent(1, "success", 1, "j")], "running", 1],
		["a job of a later attempt reopens the run", [runEvent(1, "failure", 3), jobEvent(2, "running", 4, "j")], "running", 2],
		["its run's own word counts more than any job's", [jobEvent(1, "running", 9, "j"), runEvent(1, "queued", 0)], "queued", 1],
	] as const)("%s", (_name, events, status, attempt) => {
		expect(applyAll(events).now.get("r")).toMatchObject({ status, attempt });
	});
	test("an earlier attempt is kept, and the run counts once, by its newest attempt", () => {
		const book = applyAll([runEvent(1, "failure", 30), runEvent(2, "success", 60)]);
		expect([...book.attempts.values()]).toMatchObject([{ attempt: 1, status: "failure" }]);
		expect(tallyChanges(book)).toMatchObject([{ hour: T + 2 * HOUR_MS, tally: { success: 1, failure: 0, durationSum: 60_000 } }]);
	});
	test.each([
		["a believable start", T - 1000, T - 1000],
		["none", null, T],
		["23 h ahead", T + 23 * HOUR_MS, T + 23 * HOUR_MS],
		["in 2099", Date.parse("2099-01-01T00:00:00Z"), T],
		["in 1970", 1000, 1000],
		["before 1970", -5, T],
	])("a run with %s is listed at the right place", (_what, startedAt, at) => {
		expect(orderedAtOf(startedAt, T)).toBe(at);
	});
});

describe("tallies and rollups", () => {
	test("leaving a bucket takes out exactly what entering it put in", () => {
		const sum = emptyTally();
		const run = { status: "failure" as const, durationMs: 61_000 };
		addTally(sum, tallyOf(run));
		expect(totalOf(sum)).toBe(1);
		addTally(sum, tallyOf(run), -1);
		expect(isEmptyTally(sum)).toBe(true);
	});
	test.each([
		["success", 1000, 1],
		["failure", 0, 1],
		["cancelled", 1000, 0],
		["running", null, 0],
		["success", null, 0],
	] as const)("a %s of %s ms counts %i durations", (status, durationMs, count) => {
		expect(tallyOf({ status, durationMs }).durationCount).toBe(count);
	});
	test("each change counts in its workflow's row and in the team's", () => {
		const tally = tallyOf({ status: "success", durationMs: 5000 });
		const changes = rollupChanges(
			[
				{ hour: T, repo: "a/b", workflow: "ci", tally },
				{ hour: T + HOUR_MS, repo: "a/c", workflow: "ci", tally },
			],
			"day",
		);
		expect([...changes.values()].map(({ repo, at, tally: { success } }) => [repo, at, success])).toEqual([
			["a/b", bucketStart(T, "day"), 1],
			["", bucketStart(T, "day"), 2],
			["a/c", bucketStart(T, "day"), 1],
		]);
		const before = new Map<string, RollupRow>([...changes].map(([key, row]) => [key, row]));
		expect(rollupsAfter(changes, before).map((row) => row.tally.success)).toEqual([2, 4, 2]);
	});
	test.each([
		["2026-11-20T10:59:59.999Z", "hour", "2026-11-20T10:00:00.000Z"],
		["2026-11-20T00:00:00.000Z", "day", "2026-11-20T00:00:00.000Z"],
		["2026-11-23T00:00:00.000Z", "week", "2026-11-23T00:00:00.000Z"],
		["2026-11-22T23:59:59.000Z", "week", "2026-11-16T00:00:00.000Z"],
		["2028-02-29T12:00:00.000Z", "week", "2028-02-28T00:00:00.000Z"],
		["1969-12-31T12:00:00.000Z", "week", "1969-12-29T00:00:00.000Z"],
	] as const)("%s is in the %s of %s", (at, groupBy, start) => {
		expect(new Date(bucketStart(Date.parse(at), groupBy)).toISOString()).toBe(start);
	});
});

describe("histograms", () => {
	test.each([0, 999, 1000, 60_000, 3600_000, 86_400_000, 10 ** 12])("%i ms is in a bin whose edges hold it", (ms) => {
		const value = quantile({ [binOf(ms)]: 1 }, 0.5) as number;
		expect(Math.abs(value - Math.min(ms, 90_000_000))).toBeLessThanOrEqual(Math.max(1000, ms * 0.1));
	});
	test("p50 and p95 are within a tenth of the true ones", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1000, max: 10_000_000 }), { minLength: 20, maxLength: 300 }), (durations) => {
				const histogram: Histogram = {};
				for (const ms of durations) addHistogram(histogram, { [binOf(ms)]: 1 });
				const sorted = [...durations].sort((a, b) => a - b);
				for (const q of [0.5, 0.95]) {
					const value = quantile(histogram, q) as number;
					const at = Math.ceil(q * sorted.length) - 1;
					expect(value).toBeGreaterThanOrEqual(sorted[at]! * 0.9);
					expect(value).toBeLessThanOrEqual(sorted[at]! * 1.1);
				}
			}),
		);
	});
	test("of nothing there is no median", () => expect(quantile({}, 0.5)).toBeNull());
});

describe("ranges", () => {
	const now = Date.parse("2026-11-20T10:30:00Z");
	const resolve = (from: string, to: string, groupBy: "hour" | "day" | "week" = "day") =>
		resolveRange({ from: Date.parse(from), to: Date.parse(to), groupBy, now });
	test.each([
		["within a day", "2026-11-20T03:10:00Z", "2026-11-20T05:00:00Z", [["hours", 2]]],
		[
			"two edges and whole days",
			"2026-11-17T20:00:00Z",
			"2026-11-20T10:30:00Z",
			[
				["hours", 4],
				["days", 48],
				["hours", 11],
			],
		],
		["whole days", "2026-11-17T00:00:00Z", "2026-11-19T00:00:00Z", [["days", 48]]],
		["days whose hours are gone", "2026-01-05T13:00:00Z", "2026-01-06T13:00:00Z", [["days", 48]]],
		[
			"an old edge",
			"2026-01-05T13:00:00Z",
			"2026-11-20T10:30:00Z",
			[
				["days", 319 * 24],
				["hours", 11],
			],
		],
	] as const)("%s", (_what, from, to, segments) => {
		const range = resolve(from, to) as Range;
		expect(range.segments.map(({ table, from: a, to: b }) => [table, (b - a) / HOUR_MS])).toEqual(segments);
	});
	test("the segments of a range and of the one before never overlap", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 300 * 24 }), fc.integer({ min: 1, max: 90 * 24 }), (back, length) => {
				const from = now - back * HOUR_MS;
				const range = resolveRange({ from, to: Math.min(now, from + length * HOUR_MS), groupBy: "day", now });
				if ("fields" in range) return;
				const all = [...previousSegments(range, now), ...range.segments];
				for (const [n, segment] of all.entries()) {
					expect(segment.from).toBeLessThan(segment.to);
					if (n > 0) expect(segment.from).toBe(all[n - 1]!.to);
					if (segment.table === "hours") expect(segment.from).toBeGreaterThanOrEqual(hoursKeptSince(now));
				}
				expect(range.segments.reduce((sum, s) => sum + s.to - s.from, 0)).toBe(range.to - range.from);
			}),
		);
	});
	test("every bucket of a range is present, and rows fall into theirs", () => {
		const range = resolve("2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z", "week") as Range;
		const buckets = fillBuckets(range, [{ at: Date.parse("2026-11-18T00:00:00Z"), tally: tallyOf({ status: "success", durationMs: 1 }) }]);
		expect(buckets.map(({ tally }) => tally.success)).toEqual([0, 1]);
	});
	test.each([
		["from", resolve("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z")],
		["from", resolve("2025-01-01T00:00:00Z", "2026-11-20T10:00:00Z")],
		["group_by", resolve("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "hour")],
		["group_by", resolve("2026-08-25T00:00:00Z", "2026-11-20T10:00:00Z", "hour")],
	])("what can't be answered is refused on %s", (field, range) => {
		expect(Object.keys((range as { fields: object }).fields)).toEqual([field]);
	});
});

describe("lists and frames", () => {
	const row = (id: string, orderedAt: number, more: Partial<RunRow> = {}) =>
		({ id, orderedAt, repo: "a/b", workflow: "ci", ...more }) as RunRow;
	test("a changed run replaces its old state, keeps the order, and the list its length", () => {
		const runs = [row("c", 3), row("b", 2), row("a", 1)];
		expect(mergeRuns(runs, [row("b", 2, { status: "failure" }), row("d", 4)], 3).map(({ id }) => id)).toEqual(["d", "c", "b"]);
		expect(mergeRuns(runs, [row("x", 2)], 9).map(({ id }) => id)).toEqual(["c", "x", "b", "a"]);
	});
	test.each([
		["one that moves on", null, ["new", "re-run", "old"]],
		["one that has ended", T + HOUR_MS, ["new", "old"]],
	])("of runs that begin or move, the list of a range takes in its own: %s", (_what, to, expected) => {
		const view = { from: T, to, groupBy: "hour" as const, repos: [], workflows: [] };
		const none = { buckets: [], previous: emptyTally(), hours: [] };
		const state: Overview = { epoch: "e", seq: 1, at: T, view, ...none, runs: [row("re-run", T + 2), row("old", T + 1)] };
		const runs = [row("re-run", T + 2 * HOUR_MS), row("new", to === null ? T + 3 * HOUR_MS : T + 3)];
		const message = { type: "change" as const, epoch: "e", prev: 1, seq: 2, at: T, runs, tallies: [] };
		expect(foldOverview(state, message).state.runs.map(({ id }) => id)).toEqual(expected);
	});
	test("failures of the last 24 hours are those of the running hour and the 23 before it", () => {
		const failed = (hoursAgo: number) => ({
			at: bucketStart(T, "hour") - hoursAgo * HOUR_MS,
			tally: tallyOf({ status: "failure", durationMs: null }),
		});
		expect(failedLast24h([failed(0), failed(23), failed(24), failed(47), failed(48)], T)).toEqual({ last: 2, before: 2 });
	});
	const change = (seq: number, ids: string[]) => ({
		...{ prev: seq - 1, seq, at: T + seq, runs: ids.map((id) => row(id, seq)), deployments: [], rollbacks: [], environments: [] },
		tallies: [{ hour: T, repo: "a/b", workflow: "ci", tally: tallyOf({ status: "success", durationMs: 1000 }) }],
	});
	test("several commits make one frame: newest states, summed figures, no gap", () => {
		expect(mergeChanges("e", [change(4, ["a"]), change(5, ["b", "a"])])).toMatchObject({
			...{ prev: 3, seq: 5, tallies: [{ tally: { success: 2, durationSum: 2000 } }] },
			runs: [{ id: "a", orderedAt: 5 }, { id: "b" }],
		});
		expect(mergeChanges("e", [])).toBeNull();
	});
	test("the ring answers for what it holds and admits what it does not", () => {
		const ring = new ChangeRing();
		for (let seq = 10; seq < 300; seq++) ring.push(change(seq, []));
		expect(ring.since(299)).toEqual([]);
		expect(ring.since(297)?.map(({ seq }) => seq)).toEqual([298, 299]);
		expect(ring.since(9)).toBeNull();
		ring.push(change(400, []));
		expect(ring.since(350)).toBeNull();
		expect(ring.since(399)).toHaveLength(1);
	});
	test("a quiet stream is sent at once, a busy one every 50 ms", () => {
		const pacer = new Pacer();
		expect(Array.from({ length: 20 }, (_, n) => pacer.delay(n * 50))).toEqual(Array(20).fill(0));
		const busy = Array.from({ length: 40 }, (_, n) => pacer.delay(2000 + n * 5));
		expect(busy.filter((delay) => delay === 0).length).toBeLessThan(15);
		expect(new Set(busy)).toEqual(new Set([0, 50]));
	});
});
