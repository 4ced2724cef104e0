import { type SQL, sql } from "drizzle-orm";
import type { Statement } from "../../database.ts";
import { type Attempt, changedRuns, type Job, openRunBook, type RunBook, storedRank } from "./apply.ts";
import type { Run } from "./model.ts";

/** What a group of deliveries touches, read in one go, and the statements that store the group. One JSON parameter a table. */

type RunRecord = Omit<Run, "meta" | "stub"> & { meta: string; stub: number };
type JobRecord = Omit<Job, "labels" | "steps"> & { labels: string; steps: string | null };

/** Every column of a run under the names of the model. */
export const RUN_COLUMNS: SQL = sql.raw(
	`r.id, r.integration_id AS integrationId, r.source, r.external_id AS externalId, r.attempt, r.repo, r.workflow, r.branch,
	 r."commit", r.triggered_by AS triggeredBy, r.actor, r.url, r.status, r.stub, r.conclusion_raw AS conclusionRaw,
	 r.started_at AS startedAt, r.finished_at AS finishedAt, r.duration_ms AS durationMs, r.updated_at AS updatedAt, r.coverage,
	 r.error, r.metadata AS meta, r.ordered_at AS orderedAt, r.first_received_at AS firstReceivedAt`,
);

/** Every column of a job under the names of the model. */
export const JOB_COLUMNS: SQL = sql.raw(
	`j.run_id AS runId, j.id, j.external_id AS externalId, j.attempt, j.name, j.stage, j.status, j.conclusion_raw AS conclusionRaw,
	 j.started_at AS startedAt, j.finished_at AS finishedAt, j.duration_ms AS durationMs, j.queued_ms AS queuedMs,
	 j.updated_at AS updatedAt, j.runner, j.labels, j.steps`,
);

/** A stored run as the model speaks of it. */
export function runFromRecord(record: unknown): Run {
	const row = record as RunRecord;
	return { ...row, stub: row.stub === 1, meta: JSON.parse(row.meta) as Record<string, unknown> };
}

/** A stored job as the model speaks of it. */
export function jobFromRecord(record: unknown): Job {
	const row = record as JobRecord;
	return { ...row, labels: JSON.parse(row.labels) as string[], steps: row.steps === null ? null : (JSON.parse(row.steps) as Job["steps"]) };
}

/** The runs of these ids as stored now. */
export function selectRuns(teamId: string, ids: readonly string[]): Statement {
	return sql`SELECT ${RUN_COLUMNS} FROM json_each(${JSON.stringify(ids)}) k CROSS JOIN runs r ON r.team_id = ${teamId} AND r.id = k.value`;
}

/** The jobs of these [run id, job id] pairs as stored now. */
export function selectJobs(teamId: string, pairs: readonly [string, string][]): Statement {
	return sql`SELECT ${JOB_COLUMNS} FROM json_each(${JSON.stringify(pairs)}) k
			CROSS JOIN jobs j ON j.team_id = ${teamId} AND j.run_id = k.value->>0 AND j.id = k.value->>1`;
}

/** Open a book from what the two selects above answered. */
export function bookFromRecords(runs: unknown, jobs: unknown): RunBook {
	return openRunBook((runs as unknown[]).map(runFromRecord), (jobs as unknown[]).map(jobFromRecord));
}

const RUN_NAMES = `id, integration_id, source, external_id, attempt, repo, workflow, branch, "commit", triggered_by, actor, url, status,
	stub, conclusion_raw, started_at, finished_at, duration_ms, updated_at, coverage, error, metadata, ordered_at, first_received_at`;
const RUN_COUNT = 24;
const runTuple = (r: Run) => [
	...[r.id, r.integrationId, r.source, r.externalId, r.attempt, r.repo, r.workflow, r.branch, r.commit, r.triggeredBy, r.actor, r.url],
	...[r.status, r.stub ? 1 : 0, r.conclusionRaw, r.startedAt, r.finishedAt, r.durationMs, r.updatedAt, r.coverage, r.error],
	...[JSON.stringify(r.meta), r.orderedAt, r.firstReceivedAt],
];

const rankSql = (prefix: string) =>
	`CASE WHEN ${prefix}stub THEN 0 WHEN ${prefix}status = 'queued' THEN 1 WHEN ${prefix}status = 'running' THEN 2 ELSE 3 END`;
const keySql = (prefix: string) => `(${prefix}attempt, ${rankSql(prefix)}, ${prefix}updated_at, coalesce(${prefix}conclusion_raw, ''))`;

/** `value->>0, value->>1, …`: a JSON array as columns. */
const columns = (count: number) => sql.raw(Array.from({ length: count }, (_, i) => `value->>${i}`).join(", "));
const excluded = (names: string, key: readonly string[]) =>
	sql.raw(
		names
			.split(",")
			.map((name) => name.trim())
			.filter((name) => !key.includes(name))
			.map((name) => `${name} = excluded.${name}`)
			.join(", "),
	);

/**
 * Upsert runs. The fence already makes the ledger the only writer; the guard on the key makes the statement order-free by
 * itself too, so that a mistake above it can't turn time back.
 */
function upsertRuns(teamId: string, runs: readonly Run[]): Statement {
	return sql`INSERT INTO runs (team_id, ${sql.raw(RUN_NAMES)}) SELECT ${teamId}, ${columns(RUN_COUNT)}
			FROM json_each(${JSON.stringify(runs.map(runTuple))}) WHERE true
			ON CONFLICT(team_id, id) DO UPDATE SET ${excluded(RUN_NAMES, ["id"])}
			WHERE ${sql.raw(keySql("excluded."))} > ${sql.raw(keySql("runs."))}`;
}

const ATTEMPT_NAMES = "run_id, attempt, status, rank, conclusion_raw, started_at, finished_at, duration_ms, updated_at";
function upsertAttempts(teamId: string, attempts: readonly Attempt[]): Statement {
	const tuples = attempts.map((a) => [
		...[a.runId, a.attempt, a.status, storedRank(a), a.conclusionRaw, a.startedAt, a.finishedAt, a.durationMs, a.updatedAt],
	]);
	return sql`INSERT INTO run_attempts (team_id, ${sql.raw(ATTEMPT_NAMES)}) SELECT ${teamId}, ${columns(9)}
			FROM json_each(${JSON.stringify(tuples)}) WHERE true
			ON CONFLICT(team_id, run_id, attempt) DO UPDATE SET ${excluded(ATTEMPT_NAMES, ["run_id", "attempt"])}
			WHERE (excluded.rank, excluded.updated_at, coalesce(excluded.conclusion_raw, ''))
				> (run_attempts.rank, run_attempts.updated_at, coalesce(run_attempts.conclusion_raw, ''))`;
}

const JOB_NAMES = `run_id, id, external_id, attempt, name, stage, status, rank, conclusion_raw, started_at, finished_at, duration_ms,
	queued_ms, updated_at, runner, labels, steps`;
function upsertJobs(teamId: string, jobs: readonly Job[]): Statement {
	const tuples = jobs.map((j) => [
		...[j.runId, j.id, j.externalId, j.attempt, j.name, j.stage, j.status, storedRank(j), j.conclusionRaw, j.startedAt, j.finishedAt],
		...[j.durationMs, j.queuedMs, j.updatedAt, j.runner, JSON.stringify(j.labels), j.steps === null ? null : JSON.stringify(j.steps)],
	]);
	return sql`INSERT INTO jobs (team_id, ${sql.raw(JOB_NAMES)}) SELECT ${teamId}, ${columns(17)}
			FROM json_each(${JSON.stringify(tuples)}) WHERE true
			ON CONFLICT(team_id, run_id, id) DO UPDATE SET ${excluded(JOB_NAMES, ["run_id", "id"])}
			WHERE (excluded.attempt, excluded.rank, excluded.updated_at, coalesce(excluded.conclusion_raw, ''))
				> (jobs.attempt, jobs.rank, jobs.updated_at, coalesce(jobs.conclusion_raw, ''))`;
}

/** The statements that store what a book changed. */
export function writeBook(teamId: string, book: RunBook): Statement[] {
	const runs = changedRuns(book);
	const jobs = [...book.changedJobs].map((key) => book.jobs.get(key)).filter((job) => job !== undefined);
	return [
		...(runs.length > 0 ? [upsertRuns(teamId, runs)] : []),
		...(book.attempts.size > 0 ? [upsertAttempts(teamId, [...book.attempts.values()])] : []),
		...(jobs.length > 0 ? [upsertJobs(teamId, jobs)] : []),
	];
}
