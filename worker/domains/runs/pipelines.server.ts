import { type SQL, sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { type Head, selectHead } from "../deliveries/store.server.ts";
import { toRow } from "./model.ts";
import type { OverviewView } from "./overview.ts";
import {
	type Pipelines,
	type PipelinesView,
	type Place,
	RUNS_PER_PAGE,
	type RunSort,
	readPlace,
	toPlaceText,
	WORKFLOWS_MAX,
} from "./pipelines.ts";
import { hoursKeptSince, type Range, resolveRange, type Segment } from "./range.ts";
import { rollupFromRecord, TALLY_COLUMNS } from "./rollup.server.ts";
import { LISTED_COLUMNS, listedFromRecord, whereOf } from "./store.server.ts";
import { addTally, emptyTally, runningHourEnd } from "./tally.ts";
import { byNeed, type CourseSpan, coursePoint, coursePoints, courseSpan, LAST_RUNS, type Tick, type WorkflowSummary } from "./workflows.ts";

const NAMES_MAX = 500;
/** Of a team with more workflows than this only so many are looked at. */
const WORKFLOWS_COUNTED_MAX = 5000;

/**
 * Every repository and workflow a team has runs of. One seek in `idx_runs_repo` each, however many runs there are: from each
 * name straight to the next greater one. (A comparison of pairs would be shorter, and read every run of a repository.)
 */
function namesOf(teamId: string): SQL {
	const least = (column: "repo" | "workflow", where: SQL) =>
		sql`(SELECT min(r.${sql.raw(column)}) FROM runs r WHERE r.team_id = ${teamId} AND ${where})`;
	return sql`repos(repo) AS (
			SELECT ${least("repo", sql`true`)} UNION ALL SELECT ${least("repo", sql`r.repo > p.repo`)} FROM repos p WHERE p.repo IS NOT NULL
			LIMIT ${WORKFLOWS_COUNTED_MAX}),
		walk(repo, workflow) AS (
			SELECT p.repo, ${least("workflow", sql`r.repo = p.repo`)} FROM repos p WHERE p.repo IS NOT NULL
			UNION ALL SELECT w.repo, ${least("workflow", sql`r.repo = w.repo AND r.workflow > w.workflow`)} FROM walk w
			WHERE w.workflow IS NOT NULL LIMIT ${2 * WORKFLOWS_COUNTED_MAX}),
		names AS (SELECT repo, workflow FROM walk WHERE workflow IS NOT NULL)`;
}

/** What filters offer: the repositories and workflows of a team, by name, at most 500. */
export async function readNames(db: Database, teamId: string): Promise<{ repo: string; workflow: string }[]> {
	return await db.all(sql`WITH RECURSIVE ${namesOf(teamId)} SELECT repo, workflow FROM names ORDER BY repo, workflow LIMIT ${NAMES_MAX}`);
}

/** The names a view is narrowed to: the expressions that make them, and the table expression `n` of those wanted. */
export function wantedNames(teamId: string, view: Pick<OverviewView, "repos" | "workflows">): { names: SQL; wanted: SQL } {
	const among = (column: string, names: readonly string[]) =>
		names.length > 0 ? sql` AND ${sql.raw(column)} IN (SELECT value FROM json_each(${JSON.stringify(names)}))` : sql``;
	const wanted = sql`(SELECT repo, workflow FROM names
		WHERE true${among("repo", view.repos)}${among("workflow", view.workflows)}) n`;
	return { names: namesOf(teamId), wanted };
}

const tableOf = (segment: Segment) => sql.raw(segment.table === "hours" ? "rollup_hours" : "rollup_days");

/** The rollup rows of some stretches of time for each workflow of `from`, a table expression with repo and workflow. */
function rowsOf(teamId: string, segments: readonly Segment[], from: SQL, columns: SQL): SQL {
	const parts = segments.map(
		(segment) => sql`SELECT ${columns} FROM ${from} CROSS JOIN ${tableOf(segment)} t ON t.team_id = ${teamId}
			AND t.repo = n.repo AND t.workflow = n.workflow AND t.at >= ${segment.from} AND t.at < ${segment.to}`,
	);
	return sql.join(parts, sql` UNION ALL `);
}

/**
 * The workflows that need someone most, with their rollup rows and their newest runs. Figures come from the rollups of the
 * range, the ticks from an index seek for each workflow that is shown: neither depends on how many runs are stored.
 */
function selectWorkflows(teamId: string, view: OverviewView, range: Range, span: CourseSpan, limit: number): Statement {
	const { names, wanted } = wantedNames(teamId, view);
	const counts = sql`n.repo, n.workflow, t.success, t.failure, t.queued + t.running + t.success + t.failure + t.cancelled AS runs`;
	const segments: readonly Segment[] = span.by === "hour" ? [{ table: "hours", from: span.from, to: span.to }] : range.segments;
	const parts = segments.map(
		(segment) => sql`SELECT at, ${TALLY_COLUMNS} FROM ${tableOf(segment)} t WHERE t.team_id = ${teamId} AND t.repo = s.repo
			AND t.workflow = s.workflow AND t.at >= ${segment.from} AND t.at < ${segment.to}`,
	);
	return sql`WITH RECURSIVE ${names},
		figures AS (${rowsOf(teamId, range.segments, wanted, counts)}),
		counted AS (SELECT repo, workflow, sum(success) AS success, sum(failure) AS failure, sum(runs) AS runs
			FROM figures GROUP BY repo, workflow HAVING sum(runs) > 0),
		shown AS (SELECT repo, workflow, count(*) OVER () AS total FROM counted
			ORDER BY failure * 1.0 / (success + failure + 2) DESC, runs DESC, repo, workflow LIMIT ${limit})
		SELECT s.repo, s.workflow, s.total,
			(SELECT json_group_array(json_object('at', at, 'queued', queued, 'running', running, 'success', success, 'failure', failure,
				'cancelled', cancelled, 'durationSum', durationSum, 'durationCount', durationCount, 'histogram', histogram))
				FROM (${sql.join(parts, sql` UNION ALL `)})) AS parts,
			(SELECT json_group_array(json_object('id', id, 'status', status, 'orderedAt', ordered_at)) FROM (
				SELECT r.id, r.status, r.ordered_at FROM runs r INDEXED BY idx_runs_repo WHERE r.team_id = ${teamId} AND r.repo = s.repo AND r.workflow = s.workflow
				ORDER BY r.ordered_at DESC, r.id DESC LIMIT ${LAST_RUNS})) AS last
		FROM shown s`;
}

type WorkflowRecord = { repo: string; workflow: string; total: number; parts: string; last: string };

function summaryOf({ repo, workflow, parts, last }: WorkflowRecord, span: CourseSpan): WorkflowSummary {
	const tally = emptyTally();
	const course = Array.from({ length: coursePoints(span) }, emptyTally);
	for (const record of JSON.parse(parts) as object[]) {
		const row = rollupFromRecord({ ...record, repo, workflow });
		addTally(tally, row.tally);
		addTally(course[coursePoint(span, row.at)] ?? emptyTally(), row.tally);
	}
	return { repo, workflow, tally, course, last: JSON.parse(last) as Tick[] };
}

/** The condition that continues a list after a place. Runs without a duration come last in either direction, by id. */
function afterPlace({ by, isDescending }: RunSort, { key, id }: Place): SQL {
	const than = sql.raw(isDescending ? "<" : ">");
	if (by === "started") return sql`(r.ordered_at, r.id) ${than} (${key}, ${id})`;
	if (key === null) return sql`(r.duration_ms IS NULL AND r.id ${than} ${id})`;
	return sql`((r.duration_ms, r.id) ${than} (${key}, ${id}) OR r.duration_ms IS NULL)`;
}

/**
 * One page of runs and one row more. Newest or oldest first walks an index and stops at the page's end, unless a rare status or
 * text makes it look further. By duration there is no index: it sorts the range, which costs what the range holds.
 */
function selectPage(teamId: string, view: PipelinesView): Statement {
	const place = view.after === null ? null : readPlace(view.sort, view.after);
	if (view.after !== null && place === null) {
		throw new AppError("invalid", "This page of the list does not exist. Start at the first one.", {
			fields: { cursor: "is not a cursor of this list: take `nextCursor` as it came" },
		});
	}
	const { repos: repo, workflows: workflow, statuses: status, q, from, sort } = view;
	const where = whereOf(teamId, { repo, workflow, status, q, from, ...(view.to === null ? {} : { to: view.to }) });
	const direction = sql.raw(sort.isDescending ? "DESC" : "ASC");
	const order =
		sort.by === "started"
			? sql`r.ordered_at ${direction}, r.id ${direction}`
			: sql`r.duration_ms IS NULL, r.duration_ms ${direction}, r.id ${direction}`;
	return sql`SELECT ${LISTED_COLUMNS} FROM runs r WHERE ${where}${place ? sql` AND ${afterPlace(sort, place)}` : sql``}
		ORDER BY ${order} LIMIT ${RUNS_PER_PAGE + 1}`;
}

function rangeOf(view: OverviewView, now: number): Range {
	// Days are always answerable; the course decides by itself how fine it is.
	const range = resolveRange({ from: view.from, to: view.to ?? runningHourEnd(now), groupBy: "day", now });
	if ("fields" in range) throw new AppError("invalid", "This range can't be answered. Choose another.", { fields: range.fields });
	return range;
}

/** The workflows that ran in a range, worst first, at most `limit`, and how many there are. */
export async function readWorkflows(
	db: Database,
	teamId: string,
	view: OverviewView,
	{ limit, now }: { limit: number; now: number },
): Promise<{ workflows: WorkflowSummary[]; total: number; range: Range }> {
	const range = rangeOf(view, now);
	const span = courseSpan(range, hoursKeptSince(now));
	const records = await db.all<WorkflowRecord>(selectWorkflows(teamId, view, range, span, limit));
	return { workflows: records.map((record) => summaryOf(record, span)).sort(byNeed), total: records[0]?.total ?? 0, range };
}

/**
 * The pipelines page, read in one consistent batch: what the server renders and the live fold continues from.
 * @throws AppError invalid for a range that can't be answered and for a cursor of another list
 */
export async function readPipelines(db: Database, teamId: string, asked: PipelinesView, now: number): Promise<Pipelines> {
	const range = rangeOf(asked, now);
	const span = courseSpan(range, hoursKeptSince(now));
	const workflowsShown = Math.max(1, Math.min(WORKFLOWS_MAX, asked.workflowsShown));
	const view = { ...asked, workflowsShown, from: range.from, to: asked.to === null ? null : range.to };
	const [head, records, found] = (await db.batch([
		selectHead(teamId, 0),
		selectWorkflows(teamId, view, range, span, workflowsShown),
		selectPage(teamId, view),
	])) as [Head[], WorkflowRecord[], unknown[]];
	const runs = found.slice(0, RUNS_PER_PAGE).map((record) => toRow(listedFromRecord(record)));
	const last = runs.at(-1);
	return {
		epoch: head[0]?.epoch ?? "",
		seq: head[0]?.no ?? 0,
		at: head[0]?.at ?? null,
		view,
		span,
		workflows: records.map((record) => summaryOf(record, span)).sort(byNeed),
		workflowsTotal: records[0]?.total ?? 0,
		runs,
		nextCursor: found.length > RUNS_PER_PAGE && last ? toPlaceText(view.sort, last) : null,
	};
}
