// Getting in, tokens, sessions, members, invitations, limits: the attacks of faults 30 to 39, each ending in a good request that succeeds.
import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openDatabase } from "#worker/dev/faults";
import { ACTOR_LIMIT, ATTEMPTS_MAX } from "#worker/domains/auth/limits";
import { isWithoutAdmin, makeSetupToken } from "#worker/domains/auth/sign-in.server";
import { actorOfSession } from "#worker/domains/auth/store.server";
import { acceptInvitation, readInvitation } from "#worker/domains/teams/actions.server";
import { readTeamsOverview } from "#worker/domains/teams/overview.server";
import type { Env } from "#worker/env";
import { forgetLimits } from "#worker/http/rate-limit";
import { sha256Hex } from "#worker/ids";
import worker from "#worker/index";
import type { LiveMessage } from "#worker/wire/live";
import { eventBody } from "../support/figures.ts";
import { createGitHubDouble, settingsFor } from "../support/github-double.mjs";
import { ask, ledgerOf, makeTeam, ORIGIN, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

const GITHUB = "https://github.test";
const db = () => openDatabase(env.DB);
const FORM = { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN };
type Role = keyof TestTeam["sessions"];

/** The Worker with GitHub set up, asked by a browser of its own network that keeps its cookies. */
function browser({ settings = settingsFor(GITHUB) as Record<string, string>, address = `10.0.${(serial += 1)}.7` } = {}) {
	const cookies = new Map<string, string>();
	const go = async (path: string, init: RequestInit = {}) => {
		const headers = new Headers(init.headers);
		headers.set("cf-connecting-ip", address);
		if (cookies.size > 0) headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
		const request = new Request(path.startsWith("http") ? path : `${ORIGIN}${path}`, { ...init, headers, redirect: "manual" });
		const own = { ...env, ...settings } as Env;
		const answer = await worker.fetch(request as Parameters<typeof worker.fetch>[0], own, createExecutionContext());
		for (const line of answer.headers.getSetCookie()) {
			const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
			if (/Max-Age=0/.test(line)) cookies.delete(name);
			else cookies.set(name, value);
		}
		return answer;
	};
	const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = FORM) =>
		go(path, { method: "POST", headers, body: new URLSearchParams(fields).toString() });
	/** Begin at GitHub; where the double sends back to. */
	const begin = async ({ next = "", login = "octo-ada", answer = "accept" } = {}) => {
		const off = await go(`/sign-in/github${next ? `?next=${encodeURIComponent(next)}` : ""}`);
		expect(off.status).toBe(302);
		const asked = Object.fromEntries(new URL(off.headers.get("location")!).searchParams);
		const said = new URLSearchParams({ ...asked, login, answer }).toString();
		const back = await double.handle(new Request(`${GITHUB}/login/oauth/authorize`, { method: "POST", body: said }));
		return { asked, callback: back.headers.get("location")!.replace(ORIGIN, "") };
	};
	const session = () => cookies.get("__Host-opssight");
	return { go, post, begin, session, cookies };
}
let serial = 0;

const isSignedIn = async (session: string | undefined) =>
	session !== undefined && (await actorOfSession(db(), await sha256Hex(session), Date.now())) !== null;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const asPerson = (cookie: string, more: Record<string, string> = {}) => ({
	cookie,
	origin: ORIGIN,
	"content-type": "application/json",
	...more,
});
const send = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
	ask(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const jsonOf = async <T>(answer: Response) => (await answer.json()) as T;
const userOf = (team: TestTeam, role: Role) => `u-${team.id}-${role}`;
const rows = async <T>(text: string, ...params: unknown[]) =>
	(
		await env.DB.prepare(text)
			.bind(...params)
			.all<T>()
	).results;

let double: ReturnType<typeof createGitHubDouble>;
beforeEach(() => {
	double = createGitHubDouble({ now: () => Date.now() });
	vi.stubGlobal("fetch", (url: string, init: RequestInit) => double.handle(new Request(url, init)));
	forgetLimits();
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

describe("fault 30: sign-in with GitHub", () => {
	const goodSignIn = async (own = browser()) => {
		const { callback } = await own.begin({ next: "/t/x/overview?repo=a%2Fb" });
		const answer = await own.go(callback);
		expect([answer.status, answer.headers.get("location")]).toEqual([303, "/t/x/overview?repo=a%2Fb"]);
		expect(await isSignedIn(own.session())).toBe(true);
		return own;
	};
	const refused = async (own: ReturnType<typeof browser>, answer: Response, status: number, problem: string) => {
		expect([answer.status, answer.headers.has("location")]).toEqual([status, false]);
		expect(await answer.text()).toContain(`problem=${problem}`);
		expect(own.session()).toBeUndefined();
		expect(answer.headers.get("cache-control")).toBe("no-store");
	};

	test("asks for what it needs, with PKCE, and keeps nothing of GitHub's", async () => {
		const own = browser();
		const { asked } = await own.begin();
		expect(asked).toMatchObject({ scope: "read:org", code_challenge_method: "S256", redirect_uri: `${ORIGIN}/sign-in/github/callback` });
		expect(asked.code_challenge).toMatch(/^[\w-]{43}$/);
		expect(own.cookies.get("__Host-opssight-browser")).toMatch(/^[\w-]{43}$/);
		await goodSignIn(own);
		const tables = await rows<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'");
		for (const { name } of tables) expect(JSON.stringify(await rows(`SELECT * FROM "${name}"`))).not.toContain("gho_");
	});
	test("a missing state", async () => {
		const own = browser();
		await refused(own, await own.go("/sign-in/github/callback?code=x"), 400, "stateMissing");
		await goodSignIn(own);
	});
	test("a state of another browser", async () => {
		const { callback } = await browser().begin();
		const victim = browser();
		await refused(victim, await victim.go(callback), 400, "stateUnknown");
		await victim.begin();
		await refused(victim, await victim.go(callback), 400, "stateUnknown");
		await goodSignIn(victim);
	});
	test("a reused state and code", async () => {
		const own = browser();
		const { callback } = await own.begin();
		expect((await own.go(callback)).status).toBe(303);
		own.cookies.delete("__Host-opssight");
		await refused(own, await own.go(callback), 400, "stateUsed");
		// The same code under a state of its own.
		const again = await own.begin();
		const code = new URL(callback, ORIGIN).searchParams.get("code")!;
		const mixed = new URL(again.callback, ORIGIN);
		mixed.searchParams.set("code", code);
		await refused(own, await own.go(mixed.pathname + mixed.search), 400, "code");
		await goodSignIn(own);
	});
	test("two at once with one state: one gets in", async () => {
		const own = browser();
		const { callback } = await own.begin();
		const statuses = (await Promise.all([own.go(callback), own.go(callback)])).map(({ status }) => status);
		expect(statuses.sort()).toEqual([303, 400]);
	});
	test("a state of eleven minutes ago", async () => {
		const own = browser();
		const { callback } = await own.begin({ next: "/t/kept/overview" });
		await env.DB.prepare("UPDATE sign_in_states SET created_at = created_at - 660000").run();
		const answer = await own.go(callback);
		expect(await answer.clone().text()).toContain("next=%2Ft%2Fkept%2Foverview");
		await refused(own, answer, 400, "stateExpired");
		await goodSignIn(own);
	});
	test("a code that was taken on its way: without the verifier it is worth nothing", async () => {
		const own = browser();
		const thief = browser();
		const stolen = new URL((await own.begin()).callback, ORIGIN).searchParams.get("code")!;
		const mixed = new URL((await thief.begin({ login: "octo-eve" })).callback, ORIGIN);
		mixed.searchParams.set("code", stolen);
		await refused(thief, await thief.go(mixed.pathname + mixed.search), 400, "code");
		await goodSignIn(own);
	});
	test("somebody who says no, keeps the way back", async () => {
		const own = browser();
		const { callback } = await own.begin({ answer: "refuse", next: "/t/acme/overview" });
		const answer = await own.go(callback);
		expect(await answer.clone().text()).toContain("next=%2Ft%2Facme%2Foverview");
		await refused(own, answer, 403, "refused");
		await goodSignIn(own);
	});
	test("the wrong organisation; a named user needs none, and the 131st organisation is found in any case", async () => {
		const own = browser();
		await refused(own, await own.go((await own.begin({ login: "octo-eve" })).callback), 403, "notAllowed");
		for (const login of ["octo-friend", "octo-many"]) {
			const other = browser();
			expect((await other.go((await other.begin({ login })).callback)).status).toBe(303);
		}
	});
	test.each(["down", "html"] as const)("GitHub %s", async (fail) => {
		const own = browser();
		const { callback } = await own.begin();
		double.fail = fail;
		await refused(own, await own.go(callback), 503, "gitHub");
		double.fail = null;
		await goodSignIn(own);
	});
	test("where it is not set up it says so, and a half set up one answers nothing", async () => {
		const own = browser({ settings: {} });
		await refused(own, await own.go("/sign-in/github"), 404, "gitHubOff");
		const { GITHUB_ALLOWED_ORGS, GITHUB_ALLOWED_USERS, ...open } = settingsFor(GITHUB);
		expect((await browser({ settings: open }).go("/sign-in/github")).status).toBe(503);
	});
	test("a person is who GitHub's id says, whatever their login; somebody else's login stays theirs", async () => {
		await env.DB.prepare("DELETE FROM users WHERE github_id = '9001'").run();
		await env.DB.prepare("INSERT INTO users (id, login, name, created_at) VALUES ('u-local', 'octo-ada', 'Local', 1)").run();
		await goodSignIn();
		await goodSignIn();
		const known = await rows<{ id: string; login: string }>("SELECT id, login FROM users WHERE github_id = '9001'");
		expect(known).toMatchObject([{ login: "octo-ada~9001" }]);
		expect(await rows("SELECT login FROM users WHERE id = 'u-local'")).toEqual([{ login: "octo-ada" }]);
		await env.DB.prepare("DELETE FROM users WHERE id = 'u-local'").run();
	});
});

test.each(["//evil.test", "/\\evil.test", "https:evil.test", "https://evil.test/", "/%0d%0aSet-Cookie:x=y\r\nx: y", "javascript:alert(1)"])(
	"fault 31: next=%s leads nowhere else",
	async (next) => {
		const own = browser();
		const { callback } = await own.begin({ next });
		const answer = await own.go(callback);
		expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
		const team = await makeTeam();
		const byToken = await browser().post("/sign-in/token", { token: team.tokens.viewer, next });
		expect([byToken.status, byToken.headers.get("location")]).toEqual([303, "/"]);
		const good = await browser().post("/sign-in/token", { token: team.tokens.viewer, next: `/t/${team.slug}/overview` });
		expect(good.headers.get("location")).toBe(`/t/${team.slug}/overview`);
	},
);

test("fault 32: each sign-in has a new id, a planted one is never taken, and the old one is dead at once", async () => {
	const team = await makeTeam();
	const own = browser();
	own.cookies.set("__Host-opssight", "planted-by-somebody-else-0000000000000000000");
	await own.post("/sign-in/token", { token: team.tokens.member });
	const first = own.session();
	expect(first).not.toContain("planted");
	await own.post("/sign-in/token", { token: team.tokens.member });
	expect(own.session()).not.toBe(first);
	expect(await isSignedIn(first)).toBe(false);
	expect(await isSignedIn(own.session())).toBe(true);
});

describe("fault 33: requests of foreign pages", () => {
	test.each([
		["a form", "https://evil.test"],
		["a sandboxed page", "null"],
		["no Origin", undefined],
	])("%s changes nothing", async (_what, origin) => {
		const team = await makeTeam();
		const headers = { cookie: team.sessions.admin, ...(origin === undefined ? {} : { origin }) };
		for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
			const more = { ...headers, "content-type": type };
			const body = { name: "x", scopes: ["read"] };
			expect((await send("POST", "/api/tokens", more, body)).status).toBe(403);
			expect((await send("PATCH", `/api/members/${userOf(team, "viewer")}`, more, { role: "admin" })).status).toBe(403);
			expect((await send("DELETE", `/api/members/${userOf(team, "viewer")}`, more)).status).toBe(403);
			expect((await send("POST", "/api/sessions/end-others", more)).status).toBe(403);
		}
		for (const path of ["/sign-in/token", "/sign-in/setup", "/sign-out"]) {
			const own = browser();
			const withOrigin: Record<string, string> = { "content-type": FORM["content-type"], ...(origin === undefined ? {} : { origin }) };
			expect((await own.post(path, { token: team.tokens.admin }, withOrigin)).status).toBe(403);
			expect(own.session()).toBeUndefined();
		}
		expect(await rows("SELECT role FROM members WHERE user_id = ?", userOf(team, "viewer"))).toEqual([{ role: "viewer" }]);
		const good = await send("PATCH", `/api/members/${userOf(team, "viewer")}`, asPerson(team.sessions.admin), { role: "member" });
		expect(good.status).toBe(200);
	});
});

describe("members", () => {
	test("fault 35: nobody raises themselves, fields that are not theirs change nothing", async () => {
		const team = await makeTeam();
		const other = await makeTeam();
		for (const role of ["viewer", "member", "manager"] as const) {
			const path = `/api/members/${userOf(team, role)}`;
			expect((await send("PATCH", path, asPerson(team.sessions[role]), { role: "admin" })).status).toBe(403);
			expect(
				(await send("PATCH", path, { ...bearer(team.tokens[role]), "content-type": "application/json" }, { role: "admin" })).status,
			).toBe(403);
			expect((await send("POST", "/api/invitations", asPerson(team.sessions[role]), { role: "admin" })).status).toBe(403);
			const beyond = await send("POST", "/api/tokens", asPerson(team.sessions[role]), { name: "x", scopes: ["admin"], role: "admin" });
			expect(beyond.status).toBe(403);
		}
		// Another team's member is as unknown as nobody.
		const admin = asPerson(team.sessions.admin);
		for (const id of [userOf(other, "viewer"), "nobody"]) {
			const answer = await send("PATCH", `/api/members/${id}`, admin, { role: "admin" });
			expect(answer.status).toBe(404);
		}
		expect((await send("PATCH", `/api/members/${userOf(team, "viewer")}`, admin, { role: "owner" })).status).toBe(422);
		const good = await send("PATCH", `/api/members/${userOf(team, "viewer")}`, admin, { role: "member", team_id: other.id, user_id: "x" });
		expect(await jsonOf(good)).toMatchObject({ id: userOf(team, "viewer"), role: "member" });
		expect(await rows("SELECT role FROM members WHERE team_id = ? AND role = 'admin'", other.id)).toHaveLength(1);
		const [row] = await rows<Record<string, string>>("SELECT * FROM audit WHERE team_id = ? AND act = 'member.role'", team.id);
		expect(row).toMatchObject({ object: userOf(team, "viewer"), before: '{"role":"viewer"}', after: '{"role":"member"}', outcome: "done" });
	});

	test("fault 35: the last admin stays, also when two admins demote each other at once", async () => {
		const team = await makeTeam();
		const admin = asPerson(team.sessions.admin);
		const self = `/api/members/${userOf(team, "admin")}`;
		for (const answer of [await send("PATCH", self, admin, { role: "viewer" }), await send("DELETE", self, admin)]) {
			expect(answer.status).toBe(409);
			expect(await answer.text()).toContain("last admin");
		}
		expect((await send("PATCH", `/api/members/${userOf(team, "manager")}`, admin, { role: "admin" })).status).toBe(200);
		const both = await Promise.all([
			send("PATCH", `/api/members/${userOf(team, "manager")}`, admin, { role: "viewer" }),
			send("DELETE", self, asPerson(team.sessions.manager)),
		]);
		expect(both.map(({ status }) => status).filter((status) => status < 300)).toHaveLength(1);
		expect(await rows("SELECT 1 FROM members WHERE team_id = ? AND role = 'admin'", team.id)).toHaveLength(1);
		const denied = await rows("SELECT 1 FROM audit WHERE team_id = ? AND act IN ('member.role', 'member.remove')", team.id);
		expect(denied).toHaveLength(2);
	});

	test("fault 37: a removed member's next request is refused, their socket closes, their tokens end", async () => {
		const team = await makeTeam();
		const { frames, closes } = await watch(team, team.sessions.member);
		const bystander = await watch(team, team.sessions.viewer);
		expect((await send("DELETE", `/api/members/${userOf(team, "member")}`, asPerson(team.sessions.admin))).status).toBe(204);
		await expect.poll(() => closes.length).toBe(1);
		expect(frames.at(-1)).toMatchObject({ type: "bye", reason: "signedOut" });
		await sendGitHub(team, "workflow_run", workflowRun({ id: 9 }));
		await expect.poll(() => bystander.frames.at(-1)).toMatchObject({ type: "change" });
		expect(frames.filter(({ type }) => type !== "bye")).toHaveLength(1);
		expect((await ask(`/api/runs?team=${team.slug}`, { headers: { cookie: team.sessions.member } })).status).toBe(404);
		expect((await ask("/api/runs", { headers: bearer(team.tokens.member) })).status).toBe(401);
		expect((await postEvent(team.tokens.member)).status).toBe(401);
		expect((await ask("/api/runs", { headers: { cookie: team.sessions.viewer } })).status).toBe(200);
	});

	test("fault 37: what nobody told the ledger it finds out by its alarm", async () => {
		const team = await makeTeam();
		const gone = await watch(team, team.sessions.member);
		const byToken = await watch(team, null, bearer(team.tokens.manager));
		const stays = await watch(team, team.sessions.viewer);
		await env.DB.prepare("DELETE FROM members WHERE user_id = ?").bind(userOf(team, "member")).run();
		await env.DB.prepare("UPDATE tokens SET revoked_at = 1 WHERE user_id = ?").bind(userOf(team, "manager")).run();
		await runInDurableObject(ledgerOf(team), async (_object, state) => {
			const due = await state.storage.getAlarm();
			expect(due).toBeLessThanOrEqual(Date.now() + 60_000);
		});
		await runDurableObjectAlarm(ledgerOf(team));
		await expect.poll(() => [gone.closes.length, byToken.closes.length]).toEqual([1, 1]);
		expect(stays.closes).toHaveLength(0);
		await runInDurableObject(ledgerOf(team), async (_object, state) => expect(await state.storage.getAlarm()).not.toBeNull());
	});

	test("who is demoted to viewer can no longer send with the token they have", async () => {
		const team = await makeTeam();
		expect((await postEvent(team.tokens.member)).status).toBe(201);
		await send("PATCH", `/api/members/${userOf(team, "member")}`, asPerson(team.sessions.admin), { role: "viewer" });
		expect((await postEvent(team.tokens.member)).status).toBe(403);
		expect((await postEvent(team.ingestToken)).status).toBe(200);
	});
});

async function watch(team: TestTeam, cookie: string | null, headers: Record<string, string> = {}) {
	const answer = await ask(`/live/${team.slug}`, {
		headers: { upgrade: "websocket", ...(cookie ? { cookie, origin: ORIGIN } : {}), ...headers },
	});
	expect(answer.status).toBe(101);
	const socket = answer.webSocket!;
	const frames: LiveMessage[] = [];
	const closes: number[] = [];
	socket.accept();
	socket.addEventListener("message", ({ data }) => {
		frames.push(JSON.parse(data as string) as LiveMessage);
	});
	socket.addEventListener("close", ({ code }) => {
		closes.push(code);
	});
	socket.send(JSON.stringify({ hello: {} }));
	await expect.poll(() => frames.length).toBe(1);
	return { frames, closes };
}

let events = 0;
const postEvent = (token: string, id = "same") =>
	send(
		"POST",
		"/api/events",
		{ ...bearer(token), "content-type": "application/json" },
		eventBody({ id, branch: id === "same" ? "main" : `b${events++}` }),
	);

describe("invitations", () => {
	const deps = (userId: string) => ({
		db: db(),
		ledger: { syncCredentials: async () => {}, endSessions: async () => {} },
		actor: { kind: "person" as const, userId, name: "N", login: "n", sessionId: "s", teams: [] },
		...{ requestId: "r", address: null, now: Date.now() },
	});
	const invite = async (team: TestTeam, body: object) => {
		const answer = await send("POST", "/api/invitations", asPerson(team.sessions.admin), body);
		expect(answer.status).toBe(201);
		return await jsonOf<{ id: string; path: string }>(answer);
	};

	test("a link makes one member, once; it is stored hashed and listed without itself", async () => {
		const team = await makeTeam();
		const [guest, late] = [await makeTeam(), await makeTeam()];
		const { id, path } = await invite(team, { role: "manager" });
		const token = path.replace("/invitations/", "");
		expect(token).toMatch(/^opsi_[\w-]{43}$/);
		const list = await send("GET", "/api/invitations", { cookie: team.sessions.admin });
		const text = await list.text();
		expect(text).toContain(id);
		expect(text + JSON.stringify(await rows("SELECT * FROM invitations"))).not.toContain(token.slice(5));
		const user = userOf(guest, "viewer");
		expect(await readInvitation(deps(user), token)).toMatchObject({ slug: team.slug, role: "manager", refusal: null });
		expect(await acceptInvitation(deps(user), token)).toBe(team.slug);
		await expect(acceptInvitation(deps(userOf(late, "viewer")), token)).rejects.toMatchObject({ code: "conflict" });
		await expect(acceptInvitation(deps(user), token)).rejects.toMatchObject({ code: "conflict" });
		expect(await rows("SELECT role FROM members WHERE team_id = ? AND user_id = ?", team.id, user)).toEqual([{ role: "manager" }]);
		expect(await rows("SELECT 1 FROM audit WHERE team_id = ? AND act = 'invitation.accept'", team.id)).toHaveLength(1);
	});

	test("two at once: one gets in", async () => {
		const team = await makeTeam();
		const token = (await invite(team, { role: "viewer" })).path.replace("/invitations/", "");
		const guests = [await makeTeam(), await makeTeam()].map((guest) => userOf(guest, "viewer"));
		const came = await Promise.allSettled(guests.map((user) => acceptInvitation(deps(user), token)));
		expect(came.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		expect(await rows("SELECT 1 FROM members WHERE team_id = ? AND user_id IN (?, ?)", team.id, ...guests)).toHaveLength(1);
	});

	test("taken back, too old, for another account, or none at all", async () => {
		const team = await makeTeam();
		const guest = userOf(await makeTeam(), "viewer");
		const back = await invite(team, { role: "viewer" });
		expect((await send("DELETE", `/api/invitations/${back.id}`, asPerson(team.sessions.admin))).status).toBe(204);
		expect((await send("DELETE", `/api/invitations/${back.id}`, asPerson(team.sessions.admin))).status).toBe(404);
		const old = await invite(team, { role: "viewer", expires_in_days: 1 });
		await env.DB.prepare("UPDATE invitations SET expires_at = 5 WHERE id = ?").bind(old.id).run();
		const named = await invite(team, { role: "viewer", login: "octo-ada" });
		for (const { path } of [back, old, named]) {
			const token = path.replace("/invitations/", "");
			expect((await readInvitation(deps(guest), token)).refusal).not.toBeNull();
			await expect(acceptInvitation(deps(guest), token)).rejects.toMatchObject({ code: "conflict" });
		}
		await expect(acceptInvitation(deps(guest), "opsi_none")).rejects.toMatchObject({ code: "notFound" });
		expect((await send("POST", "/api/invitations", asPerson(team.sessions.admin), { role: "viewer", login: "a b" })).status).toBe(422);
		const own = browser();
		expect((await own.go((await own.begin()).callback)).status).toBe(303);
		const [ada] = await rows<{ id: string }>("SELECT id FROM users WHERE github_id = '9001'");
		expect(await acceptInvitation(deps(ada!.id), named.path.replace("/invitations/", ""))).toBe(team.slug);
	});
});

describe("tokens", () => {
	type Made = { id: string; token: string; expires_at: string | null; scopes: string[]; old_expires_at: string | null };
	type Listed = { tokens: { id: string; last_used_at: string | null; revoked_at: string | null; rotated_from: string | null }[] };
	const make = async (team: TestTeam, role: Role, body: object, base = "/api/tokens") => {
		const answer = await send("POST", base, asPerson(team.sessions[role]), { name: "ci", scopes: ["read"], ...body });
		expect(answer.status).toBe(201);
		return await jsonOf<Made>(answer);
	};
	const reads = async (token: string) => (await ask("/api/runs", { headers: bearer(token) })).status;

	test("made with scopes, expires by itself after 90 days, shown once, and its use is noted", async () => {
		const team = await makeTeam();
		const made = await make(team, "member", {});
		expect(Date.parse(made.expires_at!) - Date.now()).toBeGreaterThan(89.9 * 24 * 3600_000);
		expect(await reads(made.token)).toBe(200);
		const listed = await send("GET", "/api/tokens", { cookie: team.sessions.member });
		const text = await listed.clone().text();
		expect(text).not.toContain(made.token);
		const { tokens } = await jsonOf<Listed>(listed);
		await expect
			.poll(async () => (await rows<{ n: number }>("SELECT last_used_at AS n FROM tokens WHERE id = ?", made.id))[0]!.n)
			.toBeGreaterThan(0);
		expect(tokens.map(({ id }) => id)).toContain(made.id);
		const stored = JSON.stringify(await rows("SELECT * FROM tokens WHERE team_id = ?", team.id));
		expect(stored).not.toContain(made.token.split("_")[2]);
		expect(JSON.stringify(await rows("SELECT * FROM audit WHERE team_id = ?", team.id))).not.toContain(made.token.split("_")[2]);
		const never = await make(team, "member", { expires_in_days: null });
		expect(never.expires_at).toBeNull();
	});

	test("fault 36: what is no valid token, in every shape, is refused; revoking works at once", async () => {
		const team = await makeTeam();
		const { id, token } = await make(team, "member", { scopes: ["read", "ingest"] });
		const shapes: [Record<string, string>, string][] = [
			[{ authorization: `Basic ${btoa(`x:${token}`)}` }, "/api/runs"],
			[{ authorization: `bearer ${token}` }, "/api/runs"],
			[{ authorization: `Bearer  ${token}` }, "/api/runs"],
			[{ authorization: `Bearer ${token}x` }, "/api/runs"],
			[{ authorization: `Bearer ${token.toUpperCase()}` }, "/api/runs"],
			[{ authorization: `Bearer ${"x".repeat(10_000)}` }, "/api/runs"],
			[{ authorization: "Bearer" }, "/api/runs"],
			[{}, `/api/runs?access_token=${token}&token=${token}`],
			[{ "x-api-key": token }, "/api/runs"],
		];
		for (const [headers, path] of shapes) expect([headers, (await ask(path, { headers })).status]).toEqual([headers, 401]);
		expect((await ask("/metrics", { headers: bearer(token) })).status).toBe(403);
		expect([await reads(token), (await postEvent(token)).status]).toEqual([200, 201]);
		expect((await send("DELETE", `/api/tokens/${id}`, asPerson(team.sessions.member))).status).toBe(204);
		expect([await reads(token), (await postEvent(token)).status]).toEqual([401, 401]);
		const expired = await make(team, "member", { scopes: ["read", "ingest"] });
		await env.DB.prepare("UPDATE tokens SET expires_at = ?2 WHERE id = ?1")
			.bind(expired.id, Date.now() - 1)
			.run();
		await ledgerOf(team).syncCredentials(team.id);
		expect([await reads(expired.token), (await postEvent(expired.token)).status]).toEqual([401, 401]);
		expect(await reads((await make(team, "member", {})).token)).toBe(200);
	});

	test("rotating overlaps: both work, the old one ends within a day, and it is rotated once", async () => {
		const team = await makeTeam();
		const old = await make(team, "admin", { scopes: ["ingest"], expires_in_days: 30 }, "/api/machine-tokens");
		const path = `/api/machine-tokens/${old.id}/rotate`;
		const both = await Promise.all([1, 2].map(() => send("POST", path, asPerson(team.sessions.admin))));
		expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
		const fresh = await jsonOf<Made>(both.find(({ status }) => status === 200)!);
		expect(Date.parse(fresh.old_expires_at!)).toBeLessThanOrEqual(Date.now() + 24 * 3600_000);
		expect(Date.parse(fresh.expires_at!)).toBeGreaterThan(Date.now() + 29 * 24 * 3600_000);
		expect([(await postEvent(old.token)).status, (await postEvent(fresh.token)).status]).toEqual([201, 200]);
		const { tokens } = await jsonOf<Listed>(await send("GET", "/api/machine-tokens", { cookie: team.sessions.admin }));
		expect(tokens.find(({ id }) => id === fresh.id)).toMatchObject({ rotated_from: old.id });
	});

	test("fault 34: other people's tokens, other teams' and unknown ones are the same 404; machines' need an admin", async () => {
		const team = await makeTeam();
		const other = await makeTeam();
		const theirs = await make(other, "admin", {});
		const machine = await make(other, "admin", {}, "/api/machine-tokens");
		const colleague = await make(team, "manager", {});
		const member = asPerson(team.sessions.member);
		const bodies = await Promise.all(
			[theirs.id, machine.id, colleague.id, "k-none"].map(async (id) => {
				const answer = await send("DELETE", `/api/tokens/${id}`, member);
				expect(answer.status).toBe(404);
				return (await jsonOf<{ error: { message: string } }>(answer)).error.message;
			}),
		);
		expect(new Set(bodies).size).toBe(1);
		for (const method of ["GET", "POST"])
			expect((await send(method, "/api/machine-tokens", member, method === "POST" ? {} : undefined)).status).toBe(403);
		expect((await send("DELETE", `/api/machine-tokens/${machine.id}`, asPerson(team.sessions.admin))).status).toBe(404);
		// An admin ends a colleague's token, but can't exchange it for one that they would know.
		expect((await send("POST", `/api/tokens/${colleague.id}/rotate`, asPerson(team.sessions.admin))).status).toBe(404);
		expect((await send("DELETE", `/api/tokens/${colleague.id}`, asPerson(team.sessions.admin))).status).toBe(204);
		expect([await reads(theirs.token), await reads(machine.token), await reads(colleague.token)]).toEqual([200, 200, 401]);
	});

	test("no token makes personal tokens or ends sessions, and an admin's token gives no more than it has", async () => {
		const team = await makeTeam();
		const headers = { ...bearer(team.tokens.admin), "content-type": "application/json" };
		expect((await send("POST", "/api/tokens", headers, { name: "x", scopes: ["read"] })).status).toBe(403);
		expect((await send("GET", "/api/sessions", headers)).status).toBe(403);
		const narrow = await make(team, "admin", { scopes: ["admin"] }, "/api/machine-tokens");
		const by = { ...bearer(narrow.token), "content-type": "application/json" };
		expect((await send("POST", "/api/machine-tokens", by, { name: "x", scopes: ["read"] })).status).toBe(403);
		expect((await send("POST", "/api/machine-tokens", by, { name: "x", scopes: ["admin"] })).status).toBe(201);
		expect((await send("POST", "/api/machine-tokens", headers, { name: "x", scopes: ["read"] })).status).toBe(201);
	});

	test("signing in with one: a session of its owner that may no more than the token, and ends with it", async () => {
		const team = await makeTeam();
		const other = await makeTeam();
		const admin = userOf(team, "admin");
		await env.DB.prepare("INSERT INTO members (team_id, user_id, role, created_at) VALUES (?, ?, 'admin', 1)").bind(other.id, admin).run();
		const made = await make(team, "admin", { scopes: ["read"] }).catch(async () => {
			const answer = await send("POST", `/api/tokens?team=${team.slug}`, asPerson(team.sessions.admin), { name: "ci", scopes: ["read"] });
			return await jsonOf<Made>(answer);
		});
		const own = browser();
		const good = await own.post("/sign-in/token", { token: made.token, next: "/t/x/overview" });
		expect([good.status, good.headers.get("location")]).toEqual([303, "/t/x/overview"]);
		const actor = await actorOfSession(db(), await sha256Hex(own.session()!), Date.now());
		expect(actor).toMatchObject({ userId: admin, teams: [{ id: team.id, role: "viewer" }] });
		const machine = await own.post("/sign-in/token", { token: team.ingestToken });
		expect([machine.status, await machine.text()]).toEqual([403, expect.stringContaining("belongs to a machine")]);
		const wrong = await browser().post("/sign-in/token", { token: "opst_nothing" });
		expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining("problem=token")]);
		await env.DB.prepare("UPDATE tokens SET revoked_at = 1 WHERE id = ?").bind(made.id).run();
		expect(await isSignedIn(own.session())).toBe(false);
	});
});

describe("sessions", () => {
	type Sessions = { sessions: { id: string; method: string; agent: string; address: string; current: boolean }[] };
	test("are listed to their owner, ended one by one or all others, and their sockets close at once", async () => {
		const team = await makeTeam();
		const other = await makeTeam();
		const here = browser();
		const there = browser({ address: "2001:db8:1:2::7" });
		for (const each of [here, there])
			await each.post("/dev/sign-in", { team: team.slug, role: "member" }, { ...FORM, "user-agent": "Firefox/1" });
		const cookie = `__Host-opssight=${here.session()}`;
		const { sessions } = await jsonOf<Sessions>(await ask("/api/sessions", { headers: { cookie } }));
		expect(sessions).toHaveLength(3);
		expect(sessions.filter(({ current }) => current)).toMatchObject([{ method: "dev", agent: "Firefox/1" }]);
		const far = sessions.find(({ address }) => address === "2001:db8:1::/48")!;
		const { closes } = await watch(team, `__Host-opssight=${there.session()}`);
		// Somebody else's session is unknown.
		expect((await send("DELETE", `/api/sessions/${far.id}`, asPerson(other.sessions.admin))).status).toBe(404);
		expect((await send("DELETE", `/api/sessions/${far.id}`, asPerson(cookie))).status).toBe(204);
		await expect.poll(() => closes).toEqual([4401]);
		expect(await isSignedIn(there.session())).toBe(false);
		const ended = await send("POST", "/api/sessions/end-others", asPerson(cookie));
		expect(await jsonOf(ended)).toEqual({ ended: 1 });
		expect((await ask("/api/runs", { headers: { cookie: team.sessions.member } })).status).toBe(401);
		expect((await ask("/api/runs", { headers: { cookie } })).status).toBe(200);
		expect((await rows("SELECT 1 FROM audit WHERE team_id = ? AND act = 'session.end'", team.id)).length).toBe(2);
	});

	test("end after twelve hours without use and after seven days in any case", async () => {
		const team = await makeTeam();
		const hash = await sha256Hex(team.sessions.viewer.split("=")[1]!);
		const at = (ms: number) => actorOfSession(db(), hash, Date.now() + ms);
		expect(await at(11.9 * 3600_000)).not.toBeNull();
		expect(await at(12.1 * 3600_000)).toBeNull();
		await env.DB.prepare("UPDATE sessions SET last_seen_at = ?2 WHERE hash = ?1")
			.bind(hash, Date.now() + 8 * 24 * 3600_000)
			.run();
		expect(await at(6.9 * 24 * 3600_000)).not.toBeNull();
		expect(await at(7.1 * 24 * 3600_000)).toBeNull();
	});

	test("signing out ends the session and its socket", async () => {
		const team = await makeTeam();
		const { closes } = await watch(team, team.sessions.viewer);
		const out = await ask("/sign-out", { method: "POST", headers: { cookie: team.sessions.viewer, origin: ORIGIN }, redirect: "manual" });
		expect([out.status, out.headers.get("location")]).toEqual([303, "/login"]);
		await expect.poll(() => closes).toEqual([4401]);
		expect((await ask("/api/runs", { headers: { cookie: team.sessions.viewer } })).status).toBe(401);
	});
});

test("somebody who is in no team can sign in, sees nothing, and leaves a line in the log", async () => {
	await env.DB.prepare("DELETE FROM members WHERE user_id IN (SELECT id FROM users WHERE github_id = '9001')").run();
	const said = vi.spyOn(console, "warn").mockImplementation(() => {});
	const own = browser();
	expect((await own.go((await own.begin()).callback)).status).toBe(303);
	const [ada] = await rows<{ id: string }>("SELECT id FROM users WHERE github_id = '9001'");
	const lines = said.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
	said.mockRestore();
	const [noted] = lines.filter(({ message }) => message === "somebody who is in no team signed in");
	expect(noted).toMatchObject({ level: "warn", user: ada!.id, method: "github", address: expect.stringMatching(/0\/24$/) });
	expect((await own.go("/api/runs?team=acme")).status).toBe(404);
	expect((await own.go("/api/sessions")).status).toBe(200);
});

test("where a sign-in leads is kept so that only its browser can read it: it may be an invitation's link", async () => {
	const own = browser();
	const next = `/invitations/opsi_${"s3cret".repeat(7)}`;
	const { callback } = await own.begin({ next });
	expect(JSON.stringify(await rows("SELECT * FROM sign_in_states"))).not.toContain("s3cret");
	expect((await own.go(callback)).headers.get("location")).toBe(next);
});

describe("the first admin", () => {
	const empty = async () => {
		for (const table of ["members", "installation"]) await env.DB.prepare(`DELETE FROM ${table}`).run();
		expect(await isWithoutAdmin(db())).toBe(true);
	};
	const fields = (token: string) => ({ token, team: "Ünser Team!", name: "First Person" });

	test("a printed token makes one team and one admin, once", async () => {
		await empty();
		const printed = (await makeSetupToken(db()))!;
		expect(await makeSetupToken(db())).toBeNull();
		expect(JSON.stringify(await rows("SELECT * FROM installation"))).not.toContain(printed);
		const own = browser();
		const wrong = await own.post("/sign-in/setup", fields("opsu_wrong"));
		expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining("problem=setup")]);
		expect((await own.post("/sign-in/setup", { ...fields(printed), team: " " })).status).toBe(422);
		const both = await Promise.all([own.post("/sign-in/setup", fields(printed)), browser().post("/sign-in/setup", fields(printed))]);
		expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
		expect(both.find(({ status }) => status === 303)!.headers.get("location")).toMatch(/^\/t\/u-?nser-team(-\d)?\/overview$/);
		expect(await rows("SELECT role FROM members")).toEqual([{ role: "admin" }]);
		expect(await rows("SELECT * FROM installation")).toEqual([]);
		expect((await browser().post("/sign-in/setup", fields(printed))).status).toBe(409);
	});

	test("a set token counts instead of a printed one; who is signed in with GitHub becomes the admin", async () => {
		await empty();
		const printed = (await makeSetupToken(db()))!;
		const settings = { ...settingsFor(GITHUB), SETUP_TOKEN: "chosen-by-the-operator-0123" };
		const own = browser({ settings });
		expect((await own.post("/sign-in/setup", fields(printed))).status).toBe(401);
		await own.go((await own.begin()).callback);
		const before = own.session();
		expect((await own.post("/sign-in/setup", { token: settings.SETUP_TOKEN, team: "Acme" })).status).toBe(303);
		expect(await isSignedIn(before)).toBe(false);
		expect(await actorOfSession(db(), await sha256Hex(own.session()!), Date.now())).toMatchObject({
			name: "Ada Okafor",
			teams: [{ name: "Acme", role: "admin" }],
		});
	});
});

describe("limits", () => {
	test("ten failed attempts from a network, then 429 with Retry-After; another network and a success are not counted", async () => {
		const team = await makeTeam();
		const own = browser({ address: "192.0.2.10" });
		for (let n = 0; n < 15; n++) expect((await own.post("/sign-in/token", { token: team.tokens.viewer })).status).toBe(303);
		for (let n = 0; n < ATTEMPTS_MAX; n++) expect((await own.post("/sign-in/token", { token: `opst_${n}` })).status).toBe(401);
		const neighbour = browser({ address: "192.0.2.99" });
		const refused = await neighbour.post("/sign-in/token", { token: team.tokens.viewer });
		expect([refused.status, neighbour.session()]).toEqual([429, undefined]);
		const wait = Number(refused.headers.get("retry-after"));
		expect(wait).toBeGreaterThan(0);
		expect(wait).toBeLessThanOrEqual(600);
		expect((await browser({ address: "198.51.100.1" }).post("/sign-in/token", { token: team.tokens.viewer })).status).toBe(303);
		await env.DB.prepare("UPDATE sign_in_attempts SET slot = slot - 11").run();
		expect((await own.post("/sign-in/token", { token: team.tokens.viewer })).status).toBe(303);
	});

	test("a token has its burst exactly, however many isolates ask; others go on", async () => {
		const team = await makeTeam();
		const ledger = ledgerOf(team);
		const start = Date.now();
		const headers = bearer(team.tokens.viewer);
		expect((await ask("/api/runs", { headers })).status).toBe(200);
		// What other isolates take.
		let taken = ACTOR_LIMIT.lease;
		for (let granted = 1; granted > 0; taken += granted) {
			granted = (await ledger.lease(`k-${userOf(team, "viewer")}`, "actor")).granted;
		}
		expect(taken).toBeGreaterThanOrEqual(ACTOR_LIMIT.burst);
		expect(taken).toBeLessThanOrEqual(ACTOR_LIMIT.burst + ((Date.now() - start) * ACTOR_LIMIT.perMinute) / 60_000 + 1);
		let refused: Response | null = null;
		for (let n = 0; n < 200 && refused === null; n++) {
			const answer = await ask("/api/runs?limit=1", { headers });
			if (answer.status === 429) refused = answer;
			while ((await ledger.lease(`k-${userOf(team, "viewer")}`, "actor")).granted > 0);
		}
		expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
		expect(await jsonOf(refused!)).toMatchObject({ error: { code: "rateLimited" } });
		expect((await ask("/api/runs", { headers: bearer(team.tokens.member) })).status).toBe(200);
		expect((await ask("/api/runs", { headers: { cookie: team.sessions.viewer } })).status).toBe(200);
	});
});

describe("fault 39: no way around the doors", () => {
	test.each([
		...[
			"//api//tokens",
			"/api/tokens/",
			"/API/tokens",
			"/api/%74okens",
			"/api/./tokens",
			"/api/x/../tokens",
			"/api/tokens%2f",
			"/api/tokens/k-1%2frotate",
		],
	])("%s", async (path) => {
		const answer = await ask(`${ORIGIN}${path}`);
		expect([401, 404]).toContain(answer.status);
	});
	test("methods that are not meant, and overrides, do nothing", async () => {
		const team = await makeTeam();
		const headers = { ...asPerson(team.sessions.admin), "x-http-method-override": "DELETE", "x-method-override": "DELETE" };
		const path = `/api/members/${userOf(team, "viewer")}`;
		for (const method of ["GET", "POST", "PUT", "OPTIONS", "HEAD"])
			expect((await send(method, `${path}?_method=DELETE`, headers)).status).toBe(404);
		expect(await rows("SELECT 1 FROM members WHERE user_id = ?", userOf(team, "viewer"))).toHaveLength(1);
		expect((await send("DELETE", path, headers)).status).toBe(204);
	});
});

test("the teams of a person, worst first, without anybody else's", async () => {
	const [good, bad, foreign] = [await makeTeam(), await makeTeam(), await makeTeam()];
	for (let n = 0; n < 4; n++) await sendGitHub(good, "workflow_run", workflowRun({ id: n + 1 }));
	for (let n = 0; n < 4; n++) await sendGitHub(bad, "workflow_run", workflowRun({ id: n + 1, conclusion: n ? "success" : "failure" }));
	await sendGitHub(foreign, "workflow_run", workflowRun({ id: 1, conclusion: "failure" }));
	const teams = [good, bad].map(({ id, slug }) => ({ id, slug, name: slug, role: "manager" as const, isDemo: false }));
	const actor = { kind: "person" as const, userId: "u", name: "U", login: "u", sessionId: "s", teams };
	const overview = await readTeamsOverview(db(), actor, Date.now());
	expect(overview.map(({ id }) => id)).toEqual([bad.id, good.id]);
	expect(overview).toMatchObject([
		{ runs: 4, success: 3, failure: 1, successRate: 0.75, role: "manager" },
		{ runs: 4, successRate: 1 },
	]);
	expect(overview[0]!.lastEventAt).toBeGreaterThan(0);
	expect(await readTeamsOverview(db(), { ...actor, teams: [] }, Date.now())).toEqual([]);
});
