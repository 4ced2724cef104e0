// The Worker in Miniflare, without `wrangler dev`: its proxy ends the whole server when one connection breaks, and is slow.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unstable_readConfig } from "wrangler";

const execute = promisify(execFile);

export const ROOT = fileURLToPath(new URL("../", import.meta.url));
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
const MODULE_TYPES = { ".js": "esm", ".mjs": "esm", ".wasm": "wasm", ".bin": "data", ".txt": "text", ".html": "text" };

/** Run one of the project's tools to its end. @throws with what it said, when it failed */
export async function runTool(command, args, env = {}) {
	const options = { cwd: ROOT, env: { ...process.env, ...QUIET, ...env }, maxBuffer: 64 << 20, shell: process.platform === "win32" };
	await execute(command, args, options).catch((error) => {
		throw new Error(`${command} ${args[0]} failed:\n${error.stdout ?? ""}\n${error.stderr || error.message}`);
	});
}

/** Bundle a Worker as `wrangler deploy` would, without deploying it. @returns the manifest Miniflare 5 takes */
export async function bundleWorker(outdir, args) {
	await runTool("wrangler", ["deploy", ...args, "--dry-run", "--outdir", outdir]);
	const modules = {};
	for (const name of readdirSync(outdir, { recursive: true })) {
		const type = MODULE_TYPES[extname(name)];
		if (!type) continue; // source maps and wrangler's README
		const contents = readFileSync(join(outdir, name), type === "wasm" || type === "data" ? null : "utf8");
		modules[name] = { type, contents };
	}
	const mainModule = Object.keys(modules).find((name) => modules[name].type === "esm" && !name.includes("/"));
	return { mainModule, modulesRoot: outdir, modules };
}

/** wrangler.toml's name, compatibility and bindings in Miniflare 5's words. Its own documentation is of the versions before. `settings` come on top. */
export function readWorkerConfig({ withAssets = true, settings = {} } = {}) {
	const toml = unstable_readConfig({ config: join(ROOT, "wrangler.toml") });
	const env = {};
	const exports = {};
	for (const { binding, database_id } of toml.d1_databases) env[binding] = { type: "d1", id: database_id };
	for (const { binding, bucket_name } of toml.r2_buckets) env[binding] = { type: "r2", name: bucket_name };
	for (const { binding, queue } of toml.queues.producers ?? []) env[binding] = { type: "queue", name: queue };
	for (const [name, value] of Object.entries({ ...toml.vars, ...settings })) env[name] = { type: "text", value: String(value) };
	for (const { name, class_name } of toml.durable_objects.bindings) {
		env[name] = { type: "durable-object", workerName: toml.name, exportName: class_name };
		exports[class_name] = { type: "durable-object", storage: "sqlite" };
	}
	const triggers = (toml.queues.consumers ?? []).map(({ queue }) => ({ type: "queue", name: queue }));
	const own = {
		type: "worker",
		name: toml.name,
		compatibilityDate: toml.compatibility_date,
		compatibilityFlags: toml.compatibility_flags,
		...{ env, exports, triggers },
	};
	if (!withAssets) return own;
	const { directory, binding, run_worker_first } = toml.assets;
	env[binding] = { type: "assets" };
	const assets = { directory: join(ROOT, directory), hasUserWorker: true, runWorkerFirst: run_worker_first };
	return { ...own, assets };
}
