import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";

/** A commit as people read it. */
export type CommitLine = { sha: string; author: string; message: string; at: number | null };

/** Pushes that are walked back at most; beyond that nobody reads what changed commit by commit. */
const PUSHES_MAX = 200;
const COMMITS_MAX = 250;

/**
 * The commits that came between two of them, newest first: from `to` back to `from`, push by push, as the repository told of its pushes.
 * @returns null where the way from one to the other is not known
 */
export async function commitsBetween(
	db: Database,
	teamId: string,
	{ repo, from, to }: { repo: string; from: string; to: string },
): Promise<CommitLine[] | null> {
	if (from === to) return [];
	// A push lists its commits and says what was there before it: each step leads to the push that made that.
	const rows = await db.all<{ before: string; after: string; receivedAt: number; step: number }>(
		sql`WITH RECURSIVE way(before, after, received_at, step) AS (
				SELECT before, after, received_at, 1 FROM (
					SELECT before, after, received_at FROM pushes
					WHERE team_id = ${teamId} AND repo = ${repo} AND deleted = 0 AND (after = ${to} OR received_at IN (
						SELECT received_at FROM git_commits WHERE team_id = ${teamId} AND repo = ${repo} AND sha = ${to}))
					ORDER BY after = ${to} DESC, received_at LIMIT 1)
				UNION ALL
				SELECT p.before, p.after, p.received_at, w.step + 1 FROM way w JOIN pushes p
					ON p.team_id = ${teamId} AND p.repo = ${repo} AND p.after = w.before AND p.deleted = 0
				WHERE w.step < ${PUSHES_MAX} AND w.before <> ${from})
			SELECT before, after, received_at AS receivedAt, step FROM way ORDER BY step`,
	);
	if (rows.length === 0) return null;
	const times = [...new Set(rows.map(({ receivedAt }) => receivedAt))];
	const commits = await db.all<CommitLine & { receivedAt: number }>(
		sql`SELECT sha, author, message, at, received_at AS receivedAt FROM git_commits
			WHERE team_id = ${teamId} AND repo = ${repo} AND received_at IN (SELECT value FROM json_each(${JSON.stringify(times)}))
			ORDER BY received_at DESC, at DESC, rowid DESC LIMIT ${COMMITS_MAX}`,
	);
	const begins = commits.findIndex(({ sha }) => sha === to);
	const ends = commits.findIndex(({ sha }) => sha === from);
	const isWhole = rows.some(({ before }) => before === from) || ends !== -1;
	if (!isWhole) return null;
	return commits.slice(Math.max(0, begins), ends === -1 ? undefined : ends).map(({ receivedAt: _, ...commit }) => commit);
}
