import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { axeViolations, cutTexts, runningAnimations, sideways, smallTargets } from "./support/look.ts";
import { type Product, startProduct } from "./support/product.ts";
import { seedDay } from "./support/seed.ts";

/** axe reads a whole page; on a busy machine one takes seconds. */
const PATIENT = { timeout: 300_000 };

let product: Product;
let browser: Browser;
/** The addresses that exist, with one run's page among them. */
let paths: string[];

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launch()]);
	await seedDay(product);
	const { slug, sessions } = product.teams.a;
	const ask = (path: string) => fetch(product.url + path, { headers: { cookie: sessions.admin } });
	const overview = await (await ask(`/t/${slug}/overview`)).text();
	const run = overview.match(new RegExp(`/t/${slug}/runs/[^"?]+`))?.[0];
	const settings = ["integrations", "integrations/new", "members", "tokens", "sessions", "audit", "appearance"];
	const pages = ["overview", "pipelines", ...settings.map((page) => `settings/${page}`)].map((page) => `/t/${slug}/${page}`);
	const all = ["/login", "/teams", "/dev/ui", ...pages, ...(run ? [run, `/t/${slug}/overview?panel=run%3A${run.split("/").at(-1)}`] : [])];
	const statuses = await Promise.all(all.map(async (path) => (await ask(path)).status));
	paths = all.filter((_, index) => statuses[index] !== 404);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

type Look = { theme: "dark" | "light"; viewport: { width: number; height: number } };

/** Open a page and wait until everything it loads later is there. Whoever looks at the sign-in page is nobody yet. */
async function open(path: string, { theme, viewport }: Look): Promise<{ page: Page; problems: string[]; fonts: string[] }> {
	const as = path === "/login" ? {} : { as: { team: product.teams.a, role: "admin" as const } };
	const context = await openWindow(browser, { theme, viewport, isTouch: viewport === PHONE, ...as });
	const page = await context.newPage();
	const problems = watchPage(page);
	const fonts: string[] = [];
	page.on("request", (request) => request.resourceType() === "font" && fonts.push(request.url()));
	await page.addInitScript(() =>
		document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
			console.error(`policy: ${violatedDirective} ${blockedURI} ${sourceFile}`),
		),
	);
	await page.goto(product.url + path, { waitUntil: "load" });
	await page.evaluate(() => document.fonts.ready);
	await page.waitForTimeout(1200);
	return { page, problems, fonts };
}

/** Everything a page is looked at for. Empty lists where all is well. */
async function lookAt(page: Page, isTouch: boolean) {
	return {
		axe: await axeViolations(page),
		cut: await cutTexts(page),
		moving: await runningAnimations(page),
		small: await smallTargets(page, isTouch ? 44 : 24),
		sideways: await sideways(page),
	};
}

const WELL = { axe: [], cut: [], moving: [], small: [], sideways: 0 };

const LOOKS = [
	["dark", "desktop", DESKTOP],
	["light", "desktop", DESKTOP],
	["dark", "phone", PHONE],
	["light", "phone", PHONE],
] as const;

describe("every page", () => {
	test.each(LOOKS)("is accessible, fits, and is quiet: %s, %s", PATIENT, async (theme, _device, viewport) => {
		const seen: Record<string, unknown> = {};
		for (const path of paths) {
			const { page, problems, fonts } = await open(path, { theme, viewport });
			seen[path] = { ...(await lookAt(page, viewport === PHONE)), problems, fonts: fonts.length };
			await page.context().close();
		}
		expect(seen).toEqual(Object.fromEntries(paths.map((path) => [path, { ...WELL, problems: [], fonts: 1 }])));
	});

	test("loses nothing at a zoom of 400 %", PATIENT, async () => {
		const seen: Record<string, unknown> = {};
		for (const path of paths) {
			const { page } = await open(path, { theme: "light", viewport: { width: 320, height: 256 } });
			seen[path] = {
				sideways: await sideways(page),
				cut: await cutTexts(page),
				stuck: await page.evaluate(
					() => [...document.querySelectorAll("body *")].filter((element) => getComputedStyle(element).position === "sticky").length,
				),
			};
			await page.context().close();
		}
		expect(seen).toEqual(Object.fromEntries(paths.map((path) => [path, { sideways: 0, cut: [], stuck: 0 }])));
	});
});

/** What opens above a page: how, and what is there then. */
const STATES: [string, (page: Page) => Promise<void>][] = [
	["a dialog", (page) => press(page, "Delete webhook…", "dialog")],
	["a wide dialog that scrolls", (page) => press(page, "Show payload…", "dialog")],
	["a row's menu", (page) => press(page, "More for run 214", "menu")],
	[
		"a menu",
		async (page) => {
			await page.getByText("Team", { exact: true }).click();
			await page.getByRole("link", { name: "Acme" }).waitFor();
		},
	],
	[
		"a tip",
		async (page) => {
			await page.getByRole("button", { name: "A tip of three lines" }).focus();
			await page.keyboard.press("Shift+Tab");
			await page.keyboard.press("Tab");
			await page.getByRole("tooltip").first().waitFor();
		},
	],
	[
		"a toast",
		async (page) => {
			await page.getByRole("button", { name: "Mute", exact: true }).click();
			await page.getByText("Muted until 04:00").waitFor();
		},
	],
	[
		"a panel",
		async (page) => {
			await page.getByRole("link", { name: "Open panel" }).click();
			await page.getByRole("complementary").waitFor();
		},
	],
];

async function press(page: Page, button: string, opens: "dialog" | "menu"): Promise<void> {
	await page.getByRole("button", { name: button }).click();
	await page.getByRole(opens).waitFor();
}

describe("what opens above a page", () => {
	test.each(LOOKS.filter(([theme, device]) => (theme === "dark") === (device === "desktop")))(
		"is accessible, fits, and is quiet: %s, %s",
		PATIENT,
		async (theme, _device, viewport) => {
			const seen: Record<string, unknown> = {};
			for (const [name, reach] of STATES) {
				const { page, problems } = await open("/dev/ui", { theme, viewport });
				await reach(page);
				await page.waitForTimeout(300);
				seen[name] = { ...(await lookAt(page, viewport === PHONE)), problems };
				await page.context().close();
			}
			expect(seen).toEqual(Object.fromEntries(STATES.map(([name]) => [name, { ...WELL, problems: [] }])));
		},
	);

	test("a dialog gives the focus back to what opened it", async () => {
		const { page } = await open("/dev/ui", { theme: "dark", viewport: DESKTOP });
		await press(page, "Delete webhook…", "dialog");
		await page.keyboard.press("Escape");
		await page.getByRole("dialog").waitFor({ state: "detached" });
		expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Delete webhook…");
		await page.context().close();
	});
});

describe("the system's wishes", () => {
	test("its own colours: a badge has a border, what is chosen looks chosen, drawings take part", async () => {
		const { page } = await open("/dev/ui", { theme: "dark", viewport: DESKTOP });
		await page.emulateMedia({ forcedColors: "active" });
		const [border, chosen, beside, bar, text] = await page.evaluate(() => {
			const style = (selector: string) => getComputedStyle(document.querySelector(selector) as Element);
			return [
				style(".badge").borderTopWidth,
				style("nav [aria-current=true]").backgroundColor,
				style("nav a:not([aria-current])").backgroundColor,
				style("svg .fill-ok-fill").fill,
				style("body").color,
			];
		});
		expect(border).toBe("1px");
		expect(chosen).not.toBe(beside);
		expect(bar).toBe(text);
		await page.context().close();
	});

	test("more contrast: hairlines become as strong as the edges of fields", async () => {
		const { page } = await open("/dev/ui", { theme: "light", viewport: DESKTOP });
		await page.emulateMedia({ contrast: "more" });
		const colours = await page.evaluate(() => {
			const border = (selector: string) => getComputedStyle(document.querySelector(selector) as Element).borderTopColor;
			return [border("section.border-line"), border("button.border-ctl")];
		});
		expect(colours[0]).toBe(colours[1]);
		await page.context().close();
	});

	test("paper is light, and what only a screen needs is not on it", async () => {
		const { page } = await open(`/t/${product.teams.a.slug}/overview`, { theme: "dark", viewport: DESKTOP });
		await page.emulateMedia({ media: "print" });
		expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe("rgb(255, 255, 255)");
		expect(await page.getByRole("navigation", { name: "Pages" }).filter({ visible: true }).count()).toBe(0);
		expect(await page.locator(".no-print").filter({ visible: true }).count()).toBe(0);
		await page.context().close();
	});
});
