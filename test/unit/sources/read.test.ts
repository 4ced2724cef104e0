import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readId, readInt, readLine, readName, readTime, readUrl } from "../../../worker/sources/read.ts";

describe("times", () => {
	const NOON = Date.parse("2016-08-12T12:00:00Z");
	test.each([
		["2016-08-12T12:00:00Z", NOON],
		["2016-08-12T12:00:00.000Z", NOON],
		["2016-08-12T14:00:00+02:00", NOON],
		["2016-08-12T14:00:00+0200", NOON],
		["2016-08-12 12:00:00 UTC", NOON],
		["2016-08-12 14:00:00 +0200", NOON],
		["2016-08-12T12:00Z", NOON],
		[NOON, NOON],
		[NOON / 1000, NOON],
		["2016-08-12T12:00:00.123456789Z", NOON + 123],
		["2016-08-12T12:00:00", null],
		["0001-01-01T00:00:00Z", null],
		["2016-02-40T12:00:00Z", null],
		["12 August 2016", null],
		["", null],
		[0, null],
		[-5, null],
		[Number.POSITIVE_INFINITY, null],
		[1e300, null],
		[null, null],
		[{}, null],
	])("%j → %j", (value, time) => {
		expect(readTime(value)).toBe(time);
	});
});

test.each([
	[7, "7"],
	["7", "7"],
	["007", "007"],
	[7.5, null],
	[-7, null],
	[2 ** 60, null],
	["7a", null],
	["", null],
	[null, null],
	[[7], null],
])("id %j → %j", (value, id) => {
	expect(readId(value)).toBe(id);
});

test("whole numbers, names, lines and addresses", () => {
	expect([readInt(3), readInt("3"), readInt(0, 1), readInt(1.5), readInt("x")]).toEqual([3, 3, null, null, null]);
	expect([readName("  a b "), readName("   "), readName("\0"), readName(3)]).toEqual(["a b", null, null, null]);
	expect([readLine("\n first\r\nsecond"), readLine(""), readLine("x".repeat(600))?.length]).toEqual(["first", null, 500]);
	expect([readUrl("https://x/y"), readUrl("javascript:alert(1)"), readUrl("https://x /y")]).toEqual(["https://x/y", null, null]);
});

test("a name is well-formed and short, and reading it again changes nothing", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary", maxLength: 600 }), fc.constantFrom("", "\ud83d", "\0"), (text, odd) => {
			const name = readName(text + odd);
			if (name === null) return;
			expect(name.length).toBeLessThanOrEqual(255);
			expect(name.isWellFormed()).toBe(true);
			expect(name).not.toContain("\0");
			expect(readName(name)).toBe(name);
		}),
	);
});
