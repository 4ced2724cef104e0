// Journeys on the pipelines page and on a run's own page. Numbers in names are the checks of the design brief.
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { deliver, newRun, type Product, postEvent, type RecordedRun, startProduct } from "./support/product.ts";
import { seedDay } from "./support/seed.ts";

const JOB = JSON.parse(
	readFileSync(fileURLToPath(new URL("../fixtures/github/workflow_job.1.completed.json", import.meta.url)), "utf8"),
) as { workflow_job: Record<string, unknown> };
const RECORDED = JSON.parse(
	readFileSync(fileURLToPath(new URL("../fixtures/github/workflow_run.1.completed.json", import.meta.url)), "utf8"),
) as { repository: unknown };
const MANY = 130;
const SIZES = [DESKTOP, PHONE, { width: 320, height: 640 }];

let product: Product;
let browser: Browser;
let team: string;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launch()]);
	team = `${product.url}/t/${product.teams.a.slug}`;
	await seedDay(product);
	const now = Date.now();
	for (let n = 0; n < MANY; n++) {
		const startedAt = now - (n + 4) * 500_000;
		const answer = await postEvent(product, product.teams.a, {
			...{ id: `many-${n}`, repo: "acme/ledger", workflow: n % 2 ? "nightly" : "migrate", branch: `topic/${n % 7}` },
			status: n % 9 === 4 ? "failure" : "success",
			started_at: new Date(startedAt).toISOString(),
			finished_at: new Date(startedAt + 10_000 + ((n * 7919) % 600) * 1000).toISOString(),
		});
		if (answer !== 201) throw new Error(`a seeded run was answered ${answer}`);
	}
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

async function open(path: string, viewport = DESKTOP): Promise<{ page: Page; problems: string[]; close: () => Promise<void> }> {
	const context = await openWindow(browser, { viewport, as: { team: product.teams.a, role: "viewer" } });
	const page = await context.newPage();
	const problems = watchPage(page);
	await page.goto(team + path);
	await untilLive(page);
	return { page, problems, close: () => context.close() };
}

/** A socket that is still opening when its page is left is spoken of in Chromium's console. */
const untilLive = (page: Page) =>
	page.locator("[data-seq]").filter({ hasText: /^Live/ }).first().waitFor({ state: "attached", timeout: 15_000 });
const rowsOf = (page: Page): Locator => page.getByRole("region", { name: "Runs" }).locator("[data-run]");
const idsOf = (page: Page) => rowsOf(page).evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.run));
const statusesOf = async (page: Page) => new Set(await rowsOf(page).locator(".badge").allInnerTexts());
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Tell of a job of a recorded run, signed as GitHub signs. Times are seconds after the run's start. */
async function deliverJob(
	run: RecordedRun,
	name: string,
	times: { queued: number; from: number; to: number | null },
	conclusion = "success",
) {
	const at = (seconds: number | null) => (seconds === null ? null : new Date(run.startedAt + seconds * 1000).toISOString());
	const payload = { ...structuredClone(JOB), action: "", repository: RECORDED.repository };
	payload.action = times.to === null ? "in_progress" : "completed";
	Object.assign(payload.workflow_job, {
		...{ id: run.number * 10 + name.length, run_id: run.number, name, workflow_name: "Build" },
		...{ created_at: at(times.queued), started_at: at(times.from), completed_at: at(times.to) },
		...{ status: times.to === null ? "in_progress" : "completed", conclusion: times.to === null ? null : conclusion },
		steps: [{ name: "Compile", number: 1, status: "completed", conclusion, started_at: at(times.from), completed_at: at(times.to) }],
	});
	const body = JSON.stringify(payload);
	const { path, secret } = product.teams.a.webhooks.github;
	const answer = await fetch(product.url + path, {
		method: "POST",
		headers: {
			...{ "content-type": "application/json", "x-github-event": "workflow_job", "x-github-delivery": randomUUID() },
			"x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
		},
		body,
	});
	expect(answer.status).toBe(202);
}

describe("pipelines", () => {
	test("7: a dozen runs stand above the fold of a laptop, under the worst workflows", async () => {
		const { page, problems, close } = await open("/pipelines");
		const isAbove = (rows: Element[]) => rows.filter((row) => row.getBoundingClientRect().bottom <= window.innerHeight).length;
		expect(await rowsOf(page).evaluateAll(isAbove)).toBeGreaterThanOrEqual(12);
		expect(await page.locator("[data-workflow]").count()).toBeGreaterThanOrEqual(3);
		expect(problems).toEqual([]);
		await close();
	});

	test("1, 8: nothing scrolls sideways or speaks up in the console, at any size", async () => {
		for (const viewport of SIZES) {
			const { page, problems, close } = await open("/pipelines?show=all", viewport);
			expect(await overflow(page), `${viewport.width}`).toBe(0);
			expect(problems).toEqual([]);
			await close();
		}
	});

	test("two more pages are appended without a gap or a run twice, and Back finds them again", async () => {
		const { page, problems, close } = await open("/pipelines?repo=acme%2Fledger");
		await page.getByRole("link", { name: "Load 50 more" }).click();
		await expect.poll(() => rowsOf(page).count()).toBe(100);
		await page.getByRole("link", { name: "Load 50 more" }).click();
		await expect.poll(() => rowsOf(page).count()).toBe(MANY);
		expect(await idsOf(page)).toEqual(Array.from({ length: MANY }, (_, n) => `many-${n}`));
		expect(await page.getByRole("link", { name: "Load 50 more" }).count()).toBe(0);

		await rowsOf(page).nth(110).locator("a[data-row-link]").click();
		await page.getByRole("heading", { level: 1, name: "migrate" }).waitFor();
		await page.goBack();
		await expect.poll(() => rowsOf(page).count()).toBe(MANY);
		expect(problems).toEqual([]);
		await close();
	});

	test("without scripts the next page takes the place of the list, and the filter is a form", async () => {
		const context = await browser.newContext({ viewport: DESKTOP, javaScriptEnabled: false });
		const [name = "", value = ""] = product.teams.a.sessions.viewer.split("=");
		await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
		const page = await context.newPage();
		await page.goto(`${team}/pipelines?repo=acme%2Fledger`);
		await page.getByRole("link", { name: "Load 50 more" }).click();
		await page.waitForURL(/cursor=/);
		expect((await idsOf(page))[0]).toBe("many-50");
		await page.getByRole("searchbox").fill("topic/3");
		await page.keyboard.press("Enter");
		await page.waitForURL(/q=topic/);
		expect(new URL(page.url()).searchParams.has("cursor")).toBe(false);
		expect(await idsOf(page)).toEqual(Array.from({ length: 19 }, (_, n) => `many-${3 + n * 7}`));
		expect(await page.content()).not.toMatch(/<[^>]+\sstyle=/);
		await context.close();
	});

	test("sorts by duration, longest first, through the address", async () => {
		const { page, problems, close } = await open("/pipelines?repo=acme%2Fledger");
		await page.getByRole("columnheader", { name: "Duration" }).getByRole("link").click();
		await page.waitForURL(/sort=-duration/);
		await page.locator("th[aria-sort=descending]", { hasText: "Duration" }).waitFor();
		const lengths = Array.from({ length: MANY }, (_, n) => (n * 7919) % 600);
		await expect.poll(async () => (await idsOf(page))[0]).toBe(`many-${lengths.indexOf(Math.max(...lengths))}`);
		await page.goBack();
		await expect.poll(async () => (await idsOf(page))[0]).toBe("many-0");
		expect(problems).toEqual([]);
		await close();
	});

	test("filters by status and by text; what finds nothing says so and leads out", async () => {
		const { page, problems, close } = await open("/pipelines");
		await page
			.getByRole("navigation", { name: "Status" })
			.getByRole("link", { name: /^Failed/ })
			.click();
		await page.waitForURL(/status=failure/);
		await expect.poll(() => statusesOf(page)).toEqual(new Set(["Failed"]));
		await page.getByRole("searchbox").fill("no such thing");
		await page.getByText("No failed runs matching “no such thing” in the last 24 hours").waitFor();
		await page.getByRole("link", { name: "Clear text" }).click();
		await expect.poll(() => rowsOf(page).count()).toBeGreaterThan(3);
		await page.locator("[data-workflow]").first().getByRole("link").first().click();
		await page.waitForURL(/repo=.*wf=/);
		await expect.poll(() => page.locator("[data-workflow]").count()).toBe(1);
		expect(problems).toEqual([]);
		await close();
	});

	test("15, 16: filters, panel and place in the list are in the address: Back and a fresh window bring them", async () => {
		const search = "?repo=acme%2Fledger&status=failure&status=success&wf=nightly";
		const { page, problems, close } = await open(`/pipelines${search}`);
		await page.evaluate(() => window.scrollTo(0, 600));
		const row = rowsOf(page).nth(14);
		const id = await row.getAttribute("data-run");
		await row.locator("a[data-row-panel]").click();
		const panel = page.getByRole("complementary", { name: "nightly" });
		await panel.waitFor();
		const scrolled = await page.evaluate(() => window.scrollY);
		const address = page.url();
		await panel.getByRole("link", { name: "Open run page" }).click();
		await page.getByRole("heading", { level: 1, name: "nightly" }).waitFor();
		await page.goBack();
		await panel.waitFor();
		await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(scrolled);
		await page.goBack();
		await panel.waitFor({ state: "detached" });
		expect(new URL(page.url()).search).toBe(search);
		const rows = await idsOf(page);

		const fresh = await open(address.slice(team.length));
		await fresh.page.getByRole("complementary", { name: "nightly" }).waitFor();
		expect(await fresh.page.locator("[data-run-panel]").getAttribute("data-run-panel")).toBe(id);
		expect(await idsOf(fresh.page)).toEqual(rows);
		expect([...problems, ...fresh.problems]).toEqual([]);
		await fresh.close();
		await close();
	});

	test("20: every name is a link to the run's page; the middle button opens it beside; a tick opens its run", async () => {
		const { page, problems, close } = await open("/pipelines");
		const links = await rowsOf(page)
			.locator("a[data-row-link]")
			.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
		expect(links).toHaveLength(await rowsOf(page).count());
		expect(links.every((href) => href?.includes("/runs/"))).toBe(true);
		const [other] = await Promise.all([
			page.context().waitForEvent("page"),
			rowsOf(page).nth(2).locator("a[data-row-link]").click({ button: "middle" }),
		]);
		await other.waitForURL(/\/runs\//);
		await other.close();
		await page.locator("[data-workflow]").first().getByRole("listitem").last().getByRole("link").click();
		await page.waitForURL(/panel=run/);
		await page.getByRole("complementary").waitFor();
		expect(problems).toEqual([]);
		await close();
	});

	test("a new run waits behind a pill while someone points at the list, and its end changes the row in place", async () => {
		const { page, problems, close } = await open("/pipelines");
		await rowsOf(page).first().hover();
		const first = (await idsOf(page))[0];
		const run = newRun();
		await deliver(product, run, { phase: "in_progress" });
		const pill = page.getByRole("button", { name: "1 new run" });
		await pill.waitFor({ timeout: 5000 });
		expect((await idsOf(page))[0]).toBe(first);
		await pill.click();
		const row = page.locator(`[data-run$="${run.number}"]`);
		await row.getByText("Running").waitFor();
		await deliver(product, run, { phase: "completed", conclusion: "failure" });
		await row.getByText("Failed").waitFor({ timeout: 5000 });
		expect(problems).toEqual([]);
		await close();
	});
});

describe("a run's page", () => {
	test("tells why it failed and shows its jobs over time, for eyes and for screen readers, at any size", async () => {
		const run = newRun();
		await deliver(product, run, { phase: "completed", conclusion: "failure" });
		await deliverJob(run, "lint", { queued: 0, from: 4, to: 20 });
		await deliverJob(run, "compile", { queued: 21, from: 30, to: 58 }, "failure");
		for (const viewport of SIZES) {
			const { page, problems, close } = await open("/pipelines", viewport);
			await page.goto(`${team}/runs/${await page.locator(`[data-run$="${run.number}"]`).getAttribute("data-run")}`);
			await page.getByText(/Critical path: lint → compile, 58\s?s; 13\s?s waiting for runners/).waitFor();
			const jobs = page.getByRole("region", { name: "Jobs" });
			expect(await jobs.getByRole("img", { name: "Waited 4\u202fs, ran 16\u202fs; on the critical path" }).count()).toBe(1);
			expect(await jobs.locator("[data-critical]").count()).toBe(2);
			// The failed job is open, the other one is not.
			expect(await jobs.getByRole("list", { name: "Steps of compile" }).isVisible()).toBe(true);
			expect(await jobs.getByRole("list", { name: "Steps of lint" }).isVisible()).toBe(false);
			expect(await page.getByRole("region", { name: "Why it failed" }).innerText()).toMatch(/compile/);
			expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
			expect(await overflow(page), `${viewport.width}`).toBe(0);
			expect(problems).toEqual([]);
			await close();
		}
	});

	test("follows a run to its end without a reload", async () => {
		const run = newRun();
		await deliver(product, run, { phase: "in_progress" });
		await deliverJob(run, "lint", { queued: 0, from: 4, to: null });
		const { page, problems, close } = await open("/pipelines");
		await page.goto(`${team}/runs/${await page.locator(`[data-run$="${run.number}"]`).getAttribute("data-run")}`);
		await untilLive(page);
		await page.getByText("Running", { exact: true }).first().waitFor();
		await page.evaluate(() => Object.assign(window, { openedOnce: true }));
		await deliverJob(run, "lint", { queued: 0, from: 4, to: 55 });
		await deliver(product, run, { phase: "completed" });
		await page.getByText("Passed", { exact: true }).first().waitFor({ timeout: 10_000 });
		await page.getByRole("img", { name: "Waited 4\u202fs, ran 51\u202fs; on the critical path" }).waitFor({ timeout: 10_000 });
		expect(await page.locator("[data-duration]").innerText()).toMatch(/^1m 00s/);
		expect(await page.evaluate(() => "openedOnce" in window)).toBe(true);
		expect(problems).toEqual([]);
		await close();
	});

	test("an unknown run is a 404 in words, within the frame", async () => {
		const context = await openWindow(browser, { as: { team: product.teams.a, role: "viewer" } });
		const page = await context.newPage();
		const answer = await page.goto(`${team}/runs/nobody-knows`);
		expect(answer?.status()).toBe(404);
		await page.getByRole("heading", { name: "No such run" }).waitFor();
		await page.getByRole("link", { name: "Go to Pipelines" }).click();
		await page.getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
		await context.close();
	});
});

test("6: the first load of either page is at most 160 KiB of scripts", async () => {
	for (const path of ["/pipelines", "/runs/many-3"]) {
		const context = await openWindow(browser, { as: { team: product.teams.a, role: "viewer" } });
		const page = await context.newPage();
		const scripts: Promise<number>[] = [];
		page.on("response", (response) => {
			if (response.request().resourceType() !== "script") return;
			scripts.push(response.body().then((body) => gzipSync(body, { level: 9 }).length));
		});
		await page.goto(team + path);
		await page.waitForLoadState("networkidle");
		const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
		expect(scripts.length).toBeGreaterThan(3);
		console.log(`${path}: ${(bytes / 1024).toFixed(1)} KiB of gzip JavaScript in ${scripts.length} files`);
		expect(bytes / 1024, path).toBeLessThanOrEqual(160);
		await context.close();
	}
});
