import { checkExact } from "./exact.mjs";
import { runLoad } from "./load.mjs";
import { withState } from "./miniflare.mjs";
import { startProduct } from "./product.mjs";
import { referenceRequest, startReferences } from "./references.mjs";
import { median, quantile, row } from "./stats.mjs";
import { noteAnswers, webhooks } from "./webhooks.mjs";

/** Senders at once: a busy organisation. References and product get the same. */
const CLIENTS = 64;
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
		const { perSecond, answers } = await runLoad({ url: reference.url, requests, clients: CLIENTS });
		const bad = answers.filter(({ status }) => status < 200 || status > 299);
		// One broken connection is the machine's mood; more would make the reference look slow, or fast.
		if (bad.length > 2)
			throw new Error(`reference ${what}: ${bad.length} of ${count} failed, first ${bad[0].status}: ${bad[0].body.slice(0, 200)}`);
		figures[what] = perSecond;
	}
	if (!product) return { figures, refused: 0 };
	const sent = webhooks(product, size);
	const { perSecond, answers, latencies } = await runLoad({ url: product.url, requests: sent.map(({ bytes }) => bytes), clients: CLIENTS });
	const refused = noteAnswers(product, sent, answers);
	return { figures: { ...figures, product: perSecond, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }, refused };
}

function rowsOf(kind, all) {
	const figure = (what, of, options) => row("G1", `${kind}: ${what}`, median(all.map(of)), options);
	const rows = ["hello", "verify", "insert"].map((what) => figure(what, (f) => f[what], { unit: "/s" }));
	if (all[0].product === undefined) return rows;
	// Floors hold in memory, where the disk's mood is no part of the figure.
	const floor = (atLeast) => (kind === "tmpfs" ? { atLeast } : {});
	return [
		...rows,
		figure("product", (f) => f.product, { unit: "/s" }),
		figure(`product p50 with ${CLIENTS} clients`, (f) => f.p50, { unit: "ms" }),
		figure(`product p99 with ${CLIENTS} clients`, (f) => f.p99, { unit: "ms" }),
		figure("product / verify-only", (f) => f.product / f.verify, floor(FLOOR_VERIFY)),
		figure("product / one insert each", (f) => f.product / f.insert, floor(FLOOR_INSERT)),
	];
}

async function measureOn(kind, { manifests, rounds, size }) {
	const rows = await withState(kind, async ({ state, open }) => {
		const reference = await open(startReferences({ manifest: manifests.references, state }));
		const product = manifests.product ? await open(startProduct({ manifest: manifests.product, state })) : null;
		// Two rounds warm the isolates, their compilers above all; they are not counted.
		let refused = 0;
		for (let n = 0; n < 2; n++) refused += (await measureRound({ reference, product, size })).refused;
		const all = [];
		for (let n = 0; n < rounds; n++) {
			const round = await measureRound({ reference, product, size });
			refused += round.refused;
			all.push(round.figures);
			const told = Object.entries(round.figures).map(([what, figure]) => `${what} ${figure.toFixed(1)}`);
			console.error(`G1 ${kind} round ${n + 1}: ${told.join(", ")}`);
		}
		if (!product) return rowsOf(kind, all);
		const grouped = await product.db.prepare("SELECT avg(size) AS n FROM commits").first("n");
		const exact = await checkExact(product, `after G1 on ${kind}`, refused);
		return [...rowsOf(kind, all), row("G1", `${kind}: deliveries in a commit, mean`, grouped), exact];
	});
	return rows ?? [row("G1", `${kind}: not on this machine`, "skipped")];
}

/** G1: signed webhooks a second, durable and visible before the answer, beside the references in the same rounds. */
export async function g1(options) {
	return [...(await measureOn("tmpfs", options)), ...(await measureOn("disk", options))];
}
