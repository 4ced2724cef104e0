import { describe, expect, test } from "vitest";
import { durationQuantile, emptyTally, tallyOf } from "#worker/domains/runs/tally";
import { formatAbout, formatDuration, formatRunDuration } from "../../app/format/duration.ts";
import { safeHref } from "../../app/format/link.ts";
import { formatCount, formatPercent, formatPoints, plural } from "../../app/format/number.ts";
import { rangeWords } from "../../app/format/range-words.ts";
import { formatAge, formatClock, formatFullMoment, formatMoment, isTimeZone, placeOf } from "../../app/format/time.ts";
import {
	answeredRange,
	canWidenToWeek,
	carriedSearch,
	groupByOf,
	momentsOf,
	parseView,
	RANGES,
	rangeOf,
	readFilters,
	searchForRange,
	searchToShare,
	searchWith,
} from "../../app/format/view.ts";

/** The narrow no-break space is written `_` in these tables, so that they can be read. */
const plain = (text: string | null) => text?.replaceAll("\u202f", "_") ?? null;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("durations", () => {
	test.each([
		[0, "0_s"],
		[400, "<_1_s"],
		[48 * SECOND, "48_s"],
		[59.4 * SECOND, "59_s"],
		[59.6 * SECOND, "1m 00s"],
		[5 * MINUTE + 12 * SECOND, "5m 12s"],
		[59 * MINUTE + 59.7 * SECOND, "1_h 00_m"],
		[2 * HOUR + 4 * MINUTE, "2_h 04_m"],
		[3 * DAY + 4 * HOUR + 59 * MINUTE, "3_d 4_h"],
		[-5 * SECOND, "0_s"],
	])("%d ms are written %s, in two units at most", (ms, expected) => {
		expect(plain(formatDuration(ms))).toBe(expected);
	});

	test("a run that is not over has a plus behind what it took so far", () => {
		const running = { status: "running", startedAt: 0, durationMs: null };
		expect(plain(formatRunDuration(running, 4 * MINUTE + 2 * SECOND))).toBe("4m 02s+");
	});

	test("a sender's clock ahead of ours does not make a negative duration", () => {
		expect(plain(formatRunDuration({ status: "running", startedAt: 10_000, durationMs: null }, 0))).toBe("0_s+");
	});

	test("nothing is said of a run that waits, or that ended without telling", () => {
		expect(formatRunDuration({ status: "queued", startedAt: 0, durationMs: null }, 1000)).toBeNull();
		expect(formatRunDuration({ status: "cancelled", startedAt: 0, durationMs: null }, 1000)).toBeNull();
	});
});

describe("numbers", () => {
	test.each([
		[0, "0"],
		[999, "999"],
		[1366, "1,366"],
		[9999, "9,999"],
		[10_000, "10k"],
		[12_400, "12.4k"],
		[999_949, "999.9k"],
		[999_950, "1M"],
		[1_234_567, "1.2M"],
		[-1366, "-1,366"],
	])("%d is written %s", (n, expected) => {
		expect(formatCount(n)).toBe(expected);
	});

	test.each([
		[0, "0.0_%"],
		[0.072, "7.2_%"],
		[0.96, "96.0_%"],
		[0.99946, "99.9_%"],
		[0.999_46, "99.9_%"],
		[0.9996, "99.960_%"],
		[0.999_999, "99.999_%"],
		[1, "100_%"],
	])("a share of %d is written %s, and never rounded up to 100", (share, expected) => {
		expect(plain(formatPercent(share))).toBe(expected);
	});

	test("a percent of a percent is points, without a sign", () => {
		expect(plain(formatPoints(-0.019))).toBe("1.9_pts");
	});

	test("one is singular", () => {
		expect([plural(1, "run"), plural(0, "run"), plural(1366, "run")]).toEqual(["1 run", "0 runs", "1,366 runs"]);
	});
});

describe("times", () => {
	const at = Date.UTC(2026, 10, 20, 3, 7, 20);
	const now = Date.UTC(2026, 10, 20, 3, 14, 2);

	test.each([
		["today", at, "UTC", "03:07:20"],
		["today elsewhere", at, "Europe/Berlin", "04:07:20"],
		["an earlier day", Date.UTC(2026, 10, 17, 22, 41), "UTC", "17 Nov 22:41"],
		["yesterday here, today there", Date.UTC(2026, 10, 19, 23, 30), "Europe/Berlin", "00:30:00"],
		["another year", Date.UTC(2025, 10, 17, 22, 41), "UTC", "17 Nov 2025"],
		["September, which Intl writes in two ways", Date.UTC(2026, 8, 1, 0, 5), "UTC", "1 Sep 00:05"],
	])("in a table: %s", (_, moment, zone, expected) => {
		expect(formatMoment(moment, { now, zone })).toBe(expected);
	});

	test.each([
		["UTC", "Fri 20 Nov 2026, 03:07:20 UTC"],
		["Europe/Berlin", "Fri 20 Nov 2026, 03:07:20 UTC (04:07 Berlin)"],
		["America/Los_Angeles", "Fri 20 Nov 2026, 03:07:20 UTC (19 Nov 19:07 Los Angeles)"],
	])("in full, with %s", (zone, expected) => {
		expect(formatFullMoment(at, zone)).toBe(expected);
	});

	test("midnight is 00, not 24", () => {
		expect(formatClock(Date.UTC(2026, 10, 20), "UTC")).toBe("00:00:00");
	});

	test.each([
		[-5 * SECOND, "0_s"],
		[2 * SECOND, "2_s"],
		[8 * MINUTE + 59 * SECOND, "8_min"],
		[23 * HOUR, "23_h"],
		[3 * DAY + 4 * HOUR, "3_d 4_h"],
	])("%d ms ago is %s", (ago, expected) => {
		expect(plain(formatAge(now - ago, now))).toBe(expected);
	});

	test.each([
		["Europe/Berlin", true],
		["UTC", true],
		["America/Argentina/Buenos_Aires", true],
		["Mars/Olympus", false],
		["+02:00", false],
		["", false],
		["Europe/Berlin<script>", false],
		["x".repeat(5000), false],
	])("the zone %s is known: %s", (zone, known) => {
		expect(isTimeZone(zone)).toBe(known);
	});

	test("a zone is called by its place", () => {
		expect(placeOf("America/Los_Angeles")).toBe("Los Angeles");
	});
});

describe("a length known from bins", () => {
	const s = 1000;
	test.each([
		[500, 9, "<_1_s"],
		[48.4 * s, 9, "≈_48_s"],
		[312 * s, 9, "≈_5m 10s"],
		[299 * s, 9, "≈_5m"],
		[1993 * s, 9, "≈_33m"],
		[7860 * s, 9, "≈_2_h 10_m"],
		[7100 * s, 9, "≈_2_h"],
		[43_000 * s, 9, "≈_12_h"],
		[187_000 * s, 9, "≈_2_d 4_h"],
		[173_000 * s, 9, "≈_2_d"],
		[1993 * s, 1, "33m 13s"],
	])("%i ms of %i runs", (ms, runs, expected) => expect(plain(formatAbout(ms, runs))).toBe(expected));
	test("one run is exact", () => {
		expect(durationQuantile(tallyOf({ status: "success", durationMs: 33_333 }), 0.95)).toBe(33_333);
		expect(durationQuantile(emptyTally(), 0.5)).toBeNull();
	});
});

describe("what an address looks at", () => {
	const now = Date.UTC(2026, 10, 20, 3, 14);
	const search = (text: string) => new URLSearchParams(text);

	test("nothing said means the last 24 hours by hour, everything, newest first, no panel", () => {
		const view = { from: Date.UTC(2026, 10, 19, 4), to: null, groupBy: "hour", repos: [], workflows: [] };
		expect(parseView(search(""), now)).toEqual(view);
		const others = { statuses: [], q: "", sort: { by: "started", isDescending: true }, panel: null };
		expect(readFilters(search(""))).toMatchObject(others);
	});

	test.each(["from=now-9999d", "from=yesterday", "from=", "from=now-24h'--", "from=2026-11-20", "from=2026-11-20&to=2026-11-19"])(
		"%s falls back to the default",
		(text) => expect(rangeOf(search(text)).from).toBe("now-24h"),
	);

	test.each([
		["", "hour"],
		["grp=day", "day"],
		["grp=week", "hour"],
		["grp=second", "hour"],
		["from=now-7d", "day"],
		["from=now-7d&grp=hour", "hour"],
		["from=now-30d&grp=hour", "day"],
		["from=now-30d&grp=week", "week"],
		["from=2026-11-18T00:00:00Z&to=2026-11-20T00:00:00Z", "hour"],
		["from=2026-01-01T00:00:00Z&to=2026-11-20T00:00:00Z", "day"],
		["from=2026-08-20T00:00:00Z&to=2026-08-20T02:00:00Z&grp=hour", "hour"],
		["from=2026-08-19T23:00:00Z&to=2026-08-20T02:00:00Z", "day"],
		["from=2026-01-01T10:30:00Z&to=2026-01-01T12:15:00Z&grp=hour", "day"],
	])("%s is grouped by %s", (text, groupBy) => expect(groupByOf(search(text), now)).toBe(groupBy));

	test("a range that moves on is whole hours and ends with the running one, on the hour too", () => {
		const [day] = RANGES;
		const fourOClock = Date.UTC(2026, 10, 20, 4);
		for (const at of [now, fourOClock - 1]) expect(momentsOf(day, at)).toEqual({ from: Date.UTC(2026, 10, 19, 4), to: null });
		expect(momentsOf(day, fourOClock)).toEqual({ from: Date.UTC(2026, 10, 19, 5), to: null });
	});

	test.each([
		["status=failed", ["failure"]],
		["status=passed&status=failed&status=failure", ["success", "failure"]],
		["status=constructor", []],
	])("%s is read as %j", (text, statuses) => expect(readFilters(search(text)).statuses).toEqual(statuses));

	test("a custom range is as said", () => {
		const range = rangeOf(search("from=2026-11-19T22:00:00Z&to=2026-11-20T03:00:00Z"));
		expect(momentsOf(range, now)).toEqual({ from: Date.UTC(2026, 10, 19, 22), to: Date.UTC(2026, 10, 20, 3) });
		expect(plain(rangeWords(range, { now, zone: "UTC" }).words)).toBe("19 Nov 22:00 – 20 Nov 03:00");
		expect(plain(rangeWords(range, { now, zone: "Asia/Kolkata" }).words)).toBe("20 Nov 03:30 – 08:30");
	});

	test("the heading speaks of the range that the figures have", () => {
		const range = rangeOf(search("from=2026-11-19T10:20:00Z&to=2026-11-19T12:40:00Z"));
		const view = { from: Date.UTC(2026, 10, 19, 10), to: Date.UTC(2026, 10, 19, 13) };
		const answered = answeredRange(range, view);
		expect(answered).toEqual({ ...view, label: "Custom" });
		expect(plain(rangeWords(answered, { now, zone: "UTC" }).words)).toContain("10:00 – 13:00");
		expect(answeredRange(RANGES[1], { ...view, to: null })).toBe(RANGES[1]);
	});

	test.each([
		["", true],
		["from=now-7d", false],
		["from=now-30d", false],
		["from=2026-11-19T10:00:00Z&to=2026-11-19T12:00:00Z", false],
	])("%s can be widened to 7 days: %s", (text, can) => expect(canWidenToWeek(rangeOf(search(text)))).toBe(can));

	test("names may hold any character, come once each, and are limited", () => {
		const asked = search("repo=a%2Cb&repo=a%2Cb&repo=c%26d&wf=&status=failure&status=gone&q=%20x%20&sort=duration&panel=run:a:b");
		expect(readFilters(asked)).toMatchObject({
			...{ repos: ["a,b", "c&d"], workflows: [], statuses: ["failure"], q: "x" },
			...{ sort: { by: "duration", isDescending: false }, panel: { kind: "run", id: "a:b" } },
		});
		expect(readFilters(search(Array.from({ length: 99 }, (_, n) => `repo=r${n}`).join("&"))).repos).toHaveLength(50);
	});

	test("equal views have equal addresses: defaults left out, keys sorted, the rest kept", () => {
		expect(searchForRange(search("tz=UTC&from=now-7d&grp=hour"), RANGES[2])).toBe("?from=now-30d&tz=UTC");
		expect(searchForRange(search("from=now-7d"), RANGES[0])).toBe("");
		expect(searchForRange(search("from=2026-11-18T00:00:00Z&to=2026-11-20T00:00:00Z"), RANGES[1])).toBe("?from=now-7d");
		expect(searchWith(search("wf=b&repo=a&sort=-started"), { repo: ["z", "y"], q: "" })).toBe("?repo=z&repo=y&wf=b");
	});

	test("another filter forgets the place in the list; a panel does not", () => {
		expect(searchWith(search("cursor=x"), { status: "failure" })).toBe("?status=failure");
		expect(searchWith(search("cursor=x"), { panel: "run:1" })).toBe("?cursor=x&panel=run%3A1");
	});

	test("range and filters follow to another page, the rest stays", () => {
		expect(carriedSearch(search("wf=b&repo=a&from=now-7d&tz=UTC&status=failure&panel=run:1&cursor=x"))).toBe(
			"?from=now-7d&repo=a&tz=UTC&wf=b",
		);
	});

	test("a link to paste means the same moments tomorrow", () => {
		expect(searchToShare(search("repo=a"), now)).toBe("?from=2026-11-19T04%3A00%3A00.000Z&repo=a&to=2026-11-20T04%3A00%3A00.000Z");
	});
});

describe("links to outside", () => {
	test.each([
		["https://github.com/a/b/actions/runs/1", "https://github.com/a/b/actions/runs/1"],
		["HTTP://ci.example/1", "http://ci.example/1"],
		["javascript:alert(1)", null],
		[" javascript:alert(1)", null],
		["data:text/html,x", null],
		["//evil.example", null],
		["/relative", null],
		["https://", null],
		[null, null],
	])("%s leads to %s", (url, expected) => {
		expect(safeHref(url)).toBe(expected);
	});
});
