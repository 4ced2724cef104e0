import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Product, RecordedRun, Role, Team } from "./product.ts";

const ARGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

/** The browser of this machine. */
export function launch(): Promise<Browser> {
	return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

type Visit = { viewport?: { width: number; height: number }; theme?: "dark" | "light"; as?: { team: Team; role: Role }; isTouch?: boolean };

/** A window of its own: someone signed in, a size, a theme, a mouse or fingers. */
export async function openWindow(browser: Browser, { viewport = DESKTOP, theme, as, isTouch = false }: Visit): Promise<BrowserContext> {
	const context = await browser.newContext({ viewport, reducedMotion: "reduce", hasTouch: isTouch, isMobile: isTouch });
	const at = { domain: "127.0.0.1", path: "/", httpOnly: true, sameSite: "Lax" as const };
	if (as) {
		const [name = "", value = ""] = as.team.sessions[as.role].split("=");
		await context.addCookies([{ ...at, name, value, secure: true }]);
	}
	if (theme) await context.addCookies([{ ...at, name: "theme", value: theme, secure: false }]);
	return context;
}

/** Everything a page should not do: speak up in the console, fail a request, break its policy, open a dialog. */
export function watchPage(page: Page, problems: string[] = []): string[] {
	page.on("console", (message) => {
		if (["error", "warning"].includes(message.type())) problems.push(`console ${message.type()}: ${message.text()}`);
	});
	page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
	page.on("requestfailed", (request) => {
		const reason = request.failure()?.errorText;
		// What a page had asked for when it was left is nobody's failure.
		if (reason !== "net::ERR_ABORTED") problems.push(`failed: ${request.url()} ${reason}`);
	});
	page.on("response", (response) => {
		if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
		const type = response.headers()["content-type"] ?? "";
		if (type.includes("x-script")) problems.push(`${type}: ${response.url()}`);
	});
	page.on("dialog", (dialog) => {
		problems.push(`dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
	return problems;
}

/** An overview as the tests speak of it. */
export type OverviewWindow = {
	page: Page;
	context: BrowserContext;
	/** The number of the newest commit the page has folded. */
	seq: () => Promise<number>;
	total: () => Promise<number>;
	untilTotal: (total: number, ms: number) => Promise<void>;
	untilSeqAfter: (seq: number, ms: number) => Promise<void>;
	/** Wait until the connection stands as these words of the live chip say. */
	untilChip: (words: RegExp, ms: number) => Promise<void>;
	banner: (words: RegExp) => ReturnType<Page["getByText"]>;
	/** The rows of a recorded run, after pressing "n new runs" where it is there. */
	rowsOf: (run: RecordedRun) => Promise<ReturnType<Page["locator"]>>;
	/** Whether this is still the document that was opened. */
	isSameDocument: () => Promise<boolean>;
	close: () => Promise<void>;
};

/** Open a team's overview, live. `prepare` runs before the page is asked for. */
export async function openOverview(
	browser: Browser,
	{ product, prepare, isLive = true, ...visit }: Visit & { product: Product; prepare?: (page: Page) => Promise<void>; isLive?: boolean },
): Promise<OverviewWindow> {
	const as = visit.as ?? { team: product.teams.a, role: "viewer" };
	const context = await openWindow(browser, { ...visit, as });
	const page = await context.newPage();
	await prepare?.(page);
	await page.goto(`${product.url}/t/${as.team.slug}/overview`);
	await page.evaluate(() => Object.assign(window, { openedOnce: true }));

	const chip = page.locator("[data-seq]");
	const figure = page.getByRole("region", { name: "Key figures" }).locator("div").filter({ hasText: "Total runs" });
	const overview: OverviewWindow = {
		page,
		context,
		seq: async () => Number(await chip.getAttribute("data-seq")),
		total: async () => Number((await figure.locator("p").first().innerText()).replaceAll(",", "")),
		untilTotal: async (total, ms) => {
			await figure.locator("p").first().getByText(String(total), { exact: true }).waitFor({ timeout: ms });
		},
		untilSeqAfter: async (seq, ms) => {
			const isPast = (past: number) => Number(document.querySelector<HTMLElement>("[data-seq]")?.dataset.seq) > past;
			await page.waitForFunction(isPast, seq, { timeout: ms });
		},
		untilChip: async (words, ms) => {
			await chip.filter({ hasText: words }).waitFor({ timeout: ms });
		},
		banner: (words) => page.getByText(words).filter({ visible: true }),
		rowsOf: async (run) => {
			const rows = page.locator(`tr[data-run$="-${run.number}"]`);
			const pill = page.getByRole("button", { name: /new runs?$/ });
			await rows.or(pill).first().waitFor({ timeout: 5000 });
			if (await pill.isVisible()) await pill.click();
			await rows.first().waitFor({ timeout: 2000 });
			return rows;
		},
		isSameDocument: () => page.evaluate(() => "openedOnce" in window),
		close: () => context.close(),
	};
	if (isLive) await overview.untilChip(/^Live/, 15_000);
	return overview;
}
