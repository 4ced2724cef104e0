import { createHmac, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { deliver, fileAsDead, newRun, type Product, type Role, startProduct } from "./support/product.ts";

const SHOTS = fileURLToPath(new URL("screenshots", import.meta.url));

let product: Product;
let browser: Browser;

beforeAll(async () => {
	mkdirSync(SHOTS, { recursive: true });
	[product, browser] = await Promise.all([startProduct(), launch()]);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

type Visit = { page: Page; context: BrowserContext; problems: string[] };

/** Open a settings page of the first team as someone of a role. */
async function open(path: string, { role = "admin" as Role, theme = "dark" as "dark" | "light", viewport = DESKTOP } = {}): Promise<Visit> {
	const context = await openWindow(browser, { as: { team: product.teams.a, role }, theme, viewport });
	const page = await context.newPage();
	const problems = watchPage(page);
	await page.goto(`${product.url}/t/acme/settings/${path}`);
	await page.evaluate(() => Object.assign(window, { openedOnce: true }));
	return { page, context, problems };
}

/** Make an integration by hand. @returns its address and secret, as the page shows them */
async function add(page: Page, sender: string, name: string): Promise<{ url: string; secret: string }> {
	await page.goto(`${product.url}/t/acme/settings/integrations/new`);
	await page.waitForLoadState("networkidle");
	await page.getByRole("radio", { name: sender }).check();
	await page.getByLabel("Name, if you like").fill(name);
	await page.getByRole("button", { name: "Create integration" }).click();
	await page.getByRole("region", { name: `Connect ${name}` }).waitFor();
	await page.evaluate(() => Object.assign(window, { openedOnce: true }));
	const show = page.getByRole("button", { name: /^Show Secret/ });
	await show.click();
	const texts = await page
		.getByRole("region", { name: `Connect ${name}` })
		.locator("code:visible")
		.allInnerTexts();
	const url = /http\S+\/webhooks\/\w+\/[\w-]+/.exec(texts.join("\n"))?.[0] ?? "";
	const secret = texts.find((text) => /^[\w-]{43}$/.test(text)) ?? "";
	expect({ url, secret }).toEqual({ url: expect.stringMatching(/^http/), secret: expect.stringMatching(/^[\w-]{43}$/) });
	return { url, secret };
}

/** Send a GitHub event, signed as GitHub signs. */
async function send({ url, secret }: { url: string; secret: string }, event: string, payload: unknown): Promise<number> {
	const body = JSON.stringify(payload);
	const headers = {
		"content-type": "application/json",
		"x-github-event": event,
		"x-github-delivery": randomUUID(),
		"x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
	};
	return (await fetch(url, { method: "POST", headers, body })).status;
}

const isSameDocument = (page: Page) => page.evaluate(() => "openedOnce" in window);
const card = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

async function choose(page: Page, name: string, act: string): Promise<void> {
	await card(page, name)
		.getByRole("button", { name: `Actions of ${name}` })
		.click();
	await page.getByRole("menuitem", { name: act }).click();
}

describe("the newcomer's way", () => {
	test("add GitHub, copy address and secret, send a ping: a tick without a reload; then a run, on the Overview", async () => {
		const { page, context, problems } = await open("integrations");
		await page.getByRole("link", { name: "Add integration" }).click();
		const where = await add(page, "GitHub", "acme on GitHub");
		expect(new URL(where.url).origin).toBe(product.url);
		await page.getByText("Waiting for the first event…").waitFor();
		expect(await page.getByText(/so GitHub cannot deliver to it/).isVisible()).toBe(true);

		expect(await send(where, "ping", { zen: "Keep it logically awesome." })).toBe(202);
		await page.getByText(/First event received .* ago: ping/).waitFor({ timeout: 8000 });
		expect(await isSameDocument(page)).toBe(true);

		const now = new Date().toISOString();
		const run = { id: 990_001, name: "first-light", run_attempt: 1, event: "push", status: "completed", conclusion: "failure" };
		const times = { created_at: now, run_started_at: now, updated_at: now };
		const repository = { id: 990, full_name: "acme/newcomer" };
		expect(await send(where, "workflow_run", { action: "completed", workflow_run: { ...run, ...times }, repository })).toBe(202);
		await page.getByText(/Connected\. Last event received .* ago: workflow_run/).waitFor({ timeout: 8000 });
		expect(await isSameDocument(page)).toBe(true);
		await page.getByRole("link", { name: "Open the Overview" }).click();
		await page.getByText("acme/newcomer").first().waitFor();
		expect(problems).toEqual([]);
		await context.close();
	});

	test("the test button sends a signed ping through the door of every source", async () => {
		const { page, context, problems } = await open("integrations");
		for (const [sender, name] of [
			["GitHub", "tested GitHub"],
			["GitLab", "tested GitLab"],
			["Any other CI", "tested CI"],
		] as const) {
			await add(page, sender, name);
			await page.getByRole("button", { name: "Send test event" }).click();
			await page.getByText("The test was signed, sent and taken.").waitFor();
			await page.getByText(/First event received/).waitFor({ timeout: 8000 });
		}
		expect(problems).toEqual([]);
		await context.close();
	});

	test("without scripts the form makes one, shows its secret, and every act has its own form", async () => {
		const context = await browser.newContext({ javaScriptEnabled: false, viewport: DESKTOP });
		const [name = "", value = ""] = product.teams.a.sessions.admin.split("=");
		await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/", httpOnly: true, sameSite: "Lax", secure: true }]);
		const page = await context.newPage();
		await page.goto(`${product.url}/t/acme/settings/integrations/new`);
		await page.getByRole("radio", { name: "GitLab" }).check();
		await page.getByRole("button", { name: "Create integration" }).click();
		const region = page.getByRole("region", { name: "Connect GitLab 2" });
		expect(await region.getByText(/^[\w-]{43}$/).isVisible()).toBe(true);
		expect(await page.content()).not.toMatch(/<[^>]*\sstyle=/);

		await page.goto(`${product.url}/t/acme/settings/integrations`);
		await card(page, "GitLab 2").getByRole("link", { name: "Rename…" }).click();
		await card(page, "GitLab 2").getByLabel("Name", { exact: true }).fill("renamed without scripts");
		await page.getByRole("button", { name: "Rename integration" }).click();
		await card(page, "renamed without scripts").getByRole("link", { name: "Remove…" }).click();
		await page.getByLabel(/^Type renamed/).fill("something else");
		await page.getByRole("button", { name: "Remove integration" }).click();
		expect(await page.getByText("Type renamed without scripts to confirm.").isVisible()).toBe(true);
		await page.getByLabel(/^Type renamed/).fill("renamed without scripts");
		await page.getByRole("button", { name: "Remove integration" }).click();
		expect(await page.getByText("renamed without scripts is removed. The runs it brought stay.").isVisible()).toBe(true);
		expect(await card(page, "renamed without scripts").count()).toBe(0);
		await context.close();
	});
});

describe("an integration that exists", () => {
	test("rotate shows a new secret once, and both work; disable refuses; remove takes its name", async () => {
		const { page, context, problems } = await open("integrations");
		const where = await add(page, "GitHub", "life cycle");
		await page.goto(`${product.url}/t/acme/settings/integrations`);
		await page.waitForLoadState("networkidle");

		await choose(page, "life cycle", "Rotate secret…");
		await page.getByRole("dialog").getByRole("button", { name: "Rotate secret" }).click();
		await page.getByText(/This is the new secret, shown this once/).waitFor();
		await page.getByRole("button", { name: "Show New secret" }).click();
		const secret = await card(page, "life cycle")
			.locator("code", { hasText: /^[\w-]{43}$/ })
			.innerText();
		expect(secret).not.toBe(where.secret);
		expect(await send(where, "ping", { n: 1 })).toBe(202);
		expect(await send({ ...where, secret }, "ping", { n: 2 })).toBe(202);
		await card(page, "life cycle").getByText("2 not used").waitFor({ timeout: 20_000 });
		expect(
			await card(page, "life cycle")
				.getByText(/works .* longer/)
				.isVisible(),
		).toBe(true);
		await page.reload();
		expect(await page.getByText(secret).count()).toBe(0);
		await page.waitForLoadState("networkidle");

		await choose(page, "life cycle", "Disable…");
		await page.getByRole("dialog").getByRole("button", { name: "Disable integration" }).click();
		await card(page, "life cycle").getByText("Disabled", { exact: true }).waitFor();
		expect(await send({ ...where, secret }, "ping", { n: 3 })).toBe(403);
		await choose(page, "life cycle", "Enable…");
		await page.getByRole("dialog").getByRole("button", { name: "Enable integration" }).click();
		await card(page, "life cycle").getByText("Receiving", { exact: true }).waitFor();
		expect(await send({ ...where, secret }, "ping", { n: 4 })).toBe(202);

		await choose(page, "life cycle", "Rename…");
		await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("late in life");
		await page.getByRole("dialog").getByRole("button", { name: "Rename integration" }).click();
		await card(page, "late in life").waitFor();

		await choose(page, "late in life", "Remove…");
		const dialog = page.getByRole("dialog", { name: "Remove late in life?" });
		const remove = dialog.getByRole("button", { name: "Remove integration" });
		expect(await remove.getAttribute("aria-disabled")).toBe("true");
		await dialog.getByLabel("Type late in life to confirm").fill("late in life");
		await remove.click();
		await page.getByText("late in life is removed. The runs it brought stay.").waitFor();
		expect(await card(page, "late in life").count()).toBe(0);
		expect(await send({ ...where, secret }, "ping", { n: 5 })).toBe(404);
		expect(problems).toEqual([]);
		await context.close();
	});

	test("a wrong signature is counted and shown, with what to do", async () => {
		// Counts of refused deliveries are gathered for some seconds before they are stored.
		const name = `badly signed ${randomUUID().slice(0, 4)}`;
		const { page, context } = await open("integrations");
		const where = await add(page, "GitHub", name);
		expect(await send({ ...where, secret: "not the secret" }, "ping", {})).toBe(401);
		await page.getByText("One delivery was refused: the signature is wrong.", { exact: false }).waitFor({ timeout: 45_000 });
		await page.goto(`${product.url}/t/acme/settings/integrations`);
		await card(page, name).getByText("Refusing", { exact: true }).waitFor();
		expect(await card(page, name).innerText()).toMatch(/1 delivery with a wrong signature/);
		await context.close();
	});

	test("a delivery that could not be applied is listed with its reason, and replayed", async () => {
		const deliveryId = randomUUID();
		expect(await deliver(product, newRun(), { deliveryId })).toBe(202);
		fileAsDead(product, deliveryId, "no such column: runs.colour");
		const { page, context, problems } = await open("integrations");
		const list = page.getByRole("region", { name: "Not applied" });
		expect(await list.innerText()).toContain("no such column: runs.colour");
		await page.waitForLoadState("networkidle");
		await list.getByRole("button", { name: `Replay ${deliveryId}` }).click();
		await list.getByText("1 delivery applied.").waitFor();
		await list.getByText(deliveryId).waitFor({ state: "detached" });
		expect(problems).toEqual([]);
		await context.close();
	});

	test.each(["viewer", "manager"] as const)("a %s sees everything and can change nothing", async (role) => {
		const { page, context } = await open("integrations", { role });
		const button = page.getByRole("button", { name: "Add integration" });
		expect(await button.isDisabled()).toBe(true);
		const why = await button.getAttribute("aria-describedby");
		expect(await page.locator(`#${why}`).innerText()).toMatch(/needs the admin role\. Ask an admin of this team\./i);
		await page.waitForLoadState("networkidle");
		await page.getByRole("button", { name: "Actions of github" }).click();
		expect(await page.getByRole("menuitem", { name: /Remove…/ }).getAttribute("aria-disabled")).toBe("true");
		const answer = await page.request.post(`${product.url}/t/acme/settings/integrations/new`, {
			form: { source: "github", name: "mine" },
			headers: { origin: product.url },
		});
		expect(answer.status()).toBe(403);
		await context.close();
	});
});

describe("the demo", () => {
	test("one click takes it out, progress and all; real runs stay and the mark goes", async () => {
		const anchor = Date.now();
		for (const group of [0, 1]) {
			const headers = { "content-type": "application/json" };
			const answer = await fetch(`${product.url}/dev/demo`, {
				method: "POST",
				headers,
				body: JSON.stringify({ team: "acme", group, anchor }),
			});
			expect(answer.status).toBe(200);
		}
		const run = newRun();
		expect(await deliver(product, run)).toBe(202);
		const asked = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ team: "acme" }) };
		const sender = (await (await fetch(`${product.url}/dev/demo/webhook`, asked)).json()) as { path: string; secret: string };
		const demo = { url: product.url + sender.path, secret: sender.secret };
		expect(await send(demo, "ping", {})).toBe(202);
		const { page, context, problems } = await open("integrations");
		await card(page, "Demo").waitFor();
		await page.waitForLoadState("networkidle");
		await page.locator("summary", { hasText: "Demo data" }).locator("visible=true").click();
		await page.getByRole("button", { name: "Remove demo data" }).locator("visible=true").click();
		await page.getByText("The demo data is removed. What is left is your own.").waitFor({ timeout: 30_000 });
		await page.locator("summary", { hasText: "Demo data" }).first().waitFor({ state: "detached" });
		expect(await card(page, "Demo").count()).toBe(0);
		expect(new URL(page.url()).pathname).toBe("/t/acme/settings/integrations");
		await page.goto(`${product.url}/t/acme/overview`);
		await page.locator(`tr[data-run$="-${run.number}"]`).first().waitFor();
		// What still sends for it is told at once, so that nothing of it comes back.
		expect(await send(demo, "ping", {})).toBe(404);
		// What was still bringing it in is told that it is over.
		const body = JSON.stringify({ team: "acme", group: 2, anchor });
		const more = await fetch(`${product.url}/dev/demo`, { method: "POST", headers: { "content-type": "application/json" }, body });
		expect(await more.json()).toMatchObject({ done: true });
		expect(problems).toEqual([]);
		await context.close();
	});
});

describe("how it looks", () => {
	test("single-letter shortcuts are switched off and stay so", async () => {
		const { page, context, problems } = await open("appearance");
		await page.waitForLoadState("networkidle");
		await page.getByRole("button", { name: /^Off/ }).click();
		await page.locator('button[name=keys][value=off][aria-pressed="true"]').waitFor();
		await page.waitForLoadState("networkidle");
		await page.reload();
		await page.locator('button[name=keys][value=off][aria-pressed="true"]').waitFor();
		expect(problems).toEqual([]);
		await context.close();
	});

	test.each([
		["dark", "desktop", DESKTOP],
		["light", "desktop", DESKTOP],
		["dark", "phone", PHONE],
		["light", "small", { width: 320, height: 700 }],
	] as const)("settings are quiet and fit: %s, %s", async (theme, device, viewport) => {
		const { page, context, problems } = await open("integrations", { theme, viewport });
		for (const path of ["integrations", "integrations/new", "appearance"]) {
			await page.goto(`${product.url}/t/acme/settings/${path}`);
			await page.getByRole("heading", { level: 1 }).waitFor();
			await page.waitForLoadState("networkidle");
			expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
			await page.screenshot({ path: `${SHOTS}/settings-${path.replace("/", "-")}-${theme}-${device}.png` });
		}
		expect(problems).toEqual([]);
		await context.close();
	});
});
