#!/usr/bin/env node
// `npm run seed`: brings the demo story into a running development server; `npm run seed -- --remove` takes it out again.
// Options: --remove, --url, --team, --state.
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readProgress, seedDemo, writeProgress } from "./demo.mjs";

const { values: options } = parseArgs({
	options: {
		remove: { type: "boolean", default: false },
		url: { type: "string", default: "http://127.0.0.1:8787" },
		team: { type: "string", default: "acme" },
		state: { type: "string", default: ".state" },
	},
});
const baseUrl = options.url.replace(/\/+$/, "");
const state = resolve(options.state);
const startIt = "Start it with `npm run dev`, or name another address with `npm run seed -- --url http://127.0.0.1:8788`.";
/** While the progress is younger than this, a starting server is still writing it. */
const BUSY_MS = 10_000;

function fail(message) {
	console.error(`opssight: ${message}`);
	process.exit(1);
}

/** Ask the server; a server that is not there is said in words. */
async function ask(path, init = {}) {
	const answer = await fetch(`${baseUrl}${path}`, init).catch((error) => {
		fail(`no development server answers at ${baseUrl} (${error.cause?.code ?? error.message}). ${startIt}`);
	});
	const body = await answer.json().catch(() => null);
	return { status: answer.status, body };
}

async function post(path, body) {
	const answer = await ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
	if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body?.error?.message ?? "not OpsSight?"}`);
	return answer.body;
}

/** The team, and that the state folder is this server's: progress noted in another one's would mislead its next start. */
async function findTeam() {
	const file = `${state}/principals.json`;
	const health = await ask("/health");
	if (health.body?.checks === undefined) fail(`what answers at ${baseUrl} is not OpsSight. ${startIt}`);
	if (!existsSync(file)) fail(`${state} is no state folder of a development server. Name the server's with --state.`);
	const teams = Object.values(JSON.parse(readFileSync(file, "utf8")).teams);
	const team = teams.find(({ slug }) => slug === options.team);
	if (!team) fail(`there is no team ${options.team} here; there are ${teams.map(({ slug }) => slug).join(" and ")}.`);
	const runs = await ask("/api/runs?limit=1", { headers: { authorization: `Bearer ${team.tokens.viewer}` } });
	if (runs.status === 401) fail(`the server at ${baseUrl} has another state folder than ${state}. Name its own with --state.`);
	if (runs.status !== 200) fail(`the server at ${baseUrl} answers ${runs.status}: ${runs.body?.error?.message ?? "no reason given"}`);
	// The dev script brings the demo into the first team only, and keeps its progress in demo.json.
	return { team, file: team === teams[0] ? `${state}/demo.json` : `${state}/demo-${team.slug}.json` };
}

/** Whether the team shows the demo now, whatever was noted about it. */
async function hasDemo(team) {
	const { status } = await ask("/dev/demo/webhook", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ team: team.slug }),
	});
	return status === 200;
}

async function remove({ team, file }) {
	if (!(await hasDemo(team))) {
		writeProgress(file, { anchor: Date.now(), group: 0, done: true });
		console.log(`opssight: ${team.slug} has no demo data; the next start will not bring it back.`);
		return;
	}
	// Noted first: a start in the middle of the removal must not bring the removed half back.
	writeProgress(file, { anchor: Date.now(), group: 0, done: true });
	let removed = 0;
	for (let left = 1; left > 0; removed++) {
		({ left } = await post("/dev/demo/remove", { team: team.slug }));
		const line = `opssight: removing the demo data: ${left} runs left`;
		if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(60)}${left === 0 ? "\n" : ""}`);
		else if (left === 0 || removed % 10 === 0) console.log(line);
	}
	console.log("opssight: the demo is gone, and stays away at the next start. `npm run seed` brings it back.");
}

async function add({ team, file }) {
	const isThere = await hasDemo(team);
	// The server knows better than the file: a demo that is not there begins anew, and one that is there is only finished.
	if (!isThere) rmSync(file, { force: true });
	else if (readProgress(file)?.done !== false) {
		fail(`${team.slug} has its demo data already. To begin anew: \`npm run seed -- --remove\`, then \`npm run seed\`.`);
	}
	await seedDemo({ state, post, team, file });
	console.log(`opssight: the demo is in. Open ${baseUrl}/t/${team.slug}/overview.`);
}

const found = await findTeam();
if (readProgress(found.file)?.done === false && Date.now() - statSync(found.file).mtimeMs < BUSY_MS) {
	fail("the demo is just being brought in. Wait until the server says that it is ready, then try again.");
}
await (options.remove ? remove(found) : add(found)).catch((error) => fail(error.message));
