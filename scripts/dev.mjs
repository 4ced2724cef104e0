#!/usr/bin/env node
// `npm run dev`: the whole product on one loopback port, with demo data. Options: --port, --state, --principals, --demo off.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { seedDemo } from "./demo.mjs";
import { makePrincipals } from "./principals.mjs";
import { startTrickle } from "./trickle.mjs";
import { watchApp } from "./watch.mjs";

const { values: options } = parseArgs({
	options: {
		port: { type: "string", default: "8787" },
		state: { type: "string", default: ".state" },
		principals: { type: "string" },
		demo: { type: "string", default: "on" },
	},
});
const port = Number(options.port);
const state = resolve(options.state);
const baseUrl = `http://127.0.0.1:${port}`;
const pidFile = `${state}/wrangler.pid`;
const quiet = { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_HIDE_BANNER: "true" };

let wrangler = null;

function fail(message) {
	console.error(`opssight: ${message}`);
	wrangler?.kill("SIGTERM");
	process.exit(1);
}

/** Run one of the project's tools to its end; what it said when it failed, or null. */
function complaintOf(command, args, env = quiet) {
	const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
	return status === 0 ? null : `${command} ${args[0]} failed:\n${stdout}\n${stderr}`;
}

/** Run one of the project's tools, or give up. */
function run(command, args) {
	const complaint = complaintOf(command, args);
	if (complaint) fail(complaint);
}

function isPortFree() {
	return new Promise((done) => {
		const server = createServer();
		server.once("error", () => done(false));
		server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
	});
}

/** After a SIGKILL of wrangler alone, workerd keeps the port and answers on: end what an earlier start left behind. */
async function endOrphan() {
	if (existsSync(pidFile)) {
		for (const pid of readFileSync(pidFile, "utf8").split("\n").filter(Boolean).map(Number)) {
			try {
				const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
				if (/wrangler|workerd|opssight/.test(command)) process.kill(pid, "SIGKILL");
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

/** Wrangler and everything it started, so that the next start can end them. */
function notePids(wrangler) {
	const pids = new Set([wrangler.pid]);
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

async function untilReady(child) {
	for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
		if (child.exitCode !== null) fail("wrangler ended before the product answered; its output is above.");
		const answer = await fetch(`${baseUrl}/health`).catch(() => null);
		if (answer?.ok) return;
		await new Promise((done) => setTimeout(done, 100));
	}
	fail("the product did not answer within a minute.");
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
const needsBuild = !existsSync("build/server/index.js") || watchApp.isStale();
if (needsBuild) {
	console.log("opssight: building the pages …");
	run("remix", ["vite:build"]);
}
run("wrangler", ["d1", "migrations", "apply", "DB", "--local", "--persist-to", state]);

let isStopping = false;
let lives = 20;

/** Wrangler's own proxy ends the whole server when one of its connections breaks: start it again on the same port and state. */
function startWrangler() {
	wrangler = spawn(
		"wrangler",
		[
			"dev",
			"--local",
			"--ip",
			"127.0.0.1",
			"--port",
			String(port),
			"--persist-to",
			state,
			"--show-interactive-dev-session=false",
			"--log-level",
			"warn",
		],
		{ env: quiet, stdio: ["ignore", "inherit", "inherit"] },
	);
	wrangler.on("exit", (code) => {
		if (isStopping || code === 0 || lives-- === 0) process.exit(code ?? 1);
		console.error("opssight: wrangler ended by itself; starting it again …");
		setTimeout(async () => {
			await endOrphan();
			startWrangler();
			await untilReady(wrangler);
			notePids(wrangler);
		}, 200);
	});
}
startWrangler();
const stop = (code) => {
	isStopping = true;
	wrangler.kill("SIGTERM");
	process.exit(code);
};
process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

await untilReady(wrangler);
notePids(wrangler);

const principals = makePrincipals(state, baseUrl);
const post = async (path, body) => {
	const answer = await fetch(`${baseUrl}${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
	return await answer.json();
};
await post("/dev/setup", principals).catch((error) => fail(error.message));
const withDemo = options.demo !== "off";
if (withDemo) await seedDemo({ state, post, team: principals.teams.a }).catch((error) => fail(error.message));
if (options.principals) writePrivately(options.principals, `${JSON.stringify(principals, null, 1)}\n`);

console.log(
	`opssight: ready after ${((Date.now() - started) / 1000).toFixed(1)} s at ${baseUrl} (sign in by role; first webhook: see README)`,
);
if (withDemo) {
	const webhook = await post("/dev/demo/webhook", { team: principals.teams.a.slug }).catch(() => null);
	if (webhook) startTrickle({ baseUrl, ...webhook });
}
// A page that does not compile is said so; the product goes on with the last one that did.
watchApp.start(() => complaintOf("remix", ["vite:build"], { ...quiet, DEV_WATCH: "1" }));
