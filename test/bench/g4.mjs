import { gzipSync } from "node:zlib";
import { launchBrowser, openPage } from "./browser.mjs";
import { fillRuns } from "./fill.mjs";
import { FASTEST, withState } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";
import { row } from "./stats.mjs";

const SMALL = 1_000;
const BIG = 100_000;
const OVERVIEW_KB = 140;
const OTHER_KB = 160;
/** The file that draws, by the name its module gives it. */
const CHART_CODE = /\/chart-canvas-[^/]*\.js$/;

/** A page that is up loads late what it may need next: charts three seconds after. */
const SETTLED_MS = 5000;

/** The pages of a team by name; `run` is the newest run's id. */
const pagesOf = (run) => ({
	Overview: "overview",
	Pipelines: "pipelines",
	Run: `runs/${encodeURIComponent(run)}`,
	Integrations: "settings/integrations",
	"Add integration": "settings/integrations/new",
	Appearance: "settings/appearance",
});

/**
 * Everything a page loads in a browser that has seen nothing yet. @returns its scripts, gzipped: `first` until its network is idle,
 * `all` once it has settled
 */
async function firstLoad(browser, product, path) {
	const page = await openPage(browser, product);
	try {
		const scripts = [];
		page.on("response", (response) => {
			if (response.request().resourceType() === "script" || /javascript/.test(response.headers()["content-type"] ?? ""))
				scripts.push(response.body().then((body) => ({ url: response.url(), bytes: gzipSync(body).length })));
		});
		// 200, or a page that failed would pass for a light one.
		const answer = await page.goto(`${product.url}/t/${product.team.slug}/${path}`, { waitUntil: "networkidle" });
		if (answer.status() !== 200) throw new Error(`GET ${path} answered ${answer.status()}`);
		const count = scripts.length;
		await page.waitForTimeout(SETTLED_MS);
		const all = await Promise.all(scripts);
		return { first: all.slice(0, count), all };
	} finally {
		await page.context().close();
	}
}

function kbOf(scripts) {
	return scripts.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
}

/** The document of an overview whose lists and charts are full over either store. */
async function documentBytes({ url, team }) {
	const answer = await fetch(`${url}/t/${team.slug}/overview?from=now-30d`, { headers: { cookie: team.sessions.viewer } });
	if (answer.status !== 200) throw new Error(`the overview answered ${answer.status}`);
	return (await answer.arrayBuffer()).byteLength;
}

/** G4: what a first visit of each page loads, and that what is stored does not make a page heavier. */
export async function g4({ manifests }) {
	if (!manifests.product) return [];
	return await withState(FASTEST, async ({ state, open }) => {
		const products = {};
		for (const count of [SMALL, BIG]) {
			products[count] = await open(startProduct({ manifest: manifests.product, state: `${state}/${count}`, withAssets: true }));
			await fillRuns(products[count], { count, end: Date.now() });
		}
		const product = products[SMALL];
		const run = await product.db.prepare("SELECT id FROM runs WHERE team_id = ?1 LIMIT 1").bind(product.team.id).first("id");
		const browser = await open(launchBrowser());
		const rows = [];
		for (const [name, path] of Object.entries(pagesOf(run))) {
			const { first, all } = await firstLoad(browser, product, path);
			const charts = all.filter(({ url }) => CHART_CODE.test(url)).length;
			const isOverview = name === "Overview";
			const atMost = isOverview ? OVERVIEW_KB : OTHER_KB;
			rows.push(row("G4", `${name}: scripts of a first visit, gzip`, kbOf(first), { atMost, unit: "KB" }));
			rows.push(row("G4", `${name}: with what comes late`, kbOf(all), { unit: "KB" }));
			rows.push(row("G4", `${name}: files that draw charts`, charts, isOverview ? { atLeast: 1 } : { atMost: 0 }));
		}
		const [small, big] = [await documentBytes(product), await documentBytes(products[BIG])];
		const runs = (count) => `${count.toLocaleString("en")} runs`;
		return [
			...rows,
			row("G4", `Overview over ${runs(SMALL)}: document`, small / 1000, { unit: "KB" }),
			row("G4", `Overview over ${runs(BIG)}: document, ratio`, big / small, { atMost: 1.2 }),
		];
	});
}
