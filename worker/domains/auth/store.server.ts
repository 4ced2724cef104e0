import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { type Actor, type Membership, type Role, type Scope, SESSION_IDLE_MS } from "./model.ts";

/** The person a session belongs to, with their teams, or null when it is unknown, ended or idle too long. */
export async function actorOfSession(db: Database, hash: string, now: number): Promise<Actor | null> {
	const rows = await db.all<{ userId: string; name: string; login: string; teams: string }>(
		sql`SELECT u.id AS userId, u.name, u.login, (
				SELECT json_group_array(json_object('id', t.id, 'slug', t.slug, 'name', t.name, 'role', m.role, 'isDemo', EXISTS (
					SELECT 1 FROM integrations i WHERE i.team_id = t.id AND i.is_demo = 1)))
				FROM members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = u.id) AS teams
			FROM sessions s JOIN users u ON u.id = s.user_id
			WHERE s.hash = ${hash} AND s.revoked_at IS NULL AND s.expires_at > ${now} AND s.last_seen_at > ${now - SESSION_IDLE_MS}`,
	);
	const [row] = rows;
	if (!row) return null;
	const teams = (JSON.parse(row.teams) as (Omit<Membership, "isDemo"> & { isDemo: number })[]).map((team) => ({
		...team,
		isDemo: team.isDemo === 1,
	}));
	teams.sort((a, b) => (a.name < b.name ? -1 : 1));
	return { kind: "person", userId: row.userId, name: row.name, login: row.login, teams };
}

/** Note that a session is in use; at most once a minute, so that a page view is not a write. */
export function touchSession(hash: string, now: number): Statement {
	return sql`UPDATE sessions SET last_seen_at = ${now} WHERE hash = ${hash} AND last_seen_at < ${now - 60_000}`;
}

/** Start a session. */
export function insertSession(session: { hash: string; userId: string; now: number; expiresAt: number }): Statement {
	return sql`INSERT INTO sessions (hash, user_id, created_at, last_seen_at, expires_at)
			VALUES (${session.hash}, ${session.userId}, ${session.now}, ${session.now}, ${session.expiresAt})
			ON CONFLICT(hash) DO UPDATE SET last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at`;
}

/** End a session at once. */
export function revokeSession(hash: string, now: number): Statement {
	return sql`UPDATE sessions SET revoked_at = ${now} WHERE hash = ${hash} AND revoked_at IS NULL`;
}

/** The token of this hash, with its owner's role today, or null when it is unknown, expired or revoked. */
export async function actorOfToken(db: Database, hash: string, now: number): Promise<Actor | null> {
	const rows = await db.all<{
		id: string;
		name: string;
		userId: string | null;
		teamId: string;
		slug: string;
		scopes: string;
		role: Role | null;
	}>(
		sql`SELECT k.id, k.name, k.user_id AS userId, k.team_id AS teamId, t.slug, k.scopes, m.role
			FROM tokens k JOIN teams t ON t.id = k.team_id LEFT JOIN members m ON m.team_id = k.team_id AND m.user_id = k.user_id
			WHERE k.hash = ${hash} AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ${now})
				AND (k.user_id IS NULL OR m.user_id IS NOT NULL)`,
	);
	const [row] = rows;
	if (!row) return null;
	return {
		kind: "token",
		tokenId: row.id,
		name: row.name,
		userId: row.userId,
		team: { id: row.teamId, slug: row.slug },
		role: row.role,
		scopes: JSON.parse(row.scopes) as Scope[],
	};
}

/** Store a token under its hash; storing it again renews it. */
export function insertToken(token: {
	hash: string;
	id: string;
	teamId: string;
	userId: string | null;
	name: string;
	scopes: Scope[];
	now: number;
	expiresAt: number | null;
}): Statement {
	return sql`INSERT INTO tokens (hash, id, team_id, user_id, name, scopes, created_at, expires_at)
			VALUES (${token.hash}, ${token.id}, ${token.teamId}, ${token.userId}, ${token.name}, ${JSON.stringify(token.scopes)}, ${token.now},
				${token.expiresAt})
			ON CONFLICT(hash) DO UPDATE SET expires_at = excluded.expires_at`;
}
