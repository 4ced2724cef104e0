import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readWorkerConfig, runTool } from "../../scripts/local.mjs";
import { bundle, ROOT, startWorker, stubWorker } from "./miniflare.mjs";
import { setUpTeams } from "./setup.mjs";

/** Whether there is a product to measure yet. */
export function hasProduct() {
	return existsSync(join(ROOT, "worker/index.ts"));
}

/**
 * Build the pages where they are missing, and bundle the Worker as it is deployed; `isApiOnly` puts an empty stand-in where
 * the pages' build would be, so that the API can be measured without it.
 */
export async function bundleProduct(outdir, { isApiOnly = false } = {}) {
	// The stand-in's own folder serves where there is no build/client: wrangler wants one, and nothing asks for its files.
	const extra = ["--alias", "#remix-build:./test/bench/references/no-pages.mjs", "--assets", "test/bench/references"];
	if (isApiOnly) return await bundle(join(outdir, "product"), { extra });
	if (!existsSync(join(ROOT, "build/server"))) await runTool("remix", ["vite:build"]);
	return await bundle(join(outdir, "product"));
}

async function applyMigrations(db) {
	const directory = join(ROOT, "migrations");
	for (const file of readdirSync(directory)
		.filter((name) => name.endsWith(".sql"))
		.sort()) {
		for (const statement of readFileSync(join(directory, file), "utf8").split("--> statement-breakpoint")) {
			if (statement.trim()) await db.prepare(statement.trim()).run();
		}
	}
}

/**
 * Start the product on a state directory with two teams and no demo. `withAssets` also serves the pages' files, through the
 * same router that stands before a deployed Worker; loads leave it out, as the references have none.
 */
export async function startProduct({ manifest, state, withAssets = false }) {
	const { name, ...config } = readWorkerConfig({ withAssets });
	if (!withAssets) config.env.ASSETS = { type: "worker", workerName: "no-assets" };
	const extra = withAssets ? [] : [stubWorker("no-assets", 'export default { fetch: () => new Response("", { status: 404 }) }')];
	const started = await startWorker({ name, manifest, state: join(state, "product"), config, extra });
	try {
		const db = await started.miniflare.getD1Database("DB", name);
		await applyMigrations(db);
		const { teams } = await setUpTeams(started.url);
		const product = { ...started, db, team: teams.a, accepted: new Set(), before: new Set() };
		product.before = await readRunIds(product);
		return product;
	} catch (error) {
		await started.close();
		throw error;
	}
}

/** The ids of all runs of the measured team. */
export async function readRunIds({ db, team }) {
	const { results } = await db.prepare("SELECT id FROM runs WHERE team_id = ?1").bind(team.id).all();
	return new Set(results.map((row) => row.id));
}
