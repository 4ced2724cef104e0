import { describe, expect, test } from "vitest";
import { formatDuration, formatRunDuration } from "../../app/format/duration.ts";
import { safeHref } from "../../app/format/link.ts";
import { formatCount, formatPercent, formatPoints, plural } from "../../app/format/number.ts";
import { formatAge, formatClock, formatFullMoment, formatMoment, isTimeZone, placeOf } from "../../app/format/time.ts";
import { groupByOf, parseView, RANGES, rangeOf, searchForRange } from "../../app/format/view.ts";

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

describe("what an address looks at", () => {
	const now = Date.UTC(2026, 10, 20, 3, 14, 2);
	const search = (text: string) => new URLSearchParams(text);

	test("nothing asked is the last 30 days by day, widened to whole hours", () => {
		const view = { from: Date.UTC(2026, 9, 21, 3), to: null, groupBy: "day", repos: [], workflows: [] };
		expect(parseView(search(""), now)).toEqual(view);
	});

	test("a day is shown by hour, unless days are asked for", () => {
		expect(parseView(search("from=now-24h"), now)).toMatchObject({ from: Date.UTC(2026, 10, 19, 3), groupBy: "hour" });
		expect(groupByOf(search("from=now-24h&group_by=day"))).toBe("day");
	});

	test.each(["from=now-9999d", "from=yesterday", "from=", "from=now-24h'--"])("%s falls back to the default", (text) => {
		expect(rangeOf(search(text)).from).toBe("now-30d");
	});

	test("an unknown grouping falls back to the range's own", () => {
		expect(groupByOf(search("group_by=second"))).toBe("day");
	});

	test("equal views have equal addresses: defaults left out, keys sorted, the rest kept", () => {
		expect(searchForRange(search("tz=UTC&from=now-7d&group_by=day"), RANGES[0])).toBe("?from=now-24h&tz=UTC");
		expect(searchForRange(search("from=now-7d"), RANGES[2])).toBe("");
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
