import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";
import { bundleWorker, ROOT } from "../../scripts/local.mjs";

export { ROOT };

const COMPATIBILITY = { compatibilityDate: "2026-08-01", compatibilityFlags: ["nodejs_compat"] };

/** A directory of its own: `tmpfs` in memory where the machine has it, `disk` on the temporary directory. Null without tmpfs. */
export function makeStateDirectory(kind) {
	const base = kind === "tmpfs" ? "/dev/shm" : tmpdir();
	if (!existsSync(base)) return null;
	return mkdtempSync(join(base, "opssight-bench-"));
}

/** Remove a directory made here. */
export function removeDirectory(directory) {
	rmSync(directory, { recursive: true, force: true });
}

/**
 * Run `work` with a state directory of this kind, and put away what it opened, also when opening fails half way. `open` takes
 * the promise of something with `close()`. Null where the machine has no such directory.
 */
export async function withState(kind, work) {
	const state = makeStateDirectory(kind);
	if (!state) return null;
	const opened = [];
	const open = async (starting) => {
		const started = await starting;
		opened.push(started);
		return started;
	};
	try {
		return await work({ state, open });
	} finally {
		for (const started of opened.reverse()) await started.close();
		removeDirectory(state);
	}
}

/** `tmpfs` where the machine has it. */
export const FASTEST = existsSync("/dev/shm") ? "tmpfs" : "disk";

/** Bundle a Worker as `wrangler deploy` would, minified. @returns the manifest Miniflare 5 takes */
export async function bundle(outdir, { entry, extra = [] } = {}) {
	const own = entry ? [entry, "--config", join(ROOT, "test/bench/references/wrangler.toml")] : ["--config", "wrangler.toml"];
	return await bundleWorker(outdir, [...own, "--minify", ...extra]);
}

/**
 * Miniflare 5 with one Worker that is reached directly, past Miniflare's own entry Worker: that one alone costs more than a
 * hello. `config` is the Worker's `env`, `exports`, `assets`; `extra` are further Workers it binds to.
 */
export async function startWorker({ name, manifest, state, config = {}, extra = [] }) {
	mkdirSync(state, { recursive: true });
	const miniflare = new Miniflare({
		host: "127.0.0.1",
		port: 0,
		cf: false,
		log: new Log(LogLevel.ERROR),
		logRequests: false,
		telemetry: { enabled: false },
		resourcePersistencePath: state,
		workers: [
			{
				config: { type: "worker", name, ...COMPATIBILITY, manifest, ...config },
				dev: { rootPath: ROOT, unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
			},
			...extra,
		],
	});
	await miniflare.ready;
	const url = (await miniflare.unsafeGetDirectURL(name)).origin;
	return { miniflare, url, close: () => miniflare.dispose() };
}

/** A Worker of a line, for bindings that must exist but answer nothing. */
export function stubWorker(name, source) {
	const manifest = { mainModule: "stub.js", modulesRoot: ROOT, modules: { "stub.js": { type: "esm", contents: source } } };
	return { config: { type: "worker", name, ...COMPATIBILITY, manifest } };
}
