// Why the open advisories against Remix 2.17 do not concern this product: what they are about is not in the build that is deployed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequestHandler, type ServerBuild } from "@remix-run/cloudflare";
import { beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
let build: ServerBuild;
let handle: ReturnType<typeof createRequestHandler>;
beforeAll(async () => {
	build = (await import(join(ROOT, "build/server/index.js"))) as ServerBuild;
	handle = createRequestHandler(build, "production");
});

const context = { actor: null, now: 0, requestId: "r", nonce: "n", environment: "production", demoSignIn: false, demoTeams: [] };
const ask = (path: string, init?: RequestInit) =>
	handle(new Request(`https://opssight.example.com${path}`, init), context as unknown as Parameters<typeof handle>[1]);

test("the build has single fetch and lazy route discovery switched off", () => {
	expect(build.future).toMatchObject({ v3_singleFetch: false, v3_lazyRouteDiscovery: false });
	expect(build.isSpaMode).toBe(false);
});

describe("GHSA-8x6r-g9mw-2r78: /__manifest", () => {
	test.each(["/__manifest", "/__manifest?p=/login&version=1", "/__manifest?p=%2Ft%2Facme%2Foverview"])(
		"%s is a page that is not there",
		async (path) => {
			const answer = await ask(path);
			expect(answer.status).toBe(404);
			expect(answer.headers.get("content-type")).not.toContain("json");
		},
	);
});

describe("GHSA-rxv8-25v2-qmq8, GHSA-49rj-9fvp-4h2h: data as turbo-stream", () => {
	test.each(["/login.data", "/_root.data", "/login.data?_routes=routes/login", "/t/acme/overview.data"])(
		"%s answers no stream",
		async (path) => {
			for (const method of ["GET", "POST"]) {
				const body = method === "POST" ? { body: '[{"_1":2},"a",["P",3]]', headers: { "content-type": "text/x-script" } } : {};
				const answer = await ask(path, { method, ...body });
				expect(answer.headers.get("content-type") ?? "").not.toMatch(/x-script|turbo-stream|octet-stream/);
				expect(answer.headers.get("x-remix-response")).toBeNull();
				expect(answer.status).toBeGreaterThanOrEqual(400);
			}
		},
	);
	test("a loader's data is plain JSON", async () => {
		const answer = await ask("/login?_data=routes%2Flogin");
		expect([answer.status, answer.headers.get("content-type")]).toEqual([200, expect.stringContaining("application/json")]);
		JSON.parse(await answer.text());
	});
	test("no page tells the browser to use either", async () => {
		const html = await (await ask("/login")).text();
		expect(html).toContain('"v3_singleFetch":false');
		expect(html).toContain('"v3_lazyRouteDiscovery":false');
		expect(html).not.toContain("streamController");
	});
});

test("the workflow excuses exactly the advisories that this file is about", () => {
	const own = readFileSync(fileURLToPath(import.meta.url), "utf8");
	const excused = /NOT_REACHABLE: (.*)/.exec(readFileSync(join(ROOT, ".github/workflows/check.yml"), "utf8"))?.[1]?.split(" ") ?? [];
	expect(excused.length).toBeGreaterThan(0);
	const proven = new Set([...own.matchAll(/GHSA(?:-[0-9a-z]{4}){3}/g)].map(([id]) => id));
	expect([...proven].sort()).toEqual([...excused].sort());
	for (const file of [
		"SECURITY.md",
		...readdirSync(join(ROOT, "docs/decisions"))
			.filter((name) => name.startsWith("0006"))
			.map((name) => `docs/decisions/${name}`),
	]) {
		for (const id of excused) expect([file, readFileSync(join(ROOT, file), "utf8").includes(id)]).toEqual([file, true]);
	}
});
