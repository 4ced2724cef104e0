import { checkExact } from "./exact.mjs";
import { runLoad } from "./load.mjs";
import { makeStateDirectory, removeDirectory } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";
import { referenceRequest, startReferences } from "./references.mjs";
import { median, quantile, row } from "./stats.mjs";
import { noteAnswers, webhooks } from "./webhooks.mjs";

const FLOOR_VERIFY = 0.35;
const FLOOR_INSERT = 1.5;

function references(reference, what, count) {
	// Bodies differ as GitHub's would; the plain insert also needs its delivery ids to be new.
	const bodies = webhooks({ url: reference.url, team: { webhooks: { github: { path: "/" } } } }, count);
	return bodies.map(({ body }) => referenceRequest(reference.url, what, body));
}

async function measureRound({ reference, product, size }) {
	const figures = {};
	for (const [what, count] of [
		["hello", 4 * size],
		["verify", 1.5 * size],
		["insert", 0.5 * size],
	]) {
		const requests = references(reference, what, count);
		const { perSecond, answers } = await runLoad({ url: reference.url, requests });
		const bad = answers.find(({ status }) => status < 200 || status > 299);
		if (bad) throw new Error(`reference ${what} answered ${bad.status}: ${bad.body.slice(0, 200)}`);
		figures[what] = perSecond;
	}
	if (!product) return { figures, refused: 0 };
	const sent = webhooks(product, size);
	const { perSecond, answers, latencies } = await runLoad({ url: product.url, requests: sent.map(({ bytes }) => bytes) });
	const refused = noteAnswers(product, sent, answers);
	return { figures: { ...figures, product: perSecond, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }, refused };
}

async function measureOn(kind, { manifests, rounds, size }) {
	const state = makeStateDirectory(kind);
	if (!state) return [row("G1", `${kind}: not on this machine`, "skipped")];
	const reference = await startReferences({ manifest: manifests.references, state });
	const product = manifests.product ? await startProduct({ manifest: manifests.product, state }) : null;
	try {
		// A first round warms the isolates; it is not counted.
		let { refused } = await measureRound({ reference, product, size: Math.ceil(size / 4) });
		const all = [];
		for (let n = 0; n < rounds; n++) {
			const round = await measureRound({ reference, product, size });
			refused += round.refused;
			all.push(round.figures);
			console.error(
				`G1 ${kind} round ${n + 1}: ${Object.entries(round.figures)
					.map(([what, figure]) => `${what} ${figure.toFixed(1)}`)
					.join(", ")}`,
			);
		}
		const of = (figure) => median(all.map(figure));
		const rows = ["hello", "verify", "insert"].map((what) =>
			row(
				"G1",
				`${kind}: ${what}`,
				of((f) => f[what]),
				{ unit: "/s" },
			),
		);
		if (!product) return rows;
		// Floors hold in memory, where the disk's mood is no part of the figure.
		const floor = (atLeast) => (kind === "tmpfs" ? { atLeast } : {});
		rows.push(
			row(
				"G1",
				`${kind}: product`,
				of((f) => f.product),
				{ unit: "/s" },
			),
			row(
				"G1",
				`${kind}: product p50 with 32 clients`,
				of((f) => f.p50),
				{ unit: "ms" },
			),
			row(
				"G1",
				`${kind}: product p99 with 32 clients`,
				of((f) => f.p99),
				{ unit: "ms" },
			),
			row(
				"G1",
				`${kind}: product / verify-only`,
				of((f) => f.product / f.verify),
				floor(FLOOR_VERIFY),
			),
			row(
				"G1",
				`${kind}: product / one insert each`,
				of((f) => f.product / f.insert),
				floor(FLOOR_INSERT),
			),
			await checkExact(product, `after G1 on ${kind}`, refused),
		);
		return rows;
	} finally {
		await product?.close();
		await reference.close();
		removeDirectory(state);
	}
}

/** G1: signed webhooks a second, durable and visible before the answer, beside the references in the same rounds. */
export async function g1(options) {
	return [...(await measureOn("tmpfs", options)), ...(await measureOn("disk", options))];
}
