// What fails now: which streak is told, and how frames change them.
import { describe, expect, test } from "vitest";
import { failingNow, foldStreaks, STREAK_RUNS, type Streaks } from "#worker/domains/runs/streaks";
import { DAY_MS, HOUR_MS } from "#worker/domains/runs/tally";
import type { RunStatus } from "#worker/wire/events";
import type { Change, RunRow } from "#worker/wire/live";

const NOW = 10 * DAY_MS;
const streak = (workflow: string, length: number, newestAgo = 1) => ({
	...{ repo: "acme/web", workflow },
	failed: Array.from({ length }, (_, n) => ({ id: `${workflow}-${n}`, orderedAt: NOW - (n + newestAgo) * HOUR_MS })),
});

describe("what is failing now", () => {
	test.each([
		["nothing", [], null],
		["one failure is none", [streak("a", 1)], null],
		["two in a row", [streak("a", 2)], { workflow: "a", streak: 2, since: NOW - 2 * HOUR_MS, newestId: "a-0" }],
		["the longest row", [streak("a", 2), streak("b", 3)], { workflow: "b", streak: 3 }],
		["a row that began days ago", [streak("a", 50)], { streak: 50, since: NOW - 50 * HOUR_MS }],
		["a row longer than what is counted", [streak("a", STREAK_RUNS)], { streak: STREAK_RUNS, since: null }],
		["failures of days ago are not now", [streak("a", 5, 25)], null],
	])("%s", (_what, list, expected) => {
		const failing = failingNow(list, NOW);
		if (expected === null) expect(failing).toBe(null);
		else expect(failing).toMatchObject(expected);
	});
});

describe("a frame", () => {
	const state: Streaks = { epoch: "e", seq: 1, view: { repos: [], workflows: [] }, list: [streak("a", 3)] };
	const run = (id: string, status: RunStatus, more: Partial<RunRow> = {}): RunRow => ({
		...{ id, source: "github", attempt: 1, repo: "acme/web", workflow: "a", branch: null, status, startedAt: NOW, orderedAt: NOW },
		...{ finishedAt: null, durationMs: null, triggeredBy: null, actor: null, commit: null, url: null, error: null, ...more },
	});
	const fold = (one: RunRow, from = state) => {
		const change: Change = { type: "change", epoch: "e", seq: 2, prev: 1, at: NOW, runs: [one], tallies: [] };
		const { state: next, needs } = foldStreaks(from, change);
		return { ids: next.list.flatMap(({ failed }) => failed.map(({ id }) => id)), needs };
	};

	test.each<[string, RunRow, string[], string]>([
		["one more failure", run("new", "failure"), ["new", "a-0", "a-1", "a-2"], "nothing"],
		["what only runs does not count", run("new", "running"), ["a-0", "a-1", "a-2"], "nothing"],
		["a cancelled one neither", run("new", "cancelled"), ["a-0", "a-1", "a-2"], "nothing"],
		["over as soon as one passes", run("new", "success"), [], "nothing"],
		["one that passed in between", run("new", "success", { orderedAt: NOW - 1.5 * HOUR_MS }), ["a-0"], "nothing"],
		["a failure tried again", run("a-0", "running", { attempt: 2 }), ["a-1", "a-2"], "nothing"],
		["and failed again", run("a-2", "failure", { attempt: 2 }), ["a-2", "a-0", "a-1"], "nothing"],
		["a failure from before", run("old", "failure", { orderedAt: 0 }), ["a-0", "a-1", "a-2", "old"], "refetch"],
		["another workflow's first failure", run("b", "failure", { workflow: "b" }), ["a-0", "a-1", "a-2"], "refetch"],
		["another workflow's success", run("b", "success", { workflow: "b" }), ["a-0", "a-1", "a-2"], "nothing"],
		["a result taken back", run("b", "running", { workflow: "b", attempt: 2 }), ["a-0", "a-1", "a-2"], "refetch"],
	])("%s", (_what, one, ids, needs) => expect(fold(one)).toEqual({ ids, needs }));

	test("of what the view leaves out changes nothing", () => {
		const narrow = { ...state, view: { repos: ["acme/api"], workflows: [] } };
		expect(fold(run("new", "success"), narrow)).toEqual({ ids: ["a-0", "a-1", "a-2"], needs: "nothing" });
	});
});
