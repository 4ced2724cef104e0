// What a deployed installation is: what is missing is named, and what belongs to a developer's machine does not exist.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Env } from "#worker/env";
import { missingSettings } from "#worker/env";
import worker from "#worker/index";
import { HealthBody } from "#worker/wire/api";
import { makeTeam, type TestTeam } from "../support/team.ts";

const bindings = {
	DB: env.DB,
	TEAM_LEDGER: env.TEAM_LEDGER,
	ENVIRONMENT_LIVE: env.ENVIRONMENT_LIVE,
	CLUSTER_LINK: env.CLUSTER_LINK,
	BLOBS: env.BLOBS,
	ASSETS: env.ASSETS ?? { fetch: () => new Response() },
};
const settings = (environment: string, change: Record<string, unknown> = {}) =>
	({ ...bindings, ENVIRONMENT: environment, ...change }) as unknown as Env;
const askWith = async (own: Env, path: string, init?: RequestInit) =>
	await worker.fetch(
		new Request(new URL(path, "https://opssight.example.com"), init) as Parameters<typeof worker.fetch>[0],
		own,
		createExecutionContext(),
	);

describe("settings at boot", () => {
	test.each(["development", "staging", "production"])("%s with everything misses nothing", (name) =>
		expect(missingSettings(settings(name))).toEqual([]),
	);
	test.each([
		["ENVIRONMENT", undefined],
		["ENVIRONMENT", "prod-4711"],
		["DB", undefined],
		["BLOBS", undefined],
		["TEAM_LEDGER", undefined],
		["ASSETS", undefined],
	])("%s = %s is named on /health, without its value, and nothing else is served", async (name, value) => {
		const own = settings("production", { [name]: value });
		expect(missingSettings(own)).toEqual([name]);
		const answer = await askWith(own, "/health");
		expect(answer.status).toBe(503);
		expect(answer.headers.get("retry-after")).toBe("60");
		const text = await answer.text();
		expect(HealthBody.parse(JSON.parse(text))).toMatchObject({ status: "failing", checks: { settings: `missing or wrong: ${name}` } });
		expect(text).not.toContain("4711");
		for (const path of ["/", "/login", "/api/config", "/api/runs", "/webhooks/github/x"]) {
			const other = await askWith(own, path, { headers: { accept: "text/html" } });
			expect([path, other.status]).toEqual([path, 503]);
			expect(await other.text()).not.toContain(name === "ENVIRONMENT" ? "ENVIRONMENT" : `"${name}"`);
		}
	});
	test("several are named together", async () => {
		const answer = await askWith(settings("production", { DB: undefined, ENVIRONMENT: undefined }), "/health");
		expect(await answer.json()).toMatchObject({ checks: { settings: "missing or wrong: ENVIRONMENT, DB" } });
	});
});

describe.each(["staging", "production"])("in %s", (environment) => {
	let team: TestTeam;
	const own = settings(environment);
	beforeAll(async () => {
		team = await makeTeam();
	});
	const origins = ["https://opssight.example.com", "http://127.0.0.1:8787", "http://localhost"];
	const doors = [
		"/dev/sign-in",
		"/dev/setup",
		"/dev/demo",
		"/dev/demo/remove",
		"/dev/demo/webhook",
		"/dev/demo/cluster",
		"/dev/faults",
		"/dev/ui",
		"/dev",
		"//dev/faults",
		"/dev/../dev/faults",
	];

	test.each(origins.flatMap((origin) => doors.map((path) => [origin, path] as const)))("%s%s does not exist", async (origin, path) => {
		for (const method of ["GET", "POST"]) {
			const form = new URLSearchParams({ team: team.slug, role: "admin" });
			const init = { method, headers: { origin, ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}) } };
			const answer = await askWith(own, `${origin}${path}`, method === "POST" ? { ...init, body: form.toString() } : init);
			expect([method, path, answer.status]).toEqual([method, path, 404]);
			expect(answer.headers.get("set-cookie")).toBeNull();
		}
	});

	test("the sign-in by role is not offered, and the rest of the installation works", async () => {
		expect(await (await askWith(own, "/api/config")).json()).toMatchObject({ environment, sign_in: expect.not.arrayContaining(["role"]) });
		expect((await askWith(own, "/health")).status).toBe(200);
		const runs = await askWith(own, "/api/runs", { headers: { authorization: `Bearer ${team.tokens.viewer}` } });
		expect(runs.status).toBe(200);
	});
});
