// The agent's own program, killed at each step of a command and started again, and two of them, with the running product around them. On a
// double of the API server; with KUBECONFIG_TEST, the kubeconfig of an administrator, on a real control plane and at every step.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { STEPS, type Step } from "../../agent/commands/work.ts";
import type { RollbackBody } from "../../worker/wire/api.ts";
import type { EnvironmentBody } from "../../worker/wire/deployment-api.ts";
import { type Cluster, startCluster, startRealCluster } from "./support/cluster.ts";
import { type Product, startProduct } from "./support/product.ts";

const kubeconfig = process.env.KUBECONFIG_TEST;
/** Each costs a lease; on the double the others are killed between it and the edge's double, in test/unit/agent. */
const KILLED: Step[] = kubeconfig ? STEPS.filter((name) => !/Barrier/.test(name)) : ["beforePatch", "beforeResult"];
const PATIENT = { timeout: 180_000 };

let product: Product;
let cluster: Cluster;
let round = 0;

beforeAll(async () => {
	product = await startProduct();
	cluster = kubeconfig ? await startRealCluster(product, kubeconfig) : await startCluster(product);
	await cluster.deploy("1.4.2");
});

afterAll(async () => {
	await cluster?.end();
	await product?.end();
});

async function api<T>(path: string, body?: unknown): Promise<T> {
	const { sessions, slug } = product.teams.a;
	const answer = await fetch(`${product.url}${path}${path.includes("?") ? "&" : "?"}team=${slug}`, {
		...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
		// A manager: the round before has locked the environment.
		headers: { cookie: sessions.manager, origin: product.url, "content-type": "application/json", "idempotency-key": randomUUID() },
	});
	if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
	return (await answer.json()) as T;
}

/** The environment that the cluster's workload runs in, with that component first. */
async function production(): Promise<EnvironmentBody | undefined> {
	const { environments } = await api<{ environments: EnvironmentBody[] }>("/api/environments");
	return environments.find(({ components }) => components.some(({ observed }) => observed !== null));
}
const checkout = async () => (await production())?.components.find(({ component }) => component === "checkout");
const soon = <T>(read: () => T, timeout = 40_000) => expect.poll(read, { timeout, interval: 200 });

/** A new version whose pods do not get ready, and the request to go back from it. */
async function ask(reason: string): Promise<string> {
	await soon(async () => (await checkout())?.observed?.version).toBe("1.4.2");
	await soon(async () => (await checkout())?.health).toBe("healthy");
	const bad = `2.0.${++round}`;
	await cluster.breakIt(bad);
	await soon(async () => (await checkout())?.health).toBe("failing");
	const asked = { component: "checkout", seen: (await checkout())?.latest?.id, reason };
	return (await api<{ rollback: RollbackBody }>(`/api/environments/${(await production())?.id}/rollback`, asked)).rollback.id;
}

/** However it went on the way: one patch, the good version, the truth in the product and in its audit. */
async function expectTheTruth(id: string, patchesBefore: number): Promise<void> {
	const read = async () => (await api<{ rollback: RollbackBody }>(`/api/rollbacks/${id}`)).rollback;
	await soon(async () => (await read()).state, 90_000).toBe("succeeded");
	await soon(async () => (await read()).recovery).toBe("recovered");
	expect((await cluster.patches()) - patchesBefore).toBe(1);
	expect(await cluster.runs()).toBe("1.4.2");
	await soon(async () => (await checkout())?.observed?.version).toBe("1.4.2");
	const { entries } = await api<{ entries: { act: string; object: string }[] }>("/api/audit?limit=50");
	const told = entries.filter(({ object }) => object.includes(id)).map(({ act }) => act);
	for (const act of ["rollback.request", "rollback.end", "rollback.verify"]) {
		expect([act, told.filter((one) => one === act).length]).toEqual([act, 1]);
	}
}

test.each(KILLED)("killed %s and started again: one patch, and the end is the truth", PATIENT, async (dieAt) => {
	const before = await cluster.patches();
	const doomed = cluster.enter({ dieAt });
	const id = await ask(`killed ${dieAt}`);
	await doomed.ended;
	const heir = cluster.enter();
	await expectTheTruth(id, before);
	await heir.agent.stop();
});

test("two agents at once: one patch, and the end is the truth", PATIENT, async () => {
	const before = await cluster.patches();
	const both = [cluster.enter(), cluster.enter()];
	const id = await ask("two agents");
	await expectTheTruth(id, before);
	for (const { agent } of both) await agent.stop();
});
