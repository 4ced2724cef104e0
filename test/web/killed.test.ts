// The agent's own program, killed at each step of a command and started again, with the running product around it.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Step } from "../../agent/commands/work.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { type Product, startProduct } from "./support/product.ts";

let product: Product;
let cluster: Cluster;
let round = 0;

beforeAll(async () => {
	product = await startProduct();
	cluster = await startCluster(product);
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

type Environment = {
	id: string;
	name: string;
	latest: { id: string } | null;
	observed: { version: string } | null;
	components: { health: string }[];
};
const production = async () =>
	(await api<{ environments: Environment[] }>("/api/environments")).environments.find(({ observed }) => observed !== null);

// The other steps are killed between the doubles (test/unit/agent) and in a real cluster (test/kube): each costs a lease here.
const KILLED: Step[] = ["granted", "beforePatch", "beforeResult"];
test.each(KILLED)(
	"killed %s: one patch, and the end is the truth",
	async (dieAt: Step) => {
		round += 1;
		const [good, bad] = [`${round}.4.2`, `${round}.5.0`];
		await cluster.kube.deploy("checkout", good);
		const doomed = cluster.enter({ dieAt });
		await expect.poll(async () => (await production())?.observed?.version, { timeout: 40_000 }).toBe(good);
		await expect.poll(async () => (await production())?.components[0]?.health, { timeout: 40_000 }).toBe("healthy");
		await cluster.kube.break("checkout", bad);
		await expect.poll(async () => (await production())?.components[0]?.health, { timeout: 40_000 }).toBe("failing");
		const environment = await production();
		const before = cluster.changes("checkout").length;
		const asked = { seen: environment?.latest?.id, reason: `killed ${dieAt}`, confirm: "prod" };
		const { rollback } = await api<{ rollback: { id: string } }>(`/api/environments/${environment?.id}/rollback`, asked);
		await doomed.ended;
		const heir = cluster.enter();
		const read = async () =>
			(await api<{ rollback: { state: string; recovery: string | null } }>(`/api/rollbacks/${rollback.id}`)).rollback;
		await expect.poll(async () => (await read()).state, { timeout: 80_000 }).toBe("succeeded");
		expect(cluster.changes("checkout").length - before).toBe(1);
		expect(cluster.image("checkout")).toBe(good);
		await expect.poll(async () => (await read()).recovery, { timeout: 30_000 }).toBe("recovered");
		await heir.agent.stop();
	},
	180_000,
);
