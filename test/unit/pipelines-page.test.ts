// What the pipelines page says and how its list of runs holds together.
import { describe, expect, test } from "vitest";
import type { RunSort } from "#worker/domains/runs/pipelines";
import { emptyTally } from "#worker/domains/runs/tally";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import type { RunRow } from "#worker/wire/live";
import { readFilters } from "../../app/format/view.ts";
import { nothingFoundWords } from "../../app/panels/pipelines/filter-words.ts";
import { listKeyOf, pipelinesView, workflowsShownBy } from "../../app/panels/pipelines/pipelines-page.ts";
import { failsWords, verdictOf } from "../../app/panels/pipelines/pipelines-verdict.ts";
import { compareRuns, followingRows, isInOrder, withNews, without } from "../../app/panels/pipelines/run-list.ts";
import { inOrderOf } from "../../app/panels/pipelines/use-held-order.ts";
import { isFailingNow, lookOf } from "../../app/panels/pipelines/workflow-words.ts";

const NEWEST: RunSort = { by: "started", isDescending: true };
const LONGEST: RunSort = { by: "duration", isDescending: true };
const SHORTEST: RunSort = { by: "duration", isDescending: false };

function run(id: string, more: Partial<RunRow> = {}): RunRow {
	const known = { source: "generic", attempt: 1, repo: "acme/web", workflow: "e2e", branch: null, status: "success" as const };
	const times = { startedAt: null, finishedAt: null, durationMs: null, orderedAt: Number(id) };
	return { id, ...known, ...times, triggeredBy: null, actor: null, commit: null, url: null, error: null, ...more };
}
const rows = (...ids: number[]) => ids.map((id) => run(String(id)));
const ids = (runs: readonly RunRow[] | null) => runs?.map(({ id }) => Number(id)) ?? null;
const tally = (success: number, failure: number) => ({ ...emptyTally(), success, failure });

describe("how often a workflow fails", () => {
	test.each([
		[0, 1, "failed its only run"],
		[0, 3, "failed all of its 3 runs"],
		[3, 1, "fails 1 of 4 runs"],
		[1, 3, "fails 3 of 4 runs"],
		[75, 25, "fails 1 of 4 runs"],
		[190, 10, "fails 1 of 20 runs"],
		[30, 70, "fails 70.0\u202f% of its runs"],
	])("%i passed, %i failed: %s", (success, failure, words) => expect(failsWords(tally(success, failure))).toBe(words));
});

describe("how a workflow looks on every page", () => {
	const looks = (success: number, failure: number, statuses: RunRow["status"][], isStale = false) =>
		lookOf({ tally: tally(success, failure), last: statuses.map((status, n) => ({ id: String(n), status, orderedAt: -n })) }, isStale);
	test.each([
		["failing now", looks(4, 5, ["running", "failure"]), "bad", "5 of 9 finished runs failed"],
		["failing now, however seldom", looks(99, 1, ["failure"]), "bad", "1 of 100 finished runs failed"],
		["unreliable", looks(4, 5, ["success", "failure"]), "warn", "5 of 9 finished runs failed"],
		["reliable", looks(1, 0, ["success"]), "ok", "0 of 1 finished run failed"],
		["stale", looks(4, 5, ["failure"], true), "idle", "5 of 9 finished runs failed"],
		["nothing finished", looks(0, 0, ["running"]), "idle", null],
	])("%s", (_what, look, tone, failed) => expect(look).toMatchObject({ tone, failed, isFailing: tone === "bad" }));
});

describe("the verdict", () => {
	const summary = (workflow: string, success: number, failure: number): WorkflowSummary => {
		return { repo: "acme/web", workflow, tally: tally(success, failure), course: [], last: [] };
	};
	test.each<[string, WorkflowSummary[], number, string, string]>([
		["nothing ran", [], 0, "No workflow ran in this range", "unknown"],
		["nothing failed", [summary("e2e", 5, 0), summary("lint", 3, 0)], 2, "All quiet: none of 2 workflows failed in 8 runs", "quiet"],
		["one, and it never failed", [summary("e2e", 1, 0)], 1, "All quiet: the only workflow never failed in 1 run", "quiet"],
		["more than are known in full", [summary("e2e", 5, 0)], 40, "All quiet: none of 40 workflows failed", "quiet"],
		["the worst", [summary("e2e", 1, 3), summary("lint", 3, 1)], 2, "web · e2e fails 3 of 4 runs", "failing"],
		["not a single run, where more is known", [summary("e2e", 0, 1), summary("lint", 3, 1)], 2, "web · lint fails 1 of 4 runs", "failing"],
		[
			"a single run, where nothing else failed",
			[summary("e2e", 0, 1), summary("lint", 3, 0)],
			2,
			"web · e2e failed its only run",
			"failing",
		],
	])("%s", (_what, workflows, total, sentence, tone) => {
		expect(verdictOf(workflows, { total, runs: [] })).toEqual({ sentence, tone });
	});
	test("says why its newest failure on the list failed", () => {
		const runs = [run("3"), run("2", { status: "failure", error: "assert 500" }), run("1", { status: "failure", error: "older" })];
		expect(verdictOf([summary("e2e", 1, 3)], { total: 1, runs }).sentence).toBe("web · e2e fails 3 of 4 runs. Newest failure: assert 500");
	});
	test.each([
		[["running", "failure", "success"], true],
		[["cancelled", "success", "failure"], false],
		[[], false],
	] as const)("failing now: %j → %s", (statuses, isFailing) => {
		expect(isFailingNow({ last: statuses.map((status, n) => ({ id: String(n), status, orderedAt: -n })) })).toBe(isFailing);
	});
});

describe("a list of runs", () => {
	test("the first page moves on: what is pushed off its end follows", () => {
		expect(ids(followingRows(rows(3, 2), { before: rows(6, 5, 4), now: rows(7, 6, 5), sort: NEWEST }))).toEqual([4, 3, 2]);
	});
	test("what left the list, and not by its end, does not come back", () => {
		expect(ids(followingRows(rows(2), { before: rows(6, 5, 4), now: rows(6, 4, 3), sort: NEWEST }))).toEqual([2]);
	});
	test("an appended row that moves into the first page is there once", () => {
		expect(ids(followingRows(rows(3, 2), { before: rows(6, 5, 4), now: rows(6, 5, 3), sort: NEWEST }))).toEqual([2]);
	});
	test("nothing in common: nobody knows what lies between", () => {
		expect(followingRows(rows(3), { before: rows(6, 5, 4), now: rows(99, 98, 97), sort: NEWEST })).toBeNull();
	});
	test("each run once", () => expect(ids(without(rows(3, 2, 2, 1), rows(3)))).toEqual([2, 1]));
	test("runs without a duration come last either way", () => {
		const mixed = [run("1", { durationMs: 5 }), run("2"), run("3", { durationMs: 9 })];
		expect(ids([...mixed].sort(compareRuns(LONGEST)))).toEqual([3, 1, 2]);
		expect(ids([...mixed].sort(compareRuns(SHORTEST)))).toEqual([1, 3, 2]);
		expect(isInOrder(mixed, LONGEST)).toBe(false);
		expect(isInOrder([...mixed].sort(compareRuns(LONGEST)), LONGEST)).toBe(true);
	});
	test("appended rows learn of news in their places; other frames leave the very array", () => {
		const more = rows(3, 2);
		const frame = (...runs: RunRow[]) => ({ type: "change" as const, epoch: "e", seq: 2, prev: 1, at: 0, runs, tallies: [] });
		expect(withNews(more, frame(run("9")))).toBe(more);
		expect(withNews(more, frame(run("2", { status: "failure" }))).map(({ status }) => status)).toEqual(["success", "failure"]);
	});
	test("a held order keeps places; newcomers stand at the end, in their own order", () => {
		expect(inOrderOf(["b", "a"], ["x", "a", "y", "b"], (item) => item)).toEqual(["b", "a", "x", "y"]);
	});
});

describe("the address", () => {
	test.each([
		["", 3],
		["show=more", 25],
		["show=all", 200],
		["show=nonsense", 3],
	])("%s shows %i workflows", (search, count) => expect(workflowsShownBy(new URLSearchParams(search))).toBe(count));
	test("panel and time zone do not make another list", () => {
		expect(listKeyOf(new URLSearchParams("tz=Asia/Kolkata&status=failure&panel=run:1&show=all&q=x"))).toBe("q=x&status=failure");
	});
	test("is read as a view", () => {
		const view = pipelinesView(new URLSearchParams("status=failure&q=x&sort=duration&cursor=c"), 0);
		expect(view).toMatchObject({ statuses: ["failure"], q: "x", sort: { by: "duration", isDescending: false }, after: "c" });
	});
});

test.each([
	["", "No runs in the last 24 hours"],
	["status=failure&q=feat", "No failed runs matching “feat” in the last 24 hours"],
	["status=failure&status=running&from=now-7d", "No failed or running runs in the last 7 days"],
	["repo=a/b&wf=e2e", "No runs of e2e and a/b in the last 24 hours"],
	["from=2026-11-17T22:00:00Z&to=2026-11-18T03:00:00Z", "No runs between 17 Nov 22:00 and 18 Nov 03:00"],
])("nothing found for %s: %s", (search, words) => {
	const where = { now: Date.parse("2026-11-20T03:14:00Z"), zone: "UTC" };
	expect(nothingFoundWords(readFilters(new URLSearchParams(search)), where)).toBe(words);
});
