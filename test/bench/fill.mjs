import { rollupChanges } from "../../worker/domains/runs/rollup.ts";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, tallyOf } from "../../worker/domains/runs/tally.ts";

/**
 * Put many runs straight into D1, with the rollups that the ledger would have kept: the product's own arithmetic, imported, so
 * that the two can't drift apart.
 */

const REPOS = Array.from({ length: 12 }, (_, n) => `bench/service-${n}`);
const WORKFLOWS = ["build-and-test", "lint", "deploy-prod"];
const STATUSES = [
	"success",
	"success",
	"success",
	"success",
	"success",
	"success",
	"success",
	"success",
	"success",
	"failure",
	"cancelled",
];
const CHUNK = 10_000;

const INSERT_RUNS = `INSERT INTO runs (team_id, id, integration_id, source, external_id, attempt, repo, workflow, branch, "commit",
	triggered_by, actor, url, status, stub, conclusion_raw, started_at, finished_at, duration_ms, updated_at, metadata, ordered_at,
	first_received_at)
	SELECT ?1, 'github-1-' || (value->>0), ?2, 'github', value->>0, 1, value->>1, value->>2, 'main', '3484a3fb816e0859fd6e1cea078d76385ff50625',
	'push', 'mruiz', 'https://github.com/' || (value->>1) || '/actions/runs/' || (value->>0), value->>3, 0, value->>3, value->>4,
	(value->>4) + (value->>5), value->>5, (value->>4) + (value->>5), '{}', value->>4, (value->>4) + (value->>5)
	FROM json_each(?3)`;

const insertRollups = (table) => `INSERT INTO ${table} (team_id, repo, workflow, at, queued, running, success, failure, cancelled,
	duration_sum, duration_count, histogram)
	SELECT ?1, value->>'repo', value->>'workflow', value->>'at', value->'tally'->>'queued', value->'tally'->>'running',
	value->'tally'->>'success', value->'tally'->>'failure', value->'tally'->>'cancelled', value->'tally'->>'durationSum',
	value->'tally'->>'durationCount', value->'tally'->'histogram'
	FROM json_each(?2) WHERE true
	ON CONFLICT DO UPDATE SET histogram = excluded.histogram`;

// A fixed sequence (Numerical Recipes' LCG): both sizes and every run of the benchmark store the same kind of rows.
function numbers(seed) {
	let state = seed >>> 0;
	return (n) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 4294967296) * n);
	};
}

function makeRun(n, end, below) {
	const durationMs = (30 + below(600)) * 1000;
	const startedAt = end - below(90 * DAY_MS - HOUR_MS) - 700_000;
	return [String(n), REPOS[below(12)], WORKFLOWS[below(3)], STATUSES[below(11)], startedAt, durationMs];
}

/** Store `count` runs of the 90 days before `end`, and their rollups, for the product's measured team. */
export async function fillRuns({ db, team }, { count, end }) {
	const below = numbers(count);
	const changes = new Map();
	const integrationId = team.webhooks.github.path.split("/").at(-1);
	for (let first = 0; first < count; first += CHUNK) {
		const rows = Array.from({ length: Math.min(CHUNK, count - first) }, (_, n) => makeRun(first + n + 1, end, below));
		for (const [, repo, workflow, status, startedAt, durationMs] of rows) {
			const hour = bucketStart(startedAt, "hour");
			const key = `${hour} ${repo} ${workflow}`;
			if (!changes.has(key)) changes.set(key, { hour, repo, workflow, tally: emptyTally() });
			addTally(changes.get(key).tally, tallyOf({ status, durationMs }));
		}
		await db.prepare(INSERT_RUNS).bind(team.id, integrationId, JSON.stringify(rows)).run();
	}
	for (const [table, groupBy] of [
		["rollup_hours", "hour"],
		["rollup_days", "day"],
	]) {
		const rows = [...rollupChanges([...changes.values()], groupBy).values()];
		for (let n = 0; n < rows.length; n += 2000)
			await db
				.prepare(insertRollups(table))
				.bind(team.id, JSON.stringify(rows.slice(n, n + 2000)))
				.run();
	}
}
