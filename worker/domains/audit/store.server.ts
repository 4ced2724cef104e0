import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import type { NamedAuditRow } from "./api.ts";

/** Reading the audit. Writing is chain.server.ts's alone. */

/** Which entries: `act` is a whole act or its noun (`integration` finds `integration.rotate`); times are epoch ms, `to` is excluded. */
export type AuditFilter = { actor?: string | undefined; act?: string | undefined; from?: number | undefined; to?: number | undefined };

/** A page of a team's audit, newest first: up to `limit` entries with a number below `before`. */
export async function readAudit(
	db: Database,
	teamId: string,
	{ actor, act, from, to, before, limit }: AuditFilter & { before?: number | undefined; limit: number },
): Promise<NamedAuditRow[]> {
	const conditions = [sql`a.team_id = ${teamId}`];
	if (actor !== undefined) conditions.push(sql`a.actor = ${actor}`);
	if (act !== undefined) conditions.push(sql`(a.act = ${act} OR substr(a.act, 1, ${act.length + 1}) = ${`${act}.`})`);
	if (from !== undefined) conditions.push(sql`a.at >= ${from}`);
	if (to !== undefined) conditions.push(sql`a.at < ${to}`);
	if (before !== undefined) conditions.push(sql`a.no < ${before}`);
	return await db.all(
		sql`SELECT a.no, a.at, a.actor, coalesce(u.name, k.name) AS actorName, a.role, a.act, a.object, a.before, a.after, a.reason,
				a.request_id AS requestId, a.address, a.outcome, a.hash
			FROM audit a LEFT JOIN users u ON u.id = a.actor LEFT JOIN tokens k ON k.team_id = a.team_id AND 'token:' || k.id = a.actor
			WHERE ${sql.join(conditions, sql` AND `)} ORDER BY a.no DESC LIMIT ${limit}`,
	);
}

/** Who and which acts a team's audit speaks of, for the choices of its filters. */
export async function readAuditChoices(
	db: Database,
	teamId: string,
): Promise<{ actors: { id: string; name: string | null }[]; acts: string[] }> {
	const [actors, acts] = (await db.batch([
		sql`SELECT a.actor AS id, coalesce(u.name, k.name) AS name FROM (SELECT DISTINCT actor FROM audit WHERE team_id = ${teamId}) a
			LEFT JOIN users u ON u.id = a.actor LEFT JOIN tokens k ON k.team_id = ${teamId} AND 'token:' || k.id = a.actor ORDER BY name, id LIMIT 500`,
		sql`SELECT DISTINCT act FROM audit WHERE team_id = ${teamId} ORDER BY act LIMIT 500`,
	])) as [{ id: string; name: string | null }[], { act: string }[]];
	return { actors, acts: acts.map(({ act }) => act) };
}
