// Who is let in, and put out: invitations, roles, tokens, sessions and the audit, as people meet them.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, openOverview, openWindow, PHONE, watchPage } from "./support/browser.ts";
import { axeViolations, sideways, smallTargets } from "./support/look.ts";
import { inDatabase, type Product, type Role, startProduct, type Team } from "./support/product.ts";

let product: Product;
let browser: Browser;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct({ more: ["--demo", "off"] }), launch()]);
});

afterAll(async () => {
	await browser?.close();
	await product?.end();
});

/** A settings page of a team, as someone of a role. */
async function open(path: string, role: Role = "admin", team: Team = product.teams.a): Promise<Page> {
	const context = await openWindow(browser, { as: { team, role } });
	const page = await context.newPage();
	page.setDefaultTimeout(8000);
	await page.goto(`${product.url}/t/${team.slug}/settings/${path}`);
	await page.waitForLoadState("networkidle");
	return page;
}

const told = (page: Page, words: string | RegExp) => page.getByRole("status").filter({ hasText: words }).waitFor();

/** The value that was just made and is shown this once. */
async function madeSecret(page: Page, label: string): Promise<string> {
	await page.getByRole("button", { name: `Show ${label}` }).click();
	return await page.getByText(label, { exact: true }).locator("..").locator("code:visible").innerText();
}

test("somebody is invited, joins, is given another role, and is signed out at once when removed", async () => {
	const { a, b } = product.teams;
	const admin = await open("members");
	await admin.getByRole("combobox", { name: "Role", exact: true }).selectOption("viewer");
	await admin.getByRole("button", { name: "Create invitation link" }).click();
	await told(admin, "shown this once");
	const link = await madeSecret(admin, "Invitation link");

	const guest = await openWindow(browser, { as: { team: b, role: "member" } });
	const page = await guest.newPage();
	await page.goto(link);
	await page.getByRole("button", { name: "Join as viewer" }).click();
	await page.waitForURL(`**/t/${a.slug}/overview`);
	await page.locator("[data-seq]").filter({ hasText: /^Live/ }).waitFor();
	// The link works once.
	const again = await guest.newPage();
	await again.goto(link);
	await again.getByText("You are in this team already.").waitFor();
	// In several teams now: the switch leads to all of them.
	await again.goto(`${product.url}/teams`);
	expect(await again.getByRole("listitem").count()).toBe(2);
	await again.goto(`${product.url}/t/${a.slug}/settings/members?from=now-7d&repo=acme%2Fweb`);
	await again.getByText(a.name, { exact: true }).first().click();
	await again.getByRole("link", { name: b.name }).click();
	await again.waitForURL(`**/t/${b.slug}/settings/members?from=now-7d`);

	await admin.reload();
	await admin.waitForLoadState("networkidle");
	await admin.getByLabel("Role of Noor Haddad", { exact: true }).selectOption("manager");
	await admin.getByRole("button", { name: "Change the role of Noor Haddad" }).click();
	await told(admin, "The role is manager now");
	// In force with the next request, without signing in anew.
	await again.goto(`${product.url}/t/${a.slug}/settings/audit`);
	await again.getByRole("heading", { name: "Audit" }).waitFor();

	await admin.getByLabel("Remove Noor Haddad…").click();
	await admin
		.getByText(/Noor Haddad leaves this team at once: 0 tokens end, and the team's pages close in \d signed-in browsers?\./)
		.waitFor();
	await admin.getByRole("button", { name: "Remove Noor Haddad" }).click();
	await told(admin, "Removed.");
	await page.locator("[data-seq]").filter({ hasText: "Signed out" }).waitFor({ timeout: 5000 });
	expect((await again.reload())?.status()).toBe(404);
});

test("the last admin stays, and it is said why", async () => {
	const page = await open("members");
	await page.getByLabel("Role of Ada Okafor", { exact: true }).selectOption("viewer");
	await page.getByRole("button", { name: "Change the role of Ada Okafor" }).click();
	await page.getByRole("alert").filter({ hasText: "This is the team's last admin. Make somebody else admin first." }).waitFor();
	await page.getByLabel("Remove Ada Okafor…").click();
	await page.getByRole("button", { name: "Remove Ada Okafor" }).click();
	await page.getByRole("alert").filter({ hasText: "last admin" }).waitFor();
});

test("a token is made, used by a script, exchanged, and refused once it is revoked", async () => {
	const page = await open("tokens", "member");
	const own = page.getByRole("region", { name: "Your tokens" });
	await own.getByLabel("Name").fill("laptop");
	await own.getByRole("button", { name: "Create token" }).click();
	await told(page, "laptop is made");
	const token = await madeSecret(page, "New token");
	const ask = async (value: string) => (await fetch(`${product.url}/api/runs`, { headers: { authorization: `Bearer ${value}` } })).status;
	expect(await ask(token)).toBe(200);

	await page.getByRole("button", { name: "Rotate laptop" }).first().click();
	await told(page, "has a new value");
	const next = await madeSecret(page, "New token");
	expect([await ask(token), await ask(next)]).toEqual([200, 200]);

	await page.getByLabel("Revoke laptop…").first().click();
	await page.getByRole("button", { name: "Revoke laptop" }).first().click();
	await told(page, "Revoked.");
	expect([await ask(token), await ask(next)].sort()).toEqual([200, 401]);
	await page.getByLabel("Revoke laptop…").first().click();
	await page.getByRole("button", { name: "Revoke laptop" }).first().click();
	await page.waitForFunction(() => document.querySelectorAll('summary[aria-label="Revoke laptop…"]').length === 0);
	expect([await ask(token), await ask(next)]).toEqual([401, 401]);
	// It is never shown again.
	await page.reload();
	expect(await page.content()).not.toContain(next);
});

test("without scripts a token is made and shown as well", async () => {
	const context = await openWindow(browser, { as: { team: product.teams.a, role: "admin" } });
	const plain = await browser.newContext({ javaScriptEnabled: false });
	await plain.addCookies(await context.cookies());
	const page = await plain.newPage();
	await page.goto(`${product.url}/t/acme/settings/tokens`);
	const machines = page.getByRole("region", { name: "Machine tokens" });
	await machines.getByLabel("Name").fill("Jenkins");
	await machines.getByRole("button", { name: "Create machine token" }).click();
	await machines.getByText("Jenkins is made").waitFor();
	expect(await machines.locator("code:visible").first().innerText()).toMatch(/^ops\w*_/);
});

test("a session that is ended elsewhere says so on its page", async () => {
	const { a } = product.teams;
	const signIn = { method: "POST", redirect: "manual" as const, headers: { origin: product.url } };
	const answer = await fetch(`${product.url}/dev/sign-in`, { ...signIn, body: new URLSearchParams({ team: a.slug, role: "viewer" }) });
	const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
	const other = await openOverview(browser, {
		product,
		as: { team: { ...a, sessions: { ...a.sessions, viewer: cookie } }, role: "viewer" },
	});

	const page = await open("sessions", "viewer");
	await page.getByText("this session").waitFor();
	await page.getByLabel("End all others…").click();
	await page.getByText(/sessions? ends? at once/).waitFor();
	await page.getByRole("button", { name: "End all others", exact: true }).click();
	await told(page, "ended");
	await other.untilChip(/Signed out/, 5000);
	await other
		.banner(/signed out/i)
		.first()
		.waitFor();
	await page.reload();
	await page.getByText("this session").waitFor();
});

test("the audit is found whole, and an entry that was edited is named", async () => {
	const tokens = await open("tokens");
	const machines = tokens.getByRole("region", { name: "Machine tokens" });
	for (const name of ["Nagios", "Zabbix", "Icinga"]) {
		await machines.getByLabel("Name").fill(name);
		await machines.getByRole("button", { name: "Create machine token" }).click();
		await told(tokens, `${name} is made`);
	}

	const page = await open("audit", "manager");
	const verify = async (words: string) => {
		await page.getByRole("button", { name: "Verify" }).click();
		await told(page, words);
		// A database that is written to from outside is nothing to ask meanwhile: the local one has no patience with that.
		await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
	};
	await verify("are as they were written");
	const first = page.locator("li[id^=entry-]").first();
	const no = Number((await first.getAttribute("id"))?.slice("entry-".length));
	const team = "(SELECT id FROM teams WHERE slug = 'acme')";
	inDatabase(product, (db) => db.exec(`UPDATE audit SET object = object || '!' WHERE team_id = ${team} AND no = ${no - 1}`));
	await verify(`Entry ${no - 1} breaks the chain`);
	await page
		.locator(`#entry-${no - 1}`)
		.getByText("Breaks the chain")
		.waitFor();
	inDatabase(product, (db) =>
		db.exec(`UPDATE audit SET object = substr(object, 1, length(object) - 1) WHERE team_id = ${team} AND no = ${no - 1}`),
	);
	await verify("are as they were written");

	await page.getByLabel("What").selectOption("token.create");
	await page.getByRole("button", { name: "Show" }).click();
	await page.waitForURL(/act=token.create/);
	// The address is there a moment before the page that goes with it.
	const href = await page.locator("a[href*='act=token.create']", { hasText: "Export CSV" }).getAttribute("href");
	const file = await page.request.get(product.url + href);
	expect(file.headers()["content-type"]).toContain("text/csv");
	const lines = (await file.text()).trim().split("\r\n");
	expect(lines.slice(1).every((line) => line.includes('"token.create"'))).toBe(true);
});

test("a viewer sees what there is, disabled, with the role it needs; a refusal is in the audit", async () => {
	const page = await open("members", "viewer");
	await page.getByText("This needs the admin role. Ask an admin of this team.").first().waitFor();
	for (const name of ["Create invitation link", "Change the role of Ada Okafor", "Remove Ada Okafor"]) {
		expect(await page.getByRole("button", { name }).isDisabled()).toBe(true);
	}
	const audit = page.getByRole("navigation", { name: "Settings" }).getByRole("button", { name: /Audit ?: This needs the manager role/ });
	expect(await audit.getAttribute("aria-disabled")).toBe("true");
	expect((await page.goto(`${product.url}/t/acme/settings/audit`))?.status()).toBe(403);
	// In the frame, with a way on.
	await page.getByRole("heading", { name: "You need another role for this" }).waitFor();
	await page.getByRole("link", { name: "See who is admin" }).click();
	await page.getByRole("heading", { name: "Members", level: 1 }).waitFor();

	const manager = await open("audit?act=audit:read", "manager");
	await manager.locator("li[id^=entry-]").filter({ hasText: "Vera Lind" }).getByText("Refused").waitFor();
});

test.each([
	["dark", DESKTOP],
	["light", PHONE],
] as const)("the new pages are accessible, %s", async (theme, viewport) => {
	const isTouch = viewport === PHONE;
	const context = await openWindow(browser, { as: { team: product.teams.a, role: "admin" }, theme, viewport, isTouch });
	const invited = await fetch(`${product.url}/api/invitations`, {
		method: "POST",
		headers: { cookie: product.teams.b.sessions.admin, origin: product.url, "content-type": "application/json" },
		body: JSON.stringify({ role: "viewer" }),
	});
	const { path: invitation } = (await invited.json()) as { path: string };
	const page = await context.newPage();
	const problems = watchPage(page);
	for (const path of [
		"/t/acme/settings/members",
		"/t/acme/settings/tokens",
		"/t/acme/settings/sessions",
		"/t/acme/settings/audit",
		"/teams",
		invitation,
	]) {
		await page.goto(product.url + path);
		await page.waitForLoadState("networkidle");
		expect([path, await axeViolations(page), await sideways(page)]).toEqual([path, [], 0]);
		if (isTouch) expect([path, await smallTargets(page, 44)]).toEqual([path, []]);
	}
	expect(problems).toEqual([]);
});
