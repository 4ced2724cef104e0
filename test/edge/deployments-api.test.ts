// What the API says of deployments and environments, records of them, the gate, and asking for one.
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { deployed, environmentOf, makeCluster, minute, report, reported, revision, tell, testDb } from "../support/deployments.ts";
import { ask, getJson, makeTeam, ORIGIN, type TestTeam } from "../support/team.ts";

type Body = Record<string, unknown> & { error?: { code: string; message: string; fields?: Record<string, string> } };
let team: TestTeam;
beforeEach(async () => {
	team = await makeTeam();
});
afterEach(() => {
	vi.restoreAllMocks();
});

const db = testDb();
const send = async (method: string, path: string, body?: unknown, token = team.tokens.member, headers: Record<string, string> = {}) => {
	const answer = await ask(path, {
		method,
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const text = await answer.text();
	return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Body };
};
const post = (body: unknown, token?: string, headers?: Record<string, string>) => send("POST", "/api/deployments", body, token, headers);
const lockIt = (by: string, until: number | null) =>
	db.run(
		sql`UPDATE environments SET locked_by = ${by}, locked_by_name = 'Jonas', locked_at = 1, locked_until = ${until}, lock_reason = 'incident 7'
			WHERE team_id = ${team.id}`,
	);
const hold = (version: string) =>
	db.run(
		sql`INSERT INTO holds (team_id, id, environment_id, component, version, "commit", images, held_by, held_by_name, held_at, until, reason)
			VALUES (${team.id}, 'h1', ${environmentOf(team)}, 'checkout', ${version}, 'a1b2c3d4e5f60718293a4b5c6d7e8f9011223344',
				'["registry.example.com/shop/checkout:1.5.0"]', 'u', 'Maya', ${Date.now() - 60_000}, ${Date.now() + 600_000}, 'rolled back')`,
	);

describe("reading", () => {
	test("an environment tells its newest success, its newest attempt and what the cluster runs", async () => {
		const cluster = await makeCluster(team);
		await tell(team, [
			deployed({ id: "d1", version: "1.4.2", updatedAt: minute(0), commit: "59b20b8a0b7a4f1e9c7b1b2d3e4f5a6b7c8d9e0f" }),
			deployed({ id: "d2", version: "1.5.0", status: "failure", updatedAt: minute(9), reason: "readiness" }),
			deployed({ id: "d3", component: "web", updatedAt: minute(1) }),
			report(cluster, 10, [
				reported({
					revisions: [revision(3, "1.5.0"), revision(2, "1.4.2")],
					state: "degraded",
					reason: "ProgressDeadlineExceeded",
					updated: 1,
					available: 3,
					total: 4,
					sentence: "The rollout has failed.",
				}),
			]),
		]);
		const { body } = await getJson<{ environments: Body[] }>(team, "/api/environments");
		expect(body.environments).toMatchObject([
			{
				id: environmentOf(team),
				name: "production",
				production: true,
				current: { id: "d3" },
				latest: { id: "d2", status: "failure", reason: "readiness", environment: "production", started_at: "2026-11-20T10:09:00.000Z" },
				observed: { version: "1.5.0", image: "registry.example.com/shop/checkout:1.5.0", state: "degraded" },
				lock: null,
				rollback: null,
			},
		]);
		const one = await getJson<{ components: Body[] }>(team, `/api/environments/${environmentOf(team)}`);
		expect(one.body.components).toMatchObject([
			{ component: "checkout", current: { id: "d1" }, latest: { id: "d2" }, health: "failing", can_roll_back: true, mismatch: null },
			{ component: "web", health: "unknown", can_roll_back: false },
		]);
		expect(one.body.components[0]?.sentence).toMatch(/^Rollout of 1\.5\.0 failed .+ 1\.4\.2 still serves\.$/);
	});

	test("lists filter, page with a cursor, and refuse what does not hold", async () => {
		await tell(
			team,
			Array.from({ length: 5 }, (_, i) => deployed({ id: `d${i}`, updatedAt: minute(i), status: i === 2 ? "failure" : "success" })),
		);
		const ids = ({ body }: { body: { deployments: { id: string }[] } }) => body.deployments.map(({ id }) => id);
		type List = { deployments: { id: string }[]; next_cursor: string | null };
		const first = await getJson<List>(team, "/api/deployments?limit=3&environment=Production");
		expect(ids(first)).toEqual(["d4", "d3", "d2"]);
		expect(ids(await getJson<List>(team, `/api/deployments?limit=3&cursor=${first.body.next_cursor}`))).toEqual(["d1", "d0"]);
		expect(ids(await getJson<List>(team, "/api/deployments?status=failure"))).toEqual(["d2"]);
		expect(ids(await getJson<List>(team, `/api/deployments?environment=${environmentOf(team)}&component=nothing`))).toEqual([]);
		for (const [query, field] of [
			["status=levitating", "status"],
			["limit=0", "limit"],
			["cursor=x", "cursor"],
			["from=never", "from"],
		]) {
			const refused = await getJson<Body>(team, `/api/deployments?${query}`);
			expect([query, refused.status, Object.keys(refused.body.error?.fields ?? {})]).toEqual([query, 422, [field]]);
		}
	});

	test("what is another team's is not there", async () => {
		await tell(team, [deployed({ id: "d1" })]);
		const other = await makeTeam();
		for (const path of [
			"/api/deployments/d1",
			"/api/deployments/d1/commits",
			`/api/environments/${environmentOf(team)}`,
			`/api/gate?environment=${environmentOf(team)}&version=1`,
		]) {
			expect([path, (await getJson(other, path)).status]).toEqual([path, 404]);
			expect([path, (await getJson(team, path)).status]).toEqual([path, 200]);
		}
	});

	test("the commits between two deployments are walked back push by push; without pushes nobody knows", async () => {
		const sha = (n: number) => `${n}`.repeat(40).slice(0, 40);
		const commit = (n: number) => ({ sha: sha(n), author: "maya", message: `change ${n}`, at: minute(n) });
		const push = (before: number, after: number, commits: number[]) => ({
			...{ type: "push" as const, id: `p${after}`, source: "github", repo: "acme/checkout", ref: "main", refType: "branch" as const },
			...{ before: sha(before), after: sha(after), forced: false, deleted: false, commitCount: commits.length, authors: [], pusher: null },
			commits: commits.map(commit),
		});
		for (const [n, one] of [push(1, 2, [2]), push(2, 4, [3, 4]), push(4, 6, [5, 6])].entries())
			await tell(team, [one], { receivedAt: minute(n) });
		await tell(team, [
			deployed({ id: "d1", commit: sha(2), updatedAt: minute(1) }),
			deployed({ id: "d2", commit: sha(5), updatedAt: minute(5), version: "1.5.0" }),
			deployed({ id: "d3", commit: sha(3), updatedAt: minute(7), version: "1.4.9" }),
			deployed({ id: "d4", commit: "f".repeat(40), updatedAt: minute(9), version: "2" }),
		]);
		type Commits = { from: string; commits: { message: string }[] | null; reversed: boolean };
		const between = async (path: string) => (await getJson<Commits>(team, `/api/deployments/${path}`)).body;
		expect((await between("d2/commits")).commits?.map(({ message }) => message)).toEqual(["change 5", "change 4", "change 3"]);
		expect(await between("d3/commits")).toMatchObject({
			from: "d2",
			reversed: true,
			commits: [{ message: "change 5" }, { message: "change 4" }],
		});
		expect(await between("d4/commits")).toMatchObject({ from: "d3", commits: null });
		expect(await between("d1/commits")).toMatchObject({ from: null, commits: null });
		expect(await between("d2/commits?from=d2")).toMatchObject({ commits: [] });
	});
});

describe("recording", () => {
	const done = { environment: "production", component: "checkout", version: "1.5.0", status: "success" };

	test("one that happened elsewhere: created, known, updated, contradicted", async () => {
		const running = { ...done, id: "ci-77", status: "running", started_at: "2026-11-20T10:00:00Z" };
		expect(await post(running, team.ingestToken)).toMatchObject({
			status: 201,
			body: { id: "ci-77", status: "running", source: "generic", environment: "production" },
		});
		expect(await post(running, team.ingestToken)).toMatchObject({ status: 200, body: { status: "running" } });
		const ended = { ...running, status: "success", finished_at: "2026-11-20T10:02:00Z", title: "Faster carts" };
		expect(await post(ended)).toMatchObject({ status: 200, body: { status: "success", duration_seconds: 120, title: "Faster carts" } });
		expect(await post({ ...ended, title: "Something else" })).toMatchObject({ status: 409 });
		expect(await post({ ...running, version: "9.9.9" })).toMatchObject({ status: 409 });
		expect((await getJson(team, "/api/deployments/ci-77")).body).toMatchObject({ status: "success", version: "1.5.0" });
	});

	test("without an id, what it brings where and when is one", async () => {
		const started = { ...done, started_at: "2026-11-20T10:00:00Z" };
		const first = await post({ ...started, status: "running" });
		expect(first.status).toBe(201);
		expect((await post({ ...started, finished_at: "2026-11-20T10:01:00Z" })).body.id).toBe(first.body.id);
		expect((await post({ ...started, started_at: "2026-11-20T11:00:00Z", finished_at: "2026-11-20T11:01:00Z" })).status).toBe(201);
		expect((await getJson<{ deployments: unknown[] }>(team, "/api/deployments")).body.deployments).toHaveLength(2);
	});

	test("without any time it goes on with the one that is under way, and is now", async () => {
		const begun = await post({ ...done, status: "running" });
		const ended = await post(done);
		expect(ended).toMatchObject({ status: 200, body: { id: begun.body.id, status: "success", started_at: begun.body.started_at } });
	});

	test("an environment can be named by its id, but not by one that there is not", async () => {
		await post({ ...done, id: "a" });
		expect((await post({ ...done, id: "b", environment: environmentOf(team) })).body).toMatchObject({ environment: "production" });
		expect(await post({ ...done, environment: "e-aaaaaaaaaaaa" })).toMatchObject({
			status: 422,
			body: { error: { fields: { environment: expect.any(String) } } },
		});
	});

	test.each([
		[{ environment: undefined }, "environment"],
		[{ component: "" }, "component"],
		[{ version: "x".repeat(256) }, "version"],
		[{ status: "levitating" }, "status"],
		[{ id: "github-1-2" }, "id"],
		[{ started_at: "yesterday" }, "started_at"],
		[{ started_at: "2026-11-20T10:00:00Z", finished_at: "2026-11-20T09:00:00Z" }, "finished_at"],
		[{ url: "javascript:alert(1)" }, "url"],
		[{ images: Array(21).fill("a") }, "images"],
		[{ component: "a\u0000b" }, "component"],
	])("%o is refused by field, and nothing is kept", async (change, field) => {
		expect(await post({ ...done, ...change })).toMatchObject({ status: 422, body: { error: { fields: { [field]: expect.any(String) } } } });
		expect((await getJson<{ deployments: unknown[] }>(team, "/api/deployments")).body.deployments).toEqual([]);
	});

	test("who may record and who may ask: the ingest token records and never asks, a viewer does neither", async () => {
		await post({ ...done, id: "a" });
		expect((await post(done, team.tokens.viewer)).status).toBe(403);
		expect((await post({ ...done, status: undefined }, team.ingestToken)).status).toBe(403);
		expect((await post(done, "opst_nobody")).status).toBe(401);
		const answer = await ask("/api/deployments", {
			method: "POST",
			headers: { authorization: `Bearer ${team.tokens.member}`, "content-type": "text/plain" },
			body: "x",
		});
		expect(answer.status).toBe(415);
	});
});

describe("the gate", () => {
	const gate = async (query: string, token?: string) =>
		(await getJson<{ decision: string; reasons: { code: string; message: string }[] }>(team, `/api/gate?${query}`, token)).body;

	test("nothing stands against it", async () => {
		await post({ environment: "production", component: "checkout", version: "1.4.2", status: "success" });
		expect(await gate("environment=production&version=1.5.0")).toEqual({ decision: "allow", reasons: [] });
		expect(await gate("environment=never-heard-of&sha=abc1234")).toMatchObject({
			decision: "warn",
			reasons: [{ code: "unknown", tone: "warn", until: null }],
		});
	});

	test("a held version is denied by version, by tag and by commit, and no other one is", async () => {
		await tell(team, [deployed({ id: "d1" })]);
		await hold("1.5.0");
		for (const query of [
			"version=1.5.0",
			"version=v1.5.0",
			"sha=a1b2c3d",
			"sha=a1b2c3d4e5f60718293a4b5c6d7e8f9011223344",
			"version=1.5.0&component=checkout",
		]) {
			const answer = await gate(`environment=production&${query}`);
			expect([query, answer.decision, answer.reasons[0]?.code]).toEqual([query, "deny", "held"]);
			expect(answer.reasons[0]?.message).toContain("Maya rolled it back");
		}
		for (const query of ["version=1.5.1", "sha=a1b2", "version=1.5.0&component=web"]) {
			expect([query, (await gate(`environment=production&${query}`)).decision]).toEqual([query, "allow"]);
		}
	});

	test("a lock denies everybody but whose it is, until its time is over; a freeze denies everybody", async () => {
		await tell(team, [deployed({ id: "d1" })]);
		await lockIt(`u-${team.id}-manager`, Date.now() + 60_000);
		expect(await gate("environment=production&version=2")).toMatchObject({
			decision: "deny",
			reasons: [{ code: "locked", message: expect.stringContaining("Jonas has locked production") }],
		});
		await lockIt("someone", Date.now() - 1);
		expect((await gate("environment=production&version=2")).decision).toBe("allow");
		const freeze = JSON.stringify([{ kind: "once", from: Date.now() - 1000, to: Date.now() + 60_000, reason: "Black Friday" }]);
		await db.run(sql`UPDATE environments SET freezes = ${freeze} WHERE team_id = ${team.id}`);
		expect(await gate("environment=production&version=2")).toMatchObject({
			decision: "deny",
			reasons: [{ code: "frozen", message: expect.stringContaining("Black Friday") }],
		});
	});

	test("a deployment under way is a warning; without a version nothing is decided", async () => {
		await tell(team, [deployed({ id: "d1", status: "running", updatedAt: Date.now() - 60_000 })]);
		expect(await gate("environment=production&version=2")).toMatchObject({ decision: "warn", reasons: [{ code: "inFlight" }] });
		expect((await getJson(team, "/api/gate?environment=production")).status).toBe(422);
	});
});

test("where no agent speaks of a component its rollback is refused, with what to run by hand", async () => {
	await tell(team, [deployed({ id: "d1" }), deployed({ id: "d2", version: "1.6.0", status: "failure", updatedAt: Date.now() })]);
	const answer = await ask(`/api/environments/${environmentOf(team)}/rollback`, {
		method: "POST",
		headers: { authorization: `Bearer ${team.tokens.member}`, "content-type": "application/json", "idempotency-key": "k" },
		body: JSON.stringify({ seen: "d2", component: "checkout" }),
	});
	expect(answer.status).toBe(409);
	expect(JSON.stringify(await answer.json())).toContain("kubectl -n NAMESPACE rollout undo deployment/checkout");
});

describe("asking for a deployment", () => {
	const wanted = { environment: "production", component: "checkout", version: "1.5.0", commit: "a1b2c3d" };
	let calls: { url: string; init: RequestInit }[];
	const answerWith = (status: number, headers: Record<string, string> = {}) =>
		vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
			calls.push({ url: String(url), init: init as RequestInit });
			return new Response(status === 204 ? null : "an answer that nobody repeats", { status, headers });
		});
	const connect = async (body: object) => {
		const made = await send("POST", "/api/dispatchers", body, team.tokens.manager);
		expect(made).toMatchObject({ status: 201 });
		return made.body;
	};
	beforeEach(async () => {
		calls = [];
		await tell(team, [deployed({ id: "d1" })]);
	});

	test("goes to the GitHub workflow, once under each key, and is in the audit", async () => {
		answerWith(204);
		await connect({
			kind: "github-workflow",
			settings: { repo: "acme/deploy", workflow: "deploy.yml", inputs: "target={environment},tag={version}" },
			secret: "ghp_abcdefgh12345678",
		});
		const first = await post(wanted, undefined, { "idempotency-key": "k1" });
		expect(first).toMatchObject({
			status: 201,
			body: { request: { state: "sent", sent_by: "github-workflow", version: "1.5.0", environment: "production" } },
		});
		expect(await post(wanted, undefined, { "idempotency-key": "k1" })).toMatchObject({
			status: 200,
			body: { request: { id: (first.body.request as Body).id } },
		});
		expect((await post({ ...wanted, version: "1.6.0" }, undefined, { "idempotency-key": "k1" })).status).toBe(409);
		expect(calls).toHaveLength(1);
		expect(calls[0]?.url).toBe("https://api.github.com/repos/acme/deploy/actions/workflows/deploy.yml/dispatches");
		expect(calls[0]?.init).toMatchObject({ method: "POST", redirect: "manual", headers: { authorization: "Bearer ghp_abcdefgh12345678" } });
		expect(JSON.parse(String(calls[0]?.init.body))).toEqual({ ref: "main", inputs: { target: "production", tag: "1.5.0" } });
		const audit = await getJson<{ entries: { act: string; after: unknown }[] }>(team, "/api/audit?act=deployment.ask", team.tokens.manager);
		expect(audit.body.entries).toMatchObject([{ act: "deployment.ask", after: { version: "1.5.0", environment: "production" } }]);
	});

	test("goes to GitHub's repository_dispatch, to a GitLab trigger, or to a signed webhook: the most specific one", async () => {
		answerWith(201);
		await connect({ kind: "github-dispatch", settings: { repo: "acme/deploy", event: "ship" }, secret: "ghp_abcdefgh12345678" });
		await connect({
			kind: "gitlab-trigger",
			environment: "production",
			settings: { project: "acme/deploy", ref: "release" },
			secret: "glptt-abcdefgh",
		});
		const webhook = await connect({
			kind: "webhook",
			environment: "production",
			component: "checkout",
			settings: { url: "https://deploy.example.com/hook" },
		});
		await post(wanted);
		await post({ ...wanted, component: "web" });
		await tell(team, [deployed({ id: "s1", environment: "staging" })]);
		await post({ ...wanted, environment: "staging" });
		expect(calls.map(({ url }) => url)).toEqual([
			"https://deploy.example.com/hook",
			"https://gitlab.com/api/v4/projects/acme%2Fdeploy/trigger/pipeline",
			"https://api.github.com/repos/acme/deploy/dispatches",
		]);
		const [signed, gitlab, github] = calls.map(({ init }) => ({
			headers: init.headers as Record<string, string>,
			body: String(init.body),
		}));
		expect(Object.fromEntries(new URLSearchParams(gitlab!.body))).toMatchObject({
			token: "glptt-abcdefgh",
			ref: "release",
			"variables[VERSION]": "1.5.0",
			"variables[COMPONENT]": "web",
		});
		expect(JSON.parse(github!.body)).toMatchObject({ event_type: "ship", client_payload: { version: "1.5.0", environment: "staging" } });
		// As Standard Webhooks has it: anybody's library can verify it.
		const secret = Uint8Array.from(atob(String(webhook.secret).slice("whsec_".length)), (char) => char.charCodeAt(0));
		const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
		const text = `${signed!.headers["webhook-id"]}.${signed!.headers["webhook-timestamp"]}.${signed!.body}`;
		const signature = Uint8Array.from(atob(signed!.headers["webhook-signature"]!.slice(3)), (char) => char.charCodeAt(0));
		expect(await crypto.subtle.verify("HMAC", key, signature, new TextEncoder().encode(text))).toBe(true);
		expect(JSON.parse(signed!.body)).toMatchObject({ type: "deployment.requested", data: { version: "1.5.0", environment: "production" } });
	});

	test("what is refused outside is said, and stays as failed", async () => {
		answerWith(404);
		await connect({ kind: "github-dispatch", settings: { repo: "acme/deploy" }, secret: "ghp_abcdefgh12345678" });
		const refused = await post(wanted);
		expect(refused).toMatchObject({ status: 409, body: { error: { message: expect.stringContaining("api.github.com answered 404") } } });
		expect(JSON.stringify(refused.body)).not.toContain("nobody repeats");
		vi.restoreAllMocks();
		answerWith(503);
		expect(await post(wanted)).toMatchObject({ status: 503 });
		vi.restoreAllMocks();
		answerWith(302, { location: "https://elsewhere.example.com" });
		expect(await post(wanted)).toMatchObject({
			status: 409,
			body: { error: { message: expect.stringContaining("Redirects are not followed") } },
		});
		vi.restoreAllMocks();
		vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("lost"));
		// It may have been heard: nobody says that it was not.
		expect(await post(wanted)).toMatchObject({
			status: 503,
			body: { error: { message: expect.stringContaining("Whether it was taken is not known") } },
		});
		const { body } = await getJson<{ requests: { state: string; message: string }[] }>(team, "/api/deploy-requests");
		expect(body.requests.map(({ state }) => state)).toEqual(["failed", "failed", "failed", "failed"]);
	});

	test("guards come first: lock, hold, unknown environment, nobody who deploys", async () => {
		answerWith(204);
		expect(await post(wanted)).toMatchObject({
			status: 409,
			body: { error: { message: expect.stringContaining("Nothing here deploys checkout to production") } },
		});
		await connect({ kind: "webhook", settings: { url: "https://deploy.example.com/hook" } });
		expect(await post({ ...wanted, environment: "moon" })).toMatchObject({
			status: 422,
			body: { error: { fields: { environment: expect.any(String) } } },
		});
		await hold("1.5.0");
		expect(await post(wanted)).toMatchObject({ status: 409, body: { error: { message: expect.stringContaining("is held") } } });
		await lockIt("someone", null);
		expect(await post({ ...wanted, version: "1.6.0" })).toMatchObject({
			status: 409,
			body: { error: { message: expect.stringContaining("until somebody releases it") } },
		});
		await lockIt(`k-u-${team.id}-member`, null);
		expect(calls).toEqual([]);
	});

	test("where a second person is needed it waits, for anybody but who asked; declined it goes nowhere", async () => {
		answerWith(204);
		await connect({ kind: "webhook", settings: { url: "https://deploy.example.com/hook" } });
		await db.run(sql`UPDATE environments SET needs_approver = 1 WHERE team_id = ${team.id}`);
		const asked = async () => (await post(wanted)).body.request as Body & { id: string };
		const { id, state } = await asked();
		expect([state, calls.length]).toEqual(["waiting", 0]);
		const approve = (token: string, which = id) => send("POST", `/api/deploy-requests/${which}/approve`, {}, token);
		expect((await approve(team.tokens.member)).status).toBe(409);
		// Who asked with a token is the same person in a browser.
		const inBrowser = { cookie: team.sessions.member, origin: ORIGIN, "content-type": "application/json" };
		expect((await ask(`/api/deploy-requests/${id}/approve`, { method: "POST", headers: inBrowser, body: "{}" })).status).toBe(409);
		expect((await approve(team.tokens.viewer)).status).toBe(403);
		expect(await approve(team.tokens.manager)).toMatchObject({ status: 200, body: { request: { state: "sent" } } });
		expect((await approve(team.tokens.admin)).status).toBe(409);
		expect(calls).toHaveLength(1);
		const second = await asked();
		const declined = await send("POST", `/api/deploy-requests/${second.id}/decline`, { reason: "not on a Friday" }, team.tokens.manager);
		expect(declined).toMatchObject({ status: 200, body: { request: { state: "declined", message: "not on a Friday" } } });
		expect((await approve(team.tokens.admin, second.id)).status).toBe(409);
		expect(calls).toHaveLength(1);
		const other = await makeTeam();
		expect((await send("POST", `/api/deploy-requests/${id}/approve`, {}, other.tokens.admin)).status).toBe(404);
	});

	test("dispatchers: never their secrets, changed and removed by who manages environments", async () => {
		const made = await connect({
			kind: "github-workflow",
			settings: { repo: "acme/deploy", workflow: "deploy.yml" },
			secret: "ghp_abcdefgh12345678",
		});
		const list = await send("GET", "/api/dispatchers", undefined, team.tokens.manager);
		expect(JSON.stringify(list.body)).not.toContain("ghp_abcdefgh12345678");
		expect(list.body.dispatchers).toMatchObject([
			{ id: made.id, kind: "github-workflow", environment: null, settings: { repo: "acme/deploy" } },
		]);
		const changed = await send(
			"PATCH",
			`/api/dispatchers/${made.id}`,
			{ settings: { repo: "acme/ship", workflow: "ship.yml" } },
			team.tokens.manager,
		);
		expect(changed).toMatchObject({ status: 200, body: { settings: { repo: "acme/ship" } } });
		expect((await send("POST", "/api/dispatchers", { kind: "webhook", settings: { url: "https://a.example.com" } })).status).toBe(403);
		expect((await send("DELETE", `/api/dispatchers/${made.id}`, undefined, team.tokens.manager)).status).toBe(204);
		expect((await send("DELETE", `/api/dispatchers/${made.id}`, undefined, team.tokens.manager)).status).toBe(404);
	});

	test.each([
		[{ kind: "carrier-pigeon", settings: {} }, "kind"],
		[{ kind: "github-workflow", settings: { repo: "acme/deploy" }, secret: "12345678" }, "settings.workflow"],
		[{ kind: "github-dispatch", settings: { repo: "../../admin" }, secret: "12345678" }, "settings.repo"],
		[{ kind: "github-dispatch", settings: { repo: "acme/deploy" } }, "secret"],
		[{ kind: "webhook", settings: { url: "http://deploy.example.com" } }, "settings.url"],
		[{ kind: "webhook", settings: { url: "https://10.0.0.1/" } }, "settings.url"],
		[{ kind: "webhook", settings: { url: "https://0x0a.1/" } }, "settings.url"],
		[{ kind: "webhook", settings: { url: "https://[fd00::1]/" } }, "settings.url"],
		[{ kind: "webhook", settings: { url: "https://user:pass@deploy.example.com/" } }, "settings.url"],
		[{ kind: "webhook", settings: { url: "https://deploy.example.com:8443/" } }, "settings.url"],
		[{ kind: "webhook", settings: { url: "https://metadata.internal/" } }, "settings.url"],
		[{ kind: "gitlab-trigger", settings: { project: "1", host: "evil.example.com" }, secret: "12345678" }, "settings.host"],
		[{ kind: "webhook", environment: "moon", settings: { url: "https://deploy.example.com/" } }, "environment"],
	])("%o is refused by field", async (body, field) => {
		const refused = await send("POST", "/api/dispatchers", body, team.tokens.manager);
		expect(refused).toMatchObject({ status: 422, body: { error: { fields: { [field]: expect.any(String) } } } });
	});
});
