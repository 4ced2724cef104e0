import { checkExact } from "./exact.mjs";
import { runLoad } from "./load.mjs";
import { FASTEST, withState } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";
import { row } from "./stats.mjs";
import { nextRunId, noteAnswers, webhook, webhooks } from "./webhooks.mjs";

const COPIES = 8;

function shuffle(items) {
	for (let n = items.length - 1; n > 0; n--) {
		const other = Math.floor(Math.random() * (n + 1));
		[items[n], items[other]] = [items[other], items[n]];
	}
	return items;
}

/** Runs told in one to three deliveries, in any order, and a tenth of all deliveries twice. */
function mixedLoad(product, count) {
	const { url, team } = product;
	const sent = [];
	for (let n = 0; n < count; n++) {
		const phases = n % 3 === 0 ? ["requested", "in_progress", "completed"] : ["completed"];
		const runId = nextRunId();
		for (const phase of phases) sent.push(webhook({ url, path: team.webhooks.github.path, runId, phase }));
	}
	return shuffle([...sent, ...sent.filter((_, n) => n % 10 === 0)]);
}

/** The same deliveries several times at the same moment: each must be accepted once and be a duplicate otherwise. */
async function concurrentDuplicates(product, count) {
	const originals = webhooks(product, count);
	const sent = originals.flatMap((one) => Array.from({ length: COPIES }, () => one));
	const { answers } = await runLoad({ url: product.url, requests: sent.map(({ bytes }) => bytes) });
	const refused = noteAnswers(product, sent, answers);
	const results = new Map();
	for (const [n, { body }] of answers.entries()) {
		const result = /"result":\s*"(\w+)"/.exec(body)?.[1] ?? "none";
		const tally = results.get(sent[n].deliveryId) ?? {};
		results.set(sent[n].deliveryId, { ...tally, [result]: (tally[result] ?? 0) + 1 });
	}
	const wrong = [...results.values()].filter(({ accepted, duplicate }) => accepted !== 1 || duplicate !== COPIES - 1).length;
	return { refused, wrong };
}

/** G6: nothing lost and nothing counted twice, with duplicates, late and early news, and the same delivery at the same moment. */
export async function g6({ manifests, size }) {
	if (!manifests.product) return [];
	return await withState(FASTEST, async ({ state, open }) => {
		const product = await open(startProduct({ manifest: manifests.product, state }));
		const sent = mixedLoad(product, size);
		const { answers } = await runLoad({ url: product.url, requests: sent.map(({ bytes }) => bytes) });
		const rows = [await checkExact(product, "any order, 10 % duplicates", noteAnswers(product, sent, answers))];
		const { refused, wrong } = await concurrentDuplicates(product, Math.ceil(size / 20));
		rows.push(row("G6", `${COPIES} equal deliveries at once: not exactly one accepted`, wrong, { atMost: 0 }));
		rows.push(await checkExact(product, "after concurrent duplicates", refused));
		const unfinished = product.db.prepare(
			"SELECT count(*) AS n FROM runs WHERE team_id = ?1 AND external_id >= '9000000000' AND status <> 'success'",
		);
		rows.push(row("G6", "runs that a late 'in progress' reopened", await unfinished.bind(product.team.id).first("n"), { atMost: 0 }));
		return rows;
	});
}
