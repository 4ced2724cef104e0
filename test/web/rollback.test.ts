// Journeys of a rollback, with a scripted agent. Numbers in names are the checks of the design brief.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Revision } from "#worker/wire/agent";
import { broken, revision, ScriptedAgent, workload } from "./support/agent.ts";
import { DESKTOP, launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { axeViolations, sideways, smallTargets } from "./support/look.ts";
import { inDatabase, type Product, type Role, startProduct } from "./support/product.ts";

let product: Product;
let browser: Browser;
let agent: ScriptedAgent;
let team: string;
let round = 0;
/** The revisions of the present journey: the one that ran, and the one that failed. */
let evening: Revision[] = [];
/** Whether the agent has been taken away. */
let isHungUp = false;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launch()]);
	team = `${product.url}/t/${product.teams.a.slug}`;
});

afterAll(async () => {
	agent?.close();
	await browser?.close();
	await product?.end();
});

/** Each journey begins with the same evening: a version that ran, and one whose rollout failed. */
beforeEach(async () => {
	round += 1;
	isHungUp = false;
	agent?.close();
	inDatabase(product, (database) => {
		// Earlier journeys are over: what they left locked and held would stand in the way.
		database.exec("UPDATE environments SET locked_by = NULL, locked_by_name = NULL, locked_at = NULL, locked_until = NULL");
		database.exec("UPDATE holds SET released_at = held_at");
	});
	agent = new ScriptedAgent(product);
	await agent.connect();
	// Later than what the journey before rolled back to.
	const [from, to] = [
		revision(round * 10, good(), { createdAt: Date.now() - 2 }),
		revision(round * 10 + 1, bad(), { createdAt: Date.now() - 1 }),
	];
	evening = [from, to];
	await agent.fresh([from], workload);
	await agent.fresh(evening, broken);
});

/** What a journey asked for is carried out before the next one begins. */
afterEach(async () => {
	if (!isHungUp) await expect.poll(() => rollbacksOf().filter(({ state }) => state !== "succeeded"), { timeout: 30_000 }).toEqual([]);
	agent.close();
});

const good = () => `${round}.4.2`;
const bad = () => `${round}.5.0`;

type How = { viewport?: typeof DESKTOP; role?: Role; theme?: "dark" | "light" };

async function open(path: string, { viewport = DESKTOP, role = "member", theme }: How = {}) {
	const isTouch = viewport === PHONE;
	const context = await openWindow(browser, { viewport, as: { team: product.teams.a, role }, isTouch, ...(theme && { theme }) });
	const page = await context.newPage();
	const problems = watchPage(page);
	await page.goto(team + path);
	await page.locator("[data-seq]").filter({ hasText: /^Live/ }).first().waitFor({ state: "attached", timeout: 15_000 });
	return { page, problems, close: () => context.close() };
}

const card = (page: Page) => page.getByRole("region", { name: "production" });
const dialog = (page: Page) => page.getByRole("dialog");

async function openDialog(page: Page): Promise<void> {
	await card(page).getByText(bad(), { exact: true }).first().waitFor();
	await card(page).getByRole("link", { name: "Roll back checkout in production…" }).click();
	await dialog(page).getByText("Roll back to").waitFor();
}

/** Hold the button with a finger for so long. */
async function hold(page: Page, ms: number): Promise<void> {
	const button = page.getByRole("button", { name: /^Hold to roll back prod/ });
	await button.scrollIntoViewIfNeeded();
	const box = await button.boundingBox();
	const point = { x: (box?.x ?? 0) + 40, y: (box?.y ?? 0) + 20 };
	const session = await page.context().newCDPSession(page);
	await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
	await page.waitForTimeout(ms);
	await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

const rollbacksOf = () =>
	inDatabase(product, (database) =>
		database.prepare("SELECT id, state FROM rollbacks WHERE kind = 'rollback' AND component = 'checkout' ORDER BY requested_at").all(),
	) as {
		id: string;
		state: string;
	}[];

describe("on a phone", () => {
	test("28: tap and hold start it; a hold of half a second does nothing; letting go takes it back", async () => {
		const before = rollbacksOf().length;
		const { page, problems, close } = await open("/deployments", { viewport: PHONE });
		await card(page).getByText(bad(), { exact: true }).first().waitFor();
		await card(page).getByRole("link", { name: "Roll back checkout in production…" }).tap();
		await dialog(page).getByText("Roll back to").waitFor();
		await hold(page, 500);
		await page.getByText("Keep holding until it is full.").waitFor();
		expect(rollbacksOf()).toHaveLength(before);
		expect(await axeViolations(page)).toEqual([]);
		expect(await sideways(page)).toBe(0);
		expect(await smallTargets(page, 44)).toEqual([]);
		await hold(page, 1500);
		await dialog(page).getByRole("list", { name: "Stages" }).waitFor();
		await dialog(page)
			.getByText(/^Rolling \d\/3 pods/)
			.waitFor();
		await dialog(page)
			.getByText(/All pods are ready/)
			.waitFor({ timeout: 20_000 });
		expect(agent.patches).toHaveLength(1);
		expect(problems).toEqual([]);
		await close();
	});

	test("28: who can't hold types the word instead", async () => {
		const { page, problems, close } = await open("/deployments", { viewport: PHONE });
		await openDialog(page);
		await page.getByRole("button", { name: "Can’t hold? Type “prod” instead" }).tap();
		await page.getByLabel("Type prod to confirm").fill("prod");
		await page.getByRole("button", { name: "Roll back production" }).tap();
		await dialog(page).getByRole("list", { name: "Stages" }).waitFor();
		expect(problems).toEqual([]);
		await close();
	});
});

describe("on a desktop", () => {
	test("29: production is confirmed by typing; Enter in the reason does not send it, Enter in the word does", async () => {
		const before = rollbacksOf().length;
		const { page, problems, close } = await open("/deployments");
		await openDialog(page);
		const confirm = page.getByRole("button", { name: "Roll back production" });
		expect(await confirm.getAttribute("aria-disabled")).toBe("true");
		await page.getByLabel(/^Reason/).fill("5xx after the deploy");
		await page.getByLabel(/^Reason/).press("Enter");
		await page.getByLabel("Type prod to confirm").fill("pro");
		await page.getByLabel("Type prod to confirm").press("Enter");
		expect(rollbacksOf()).toHaveLength(before);
		await page.getByLabel("Type prod to confirm").fill("prod");
		await expect.poll(() => confirm.getAttribute("aria-disabled")).toBeNull();
		await page.getByLabel("Type prod to confirm").press("Enter");
		await dialog(page).getByRole("list", { name: "Stages" }).waitFor();
		expect(problems).toEqual([]);
		await close();
	});

	test("30: the dialog says from, to, what differs, who, what is locked after, and how long it takes", async () => {
		const { page, problems, close } = await open("/deployments");
		await openDialog(page);
		const asked = dialog(page);
		await asked.getByText(`Roll back checkout in production?`).waitFor();
		await asked.getByText("Running now").waitFor();
		await asked.getByText(bad(), { exact: true }).first().waitFor();
		await asked.getByText(good(), { exact: true }).first().waitFor();
		await asked.getByText(`image: registry.example.com/shop/checkout:${bad()}`).waitFor();
		await asked.getByText(/^As Maya Ruiz · (usually takes|has to take less than)/).waitFor();
		await asked.getByText(/locked for 30 min/).waitFor();
		for (const theme of ["dark", "light"]) {
			await page.evaluate((name) => document.documentElement.setAttribute("data-theme", name), theme);
			expect(await axeViolations(page), theme).toEqual([]);
		}
		expect(problems).toEqual([]);
		await close();
	});

	test("31: what changes under the open dialog is said, and it waits to be reviewed again", async () => {
		const { page, problems, close } = await open("/deployments");
		await openDialog(page);
		await page.getByLabel("Type prod to confirm").fill("prod");
		await agent.fresh([...evening, revision(round * 10 + 2, `${round}.5.1`, { createdAt: Date.now() })], broken);
		await dialog(page).getByText(`production changed to ${round}.5.1 while this was open.`).first().waitFor();
		expect(await page.getByRole("button", { name: "Roll back production" }).getAttribute("aria-disabled")).toBe("true");
		await dialog(page).getByText(bad(), { exact: true }).first().waitFor();
		await page.getByRole("button", { name: "Review again" }).click();
		await dialog(page).getByText(`${round}.5.1`, { exact: true }).first().waitFor();
		await page.getByLabel("Type prod to confirm").fill("prod");
		await expect.poll(() => page.getByRole("button", { name: "Roll back production" }).getAttribute("aria-disabled")).toBeNull();
		expect(problems).toEqual([]);
		await close();
	});

	test("32: a double click and a second person make one rollback; the second sees who is doing it, and can watch", async () => {
		const before = rollbacksOf().length;
		agent.pace = 2000;
		const maya = await open("/deployments");
		const lee = await open("/deployments", { role: "manager" });
		await Promise.all([openDialog(maya.page), openDialog(lee.page)]);
		await maya.page.getByLabel("Type prod to confirm").fill("prod");
		await maya.page.getByRole("button", { name: "Roll back production" }).dblclick();
		await dialog(maya.page).getByRole("list", { name: "Stages" }).waitFor();
		await dialog(lee.page)
			.getByText(/Maya Ruiz is rolling this back \(\d+\sm?s/)
			.first()
			.waitFor();
		await dialog(lee.page).getByRole("button", { name: "Watch" }).click();
		await dialog(lee.page).getByRole("list", { name: "Stages" }).waitFor();
		expect(rollbacksOf()).toHaveLength(before + 1);
		expect([...maya.problems, ...lee.problems]).toEqual([]);
		await Promise.all([maya.close(), lee.close()]);
		await expect.poll(() => rollbacksOf().at(-1)?.state, { timeout: 20_000 }).toBe("succeeded");
		expect(agent.patches).toHaveLength(1);
	});

	test("33: after it: how long it took, the old version on the board, the lock, and the audit, without a reload; every page follows", async () => {
		const { page, problems, close } = await open("/deployments");
		const other = await open("/pipelines", { role: "viewer" });
		await openDialog(page);
		await page.getByLabel(/^Reason/).fill(`because of round ${round}`);
		await page.getByLabel("Type prod to confirm").fill("prod");
		await page.getByRole("button", { name: "Roll back production" }).click();
		const strip = other.page.locator("[data-rollback-strip]").first();
		await strip.getByText("Rolling back checkout in production").waitFor();
		await dialog(page)
			.getByText(/All pods are ready after|Rolled back in/)
			.waitFor({ timeout: 20_000 });
		await dialog(page).getByRole("button", { name: "Release lock" }).waitFor();
		await dialog(page)
			.getByRole("link", { name: `Undo: deploy ${bad()}…` })
			.waitFor();
		await dialog(page).getByRole("button", { name: "Close", exact: true }).last().click();
		await card(page).getByText(good(), { exact: true }).first().waitFor();
		await card(page)
			.getByText(/^Locked by Maya Ruiz/)
			.waitFor();
		await strip.getByText("Rolled back checkout in production", { exact: false }).first().waitFor({ timeout: 30_000 });
		await strip.getByRole("link", { name: "Open" }).click();
		await other.page.getByRole("list", { name: "Stages" }).waitFor();
		expect(await axeViolations(other.page)).toEqual([]);
		await other.close();
		const audit = await open("/settings/audit", { role: "manager" });
		await audit.page.getByText(`because of round ${round}`).first().waitFor();
		await audit.close();
		expect(problems).toEqual([]);
		await close();
	}, 150_000);

	test("34: with the agent away the dialog opens, is blocked with the reason, and has the command to run by hand", async () => {
		agent.close();
		isHungUp = true;
		const { page, problems, close } = await open("/deployments");
		// It counts as there until it was not heard for 20 s.
		const environment = await page.locator("[data-environment]").first().getAttribute("data-environment");
		const offered = async () =>
			(
				await page.request.get(`${product.url}/api/environments/${environment}/offer?component=checkout&team=${product.teams.a.slug}`)
			).text();
		await expect.poll(offered, { timeout: 60_000, interval: 1000 }).toMatch(/is away/);
		await card(page).getByRole("link", { name: "Roll back checkout in production…" }).click();
		const why = dialog(page).getByRole("region", { name: "Why it is blocked" });
		await why
			.getByText(/agent .*away|agent .*silent|no agent/i)
			.first()
			.waitFor();
		await why.getByText(/kubectl -n shop rollout undo deployment\/checkout/).waitFor();
		expect(await page.getByRole("button", { name: "Roll back production" }).getAttribute("aria-disabled")).toBe("true");
		expect(problems).toEqual([]);
		await close();
	}, 120_000);

	test("35: a viewer sees the button, disabled, with the role it needs; the API and the form answer 403", async () => {
		const { page, problems, close } = await open("/deployments", { role: "viewer" });
		const button = card(page).getByRole("button", { name: "Roll back checkout in production…" });
		await button.waitFor();
		expect(await button.getAttribute("aria-disabled")).toBe("true");
		expect(await button.getAttribute("data-tip")).toContain("member role");
		const why = await button.getAttribute("aria-describedby");
		expect(await page.locator(`#${why}`).innerText()).toContain("member role");
		const environment = await page.locator("[data-environment]").first().getAttribute("data-environment");
		const answer = await page.request.post(`${team}/environments/${environment}/rollback?component=checkout`, {
			headers: { origin: product.url },
			form: { component: "checkout", seen: "x", key: `viewer-${round}` },
		});
		expect(answer.status()).toBe(403);
		expect(problems).toEqual([]);
		await close();
	});

	test("38: by keyboard alone: palette, dialog, cancel; the focus returns to where it was", async () => {
		const { page, problems, close } = await open("/overview");
		await page.keyboard.press("Control+k");
		await page.getByRole("combobox").fill("roll back checkout");
		await page.getByRole("option", { name: /Roll back checkout in production/ }).waitFor();
		await page.keyboard.press("Enter");
		await dialog(page).getByText("Roll back to").waitFor();
		await page.keyboard.press("Escape");
		await dialog(page).waitFor({ state: "detached" });
		expect(problems).toEqual([]);
		await close();
	});
});

test("36: without scripts it is a page with a form, and leads to the rollback's own page", async () => {
	const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled: false });
	const [name = "", value = ""] = product.teams.a.sessions.member.split("=");
	await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
	const page = await context.newPage();
	await page.goto(`${team}/deployments`);
	await card(page).getByRole("link", { name: "Roll back checkout in production…" }).click();
	await page.getByRole("heading", { name: "Roll back checkout in production?" }).waitFor();
	await page.getByLabel("Type prod to confirm").fill("prod");
	await page.getByRole("button", { name: "Roll back production" }).click();
	await page.waitForURL(/\/rollbacks\//);
	await page.getByRole("list", { name: "Stages" }).waitFor();
	await expect.poll(() => rollbacksOf().at(-1)?.state, { timeout: 20_000 }).toBe("succeeded");
	await page.reload();
	await page.getByText(/All pods are ready|Rolled back in/).waitFor();
	await context.close();
});
