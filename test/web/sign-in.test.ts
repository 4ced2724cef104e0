import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { inDatabase, type Product, startProduct } from "./support/product.ts";

let product: Product;
let browser: Browser;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct({ more: ["--github-double"] }), launch()]);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

const sessionOf = async (page: Page) => (await page.context().cookies()).find(({ name }) => name === "__Host-opssight")?.value;
const alertOf = (page: Page) => page.getByRole("alert").innerText();

/** From a page that needs somebody, over the sign-in page, to GitHub's question. */
async function toGitHub(page: Page, path: string): Promise<void> {
	await page.goto(product.url + path);
	await page.waitForURL(/\/login\?next=/);
	await page.getByRole("link", { name: "Continue with GitHub" }).click();
	await page.getByRole("heading", { name: "Authorize OpsSight" }).waitFor();
}

/** Answer GitHub's question. */
async function answer(page: Page, word: "Accept" | "Refuse", login = "octo-ada"): Promise<void> {
	await page.getByLabel("Sign in as").selectOption(login);
	await page.getByRole("button", { name: word }).click();
}

describe("signing in with GitHub", () => {
	test("accepting leads back to where one wanted to go, signed in; signing in again is a new session", async () => {
		const context = await openWindow(browser, {});
		const page = await context.newPage();
		const path = "/settings-of-nobody?repo=a%2Fb";
		await page.goto(`${product.url}/login?next=${encodeURIComponent(path)}`);
		const problems = watchPage(page);
		await page.getByRole("link", { name: "Continue with GitHub" }).click();
		await answer(page, "Accept");
		await page.waitForURL(product.url + path);
		const first = await sessionOf(page);
		expect(first).toMatch(/^[\w-]{43}$/);
		// There is no such page, and nothing else went wrong on the way.
		expect(problems.filter((problem) => !/404/.test(problem))).toEqual([]);
		await page.goto(product.url);
		await page.getByText("You are in no team yet").waitFor();
		await page.goto(`${product.url}/sign-in/github`);
		await answer(page, "Accept");
		await page.waitForURL(`${product.url}/`);
		expect(await sessionOf(page)).not.toBe(first);
		await context.close();
	});

	test("an invitation is accepted after signing in, and leads into the team", async () => {
		const { a } = product.teams;
		const created = await fetch(`${product.url}/api/invitations`, {
			method: "POST",
			headers: { cookie: a.sessions.admin, origin: product.url, "content-type": "application/json" },
			body: JSON.stringify({ role: "member", login: "Octo-Friend" }),
		});
		const { path } = (await created.json()) as { path: string };
		const context = await openWindow(browser, { viewport: PHONE });
		const page = await context.newPage();
		await toGitHub(page, path);
		await answer(page, "Accept", "octo-friend");
		await page.getByRole("heading", { name: `Join ${a.name}?` }).waitFor();
		expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
		await page.getByRole("button", { name: "Join as member" }).click();
		await page.waitForURL(`**/t/${a.slug}/overview`);
		await page.goto(product.url + path);
		await page.getByText("You are in this team already").waitFor();
		await context.close();
	});

	test("refusing, the wrong organisation, a used and an old sign-in: words, no session, and the way goes on", async () => {
		const { a } = product.teams;
		const context = await openWindow(browser, {});
		const page = await context.newPage();
		const path = `/t/${a.slug}/overview?from=now-7d`;
		const refused = async (words: RegExp) => {
			await page.waitForURL(/\/login\?problem=/);
			expect(await alertOf(page)).toMatch(words);
			expect(await sessionOf(page)).toBeUndefined();
		};
		const wayBack = () => new URL(page.url()).searchParams.get("next");

		await toGitHub(page, path);
		await answer(page, "Refuse");
		await refused(/You said no on GitHub/);
		expect(wayBack()).toBe(path);

		await page.getByRole("link", { name: "Continue with GitHub" }).click();
		await answer(page, "Accept", "octo-eve");
		await refused(/not among those that may sign in here/);
		expect(wayBack()).toBe(path);

		await page.getByRole("link", { name: "Continue with GitHub" }).click();
		let callback = "";
		page.on("request", (request) => {
			if (request.url().includes("/sign-in/github/callback")) callback = request.url();
		});
		await answer(page, "Accept");
		// Ada is in no team: the page she wanted is none of hers.
		await page.waitForURL(product.url + path);
		await context.clearCookies({ name: "__Host-opssight" });
		await page.goto(callback).catch(() => {});
		await refused(/was used already/);
		expect(wayBack()).toBe(path);

		await page.getByRole("link", { name: "Continue with GitHub" }).click();
		await page.getByRole("button", { name: "Accept" }).waitFor();
		inDatabase(product, (db) => db.exec("UPDATE sign_in_states SET created_at = created_at - 660000 WHERE used_at IS NULL"));
		await answer(page, "Accept");
		await refused(/took longer than ten minutes/);

		await page.getByRole("link", { name: "Continue with GitHub" }).click();
		await answer(page, "Accept");
		await page.waitForURL(product.url + path);
		expect(await sessionOf(page)).toBeDefined();
		await context.close();
	});
});

test("with an access token, without scripts as well: into the team, and wrong ones are told in words", async () => {
	const { a } = product.teams as unknown as { a: { slug: string; tokens: Record<string, string>; ingestToken: string } };
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	const signIn = async (token: string) => {
		await page.getByText("Use an access token instead").click();
		await page.getByLabel("Access token").fill(token);
		await page.getByRole("button", { name: "Sign in with the token" }).click();
	};
	await page.goto(`${product.url}/t/${a.slug}/overview`);
	await signIn("opst_wrong");
	await page.waitForURL(/problem=token/);
	expect(await alertOf(page)).toContain("unknown, expired or revoked");
	await signIn(a.ingestToken);
	await page.waitForURL(/problem=tokenMachine/);
	expect(await alertOf(page)).toContain("belongs to a machine");
	await signIn(a.tokens.viewer!);
	await page.waitForURL(`**/t/${a.slug}/overview`);
	await context.close();
});

// The last one: it takes everybody's role away.
test("an installation without an admin asks for the setup token, and tells a wrong one from none", async () => {
	inDatabase(product, (db) => db.exec("DELETE FROM members"));
	const context = await openWindow(browser, { viewport: PHONE });
	const page = await context.newPage();
	await page.goto(`${product.url}/login`);
	await page.getByRole("heading", { name: "Set up OpsSight" }).waitFor();
	await page.getByRole("link", { name: "Continue with GitHub" }).click();
	await answer(page, "Accept");
	await page.waitForURL(`${product.url}/login`);
	await page.getByText("Ada Okafor will be its admin.").waitFor();
	const enter = async (token: string) => {
		await page.getByLabel("Setup token").fill(token);
		await page.getByLabel("Name of the first team").fill("Platform");
		await page.getByRole("button", { name: "Make the team" }).click();
	};
	await enter("opsu_wrong");
	await page.waitForURL(/problem=setup/);
	expect(await alertOf(page)).toContain("This is not the setup token");
	// What was printed to the log can't be read here: the stored hash is exchanged for a known one.
	const token = "opsu_known-to-this-test";
	const hash = createHash("sha256").update(token).digest("hex");
	inDatabase(product, (db) => db.prepare("UPDATE installation SET value = ? WHERE name = 'setup_token'").run(hash));
	await enter(token);
	await page.waitForURL("**/t/platform/overview");
	await context.close();
});
