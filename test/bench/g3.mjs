import { hasBrowser, launchBrowser, openPage } from "./browser.mjs";
import { checkExact } from "./exact.mjs";
import { runPaced } from "./load.mjs";
import { FASTEST, withState } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";
import { quantile, row } from "./stats.mjs";
import { noteAnswers, webhooks } from "./webhooks.mjs";

const COALESCING_MS = 50;
const CHIP = "[data-seq]";

async function openOverview(browser, product) {
	const page = await openPage(browser, product);
	await page.goto(`${product.url}/t/${product.team.slug}/overview`);
	await page.waitForSelector(CHIP, { state: "attached", timeout: 15_000 });
	await page.evaluate((chip) => {
		const seen = [];
		window.seenSeqs = seen;
		const look = () => {
			const seq = Number(document.querySelector(chip)?.getAttribute("data-seq"));
			if (seq !== seen.at(-1)?.[0]) seen.push([seq, performance.timeOrigin + performance.now()]);
		};
		new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-seq"] });
	}, CHIP);
	// Let the socket say hello before anything is measured.
	await page.waitForTimeout(1500);
	return page;
}

/** How far the page's clock is ahead of ours, ms: the answer with the shortest way there and back. */
async function clockOffset(page) {
	let best = { way: Number.POSITIVE_INFINITY, offset: 0 };
	for (let n = 0; n < 30; n++) {
		const before = performance.timeOrigin + performance.now();
		const there = await page.evaluate(() => performance.timeOrigin + performance.now());
		const after = performance.timeOrigin + performance.now();
		if (after - before < best.way) best = { way: after - before, offset: there - (before + after) / 2 };
	}
	return best;
}

/** Commit numbers of deliveries: what `data-seq` must reach for a webhook to be on the screen. */
async function commitsOf({ db, team }, sent) {
	const ids = JSON.stringify(sent.map(({ deliveryId }) => deliveryId));
	const sql =
		"SELECT delivery_id, commit_no FROM deliveries WHERE team_id = ?1 AND source = 'github' AND delivery_id IN (SELECT value FROM json_each(?2))";
	const { results } = await db.prepare(sql).bind(team.id, ids).all();
	return new Map(results.map((row) => [row.delivery_id, row.commit_no]));
}

async function measureAt(product, page, { perSecond, seconds }) {
	const sent = webhooks(product, perSecond * seconds);
	const { offset, way } = await clockOffset(page);
	await page.evaluate(() => window.seenSeqs.splice(0));
	const results = await runPaced({ url: product.url, requests: sent.map(({ bytes }) => bytes), perSecond });
	await page.waitForTimeout(1000);
	const refused = noteAnswers(product, sent, results);
	const commits = await commitsOf(product, sent);
	const seen = await page.evaluate(() => window.seenSeqs);
	const latencies = [];
	let unseen = 0;
	for (const [n, { sentAt }] of results.entries()) {
		const commit = commits.get(sent[n].deliveryId);
		const frame = seen.find(([seq]) => commit !== undefined && seq >= commit);
		if (frame) latencies.push(frame[1] - offset - sentAt);
		else unseen++;
	}
	console.error(
		`G3 ${perSecond}/s: ${seen.length} changes, ${unseen} unseen, page clock ${offset.toFixed(2)} ms ahead (+-${(way / 2).toFixed(2)})`,
	);
	return { latencies, unseen, refused };
}

function rowsOf({ perSecond, latencies, unseen, p50, p99 }) {
	const at = `webhook -> DOM at ${perSecond}/s`;
	return [
		row("G3", `${at}: p50`, quantile(latencies, 0.5), { atMost: p50, unit: "ms" }),
		row("G3", `${at}: p99`, quantile(latencies, 0.99), { atMost: p99, unit: "ms" }),
		row("G3", `${at}: never on the screen`, unseen, { atMost: 0 }),
	];
}

/** G3: from sending a signed webhook until the open Overview's live chip has its commit. */
export async function g3({ manifests, isQuick }) {
	if (!manifests.product) return [];
	if (!hasBrowser("G3")) return [row("G3", "webhook -> DOM: no Chromium on this machine", "skipped")];
	return await withState(FASTEST, async ({ state, open }) => {
		const product = await open(startProduct({ manifest: manifests.product, state, withAssets: true }));
		const browser = await open(launchBrowser());
		const page = await openOverview(browser, product);
		// Warm, so that a first commit's costs are not in the first figure.
		let { refused } = await measureAt(product, page, { perSecond: 20, seconds: 2 });
		const calm = await measureAt(product, page, { perSecond: 20, seconds: isQuick ? 5 : 20 });
		const busy = await measureAt(product, page, { perSecond: 150, seconds: isQuick ? 5 : 20 });
		refused += calm.refused + busy.refused;
		return [
			...rowsOf({ perSecond: 20, ...calm, p50: 10, p99: 50 }),
			...rowsOf({ perSecond: 150, ...busy, p99: 50 + COALESCING_MS }),
			await checkExact(product, "after G3", refused),
		];
	});
}
