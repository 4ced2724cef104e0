import { build } from "vite";
import { groupingsFor, lengthOf, RANGES } from "../../app/format/view.ts";
import { resolveRange } from "../../worker/domains/runs/range.ts";
import { launchBrowser } from "./browser.mjs";
import { listFrames } from "./list.mjs";
import { ROOT } from "./miniflare.mjs";
import { median, quantile, row } from "./stats.mjs";

const POINTS = 100_000;
/** A frame at 60 per second. */
const FRAME_MS = 16.7;
/** The page's own work in a frame. The time between frames is the machine's to say: without a graphics card it can't keep 60. */
const FRAME = { atMost: FRAME_MS, unit: "ms" };
/** The plot of the overview's chart in a window of 320 px, the narrowest there is: insets and the page's edges taken off. */
const NARROWEST_PLOT_PX = 320 - 2 * 16 - 2 * 14 - 52;
const DAY_MS = 24 * 3600_000;

/** Both charts as one script and its styles, made as the pages are. */
async function bundlePage() {
	const { output } = [
		await build({
			configFile: false,
			root: ROOT,
			logLevel: "error",
			build: { write: false, minify: true, lib: { entry: "test/bench/charts/page.mjs", formats: ["iife"], name: "bench" } },
		}),
	].flat()[0];
	const text = (end) =>
		output
			.filter(({ fileName }) => fileName.endsWith(end))
			.map(({ code, source }) => code ?? source)
			.join("\n");
	return `<!doctype html><style>${text(".css")} div { width: 1200px; height: 300px }</style><body><script>${text(".js")}</script>`;
}

/** The most points per pixel that any view of the overview has in the narrowest window. */
function pointsPerPixel() {
	const now = Date.UTC(2026, 10, 20, 3, 14);
	const custom = [1, 8, 31, 400].map((days) => ({ from: now - days * DAY_MS, to: now, label: "Custom" }));
	const counts = [...RANGES, ...custom].flatMap((range) =>
		groupingsFor(range).map((groupBy) => {
			const resolved = resolveRange({ from: now - lengthOf(range), to: now, groupBy, now });
			if ("fields" in resolved) throw new Error(Object.values(resolved.fields)[0]);
			return resolved.bucketStarts.length;
		}),
	);
	return Math.max(...counts) / NARROWEST_PLOT_PX;
}

/** G7: the product's charts and its longest list; the chart beside a tuned Chart.js in the same page of the same browser, by turns. */
export async function g7({ rounds, manifests }) {
	const rows = await chartRows(rounds);
	if (!manifests.product) return rows;
	const { frames, rows: listed, drawn } = await listFrames({ manifests });
	console.error(`G7: ${listed} runs listed, ${drawn} of them drawn`);
	return [...rows, row("G7", `table of ${listed.toLocaleString("en")} runs: p95 frame`, quantile(frames, 0.95), FRAME)];
}

async function chartRows(rounds) {
	const browser = await launchBrowser();
	try {
		const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
		await page.setContent(await bundlePage());
		const measure = (name, points, times) => page.evaluate(([...asked]) => window.measureUpdates(...asked), [name, points, times]);
		const product = [];
		const chartJs = [];
		const decimated = [];
		// By turns, so that what else the machine does meets both.
		for (let n = 0; n < rounds; n++) {
			product.push(...(await measure("product", POINTS, 8)));
			chartJs.push(...(await measure("chartjs", POINTS, 8)));
			decimated.push(...(await measure("decimated", POINTS, 8)));
		}
		const updates = await measure("product", 2000, 120);
		const frames = await page.evaluate(() => window.measureFrames("product", 2000, 300));
		return [
			row("G7", "chart of 100,000 points: update", median(product), { atMost: FRAME_MS, unit: "ms" }),
			row("G7", "the same in tuned Chart.js", median(chartJs), { unit: "ms" }),
			row("G7", "the same with its decimation plugin", median(decimated), { unit: "ms" }),
			row("G7", "ratio to tuned Chart.js", median(product) / median(chartJs), { atMost: 0.25 }),
			row("G7", "chart of 2,000 points: update, 95 of 100", quantile(updates, 0.95), { atMost: FRAME_MS, unit: "ms" }),
			row("G7", "chart of 2,000 points: p95 frame", quantile(frames, 0.95), FRAME),
			row("G7", "points the server sends per pixel, at most", pointsPerPixel(), { atMost: 2 }),
		];
	} finally {
		await browser.close();
	}
}
