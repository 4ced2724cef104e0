// What a newcomer tries first: the demo's incident, rolled back in the demo's own cluster by the agent's own program.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openWindow, watchPage } from "./support/browser.ts";
import { type Product, type Role, startProduct } from "./support/product.ts";

let product: Product;
let browser: Browser;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct({ more: ["--demo", "on"] }), launch()]);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

async function open(path: string, role: Role): Promise<{ page: Page; problems: string[]; close: () => Promise<void> }> {
	const context = await openWindow(browser, { as: { team: product.teams.a, role } });
	const page = await context.newPage();
	const problems = watchPage(page);
	await page.goto(`${product.url}/t/acme/${path}`);
	return { page, problems, close: () => context.close() };
}

async function ask<T>(path: string): Promise<T> {
	const answer = await fetch(product.url + path, { headers: { authorization: `Bearer ${product.teams.a.tokens.viewer}` } });
	return (await answer.json()) as T;
}

type Component = {
	component: string;
	current: { version: string } | null;
	observed: { version: string; cluster: string; desired: number; available: number } | null;
	health: string;
};
type Environment = { name: string; lock: unknown; holds: { version: string }[]; components: Component[] };

const environments = async () => (await ask<{ environments: Environment[] }>("/api/environments")).environments;
const production = async () => (await environments()).find(({ name }) => name === "production");
const checkout = async () => (await production())?.components.find(({ component }) => component === "checkout-api");
const clusters = async () => (await ask<{ clusters: { name: string; connected: boolean }[] }>("/api/clusters")).clusters;

// What was rolled back can't be rolled back again: a second try would see another cluster.
test("the demo's release fails in a cluster that can be seen, and one rollback makes it well", { retry: 0, timeout: 180_000 }, async () => {
	await expect.poll(checkout, { timeout: 40_000 }).toMatchObject({ health: "failing", observed: { version: "v2.31.0", cluster: "demo" } });
	const all = (await environments()).flatMap(({ name, components }) => components.map((one) => ({ name, ...one })));
	expect(all).toHaveLength(18);
	for (const { name, component, current, observed, health } of all) {
		if (name === "production" && component === "checkout-api") continue;
		expect([name, component, health, observed?.available]).toEqual([name, component, "healthy", observed?.desired]);
		if (`${name}/${component}` !== "staging/notify") expect([component, observed?.version]).toEqual([component, current?.version]);
	}

	const { page, problems, close } = await open("deployments", "member");
	const card = page.getByRole("region", { name: "production" });
	await card.getByText(/CrashLoopBackOff.* 2 of 6 pods still serve\.$/).waitFor();
	await card.getByRole("link", { name: "Roll back checkout-api in production…" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("v2.30.4 is still in the cluster", { exact: false }).waitFor();
	await dialog.getByText("image: ghcr.io/acme/checkout-api:v2.30.4").waitFor();
	await page.getByLabel("Type prod to confirm").fill("prod");
	await page.getByRole("button", { name: "Roll back production" }).click();
	// Slow enough to be watched.
	await dialog.getByText(/^Rolling [1-5]\/6 pods/).waitFor({ timeout: 30_000 });
	await dialog.getByText(/^Rolled back in/).waitFor({ timeout: 110_000 });

	expect(await checkout()).toMatchObject({ health: "healthy", observed: { version: "v2.30.4", desired: 6, available: 6 } });
	expect(await production()).toMatchObject({ lock: expect.anything(), holds: [{ version: "v2.31.0" }] });
	expect(problems).toEqual([]);
	await close();
});

test("what was rolled back stays so when everything is killed and started again", { timeout: 240_000 }, async () => {
	await product.kill();
	await product.start();
	const isBack = async () => (await clusters()).find(({ name }) => name === "demo")?.connected;
	await expect.poll(isBack, { timeout: 60_000 }).toBe(true);
	await expect.poll(checkout, { timeout: 30_000 }).toMatchObject({ health: "healthy", observed: { version: "v2.30.4", available: 6 } });
});

test("the demo's cluster goes with the demo, and the team's own stays", { timeout: 120_000 }, async () => {
	const { page, problems, close } = await open("settings/agents", "admin");
	await page.getByText("demo", { exact: true }).first().waitFor();
	await page.waitForLoadState("networkidle");
	await page.locator("summary", { hasText: "Demo data" }).locator("visible=true").click();
	await page.getByRole("button", { name: "Remove demo data" }).locator("visible=true").click();
	await page.getByText("The demo data is removed. What is left is your own.").waitFor({ timeout: 90_000 });
	expect((await clusters()).map(({ name }) => name)).toEqual(["main-cluster"]);
	expect((await production())?.components).toEqual([]);
	expect(await production()).toMatchObject({ lock: null, holds: [] });
	// Its agent is not let in any more, and then nothing of it runs on.
	await expect.poll(() => existsSync(join(product.state, "demo-cluster.json")), { timeout: 30_000 }).toBe(false);
	expect(problems).toEqual([]);
	await close();
});
