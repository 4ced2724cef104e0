import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, openOverview, PHONE, watchPage } from "./support/browser.ts";
import { deliver, newRun, type Product, startProduct } from "./support/product.ts";
import { seedDay } from "./support/seed.ts";

let product: Product;
let browser: Browser;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launch()]);
	await seedDay(product);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

const queryOf = (page: Page) => new URL(page.url()).search;
const opener = (page: Page, opens: string) => page.locator(`details[data-opens="${opens}"] > summary:visible`);

/** Tick names in a filter and apply it. */
async function choose(page: Page, field: "repo" | "wf", names: string[]): Promise<void> {
	await opener(page, field).click();
	for (const name of names) await page.getByRole("checkbox", { name, exact: true }).check();
	await page.getByRole("button", { name: "Apply", exact: true }).click();
}

describe("filters", () => {
	test("three filters, each undone by Back; they follow to the other pages", async () => {
		const { page, close } = await openOverview(browser, { product });
		const problems = watchPage(page);
		await choose(page, "repo", ["acme/checkout-api", "acme/web"]);
		await page.waitForURL(/repo=/);
		await choose(page, "wf", ["build-and-test"]);
		await page.waitForURL(/wf=/);
		await opener(page, "range").click();
		await page.getByRole("link", { name: "Last 7 days" }).click();
		await page.waitForURL(/from=now-7d/);
		expect(queryOf(page)).toBe("?from=now-7d&repo=acme%2Fcheckout-api&repo=acme%2Fweb&wf=build-and-test");
		await page.getByRole("table").getByText("build-and-test").first().waitFor();
		expect(await page.getByRole("table").getByText("deploy-prod").count()).toBe(0);

		const settings = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Pipelines" });
		expect(await settings.first().getAttribute("href")).toMatch(/pipelines\?from=now-7d&repo=.*&wf=build-and-test$/);

		await page.goBack();
		await page.waitForURL((url) => !url.search.includes("from="));
		await page.goBack();
		await page.waitForURL((url) => !url.search.includes("wf="));
		expect(queryOf(page)).toBe("?repo=acme%2Fcheckout-api&repo=acme%2Fweb");
		await page.goBack();
		await page.waitForURL((url) => url.search === "");
		await opener(page, "repo")
			.filter({ hasText: /All \d/ })
			.waitFor();
		expect(problems).toEqual([]);
		await close();
	});

	test("a list of names is searched, and what was ticked stays ticked", async () => {
		const { page, close } = await openOverview(browser, { product });
		await opener(page, "repo").click();
		await page.getByRole("checkbox", { name: "acme/infra", exact: true }).check();
		await page.getByRole("searchbox", { name: "Find a repository" }).fill("web");
		expect(await page.getByRole("checkbox").count()).toBe(1);
		await page.getByRole("checkbox", { name: "acme/web" }).check();
		await page.getByRole("searchbox").fill("nothing like it");
		expect(await page.getByText("No repository has “nothing like it” in its name.").isVisible()).toBe(true);
		await page.keyboard.press("Enter");
		await page.waitForURL(/repo=acme%2Finfra&repo=acme%2Fweb$/);
		await close();
	});

	test("a typed range stays as typed while five updates arrive, and its mistakes are said (check 24)", async () => {
		const overview = await openOverview(browser, { product });
		const { page } = overview;
		await page.keyboard.press("t");
		const from = page.getByLabel("From");
		await from.fill("2026-13-40 1");
		const total = await overview.total();
		for (let n = 1; n <= 5; n++) {
			await deliver(product, newRun());
			await overview.untilTotal(total + n, 5000);
		}
		expect(await from.inputValue()).toBe("2026-13-40 1");
		expect(await from.evaluate((field) => field === document.activeElement)).toBe(true);
		await page.keyboard.press("Enter");
		await page.getByText(/is not understood|no such day/).waitFor();
		expect(await from.getAttribute("aria-invalid")).toBe("true");

		const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
		await from.fill(`${day} 03:00`);
		await page.getByLabel("To", { exact: true }).fill(`${day} 21:00`);
		await page.keyboard.press("Enter");
		await page.waitForURL(/from=/);
		expect(queryOf(page)).toBe(`?from=${day}T03%3A00%3A00.000Z&to=${day}T21%3A00%3A00.000Z`);
		await overview.close();
	});

	test("on a phone one button opens a sheet with all of them", async () => {
		const { page, close } = await openOverview(browser, { product, viewport: PHONE });
		const button = opener(page, "range");
		expect(await button.innerText()).toBe("Last 24 h");
		await button.click();
		await page.getByRole("form", { name: "Repositories" }).getByRole("checkbox", { name: "acme/web" }).check();
		await page.getByRole("form", { name: "Repositories" }).getByRole("button", { name: "Apply" }).click();
		await button.filter({ hasText: "Last 24 h · 1 filter" }).waitFor();
		await close();
	});

	test("without scripts the same forms lead to the same addresses", async () => {
		const team = product.teams.a;
		const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
		const [name = "", value = ""] = team.sessions.viewer.split("=");
		await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
		const page = await context.newPage();
		await page.goto(`${product.url}/t/${team.slug}/overview?from=now-7d`);
		await opener(page, "repo").click();
		await page.getByRole("checkbox", { name: "acme/web" }).filter({ visible: true }).check();
		await page.getByRole("button", { name: "Apply" }).filter({ visible: true }).click();
		await page.waitForURL(/repo=acme%2Fweb/);
		expect(queryOf(page)).toBe("?from=now-7d&repo=acme%2Fweb");
		await opener(page, "zone").click();
		await page.getByRole("textbox", { name: "Find a time zone" }).filter({ visible: true }).fill("Asia/Kolkata");
		await page.getByRole("button", { name: "Use" }).filter({ visible: true }).click();
		await page.locator("time[title*='Kolkata']").first().waitFor();
		await context.close();
	});

	test("without scripts a wrong range is shown in its form, with what is wrong, and leads on when it is right", async () => {
		const team = product.teams.a;
		const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
		const [name = "", value = ""] = team.sessions.viewer.split("=");
		await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
		const page = await context.newPage();
		await page.goto(`${product.url}/t/${team.slug}/overview?repo=acme%2Fweb`);
		await opener(page, "range").click();
		const field = (label: string) => page.getByRole("textbox", { name: label, exact: true }).filter({ visible: true });
		const show = page.getByRole("button", { name: "Show this range" }).filter({ visible: true });
		await field("From").fill("yesterday");
		await show.click();
		await page.getByText("“yesterday” is not understood").waitFor();
		expect(await field("From").inputValue()).toBe("yesterday");
		await field("From").fill("2026-01-01 02:00");
		await field("To").fill("2026-01-01 05:00");
		await show.click();
		await page.waitForURL(/overview\?from=2026-01-01T02%3A00/);
		expect(queryOf(page)).toContain("repo=acme%2Fweb");
		await context.close();
	});
});

describe("time", () => {
	test("another zone changes every time's text, keeps its moment, survives a reload, and breaks no hydration (checks 12, 13)", async () => {
		const { page, close } = await openOverview(browser, { product });
		const problems = watchPage(page);
		const times = () =>
			page
				.locator("main time")
				.evaluateAll((all) => all.map((one) => [one.getAttribute("datetime"), one.textContent, one.getAttribute("title")]));
		const before = await times();
		await page.keyboard.press("z");
		await page.getByRole("textbox", { name: "Find a time zone" }).fill("kolk");
		await page.getByRole("button", { name: /^Asia\/Kolkata/ }).click();
		await page.locator("main time[title*='Kolkata']").first().waitFor();
		const after = await times();
		expect(after.map(([moment]) => moment)).toEqual(before.map(([moment]) => moment));
		for (const [n, [, text, title]] of after.entries()) {
			expect(text).not.toBe(before[n]?.[1]);
			expect(title).toMatch(/UTC \(.*Kolkata\)$/);
		}
		await page.reload();
		await page.locator("[data-live=live]").waitFor();
		expect((await times()).map(([, text]) => text)).toEqual(after.map(([, text]) => text));

		// What a link says wins over what this browser remembers.
		await page.goto(`${page.url()}?tz=Europe/Berlin`);
		await page.locator("main time[title*='Berlin']").first().waitFor();
		await page.locator("[data-live=live]").waitFor();
		expect(problems).toEqual([]);
		await close();
	});

	test("a copied link means the same moments tomorrow (check 17)", async () => {
		const { page, context, close } = await openOverview(browser, { product });
		await context.grantPermissions(["clipboard-read", "clipboard-write"]);
		await page.getByRole("button", { name: "Copy link" }).click();
		await page.getByText(/^Link copied/).waitFor();
		const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
		expect(Date.parse(link.searchParams.get("from") ?? "")).not.toBeNaN();
		expect(Date.parse(link.searchParams.get("to") ?? "")).not.toBeNaN();
		expect(queryOf(page)).toBe("");
		await close();
	});
});

describe("by keyboard", () => {
	test("the palette finds a run, goes to pages, and gives the focus back", async () => {
		const { page, close } = await openOverview(browser, { product });
		const search = page.getByRole("button", { name: "Search" });
		await search.focus();
		await page.keyboard.press("Control+k");
		const field = page.getByRole("combobox", { name: "Search and commands" });
		await field.waitFor();
		await page.keyboard.press("Escape");
		await field.waitFor({ state: "hidden" });
		expect(await search.evaluate((button) => button === document.activeElement)).toBe(true);

		await page.keyboard.press("Control+k");
		await field.fill("#nightly");
		await page
			.getByRole("option", { name: /nightly-end-to-end/ })
			.first()
			.waitFor();
		await field.fill("#nothing like it");
		await page.getByText("No run has “nothing like it” in it.").waitFor();
		await page.route(/\/api\/runs/, (route) => route.abort());
		await field.fill("#deploy");
		await page.getByText(/Runs could not be searched/).waitFor();
		await page.unroute(/\/api\/runs/);

		await field.fill("acme/infra");
		await page.getByRole("option", { name: /acme\/infra.*Show only this/ }).click();
		await page.waitForURL(/repo=acme%2Finfra/);
		await page.keyboard.press("Control+k");
		expect(await field.inputValue()).toBe("acme/infra");
		await field.fill("> light");
		await page.keyboard.press("Enter");
		await page.locator("html[data-theme=light]").waitFor();
		await close();
	});

	test("letters act on the page, do nothing in fields, and can be switched off", async () => {
		const { page, context, close } = await openOverview(browser, { product });
		await page.keyboard.press("?");
		const sheet = page.getByRole("dialog", { name: "Keys" });
		await sheet.waitFor();
		await page.keyboard.press("t");
		expect(await page.getByLabel("From").count()).toBe(0);
		await page.keyboard.press("Escape");
		await sheet.waitFor({ state: "hidden" });

		await page.keyboard.press("Shift+D");
		await page.locator("html[data-theme=light]").or(page.locator("html[data-theme=dark]")).waitFor();
		await page.keyboard.press("/");
		await page.getByRole("searchbox").waitFor();
		await page.keyboard.type("tz[");
		expect(await page.getByRole("searchbox").inputValue()).toBe("tz[");
		await page.keyboard.press("Escape");

		await context.addCookies([{ name: "keys", value: "off", domain: "127.0.0.1", path: "/" }]);
		await page.reload();
		await page.locator("[data-live=live]").waitFor();
		await page.keyboard.press("t");
		await page.keyboard.press("Control+k");
		await page.getByRole("combobox").waitFor();
		expect(await page.getByLabel("From").count()).toBe(0);
		await close();
	});

	test("the first Tab leads past the navigation to the page's content", async () => {
		const { page, close } = await openOverview(browser, { product });
		await page.keyboard.press("Tab");
		const skip = page.getByRole("link", { name: "Skip to verdict" });
		expect(await skip.isVisible()).toBe(true);
		await page.keyboard.press("Enter");
		expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
		await close();
	});
});

describe("the frame", () => {
	test("failed runs that came while nobody looked are counted in the tab, until someone looks (check 27)", async () => {
		const overview = await openOverview(browser, { product });
		const { page } = overview;
		const look = (isLooking: boolean) =>
			page.evaluate((has) => {
				document.hasFocus = () => has;
				window.dispatchEvent(new Event(has ? "focus" : "blur"));
			}, isLooking);
		const icon = () => page.locator('link[rel="icon"][type="image/svg+xml"]').getAttribute("href");
		expect(await icon()).toBe("/favicon.svg");
		await look(false);
		const total = await overview.total();
		await deliver(product, newRun(), { conclusion: "failure" });
		await deliver(product, newRun(), { conclusion: "failure" });
		await deliver(product, newRun());
		await overview.untilTotal(total + 3, 5000);
		await page.waitForFunction(() => document.title === "(2) Overview · OpsSight");
		expect(await icon()).toBe("/favicon-alert.svg");
		await look(true);
		await page.waitForFunction(() => document.title === "Overview · OpsSight");
		expect(await icon()).toBe("/favicon.svg");
		await overview.close();
	});

	test.each([
		[1440, { nav: 212, tabs: false }],
		[820, { nav: 56, tabs: false }],
		[390, { nav: 0, tabs: true }],
	])("at %d px wide: %o", async (width, { nav, tabs }) => {
		const { page, close } = await openOverview(browser, { product, viewport: { width, height: 900 } });
		const side = page.locator("header[data-nav]");
		expect((await side.boundingBox())?.width ?? 0).toBe(nav);
		const bar = page.getByRole("navigation", { name: "Pages" }).filter({ visible: true });
		expect(await bar.count()).toBe(1);
		const box = await bar.boundingBox();
		expect((box?.y ?? 0) > 700).toBe(tabs);
		for (const word of ["Overview", "Pipelines", "Settings"]) expect(await bar.getByRole("link", { name: word }).count()).toBe(1);
		await close();
	});

	test("the navigation narrows with [, and is drawn narrow by the server the next time", async () => {
		const { page, close } = await openOverview(browser, { product });
		const saved = page.waitForResponse(/\/settings\/nav/);
		await page.keyboard.press("[");
		await page.locator("header[data-nav=narrow]").waitFor();
		expect((await saved).ok()).toBe(true);
		expect((await page.locator("header[data-nav]").boundingBox())?.width).toBe(56);
		await page.reload({ waitUntil: "commit" });
		await page.locator("header[data-nav=narrow]").waitFor();
		await close();
	});

	test("a page whose code cannot be fetched waits, in the same document, until the connection is back", async () => {
		const { page, context, banner, isSameDocument, close } = await openOverview(browser, { product });
		await page.route(/\/assets\/pipelines-/, (route) => route.abort());
		await context.setOffline(true);
		await banner(/You are offline/).waitFor();
		const pages = page.getByRole("navigation", { name: "Pages" }).filter({ visible: true });
		await pages.getByRole("link", { name: "Pipelines" }).evaluate((link: HTMLElement) => link.click());
		await banner(/This page opens when the connection is back/).waitFor();
		expect(new URL(page.url()).pathname).toMatch(/overview$/);
		await page.unroute(/\/assets\/pipelines-/);
		await context.setOffline(false);
		await page.waitForURL(/pipelines/);
		expect(await isSameDocument()).toBe(true);
		await close();
	});

	test("a refresh that is refused says so, with the server's sentence and the id to quote", async () => {
		const { page, banner, close } = await openOverview(browser, { product });
		const error = { code: "unavailable", message: "The database does not answer at the moment.", request_id: "r-503" };
		await page.route(/_data=/, (route) => route.fulfill({ status: 503, json: { error } }));
		await page.getByRole("button", { name: "Refresh", exact: true }).first().click();
		await banner(/Could not refresh\..*Data as of .*The database does not answer/).waitFor();
		await banner(/req r-503/).waitFor();
		await page.unroute(/_data=/);
		await page.getByRole("button", { name: "Try again" }).click();
		await banner(/Could not refresh/).waitFor({ state: "hidden" });
		await close();
	});

	test("every request failing is offline too, and the first answer ends it", async () => {
		let isCut = false;
		const overview = await openOverview(browser, {
			product,
			prepare: async (page) => {
				await page.routeWebSocket(/\/live\//, (socket) => {
					if (isCut) return void socket.close();
					const server = socket.connectToServer();
					page.once("close", () => server.close());
					cut.push(() => socket.close());
				});
				await page.route(/\/changes\?/, (route) => (isCut ? route.abort() : route.continue()));
			},
		});
		isCut = true;
		for (const close of cut) await close();
		await overview.banner(/You are offline\. Showing data as of/).waitFor({ timeout: 40_000 });
		isCut = false;
		await overview.untilChip(/^Live/, 30_000);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});
});

/** Ends the sockets that a page has open. */
const cut: (() => Promise<void> | void)[] = [];
