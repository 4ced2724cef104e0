import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import { type Head, selectHead } from "../deliveries/store.server.ts";
import type { OverviewView } from "./overview.ts";
import { wantedNames } from "./pipelines.server.ts";
import { type FailedRun, STREAK_RUNS, type Streak, type Streaks } from "./streaks.ts";
import { bucketStart, DAY_MS } from "./tally.ts";

/** Workflows looked at, those with most failures first. */
const WORKFLOWS_MAX = 50;

type StreakRecord = { repo: string; workflow: string; decided: string };

/**
 * The workflows whose newest finished run failed within the last 24 hours, and how many before it did, in one batch with the
 * stream's number. Hourly figures say which workflows to look at; of each of these its newest runs are read.
 */
export async function readStreaks(db: Database, teamId: string, view: OverviewView, now: number): Promise<Streaks> {
	const since = bucketStart(now - DAY_MS, "hour");
	const { names, wanted } = wantedNames(teamId, view);
	const [head, records] = (await db.batch([
		selectHead(teamId, 0),
		sql`WITH RECURSIVE ${names},
			candidates AS (SELECT n.repo, n.workflow FROM ${wanted} CROSS JOIN rollup_hours t ON t.team_id = ${teamId}
				AND t.repo = n.repo AND t.workflow = n.workflow AND t.at >= ${since} AND t.failure > 0
				GROUP BY n.repo, n.workflow ORDER BY sum(t.failure) DESC, n.repo, n.workflow LIMIT ${WORKFLOWS_MAX})
			SELECT c.repo, c.workflow,
				(SELECT json_group_array(json_array(id, ordered_at, status)) FROM (
					SELECT r.id, r.ordered_at, r.status FROM runs r INDEXED BY idx_runs_repo
					WHERE r.team_id = ${teamId} AND r.repo = c.repo AND r.workflow = c.workflow AND r.status IN ('success', 'failure')
					ORDER BY r.ordered_at DESC, r.id DESC LIMIT ${STREAK_RUNS})) AS decided
			FROM candidates c`,
	])) as [Head[], StreakRecord[]];
	return {
		epoch: head[0]?.epoch ?? "",
		seq: head[0]?.no ?? 0,
		view: { repos: view.repos, workflows: view.workflows },
		list: records.map(streakOf).filter(({ failed }) => failed.length > 0),
	};
}

function streakOf({ repo, workflow, decided }: StreakRecord): Streak {
	const failed: FailedRun[] = [];
	for (const [id, orderedAt, status] of JSON.parse(decided) as [string, number, string][]) {
		if (status !== "failure") break;
		failed.push({ id, orderedAt });
	}
	return { repo, workflow, failed };
}
