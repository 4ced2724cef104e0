import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { PushEvent } from "../../wire/events.ts";
import { commitsBetween, type KnownCommit, type KnownPush } from "./commits.ts";

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

/** Pushes that are walked through at most, and commits of them. */
const PUSHES_MAX = 1000;
const COMMITS_MAX = 5000;

/**
 * The commits of a repository after `base` up to `head`, newest first, or the other way round where `base` is the newer one.
 * Null where the pushes that are known do not lead from one to the other. Commits may be named by their first letters.
 */
export async function readCommitsBetween(
	db: Database,
	teamId: string,
	{ repo, base, head }: { repo: string; base: string; head: string },
): Promise<{ commits: Omit<KnownCommit, "receivedAt">[]; isReversed: boolean } | null> {
	const seen = (name: string) => sql`SELECT sha, received_at AS receivedAt FROM git_commits
			WHERE team_id = ${teamId} AND repo = ${repo} AND sha >= ${name} AND sha < ${`${name}g`}
			UNION ALL SELECT after, received_at FROM pushes WHERE team_id = ${teamId} AND repo = ${repo} AND after >= ${name} AND after < ${`${name}g`}
			LIMIT 1`;
	const [bases, heads] = (await db.batch([seen(base), seen(head)])) as { sha: string; receivedAt: number }[][];
	const [from, to] = [bases?.[0], heads?.[0]];
	const ends = { base: from?.sha ?? base, head: to?.sha ?? head };
	if (ends.base === ends.head) return { commits: [], isReversed: false };
	const until = Math.max(from?.receivedAt ?? 0, to?.receivedAt ?? 0);
	// A commit of before the first push that was heard of is named by none: then as far back as pushes are looked at.
	const since = from && to ? Math.min(from.receivedAt, to.receivedAt) : 0;
	const window = sql`team_id = ${teamId} AND repo = ${repo} AND received_at BETWEEN ${since} AND ${until}`;
	const [pushes, commits] = (await db.batch([
		sql`SELECT ref, before, after, received_at AS receivedAt FROM pushes WHERE ${window} AND ref_type = 'branch' AND deleted = 0
			ORDER BY received_at DESC LIMIT ${PUSHES_MAX}`,
		// In the order in which their pushes listed them.
		sql`SELECT sha, author, message, at, received_at AS receivedAt FROM git_commits WHERE ${window} ORDER BY rowid LIMIT ${COMMITS_MAX}`,
	])) as [KnownPush[], KnownCommit[]];
	const forwards = commitsBetween({ pushes, commits }, ends);
	if (forwards) return { commits: forwards, isReversed: false };
	const backwards = commitsBetween({ pushes, commits }, { base: ends.head, head: ends.base });
	return backwards && { commits: backwards, isReversed: true };
}
