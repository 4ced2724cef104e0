import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import type { RunStatus } from "../../wire/events.ts";
import type { RunRow, Snapshot } from "../../wire/live.ts";
import { type Head, selectHead } from "../deliveries/store.server.ts";
import { newestFromRecords, rollbacksFromRecords, selectNewest, selectRecentRollbacks } from "../deployments/store.server.ts";
import type { Attempt, Job } from "./apply.ts";
import { JOB_COLUMNS, jobFromRecord, RUN_COLUMNS, runFromRecord } from "./book.server.ts";
import { selectSegments, talliesFromRecords } from "./metrics.server.ts";
import { type ListedRun, toRow } from "./model.ts";
import { OVERVIEW_RUNS, type Overview, type OverviewView } from "./overview.ts";
import { fillBuckets, previousSegments, type Range, resolveRange } from "./range.ts";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, runningHourEnd } from "./tally.ts";

export type RunFilter = {
	repo?: string[];
	workflow?: string[];
	branch?: string;
	status?: RunStatus[];
	source?: string;
	externalId?: string;
	from?: number;
	to?: number;
	/** Text found anywhere in id, repository, workflow, branch, commit or actor. */
	q?: string;
	limit: number;
	/** Keyset: only runs after this one in the order. */
	after?: { orderedAt: number; id: string };
};

/** The first failed job, and its first failed step, of a failed run. */
const FAILED_STEP = sql.raw(
	`CASE WHEN r.status = 'failure' THEN (
		SELECT j.name || coalesce(': ' || (SELECT s.value->>'name' FROM json_each(j.steps) s WHERE s.value->>'conclusion' = 'failure' LIMIT 1), '')
		FROM jobs j WHERE j.team_id = r.team_id AND j.run_id = r.id AND j.attempt = r.attempt AND j.status = 'failure'
		ORDER BY j.finished_at, j.id LIMIT 1) END AS failedStep`,
);

/** The columns of a run in a list. */
export const LISTED_COLUMNS = sql`${RUN_COLUMNS}, ${FAILED_STEP}`;

/** What a statement with these columns answered. */
export function listedFromRecord(record: unknown): ListedRun {
	const { failedStep, ...run } = record as { failedStep: string | null };
	return { ...runFromRecord(run), failedStep };
}

/** The condition that narrows runs (`r`) to a filter. */
export function whereOf(teamId: string, filter: Omit<RunFilter, "limit">) {
	const where = [sql`r.team_id = ${teamId}`];
	const among = (column: string, values: readonly string[] | undefined) => {
		if (values && values.length > 0) where.push(sql`${sql.raw(column)} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`);
	};
	among("r.repo", filter.repo);
	among("r.workflow", filter.workflow);
	among("r.status", filter.status);
	if (filter.branch !== undefined) where.push(sql`r.branch = ${filter.branch}`);
	if (filter.source !== undefined) where.push(sql`r.source = ${filter.source}`);
	if (filter.externalId !== undefined) where.push(sql`r.external_id = ${filter.externalId}`);
	if (filter.from !== undefined) where.push(sql`r.ordered_at >= ${filter.from}`);
	if (filter.to !== undefined) where.push(sql`r.ordered_at < ${filter.to}`);
	if (filter.after) where.push(sql`(r.ordered_at, r.id) < (${filter.after.orderedAt}, ${filter.after.id})`);
	// instr, not LIKE: `%` and `_` are letters here, and D1 refuses patterns of more than 50 bytes.
	if (filter.q) {
		where.push(
			sql`instr(lower(r.id || char(10) || r.repo || char(10) || r.workflow || char(10) || coalesce(r.branch, '') || char(10)
				|| coalesce(r."commit", '') || char(10) || coalesce(r.actor, '')), lower(${filter.q})) > 0`,
		);
	}
	return sql.join(where, sql` AND `);
}

const selectListed = (teamId: string, filter: RunFilter) =>
	sql`SELECT ${LISTED_COLUMNS} FROM runs r WHERE ${whereOf(teamId, filter)}
		ORDER BY r.ordered_at DESC, r.id DESC LIMIT ${filter.limit}`;

/** Runs of a team, newest first; at most `limit`. */
export async function listRuns(db: Database, teamId: string, filter: RunFilter): Promise<ListedRun[]> {
	return (await db.all(selectListed(teamId, filter))).map(listedFromRecord);
}

/** The first failed job and step of these runs, for those that failed. */
export function selectFailedSteps(teamId: string, ids: readonly string[]): Statement {
	return sql`SELECT r.id, ${FAILED_STEP} FROM json_each(${JSON.stringify(ids)}) k
			CROSS JOIN runs r ON r.team_id = ${teamId} AND r.id = k.value`;
}

export type RunDetails = { run: ListedRun; attempts: Attempt[]; jobs: Job[] };

/** The statements that read one run, its earlier attempts and its jobs; `runFromDetails` reads their answers. */
export function selectDetails(teamId: string, id: string): Statement[] {
	return [
		sql`SELECT ${LISTED_COLUMNS} FROM runs r WHERE r.team_id = ${teamId} AND r.id = ${id}`,
		sql`SELECT run_id AS runId, attempt, status, conclusion_raw AS conclusionRaw, started_at AS startedAt, finished_at AS finishedAt,
				duration_ms AS durationMs, updated_at AS updatedAt
				FROM run_attempts WHERE team_id = ${teamId} AND run_id = ${id} ORDER BY attempt`,
		sql`SELECT ${JOB_COLUMNS} FROM jobs j WHERE j.team_id = ${teamId} AND j.run_id = ${id}
				ORDER BY j.attempt, coalesce(j.started_at, 9e15), j.id`,
	];
}

/** @see selectDetails */
export function runFromDetails(answers: readonly unknown[]): RunDetails | null {
	const [runs, attempts, jobs] = answers as [unknown[], Attempt[], unknown[]];
	if (runs.length === 0) return null;
	return { run: listedFromRecord(runs[0]), attempts, jobs: jobs.map(jobFromRecord) };
}

/** One run with its earlier attempts and its jobs, or null when the team has no such run. */
export async function readRun(db: Database, teamId: string, id: string): Promise<RunDetails | null> {
	return runFromDetails(await db.batch(selectDetails(teamId, id)));
}

/** Totals, series and newest runs of a range, read in one consistent batch. */
export async function readMetrics(db: Database, teamId: string, range: Range, filter: RunFilter, now: number) {
	const rollups = { repos: filter.repo ?? [], workflows: filter.workflow ?? [] };
	const [head, rows, previousRows, runs] = (await db.batch([
		selectHead(teamId, 0),
		selectSegments(teamId, range.segments, rollups),
		selectSegments(teamId, previousSegments(range, now), rollups),
		selectListed(teamId, { ...filter, from: range.from, to: range.to }),
	])) as [Head[], unknown, unknown, unknown[]];
	const previous = emptyTally();
	for (const { tally } of talliesFromRecords(previousRows)) addTally(previous, tally);
	return {
		head: head[0] ?? null,
		buckets: fillBuckets(range, talliesFromRecords(rows)),
		previous,
		runs: runs.map(listedFromRecord),
	};
}

/** The overview of a team: what the server renders and the live fold continues from. */
export async function readOverview(db: Database, teamId: string, view: OverviewView, now: number): Promise<Overview> {
	const asked = { from: view.from, to: view.to ?? runningHourEnd(now), groupBy: view.groupBy, now };
	const range = resolveRange(asked);
	if ("fields" in range) throw new AppError("invalid", "This range can't be answered. Choose another.", { fields: range.fields });
	const rollups = { repos: view.repos, workflows: view.workflows };
	const hourEnd = runningHourEnd(now);
	const [head, rows, previousRows, hours, runs] = (await db.batch([
		selectHead(teamId, 0),
		selectSegments(teamId, range.segments, rollups),
		selectSegments(teamId, previousSegments(range, now), rollups),
		selectSegments(teamId, [{ table: "hours", from: hourEnd - 2 * DAY_MS, to: hourEnd }], rollups),
		selectListed(teamId, {
			repo: view.repos,
			workflow: view.workflows,
			limit: OVERVIEW_RUNS,
			...(view.to === null ? {} : { from: range.from, to: range.to }),
		}),
	])) as [Head[], unknown, unknown, unknown, unknown[]];
	const previous = emptyTally();
	for (const { tally } of talliesFromRecords(previousRows)) addTally(previous, tally);
	const hourRange = { groupBy: "hour" as const, bucketStarts: hourStarts(hourEnd) };
	return {
		epoch: head[0]?.epoch ?? "",
		seq: head[0]?.no ?? 0,
		at: head[0]?.at ?? null,
		view: { ...view, from: range.from, to: view.to === null ? null : range.to },
		buckets: fillBuckets(range, talliesFromRecords(rows)),
		previous,
		hours: fillBuckets(hourRange, talliesFromRecords(hours)),
		runs: runs.map((run) => toRow(listedFromRecord(run))),
	};
}

function hourStarts(end: number): number[] {
	return Array.from({ length: 48 }, (_, i) => end - (48 - i) * HOUR_MS);
}

const SNAPSHOT_DEPLOYMENTS = 50;
/** A rollback that has ended stays on every page's strip for so long. */
const ROLLBACKS_SHOWN_MS = 5 * 60_000;

/** Everything a reader that missed too much needs to begin anew. */
export async function readSnapshot(db: Database, teamId: string, now: number): Promise<Snapshot> {
	const dayEnd = bucketStart(now, "day") + DAY_MS;
	const hourEnd = runningHourEnd(now);
	const everything = { repos: [], workflows: [] };
	const [head, days, hours, runs, deployments, rollbacks] = (await db.batch([
		selectHead(teamId, 0),
		selectSegments(teamId, [{ table: "days", from: dayEnd - 31 * DAY_MS, to: dayEnd }], everything),
		selectSegments(teamId, [{ table: "hours", from: hourEnd - 2 * DAY_MS, to: hourEnd }], everything),
		selectListed(teamId, { limit: 50 }),
		selectNewest(teamId, SNAPSHOT_DEPLOYMENTS),
		selectRecentRollbacks(teamId, now - ROLLBACKS_SHOWN_MS),
	])) as [Head[], unknown, unknown, unknown[], unknown[], unknown[]];
	const rows: RunRow[] = runs.map((run) => toRow(listedFromRecord(run)));
	const bucket = ({ at, tally }: { at: number; tally: Snapshot["days"][number]["tally"] }) => ({ at, tally });
	return {
		type: "snapshot",
		epoch: head[0]?.epoch ?? "",
		seq: head[0]?.no ?? 0,
		at: head[0]?.at ?? now,
		runs: rows,
		days: talliesFromRecords(days).map(bucket),
		hours: fillBuckets({ groupBy: "hour", bucketStarts: hourStarts(hourEnd) }, talliesFromRecords(hours)).map(bucket),
		...(deployments.length > 0 ? { deployments: newestFromRecords(deployments) } : {}),
		...(rollbacks.length > 0 ? { rollbacks: rollbacksFromRecords(rollbacks) } : {}),
	};
}

/** How many runs are in each status, for `GET /metrics`. */
export async function runCounts(db: Database, teamId: string): Promise<Record<RunStatus, number>> {
	const rows = await db.all<Record<RunStatus, number>>(
		sql`SELECT coalesce(sum(success), 0) AS success, coalesce(sum(failure), 0) AS failure, coalesce(sum(cancelled), 0) AS cancelled,
			coalesce(sum(running), 0) AS running, coalesce(sum(queued), 0) AS queued
			FROM rollup_days WHERE team_id = ${teamId} AND repo = '' AND workflow = ''`,
	);
	return rows[0] ?? { success: 0, failure: 0, cancelled: 0, running: 0, queued: 0 };
}
