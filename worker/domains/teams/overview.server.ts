import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import type { Actor } from "../auth/model.ts";
import { byTeamNeed, type TeamSummary } from "./model.ts";

const HOUR_MS = 3600_000;

/** How each of an actor's teams stands, worst first: one read, from rows that each team keeps summed by the hour. */
export async function readTeamsOverview(db: Database, actor: Actor, now: number): Promise<TeamSummary[]> {
	const teams = actor.kind === "person" ? actor.teams : [];
	if (teams.length === 0) return [];
	const since = Math.floor((now - 24 * HOUR_MS) / HOUR_MS) * HOUR_MS;
	type Row = { id: string; runs: number; success: number; failure: number; lastEventAt: number | null };
	const rows = await db.all<Row>(
		sql`SELECT k.value AS id, coalesce(sum(r.queued + r.running + r.success + r.failure + r.cancelled), 0) AS runs,
				coalesce(sum(r.success), 0) AS success, coalesce(sum(r.failure), 0) AS failure,
				(SELECT c.at FROM commits c WHERE c.team_id = k.value AND c.shard = 0 ORDER BY c.no DESC LIMIT 1) AS lastEventAt
			FROM json_each(${JSON.stringify(teams.map(({ id }) => id))}) k
			LEFT JOIN rollup_hours r ON r.team_id = k.value AND r.repo = '' AND r.workflow = '' AND r.at >= ${since}
			GROUP BY k.value`,
	);
	const found = new Map(rows.map((row) => [row.id, row]));
	return teams
		.map(({ id, slug, name, role }): TeamSummary => {
			const { runs = 0, success = 0, failure = 0, lastEventAt = null } = found.get(id) ?? {};
			const finished = success + failure;
			return { ...{ id, slug, name, role, runs, success, failure, lastEventAt }, successRate: finished > 0 ? success / finished : null };
		})
		.sort(byTeamNeed);
}
