import { type SQL, sql } from "drizzle-orm";
import type { Statement } from "../../database.ts";
import type { Tally } from "../../wire/live.ts";
import type { Segment } from "./range.ts";
import { rollupFromRecord, TALLY_COLUMNS } from "./rollup.server.ts";

/** What a chart or a total is narrowed to. Empty lists mean everything. */
export type RollupFilter = { repos: string[]; workflows: string[] };

/** The rollup rows of some stretches of time. Never touches runs: the cost does not depend on how many there are. */
export function selectSegments(teamId: string, segments: readonly Segment[], filter: RollupFilter): Statement {
	const parts = segments.map((segment) => selectSegment(teamId, segment, filter));
	return parts.length > 0 ? sql.join(parts, sql` UNION ALL `) : sql`SELECT 1 WHERE false`;
}

function selectSegment(teamId: string, { table, from, to }: Segment, { repos, workflows }: RollupFilter): SQL {
	const where = [sql`team_id = ${teamId}`, sql`at >= ${from}`, sql`at < ${to}`];
	if (repos.length === 0 && workflows.length === 0) where.push(sql`repo = ''`, sql`workflow = ''`);
	else where.push(sql`repo <> ''`);
	if (repos.length > 0) where.push(sql`repo IN (SELECT value FROM json_each(${JSON.stringify(repos)}))`);
	if (workflows.length > 0) where.push(sql`workflow IN (SELECT value FROM json_each(${JSON.stringify(workflows)}))`);
	return sql`SELECT repo, workflow, at, ${TALLY_COLUMNS} FROM ${sql.raw(table === "hours" ? "rollup_hours" : "rollup_days")}
		WHERE ${sql.join(where, sql` AND `)}`;
}

/** What the statement above answered, as tallies. */
export function talliesFromRecords(records: unknown): { at: number; tally: Tally }[] {
	return (records as unknown[]).map(rollupFromRecord);
}
