// The run page: its words, the places of its waterfall, and what it does with a frame.
import { describe, expect, test } from "vitest";
import type { Bar } from "#worker/domains/runs/report";
import type { RunReport } from "#worker/domains/runs/report.server";
import type { LiveMessage, RunRow } from "#worker/wire/live";
import { foldRunReport, hasNewsOf } from "../../app/panels/run/run-page.ts";
import { againstUsual, barWords, pathWords } from "../../app/panels/run/run-words.ts";
import { axisMarks, stretch } from "../../app/panels/run/waterfall-geometry.ts";

const S = 1000;
const usual = { n: 50, p50Ms: 312 * S };

test.each<[string, number | null, { n: number; p50Ms: number | null }, boolean, string]>([
	["longer", 456 * S, usual, true, "46\u202f% over the usual 5m 12s (p50 of 50 runs)"],
	["shorter", 156 * S, usual, true, "50\u202f% under the usual 5m 12s (p50 of 50 runs)"],
	["the same", 312 * S, usual, true, "as long as the usual 5m 12s (p50 of 50 runs)"],
	["far longer", 1248 * S, usual, true, "4 times the usual 5m 12s (p50 of 50 runs)"],
	["still running, not late", 60 * S, usual, false, "of the usual 5m 12s (p50 of 50 runs)"],
	["still running, late", 468 * S, usual, false, "50\u202f% over the usual 5m 12s (p50 of 50 runs)"],
	["unknown", null, { n: 1, p50Ms: 312 * S }, true, "usually 5m 12s (p50 of 1 run)"],
	["alone", 60 * S, { n: 0, p50Ms: null }, true, "No earlier runs to compare with"],
])("duration beside the usual: %s", (_what, ms, peers, isOver, words) => expect(againstUsual(ms, peers, isOver)).toBe(words));

const bar = (name: string, isCritical: boolean): Bar => {
	const times = { queuedAt: null, startedAt: 0, finishedAt: 1 };
	return { jobId: name, name, stage: null, status: "success", ...times, isCritical, steps: [] };
};

test.each<[string, Bar[], number, boolean, string | null]>([
	["no jobs", [], 0, true, null],
	[
		"with waiting",
		[bar("lint", true), bar("docs", false), bar("build", true)],
		48,
		true,
		"Critical path: lint → build, 6m 10s; 48\u202fs waiting for runners",
	],
	["without waiting", [bar("build", true)], 0, true, "Critical path: build, 6m 10s"],
	["still running", [bar("build", true)], 0, false, "Critical path: build, 6m 10s so far"],
	["long", ["a", "b", "c", "d", "e", "f"].map((name) => bar(name, true)), 0, true, "Critical path: a → b → … → e → f, 6m 10s"],
])("the bottleneck: %s", (_what, bars, waited, isOver, words) => {
	expect(pathWords({ start: 0, end: 1, bars, criticalMs: 370 * S, queuedMs: waited * S }, isOver)).toBe(words);
});

test.each<[number | null, number | null, number | null, boolean, string]>([
	[0, 12 * S, 135 * S, true, "Waited 12\u202fs, ran 2m 03s; on the critical path"],
	[null, 0, 60 * S, false, "Ran 1m 00s"],
	[0, 500, 60 * S, false, "Ran 1m 00s"],
	[0, 10 * S, null, false, "Waited 10\u202fs, running for 3m 10s"],
	[20 * S, null, null, false, "Waiting for 3m 00s"],
	[null, null, null, false, "Not started"],
])("a bar in words: queued %s, started %s, ended %s", (queuedAt, startedAt, finishedAt, isCritical, words) => {
	expect(barWords({ queuedAt, startedAt, finishedAt, isCritical }, 200 * S)).toBe(words);
});

describe("places", () => {
	test.each<[number, string[]]>([
		[4, ["0", "1\u202fs", "2\u202fs", "3\u202fs"]],
		[60, ["0", "10\u202fs", "20\u202fs", "30\u202fs", "40\u202fs", "50\u202fs"]],
		[312, ["0", "1m", "2m", "3m", "4m"]],
		[7200, ["0", "30m", "1\u202fh", "1\u202fh 30\u202fm"]],
	])("the axis of %i s", (seconds, words) => {
		expect(axisMarks({ start: 5, end: 5 + seconds * S }).map(({ word }) => word)).toEqual(words);
	});
	test("an axis has few marks, however long it is", () => {
		for (let ms = 1; ms < 1e11; ms *= 3) expect(axisMarks({ start: 0, end: ms }).length).toBeLessThanOrEqual(7);
	});
	test.each<[string, number | null, number | null, { x: number; width: number } | null]>([
		["inside", 20, 70, { x: 20, width: 50 }],
		["not begun", null, null, null],
		["going on", 50, null, { x: 50, width: 50 }],
		["a moment", 50, 50, { x: 50, width: 0.4 }],
		["a moment at the end", 100, 100, { x: 99.6, width: 0.4 }],
		["clocks that disagree", -50, 20, { x: 0, width: 20 }],
	])("%s", (_what, from, to, place) => expect(stretch({ start: 0, end: 100 }, from, to)).toEqual(place));
});

describe("a frame", () => {
	const state = {
		epoch: "e",
		seq: 4,
		at: 1,
		run: { id: "r", status: "running", error: null },
		jobs: [],
		attempts: [],
	} as unknown as RunReport;
	const row = (id: string) => ({ id, status: "success", attempt: 1, durationMs: 9, error: null }) as RunRow;
	const change = (prev: number, ...runs: RunRow[]): LiveMessage => {
		return { type: "change", epoch: "e", prev, seq: prev + 1, at: 2, runs, tallies: [] };
	};
	test("that names the run changes it where it stands", () => {
		const folded = foldRunReport(state, change(4, row("r")));
		expect(folded.needs).toBe("nothing");
		expect(folded.state).toMatchObject({ seq: 5, run: { status: "success", durationMs: 9 } });
	});
	test("of another run only moves the number", () => {
		expect(foldRunReport(state, change(4, row("x"))).state).toMatchObject({ seq: 5, run: { status: "running" } });
	});
	test("after a gap asks for what is missing", () => expect(foldRunReport(state, change(6, row("r")))).toEqual({ state, needs: "hello" }));
	test("has news of the runs it names, whatever changed of them", () => {
		expect(hasNewsOf("r", change(4, row("r")))).toBe(true);
		expect(hasNewsOf("r", change(4, row("x")))).toBe(false);
		expect(hasNewsOf("r", { type: "bye", epoch: "e", seq: 5, reason: "slow" })).toBe(false);
	});
});
