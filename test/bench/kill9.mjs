import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Deliveries } from "./deliveries.mjs";
import { listRunIds, readJson, startDev, until } from "./dev-process.mjs";

/**
 * `node test/bench/kill9.mjs --rounds 5 --deliveries 5000`: kills the whole development server with SIGKILL in the middle of a
 * load, again and again on the same state, and asks at the end whether everything that was answered 2xx is there exactly once.
 * Run it through `npm exec` or `npx` so that the repository's own Node is used.
 */
const { values } = parseArgs({
	options: {
		rounds: { type: "string", default: "5" },
		deliveries: { type: "string", default: "5000" },
		port: { type: "string", default: "8790" },
		clients: { type: "string", default: "16" },
	},
});
const rounds = Number(values.rounds);
const total = Number(values.deliveries);
const directory = mkdtempSync(join(tmpdir(), "opssight-kill9-"));
const options = { port: Number(values.port), state: join(directory, "state"), principals: join(directory, "principals.json") };

const problems = [];
const check = (holds, what) => {
	console.log(`${holds ? "pass" : "FAIL"}  ${what}`);
	if (!holds) problems.push(what);
};

/** The metrics' totals over the last weeks, and whether their days sum to them. */
async function readTotals(url, headers) {
	const from = new Date(Date.now() - 20 * 24 * 3600_000).toISOString();
	const { summary, time_series } = await readJson(`${url}/api/metrics?from=${from}&group_by=day&limit=1`, headers);
	const isSummed = ["success", "failure", "cancelled"].every((name) => time_series.reduce((n, day) => n + day[name], 0) === summary[name]);
	return { ...summary, isSummed };
}

let server = await startDev(options);
try {
	const { a: team } = server.principals.teams;
	const credentials = { authorization: `Bearer ${team.tokens.admin}` };
	const before = new Set(await listRunIds(server.url, credentials));
	const atStart = await readTotals(server.url, credentials);
	const deliveries = new Deliveries({ url: server.url, path: team.webhooks.github.path, total });
	for (let round = 1; round <= rounds; round++) {
		const share = deliveries.share(round, rounds);
		// Somewhere in the middle: neither before the first answer nor after the last.
		const killAfter = Math.round(share.length * (0.2 + 0.6 * Math.random()));
		const { unknown, answered } = await deliveries.send(share, { clients: Number(values.clients), killAfter, kill: () => server.kill() });
		const principals = JSON.stringify(server.principals);
		const restarted = performance.now();
		server = await startDev(options);
		await until(async () => (await fetch(`${server.url}/api/runs?limit=1`, { headers: credentials })).ok, 60_000, "the first served read");
		const seconds = ((performance.now() - restarted) / 1000).toFixed(1);
		console.log(`round ${round}: killed after ${answered} answers, ${unknown} outcomes unknown; first read ${seconds} s after the restart`);
		if (JSON.stringify(server.principals) !== principals) check(false, "the principals are the same after a restart");
		// What had no answer is sent again under its own delivery id, as a sender with an outbox would.
		await deliveries.finish(share, Number(values.clients));
	}
	check(deliveries.unanswered().length === 0, `all ${deliveries.size} deliveries have been answered 2xx`);

	const listed = (await listRunIds(server.url, credentials)).filter((id) => !before.has(id));
	const expected = deliveries.runIds();
	const stored = new Set(listed);
	const lost = [...expected].filter((id) => !stored.has(id));
	check(lost.length === 0, `every run is there (${expected.size} expected, ${lost.length} lost)`);
	check(listed.length === expected.size, `none twice and none unasked for (${listed.length} listed)`);

	const after = await readTotals(server.url, credentials);
	const grown = after.total_runs - atStart.total_runs;
	check(grown === expected.size, `total_runs grew by the number of distinct runs (${grown} of ${expected.size})`);
	const finished = after.success - atStart.success;
	check(finished === expected.size, `every run reached its last state (${finished} success)`);
	check(after.isSummed, "the time series sums to the totals");

	let wrong = 0;
	for (const [runId, ids] of deliveries.sample(40)) {
		const { payloads } = await readJson(`${server.url}/api/runs/${runId}/raw`, credentials);
		const kept = payloads.map(({ delivery_id }) => delivery_id).sort();
		if (JSON.stringify(kept) !== JSON.stringify([...ids].sort())) wrong++;
	}
	check(wrong === 0, "of 40 runs, every delivery is kept exactly once");
} catch (error) {
	console.error(error);
	problems.push(String(error));
} finally {
	await server.kill();
	rmSync(directory, { recursive: true, force: true });
}
console.log(problems.length === 0 ? `kill -9: ${rounds} rounds, nothing lost, nothing twice` : `kill -9: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
