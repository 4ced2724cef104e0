import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { PushEvent } from "../../wire/events.ts";

/** A push as stored. */
export type Push = Omit<PushEvent, "type" | "commits"> & { receivedAt: number };

type Arrived = { event: PushEvent; integrationId: string; receivedAt: number };

/** The statements that store pushes and the commits they list; a repeat, under whatever delivery id, changes nothing. */
export function insertPushes(teamId: string, arrived: readonly Arrived[]): Statement[] {
	if (arrived.length === 0) return [];
	const pushes = arrived.map(({ event: p, integrationId, receivedAt }) => [
		...[p.id, integrationId, p.source, p.repo, p.ref, p.refType, p.before, p.after, p.forced ? 1 : 0, p.deleted ? 1 : 0, p.commitCount],
		...[JSON.stringify(p.authors), p.pusher, receivedAt],
	]);
	const commits = arrived.flatMap(({ event, integrationId, receivedAt }) =>
		event.commits.map((c) => [event.repo, c.sha, integrationId, c.author, c.message, c.at, receivedAt]),
	);
	return [
		sql`INSERT INTO pushes (team_id, id, integration_id, source, repo, ref, ref_type, before, after, forced, deleted, commit_count,
				authors, pusher, received_at)
			SELECT ${teamId}, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
				value->>10, value->>11, value->>12, value->>13
			FROM json_each(${JSON.stringify(pushes)}) WHERE true ON CONFLICT(team_id, id) DO NOTHING`,
		...(commits.length > 0
			? [
					sql`INSERT INTO git_commits (team_id, repo, sha, integration_id, author, message, at, received_at)
						SELECT ${teamId}, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6
						FROM json_each(${JSON.stringify(commits)}) WHERE true ON CONFLICT(team_id, repo, sha) DO NOTHING`,
				]
			: []),
	];
}

export type PushFilter = { repo?: string[]; from?: number; to?: number; limit: number; before?: { at: number; id: string } };

/** Pushes of a team, newest arrival first, one more than `limit` when there are more. */
export async function listPushes(db: Database, teamId: string, filter: PushFilter): Promise<Push[]> {
	const where = [sql`team_id = ${teamId}`];
	if (filter.repo?.length) where.push(sql`repo IN (SELECT value FROM json_each(${JSON.stringify(filter.repo)}))`);
	if (filter.from !== undefined) where.push(sql`received_at >= ${filter.from}`);
	if (filter.to !== undefined) where.push(sql`received_at < ${filter.to}`);
	if (filter.before) where.push(sql`(received_at, id) < (${filter.before.at}, ${filter.before.id})`);
	const rows = await db.all<Omit<Push, "forced" | "deleted" | "authors"> & { forced: number; deleted: number; authors: string }>(
		sql`SELECT id, source, repo, ref, ref_type AS refType, before, after, forced, deleted, commit_count AS commitCount, authors, pusher,
				received_at AS receivedAt
			FROM pushes WHERE ${sql.join(where, sql` AND `)} ORDER BY received_at DESC, id DESC LIMIT ${filter.limit + 1}`,
	);
	return rows.map((row) => ({
		...row,
		forced: row.forced === 1,
		deleted: row.deleted === 1,
		authors: JSON.parse(row.authors) as string[],
	}));
}
