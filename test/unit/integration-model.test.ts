// How an integration is going: rate, lag, where its sender delivers.
import { describe, expect, test } from "vitest";
import { deliveryPath, lagOf, perHourOf } from "#worker/domains/integrations/model";
import { mayDo } from "../../app/access.server.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const ago = (...minutes: number[]) => minutes.map((n) => NOW - n * 60_000);

describe("deliveries an hour", () => {
	test.each<[string, number[], number | null]>([
		["none yet", [], null],
		["one a moment ago is one an hour", ago(0.1), 1],
		["three within the hour", ago(1, 20, 50), 3],
		["twelve over two hours", ago(...Array.from({ length: 12 }, (_, n) => 10 + n * 10)), 6],
		["silence lowers it", ago(600, 590), 0.2],
	])("%s", (_what, receivedAt, expected) => expect(perHourOf(receivedAt, NOW)).toBe(expected));
});

describe("the lag", () => {
	test.each<[string, [number, number | null][], number | null]>([
		["nothing says when it happened", [[NOW, null]], null],
		[
			"the median",
			[
				[NOW, NOW - 1000],
				[NOW, NOW - 3000],
				[NOW, NOW - 60_000],
				[NOW, null],
			],
			3000,
		],
		["a sender whose clock is ahead is on time", [[NOW, NOW + 5000]], 0],
	])("%s", (_what, pairs, expected) => {
		expect(lagOf(pairs.map(([receivedAt, eventAt]) => ({ receivedAt, eventAt })))).toBe(expected);
	});
});

test("every sender delivers to its own webhook", () => {
	expect(deliveryPath("github", "t1-x")).toBe("/webhooks/github/t1-x");
	expect(deliveryPath("generic", "t1-x")).toBe("/webhooks/generic/t1-x");
});

test.each([
	["viewer", "This needs the admin role. Ask an admin of this team."],
	["manager", "This needs the admin role. Ask an admin of this team."],
	["admin", null],
] as const)("whether a %s may manage integrations", (role, expected) => {
	expect(mayDo({ role }, "integrations:manage")).toBe(expected);
	expect(mayDo({ role }, "integrations:read")).toBeNull();
});
