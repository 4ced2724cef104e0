// The whole way, with nothing scripted: the running product, the real agent, and an API server's double that keeps count of patches.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RunningAgent, startAgent } from "../../agent/agent.ts";
import { makeLog } from "../../agent/log.ts";
import type { RollbackBody } from "../../worker/wire/api.ts";
import type { EnvironmentBody } from "../../worker/wire/deployment-api.ts";
import { agentUser, type KubeDouble, startKubeDouble } from "../support/kube-double/index.ts";
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
afterEach(async () => {
	for (const agent of running.splice(0)) await agent.stop();
	await kube.stop();
});

function enter(team: Team): void {
	const agent = startAgent({
		settings: { url: new URL(product.url), kubeUrl: new URL(kube.url), kubeDir: dir, stateDir: join(dir, `state-${team.slug}`) },
		version: "test",
		readToken: () => team.agents["main-cluster"] as string,
		readKubeToken: () => KUBE_TOKEN,
		log: makeLog({ write: () => {}, now: Date.now, secrets: () => [] }),
		now,
		random: Math.random,
	});
	running.push(agent);
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
	});
});
