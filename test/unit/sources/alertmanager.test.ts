import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { alertmanager } from "../../../worker/sources/alertmanager.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/e2e-main");
const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Record<string, unknown>;
const none = new Headers();
const bytes = new Uint8Array();

describe("Alertmanager", () => {
	test.each(["09-alertmanager-firing.json", "10-alertmanager-firing.json", "15-alertmanager-resolved.json"])(
		"%s is kept and makes nothing yet",
		(file) => {
			const body = read(file);
			expect(alertmanager.event(none, body)).toBe(/firing|resolved/.exec(file)?.[0]);
			expect(alertmanager.normalise(body, none)).toMatchObject({ kind: "ignored" });
		},
	);

	test.each([
		["nothing at all", {}, ["status", "alerts"]],
		["no alerts", { status: "firing" }, ["alerts"]],
		["alerts that are no list", { status: "firing", alerts: "all" }, ["alerts"]],
		["no status", { alerts: [] }, ["status"]],
	])("%s is refused with its fields", (_name, body, fields) => {
		const result = alertmanager.normalise(body, none);
		expect(result.kind === "invalid" && Object.keys(result.fields)).toEqual(fields);
	});

	test.each([
		["the bearer token", "Bearer s3cret", true],
		["the password, of one that can only do Basic", `Basic ${btoa("opssight:s3cret")}`, true],
		["another token", "Bearer other", false],
		["nothing", null, false],
	])("proves itself with %s", async (_name, authorization, isTaken) => {
		const headers = new Headers(authorization === null ? {} : { authorization });
		expect(await alertmanager.verify({ headers, bytes, text: "" }, ["s3cret"], 0)).toBe(isTaken);
	});

	test("its test moves nothing", () => {
		expect(alertmanager.normalise({}, new Headers({ "x-opssight-event": "ping" }))).toEqual({ kind: "ignored", reason: "ping" });
	});
});
