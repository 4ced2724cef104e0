// Ways around the rules of access that a reviewer found: each is closed, and what it resembles still works.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "#worker/dev/faults";
import { commitAudited, verifyChain } from "#worker/domains/audit/chain.server";
import { chainText } from "#worker/domains/audit/model";
import { endToken } from "#worker/domains/auth/actions.server";
import { changeRole, removeMember } from "#worker/domains/teams/actions.server";
import { forgetLimits } from "#worker/http/rate-limit";
import { safePath } from "#worker/http/session";
import { sha256Hex } from "#worker/ids";
import { ask, makeTeam, ORIGIN, type TestTeam } from "../support/team.ts";

type Role = keyof TestTeam["sessions"];

const db = () => openDatabase(env.DB);
const userOf = (team: TestTeam, role: Role) => `u-${team.id}-${role}`;
const asPerson = (cookie: string) => ({ cookie, origin: ORIGIN, "content-type": "application/json" });
const send = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
	ask(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const jsonOf = async <T>(answer: Response) => (await answer.json()) as T;
const rows = async <T>(text: string, ...params: unknown[]) =>
	(
		await env.DB.prepare(text)
			.bind(...params)
			.all<T>()
	).results;
let address = 0;
const post = (path: string, fields: Record<string, string>, more: Record<string, string> = {}) =>
	ask(path, {
		method: "POST",
		headers: {
			origin: ORIGIN,
			"content-type": "application/x-www-form-urlencoded",
			"cf-connecting-ip": `10.9.${(address += 1)}.1`,
			...more,
		},
		body: new URLSearchParams(fields).toString(),
		redirect: "manual",
	});
/** The cookie of a session that was begun with a token. */
async function signInWith(token: string): Promise<string> {
	const answer = await post("/sign-in/token", { token });
	expect(answer.status).toBe(303);
	return /^[^;]+/.exec(answer.headers.get("set-cookie") ?? "")?.[0] ?? "";
}

beforeEach(forgetLimits);

describe("an admin who is no admin any more", () => {
	const invite = async (headers: Record<string, string>) => {
		const answer = await send("POST", "/api/invitations", headers, { role: "admin" });
		expect(answer.status).toBe(201);
		return await jsonOf<{ id: string }>(answer);
	};
	const open = async (team: TestTeam) =>
		(await rows<{ id: string }>("SELECT id FROM invitations WHERE team_id = ? AND revoked_at IS NULL", team.id)).map(({ id }) => id);

	test.each(["removed", "demoted"] as const)("%s: the invitations they left behind open nothing, their colleagues' do", async (how) => {
		const team = await makeTeam();
		const admin = asPerson(team.sessions.admin);
		const member = `/api/members/${userOf(team, "manager")}`;
		expect((await send("PATCH", member, admin, { role: "admin" })).status).toBe(200);
		await invite(asPerson(team.sessions.manager));
		const headers = asPerson(team.sessions.manager);
		const { token } = await jsonOf<{ token: string }>(await send("POST", "/api/tokens", headers, { name: "x", scopes: ["read", "admin"] }));
		await invite({ authorization: `Bearer ${token}`, "content-type": "application/json" });
		const stays = await invite(admin);
		expect(await open(team)).toHaveLength(3);
		const answer = how === "removed" ? await send("DELETE", member, admin) : await send("PATCH", member, admin, { role: "viewer" });
		expect(answer.status).toBeLessThan(300);
		expect(await open(team)).toEqual([stays.id]);
		expect(await rows("SELECT 1 FROM audit WHERE team_id = ? AND act LIKE 'member.%'", team.id)).toHaveLength(2);
	});

	test("the last admin, who is refused, keeps theirs", async () => {
		const team = await makeTeam();
		const admin = asPerson(team.sessions.admin);
		const { id } = await invite(admin);
		expect((await send("DELETE", `/api/members/${userOf(team, "admin")}`, admin)).status).toBe(409);
		expect((await send("PATCH", `/api/members/${userOf(team, "admin")}`, admin, { role: "viewer" })).status).toBe(409);
		expect(await open(team)).toEqual([id]);
	});
});

describe("a session that was begun with a token", () => {
	test("makes and exchanges no tokens, whatever the token it was begun with may do", async () => {
		const team = await makeTeam();
		const own = asPerson(await signInWith(team.tokens.viewer));
		const lasting = { name: "x", scopes: ["read"], expires_in_days: null };
		const [known] = await rows<{ id: string }>("SELECT id FROM tokens WHERE team_id = ? AND user_id = ?", team.id, userOf(team, "viewer"));
		for (const answer of [await send("POST", "/api/tokens", own, lasting), await send("POST", `/api/tokens/${known?.id}/rotate`, own)]) {
			expect(answer.status).toBe(403);
			expect(await answer.text()).toContain("begun with an access token");
		}
		expect((await ask("/api/runs", { headers: { cookie: team.sessions.viewer } })).status).toBe(200);
		expect((await ask("/api/runs", { headers: own })).status).toBe(200);
		const admin = asPerson(await signInWith(team.tokens.admin));
		expect((await send("POST", "/api/tokens", admin, lasting)).status).toBe(403);
		expect((await send("POST", "/api/tokens", asPerson(team.sessions.admin), lasting)).status).toBe(201);
	});

	test("is a use of the token, which its list tells", async () => {
		const team = await makeTeam();
		await signInWith(team.tokens.viewer);
		const used = () => rows("SELECT 1 FROM tokens WHERE team_id = ? AND user_id = ? AND last_used_at > 0", team.id, userOf(team, "viewer"));
		await expect.poll(async () => (await used()).length).toBe(1);
	});

	test("its sign-out ends it, and is written down", async () => {
		const team = await makeTeam();
		const cookie = await signInWith(team.tokens.viewer);
		expect((await post("/sign-out", {}, { cookie })).status).toBe(303);
		expect((await ask("/api/runs", { headers: { cookie } })).status).toBe(401);
		const [row] = await rows<{ actor: string }>("SELECT actor FROM audit WHERE team_id = ? AND act = 'session.end'", team.id);
		expect(row?.actor).toBe(userOf(team, "viewer"));
	});
});

test("a token that would be given more than its maker has is refused, and that is audited", async () => {
	const team = await makeTeam();
	const own = asPerson(team.sessions.member);
	expect((await send("POST", "/api/tokens", own, { name: "x", scopes: ["read", "admin"] })).status).toBe(403);
	const denied = await rows("SELECT actor, role, act, object, reason FROM audit WHERE team_id = ? AND outcome = 'denied'", team.id);
	expect(denied).toEqual([
		{
			...{ actor: userOf(team, "member"), role: "member", act: "tokens:own", object: "a token with read, admin" },
			reason: "You can't give what you don't have: admin.",
		},
	]);
	expect((await send("POST", "/api/tokens", own, { name: "x", scopes: ["read", "ingest"] })).status).toBe(201);
});

test("what was saved while the line could not be told of it is told when it is asked for again", async () => {
	const team = await makeTeam();
	let told = 0;
	let isDown = true;
	const ledger = {
		syncCredentials: async () => {
			if (isDown) throw new Error("away");
			told += 1;
		},
		endSessions: async () => {},
	};
	const teams = [{ id: team.id, slug: team.slug, name: "T", role: "admin" as const, isDemo: false }];
	const actor = { kind: "person" as const, userId: userOf(team, "admin"), name: "A", login: "a", sessionId: "s", teams };
	const deps = { db: db(), ledger, actor, requestId: "r", address: null, now: Date.now() };
	const { id } = (
		await rows<{ id: string }>("SELECT id FROM tokens WHERE team_id = ? AND user_id = ?", team.id, userOf(team, "manager"))
	)[0]!;
	const acts = [
		() => endToken(deps, team.id, { id }),
		() => changeRole(deps, team.id, { userId: userOf(team, "member"), role: "viewer" }),
		() => removeMember(deps, team.id, { userId: userOf(team, "viewer") }),
	];
	for (const act of acts) await expect(act()).rejects.toThrow("This is saved");
	isDown = false;
	for (const act of acts) await act().catch(() => {});
	expect(told).toBe(3);
});

describe("rows that somebody puts into the audit", () => {
	const teamId = "t-inserted";
	const entry = { at: 1, actor: "u", role: "admin", act: "thing.change", object: "o", outcome: "done" as const };
	const insert = async (no: number, hash: string) =>
		await env.DB.prepare(
			"INSERT INTO audit (team_id, no, at, actor, act, object, outcome, hash) VALUES (?, ?, 1, 'u', 'a', 'o', 'done', ?)",
		)
			.bind(teamId, no, hash)
			.run();
	beforeEach(async () => {
		await env.DB.batch(["audit", "audit_heads"].map((table) => env.DB.prepare(`DELETE FROM ${table} WHERE team_id = ?`).bind(teamId)));
		for (let n = 0; n < 3; n++) await commitAudited(db(), teamId, [], [entry]);
	});

	test.each([0, -7, 1.5])("before the first or between two, as number %d, are named", async (no) => {
		await insert(no, "");
		expect((await verifyChain(db(), teamId)).firstBad).toEqual({ no, why: "this row was not written by OpsSight" });
	});

	test.each([1, 2])("at the end, %i in good order, are named though the chain went on", async (count) => {
		let hash = (await rows<{ hash: string }>("SELECT hash FROM audit WHERE team_id = ? AND no = 3", teamId))[0]!.hash;
		for (let no = 4; no < 4 + count; no++) {
			const row = { no, at: 1, actor: "u", role: null, act: "a", object: "o", before: null, after: null, reason: null };
			hash = await sha256Hex(chainText(teamId, hash, { ...row, requestId: null, address: null, outcome: "done" }));
			await insert(no, hash);
		}
		expect((await verifyChain(db(), teamId)).firstBad).toMatchObject({ no: 4 });
		await commitAudited(db(), teamId, [], [entry]);
		expect((await verifyChain(db(), teamId)).firstBad).toEqual({ no: 4, why: "this row was not written by OpsSight" });
	});

	test("and an edited one is still named itself", async () => {
		await env.DB.prepare("UPDATE audit SET object = 'x' WHERE team_id = ? AND no = 2").bind(teamId).run();
		expect((await verifyChain(db(), teamId)).firstBad).toMatchObject({ no: 2 });
	});
});

test("acts of the line are audited with where they came from", async () => {
	const team = await makeTeam();
	const headers = { ...asPerson(team.sessions.admin), "cf-connecting-ip": "203.0.113.9" };
	await send("POST", "/api/deliveries/replay", headers, { deliveries: [{ source: "github", delivery_id: "x" }] });
	const [row] = await rows<{ address: string }>("SELECT address FROM audit WHERE team_id = ? AND act = 'delivery.replay'", team.id);
	expect(row?.address).toBe("203.0.113.0/24");
});

test("a renamed and a removed integration are audited with what they were", async () => {
	const team = await makeTeam();
	const headers = asPerson(team.sessions.admin);
	const { id } = await jsonOf<{ id: string }>(await send("POST", "/api/integrations", headers, { source: "github", name: "old" }));
	expect((await send("PATCH", `/api/integrations/${id}`, headers, { name: "new" })).status).toBe(200);
	expect((await send("DELETE", `/api/integrations/${id}`, headers)).status).toBe(204);
	const kept = await rows("SELECT act, before FROM audit WHERE team_id = ? AND object = ? AND before IS NOT NULL ORDER BY no", team.id, id);
	expect(kept).toEqual([
		{ act: "integration.rename", before: '{"name":"old"}' },
		{ act: "integration.remove", before: '{"source":"github","name":"new"}' },
	]);
});

test.each(["/.//evil.test", "/..//evil.test", "/%2e//evil.test", "/a/..//evil.test", "/\t/evil.test"])("%j leads nowhere else", (path) => {
	expect(safePath(path)).toBeNull();
	expect(safePath("/t/a/overview?repo=%2F%2Fx#y")).toBe("/t/a/overview?repo=%2F%2Fx#y");
});

test("every answer carries the headers of the rules, over https also HSTS", async () => {
	const team = await makeTeam();
	const paths = ["/health", "/metrics", "/api/config", "/api/runs", "/api/nope", "/api/audit?format=csv", "/sign-in/github", "/dev/nope"];
	for (const path of [...paths, "/api/openapi.json", "/webhooks/github/x"]) {
		for (const origin of [ORIGIN, "https://opssight.test"]) {
			const { headers } = await ask(`${origin}${path}`, { headers: { cookie: team.sessions.manager }, redirect: "manual" });
			expect([path, headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual([path, "nosniff", "same-origin"]);
			expect([path, headers.get("content-security-policy")]).toEqual([path, expect.stringContaining("default-src 'none'")]);
			expect([path, headers.get("cache-control")]).toEqual([path, expect.stringMatching(/no-store|no-cache/)]);
			expect([path, headers.has("strict-transport-security")]).toEqual([path, origin.startsWith("https")]);
		}
	}
	const signOut = await post("/sign-out", {});
	expect([signOut.status, signOut.headers.get("cache-control")]).toEqual([303, "no-store"]);
});

test("what is no form is refused before a page has to read it", async () => {
	const team = await makeTeam();
	const path = `/t/${team.slug}/settings/demo`;
	const forms: [Record<string, string>, BodyInit | undefined, number][] = [
		[{ "content-type": "application/json" }, "{}", 415],
		[{ "content-type": "text/plain" }, "x", 415],
		[{}, undefined, 415],
		[{ "content-type": "multipart/form-data" }, "x", 400],
		[{ "content-type": "multipart/form-data; boundary=x" }, "--x\r\nfoo", 400],
		[{ "content-type": "application/x-www-form-urlencoded" }, "a".repeat(300_000), 413],
	];
	for (const [headers, body, status] of forms) {
		const answer = await ask(path, {
			method: "POST",
			headers: { cookie: team.sessions.admin, origin: ORIGIN, ...headers },
			...(body ? { body } : {}),
		});
		expect([headers, answer.status]).toEqual([headers, status]);
	}
	const foreign = await ask(path, {
		method: "POST",
		headers: { cookie: team.sessions.admin, "content-type": "application/json" },
		body: "{}",
	});
	expect(foreign.status).toBe(403);
});
