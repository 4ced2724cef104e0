// The whole story, from a push to a service that has recovered: recorded deliveries, the agent's own program on a cluster, a phone.
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { startCluster } from "./support/cluster.ts";
import { type Product, startProduct } from "./support/product.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/e2e-main");
type Step = { n: number; source: string; file: string | null; headers?: Record<string, string> };
const steps = (JSON.parse(readFileSync(join(FOLDER, "sequence.json"), "utf8")) as { steps: Step[] }).steps;
/** What ran before the story begins, and what it brings. */
const GOOD = "59b20b8a0b7a4f1e9c7b1b2d3e4f5a6b7c8d9e0f";
const BAD = "a1b2c3d4e5f60718293a4b5c6d7e8f9011223344";

let product: Product;
let browser: Browser;
let cluster: Awaited<ReturnType<typeof startCluster>>;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launch()]);
	cluster = await startCluster(product);
});

afterAll(async () => {
	await cluster?.end();
	await browser?.close();
	await product?.end();
});

async function post(body: string, headers: Record<string, string>, source: "github" | "alertmanager" = "github"): Promise<number> {
	return (await fetch(product.url + product.teams.a.webhooks[source].path, { method: "POST", headers, body })).status;
}

/** A recorded delivery, byte for byte. */
async function play(n: number): Promise<void> {
	const step = steps.find((one) => one.n === n) as Step;
	expect(await post(readFileSync(join(FOLDER, step.file as string), "utf8"), step.headers ?? {})).toBe(202);
}

/** A recorded notification of Alertmanager, which is taken and kept; its secret is this installation's. */
async function playAlert(n: number): Promise<void> {
	const step = steps.find((one) => one.n === n) as Step;
	const { secret } = product.teams.a.webhooks.alertmanager;
	const headers = { ...step.headers, authorization: `Bearer ${secret}` };
	expect([200, 202]).toContain(await post(readFileSync(join(FOLDER, step.file as string), "utf8"), headers, "alertmanager"));
}

/** The deployment that succeeded an hour before. */
async function deployGood(): Promise<void> {
	const body = JSON.parse(readFileSync(join(FOLDER, "11-github-deployment_status.json"), "utf8"));
	Object.assign(body.deployment, { id: 9_100_000, sha: GOOD, created_at: "2026-11-20T09:00:00Z", updated_at: "2026-11-20T09:00:00Z" });
	Object.assign(body.deployment_status, {
		id: 9_200_000,
		state: "success",
		created_at: "2026-11-20T09:02:00Z",
		updated_at: "2026-11-20T09:02:00Z",
	});
	const text = JSON.stringify(body);
	const status = await post(text, {
		"content-type": "application/json",
		"x-github-event": "deployment_status",
		"x-github-delivery": randomUUID(),
		"x-hub-signature-256": `sha256=${createHmac("sha256", product.teams.a.webhooks.github.secret).update(text).digest("hex")}`,
	});
	expect(status).toBe(202);
}

type Answer = Record<string, unknown>;
async function api(
	path: string,
	{ role = "viewer", body, key }: { role?: "viewer" | "member" | "manager"; body?: unknown; key?: string } = {},
) {
	const answer = await fetch(`${product.url}${path}${path.includes("?") ? "&" : "?"}team=${product.teams.a.slug}`, {
		...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
		headers: {
			cookie: product.teams.a.sessions[role],
			origin: product.url,
			...(body !== undefined && { "content-type": "application/json" }),
			...(key && { "idempotency-key": key }),
		},
	});
	return { status: answer.status, body: (await answer.json()) as Answer };
}

type Environment = {
	id: string;
	name: string;
	current: { commit: string; version: string } | null;
	latest: { id: string; commit: string; status: string } | null;
	observed: { version: string } | null;
	lock: unknown;
};
async function production(): Promise<Environment> {
	const { environments } = (await api("/api/environments")).body as { environments: Environment[] };
	return environments.find(({ name, latest }) => name === "production" && latest !== null) as Environment;
}

test("a push, its run, a deployment that fails, and the way back with two gestures on a phone", async () => {
	await cluster.kube.deploy("checkout", "1.4.1", { changeCause: "deploy checkout 1.4.1 (sha 6dcb09b)" });
	await cluster.kube.deploy("checkout", "1.4.2", { changeCause: "deploy checkout 1.4.2 (sha 59b20b8)" });
	// The first one dies the moment it has changed the cluster; another one is there and has to tell the truth.
	cluster.enter({ dieAt: "afterPatch" });
	await deployGood();
	for (const n of [1, 2, 3, 4, 5, 6, 7]) await play(n);
	expect(await production()).toMatchObject({ current: { commit: GOOD }, latest: { commit: BAD, status: "running" } });

	const context = await openWindow(browser, { viewport: PHONE, as: { team: product.teams.a, role: "member" }, isTouch: true });
	const page = await context.newPage();
	const problems = watchPage(page);
	await page.goto(`${product.url}/t/${product.teams.a.slug}/deployments`);
	const card = page.getByRole("region", { name: "production" });
	await cluster.kube.break("checkout", "1.5.0", { changeCause: "deploy checkout 1.5.0 (sha a1b2c3d)" });
	for (const n of [9, 10]) await playAlert(n);
	await play(11);
	// It turns red by itself.
	await card.getByText("Failing", { exact: true }).first().waitFor({ timeout: 20_000 });
	expect(await production()).toMatchObject({
		current: { commit: GOOD },
		latest: { commit: BAD, status: "failure" },
		observed: { version: "1.5.0" },
	});

	cluster.enter();
	await card.getByRole("link", { name: "Roll back checkout in production…" }).tap();
	await page.getByRole("dialog").getByText("Back to").or(page.getByRole("dialog").getByText("Roll back to")).first().waitFor();
	const button = page.getByRole("button", { name: /^Hold to roll back prod/ });
	await button.scrollIntoViewIfNeeded();
	const box = await button.boundingBox();
	const session = await context.newCDPSession(page);
	await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: (box?.x ?? 0) + 40, y: (box?.y ?? 0) + 20 }] });
	await page.waitForTimeout(1500);
	await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
	await page.getByRole("dialog").getByRole("list", { name: "Stages" }).waitFor();
	await page
		.getByRole("dialog")
		.getByText(/^Rolled back in/)
		.waitFor({ timeout: 90_000 });

	// One patch, whoever died; and what is shown is what is there.
	expect(await cluster.patches()).toBe(1);
	expect(await cluster.runs()).toBe("1.4.2");
	await playAlert(15);
	const after = await production();
	expect(after).toMatchObject({ current: { commit: GOOD }, observed: { version: "1.4.2" } });
	expect(after.lock).not.toBeNull();
	const { rollbacks } = (await api("/api/rollbacks")).body as { rollbacks: { state: string; stages: { stage: string }[] }[] };
	expect(rollbacks[0]).toMatchObject({ state: "succeeded" });
	expect(rollbacks[0]?.stages.map(({ stage }) => stage)).toEqual(
		expect.arrayContaining(["queued", "sent", "accepted", "applied", "ready", "verified"]),
	);
	expect((await api(`/api/gate?environment=production&sha=${BAD}`)).body).toMatchObject({ decision: "deny" });
	const { entries } = (await api("/api/audit", { role: "manager" })).body as { entries: { act: string; object: string }[] };
	expect(entries.map(({ act }) => act)).toEqual(expect.arrayContaining(["rollback.request", "rollback.end", "rollback.verify"]));
	expect(problems).toEqual([]);
	await context.close();
}, 180_000);

test("the next rollback does not go back to the version that was broken", async () => {
	const environment = await production();
	const { offer } = (await api(`/api/environments/${environment.id}/offer?component=checkout`)).body as {
		offer: { to: { version: string } | null; choices: { version: string; eligible: boolean }[] };
	};
	expect(offer.to?.version ?? "nothing").not.toMatch(/1\.5\.0|a1b2c3d/);
	expect(offer.choices.filter(({ version }) => /1\.5\.0|a1b2c3d/.test(version)).every(({ eligible }) => !eligible)).toBe(true);
});

test("a viewer is refused, and that is noted", async () => {
	const environment = await production();
	const asked = await api(`/api/environments/${environment.id}/rollback`, { body: { seen: environment.latest?.id }, key: randomUUID() });
	expect(asked.status).toBe(403);
	const { entries } = (await api("/api/audit", { role: "manager" })).body as { entries: { act: string; outcome: string }[] };
	expect(entries.some(({ act, outcome }) => act === "rollbacks:request" && outcome === "denied")).toBe(true);
});
