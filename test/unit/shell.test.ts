import { describe, expect, test } from "vitest";
import { momentsAt, readMoment, readRange } from "../../app/format/range-input.ts";
import { formatOffset, formatTyped } from "../../app/format/time.ts";
import { failedSince, titleWith } from "../../app/live/attention.ts";
import { answersTo, readQuery } from "../../app/panels/palette/palette-entries.ts";
import { choicesOf, namesWith, namesWords, sheetWords } from "../../app/panels/shell/filter-words.ts";
import { runShownAt } from "../../app/panels/shell/return-to-row.ts";
import { firstWithin } from "../../app/panels/shell/rows.ts";
import { keysOf, SHORTCUTS, shortcutsFor } from "../../app/panels/shell/shortcuts.ts";
import { zonesFor } from "../../app/panels/shell/zone-choices.ts";
import { isPreferenceForm, preferenceCookie, preferenceFrom, preferencesOf } from "../../app/preferences.ts";
import { toldOf } from "../../app/ui/ErrorCard.tsx";
import type { LiveMessage, RunRow } from "../../worker/wire/live.ts";

const NOW = Date.UTC(2026, 10, 20, 3, 14);
const HOUR = 3600_000;

describe("a typed time", () => {
	const read = (text: string, zone = "UTC", edge: "from" | "to" = "from") => {
		const found = readMoment(text, edge, { zone, now: NOW });
		return found.ok ? new Date(found.at).toISOString().slice(0, 16) : found.message;
	};

	test.each([
		["2026-11-19 22:00", "UTC", "2026-11-19T22:00"],
		["2026-11-19T22:00", "UTC", "2026-11-19T22:00"],
		["  2026-11-19 22:00:59 ", "UTC", "2026-11-19T22:00"],
		["2026-11-19 22:00", "Asia/Kolkata", "2026-11-19T16:30"],
		["2026-11-19 22:00", "America/Los_Angeles", "2026-11-20T06:00"],
		["2026-07-01 12:00", "Europe/Berlin", "2026-07-01T10:00"],
		["19 Nov 2026 22:00", "UTC", "2026-11-19T22:00"],
		["19 november 22:00", "UTC", "2026-11-19T22:00"],
		["1 Sept 2025, 08:05", "UTC", "2025-09-01T08:05"],
		["2026-11-19", "UTC", "2026-11-19T00:00"],
		["01:30", "UTC", "2026-11-20T01:30"],
		// It is still the 19th there.
		["18:30", "America/Los_Angeles", "2026-11-20T02:30"],
		["now", "Asia/Kolkata", "2026-11-20T03:14"],
	])("%s in %s is %s UTC", (text, zone, expected) => expect(read(text, zone)).toBe(expected));

	test("a day without a time is meant whole: the end of a range is its end, also on the last of a month", () => {
		expect(read("2026-10-31", "UTC", "to")).toBe("2026-11-01T00:00");
		expect(read("19 Nov", "Asia/Kolkata", "to")).toBe("2026-11-19T18:30");
	});

	test.each([
		["", /^Write a time like/],
		["yesterday", /“yesterday” is not understood/],
		["11/19/2026 10:00", /is not understood/],
		["2026-02-31 10:00", /no such day/],
		["2026-13-01 10:00", /no such day/],
		["2026-11-00", /no such day/],
		["2026-11-19 25:00", /00:00 to 23:59/],
		["2026-11-19 23:60", /00:00 to 23:59/],
		["2026-11-19 24:30", /00:00 to 23:59/],
	])("%s is refused with a reason", (text, reason) => expect(read(text)).toMatch(reason));

	test("where clocks go forward the hour between does not exist, and is said so", () => {
		expect(read("2026-03-29 02:30", "Europe/Berlin")).toMatch(/does not exist in Berlin: the clocks went forward/);
		expect(read("2026-03-29 03:00", "Europe/Berlin")).toBe("2026-03-29T01:00");
		expect(read("2026-03-29 01:59", "Europe/Berlin")).toBe("2026-03-29T00:59");
	});

	test("a day whose midnight is jumped over begins, and the day before ends, where the clocks jump", () => {
		expect(read("2026-03-29", "Asia/Beirut", "from")).toBe("2026-03-28T22:00");
		expect(read("2026-03-28", "Asia/Beirut", "to")).toBe("2026-03-28T22:00");
		expect(read("2026-03-29 00:00", "Asia/Beirut", "from")).toMatch(/does not exist in Beirut/);
	});

	test("where clocks go back an hour is there twice, and a range takes in both", () => {
		expect(momentsAt(Date.UTC(2026, 9, 25, 2, 30), "Europe/Berlin")).toEqual([Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)]);
		expect(read("2026-10-25 02:30", "Europe/Berlin", "from")).toBe("2026-10-25T00:30");
		expect(read("2026-10-25 02:30", "Europe/Berlin", "to")).toBe("2026-10-25T01:30");
	});

	test.each(["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"])("what is written in %s is read as the same minute", (zone) => {
		for (let hour = 0; hour < 48; hour += 5) {
			const at = NOW - hour * HOUR;
			expect(readMoment(formatTyped(at, zone), "from", { zone, now: NOW })).toEqual({ ok: true, at });
		}
	});
});

describe("a typed range", () => {
	const where = { zone: "UTC", now: NOW };

	test("is two moments", () => {
		expect(readRange({ from: "2026-11-19 22:00", to: "2026-11-20 03:00" }, where)).toEqual({
			ok: true,
			range: { from: Date.UTC(2026, 10, 19, 22), to: Date.UTC(2026, 10, 20, 3), label: "Custom" },
		});
	});

	test.each([
		["2026-11-20 03:00", "2026-11-20 02:00", "to"],
		["2026-11-20 03:00", "2026-11-20 03:00", "to"],
		["2026-11-21 03:00", "2026-11-22 03:00", "from"],
		["2024-01-01", "2026-11-20", "from"],
		["x", "2026-11-20", "from"],
		["2026-11-20", "x", "to"],
	])("%s to %s is refused at %s", (from, to, field) => {
		const read = readRange({ from, to }, where);
		expect(read.ok ? [] : Object.keys(read.fields)).toEqual([field]);
	});

	test("both ends may be wrong at once", () => {
		const read = readRange({ from: "a", to: "b" }, where);
		expect(read.ok ? [] : Object.keys(read.fields)).toEqual(["from", "to"]);
	});
});

describe("the filters in words", () => {
	const names = [
		{ repo: "acme/web", workflow: "ci" },
		{ repo: "acme/api", workflow: "ci" },
		{ repo: "acme/api", workflow: "deploy" },
	];

	test.each<["repo" | "wf", string[], string[], string[]]>([
		["repo", [], [], ["acme/api", "acme/web"]],
		["repo", ["gone/one"], [], ["acme/api", "acme/web", "gone/one"]],
		["wf", [], [], ["ci", "deploy"]],
		["wf", ["acme/web"], [], ["ci"]],
		["wf", ["acme/web"], ["deploy"], ["ci", "deploy"]],
	])("%s, with %j and %j chosen, offers %j", (field, repos, workflows, expected) => {
		expect(choicesOf(names, field, { repos, workflows })).toEqual(expected);
	});

	test.each([
		[[], 14, "All 14"],
		[[], 0, "All"],
		[["acme/web"], 14, "acme/web"],
		[["a", "b", "c"], 14, "3 of 14"],
		[["a", "b"], 0, "2 of 2"],
	])("%j of %d is written %s", (chosen, offered, expected) => expect(namesWords(chosen, offered)).toBe(expected));

	test("the one button of a phone", () => {
		const day = { from: "now-24h", label: "24 h", words: "Last 24 hours", before: "the 24 hours before" } as const;
		expect(sheetWords({ range: day, repos: [], workflows: [] })).toBe("Last 24 h");
		expect(sheetWords({ range: day, repos: ["a", "b"], workflows: [] })).toBe("Last 24 h · 1 filter");
		expect(sheetWords({ range: { from: 0, to: 1, label: "Custom" }, repos: ["a"], workflows: ["b"] })).toBe("Custom range · 2 filters");
	});

	test("a frame adds names it tells of, once", () => {
		expect(namesWith(names, [names[0]!])).toBe(names);
		expect(namesWith(names, [{ repo: "acme/new", workflow: "ci" }])).toHaveLength(4);
	});
});

describe("time zones to choose from", () => {
	const all = ["America/New_York", "Asia/Kolkata", "Europe/Berlin", "Europe/London", "Asia/Colombo"];
	const zones = (text: string, own = "Europe/Berlin") =>
		zonesFor(text, { all, own, chosen: "Asia/Kolkata", now: NOW }).map(({ zone }) => zone);

	test.each([
		["", ["UTC", "Europe/Berlin", "Asia/Kolkata"]],
		["berl", ["Europe/Berlin"]],
		["lo", ["Europe/London", "Asia/Colombo"]],
		["new york", ["America/New_York"]],
		["europe/", ["Europe/Berlin", "Europe/London"]],
		// Written in full it may be an older name than the list has.
		["Asia/Calcutta", ["Asia/Calcutta"]],
		["utc", ["UTC"]],
		["mars", []],
	])("“%s” offers %j", (text, expected) => expect(zones(text)).toEqual(expected));

	test("each says how far it is from UTC, and which is this browser's", () => {
		expect(zonesFor("kolk", { all, own: "Asia/Kolkata", chosen: "UTC", now: NOW })).toEqual([
			{ zone: "Asia/Kolkata", words: "Asia/Kolkata (this browser)", offset: "UTC+05:30" },
		]);
		expect(formatOffset("America/Los_Angeles", NOW)).toBe("UTC−08:00");
	});
});

describe("what a browser remembers", () => {
	test("cookies that make no sense count as none", () => {
		expect(preferencesOf("theme=purple; tz=Mars/Base; nav=x; keys=")).toEqual({ theme: "system", zone: "UTC", nav: "wide", keys: "on" });
		expect(preferencesOf("theme=dark; tz=Asia%2FKolkata; nav=narrow; keys=off")).toEqual({
			...{ theme: "dark", zone: "Asia/Kolkata", nav: "narrow", keys: "off" },
		});
	});

	test("each has its own cookie and its own values", () => {
		expect(preferenceCookie("zone", "Asia/Kolkata", true)).toMatch(/^tz=Asia%2FKolkata; .*HttpOnly; Secure$/);
		expect(preferenceFrom("nav", "dark")).toBeNull();
		expect(preferenceFrom("theme", "dark")).toBe("dark");
	});

	test.each([
		["/settings/theme", true],
		["/settings/keys", true],
		["/settings/range", false],
		["/t/acme/settings/integrations", false],
		[undefined, false],
	])("%s changes only how things look: %s", (path, expected) => expect(isPreferenceForm(path)).toBe(expected));
});

describe("keys", () => {
	test("no two mean the same, and none that begins a sequence is one itself", () => {
		const bindings = SHORTCUTS.map(({ binding }) => binding as string);
		expect(new Set(bindings).size).toBe(bindings.length);
		expect(bindings.filter((one) => bindings.some((other) => other.startsWith(`${one} `)))).toEqual([]);
	});

	test("a sequence stands before the letter it ends with, so that G O does not open a row", () => {
		const ids = SHORTCUTS.map(({ id }) => id);
		expect(ids.indexOf("overview")).toBeLessThan(ids.indexOf("rowPage"));
	});

	test("switched off, only keys remain that mean something to everyone", () => {
		const of = (keys: "on" | "off") => shortcutsFor(keys).map(({ id }) => id);
		expect(of("off")).toEqual(["palette", "close", "rowPanel"]);
		expect(of("on")).toHaveLength(SHORTCUTS.length);
	});

	test("are written as the machine has them", () => {
		expect([keysOf("palette", true), keysOf("palette", false), keysOf("nextRow", false)]).toEqual(["⌘K", "Ctrl K", "J"]);
	});
});

describe("an error in words", () => {
	const body = { error: { code: "unavailable", message: "The database does not answer.", request_id: "r1" } };
	test.each([
		["an answer of the server", JSON.stringify(body), "The database does not answer.", "r1"],
		[
			"JSON of someone else",
			'{"error":"secret"}',
			"The server did not answer, or something broke on the way. Try again in a moment.",
			null,
		],
		["what only looks like JSON", "{oops", "The server did not answer, or something broke on the way. Try again in a moment.", null],
	])("%s", (_what, text, message, requestId) => expect(toldOf(new Error(text), null)).toMatchObject({ message, requestId }));
});

describe("rows", () => {
	test.each([
		["the first whole one below the bar", [30, 60, 90], 0],
		["not one half under the bar", [-40, 10, 40], 2],
		["none when all are above", [-90, -60, -30], -1],
		["none when all are below", [900, 930], -1],
	])("where reading is: %s", (_what, tops, expected) => {
		const stretches = tops.map((top) => ({ top, bottom: top + 30 }));
		expect(firstWithin(stretches, { top: 20, bottom: 800 })).toBe(expected);
	});

	test.each([
		["/t/acme/overview", "", null],
		["/t/acme/overview", "?panel=run%3Agithub%3A1", "github:1"],
		["/t/acme/runs/github%3A1", "", "github:1"],
		["/t/acme/runs/100%", "", null],
		["/t/acme/pipelines/runs", "", null],
	])("%s%s shows the run %s", (pathname, search, run) => expect(runShownAt({ pathname, search })).toBe(run));
});

describe("the palette", () => {
	test.each([
		["check", "all", "check"],
		[">  theme ", "actions", "theme"],
		["#smoke", "runs", "smoke"],
		["#", "runs", ""],
	])("%s asks for %s “%s”", (text, scope, words) => expect(readQuery(text)).toEqual({ scope, words }));

	test.each([
		["acme/checkout-api", "check", true],
		["acme/checkout-api", "api", true],
		["acme/checkout-api", "out", true],
		["acme/checkout-api", "ut", false],
		["Choose the time range…", "time ra", true],
		["Choose the time range…", "range zone", false],
		["Overview", "", true],
	])("%s answers “%s”: %s", (entry, words, expected) => expect(answersTo(entry, words)).toBe(expected));
});

describe("what happened while nobody looked", () => {
	const lookedAt = NOW;
	const run = (id: string, status: RunRow["status"], finishedAt: number | null) => ({ id, status, finishedAt, orderedAt: NOW }) as RunRow;
	const frame = (type: "change" | "snapshot", ...runs: RunRow[]) => ({ type, runs }) as unknown as LiveMessage;

	test.each<[string, LiveMessage, string[]]>([
		["failures of a change", frame("change", run("a", "failure", NOW + 5), run("b", "success", NOW)), ["a"]],
		["one that ended just before, and is told of now", frame("change", run("a", "failure", NOW - 60_000)), ["a"]],
		["one that failed yesterday, told of again", frame("change", run("a", "failure", NOW - 24 * HOUR)), []],
		["a snapshot: only what ended since", frame("snapshot", run("a", "failure", NOW - 1), run("b", "failure", NOW + 1)), ["b"]],
		["a good-bye", { type: "bye", epoch: "e", seq: 1, reason: "slow" }, []],
	])("%s", (_what, message, expected) => expect(failedSince(message, lookedAt)).toEqual(expected));

	test.each([
		["Overview · OpsSight", 2, "(2) Overview · OpsSight"],
		["(2) Overview · OpsSight", 3, "(3) Overview · OpsSight"],
		["(12) Overview · OpsSight", 0, "Overview · OpsSight"],
	])("%s with %d is %s", (title, count, expected) => expect(titleWith(title, count)).toBe(expected));
});
