import { sql } from "drizzle-orm";
import type { Statement } from "../../database.ts";
import type { Tally } from "../../wire/live.ts";
import type { RollupRow } from "./rollup.ts";

/** Rollup rows as stored: reading the ones a commit touches, writing them back whole. Only the team's ledger does either. */

type Table = "rollup_hours" | "rollup_days";
type RollupRecord = Omit<Tally, "histogram"> & { repo: string; workflow: string; at: number; histogram: string };

/** A tally's columns under the names of the model. */
export const TALLY_COLUMNS = sql.raw(
	"queued, running, success, failure, cancelled, duration_sum AS durationSum, duration_count AS durationCount, histogram",
);

/** A stored rollup row as the model speaks of it. */
export function rollupFromRecord(record: unknown): RollupRow {
	const { repo, workflow, at, histogram, ...figures } = record as RollupRecord;
	return { repo, workflow, at, tally: { ...figures, histogram: JSON.parse(histogram) as Tally["histogram"] } };
}

/** The rows of these identities, as stored now. */
export function selectRollups(table: Table, teamId: string, rows: Iterable<{ repo: string; workflow: string; at: number }>) {
	const keys = JSON.stringify(Array.from(rows, (row) => [row.repo, row.workflow, row.at]));
	return sql`SELECT repo, workflow, at, ${TALLY_COLUMNS} FROM json_each(${keys}) k CROSS JOIN ${sql.raw(table)} t
			ON t.team_id = ${teamId} AND t.repo = k.value->>0 AND t.workflow = k.value->>1 AND t.at = k.value->>2`;
}

/** Store rows as they are after a commit. Absolute, not additive: the fence makes sure nobody else wrote since they were read. */
export function upsertRollups(table: Table, teamId: string, rows: readonly RollupRow[]): Statement {
	const tuples = rows.map(({ repo, workflow, at, tally: t }) => [
		...[repo, workflow, at, t.queued, t.running, t.success, t.failure, t.cancelled, t.durationSum, t.durationCount],
		JSON.stringify(t.histogram),
	]);
	return sql`INSERT INTO ${sql.raw(table)}
			(team_id, repo, workflow, at, queued, running, success, failure, cancelled, duration_sum, duration_count, histogram)
			SELECT ${teamId}, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
				value->>10
			FROM json_each(${JSON.stringify(tuples)}) WHERE true
			ON CONFLICT(team_id, repo, workflow, at) DO UPDATE SET queued = excluded.queued, running = excluded.running,
				success = excluded.success, failure = excluded.failure, cancelled = excluded.cancelled,
				duration_sum = excluded.duration_sum, duration_count = excluded.duration_count, histogram = excluded.histogram`;
}
