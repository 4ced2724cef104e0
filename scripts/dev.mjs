#!/usr/bin/env node
// `npm run dev`: the whole product on one loopback port, with demo data. Options: --port, --state, --principals, --demo off, --github-double.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { Log, LogLevel, Miniflare } from "miniflare";
import { seedDemo } from "./demo.mjs";
import { bundleWorker, ROOT, readWorkerConfig, runTool } from "./local.mjs";
import { makePrincipals } from "./principals.mjs";
import { startTrickle } from "./trickle.mjs";
import { arePagesStale, watchSources } from "./watch.mjs";

process.chdir(ROOT);
const { values: options } = parseArgs({
	options: {
		port: { type: "string", default: "8787" },
		state: { type: "string", default: ".state" },
		principals: { type: "string" },
		demo: { type: "string", default: "on" },
		"github-double": { type: "boolean", default: false },
	},
});
const port = Number(options.port);
const state = resolve(options.state);
const baseUrl = `http://127.0.0.1:${port}`;
const pidFile = `${state}/dev.pid`;

function fail(error) {
	console.error(`opssight: ${error.message ?? error}`);
	process.exit(1);
}

function isPortFree() {
	return new Promise((done) => {
		const server = createServer();
		server.once("error", () => done(false));
		server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
	});
}

/** After a SIGKILL of this process alone, workerd keeps the port and answers on: end what an earlier start left behind. */
async function endOrphan() {
	if (existsSync(pidFile)) {
		for (const pid of readFileSync(pidFile, "utf8").split("\n").filter(Boolean).map(Number)) {
			try {
				const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
				if (/workerd|dev\.mjs|demo-cluster/.test(command)) process.kill(pid, "SIGKILL");
			} catch {
				// Gone already, or no /proc on this system.
			}
		}
		rmSync(pidFile, { force: true });
	}
	for (let n = 0; n < 20; n++) {
		if (await isPortFree()) return;
		await new Promise((done) => setTimeout(done, 100));
	}
	fail(`port ${port} is taken by another program. Choose one with \`npm run dev -- --port 8788\`.`);
}

/** This process and everything it started, so that the next start can end them. */
function notePids() {
	const pids = new Set([process.pid]);
	const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
	const pairs = (stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
	for (let grown = true; grown; ) {
		grown = false;
		for (const [pid, parent] of pairs) {
			if (pids.has(parent) && !pids.has(pid)) grown = Boolean(pids.add(pid));
		}
	}
	writeFileSync(pidFile, [...pids].join("\n"));
}

const buildPages = (env) => runTool("remix", ["vite:build"], env);

/** Settings of one's own machine, and of the double of GitHub where one is asked for. */
async function readSettings() {
	const own = existsSync(".dev.vars") ? parseEnv(readFileSync(".dev.vars", "utf8")) : {};
	if (!options["github-double"]) return own;
	const { settingsFor, startGitHubDouble } = await import("../test/support/github-double.mjs");
	const { url } = await startGitHubDouble();
	console.log(`opssight: a double of GitHub answers at ${url}`);
	return { ...own, ...settingsFor(url) };
}

/** Miniflare's options for what worker/ and the pages' build are at this moment. */
async function readOptions() {
	const manifest = await bundleWorker(join(state, "bundle"), ["--config", "wrangler.toml"]);
	return {
		host: "127.0.0.1",
		port,
		cf: false,
		log: new Log(LogLevel.WARN),
		logRequests: false,
		telemetry: { enabled: false },
		// Where `wrangler d1 … --local --persist-to` keeps it too.
		resourcePersistencePath: join(state, "v3"),
		workers: [{ config: { ...readWorkerConfig({ settings }), manifest }, dev: { rootPath: ROOT } }],
	};
}

/** Write whole or not at all, readable by nobody else. */
function writePrivately(file, content) {
	const draft = `${file}.${process.pid}.tmp`;
	writeFileSync(draft, content, { mode: 0o600 });
	chmodSync(draft, 0o600);
	renameSync(draft, file);
}

mkdirSync(state, { recursive: true });
if (options.principals) rmSync(options.principals, { force: true });
await endOrphan();

const started = Date.now();
const settings = await readSettings().catch(fail);
if (arePagesStale()) {
	console.log("opssight: building the pages …");
	await buildPages().catch(fail);
}
const [workerOptions] = await Promise.all([
	readOptions(),
	runTool("wrangler", ["d1", "migrations", "apply", "DB", "--local", "--persist-to", state]),
]).catch(fail);
const miniflare = new Miniflare({ ...workerOptions, unsafeHandleRuntimeRestart: notePids });
await miniflare.ready.catch(fail);
notePids();

let stopDemoCluster = null;
async function stop() {
	// Both end as far as they come: what one still has to say the other may not hear any more.
	await stopDemoCluster?.();
	await miniflare.dispose().catch(() => {});
	process.exit(0);
}
// Also where Miniflare's own handler of the same signal is done first.
process.once("exit", () => rmSync(pidFile, { force: true }));
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

const principals = makePrincipals(state, baseUrl);
const post = async (path, body) => {
	const answer = await fetch(`${baseUrl}${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	if (!answer.ok) throw Object.assign(new Error(`${path} answered ${answer.status}: ${await answer.text()}`), { status: answer.status });
	return await answer.json();
};
await post("/dev/setup", principals).catch(fail);
const withDemo = options.demo !== "off";
if (withDemo) await seedDemo({ state, post, team: principals.teams.a }).catch(fail);
if (options.principals) writePrivately(options.principals, `${JSON.stringify(principals, null, 1)}\n`);

console.log(
	`opssight: ready after ${((Date.now() - started) / 1000).toFixed(1)} s at ${baseUrl} (sign in by role; first webhook: see README)`,
);
if (withDemo) {
	const webhook = await post("/dev/demo/webhook", { team: principals.teams.a.slug }).catch(() => null);
	if (webhook) startTrickle({ baseUrl, ...webhook });
	const { startDemoCluster } = await import("./demo-cluster.mjs");
	stopDemoCluster = await startDemoCluster({ state, baseUrl, post, team: principals.teams.a, onStart: notePids }).catch((error) => {
		console.error(`opssight: the demo's cluster did not start: ${error.message}`);
		return null;
	});
	if (stopDemoCluster)
		console.log(`opssight: the demo's cluster runs: roll back checkout-api at ${baseUrl}/t/${principals.teams.a.slug}/deployments`);
}
// What does not compile is said so; the product goes on with the last one that did.
watchSources({
	pages: () => buildPages({ DEV_WATCH: "1" }),
	worker: async () => {
		await miniflare.setOptions({ ...(await readOptions()), unsafeHandleRuntimeRestart: notePids });
		notePids();
	},
});
