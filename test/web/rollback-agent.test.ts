// The whole way, with nothing scripted: the running product, the real agent, and an API server's double that keeps count of patches.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningAgent, startAgent } from "../../agent/agent.ts";
import { STEPS, type Step } from "../../agent/commands/work.ts";
import { makeLog } from "../../agent/log.ts";
import type { RollbackBody } from "../../worker/wire/api.ts";
import type { EnvironmentBody } from "../../worker/wire/deployment-api.ts";
import { agentUser, isPatch, type KubeDouble, startKubeDouble } from "../support/kube-double/index.ts";
import { type Product, startProduct, type Team } from "./support/product.ts";

const KUBE_TOKEN = "agent-service-account";
const now = () => Math.round(performance.timeOrigin + performance.now());

let product: Product;
let dir: string;
beforeAll(async () => {
	product = await startProduct();
	dir = mkdtempSync(join(tmpdir(), "opssight-agent-"));
});
afterAll(async () => {
	await product?.end();
	rmSync(dir, { recursive: true, force: true });
});

const running: RunningAgent[] = [];
let kube: KubeDouble;

async function cluster(): Promise<void> {
	kube = await startKubeDouble({ everyMs: 5 });
	kube.addToken(KUBE_TOKEN, agentUser(["shop"]));
	writeFileSync(join(dir, "ca.crt"), kube.ca);
}
async function leave(): Promise<void> {
	for (const agent of running.splice(0)) await agent.stop();
	await kube.stop();
}

function enter(team: Team, step?: (name: Step) => Promise<void>): RunningAgent {
	const agent = startAgent({
		settings: { url: new URL(product.url), kubeUrl: new URL(kube.url), kubeDir: dir, stateDir: join(dir, `state-${team.slug}`) },
		version: "test",
		readToken: () => team.agents["main-cluster"] as string,
		readKubeToken: () => KUBE_TOKEN,
		log: makeLog({ write: () => {}, now: Date.now, secrets: () => [] }),
		now,
		random: Math.random,
		...(step && { step }),
	});
	running.push(agent);
	return agent;
}

async function api<T>(team: Team, path: string, { method = "GET", body, key }: { method?: string; body?: unknown; key?: string } = {}) {
	const headers = {
		authorization: `Bearer ${team.tokens.member}`,
		"content-type": "application/json",
		...(key && { "idempotency-key": key }),
	};
	const answer = await fetch(`${product.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
	return { status: answer.status, body: (await answer.json()) as T };
}
const production = async (team: Team) => {
	const { body } = await api<{ environments: EnvironmentBody[] }>(team, "/api/environments");
	return body.environments?.find(({ name }) => name === "production");
};
const soon = <T>(read: () => T, timeout = 40_000) => expect.poll(read, { timeout, interval: 100 });

/** checkout is broken in the cluster, and the product knows. @returns the deployment that is seen */
async function broken(team: Team, good: string, bad: string): Promise<string> {
	await kube.deploy("checkout", good);
	await soon(async () => (await production(team))?.components[0]?.observed?.version).toBe(good);
	await soon(async () => (await production(team))?.components[0]?.health).toBe("healthy");
	await kube.break("checkout", bad);
	await soon(async () => (await production(team))?.components[0]?.health).toBe("failing");
	return (await production(team))?.latest?.id ?? "";
}
const ask = async (team: Team, seen: string) => {
	const path = `/api/environments/${(await production(team))?.id}/rollback`;
	const answer = await api<{ rollback: RollbackBody }>(team, path, {
		method: "POST",
		body: { seen, reason: "5xx" },
		key: crypto.randomUUID(),
	});
	expect([answer.status, answer.body]).toEqual([202, expect.anything()]);
	return answer.body.rollback.id;
};
const read = async (team: Team, id: string) => (await api<{ rollback: RollbackBody }>(team, `/api/rollbacks/${id}`)).body.rollback;
const patches = () => kube.patchesOf("checkout").length;

describe("the running product and the real agent", () => {
	test("a broken rollout is seen, rolled back, verified; the cluster runs the good version again, by one patch", async () => {
		await cluster();
		const team = product.teams.a;
		enter(team);
		const seen = await broken(team, "1.4.1", "1.5.0");
		const before = patches();
		const id = await ask(team, seen);
		await soon(async () => (await read(team, id)).state).toBe("succeeded");
		await soon(async () => (await read(team, id)).recovery).toBe("recovered");
		const row = await read(team, id);
		expect(row.stages.map(({ stage }) => stage)).toEqual(
			expect.arrayContaining(["queued", "sent", "accepted", "applied", "ready", "verified"]),
		);
		expect(patches() - before).toBe(1);
		expect((await production(team))?.components[0]).toMatchObject({ observed: { version: "1.4.1", state: "healthy" } });
		expect(await production(team)).toMatchObject({ lock: { rollback_id: id }, holds: [{ version: "1.5.0" }] });
		await leave();
	});

	test.each(STEPS.filter((step) => !step.includes("Barrier") && step !== "beforeDryRun"))(
		"the agent is killed %s and started again: one patch at most, and the end is the truth",
		async (at) => {
			await cluster();
			const team = product.teams.b;
			const kill = { at: null as Step | null };
			const agent = enter(team, (name) => {
				if (name !== kill.at) return Promise.resolve();
				kill.at = null;
				void agent.stop();
				return new Promise<void>(() => {});
			});
			const n = STEPS.indexOf(at);
			const seen = await broken(team, `2.${n}.0`, `2.${n}.1`);
			const before = patches();
			kill.at = at;
			const id = await ask(team, seen);
			await soon(() => kill.at).toBe(null);
			enter(team);
			await soon(async () => (await read(team, id)).finished_at !== null, 90_000).toBe(true);
			const row = await read(team, id);
			expect(patches() - before).toBeLessThanOrEqual(1);
			expect(row.state).toBe(patches() - before === 1 ? "succeeded" : "failed");
			const observed = async () => (await production(team))?.components[0]?.observed?.version;
			await soon(observed).toBe(patches() - before === 1 ? `2.${n}.0` : `2.${n}.1`);
			const { id: environment, holds } = (await production(team)) as EnvironmentBody;
			await api(team, `/api/environments/${environment}/lock`, { method: "DELETE" }).catch(() => {});
			for (const hold of holds) await api(team, `/api/holds/${hold.id}`, { method: "DELETE" }).catch(() => {});
			await leave();
		},
		150_000,
	);

	test("the product is killed while a rollback runs, and started again: it ends as it would have", async () => {
		await cluster();
		const team = product.teams.a;
		enter(team);
		const seen = await broken(team, "3.0.0", "3.1.0");
		const before = patches();
		kube.hold(isPatch);
		const id = await ask(team, seen);
		await soon(async () => (await read(team, id)).state).toBe("claimed");
		await product.kill();
		await product.start();
		await soon(async () => (await read(team, id)).finished_at !== null, 120_000).toBe(true);
		expect([(await read(team, id)).state, patches() - before]).toEqual(["succeeded", 1]);
		await leave();
	}, 240_000);
});
