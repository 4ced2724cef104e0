// Rollbacks through the running product: a scripted agent over a real socket, the doors, the objects, D1. Faults 47 to 58 by name.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { environmentIdOf } from "#worker/domains/environments/model";
import type { RollbackBody } from "#worker/wire/api";
import { broken, FakeAgent, revision, workload } from "../support/fake-agent.ts";
import { ask, getJson, makeTeam, type TestTeam } from "../support/team.ts";

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
		expect(granted).toMatchObject({ id, verb: "rollback", expectedRevision: 2, targetRevision: 1, targetHash: "hash1", settle: false });
		agent.progress(granted, "accepted");
		agent.progress(granted, "applied");
		agent.progress(granted, "rolling", 2);
		await soon(async () => (await readRollback(team, id)).pods).toEqual({ updated: 2, ready: 2, total: 3 });
		await agent.result(granted);
		await agent.report([workload([revision(2, "1.5.0"), { ...good, revision: 3 }], { commandId: id })]);
		await soon(async () => (await readRollback(team, id)).state).toBe("succeeded");
		expect((await readRollback(team, id)).recovery).toBe("watching");
		await env.DB.prepare("UPDATE rollbacks SET row = json_replace(row, '$.stages', json(?2)) WHERE id = ?1")
			.bind(
				id,
				JSON.stringify([
					{ stage: "queued", at: 1 },
					{ stage: "ready", at: Date.now() - 60_000 },
				]),
			)
			.run();
		await env.DB.prepare("UPDATE workloads SET state_since = state_since - 60000 WHERE team_id = ?").bind(team.id).run();
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
