import { describe, expect, test } from "vitest";
import { generic, verifyTimestamped } from "../../../worker/sources/generic.ts";
import { PREFIXED_SOURCES } from "../../../worker/sources/prefixes.ts";
import { sources } from "../../../worker/sources/registry.ts";
import { hmacHex, incoming } from "./corpus.ts";

const GOOD = {
	id: "build-1",
	workflow: "ci",
	status: "success",
	duration_seconds: 60,
	started_at: "2026-11-20T10:00:00Z",
	finished_at: "2026-11-20T10:01:30Z",
	repo: "acme/checkout",
};

function normalise(change: Record<string, unknown>) {
	return generic.normalise({ ...GOOD, ...change }, new Headers());
}

describe("a body of POST /api/events", () => {
	test("is the run it says; the sender's duration goes first", () => {
		expect(
			normalise({ meta: { error: "boom\nat x", runner: "r" }, coverage: 81.5, branch: "main", triggered_by: "push", extra: 1 }),
		).toEqual({
			kind: "events",
			events: [
				{
					type: "run",
					id: "build-1",
					source: "generic",
					externalId: "build-1",
					attempt: 1,
					repo: "acme/checkout",
					workflow: "ci",
					branch: "main",
					commit: null,
					triggeredBy: "push",
					actor: null,
					url: null,
					status: "success",
					conclusionRaw: "success",
					startedAt: Date.parse(GOOD.started_at),
					finishedAt: Date.parse(GOOD.finished_at),
					durationMs: 60_000,
					updatedAt: Date.parse(GOOD.finished_at),
					coverage: 81.5,
					error: "boom",
					meta: { error: "boom\nat x", runner: "r" },
				},
			],
		});
	});

	test.each([
		["no duration: finished − started", { duration_seconds: undefined }, { durationMs: 90_000 }],
		[
			"nulls stand for absent",
			{ duration_seconds: null, branch: null, meta: null, coverage: null, triggered_by: null },
			{ branch: null, meta: {} },
		],
		[
			"under way",
			{ status: "running", finished_at: undefined },
			{ finishedAt: null, durationMs: null, updatedAt: Date.parse(GOOD.started_at) },
		],
		["another offset", { started_at: "2026-11-20T12:00:00+02:00" }, { startedAt: Date.parse(GOOD.started_at) }],
		["a name of 255 characters", { workflow: "x".repeat(255) }, { workflow: "x".repeat(255) }],
		["ends as it starts", { finished_at: GOOD.started_at, duration_seconds: 0 }, { durationMs: 0 }],
	])("holds: %s", (_name, change, run) => {
		expect(normalise(change)).toMatchObject({ kind: "events", events: [run] });
	});

	test.each([
		["id", { id: undefined }],
		["id", { id: "" }],
		["id", { id: 7 }],
		["id", { id: "x".repeat(256) }],
		["id", { id: "a\0b" }],
		["id", { id: "github-1-2" }],
		["id", { id: "gitlab-1-2" }],
		["workflow", { workflow: undefined }],
		["workflow", { workflow: "x".repeat(256) }],
		["status", { status: undefined }],
		["status", { status: "passed" }],
		["started_at", { started_at: undefined }],
		["started_at", { started_at: "yesterday" }],
		["started_at", { started_at: "2026-11-20" }],
		["started_at", { started_at: "2026-13-20T10:00:00Z" }],
		["started_at", { started_at: 1_700_000_000 }],
		["finished_at", { finished_at: undefined }],
		["finished_at", { finished_at: null }],
		["finished_at", { finished_at: "2026-11-20T09:59:59Z" }],
		["repo", { repo: undefined }],
		["branch", { branch: 3 }],
		["duration_seconds", { duration_seconds: 1.5 }],
		["duration_seconds", { duration_seconds: -1 }],
		["duration_seconds", { duration_seconds: "60" }],
		["coverage", { coverage: 100.1 }],
		["coverage", { coverage: -1 }],
		["meta", { meta: [] }],
		["meta", { meta: { big: "x".repeat(16 * 1024) } }],
		["triggered_by", { triggered_by: "x".repeat(256) }],
	])("is refused on %s: %j", (field, change) => {
		const result = normalise(change);
		expect(result.kind).toBe("invalid");
		expect(result.kind === "invalid" && Object.keys(result.fields)).toEqual([field]);
		expect(result.kind === "invalid" && result.fields[field]).toMatch(/^[A-Z].*\.$/);
	});

	test("16 KiB of meta are counted as bytes of JSON", () => {
		const empty = '{"a":""}'.length;
		expect(normalise({ meta: { a: "x".repeat(16 * 1024 - empty) } }).kind).toBe("events");
		expect(normalise({ meta: { a: "x".repeat(16 * 1024 - empty + 1) } }).kind).toBe("invalid");
		expect(normalise({ meta: { a: "é".repeat(8 * 1024) } }).kind).toBe("invalid");
	});

	test("a ping proves the secret and is not used, whatever its body", () => {
		expect(generic.normalise({}, new Headers({ "x-opssight-event": "ping" }))).toEqual({ kind: "ignored", reason: "ping" });
	});

	test("every field that is wrong is named at once", () => {
		const result = generic.normalise({}, new Headers());
		expect(result.kind === "invalid" && Object.keys(result.fields)).toEqual(["id", "workflow", "status", "started_at", "repo"]);
		expect(result.kind === "invalid" && new Set(Object.values(result.fields))).toEqual(new Set(["This field is required."]));
	});

	test("every other source's prefix is reserved", () => {
		expect([...PREFIXED_SOURCES, "generic"].sort()).toEqual(Object.keys(sources).sort());
	});
});

describe("credentials", () => {
	const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
	test.each([
		["Bearer corpus-secret", true],
		["bearer corpus-secret", true],
		[basic("anyone:corpus-secret"), true],
		[basic(":corpus-secret"), true],
		["Bearer corpus-secre", false],
		["Bearer corpus-secret2", false],
		["Bearer ", false],
		["Basic !!!", false],
		[basic("corpus-secret"), false],
		[basic("corpus-secret:"), false],
		["corpus-secret", false],
		["", false],
	])("%s → %s", async (authorization, isAccepted) => {
		expect(await generic.verify(incoming("{}", { authorization }), ["older", "corpus-secret"], 0)).toBe(isAccepted);
	});
});

describe("a timestamped signature", () => {
	const NOW = 1_800_000_000_000;
	const rawBody = '{"id":"1"}';
	const check = async (seconds: number | string, change: object = {}) => {
		const timestamp = String(seconds);
		const signature = `v1=${await hmacHex("s", `${timestamp}.${rawBody}`)}`;
		return verifyTimestamped({ timestamp, signature, rawBody, secrets: ["old", "s"], now: NOW, ...change });
	};

	test.each([
		[0, true],
		[299, true],
		[300, true],
		[301, false],
		[-299, true],
		[-300, true],
		[-301, false],
	])("%s s away → %s", async (away, isAccepted) => {
		expect(await check(NOW / 1000 + away)).toBe(isAccepted);
	});

	test("its parts are read strictly, and over the raw bytes", async () => {
		const now = NOW / 1000;
		const hex = await hmacHex("s", `${now}.${rawBody}`);
		expect(await check(now, { rawBody: new TextEncoder().encode(rawBody) })).toBe(true);
		for (const signature of [
			null,
			"",
			hex,
			`v1=${hex.toUpperCase()}`,
			`v0=${hex}`,
			`v1=${hex}0`,
			`v1=${hex}, v1=${hex}`,
			`v1=${"0".repeat(64)}`,
		]) {
			expect(await check(now, { signature }), String(signature)).toBe(false);
		}
		expect(await check(now, { rawBody: `${rawBody} ` })).toBe(false);
		expect(await check(now, { secrets: [""] })).toBe(false);
		expect(await check(now, { timestamp: null })).toBe(false);
		for (const timestamp of ["", `${now}.0`, ` ${now}`, `${now}e0`, "NaN", `-${now}`, `${NOW}`])
			expect(await check(timestamp), timestamp).toBe(false);
	});
});
