import { launchBrowser, openPage } from "./browser.mjs";
import { fillRuns } from "./fill.mjs";
import { FASTEST, withState } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";

const ROWS = 10_000;
/** More than are listed: those of the oldest day lie outside the range. */
const STORED = 10_500;
const DAY_MS = 24 * 3600_000;
/** A fast wheel: two screens in three frames. */
const STEP_PX = 480;
const FRAMES = 600;

/** Every further page of the list in one answer, so that one press appends them all: what two hundred presses would bring. */
async function answerWhole(page, first) {
	await page.route("**/pipelines/runs?*", async (route) => {
		const address = new URL(route.request().url());
		const runs = [];
		let nextCursor = address.searchParams.get("cursor");
		while (nextCursor !== null && runs.length < ROWS - first) {
			address.searchParams.set("cursor", nextCursor);
			const answer = await (await page.request.get(address.href)).json();
			runs.push(...answer.runs);
			nextCursor = answer.nextCursor;
		}
		await route.fulfill({ json: { runs, nextCursor } });
	});
}

/** Scroll on with each frame. @returns milliseconds of the page's own work in each: events, script, style, layout and paint */
function scrollFrames(page) {
	return page.evaluate(
		async ([frames, px]) => {
			const times = [];
			for (let n = 0; n < frames; n++) {
				window.scrollBy({ top: px, behavior: "instant" });
				// Scroll events are told just before the frame's own callbacks, so the work begins with the first of them.
				let began = null;
				const start = () => {
					began ??= performance.now();
				};
				window.addEventListener("scroll", start, { capture: true, once: true });
				await new Promise(requestAnimationFrame);
				start();
				await new Promise((done) => {
					const { port1, port2 } = new MessageChannel();
					port1.onmessage = done;
					port2.postMessage(null);
				});
				times.push(performance.now() - began);
			}
			return times;
		},
		[FRAMES, STEP_PX],
	);
}

/** The list of Pipelines with 10,000 runs in it, scrolled through: milliseconds between frames, and how many rows it had. */
export async function listFrames({ manifests }) {
	return await withState(FASTEST, async ({ state, open }) => {
		const product = await open(startProduct({ manifest: manifests.product, state, withAssets: true }));
		const end = Date.now();
		await fillRuns(product, { count: STORED, end });
		const page = await openPage(await open(launchBrowser()), product);
		const range = new URLSearchParams({ from: new Date(end - 89 * DAY_MS).toISOString(), to: new Date(end).toISOString() });
		await page.goto(`${product.url}/t/${product.team.slug}/pipelines?${range}`);
		await page.locator("[data-seq]", { hasText: /^Live/ }).first().waitFor({ state: "attached", timeout: 60_000 });
		await answerWhole(page, await page.locator("[data-run]").count());
		await page.getByRole("link", { name: "Load 50 more" }).click();
		const table = page.locator("table[aria-rowcount]");
		await table.waitFor({ timeout: 60_000 });
		const rows = Number(await table.getAttribute("aria-rowcount")) - 1;
		await scrollFrames(page);
		await page.evaluate(() => window.scrollTo(0, 0));
		return { rows, frames: await scrollFrames(page), drawn: await page.locator("[data-run]").count() };
	});
}
