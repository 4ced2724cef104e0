// The pipelines page as data: the order of workflows, the points of a course, places in a list, and the live fold.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyRun, changedRuns, openRunBook, type RunBook, tallyChanges } from "#worker/domains/runs/apply";
import { type Run, toRow } from "#worker/domains/runs/model";
import { byNewest } from "#worker/domains/runs/overview";
import {
	foldPipelines,
	isListed,
	type Pipelines,
	type PipelinesView,
	RUNS_PER_PAGE,
	readPlace,
	toPlaceText,
} from "#worker/domains/runs/pipelines";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, tallyOf, totalOf } from "#worker/domains/runs/tally";
import {
	byNeed,
	type CourseSpan,
	coursePoint,
	coursePoints,
	courseSpan,
	LAST_RUNS,
	type WorkflowSummary,
} from "#worker/domains/runs/workflows";
import type { RunEvent, RunStatus } from "#worker/wire/events";
import type { Change, RunRow } from "#worker/wire/live";

const T = Date.parse("2026-11-20T10:00:00Z");
const STATUSES: RunStatus[] = ["queued", "running", "success", "failure", "cancelled"];

const summary = (workflow: string, success: number, failure: number): WorkflowSummary => ({
	...{ repo: "a/b", workflow, tally: { ...emptyTally(), success, failure }, course: [], last: [] },
});

test("the worst workflow comes first: failing ones by their rate, of which one run says little, then the busiest, then by name", () => {
	const list = [summary("idle", 1, 0), summary("busy", 90, 0), summary("b", 5, 5), summary("bad", 0, 1), summary("big", 50, 50)];
	list.push(summary("a", 5, 5), summary("fine", 99, 1));
	expect(list.sort(byNeed).map(({ workflow }) => workflow)).toEqual(["big", "a", "b", "bad", "fine", "busy", "idle"]);
});

describe("a course", () => {
	test.each<[string, number, CourseSpan["by"], number]>([
		["an hour", HOUR_MS, "hour", 1],
		["a day", 25 * HOUR_MS, "hour", 25],
		["a week", 7 * DAY_MS + HOUR_MS, "hour", 28],
		["ten days", 10 * DAY_MS, "day", 10],
		["a month", 30 * DAY_MS + HOUR_MS, "day", 28],
	])("%s", (_what, length, by, points) => {
		const span = courseSpan({ from: T - length, to: T }, 0);
		expect(span.by).toBe(by);
		expect(coursePoints(span)).toBe(points);
		expect(coursePoint(span, span.from)).toBe(0);
		expect(coursePoint(span, T - HOUR_MS)).toBe(points - 1);
		expect(coursePoint(span, T + DAY_MS)).toBe(points - 1);
	});

	test("where hours are gone it is made of days", () => {
		expect(courseSpan({ from: T - DAY_MS, to: T }, T)).toMatchObject({ by: "day" });
	});

	test("points never run backwards, and an hour is where its day is", () => {
		const span = courseSpan({ from: T - 30 * DAY_MS, to: T }, 0);
		let before = 0;
		for (let hour = span.from; hour < span.to; hour += HOUR_MS) {
			const point = coursePoint(span, hour);
			expect(point === before || point === before + 1).toBe(true);
			expect(point).toBe(coursePoint(span, Math.max(span.from, bucketStart(hour, "day"))));
			before = point;
		}
	});
});

describe("places in a list", () => {
	const run = { id: "github-1~2", orderedAt: T, durationMs: null } as RunRow;
	const started = { by: "started", isDescending: true } as const;
	const duration = { by: "duration", isDescending: false } as const;
	test("are read as they were written", () => {
		expect(readPlace(started, toPlaceText(started, run))).toEqual({ key: T, id: run.id });
		expect(readPlace(duration, toPlaceText(duration, run))).toEqual({ key: null, id: run.id });
		expect(readPlace(duration, toPlaceText(duration, { ...run, durationMs: 90 }))).toEqual({ key: 90, id: run.id });
	});
	test.each(["", "x", "started-~id", "duration-5~id", "started+5~id", "started-5", "started-5~", "started--5~id"])("%j is none", (text) => {
		expect(readPlace(started, text)).toBeNull();
	});
});

const WORKFLOWS = ["ci", "e2e", "deploy"];
const view: PipelinesView = {
	...{ from: T - 25 * HOUR_MS, to: null, groupBy: "hour", repos: [], workflows: [], statuses: [], q: "", after: null, workflowsShown: 25 },
	sort: { by: "started", isDescending: true },
};

/** The page as a read of these runs would be. */
function pageOf(runs: readonly Run[], asked: PipelinesView, seq: number): Pipelines {
	const span = courseSpan({ from: asked.from, to: T }, 0);
	const inRange = (at: number) => at >= asked.from && (asked.to === null || at < asked.to);
	const workflows = new Map<string, WorkflowSummary>();
	for (const run of runs) {
		if (asked.workflows.length > 0 && !asked.workflows.includes(run.workflow)) continue;
		const course = Array.from({ length: coursePoints(span) }, emptyTally);
		const known = workflows.get(run.workflow) ?? { repo: run.repo, workflow: run.workflow, tally: emptyTally(), course, last: [] };
		const hour = bucketStart(run.orderedAt, "hour");
		if (inRange(hour)) {
			addTally(known.tally, tallyOf(run));
			addTally(known.course[coursePoint(span, hour)]!, tallyOf(run));
		}
		known.last = [...known.last, { id: run.id, status: run.status, orderedAt: run.orderedAt }]
			.sort((a, b) => b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : -1))
			.slice(0, LAST_RUNS);
		workflows.set(run.workflow, known);
	}
	const ran = [...workflows.values()].filter(({ tally }) => totalOf(tally) > 0).sort(byNeed);
	const listed = runs
		.map(toRow)
		.filter((run) => isListed(asked, run))
		.sort(byNewest);
	const page = listed.slice(0, RUNS_PER_PAGE);
	return {
		...{ epoch: "e", seq, at: T, view: asked, span, workflows: ran, workflowsTotal: ran.length, runs: page },
		nextCursor: listed.length > RUNS_PER_PAGE ? toPlaceText(asked.sort, page.at(-1)!) : null,
	};
}

type Told = { n: number; attempt: number; status: RunStatus; hoursAgo: number };
const eventOf = ({ n, attempt, status, hoursAgo }: Told): RunEvent => {
	const isFinal = status !== "queued" && status !== "running";
	const startedAt = T - hoursAgo * HOUR_MS + n * 1000;
	return {
		...{ type: "run", id: `r${n}`, source: "github", externalId: `${n}`, attempt, repo: "a/b", workflow: WORKFLOWS[n % 3]! },
		...{ branch: "main", commit: null, triggeredBy: null, actor: n % 2 ? "mruiz" : "JLee", url: null, status, conclusionRaw: status },
		...{ startedAt, finishedAt: isFinal ? startedAt + 60_000 : null, durationMs: isFinal ? 60_000 * attempt : null },
		...{ updatedAt: startedAt + 60_000, coverage: null, error: null, meta: {} },
	};
};
const told = fc.record({
	...{ n: fc.nat(8), attempt: fc.integer({ min: 1, max: 2 }), status: fc.constantFrom(...STATUSES), hoursAgo: fc.nat(30) },
});

/** Apply one commit; the frame it makes. */
function commit(book: RunBook, events: readonly Told[], seq: number): { frame: Change; book: RunBook } {
	for (const one of events) applyRun(book, eventOf(one), "i", T);
	const frame: Change = {
		...{ type: "change", epoch: "e", prev: seq - 1, seq, at: T, runs: changedRuns(book).map(toRow), tallies: tallyChanges(book) },
	};
	return { frame, book: openRunBook([...book.now.values()], [...book.jobs.values()]) };
}

describe("the live fold", () => {
	test.each<[string, Partial<PipelinesView>]>([
		["everything", {}],
		["one workflow", { workflows: ["ci"] }],
		["failed runs", { statuses: ["failure"] }],
		["a text, whatever its case", { q: "jlee" }],
		["a closed range", { from: T - 20 * HOUR_MS, to: T - 4 * HOUR_MS }],
	])("of any commits equals a fresh read: %s", (_what, more) => {
		const asked = { ...view, ...more };
		fc.assert(
			fc.property(fc.array(fc.array(told, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 8 }), ([first, ...rest]) => {
				let { book } = commit(openRunBook([], []), first!, 1);
				let state = pageOf([...book.now.values()], asked, 1);
				for (const [n, events] of rest.entries()) {
					const next = commit(book, events, n + 2);
					book = next.book;
					const fresh = pageOf([...book.now.values()], asked, n + 2);
					const folded = foldPipelines(state, next.frame);
					// A workflow's first run of the range is the one thing a frame can't tell whole.
					const isNew = fresh.workflows.some(({ workflow }) => !state.workflows.some((known) => known.workflow === workflow));
					expect(folded.needs).toBe(isNew ? "refetch" : "nothing");
					if (!isNew) expect(folded.state).toEqual(fresh);
					state = fresh;
				}
			}),
		);
	});

	const book = openRunBook([], []);
	for (let n = 0; n < 9; n++) applyRun(book, eventOf({ n, attempt: 1, status: "running", hoursAgo: 3 }), "i", T);
	const runs = [...book.now.values()];
	const done = (n: number) => toRow({ ...runs[n]!, status: "success", durationMs: 5 });
	const change = (rows: RunRow[]): Change => ({
		...{ type: "change", epoch: "e", prev: 1, seq: 2, at: T, runs: rows, tallies: [] },
	});

	test.each<[string, Partial<PipelinesView>]>([
		["a later page", { after: "started-1~r" }],
		["oldest first", { sort: { by: "started", isDescending: false } }],
		["by duration", { sort: { by: "duration", isDescending: true } }],
	])("keeps known rows up to date and takes nothing in: %s", (_what, more) => {
		const state = { ...pageOf(runs.slice(0, 5), view, 1), view: { ...view, ...more } };
		const folded = foldPipelines(state, change([done(1), done(7)])).state;
		expect(folded.runs.map(({ id }) => id)).toEqual(state.runs.map(({ id }) => id));
		expect(folded.runs.find(({ id }) => id === "r1")).toMatchObject({ status: "success", durationMs: 5 });
	});

	test("a full page stays as long as it is, and its cursor moves up", () => {
		const many = Array.from({ length: 60 }, (_, n) => ({ ...runs[0]!, id: `x${n}`, orderedAt: T - n * 1000 }));
		const state = pageOf(many, view, 1);
		const entering = toRow({ ...runs[0]!, id: "new", orderedAt: T + 1 });
		const late = toRow({ ...runs[0]!, id: "late", orderedAt: T - 55_000 });
		const folded = foldPipelines(state, change([entering, late])).state;
		expect(folded.runs).toHaveLength(RUNS_PER_PAGE);
		expect(folded.runs[0]?.id).toBe("new");
		expect(folded.runs.some(({ id }) => id === "late")).toBe(false);
		expect(readPlace(view.sort, folded.nextCursor ?? "")).toEqual({ key: T - 48_000, id: "x48" });
	});

	test("missed and repeated frames, snapshots and goodbyes are told apart", () => {
		const state = pageOf(runs, view, 1);
		expect(foldPipelines(state, { ...change([]), prev: 5, seq: 6 })).toEqual({ state, needs: "hello" });
		expect(foldPipelines(state, { ...change([]), epoch: "f" })).toEqual({ state, needs: "hello" });
		expect(foldPipelines(state, { ...change([]), prev: 0, seq: 1 })).toEqual({ state, needs: "nothing" });
		expect(foldPipelines(state, { ...change([]), prev: 0 })).toEqual({ state, needs: "refetch" });
		const snapshot = { type: "snapshot", epoch: "f", seq: 9, at: T, runs: [], days: [], hours: [] } as const;
		expect(foldPipelines(state, { ...snapshot, runs: [], days: [], hours: [] })).toMatchObject({ needs: "refetch", state: { epoch: "f" } });
		expect(foldPipelines(state, { type: "bye", epoch: "e", seq: 1, reason: "slow" })).toEqual({ state, needs: "nothing" });
	});
});

test("a failed run says why in one line, as far as anyone knows", () => {
	const book = openRunBook([], []);
	applyRun(book, eventOf({ n: 0, attempt: 1, status: "failure", hoursAgo: 1 }), "i", T);
	const run = [...book.now.values()][0]!;
	expect(toRow(run).error).toBeNull();
	expect(toRow({ ...run, failedStep: "unit: Unit tests" }).error).toBe("unit: Unit tests");
	expect(toRow({ ...run, error: "exit 1", failedStep: "unit: Unit tests" }).error).toBe("exit 1");
	expect(toRow({ ...run, conclusionRaw: "timed_out" }).error).toBe("Timed out");
	expect(toRow({ ...run, status: "success", error: "exit 1" }).error).toBeNull();
});
