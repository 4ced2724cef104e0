import { fillRuns } from "./fill.mjs";
import { requestBytes, runLoad } from "./load.mjs";
import { FASTEST, withState } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";
import { startReferences } from "./references.mjs";
import { median, quantile, row } from "./stats.mjs";

const DAY_MS = 24 * 3600_000;
const SMALL = 10_000;

/** A dashboard's question: 90 whole days by day. */
function metricsRequest({ url, team }, end) {
	const path = `/api/metrics?from=${new Date(end - 90 * DAY_MS).toISOString()}&to=${new Date(end).toISOString()}&group_by=day`;
	return requestBytes({ url, path, headers: { authorization: `Bearer ${team.tokens.viewer}`, accept: "application/json" } });
}

async function p50Of(url, bytes, count) {
	// One client: what one person waits, not what a queue of them does.
	const { answers, latencies } = await runLoad({ url, requests: Array.from({ length: count }, () => bytes), clients: 1 });
	const bad = answers.find(({ status }) => status !== 200);
	if (bad) throw new Error(`answered ${bad.status}: ${bad.body.slice(0, 200)}`);
	return { p50: quantile(latencies, 0.5), answer: answers[0].body };
}

/** G2: what the metrics of 90 days cost over 10⁴ and over 10⁶ stored runs, in turns, and beside a hello. */
export async function g2({ manifests, rounds, size, big = 1_000_000 }) {
	if (!manifests.product) return [];
	return await withState(FASTEST, async ({ state, open }) => {
		const reference = await open(startReferences({ manifest: manifests.references, state }));
		const opened = [];
		const end = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
		for (const count of [SMALL, big]) {
			const product = await open(startProduct({ manifest: manifests.product, state: `${state}/${count}` }));
			opened.push(product);
			const began = performance.now();
			await fillRuns(product, { count, end });
			console.error(`G2 filled ${count} runs in ${((performance.now() - began) / 1000).toFixed(1)} s`);
			const { answer } = await p50Of(product.url, metricsRequest(product, end), 20);
			const { summary } = JSON.parse(answer);
			const total = summary.total_runs - product.before.size;
			if (total !== count) throw new Error(`GET /api/metrics counts ${total} of ${count} filled runs`);
		}
		const all = [];
		for (let n = 0; n < rounds; n++) {
			const count = Math.ceil(size / 20);
			const hello = await p50Of(reference.url, requestBytes({ url: reference.url, path: "/hello" }), count * 4);
			const figures = { hello: hello.p50 };
			for (const [k, name] of ["small", "large"].entries())
				figures[name] = (await p50Of(opened[k].url, metricsRequest(opened[k], end), count)).p50;
			console.error(
				`G2 round ${n + 1}: hello ${figures.hello.toFixed(3)} ms, 10^4 ${figures.small.toFixed(2)} ms, large ${figures.large.toFixed(2)} ms`,
			);
			all.push(figures);
		}
		const of = (figure) => median(all.map(figure));
		return [
			row(
				"G2",
				"hello p50, one client",
				of((f) => f.hello),
				{ unit: "ms" },
			),
			row(
				"G2",
				`metrics p50 over ${SMALL} runs`,
				of((f) => f.small),
				{ unit: "ms" },
			),
			row(
				"G2",
				`metrics p50 over ${big} runs`,
				of((f) => f.large),
				{ unit: "ms" },
			),
			row(
				"G2",
				`p50 over ${big} / over ${SMALL}`,
				of((f) => f.large / f.small),
				{ atMost: 1.5 },
			),
			row(
				"G2",
				`p50 over ${big} / hello`,
				of((f) => f.large / f.hello),
				{ atMost: 30 },
			),
		];
	});
}
