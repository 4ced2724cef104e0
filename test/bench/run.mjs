import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { g1 } from "./g1.mjs";
import { g2 } from "./g2.mjs";
import { g3 } from "./g3.mjs";
import { g4 } from "./g4.mjs";
import { g6 } from "./g6.mjs";
import { g7 } from "./g7.mjs";
import { g8 } from "./g8.mjs";
import { makeStateDirectory, ROOT, removeDirectory } from "./miniflare.mjs";
import { bundleProduct, hasProduct } from "./product.mjs";
import { bundleReferences } from "./references.mjs";
import { table } from "./stats.mjs";

/**
 * `npm run bench [-- --only G1,G2 --quick --api-only]`: the product against references in the same runtime, in the same run. Only ratios
 * are evidence: a shared machine's own speed changes by the minute.
 */
const GOALS = { G1: g1, G2: g2, G3: g3, G4: g4, G6: g6, G7: g7, G8: g8 };

const { values } = parseArgs({
	options: { only: { type: "string" }, quick: { type: "boolean", default: false }, "api-only": { type: "boolean", default: false } },
});
const wanted = (values.only?.toUpperCase().split(",") ?? Object.keys(GOALS)).filter((goal) => {
	if (!(goal in GOALS)) console.error(`Unknown goal ${goal}; there are ${Object.keys(GOALS).join(", ")}.`);
	return goal in GOALS;
});

/** A goal that could not be measured is a missed one. */
function missed(goal, error) {
	console.error(error);
	rows.push({
		goal,
		what: `could not be measured: ${error.message.split("\n")[0].slice(0, 120)}`,
		figure: "-",
		unit: "",
		limit: "",
		holds: false,
	});
	return null;
}

const bundles = makeStateDirectory("disk");
const rows = [];
try {
	const manifests = { references: await bundleReferences(bundles), product: null };
	if (!hasProduct()) console.error("No worker/index.ts yet: only the references are measured.");
	else manifests.product = await bundleProduct(bundles, { isApiOnly: values["api-only"] }).catch((error) => missed("bundle", error));
	const options = { manifests, isQuick: values.quick, rounds: values.quick ? 3 : 5, size: values.quick ? 1000 : 4000 };
	for (const goal of wanted) {
		try {
			rows.push(...(await GOALS[goal](options)));
		} catch (error) {
			missed(goal, error);
		}
	}
} finally {
	removeDirectory(bundles);
}

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
const result = {
	at: new Date().toISOString(),
	commit,
	node: process.version,
	cpus: cpus().length,
	load: loadavg(),
	isQuick: values.quick,
	rows,
};
const directory = new URL("./results/", import.meta.url);
mkdirSync(directory, { recursive: true });
// A part of the goals, or short rounds, must not pass for a whole result.
const isWhole = !values.only && !values.quick && !values["api-only"];
writeFileSync(new URL(isWhole ? "latest.json" : "partial.local.json", directory), `${JSON.stringify(result, null, "\t")}\n`);
console.log(table(rows));
const misses = rows.filter(({ holds }) => holds === false).length;
console.log(misses === 0 ? "\nEvery limit holds." : `\n${misses} limits missed.`);
process.exit(misses === 0 && wanted.length > 0 ? 0 : 1);
