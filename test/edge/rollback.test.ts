// Rollbacks through the running product: a scripted agent over a real socket, the doors, the objects, D1. Faults 47 to 58 by name.
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { setD1Fault } from "#worker/dev/faults";
import { environmentIdOf } from "#worker/domains/environments/model";
import { sweep } from "#worker/live/sweep";
import type { RollbackBody } from "#worker/wire/api";
import type { EnvironmentMessage } from "#worker/wire/live";
import { broken, FakeAgent, revision, workload } from "../support/fake-agent.ts";
import { ask, getJson, makeTeam, ORIGIN, type TestTeam } from "../support/team.ts";

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 5000, interval: 20 });
const envId = (team: TestTeam) => environmentIdOf(team.id, "production");
const live = (team: TestTeam) => env.ENVIRONMENT_LIVE.getByName(`${team.id}:${envId(team)}`);

const rows = async <T>(text: string, ...params: unknown[]) =>
	(
		await env.DB.prepare(text)
			.bind(...params)
			.all<T>()
	).results;

async function post<T = { rollback: RollbackBody }>(
	team: TestTeam,
	path: string,
	body: unknown,
	{ token = team.tokens.member, key = crypto.randomUUID() as string, method = "POST" } = {},
): Promise<{ status: number; body: T; headers: Headers }> {
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key };
	const answer = await ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
	const text = await answer.text();
	return { status: answer.status, body: (text ? JSON.parse(text) : {}) as T, headers: answer.headers };
}

const audit = (team: TestTeam, act: string) =>
	rows<{ actor: string; role: string | null; object: string; before: string; after: string; reason: string | null; outcome: string }>(
		"SELECT * FROM audit WHERE team_id = ? AND act = ? ORDER BY no",
		team.id,
		act,
	);

/** A team whose production runs 1.4.1 well and has just been broken with 1.5.0, and its agent. */
async function brokenTeam() {
	const team = await makeTeam();
	const agent = new FakeAgent(team);
	expect((await agent.connect()).type).toBe("welcome");
	const good = revision(1, "1.4.1");
	await agent.report([workload([good])]);
	await agent.report([broken([good, revision(2, "1.5.0")])]);
	const { body } = await getJson<{ offer: { seen: string } }>(team, `/api/environments/${envId(team)}/offer`);
	return { team, agent, seen: body.offer?.seen, good };
}
const rollBack = (team: TestTeam, seen: string, more: object = {}, how = {}) =>
	post(team, `/api/environments/${envId(team)}/rollback`, { seen, reason: "5xx since 1.5.0", ...more }, how);
const readRollback = async (team: TestTeam, id: string) =>
	(await getJson<{ rollback: RollbackBody }>(team, `/api/rollbacks/${id}`)).body.rollback;

/** So much time passes at once; alarms are run by hand. */
function later(ms: number): void {
	vi.useFakeTimers({ toFake: ["Date"] });
	vi.setSystemTime(Date.now() + ms);
}
afterEach(() => {
	vi.useRealTimers();
	setD1Fault("ok");
});

describe("from the request to a verified recovery", () => {
	test("request, offer, claim, progress, result, verified: in D1, in the audit, with hold and lock", async () => {
		const { team, agent, seen, good } = await brokenTeam();
		const asked = await rollBack(team, seen);
		expect(asked.status).toBe(202);
		const { id } = asked.body.rollback;
		expect(asked.body.rollback).toMatchObject({
			from: { version: "1.5.0" },
			to: { version: "1.4.1" },
			environment: { name: "production" },
		});
		const granted = await agent.claim();
		expect(granted).toMatchObject({
			id,
			verb: "rollback",
			expectedRevision: 2,
			expectedHash: "hash2",
			targetRevision: 1,
			targetHash: "hash1",
			settle: false,
		});
		agent.progress(granted, "accepted");
		agent.progress(granted, "applied");
		agent.progress(granted, "rolling", 2);
		await soon(async () => (await readRollback(team, id)).pods).toEqual({ updated: 2, ready: 2, total: 3 });
		await agent.result(granted);
		await agent.report([workload([revision(2, "1.5.0"), { ...good, revision: 3 }], { commandId: id })]);
		await soon(async () => (await readRollback(team, id)).state).toBe("succeeded");
		expect((await readRollback(team, id)).recovery).toBe("watching");
		later(11_000);
		agent.beat();
		await runDurableObjectAlarm(live(team));
		await soon(async () => (await readRollback(team, id)).recovery).toBe("recovered");
		const [request] = await audit(team, "rollback.request");
		const [end] = await audit(team, "rollback.end");
		expect(request).toMatchObject({ actor: `token:k-u-${team.id}-member`, role: "member", object: id, reason: "5xx since 1.5.0" });
		expect(JSON.parse(end!.after)).toMatchObject({ version: "1.4.1", state: "succeeded", applied: true, cluster: "main-cluster" });
		expect(JSON.parse(end!.before)).toMatchObject({ version: "1.5.0" });
		expect(await rows("SELECT version FROM holds WHERE team_id = ?", team.id)).toEqual([{ version: "1.5.0" }]);
		const state = await live(team).state(team.id, envId(team));
		expect(state).toMatchObject({ lock: { rollbackId: id }, holds: [{ version: "1.5.0" }], rollback: { id, state: "succeeded" } });
		expect(await rows("SELECT status, is_rollback FROM deployments WHERE team_id = ? AND source = 'opssight'", team.id)).toEqual([
			{ status: "success", is_rollback: 1 },
		]);
	});
});

test("a body that names something unknown is refused with it: a misspelt target rolls nothing back", async () => {
	const { team, seen } = await brokenTeam();
	const asked = await rollBack(team, seen, { target: seen });
	expect(asked.status).toBe(422);
	expect(JSON.stringify(asked.body)).toContain("target");
	expect(await audit(team, "rollback.request")).toHaveLength(0);
});

test("the lock that a rollback left is released by naming it, and another one is not", async () => {
	const { team } = await brokenTeam();
	const by = { ...{ actor: "ada", name: "Ada", role: "manager" as const }, ...{ requestId: "r", address: null, mayForce: true } };
	await live(team).lock(team.id, envId(team), by, { until: Date.now() + 60_000, reason: "load test" });
	expect(await live(team).unlock(team.id, envId(team), by, { rollbackId: "r-of-before" })).toMatchObject({ ok: false, code: "conflict" });
	expect((await live(team).state(team.id, envId(team)))?.lock).not.toBeNull();
	expect(await live(team).unlock(team.id, envId(team), by)).toMatchObject({ ok: true });
});

test("what an agent finds long after it happened has no length; what it sees happening has one", async () => {
	const { team } = await brokenTeam();
	const path = "/api/deployments?environment=production";
	const { deployments } = (
		await getJson<{ deployments: { version: string; duration_seconds: number | null; finished_at: string }[] }>(team, path)
	).body;
	const [failed, found] = [deployments.find(({ version }) => version === "1.5.0"), deployments.find(({ version }) => version === "1.4.1")];
	expect(found?.duration_seconds).toBeNull();
	expect(Date.now() - Date.parse(found?.finished_at ?? "")).toBeGreaterThan(3_000_000);
	expect(failed?.duration_seconds).toEqual(expect.any(Number));
});

type Offer = {
	offer: { seen: string; blocked: string | null; to: { version: string } | null; checks: { id: string; tone: string }[]; word: string };
};
const readOffer = async (team: TestTeam, query = "") =>
	(await getJson<Offer>(team, `/api/environments/${envId(team)}/offer${query}`)).body.offer;

/** Carry a rollback out: the cluster is at a new revision with the target's template afterwards. */
async function carryOut(team: TestTeam, agent: FakeAgent, id: string, after: Parameters<FakeAgent["report"]>[0]) {
	const granted = await agent.claim(id);
	agent.progress(granted, "applied");
	await agent.result(granted);
	await agent.report(after);
	await soon(async () => (await readRollback(team, id)).state).toBe("succeeded");
	return granted;
}

describe("asking", () => {
	test("misuse, fault 51: twenty parallel posts with one key are one command, five different keys one and four conflicts", async () => {
		const { team, seen } = await brokenTeam();
		const key = crypto.randomUUID();
		const same = await Promise.all(Array.from({ length: 20 }, () => rollBack(team, seen, {}, { key })));
		expect(same.map(({ status }) => status)).toEqual(Array(20).fill(202));
		expect(new Set(same.map(({ body }) => body.rollback.id)).size).toBe(1);
		expect(await audit(team, "rollback.request")).toHaveLength(1);
		const { id } = same[0]!.body.rollback;
		await post(team, `/api/rollbacks/${id}/cancel`, undefined);
		const latest = (await readOffer(team)).seen;
		const different = await Promise.all(Array.from({ length: 5 }, () => rollBack(team, latest)));
		expect(different.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409]);
		const told = different.find(({ status }) => status === 409)!.body as unknown as { error: { message: string } };
		expect(told.error.message).toMatch(/is rolling back checkout here, for \d+ s/);
		const again = await rollBack(team, "something else", {}, { key });
		expect(again.status).toBe(409);
	});

	test("misuse: a viewer is refused, and the audit knows", async () => {
		const { team, seen } = await brokenTeam();
		expect((await rollBack(team, seen, {}, { token: team.tokens.viewer })).status).toBe(403);
		const [denied] = await audit(team, "rollbacks:request");
		expect(denied).toMatchObject({ actor: `token:k-u-${team.id}-viewer`, outcome: "denied" });
		expect(await rows("SELECT id FROM rollbacks WHERE team_id = ?", team.id)).toEqual([]);
	});

	test("another team's environment, rollback and hold are not there", async () => {
		const [{ team, seen }, other] = [await brokenTeam(), await makeTeam()];
		const { id } = (await rollBack(team, seen)).body.rollback;
		const token = other.tokens.admin;
		for (const path of [`/api/rollbacks/${id}`, `/api/environments/${envId(team)}/offer`]) {
			expect((await getJson(team, path, token)).status).toBe(404);
		}
		for (const path of [
			`/api/environments/${envId(team)}/rollback`,
			`/api/rollbacks/${id}/cancel`,
			`/api/environments/${envId(team)}/lock`,
		]) {
			expect([path, (await post(team, path, { seen, reason: "x" }, { token })).status]).toEqual([path, 404]);
		}
	});

	test.each([
		["no key", { seen: "x" }, { key: "" }, 422, "Idempotency-Key"],
		["no seen", {}, {}, 422, "seen"],
		["a number for seen", { seen: 4 }, {}, 422, "seen"],
		["a reason of 2,000 characters", { seen: "x", reason: "x".repeat(2000) }, {}, 422, "reason"],
	])("bad input: %s", async (_what, body, how, status, field) => {
		const team = await makeTeam();
		const agent = new FakeAgent(team);
		await agent.connect();
		await agent.report([workload([revision(1, "1.4.1")])]);
		const answer = await post<{ error: { fields: Record<string, string> } }>(team, `/api/environments/${envId(team)}/rollback`, body, how);
		expect([answer.status, Object.keys(answer.body.error.fields)]).toEqual([status, [field]]);
	});

	test("production from a page takes the typed word; a wrong one is refused", async () => {
		const { team, seen } = await brokenTeam();
		expect((await rollBack(team, seen, { confirm: "production" })).status).toBe(422);
		expect((await rollBack(team, seen, { confirm: "" })).status).toBe(422);
		expect((await rollBack(team, seen, { confirm: " Prod " })).status).toBe(202);
	});

	test("fault 52: what never succeeded, is unknown, or runs already is refused before anything is sent", async () => {
		const { team, agent, seen } = await brokenTeam();
		expect((await rollBack(team, seen, { to: "github-1-1" })).status).toBe(422);
		expect((await rollBack(team, seen, { to: seen })).status).toBe(422);
		await agent.report([workload([revision(1, "1.4.1"), revision(2, "1.5.0")])]);
		const healthy = await rollBack(team, (await readOffer(team)).seen, { to: seen });
		expect(healthy.status).toBe(422);
		expect(agent.heard.filter(({ type }) => type === "offer")).toEqual([]);
		expect(await rows("SELECT id FROM rollbacks WHERE team_id = ?", team.id)).toEqual([]);
	});

	test("fault 52: a revision that the cluster no longer has can't be returned to", async () => {
		const { team, agent } = await brokenTeam();
		await agent.report([broken([revision(2, "1.5.0")])]);
		const answer = await rollBack(team, (await readOffer(team)).seen);
		expect(answer.status).toBe(422);
		expect(JSON.stringify(answer.body)).toContain("no longer has a revision");
	});

	test("fault 53: a newer deployment than the one that was seen", async () => {
		const { team, agent, seen } = await brokenTeam();
		await agent.report([broken([revision(1, "1.4.1"), revision(2, "1.5.0"), revision(3, "1.5.1")])]);
		const answer = await rollBack(team, seen);
		expect(answer.status).toBe(409);
		expect(answer.body).toMatchObject({ error: { fields: { reason: "environment_moved" } } });
	});

	test("what changes is what the agent says of the target's template; an older agent tells of images alone", async () => {
		const { team, agent, good } = await brokenTeam();
		const bad = revision(2, "1.5.0");
		expect(await readOffer(team)).toMatchObject({
			compared: "images",
			changes: [`- image: ${bad.images[0]}`, `+ image: ${good.images[0]}`],
		});
		const differs = ["  container app:", "    env:", '-     POOL_MAX: "120"', '+     POOL_MAX: "40"', "+     DB_PASSWORD: [hidden]"];
		await agent.report([
			broken([
				{ ...good, differs: [...differs, '+     API_KEY: "hunter2"'] },
				{ ...bad, differs: [] },
			]),
		]);
		// What an agent forgot to hide is hidden here, before it is stored.
		expect(await readOffer(team)).toMatchObject({ compared: "templates", changes: [...differs, '+     API_KEY: "[masked:secret-value]"'] });
		expect(JSON.stringify(await rows("SELECT revisions FROM workloads WHERE team_id = ?", team.id))).not.toContain("hunter2");
		await agent.report([
			broken([
				{ ...good, differs: [] },
				{ ...bad, differs: [] },
			]),
		]);
		expect(await readOffer(team)).toMatchObject({ compared: "templates", changes: [] });
	});

	test("fault 54: with the agent away it can't be asked for, and what to run by hand is said", async () => {
		const { team, seen } = await brokenTeam();
		later(30_000);
		const answer = await rollBack(team, seen);
		expect(answer.status).toBe(409);
		expect(JSON.stringify(answer.body)).toContain("kubectl -n shop rollout undo deployment/checkout --to-revision=1");
		expect((await readOffer(team)).blocked).toContain("away");
	});

	test("a paused workload is refused with the way out; one that GitOps owns needs a manager and the word", async () => {
		const { team, agent } = await brokenTeam();
		const both = [revision(1, "1.4.1"), revision(2, "1.5.0")];
		await agent.report([broken(both, { isPaused: true })]);
		const paused = await rollBack(team, (await readOffer(team)).seen);
		expect([paused.status, JSON.stringify(paused.body)]).toEqual([409, expect.stringContaining("paused")]);
		await agent.report([broken(both, { owner: { tool: "argocd", name: "checkout" } })]);
		const { seen } = await readOffer(team);
		expect((await rollBack(team, seen, { confirm: "prod" })).status).toBe(403);
		expect(await audit(team, "rollbacks:force")).toHaveLength(1);
		expect((await rollBack(team, seen, {}, { token: team.tokens.manager })).status).toBe(422);
		expect((await rollBack(team, seen, { confirm: "prod" }, { token: team.tokens.manager })).status).toBe(202);
	});

	test("ten rollbacks of one person in a row are enough: 429 with Retry-After", async () => {
		const { team } = await brokenTeam();
		later(0);
		for (let n = 0; n < 10; n++) {
			const asked = await rollBack(team, (await readOffer(team)).seen);
			expect([n, asked.status]).toEqual([n, 202]);
			await post(team, `/api/rollbacks/${asked.body.rollback.id}/cancel`, undefined);
			await soon(async () => (await readOffer(team)).seen).not.toBe("");
		}
		const { seen } = await readOffer(team);
		const refused = await rollBack(team, seen);
		expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
		expect((await rollBack(team, seen, {}, { token: team.tokens.manager })).status).toBe(202);
	});
});

describe("locks and holds", () => {
	test("after a rollback: locked and held for half an hour, released by a person, and each is in the audit", async () => {
		const { team, agent, seen, good } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		await carryOut(team, agent, id, [workload([revision(2, "1.5.0"), { ...good, revision: 3 }], { commandId: id })]);
		const state = (await live(team).state(team.id, envId(team)))!;
		expect(state.lock).toMatchObject({ by: { id: `token:k-u-${team.id}-member` }, rollbackId: id });
		const unlock = (token: string) => post(team, `/api/environments/${envId(team)}/lock`, undefined, { method: "DELETE", token });
		// A lock of a member's token is not the viewer's, and somebody else's only a manager's.
		expect((await unlock(team.tokens.viewer)).status).toBe(403);
		expect((await unlock(team.tokens.manager)).status).toBe(204);
		const hold = state.holds[0]!;
		expect(hold).toMatchObject({ version: "1.5.0", rollbackId: id });
		expect((await post(team, `/api/holds/${hold.id}`, undefined, { method: "DELETE" })).status).toBe(204);
		expect((await post(team, `/api/holds/${hold.id}`, undefined, { method: "DELETE" })).status).toBe(404);
		expect((await audit(team, "environment.unlock"))[0]).toMatchObject({ actor: `token:k-u-${team.id}-manager` });
		expect(await audit(team, "hold.release")).toHaveLength(1);
	});

	test("the clock releases what nobody released, once, as the system", async () => {
		const { team, agent, seen, good } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		await carryOut(team, agent, id, [workload([revision(2, "1.5.0"), { ...good, revision: 3 }], { commandId: id })]);
		later(31 * 60_000);
		await runDurableObjectAlarm(live(team));
		await sweep(env, Date.now());
		expect(await live(team).state(team.id, envId(team))).toMatchObject({ lock: null, holds: [] });
		expect(await audit(team, "environment.unlock")).toMatchObject([{ actor: "system" }]);
		expect(await audit(team, "hold.release")).toMatchObject([{ actor: "system" }]);
	});

	test("somebody else's lock stands in the way of all but a manager, who types the word; one's own does not", async () => {
		const { team, seen } = await brokenTeam();
		const path = `/api/environments/${envId(team)}/lock`;
		const until = new Date(Date.now() + 3600_000).toISOString();
		expect((await post(team, path, { reason: "load test", until }, { token: team.tokens.admin })).status).toBe(200);
		expect((await post(team, path, { reason: "mine" })).status).toBe(409);
		expect((await post(team, path, { reason: "" })).status).toBe(422);
		expect((await post(team, path, { reason: "x", until: "2020-01-01T00:00:00Z" })).status).toBe(422);
		const refused = await rollBack(team, seen);
		expect([refused.status, JSON.stringify(refused.body)]).toEqual([409, expect.stringContaining("has locked this environment")]);
		expect((await rollBack(team, seen, {}, { token: team.tokens.manager })).status).toBe(422);
		expect((await rollBack(team, seen, { confirm: "prod" }, { token: team.tokens.manager })).status).toBe(202);
		const [request] = await audit(team, "rollback.request");
		expect(JSON.parse(request!.after).forced[0]).toContain("has locked this environment");
	});

	test("settings are a manager's, checked, and in the audit with what they were", async () => {
		const { team } = await brokenTeam();
		const patch = (body: unknown, token: string) =>
			post<Record<string, unknown>>(team, `/api/environments/${envId(team)}`, body, { method: "PATCH", token });
		expect((await patch({ auto_rollback: true }, team.tokens.member)).status).toBe(403);
		expect((await patch({ good_minutes: -1 }, team.tokens.manager)).status).toBe(422);
		expect((await patch({}, team.tokens.manager)).status).toBe(422);
		const freezes = [{ kind: "weekly", days: [5], fromMinute: 900, toMinute: 1440, reason: "Friday" }];
		const changed = await patch({ auto_rollback: true, good_minutes: 30, freezes }, team.tokens.manager);
		expect(changed.body).toMatchObject({ environment: { auto_rollback: true, good_minutes: 30, drills: false, freezes } });
		const [entry] = await audit(team, "environment.configure");
		expect(JSON.parse(entry!.before)).toEqual({ autoRollback: false, goodMinutes: 15, freezes: [] });
	});
});

describe("carrying out", () => {
	test("a second rollback after the first does not return to the broken version", async () => {
		const team = await makeTeam();
		const agent = new FakeAgent(team);
		await agent.connect();
		const [a, b, c] = [revision(1, "1.4.0"), revision(2, "1.4.1"), revision(3, "1.5.0")];
		await agent.report([workload([a])]);
		await agent.report([workload([a, b])]);
		await agent.report([broken([a, b, c])]);
		const first = (await rollBack(team, (await readOffer(team)).seen)).body.rollback;
		expect(first.to.version).toBe("1.4.1");
		await carryOut(team, agent, first.id, [workload([a, c, { ...b, revision: 4 }], { commandId: first.id })]);
		const second = (await rollBack(team, (await readOffer(team)).seen)).body.rollback;
		expect([second.from.version, second.to.version]).toEqual(["1.4.1", "1.4.0"]);
	});

	test("fault 50: claim, progress and result twice are one command, one pair in the audit, one hold", async () => {
		const { team, agent, seen } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		const granted = await agent.claim(id);
		expect(await agent.claim(id)).toMatchObject({ id, fence: granted.fence, claims: 1 });
		agent.progress(granted, "applied");
		agent.progress(granted, "applied");
		for (let n = 0; n < 3; n++) await agent.result(granted);
		expect(await audit(team, "rollback.end")).toHaveLength(1);
		expect(await rows("SELECT id FROM holds WHERE team_id = ?", team.id)).toHaveLength(1);
		// A progress that was late changes nothing either.
		agent.progress(granted, "rolling", 1);
		expect((await readRollback(team, id)).state).toBe("succeeded");
	});

	test("fault 48: a lease that ran out passes the command on with a higher fence; a late no is not believed, a late fact is", async () => {
		const { team, agent, seen } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		const first = await agent.claim(id);
		later(16_000);
		const second = new FakeAgent(team);
		expect((await second.connect()).type).toBe("welcome");
		const granted = await second.claim(id);
		expect([granted.fence > first.fence, granted.claims]).toEqual([true, 2]);
		await agent.result(first, { outcome: "failed", applied: false, barrier: true, reason: "environment_moved" });
		expect((await readRollback(team, id)).state).toBe("claimed");
		await agent.result(first);
		expect((await readRollback(team, id)).state).toBe("succeeded");
		await second.result(granted, { outcome: "failed", applied: false, barrier: true, reason: "same_revision" });
		expect((await readRollback(team, id)).state).toBe("succeeded");
		expect(await audit(team, "rollback.end")).toHaveLength(1);
	});

	test("fault 49: the agent dies after its claim and comes back as another process: the command is claimed anew and ends in the truth", async () => {
		const { team, agent, seen } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		const first = await agent.claim(id);
		agent.progress(first, "applied");
		await soon(async () => (await readRollback(team, id)).applied).toBe(true);
		agent.close();
		const next = new FakeAgent(team);
		later(16_000);
		await next.connect();
		const granted = await next.claim(id);
		expect(granted).toMatchObject({ settle: true, claims: 2 });
		await next.result(granted, { message: "It was done already." });
		expect(await readRollback(team, id)).toMatchObject({ state: "succeeded", applied: true });
	});

	test.each(["asked", "offered", "claimed", "applied", "ended"])(
		"fault 49: the objects are lost once it is %s; nothing else is",
		async (step) => {
			const { team, agent, seen } = await brokenTeam();
			const lose = async (at: string) => {
				if (at !== step) return;
				await abortAllDurableObjects();
				await agent.connect();
			};
			const { id } = (await rollBack(team, seen)).body.rollback;
			await lose("asked");
			await agent.next(["offer"]);
			await lose("offered");
			const granted = await agent.claim(id);
			await lose("claimed");
			agent.progress(granted, "applied");
			await soon(async () => (await readRollback(team, id)).applied).toBe(true);
			await lose("applied");
			await agent.result(granted);
			await lose("ended");
			await agent.result(granted);
			expect(await readRollback(team, id)).toMatchObject({ state: "succeeded", applied: true });
			expect(await audit(team, "rollback.request")).toHaveLength(1);
			expect(await audit(team, "rollback.end")).toHaveLength(1);
			const state = (await live(team).state(team.id, envId(team)))!;
			expect([state.holds.length, state.lock?.rollbackId]).toEqual([1, id]);
			await soon(() => rows("SELECT status FROM deployments WHERE team_id = ? AND source = 'opssight'", team.id)).toEqual([
				{ status: "success" },
			]);
		},
	);

	test("fault 54: nobody takes it on: it expires, and nothing was changed", async () => {
		const { team, agent, seen } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		later(121_000);
		await runDurableObjectAlarm(live(team));
		expect(await readRollback(team, id)).toMatchObject({ state: "expired", applied: false, why: "expired" });
		expect(JSON.parse((await audit(team, "rollback.end"))[0]!.after)).toMatchObject({ state: "expired" });
		const n = agent.heard.length;
		agent.say({ type: "claim", commandId: id, at: 1 });
		expect(await agent.next(["declined"], n)).toMatchObject({ commandId: id });
		// And it stands in nobody's way.
		agent.beat();
		await soon(async () => (await rollBack(team, (await readOffer(team)).seen)).status).toBe(202);
	});

	test("fault 54: claimed and not heard of again: unknown, never failed, until an agent settles it", async () => {
		const { team, agent, seen } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		await agent.claim(id);
		later(121_000);
		await runDurableObjectAlarm(live(team));
		expect(await readRollback(team, id)).toMatchObject({ state: "unknown", finished_at: null });
		expect((await rollBack(team, (await readOffer(team)).seen)).status).toBe(409);
		const next = new FakeAgent(team);
		await next.connect();
		const granted = await next.claim(id);
		expect(granted).toMatchObject({ settle: true });
		await next.result(granted, { outcome: "failed", applied: false, barrier: true, reason: "expired" });
		expect(await readRollback(team, id)).toMatchObject({ state: "expired", applied: false });
	});

	test("fault 53: the agent finds another revision than was looked at: failed, and nothing is held or locked", async () => {
		const { team, agent, seen } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		const granted = await agent.claim(id);
		await agent.result(granted, {
			outcome: "failed",
			applied: false,
			barrier: true,
			reason: "environment_moved",
			message: "Revision 3 is there.",
		});
		expect(await readRollback(team, id)).toMatchObject({ state: "failed", why: "environment_moved", message: "Revision 3 is there." });
		expect(await live(team).state(team.id, envId(team))).toMatchObject({ lock: null, holds: [] });
	});

	test("called off: before it is claimed at once, after that only once the agent has settled it, and never what is applied", async () => {
		const { team, agent, seen } = await brokenTeam();
		const first = (await rollBack(team, seen)).body.rollback.id;
		expect((await post(team, `/api/rollbacks/${first}/cancel`, undefined)).body.rollback.state).toBe("cancelled");
		const second = (await rollBack(team, (await readOffer(team)).seen)).body.rollback.id;
		const granted = await agent.claim(second);
		expect((await post(team, `/api/rollbacks/${second}/cancel`, undefined)).body.rollback.state).toBe("cancelling");
		expect(await agent.next(["cancel"])).toMatchObject({ commandId: second });
		await agent.result(granted, { outcome: "failed", applied: false, barrier: true, reason: "cancelled" });
		expect((await readRollback(team, second)).state).toBe("cancelled");
		const third = (await rollBack(team, (await readOffer(team)).seen)).body.rollback.id;
		agent.progress(await agent.claim(third), "applied");
		await soon(async () => (await readRollback(team, third)).applied).toBe(true);
		expect((await post(team, `/api/rollbacks/${third}/cancel`, undefined)).status).toBe(409);
		expect((await audit(team, "rollback.cancel")).map(({ object }) => object)).toEqual([first, second]);
	});

	test("a service that does not come back is said not to have, with what to do next", async () => {
		const { team, agent, seen, good } = await brokenTeam();
		const { id } = (await rollBack(team, seen)).body.rollback;
		const after = [revision(2, "1.5.0"), { ...good, revision: 3 }];
		await carryOut(team, agent, id, [workload(after, { commandId: id })]);
		later(2000);
		await agent.report([broken(after, { commandId: id, reason: "MinimumReplicasUnavailable", sentence: "1 of 3 pods is ready." })]);
		later(31_000);
		agent.beat();
		await runDurableObjectAlarm(live(team));
		expect(await readRollback(team, id)).toMatchObject({ recovery: "notRecovered", state: "succeeded" });
		expect((await readRollback(team, id)).message).toContain("1 of 3 pods is ready. 1.4.1 is in place, and the service is not back.");
	});

	test("a rehearsal changes nothing, needs no seen, and counts in the figures", async () => {
		const { team, agent } = await brokenTeam();
		const asked = await post(team, `/api/environments/${envId(team)}/drill`, {});
		expect(asked.status).toBe(202);
		const granted = await agent.claim();
		expect(granted.verb).toBe("dry-run");
		await agent.result(granted, { applied: false, changes: ["- image: a", "+ image: b"] });
		expect(await readRollback(team, granted.id)).toMatchObject({
			kind: "dry-run",
			state: "succeeded",
			changes: ["- image: a", "+ image: b"],
		});
		const state = (await live(team).state(team.id, envId(team)))!;
		expect(state).toMatchObject({ lock: null, holds: [], drills: { n: 1, lastOk: true } });
		expect(await rows("SELECT id FROM deployments WHERE team_id = ? AND source = 'opssight'", team.id)).toEqual([]);
	});

	test("the weekly rehearsal is made once a week where it is wanted", async () => {
		const { team } = await brokenTeam();
		await post(team, `/api/environments/${envId(team)}`, { drills: true }, { method: "PATCH", token: team.tokens.manager });
		for (let n = 0; n < 3; n++) await sweep(env, Date.now());
		expect(await rows("SELECT kind, requested_by FROM rollbacks WHERE team_id = ?", team.id)).toEqual([
			{ kind: "dry-run", requested_by: "system" },
		]);
	});

	test("a failed deployment is rolled back by itself where that is wanted: once, and it says why", async () => {
		const team = await makeTeam();
		const agent = new FakeAgent(team);
		await agent.connect();
		const [a, b] = [revision(1, "1.4.1"), revision(2, "1.5.0")];
		await agent.report([workload([a])]);
		await post(team, `/api/environments/${envId(team)}`, { auto_rollback: true }, { method: "PATCH", token: team.tokens.manager });
		await agent.report([broken([a, b])]);
		const granted = await agent.claim();
		expect(granted).toMatchObject({ expectedRevision: 2, targetRevision: 1 });
		const row = await readRollback(team, granted.id);
		expect(row).toMatchObject({ automatic: true, requested_by: { id: "system" } });
		expect(row.reason).toContain("1.5.0 failed");
		await agent.result(granted, { outcome: "failed", applied: false, barrier: true, reason: "conflict" });
		await agent.report([broken([a, b], { sentence: "Still." })]);
		await runDurableObjectAlarm(live(team));
		expect(await rows("SELECT id FROM rollbacks WHERE team_id = ?", team.id)).toHaveLength(1);
	});

	test("it is not rolled back by itself past somebody's lock, and the audit says so once", async () => {
		const team = await makeTeam();
		const agent = new FakeAgent(team);
		await agent.connect();
		const [a, b] = [revision(1, "1.4.1"), revision(2, "1.5.0")];
		await agent.report([workload([a])]);
		await post(team, `/api/environments/${envId(team)}`, { auto_rollback: true }, { method: "PATCH", token: team.tokens.manager });
		await post(team, `/api/environments/${envId(team)}/lock`, { reason: "hands off" });
		await agent.report([broken([a, b])]);
		await soon(() => audit(team, "rollback.automatic")).toMatchObject([{ outcome: "denied", actor: "system" }]);
		await runDurableObjectAlarm(live(team));
		expect(await audit(team, "rollback.automatic")).toHaveLength(1);
		expect(await rows("SELECT id FROM rollbacks WHERE team_id = ?", team.id)).toEqual([]);
	});
});

describe("while the database is away", () => {
	test("a request is refused whole; a result is not acknowledged until it is stored, and then once", async () => {
		const { team, agent, seen } = await brokenTeam();
		setD1Fault("error");
		expect((await rollBack(team, seen)).status).toBeGreaterThanOrEqual(500);
		setD1Fault("ok");
		expect(await rows("SELECT id FROM rollbacks WHERE team_id = ?", team.id)).toEqual([]);
		const { id } = (await rollBack(team, seen)).body.rollback;
		const granted = await agent.claim(id);
		agent.progress(granted, "applied");
		await soon(async () => (await readRollback(team, id)).applied).toBe(true);
		setD1Fault("error");
		const n = agent.heard.length;
		agent.say({
			...{ type: "result", commandId: id, fence: granted.fence, outcome: "succeeded", applied: true, barrier: false, reason: null },
			...{ message: "", revision: 3, changes: [], durationMs: 1, at: 1 },
		});
		await new Promise((done) => setTimeout(done, 200));
		expect(agent.heard.slice(n)).toEqual([]);
		setD1Fault("ok");
		expect(await readRollback(team, id)).toMatchObject({ state: "claimed" });
		expect(await rows("SELECT id FROM holds WHERE team_id = ?", team.id)).toEqual([]);
		await agent.result(granted);
		expect(await readRollback(team, id)).toMatchObject({ state: "succeeded" });
		expect(await audit(team, "rollback.end")).toHaveLength(1);
	});
});

describe("agents", () => {
	test("fault 47: only the token of an agent opens the door, and only to its own cluster", async () => {
		const [team, other] = [await makeTeam(), await makeTeam()];
		const dial = (token: string, cluster?: string) => new FakeAgent(team, { token, ...(cluster && { cluster }) }).dial();
		expect(await dial(team.tokens.admin)).toBe(403);
		expect(await dial(team.ingestToken)).toBe(403);
		expect(await dial(`opst_${team.id}_${"x".repeat(43)}`)).toBe(401);
		expect(await dial(other.agents["main-cluster"]!, `c-${team.id}-main-cluster`)).toBe(403);
		expect(await dial(team.agents["main-cluster"]!, "main-cluster")).toBe(101);
		for (const path of ["/agent/connect", "/agent/commands?agent=12345678", "/agent/report"]) {
			expect([path, (await ask(path, { method: path.endsWith("report") ? "POST" : "GET" })).status]).toEqual([path, 401]);
		}
		// And it opens nothing else.
		expect((await getJson(team, "/api/runs", team.agents["main-cluster"])).status).toBe(403);
		const page = await ask("/agent/connect", {
			headers: { upgrade: "websocket", origin: ORIGIN, authorization: `Bearer ${team.agents["main-cluster"]}` },
		});
		expect(page.status).toBe(403);
	});

	test("fault 47: a token used from two places: one holds the cluster, the other stands by, its reports count for nothing, and it is said", async () => {
		const { team, agent } = await brokenTeam();
		const thief = new FakeAgent(team);
		expect(await thief.connect()).toMatchObject({ type: "standby", holder: agent.name });
		thief.say({
			...{ type: "report", seq: 1, isSnapshot: true, part: 1, parts: 1, workloads: [], gone: [], cluster: null, verbs: null, at: 1 },
		});
		await new Promise((done) => setTimeout(done, 10));
		agent.beat();
		await soon(() => audit(team, "agent.conflict")).toHaveLength(1);
		agent.beat();
		expect(await rows("SELECT name FROM workloads WHERE team_id = ?", team.id)).toEqual([{ name: "checkout" }]);
		const clusters = await getJson<{ clusters: { conflict_at: string | null }[] }>(team, "/api/clusters");
		expect(clusters.body.clusters[0]!.conflict_at).not.toBeNull();
		agent.close();
		await soon(() => thief.heard.at(-1)?.type).toBe("welcome");
	});

	test("fault 47: a command of one cluster is nothing to the agent of another", async () => {
		const [{ team, seen }, other] = [await brokenTeam(), await brokenTeam()];
		const { id } = (await rollBack(team, seen)).body.rollback;
		const n = other.agent.heard.length;
		other.agent.say({ type: "claim", commandId: id, at: 1 });
		expect((await other.agent.next(["declined"], n)).commandId).toBe(id);
		other.agent.say({
			...{ type: "result", commandId: id, fence: 1, outcome: "succeeded", applied: true, barrier: false, reason: null, message: "" },
			...{ revision: 1, changes: [], durationMs: 1, at: 1 },
		});
		await other.agent.next(["resultAck"], n);
		expect((await readRollback(team, id)).state).toBe("pending");
	});

	test("a token that is revoked cuts its agent off at once; one that is exchanged works on beside the new one", async () => {
		const { team, agent } = await brokenTeam();
		const cluster = `c-${team.id}-main-cluster`;
		const admin = { token: team.tokens.admin };
		const rotated = await post<{ token: string; token_id: string }>(team, `/api/clusters/${cluster}/rotate`, undefined, admin);
		expect(rotated.status).toBe(200);
		agent.beat();
		const next = new FakeAgent(team, { token: rotated.body.token });
		expect((await next.connect()).type).toBe("standby");
		expect((await post(team, `/api/clusters/${cluster}/tokens/k-${cluster}`, undefined, { ...admin, method: "DELETE" })).status).toBe(204);
		await soon(() => agent.closes).toEqual([4401]);
		expect(agent.heard.at(-1)).toMatchObject({ type: "bye", reason: "revoked" });
		await soon(() => next.heard.at(-1)?.type).toBe("welcome");
		expect(await new FakeAgent(team).dial()).toBe(401);
	});

	test("clusters are made, bound and removed by admins; the token is told once", async () => {
		const team = await makeTeam();
		const admin = { token: team.tokens.admin };
		const body = { name: "edge", bindings: [{ namespace: "shop", environment: "staging" }] };
		expect((await post(team, "/api/clusters", body, { token: team.tokens.manager })).status).toBe(403);
		expect((await post(team, "/api/clusters", { ...body, bindings: [{ namespace: "A b", environment: "x" }] }, admin)).status).toBe(422);
		const made = await post<{ cluster: { id: string }; token: string }>(team, "/api/clusters", body, admin);
		expect(made.status).toBe(201);
		expect((await post(team, "/api/clusters", body, admin)).status).toBe(422);
		const agent = new FakeAgent(team, { token: made.body.token });
		expect(await agent.connect()).toMatchObject({ type: "welcome" });
		await agent.report([workload([revision(1, "1.4.1")]), workload([revision(1, "7")], { namespace: "elsewhere", name: "x" })]);
		expect(await rows("SELECT name FROM environments WHERE team_id = ?", team.id)).toEqual([{ name: "staging" }]);
		const path = `/api/clusters/${made.body.cluster.id}`;
		const renamed = await post<{ name: string }>(
			team,
			path,
			{ name: "edge-2", bindings: [{ namespace: "*", environment: "qa" }] },
			{ ...admin, method: "PATCH" },
		);
		expect(renamed.body).toMatchObject({ name: "edge-2", bindings: [{ namespace: "*", environment: "qa" }], connected: true });
		expect(agent.heard.at(-1)?.type).toBe("resync");
		expect(JSON.stringify((await getJson(team, "/api/clusters")).body)).not.toContain(made.body.token);
		expect((await post(team, path, undefined, { ...admin, method: "DELETE" })).status).toBe(204);
		await soon(() => agent.closes).toEqual([4401]);
		expect((await getJson(team, path)).status).toBe(404);
		const acts = await rows<{ act: string }>("SELECT act FROM audit WHERE team_id = ? AND act LIKE 'cluster.%' ORDER BY no", team.id);
		expect(acts.map(({ act }) => act)).toEqual(["cluster.create", "cluster.change", "cluster.remove"]);
	});

	test.each([
		["what is no JSON", "{", 1008],
		["a message of another kind", JSON.stringify({ type: "exec", command: "rm" }), 1008],
		["a beat of the wrong shape", JSON.stringify({ type: "beat", at: "now" }), 1008],
		["a message of 300,000 characters", "x".repeat(300_000), 1008],
		["a JSON that is very deep", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, 1008],
		[
			"another protocol",
			JSON.stringify({ type: "hello", protocol: 99, agent: "12345678", version: "9", kubernetes: null, verbs: [], at: 1 }),
			1008,
		],
	])("fault 55: %s ends the connection with a word, and nothing else", async (_what, text, code) => {
		const { team, agent } = await brokenTeam();
		const n = agent.heard.length;
		agent.say(text);
		await soon(() => agent.closes).toEqual([code]);
		expect(agent.heard.slice(n)).toMatchObject([{ type: "bye", reason: "protocol" }]);
		expect((await agent.connect()).type).toBe("welcome");
		expect(await rows("SELECT name FROM workloads WHERE team_id = ?", team.id)).toEqual([{ name: "checkout" }]);
	});

	test("fault 55: names with HTML, clocks of another century and a snapshot in parts are taken as they are, and bounded", async () => {
		const { team, agent } = await brokenTeam();
		const html = "<script>alert(1)</script>";
		const many = Array.from({ length: 250 }, (_, n) =>
			workload([revision(1, "1", { createdAt: 9e14 })], { name: `w${n}`, component: n ? "w" : html }),
		);
		for (const part of [1, 2, 3]) {
			const workloads = many.slice((part - 1) * 100, part * 100);
			await agent.report(workloads, { isSnapshot: true, part, parts: 3, at: 9e14 });
		}
		const counted = await rows<{ n: number }>("SELECT count(*) AS n FROM workloads WHERE team_id = ?", team.id);
		expect(counted).toEqual([{ n: 250 }]);
		expect(await rows("SELECT name FROM workloads WHERE team_id = ? AND name = 'checkout'", team.id)).toEqual([]);
		const state = (await live(team).state(team.id, envId(team)))!;
		expect(state.components.some(({ component }) => component === html)).toBe(true);
	});

	test("reports count once each, a gap asks for everything anew, and a new connection goes on where the last one was", async () => {
		const { team, agent } = await brokenTeam();
		const n = agent.heard.length;
		const report = { type: "report", isSnapshot: false, part: 1, parts: 1, workloads: [], gone: [], cluster: null, verbs: null, at: 1 };
		agent.say({ ...report, seq: 2 });
		expect(await agent.next(["reportAck"], n)).toMatchObject({ seq: 2 });
		agent.say({ ...report, seq: 9 });
		await agent.next(["resync"], n);
		expect(await agent.connect()).toMatchObject({ type: "welcome", have: 2 });
		expect(await rows("SELECT seq FROM clusters WHERE team_id = ?", team.id)).toEqual([{ seq: 2 }]);
	});

	test("without a socket the same messages are asked for and posted", async () => {
		const team = await makeTeam();
		const token = team.agents["main-cluster"]!;
		const agent = "poller-12345678";
		const say = async (messages: unknown[]) => (await post(team, "/agent/report", { agent, messages }, { token })).status;
		const poll = async (wait = 5) => {
			const answer = await ask(`/agent/commands?agent=${agent}&wait=${wait}`, { headers: { authorization: `Bearer ${token}` } });
			return ((await answer.json()) as { messages: { type: string; commandId?: string; command?: { id: string; fence: number } }[] })
				.messages;
		};
		const at = Date.now();
		expect(await say([{ type: "hello", protocol: 1, agent, version: "1", kubernetes: null, verbs: [], at }])).toBe(202);
		expect(await poll()).toMatchObject([{ type: "welcome", have: 0 }]);
		const report = { type: "report", isSnapshot: true, part: 1, parts: 1, gone: [], cluster: null, verbs: null, at };
		const [a, b] = [revision(1, "1.4.1"), revision(2, "1.5.0")];
		await say([{ ...report, seq: 1, workloads: [workload([a])] }]);
		expect(await poll()).toMatchObject([{ type: "reportAck", seq: 1 }]);
		await say([{ ...report, seq: 2, workloads: [broken([a, b])] }]);
		expect(await poll()).toMatchObject([{ type: "reportAck", seq: 2 }]);
		const waiting = poll(10);
		const { id } = (await rollBack(team, (await readOffer(team)).seen)).body.rollback;
		expect(await waiting).toMatchObject([{ type: "offer", commandId: id }]);
		await say([{ type: "claim", commandId: id, at }]);
		const [granted] = await poll();
		expect(granted).toMatchObject({ type: "granted", command: { id } });
		const result = { type: "result", commandId: id, fence: granted!.command!.fence, outcome: "succeeded", applied: true, barrier: false };
		await say([{ ...result, reason: null, message: "", revision: 3, changes: [], durationMs: 5, at }]);
		expect(await poll()).toMatchObject([{ type: "resultAck", commandId: id }]);
		expect((await readRollback(team, id)).state).toBe("succeeded");
		expect(await poll(0)).toEqual([]);
		expect((await post(team, "/agent/report", { agent, messages: [{ type: "exec" }] }, { token })).status).toBe(422);
	});

	test("an agent that falls silent is away after twenty seconds, and its environments' viewers are told", async () => {
		const { team } = await brokenTeam();
		const viewer = await watch(team);
		await soon(() => viewer.state()?.clusters[0]?.isConnected).toBe(true);
		later(21_000);
		await runDurableObjectAlarm(env.CLUSTER_LINK.getByName(`${team.id}:c-${team.id}-main-cluster`));
		await soon(() => viewer.state()?.clusters[0]?.isConnected).toBe(false);
	});
});

type State = Extract<EnvironmentMessage, { type: "snapshot" }>["state"];

/** Look at production over the environment's own socket. */
async function watch(team: TestTeam, role: "viewer" | "member" | "manager" | "admin" = "viewer") {
	const headers = { upgrade: "websocket", cookie: team.sessions[role], origin: ORIGIN };
	const answer = await ask(`/live/${team.slug}/environments/${envId(team)}`, { headers });
	const socket = answer.webSocket!;
	const frames: EnvironmentMessage[] = [];
	const closes: number[] = [];
	let state: State | null = null;
	let gaps = 0;
	let seq = 0;
	socket.accept();
	socket.addEventListener("message", ({ data }) => {
		const frame = JSON.parse(data as string) as EnvironmentMessage;
		frames.push(frame);
		if (frame.type === "snapshot") state = frame.state;
		if (frame.type === "change" && frame.prev > seq) gaps += 1;
		if (frame.type === "change" && state) state = { ...state, ...frame.patch };
		seq = frame.seq;
	});
	socket.addEventListener("close", ({ code }) => {
		closes.push(code);
	});
	const say = (message: unknown) => socket.send(JSON.stringify(message));
	say({ hello: {} });
	await soon(() => frames.length).toBeGreaterThan(0);
	return { frames, closes, say, state: () => state, gaps: () => gaps, close: () => socket.close() };
}

describe("those who look", () => {
	test("two people at once: the second watches the first, stage by stage, and sees who has it in hand", async () => {
		const { team, agent, seen } = await brokenTeam();
		const maya = await watch(team, "member");
		const jonas = await watch(team, "manager");
		await soon(() => jonas.state()?.viewers.map(({ who }) => who.id)).toEqual([`u-${team.id}-member`, `u-${team.id}-manager`]);
		maya.say({ handling: true });
		await soon(() => jonas.state()?.viewers[0]?.isHandling).toBe(true);
		const { id } = (await rollBack(team, seen)).body.rollback;
		await soon(() => jonas.state()?.rollback?.id).toBe(id);
		const granted = await agent.claim(id);
		agent.progress(granted, "applied");
		agent.progress(granted, "rolling", 2);
		await soon(() => jonas.state()?.rollback?.pods?.ready).toBe(2);
		await agent.result(granted);
		await soon(() => jonas.state()?.rollback?.stages.map(({ stage }) => stage)).toEqual([
			"queued",
			"sent",
			"accepted",
			"applied",
			"rolling",
			"ready",
		]);
		await soon(() => jonas.state()?.lock?.rollbackId).toBe(id);
		expect(jonas.gaps()).toBe(0);
		maya.close();
		await soon(() => jonas.state()?.viewers.map(({ who }) => who.id)).toEqual([`u-${team.id}-manager`]);
	});

	test("the object is evicted in between: viewers go on, or are told to begin anew", async () => {
		const { team, agent } = await brokenTeam();
		const viewer = await watch(team);
		await evictDurableObject(live(team));
		await agent.report([workload([revision(1, "1.4.1"), revision(2, "1.5.0")])]);
		await soon(() => viewer.state()?.components[0]?.observed?.state).toBe("healthy");
		expect(viewer.closes).toEqual([]);
	});

	test("a command over the socket is refused; a foreign environment is not there", async () => {
		const [{ team }, other] = [await brokenTeam(), await makeTeam()];
		const viewer = await watch(team, "admin");
		viewer.say({ rollback: "prod" });
		await soon(() => viewer.closes).toEqual([1008]);
		const headers = { upgrade: "websocket", cookie: other.sessions.admin, origin: ORIGIN };
		expect((await ask(`/live/${other.slug}/environments/${envId(team)}`, { headers })).status).toBe(404);
		const evil = { upgrade: "websocket", cookie: team.sessions.admin, origin: "https://evil.test" };
		expect((await ask(`/live/${team.slug}/environments/${envId(team)}`, { headers: evil })).status).toBe(403);
	});

	test("without a socket the same frames are polled", async () => {
		const { team, seen } = await brokenTeam();
		type Answer = { epoch: string; seq: number; frames: EnvironmentMessage[] };
		const path = `/live/${team.slug}/environments/${envId(team)}/changes`;
		const first = (await getJson<Answer>(team, path)).body;
		expect(first.frames).toMatchObject([{ type: "snapshot", state: { name: "production" } }]);
		const { id } = (await rollBack(team, seen)).body.rollback;
		const next = (await getJson<Answer>(team, `${path}?since=${first.epoch}.${first.seq}`)).body;
		expect(JSON.stringify(next.frames)).toContain(id);
	});
});
