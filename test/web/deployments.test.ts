// Journeys on the deployments page, a deployment, the deploy form and an environment. Numbers in names are the checks of the design brief.
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { broken, revision, ScriptedAgent, workload } from "./support/agent.ts";
import { DESKTOP, launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { axeViolations, cutTexts, sideways, smallTargets } from "./support/look.ts";
import { type Product, type Role, startProduct } from "./support/product.ts";

const MANY = 120;
let product: Product;
let browser: Browser;
let agent: ScriptedAgent;
let team: string;

/** Tell of a deployment as a pipeline does. */
async function record(body: Record<string, unknown>): Promise<{ id: string }> {
	const answer = await fetch(`${product.url}/api/deployments`, {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${product.teams.a.tokens.member}` },
		body: JSON.stringify(body),
	});
	expect(answer.status, await answer.clone().text()).toBe(201);
	return (await answer.json()) as { id: string };
}

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launch()]);
	team = `${product.url}/t/${product.teams.a.slug}`;
});

afterAll(async () => {
	agent?.close();
	await browser?.close();
	await product?.end();
});

type How = { viewport?: typeof DESKTOP; role?: Role; theme?: "dark" | "light"; isTouch?: boolean };

async function open(path: string, { viewport = DESKTOP, role = "member", ...more }: How = {}) {
	const context = await openWindow(browser, { viewport, as: { team: product.teams.a, role }, ...more });
	const page = await context.newPage();
	const problems = watchPage(page);
	await page.goto(team + path);
	await untilLive(page);
	return { page, problems, close: () => context.close() };
}

const untilLive = (page: Page) =>
	page.locator("[data-seq]").filter({ hasText: /^Live/ }).first().waitFor({ state: "attached", timeout: 15_000 });
const rowsOf = (page: Page) => page.getByRole("region", { name: "History" }).locator("[data-deployment]");

describe("deployments", () => {
	beforeAll(async () => {
		const now = Date.now();
		agent = new ScriptedAgent(product);
		await agent.connect();
		await agent.report([workload([revision(1, "1.4.1")])]);
		await agent.report([broken([revision(1, "1.4.1"), revision(2, "1.5.0")])]);
		for (let n = 0; n < MANY; n++) {
			const startedAt = now - (n + 10) * 600_000;
			await record({
				...{ environment: "dev", component: n % 2 ? "web" : "ledger", version: `0.${MANY - n}.0` },
				...{ status: n % 10 === 3 ? "failure" : "success", actor: "dkim" },
				...{ started_at: new Date(startedAt).toISOString(), finished_at: new Date(startedAt + 61_000).toISOString() },
			});
		}
	});

	test("what runs where: versions, how they are, who and when, and the way back", async () => {
		const { page, problems, close } = await open("/deployments");
		await page.getByText("checkout is failing in production").waitFor();
		const card = page.getByRole("region", { name: "production" });
		await card.getByText("1.5.0", { exact: true }).first().waitFor();
		await card.getByText("Failing", { exact: true }).first().waitFor();
		await card.getByText("Unlocked").waitFor();
		await card.getByRole("link", { name: "Roll back checkout in production…" }).waitFor();
		const versions = page.getByRole("region", { name: "Versions", exact: true });
		await versions
			.getByRole("row", { name: /checkout/ })
			.getByText("1.5.0")
			.waitFor();
		expect(await rowsOf(page).count()).toBe(50);
		await page.getByText(/deployments in 30 days · change failure rate/).waitFor();
		expect(problems).toEqual([]);
		await close();
	});

	test("filters stand in the address, and Back undoes them", async () => {
		const { page, problems, close } = await open("/deployments");
		const dev = page.getByRole("navigation", { name: "Environment" }).getByRole("link", { name: "dev", exact: true });
		await dev.click();
		await page.waitForURL(/env=dev/);
		await expect.poll(() => dev.getAttribute("aria-current")).toBe("true");
		await page
			.getByRole("navigation", { name: "Outcome" })
			.getByRole("link", { name: /^Failed/ })
			.click();
		await page.waitForURL(/status=failure/);
		await expect.poll(() => rowsOf(page).count()).toBe(12);
		expect(new Set(await rowsOf(page).locator(".badge").allInnerTexts())).toEqual(new Set(["Failed"]));
		await page.goBack();
		await page.waitForURL((url) => !url.search.includes("status"));
		await page.goto(`${team}/deployments?component=nothing-of-that-name`);
		await page.getByText("No deployments (nothing-of-that-name)").waitFor();
		await page.getByRole("link", { name: "Clear filters" }).click();
		await expect.poll(() => rowsOf(page).count()).toBe(50);
		expect(problems).toEqual([]);
		await close();
	});

	test("more pages are appended without a gap or one twice; without scripts the next takes the place of the list", async () => {
		const { page, problems, close } = await open("/deployments?env=dev");
		await page.getByRole("link", { name: "Load 50 more" }).click();
		await expect.poll(() => rowsOf(page).count()).toBe(100);
		await page.getByRole("link", { name: "Load 50 more" }).click();
		await expect.poll(() => rowsOf(page).count()).toBe(MANY);
		const ids = await rowsOf(page).evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.deployment));
		expect(new Set(ids).size).toBe(MANY);
		expect(problems).toEqual([]);
		await close();

		const context = await browser.newContext({ viewport: DESKTOP, javaScriptEnabled: false });
		const [name = "", value = ""] = product.teams.a.sessions.viewer.split("=");
		await context.addCookies([{ name, value, domain: "127.0.0.1", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
		const plain = await context.newPage();
		await plain.goto(`${team}/deployments?env=dev`);
		await plain.getByRole("link", { name: "Load 50 more" }).click();
		await plain.waitForURL(/cursor=/);
		expect(await rowsOf(plain).first().getAttribute("data-deployment")).toBe(ids[50]);
		await context.close();
	});

	test("a new deployment appears by itself; under a pointer it waits behind a pill", async () => {
		const { page, problems, close } = await open("/deployments?component=pill");
		await record({ environment: "staging", component: "pill", version: "1.0.0", status: "success" });
		await rowsOf(page).filter({ hasText: "1.0.0" }).waitFor();
		await rowsOf(page).first().hover();
		await record({ environment: "staging", component: "pill", version: "1.0.1", status: "success" });
		await page.getByRole("button", { name: "1 new deployment" }).click();
		await rowsOf(page).filter({ hasText: "1.0.1" }).waitFor();
		expect(problems).toEqual([]);
		await close();
	});

	test("a deployment says what it replaced, what came of it, and leads on", async () => {
		await record({ environment: "qa", component: "search", version: "2.0.0", status: "success", commit: "a".repeat(40) });
		const { id } = await record({ environment: "qa", component: "search", version: "2.1.0", status: "failure", commit: "b".repeat(40) });
		const { page, problems, close } = await open(`/deployments/${encodeURIComponent(id)}`);
		await page.getByText("search 2.1.0 failed in qa").waitFor();
		await page.getByRole("link", { name: "2.0.0" }).first().click();
		await page.getByText(/search 2\.0\.0 came to qa/).waitFor();
		expect(problems).toEqual([]);
		await close();
		const other = await open("/deployments").then(async (opened) => {
			await opened.close();
			return await fetch(`${product.url}/t/${product.teams.b.slug}/deployments/${encodeURIComponent(id)}`, {
				headers: { cookie: product.teams.b.sessions.admin },
			});
		});
		expect(other.status).toBe(404);
	});

	test("the deploy form shows its guards before the button: nobody to send to, then a lock, with the reason", async () => {
		const { page, problems, close } = await open("/deployments/new?component=search&version=2.0.0");
		await page.getByLabel("Environment").selectOption("qa");
		const guards = page.getByRole("list", { name: "Guards" });
		await guards.getByText(/Nothing here deploys search to qa/).waitFor();
		expect(await page.getByRole("button", { name: "Deploy to qa" }).isDisabled()).toBe(true);
		expect(problems).toEqual([]);
		await close();

		const manager = await open("/settings/agents", { role: "manager" });
		await manager.page.getByLabel("How").selectOption("webhook");
		await manager.page.getByLabel("Address").fill("http://127.0.0.1:9/deploy");
		await manager.page.getByRole("button", { name: "Add", exact: true }).click();
		await manager.page.getByText("Secret it is signed with").waitFor();
		await manager.close();

		const again = await open("/deployments/new?component=search&version=2.0.0&environment=qa");
		await again.page.getByRole("list", { name: "Guards" }).getByText("It is sent to a signed webhook.").waitFor();
		expect(await again.page.getByRole("button", { name: "Deploy to qa" }).isDisabled()).toBe(false);
		await again.close();
	});

	test("an environment: lock and release, with the reason; who looks, and who has it", async () => {
		const first = await open("/deployments");
		const path = await first.page.getByRole("link", { name: "production", exact: true }).first().getAttribute("href");
		await first.close();
		const address = path?.slice(`/t/${product.teams.a.slug}`.length) ?? "";
		const maya = await open(address, { role: "member" });
		const lee = await open(address, { role: "manager" });
		await maya.page.getByText(/ is looking$/).waitFor();
		await lee.page.getByRole("button", { name: "I have it" }).click();
		await maya.page.getByText(/ has it$/).waitFor();
		await maya.page.getByLabel("Why", { exact: true }).first().fill("release freeze");
		await maya.page.getByRole("button", { name: "Lock production" }).click();
		await lee.page.getByText("release freeze").first().waitFor();
		await lee.page.getByRole("button", { name: "Release the lock of production" }).click();
		await maya.page.getByText("Unlocked").first().waitFor();
		expect([...maya.problems, ...lee.problems]).toEqual([]);
		await Promise.all([maya.close(), lee.close()]);
	});

	test("keys: G D leads here, B rolls back what fails, D deploys", async () => {
		const { page, problems, close } = await open("/overview");
		await page.keyboard.press("g");
		await page.keyboard.press("d");
		await page.waitForURL(/\/deployments$/);
		await page.getByRole("region", { name: "production" }).waitFor();
		await page.keyboard.press("b");
		const dialog = page.getByRole("dialog", { name: /Roll back checkout/ });
		await dialog.getByText("Running now").waitFor();
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "detached" });
		await page.keyboard.press("d");
		await page.waitForURL(/\/deployments\/new$/);
		expect(problems).toEqual([]);
		await close();
	});

	test("1, 2, 8, 37, 39: nothing scrolls sideways, is cut, too small, or wrong by axe, in both themes and sizes", async () => {
		const first = await open("/deployments");
		const environment = await first.page.getByRole("link", { name: "production", exact: true }).first().getAttribute("href");
		const deployment = await rowsOf(first.page).first().locator("a[data-row-link]").getAttribute("href");
		await first.close();
		const base = `/t/${product.teams.a.slug}`;
		const paths = ["/deployments", "/deployments/new?component=checkout&version=1.4.1&environment=production", "/settings/agents"].concat(
			[environment ?? "", deployment ?? ""].map((path) => path.slice(base.length)),
		);
		const wrong: string[] = [];
		for (const theme of ["dark", "light"] as const) {
			for (const viewport of [DESKTOP, PHONE]) {
				for (const path of paths) {
					const isTouch = viewport === PHONE;
					const { page, problems, close } = await open(path, { viewport, theme, isTouch });
					const where = `${path} ${theme} ${viewport.width}`;
					const moved = await sideways(page);
					const found = [
						...(await axeViolations(page)),
						...(await cutTexts(page)),
						...(await smallTargets(page, isTouch ? 44 : 24)),
						...problems,
					];
					wrong.push(...found.map((each) => `${where}: ${each}`), ...(moved === 0 ? [] : [`${where}: ${moved} px sideways`]));
					await close();
				}
			}
		}
		expect(wrong).toEqual([]);
		for (const path of paths) {
			const { page, close } = await open(path, { viewport: { width: 320, height: 640 } });
			expect(await sideways(page), `${path} 320`).toBe(0);
			await close();
		}
	}, 240_000);

	test("6: the first load of the deployments page is at most 160 KiB of scripts", async () => {
		const context = await openWindow(browser, { as: { team: product.teams.a, role: "viewer" } });
		const page = await context.newPage();
		const scripts: Promise<number>[] = [];
		page.on("response", (response) => {
			if (response.request().resourceType() === "script" && response.url().startsWith(product.url)) {
				scripts.push(response.body().then((body) => gzipSync(body, { level: 9 }).length));
			}
		});
		await page.goto(`${team}/deployments`, { waitUntil: "load" });
		await untilLive(page);
		const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0);
		console.log(`deployments: ${(bytes / 1024).toFixed(1)} KiB of gzip JavaScript in ${scripts.length} files`);
		expect(bytes / 1024).toBeLessThanOrEqual(160);
		await context.close();
	}, 180_000);
});
