import { mkdirSync } from "node:fs";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openOverview, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { deliver, newRun, type Product, postEvent, setDatabase, startProduct } from "./support/product.ts";
import { seedDay } from "./support/seed.ts";

const SHOTS = fileURLToPath(new URL("screenshots", import.meta.url));

let product: Product;
let browser: Browser;

beforeAll(async () => {
	mkdirSync(SHOTS, { recursive: true });
	[product, browser] = await Promise.all([startProduct(), launch()]);
	await seedDay(product);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

describe("getting in", () => {
	test("someone signs in by role, lands on the page they asked for, and signs out", async () => {
		const context = await openWindow(browser, {});
		const page = await context.newPage();
		const problems = watchPage(page);
		await page.goto(`${product.url}/t/acme/overview?from=now-7d`);
		expect(new URL(page.url()).pathname).toBe("/login");

		await page.getByRole("region", { name: "Acme" }).getByRole("button", { name: "Manager" }).click();
		await page.getByRole("heading", { name: "Overview" }).waitFor();
		expect(page.url()).toBe(`${product.url}/t/acme/overview?from=now-7d`);
		expect(await page.getByRole("banner").getByText("Jonas Lee").isVisible()).toBe(true);

		// A socket that is still opening when the session ends is refused, which Chromium writes in its console.
		await page.locator("[data-live=live]").waitFor();
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "Sign in to OpsSight" }).waitFor();
		await page.goto(`${product.url}/t/acme/overview`);
		expect(new URL(page.url()).pathname).toBe("/login");
		expect(problems).toEqual([]);
		await context.close();
	});

	test("someone of one team is not told whether another team exists", async () => {
		const context = await openWindow(browser, { as: { team: product.teams.b, role: "admin" } });
		const page = await context.newPage();
		for (const slug of ["acme", "nowhere"]) {
			const answer = await page.goto(`${product.url}/t/${slug}/overview`);
			expect(answer?.status()).toBe(404);
			expect(await page.getByText("There is no such team here, or you are not in it.").isVisible()).toBe(true);
		}
		await context.close();
	});
});

describe("a webhook on the open overview", () => {
	test("a finished run changes chip, figures and list within a second, without a reload", async () => {
		const overview = await openOverview(browser, { product });
		const [seq, total] = [await overview.seq(), await overview.total()];
		const run = newRun();
		const sentAt = Date.now();
		expect(await deliver(product, run)).toBe(202);
		await overview.untilSeqAfter(seq, 1000);
		await overview.untilTotal(total + 1, 1000);
		expect(Date.now() - sentAt).toBeLessThan(1000);

		const rows = await overview.rowsOf(run);
		expect(await rows.count()).toBe(1);
		expect(await rows.innerText()).toMatch(/Passed/);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});

	test("three deliveries in any order, each twice, end in the same state and count once", async () => {
		const overview = await openOverview(browser, { product });
		const total = await overview.total();
		const orders = [
			["completed", "requested", "in_progress", "requested", "completed", "in_progress"],
			["in_progress", "completed", "completed", "requested", "in_progress", "requested"],
			["requested", "in_progress", "completed", "completed", "requested", "in_progress"],
		];
		const runs = orders.map(newRun);
		for (const [n, phases] of orders.entries()) {
			const ids = new Map(phases.map((phase) => [phase, crypto.randomUUID()]));
			for (const phase of phases) {
				const status = await deliver(product, runs[n]!, { phase, conclusion: "failure", deliveryId: ids.get(phase)! });
				expect(status).toBeLessThan(300);
			}
		}
		await overview.untilTotal(total + orders.length, 3000);
		for (const run of runs) {
			const rows = await overview.rowsOf(run);
			expect(await rows.count()).toBe(1);
			expect(await rows.innerText()).toMatch(/1m 00s[\s\S]*Failed/);
		}
		await overview.page.reload();
		await overview.untilChip(/^Live/, 10_000);
		expect(await overview.total()).toBe(total + orders.length);
		await overview.close();
	});

	test("a run waits behind a pill while someone points at the list", async () => {
		const overview = await openOverview(browser, { product });
		await overview.page.getByRole("table").hover();
		const run = newRun();
		await deliver(product, run);
		const pill = overview.page.getByRole("button", { name: "1 new run" });
		await pill.waitFor({ timeout: 2000 });
		expect(await overview.page.locator(`tr[data-run$="-${run.number}"]`).count()).toBe(0);
		await pill.click();
		expect(await overview.page.locator(`tr[data-run$="-${run.number}"]`).count()).toBe(1);
		expect(await pill.count()).toBe(0);
		await overview.close();
	});

	test("what comes while the database fails is taken, and appears once it is back", async () => {
		const overview = await openOverview(browser, { product });
		const total = await overview.total();
		const run = newRun();
		try {
			await setDatabase(product, "error");
			expect(await deliver(product, run)).toBe(202);
			await overview.page.waitForTimeout(500);
			expect(await overview.total()).toBe(total);
		} finally {
			await setDatabase(product, "ok");
		}
		await overview.untilTotal(total + 1, 15_000);
		expect(await (await overview.rowsOf(run)).count()).toBe(1);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});
});

describe("what a browser is given", () => {
	test("server HTML carries no style attributes, and there is no manifest of pages to ask for", async () => {
		const acme = product.teams.a;
		for (const path of ["/login", `/t/${acme.slug}/overview`]) {
			const cookie = path === "/login" ? "" : acme.sessions.viewer;
			const answer = await fetch(product.url + path, { headers: { cookie } });
			const html = await answer.text();
			expect(answer.status).toBe(200);
			expect(html).toMatch(/^<!DOCTYPE html>/i);
			expect(html).not.toMatch(/<[^>]*\sstyle=/);
		}
		expect((await fetch(`${product.url}/__manifest`)).status).toBe(404);
	});

	test("hostile names are text", async () => {
		const overview = await openOverview(browser, { product });
		const problems = watchPage(overview.page);
		const hostile = "<img src=x onerror=window.__pwned=1>";
		const now = Date.now();
		const times = { started_at: new Date(now - 20_000).toISOString(), finished_at: new Date(now - 5000).toISOString() };
		const names = { workflow: `wf ${hostile}`, repo: `repo ${hostile}`, branch: `branch ${hostile}`, triggered_by: `actor ${hostile}` };
		const status = await postEvent(product, product.teams.a, { id: `hostile ${hostile}`, status: "failure", ...names, ...times });
		expect(status).toBe(201);

		// Once as a live change, once as the server renders it.
		for (const look of ["live", "rendered"]) {
			if (look === "rendered") await overview.page.reload();
			const row = overview.page.getByRole("row").filter({ hasText: `wf ${hostile}` });
			await row.waitFor({ timeout: 5000 });
			for (const word of ["wf", "repo", "branch"]) expect(await row.innerText()).toContain(`${word} ${hostile}`);
			expect(await overview.page.locator("img").count()).toBe(0);
			expect(await overview.page.evaluate(() => "__pwned" in window)).toBe(false);
		}
		expect(problems).toEqual([]);
		await overview.close();
	});
});

describe("the live socket's door", () => {
	test.each([
		["a page of this installation", { origin: "own", session: true }, 101],
		["a foreign page with the person's cookie", { origin: "https://evil.example", session: true }, 403],
		["no page at all", { origin: null, session: true }, 403],
		["nobody", { origin: "own", session: false }, 401],
	] as const)("%s: %o → %d", async (_who, { origin, session }, expected) => {
		const { url, teams } = product;
		const headers: Record<string, string> = {};
		if (origin) headers.origin = origin === "own" ? url : origin;
		if (session) headers.cookie = teams.a.sessions.viewer;
		expect(await upgradeStatus(`${url}${teams.a.live}`, headers)).toBe(expected);
	});
});

// Side by side, because polling is mostly waiting; each has a window of its own, and polling a team of its own.
describe.concurrent("pages that disturb nobody", () => {
	test("where sockets are impossible the page polls, says so, and new runs still arrive", async () => {
		const team = product.teams.b;
		const overview = await openOverview(browser, {
			product,
			as: { team, role: "member" },
			isLive: false,
			prepare: (page) => page.routeWebSocket(/\/live\//, (socket) => void socket.close()),
		});
		await overview.untilChip(/^Updating every 15 s/, 25_000);
		const total = await overview.total();
		await deliver(product, newRun(), { team });
		await overview.untilTotal(total + 1, 20_000);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});

	test.each([
		["dark", "desktop", DESKTOP],
		["dark", "phone", PHONE],
		["light", "desktop", DESKTOP],
		["light", "phone", PHONE],
	] as const)("sign-in and overview are quiet and fit: %s, %s", async (theme, device, viewport) => {
		const context = await openWindow(browser, { theme, viewport });
		const login = await context.newPage();
		const problems = watchPage(login);
		await login.goto(`${product.url}/login`);
		await login.getByRole("heading", { name: "Sign in to OpsSight" }).waitFor();
		await login.waitForLoadState("networkidle");
		expect(await login.locator("html").getAttribute("data-theme")).toBe(theme);
		expect(await sidewaysOf(login, viewport.width)).toBe(0);
		await login.screenshot({ path: `${SHOTS}/login-${theme}-${device}.png` });
		await context.close();

		const overview = await openOverview(browser, {
			product,
			theme,
			viewport,
			prepare: async (page) => void watchPage(page, problems),
		});
		await overview.page.waitForTimeout(300);
		for (const width of viewport === PHONE ? [PHONE.width, 320] : [viewport.width]) {
			expect({ width, sideways: await sidewaysOf(overview.page, width) }).toEqual({ width, sideways: 0 });
			expect({ width, collisions: await collisionsOf(overview.page) }).toEqual({ width, collisions: [] });
		}
		await overview.page.setViewportSize(viewport);
		await overview.page.screenshot({ path: `${SHOTS}/overview-${theme}-${device}.png` });
		expect(problems).toEqual([]);
		await overview.close();
	});
});

describe("a page that is cut off", () => {
	test("a lost socket shows within three seconds; coming back catches up without a reload", async () => {
		const sockets: WebSocketRoute[] = [];
		let isCut = false;
		const overview = await openOverview(browser, {
			product,
			prepare: (page) =>
				page.routeWebSocket(/\/live\//, (socket) => {
					if (isCut) return void socket.close();
					socket.connectToServer();
					sockets.push(socket);
				}),
		});
		const total = await overview.total();
		isCut = true;
		await sockets.at(-1)?.close();
		await overview.banner(/Live updates lost\. Retrying….*Data as of \d\d:\d\d:\d\d\./).waitFor({ timeout: 3000 });

		const run = newRun();
		await deliver(product, run);
		isCut = false;
		await overview.page.getByRole("button", { name: "Retry" }).click();
		await overview.untilChip(/^Live/, 5000);
		await overview.untilTotal(total + 1, 3000);
		expect(await (await overview.rowsOf(run)).count()).toBe(1);
		expect(await overview.banner(/Live updates lost/).count()).toBe(0);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});

	test("no network is said as such, and over when it comes back", async () => {
		const overview = await openOverview(browser, { product });
		const total = await overview.total();
		await overview.context.setOffline(true);
		await overview.banner(/You are offline\. Showing data as of/).waitFor({ timeout: 3000 });
		await deliver(product, newRun());
		await overview.context.setOffline(false);
		await overview.untilChip(/^Live/, 5000);
		await overview.untilTotal(total + 1, 3000);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});

	test("a socket that stays open and says nothing shows, and is replaced", async () => {
		let isSilent = false;
		const overview = await openOverview(browser, {
			product,
			prepare: (page) =>
				page.routeWebSocket(/\/live\//, (socket) => {
					const server = socket.connectToServer();
					server.onMessage((message) => {
						if (!isSilent) socket.send(message);
					});
				}),
		});
		isSilent = true;
		// A ping every five seconds, three to answer it; then a try that is not answered either.
		await overview.banner(/Live updates lost/).waitFor({ timeout: 15_000 });
		isSilent = false;
		await overview.untilChip(/^Live/, 20_000);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});

	test("a server that dies and starts again is caught up with by itself", async () => {
		const overview = await openOverview(browser, { product });
		const total = await overview.total();
		await product.kill();
		await overview.banner(/Live updates lost/).waitFor({ timeout: 3000 });
		await product.start();
		const run = newRun();
		expect(await deliver(product, run)).toBe(202);
		await overview.untilTotal(total + 1, 45_000);
		expect(await (await overview.rowsOf(run)).count()).toBe(1);
		expect(await overview.banner(/Live updates lost/).count()).toBe(0);
		expect(await overview.isSameDocument()).toBe(true);
		await overview.close();
	});
});

/** How far a page can be scrolled sideways at a width, px. */
async function sidewaysOf(page: Page, width: number): Promise<number> {
	await page.setViewportSize({ width, height: page.viewportSize()?.height ?? 900 });
	return await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Headline figures whose value and course lie over each other, as the eye sees them. */
async function collisionsOf(page: Page): Promise<string[]> {
	return await page.getByRole("region", { name: "Key figures" }).evaluate((row) =>
		[...row.children].flatMap((card) => {
			const value = card.querySelector("p")?.getBoundingClientRect();
			const course = card.querySelector('svg[role="img"]');
			const drawn = course?.getBoundingClientRect();
			const clipped = course?.parentElement?.parentElement?.getBoundingClientRect();
			if (!value || !drawn || !clipped || drawn.top >= clipped.bottom) return [];
			return value.right > drawn.left ? [card.textContent ?? ""] : [];
		}),
	);
}

/** The status with which a server answers a request to upgrade. */
function upgradeStatus(url: string, headers: Record<string, string>): Promise<number | undefined> {
	const upgrade = {
		connection: "Upgrade",
		upgrade: "websocket",
		"sec-websocket-version": "13",
		"sec-websocket-key": Buffer.from("sixteen bytes ok").toString("base64"),
	};
	return new Promise((done, fail) => {
		const asked = request(url, { headers: { ...upgrade, ...headers } });
		asked.on("upgrade", (answer, socket) => {
			socket.destroy();
			done(answer.statusCode);
		});
		asked.on("response", (answer) => {
			answer.resume();
			done(answer.statusCode);
		});
		asked.on("error", fail);
		asked.end();
	});
}
