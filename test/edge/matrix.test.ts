// Every route × whoever may come × what they ask about. What is expected is worked out here from a route's declared permission and
// decision 12, not with the code that decides. A route that is added is in it by itself; one without a policy makes it fail.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { openDatabase } from "#worker/dev/faults";
import type { Permission, Policy, Scope } from "#worker/domains/auth/model";
import { insertSession, insertToken } from "#worker/domains/auth/store.server";
import { environmentIdOf } from "#worker/domains/environments/model";
import { insertIntegration, putSecret } from "#worker/domains/integrations/store.server";
import { createApp, doors, servePages } from "#worker/http/app";
import { pagesWithoutPolicy } from "#worker/http/page-policies";
import { newIntegrationId, newSessionId, newToken, randomId, randomSecret, sha256Hex } from "#worker/ids";
import { LEDGER_POLICIES, requirePolicies } from "#worker/live/ledger-policy";
import { CLUSTER_POLICIES, ENVIRONMENT_POLICIES } from "#worker/live/object-policy";
import { deployed, tell } from "../support/deployments.ts";
import { eventBody } from "../support/figures.ts";
import { pageRoutes, pagesBuild } from "../support/pages-build.ts";
import { ask, ledgerOf, makeTeam, ORIGIN, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

// The real one comes with Remix's whole compiler, which does not run in workerd.
vi.mock("@remix-run/route-config", () => ({
	index: (file: string) => ({ file, index: true }),
	route: (path: string, file: string, children?: unknown[]) => ({ path, file, children }),
}));
vi.mock("#remix-build", async () => (await import("../support/pages-build.ts")).pagesBuild);

type Role = "viewer" | "member" | "manager" | "admin";
const ROLES: readonly Role[] = ["viewer", "member", "manager", "admin"];

/** Decision 12, and the scopes of tokens: what each permission needs. `people` is closed to every token. */
const NEEDS: Record<Permission, { role: Role; scope: Scope | "people" }> = {
	"runs:read": { role: "viewer", scope: "read" },
	"live:watch": { role: "viewer", scope: "read" },
	"integrations:read": { role: "viewer", scope: "read" },
	"members:read": { role: "viewer", scope: "read" },
	"audit:read": { role: "manager", scope: "read" },
	"events:ingest": { role: "member", scope: "ingest" },
	"metrics:read": { role: "admin", scope: "metrics" },
	"integrations:manage": { role: "admin", scope: "admin" },
	"deliveries:replay": { role: "admin", scope: "admin" },
	"demo:remove": { role: "admin", scope: "admin" },
	"members:manage": { role: "admin", scope: "admin" },
	"tokens:manage": { role: "admin", scope: "admin" },
	"tokens:own": { role: "viewer", scope: "people" },
	"settings:own": { role: "viewer", scope: "people" },
	"deployments:read": { role: "viewer", scope: "read" },
	"deployments:record": { role: "member", scope: "ingest" },
	"deployments:deploy": { role: "member", scope: "act" },
	"rollbacks:request": { role: "member", scope: "act" },
	"rollbacks:force": { role: "manager", scope: "act" },
	"environments:lock": { role: "member", scope: "act" },
	"environments:manage": { role: "manager", scope: "act" },
	"clusters:read": { role: "viewer", scope: "read" },
	"clusters:manage": { role: "admin", scope: "admin" },
};

/** Who comes, what they show, and what they are in team A: nothing means that nobody knows them. */
type Visitor = { name: string; headers: Record<string, string>; role?: Role; scopes?: Scope[]; isToken?: boolean };

/** What is asked about: the team that is named, and whose object. */
const TARGETS = ["own team", "other team", "unknown team", "other team's object", "unknown object"] as const;
type Target = (typeof TARGETS)[number];

const db = () => openDatabase(env.DB);
let own: TestTeam;
let other: TestTeam;
let visitors: Visitor[];

const HOUR = 3600_000;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

type MoreOfToken = { userId?: string | null; expiresAt?: number | null; kind?: "machine" | "agent" };
async function tokenOf(team: TestTeam, scopes: Scope[], more: MoreOfToken = {}): Promise<string> {
	const token = newToken(team.id);
	const row = { hash: await sha256Hex(token), id: `k-${randomId(12)}`, teamId: team.id, kind: "machine" as const, userId: null };
	const rest = { createdBy: null, rotatedFrom: null, name: "matrix", scopes, now: Date.now() - HOUR, expiresAt: null };
	await db().run(insertToken({ ...row, ...rest, ...more }));
	return token;
}

async function sessionOf(userId: string, { expiresAt = Date.now() + HOUR } = {}): Promise<{ cookie: string; id: string }> {
	const value = randomSecret();
	const id = newSessionId();
	const row = { hash: await sha256Hex(value), id, userId, method: "dev" as const, tokenId: null, agent: null, address: null };
	await db().run(insertSession({ ...row, now: Date.now(), expiresAt }));
	return { cookie: `__Host-opssight=${value}`, id };
}

const run = async (text: string, ...values: unknown[]) => {
	await env.DB.prepare(text)
		.bind(...values)
		.run();
};

beforeAll(async () => {
	[own, other] = [await makeTeam(), await makeTeam()];
	for (const team of [own, other]) {
		const run = workflowRun({ id: team === own ? 1 : 2 });
		expect((await sendGitHub(team, "workflow_run", run)).status).toBeLessThan(300);
		await tell(team, [deployed({ id: `deployment-${team.id}` })]);
	}
	const admin = `u-${own.id}-admin`;
	const [endedSession, revokedSession] = [await sessionOf(admin, { expiresAt: Date.now() - 1 }), await sessionOf(admin)];
	await run("UPDATE sessions SET revoked_at = 1 WHERE id = ?", revokedSession.id);
	const all: Scope[] = ["read", "ingest", "metrics", "act", "admin"];
	await ledgerOf(own).syncCredentials(own.id);
	const revoked = await tokenOf(own, all);
	await run("UPDATE tokens SET revoked_at = 1 WHERE hash = ?", await sha256Hex(revoked));
	visitors = [
		{ name: "anonymous", headers: {} },
		...ROLES.map((role) => ({ name: role, role, headers: { cookie: own.sessions[role], origin: ORIGIN } })),
		{ name: "ingest token", scopes: ["ingest"], isToken: true, headers: bearer(await tokenOf(own, ["ingest"])) },
		{ name: "read token", scopes: ["read"], isToken: true, headers: bearer(await tokenOf(own, ["read"])) },
		// No door of the API is an agent's: whatever its row says, its token opens none.
		{ name: "agent token", scopes: [], isToken: true, headers: bearer(await tokenOf(own, all, { kind: "agent" })) },
		{ name: "expired token", isToken: true, headers: bearer(await tokenOf(own, all, { expiresAt: Date.now() - 1 })) },
		{ name: "revoked token", isToken: true, headers: bearer(revoked) },
		{ name: "expired session", headers: { cookie: endedSession.cookie, origin: ORIGIN } },
		{ name: "revoked session", headers: { cookie: revokedSession.cookie, origin: ORIGIN } },
	];
});

/** Objects that there are, made anew where a permitted request would end them. */
async function objectOf(path: string, team: TestTeam, visitor: Visitor): Promise<string> {
	const user = `u-${team.id}-${visitor.role ?? "viewer"}`;
	if (path.includes("/runs/")) {
		const { results } = await env.DB.prepare("SELECT id FROM runs WHERE team_id = ?").bind(team.id).all<{ id: string }>();
		return results[0]!.id;
	}
	if (path.includes("/deployments/")) return `deployment-${team.id}`;
	if (path.includes("/environments/")) return environmentIdOf(team.id, "production");
	if (path.includes("/deploy-requests/")) {
		const id = `q-${randomId(12)}`;
		const values = [team.id, id, environmentIdOf(team.id, "production"), `u-${randomId(6)}`];
		const columns = "team_id, id, environment_id, component, version, state, requested_by, requested_by_name, requested_at";
		await run(`INSERT INTO deploy_requests (${columns}) VALUES (?, ?, ?, 'api', '1.0', 'waiting', ?, 'N', 1)`, ...values);
		return id;
	}
	if (path.includes("/dispatchers/")) {
		const id = `x-${randomId(12)}`;
		const columns = "team_id, id, kind, settings, secret, created_by, created_at";
		await run(`INSERT INTO dispatchers (${columns}) VALUES (?, ?, 'webhook', '{"url":"https://x.example.com"}', 's', 'u', 1)`, team.id, id);
		return id;
	}
	if (path.includes("/integrations/")) {
		const id = newIntegrationId(team.id);
		await db().run(insertIntegration({ id, teamId: team.id, source: "github", name: id, isDemo: false, now: Date.now() }));
		await db().run(putSecret({ integrationId: id, teamId: team.id, slot: 0, secret: randomSecret(), now: Date.now(), expiresAt: null }));
		await ledgerOf(team).syncCredentials(team.id);
		return id;
	}
	if (path.includes("/members/")) {
		const id = `u-${randomId(8)}`;
		await run("INSERT INTO users (id, login, name, created_at) VALUES (?1, ?1, 'M', 1)", id);
		await run("INSERT INTO members (team_id, user_id, role, created_at) VALUES (?, ?, 'viewer', 1)", team.id, id);
		return id;
	}
	if (path.includes("/invitations/")) {
		const id = `i${randomId(12)}`;
		const values = [id, team.id, id, user, Date.now() + HOUR];
		const columns = "id, team_id, hash, role, created_by, created_at, expires_at";
		await run(`INSERT INTO invitations (${columns}) VALUES (?, ?, ?, 'viewer', ?, 1, ?)`, ...values);
		return id;
	}
	if (path.includes("/clusters/")) {
		const id = `c-${randomId(12)}`;
		await run("INSERT INTO clusters (team_id, id, name, bindings, created_by, created_at) VALUES (?1, ?2, ?2, '[]', 'u', 1)", team.id, id);
		const token = { hash: id, id: `k-${id}`, teamId: team.id, kind: "agent" as const, clusterId: id, userId: null };
		const rest = { createdBy: null, rotatedFrom: null, name: "m", scopes: [], now: Date.now(), expiresAt: null };
		await db().run(insertToken({ ...token, ...rest }));
		return id;
	}
	if (path.includes("/rollbacks/")) {
		const id = `r-${randomId(12)}`;
		const environmentId = environmentIdOf(team.id, "production");
		const row = { id, kind: "rollback", environmentId, environment: "production", isProduction: true, component: "api", state: "failed" };
		const who = { requestedBy: { id: "u", name: "N" }, isAutomatic: false, reason: null, requestedAt: 1, deadlineAt: 1, stages: [] };
		const over = { finishedAt: 1, tookMs: null, recoveredAt: null, restoreMs: null, lockUntil: null };
		const rest = { from: { deploymentId: null, version: "2" }, to: { deploymentId: null, version: "1" }, changes: [], ...over };
		const command = { id, state: "failed", changesCluster: true };
		const values = [team.id, id, environmentId, JSON.stringify(command), JSON.stringify({ ...row, ...who, ...rest })];
		const columns =
			"team_id, id, environment_id, kind, component, idempotency_key, request_hash, state, command, target, row, requested_by, requested_at";
		const all = `?1, ?2, ?3, 'rollback', 'api', ?2, '', 'failed', ?4, '{"rev":1}', ?5, 'u', 1`;
		await run(`INSERT INTO rollbacks (${columns}) VALUES (${all})`, ...values);
		return id;
	}
	if (path.includes("/holds/")) {
		const id = `h-${randomId(12)}`;
		const columns = "team_id, id, environment_id, component, version, images, held_by, held_by_name, held_at, until";
		const values = [team.id, id, environmentIdOf(team.id, "production"), Date.now() + HOUR];
		await run(`INSERT INTO holds (${columns}) VALUES (?1, ?2, ?3, 'api', '2', '[]', 'u', 'N', 1, ?4)`, ...values);
		return id;
	}
	if (path.includes("-tokens/") || path.includes("/tokens/")) {
		const isMachine = path.includes("/machine-tokens/");
		const id = `k-${randomId(12)}`;
		const row = { hash: id, id, teamId: team.id, kind: isMachine ? ("machine" as const) : ("personal" as const) };
		const rest = { userId: isMachine ? null : user, createdBy: null, rotatedFrom: null, name: "m", scopes: ["read" as const] };
		await db().run(insertToken({ ...row, ...rest, now: Date.now(), expiresAt: Date.now() + HOUR }));
		return id;
	}
	if (path.includes("/sessions/")) return (await sessionOf(user)).id;
	throw new Error(`the matrix knows no object for ${path}: say how one is made`);
}

const hasObject = (path: string) => /[{:](id|integration)\}?(\/|$)/.test(path);

/** The address of a cell: which team is named, and which object. */
async function addressOf(path: string, target: Target, visitor: Visitor): Promise<string> {
	const team = target === "other team" ? other : own;
	const slug = target === "unknown team" ? "nobody" : team.slug;
	let filled = path.replace(/\{team\}|:team\b/, slug);
	if (hasObject(path)) {
		const id = target === "unknown object" ? "x-nobody" : await objectOf(path, target === "other team's object" ? other : team, visitor);
		filled = filled.replace(/\{(id|integration)\}|:(id|integration)\b/, encodeURIComponent(id)).replace("{token}", `k-${id}`);
	}
	filled = filled.replace(/[{:]\w+\}?/g, "x-nobody").replace("*", "x-nobody");
	return /[{:]team\b/.test(path) || path.startsWith("/t/") || path === "/" ? filled : `${filled}?team=${slug}`;
}

type Expected = "pass" | 401 | 403 | 404 | "to sign-in";

/** What the policy says of a cell. Deny by default: a permission that is not in the table lets nobody in. */
function expectedOf(policy: { permission: Permission }, visitor: Visitor, target: Target, { isPage }: { isPage: boolean }): Expected {
	const isKnown = visitor.role !== undefined || (visitor.scopes !== undefined && !isPage);
	if (!isKnown) return isPage ? "to sign-in" : 401;
	const needs = NEEDS[policy.permission];
	if (!needs) return 403;
	const isInNoTeam = policy.permission === "settings:own" && !isPage;
	if (!isInNoTeam && (target === "other team" || target === "unknown team")) return 404;
	const may = visitor.role
		? ROLES.indexOf(visitor.role) >= ROLES.indexOf(needs.role)
		: needs.scope !== "people" && (visitor.scopes ?? []).includes(needs.scope);
	if (!may) return 403;
	if (target === "other team's object" || target === "unknown object") return 404;
	return "pass";
}

function seenOf(answer: Response): Expected | string {
	const { status } = answer;
	if (status === 401 || status === 403 || status === 404) return status;
	if (status === 302 && (answer.headers.get("location") ?? "").startsWith("/login")) return "to sign-in";
	// A body or a header that does not hold is complained of only to who may.
	return status < 400 || [400, 409, 415, 422].includes(status) ? "pass" : `${status}`;
}

const targetsOf = (path: string, isAboutTeam: boolean) =>
	TARGETS.filter((target) => (target.endsWith("object") ? hasObject(path) : target === "own team" || isAboutTeam));

let cells = 0;
/** What holds, where a body is looked at before the object. */
const BODIES: Record<string, object> = {
	"/api/integrations/{id}": { name: "renamed" },
	"/api/members/{id}": { role: "viewer" },
	"/api/clusters/{id}": { name: "renamed" },
};
const wordsOf = (text: string) => text.replace(/"request_id":"[^"]*"/, "").replace(/x-nobody/g, "");

/** Ask as everybody about everything, and compare. */
async function walk(
	{ method, path, policy, isPage }: { method: string; path: string; policy: { permission: Permission }; isPage: boolean },
	wrong: string[],
): Promise<void> {
	const isAboutTeam = isPage ? path.includes(":team") : policy.permission !== "settings:own";
	for (const visitor of visitors) {
		const notFound = new Set<string>();
		for (const target of targetsOf(path, isAboutTeam)) {
			const address = await addressOf(path, target, visitor);
			const hasBody = method !== "GET" && method !== "DELETE";
			const headers = {
				...visitor.headers,
				...(isPage && { origin: ORIGIN, host: "127.0.0.1" }),
				"cf-connecting-ip": `10.1.${cells % 250}.1`,
			};
			const type = isPage ? "application/x-www-form-urlencoded" : "application/json";
			const init = { method, redirect: "manual" as const, headers: { ...headers, ...(hasBody && { "content-type": type }) } };
			const answer = await ask(address, { ...init, ...(hasBody && { body: isPage ? "" : JSON.stringify(BODIES[path] ?? {}) }) });
			const expected = expectedOf(policy, visitor, target, { isPage });
			const seen = seenOf(answer);
			const text = await answer.text();
			cells += 1;
			if (seen !== expected)
				wrong.push(`${method} ${path} as ${visitor.name} about ${target}: ${seen}, not ${expected} (${text.slice(0, 90)})`);
			if (!isPage && expected === 404 && target.endsWith("object")) notFound.add(wordsOf(text));
		}
		// A foreign one and an unknown one can't be told apart.
		if (notFound.size > 1) wrong.push(`${method} ${path} as ${visitor.name} tells foreign from unknown: ${[...notFound].join(" | ")}`);
	}
}

type Guarded = { policy?: Policy };
const permissionOf = (policy: Policy | undefined) => (policy && "permission" in policy ? { permission: policy.permission } : null);

describe("every route × everybody × everything", () => {
	const guardedDoors = doors.flatMap(({ route, policy }) => {
		const asked = permissionOf(policy);
		return asked ? [{ method: route.method.toUpperCase(), path: route.path, policy: asked, isPage: false }] : [];
	});
	test.each(guardedDoors)("$method $path", async (door) => {
		const wrong: string[] = [];
		await walk(door, wrong);
		expect(wrong).toEqual([]);
	});

	const guardedPages = pageRoutes.flatMap(({ path, modules }) => {
		const page = modules.at(-1) as { loader?: Guarded; action?: Guarded };
		return (["loader", "action"] as const).flatMap((part) => {
			const asked = permissionOf(page[part]?.policy);
			return asked ? [{ method: part === "loader" ? "GET" : "POST", path, policy: asked, isPage: true }] : [];
		});
	});
	const isInvitation = ({ path }: { path: string }) => path.startsWith("/invitations/");
	// An invitation is for whoever has its link, so it has a table of its own below.
	test.each(guardedPages.filter((page) => !isInvitation(page)))("page $method $path", async (page) => {
		const wrong: string[] = [];
		await walk(page, wrong);
		expect(wrong).toEqual([]);
	});

	test.each(guardedPages.filter(isInvitation))("page $method $path", async ({ method, path }) => {
		const wrong: string[] = [];
		for (const visitor of visitors)
			for (const target of ["own team", "other team", "unknown object"] as const) {
				const team = target === "other team" ? other : own;
				const token = `opsi_${randomSecret()}`;
				const values = [`i${randomId(12)}`, team.id, await sha256Hex(token), `u-${team.id}-admin`, Date.now() + HOUR];
				const columns = "id, team_id, hash, role, created_by, created_at, expires_at";
				await run(`INSERT INTO invitations (${columns}) VALUES (?, ?, ?, 'viewer', ?, 1, ?)`, ...values);
				const address = path.replace(":token", target === "unknown object" ? `opsi_${randomSecret()}` : token);
				const headers = { ...visitor.headers, origin: ORIGIN, host: "127.0.0.1", "content-type": "application/x-www-form-urlencoded" };
				const answer = await ask(address, { method, redirect: "manual", headers, ...(method === "POST" && { body: "" }) });
				const [joined] = (
					await env.DB.prepare("SELECT accepted_by AS by FROM invitations WHERE id = ?").bind(values[0]).all<{ by: string | null }>()
				).results;
				await run("DELETE FROM members WHERE team_id = ? AND user_id LIKE ?", other.id, `u-${own.id}-%`);
				cells += 1;
				const expected: Expected = visitor.role === undefined ? "to sign-in" : target === "unknown object" ? 404 : "pass";
				const seen = seenOf(answer);
				// Only a person who is not in the team yet, and only by saying so, comes in; and as what the invitation says.
				const by = method === "POST" && target === "other team" && visitor.role ? `u-${own.id}-${visitor.role}` : null;
				if (seen !== expected || joined?.by !== by)
					wrong.push(`${method} as ${visitor.name} about ${target}: ${seen}, not ${expected}; joined: ${joined?.by}, not ${by}`);
			}
		expect(wrong).toEqual([]);
	});

	test("what is open to all answers everybody the same", async () => {
		const open = doors.filter(({ policy }) => "public" in policy);
		expect(open.length).toBeGreaterThan(5);
		for (const { route } of open) {
			const path = route.path.replaceAll(/\{\w+\}/g, "x-nobody");
			const method = route.method.toUpperCase();
			const statuses = new Map<string, number>();
			for (const visitor of visitors) {
				// Without an Origin: forms of signing in and out must not do anything here.
				const { origin: _, ...headers } = visitor.headers;
				const address = { "cf-connecting-ip": `10.2.${cells % 250}.1` };
				const init = { method, redirect: "manual" as const, headers: { ...headers, ...address }, ...(method === "POST" && { body: "{}" }) };
				statuses.set(visitor.name, (await ask(path, init)).status);
				cells += 1;
			}
			// These doors take tokens as their proof, whose permission is not the platform's to check.
			if (path !== "/api/events" && !path.startsWith("/agent/"))
				expect([path, [...new Set(statuses.values())]]).toEqual([path, [statuses.get("anonymous")]]);
		}
	});

	test("the door of events lets in who may ingest, and nobody else", async () => {
		const ingest = doors.find(({ route }) => route.path === "/api/events");
		expect(ingest && "public" in ingest.policy).toBe(true);
		for (const visitor of visitors) {
			const init = { method: "POST", headers: { ...visitor.headers, "content-type": "application/json" } };
			const { status } = await ask("/api/events", { ...init, body: JSON.stringify(eventBody({ id: `m-${cells}` })) });
			cells += 1;
			const mayIngest = visitor.scopes?.includes("ingest") === true;
			expect([visitor.name, status < 300]).toEqual([visitor.name, mayIngest]);
		}
	});

	test("everybody of the list was there, and nobody of it twice", () => {
		const names = ["anonymous", ...ROLES, "ingest token", "read token", "agent token", "expired token", "revoked token"];
		expect(visitors.map(({ name }) => name)).toEqual([...names, "expired session", "revoked session"]);
	});

	test("these were at least a thousand cells", () => {
		console.info(`matrix: ${cells} cells`);
		expect(cells).toBeGreaterThanOrEqual(1000);
	});
});

describe("deny by default", () => {
	const route = { method: "get", path: "/api/new", responses: {} } as const;
	test.each([undefined, {}, { permission: "everything" }, { public: "" }])("a door with the policy %j does not start", (policy) => {
		const door = { route, policy, handle: () => new Response("open") } as unknown as (typeof doors)[number];
		expect(() => createApp([...doors, door])).toThrow("/api/new does not say who may use it");
	});

	test("a build in which a loader or an action has none is not served", () => {
		expect(pagesWithoutPolicy(pagesBuild.routes)).toEqual([]);
		for (const part of ["loader", "action"]) {
			const added = { id: "routes/new", path: "new", parentId: "root", module: { default: () => null, [part]: () => null } };
			const build = { ...pagesBuild, routes: { ...pagesBuild.routes, new: added } } as unknown as typeof pagesBuild;
			expect(() => servePages(build)).toThrow(`pages without a policy: routes/new ${part}`);
		}
	});

	test("a call into an object that says nothing stops the Worker", () => {
		for (const policies of [LEDGER_POLICIES, ENVIRONMENT_POLICIES, CLUSTER_POLICIES]) {
			expect(() => requirePolicies({ ...policies, wipe: () => undefined }, policies)).toThrow("wipe");
		}
	});

	test("every permission is in the table above, and used by something or about to be", () => {
		const used = new Set<string>(doors.flatMap(({ policy }) => permissionOf(policy)?.permission ?? []));
		for (const { modules } of pageRoutes) {
			for (const module of modules as { loader?: Guarded; action?: Guarded }[]) {
				for (const part of [module.loader, module.action]) if (part) used.add(permissionOf(part.policy)?.permission ?? "");
			}
		}
		used.delete("");
		expect([...used].filter((permission) => !(permission in NEEDS))).toEqual([]);
	});

	test("a refusal is in the team's audit, with who, what and from where", async () => {
		const { results } = await env.DB.prepare("SELECT * FROM audit WHERE team_id = ? AND outcome = 'denied' AND act = 'integrations:manage'")
			.bind(own.id)
			.all<{ actor: string; role: string; object: string; address: string; hash: string }>();
		const refused = results.find(({ actor }) => actor === `u-${own.id}-viewer`);
		expect(refused).toMatchObject({ role: "viewer", address: expect.stringMatching(/^10\.\d+\.\d+\.0\/24$/) });
		expect(refused?.object).toMatch(/^[A-Z]+ \//);
		expect(refused?.hash).toMatch(/^[0-9a-f]{64}$/);
	});
});
