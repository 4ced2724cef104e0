import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { redact } from "../redaction/mask.ts";
import {
	type Actor,
	type Membership,
	type Role,
	roleOfScopes,
	type Scope,
	SESSION_IDLE_MS,
	type SessionMethod,
	type SessionReport,
	type TokenReport,
} from "./model.ts";

/** A session (`s`) that is valid at a moment, and so is the token it was begun with, if it was. */
const liveSession = (now: number) => sql`s.revoked_at IS NULL AND s.expires_at > ${now} AND s.last_seen_at > ${now - SESSION_IDLE_MS}
		AND (s.token_id IS NULL OR EXISTS (SELECT 1 FROM tokens k WHERE k.id = s.token_id AND ${liveToken(now)}))`;

/** A token (`k`) that is valid at a moment. */
const liveToken = (now: number) => sql`k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ${now})`;

/** The person a session belongs to, with their teams, or null when it is unknown, ended or idle too long. */
export async function actorOfSession(db: Database, hash: string, now: number): Promise<Actor | null> {
	const rows = await db.all<{
		userId: string;
		name: string;
		login: string;
		sessionId: string;
		tokenId: string | null;
		scopes: string | null;
		teams: string;
	}>(
		sql`SELECT u.id AS userId, u.name, u.login, coalesce(s.id, '') AS sessionId, s.token_id AS tokenId, o.scopes, (
				SELECT json_group_array(json_object('id', t.id, 'slug', t.slug, 'name', t.name, 'role', m.role, 'isDemo', EXISTS (
					SELECT 1 FROM integrations i WHERE i.team_id = t.id AND i.is_demo = 1)))
				FROM members m JOIN teams t ON t.id = m.team_id
				WHERE m.user_id = u.id AND (s.token_id IS NULL OR m.team_id = o.team_id)) AS teams
			FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN tokens o ON o.id = s.token_id
			WHERE s.hash = ${hash} AND ${liveSession(now)}`,
	);
	const [row] = rows;
	if (!row) return null;
	const scopes = row.scopes === null ? null : (JSON.parse(row.scopes) as Scope[]);
	const teams = (JSON.parse(row.teams) as (Omit<Membership, "isDemo"> & { isDemo: number })[]).flatMap((team) => {
		// Begun with a token: no more than that token may do.
		const role = scopes === null ? team.role : roleOfScopes(team.role, scopes);
		return role === null ? [] : [{ ...team, role, isDemo: team.isDemo === 1 }];
	});
	teams.sort((a, b) => (a.name < b.name ? -1 : 1));
	const { userId, name, login, sessionId, tokenId } = row;
	return { kind: "person", userId, name, login, sessionId, ...(tokenId === null ? {} : { tokenId }), teams };
}

/** Note that a session is in use; at most once a minute, so that a page view is not a write. */
export function touchSession(hash: string, now: number): Statement {
	return sql`UPDATE sessions SET last_seen_at = ${now} WHERE hash = ${hash} AND last_seen_at < ${now - 60_000}`;
}

/** Note that a token is in use; at most once a minute. */
export function touchToken(hash: string, now: number): Statement {
	return sql`UPDATE tokens SET last_used_at = ${now} WHERE hash = ${hash} AND coalesce(last_used_at, 0) < ${now - 60_000}`;
}

export type NewSession = {
	hash: string;
	id: string;
	userId: string;
	method: SessionMethod;
	tokenId: string | null;
	agent: string | null;
	address: string | null;
	now: number;
	expiresAt: number;
};

/** Start a session; storing it again renews it. */
export function insertSession(session: NewSession): Statement {
	const { hash, id, userId, method, tokenId, agent, address, now, expiresAt } = session;
	return sql`INSERT INTO sessions (hash, id, user_id, method, token_id, agent, address, created_at, last_seen_at, expires_at)
			VALUES (${hash}, ${id}, ${userId}, ${method}, ${tokenId}, ${agent === null ? null : redact(agent.slice(0, 2000)).text.slice(0, 200)}, ${address}, ${now}, ${now}, ${expiresAt})
			ON CONFLICT(hash) DO UPDATE SET last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at`;
}

/** End the session of a cookie at once; answers its id and owner when it was not over. */
export function revokeSession(hash: string, now: number): Statement {
	return sql`UPDATE sessions SET revoked_at = ${now} WHERE hash = ${hash} AND revoked_at IS NULL RETURNING id, user_id AS userId`;
}

/** End a session of a person; answers its id when it was not over. */
export function revokeSessionById(userId: string, id: string, now: number): Statement {
	return sql`UPDATE sessions SET revoked_at = ${now} WHERE user_id = ${userId} AND id = ${id} AND revoked_at IS NULL RETURNING id`;
}

/** End all sessions of a person but one; answers their ids. */
export function revokeOtherSessions(userId: string, keepId: string, now: number): Statement {
	return sql`UPDATE sessions SET revoked_at = ${now}
			WHERE user_id = ${userId} AND id IS NOT ${keepId} AND revoked_at IS NULL AND expires_at > ${now} RETURNING id`;
}

/** The sessions of a person that are valid now, the latest used first. */
export async function listSessions(db: Database, userId: string, { currentId, now }: { currentId: string; now: number }) {
	const rows = await db.all<Omit<SessionReport, "isCurrent">>(
		sql`SELECT s.id, s.method, s.agent, s.address, s.created_at AS createdAt, s.last_seen_at AS lastSeenAt, s.expires_at AS expiresAt
			FROM sessions s WHERE s.user_id = ${userId} AND ${liveSession(now)} ORDER BY s.last_seen_at DESC, s.id LIMIT 200`,
	);
	return rows.map((row): SessionReport => ({ ...row, isCurrent: row.id === currentId }));
}

/** What of a person could hold a team's live socket: the ids of their sessions, and of their tokens of that team. */
export function selectHolders(teamId: string, userId: string, now: number): Statement {
	return sql`SELECT s.id FROM sessions s WHERE s.user_id = ${userId} AND s.revoked_at IS NULL AND s.expires_at > ${now}
			UNION ALL SELECT k.id FROM tokens k WHERE k.team_id = ${teamId} AND k.user_id = ${userId} AND ${liveToken(now)}`;
}

/** Which of these sessions and tokens may still read a team. */
export async function readLiveHolders(db: Database, teamId: string, holders: readonly string[], now: number): Promise<Set<string>> {
	const ids = JSON.stringify(holders);
	const rows = await db.all<{ id: string }>(
		sql`SELECT s.id FROM json_each(${ids}) h JOIN sessions s ON s.id = h.value
				JOIN members m ON m.team_id = ${teamId} AND m.user_id = s.user_id WHERE ${liveSession(now)}
			UNION SELECT k.id FROM json_each(${ids}) h JOIN tokens k ON k.id = h.value AND k.team_id = ${teamId}
				WHERE ${liveToken(now)} AND (k.user_id IS NULL OR EXISTS (
					SELECT 1 FROM members m WHERE m.team_id = k.team_id AND m.user_id = k.user_id))`,
	);
	return new Set(rows.map(({ id }) => id));
}

type TokenActor = Extract<Actor, { kind: "token" }>;

/** The token of this hash, with its owner's role today, or null when it is unknown, expired or revoked. */
export async function actorOfToken(db: Database, hash: string, now: number): Promise<TokenActor | null> {
	const rows = await db.all<{
		id: string;
		name: string;
		userId: string | null;
		teamId: string;
		slug: string;
		scopes: string;
		role: Role | null;
		kind: string;
	}>(
		sql`SELECT k.id, k.name, k.kind, k.user_id AS userId, k.team_id AS teamId, t.slug, k.scopes, m.role
			FROM tokens k JOIN teams t ON t.id = k.team_id LEFT JOIN members m ON m.team_id = k.team_id AND m.user_id = k.user_id
			WHERE k.hash = ${hash} AND ${liveToken(now)} AND (k.user_id IS NULL OR m.user_id IS NOT NULL)`,
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
		// An agent's opens nothing here, whatever its row says.
		scopes: row.kind === "agent" ? [] : (JSON.parse(row.scopes) as Scope[]),
	};
}

export type NewToken = {
	hash: string;
	id: string;
	teamId: string;
	kind: TokenReport["kind"] | "agent";
	userId: string | null;
	createdBy: string | null;
	rotatedFrom: string | null;
	name: string;
	scopes: Scope[];
	/** The cluster whose agent it is. */
	clusterId?: string;
	now: number;
	expiresAt: number | null;
};

/** Store a token under its hash; storing it again renews it. */
export function insertToken(token: NewToken): Statement {
	return insertTokenWhere(token, sql`true`);
}

/** The same, when the statement just before it changed something. */
export function insertTokenIfChanged(token: NewToken): Statement {
	return insertTokenWhere(token, sql`changes() > 0`);
}

/** The same, unless its owner (or the machines of the team) have `max` valid ones already. Answers its id when it is new. */
export function insertTokenUpTo(token: NewToken, max: number): Statement {
	const { teamId, userId, now } = token;
	return insertTokenWhere(
		token,
		sql`(SELECT count(*) FROM tokens k WHERE k.team_id = ${teamId} AND k.user_id IS ${userId} AND ${liveToken(now)}) < ${max}`,
	);
}

function insertTokenWhere(token: NewToken, condition: Statement): Statement {
	const { hash, id, teamId, kind, clusterId = null, userId, createdBy, rotatedFrom, name, now, expiresAt } = token;
	return sql`INSERT INTO tokens (hash, id, team_id, kind, cluster_id, user_id, created_by, rotated_from, name, scopes, created_at, expires_at)
			SELECT ${hash}, ${id}, ${teamId}, ${kind}, ${clusterId}, ${userId}, ${createdBy}, ${rotatedFrom}, ${name},
				${JSON.stringify(token.scopes)}, ${now}, ${expiresAt} WHERE ${condition}
			ON CONFLICT(hash) DO UPDATE SET expires_at = excluded.expires_at RETURNING id`;
}

/** How long a token that is over stays in lists, so that somebody who wonders finds out why it stopped. */
const OVER_SHOWN_MS = 30 * 24 * 3600_000;

/** Which tokens of a team: one person's, the machines', or all. */
export type TokenFilter = { ownerId: string } | { kind: "machine" } | { all: true };

/** Tokens of a team, newest first, those that are over for 30 days more. */
export async function listTokens(db: Database, teamId: string, filter: TokenFilter, now: number): Promise<TokenReport[]> {
	const which = "ownerId" in filter ? sql`k.user_id = ${filter.ownerId}` : "kind" in filter ? sql`k.kind = ${filter.kind}` : sql`true`;
	return (
		await readTokens(db, sql`k.team_id = ${teamId} AND ${which} AND coalesce(k.revoked_at, k.expires_at, ${now}) > ${now - OVER_SHOWN_MS}`)
	).sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
}

/** One token of a team, or null. */
export async function readToken(db: Database, teamId: string, id: string): Promise<TokenReport | null> {
	return (await readTokens(db, sql`k.team_id = ${teamId} AND k.id = ${id}`))[0] ?? null;
}

async function readTokens(db: Database, where: Statement): Promise<TokenReport[]> {
	type Row = Omit<TokenReport, "owner" | "scopes"> & { scopes: string; ownerId: string | null; ownerName: string | null };
	const rows = await db.all<Row>(
		sql`SELECT k.id, k.kind, k.name, k.scopes, k.user_id AS ownerId, u.name AS ownerName, coalesce(c.name, k.created_by) AS createdBy,
				k.created_at AS createdAt, k.expires_at AS expiresAt, k.last_used_at AS lastUsedAt, k.revoked_at AS revokedAt,
				k.rotated_from AS rotatedFrom
			FROM tokens k LEFT JOIN users u ON u.id = k.user_id LEFT JOIN users c ON c.id = k.created_by WHERE k.kind <> 'agent' AND ${where} LIMIT 1000`,
	);
	return rows.map(({ scopes, ownerId, ownerName, ...row }) => ({
		...row,
		scopes: JSON.parse(scopes) as Scope[],
		owner: ownerId === null ? null : { id: ownerId, name: ownerName ?? ownerId },
	}));
}

/** Let a valid token end no later than a moment, unless it is followed by another already; answers its id when it did. */
export function endTokenBy(teamId: string, id: string, { endsAt, now }: { endsAt: number; now: number }): Statement {
	return sql`UPDATE tokens AS k SET expires_at = min(coalesce(k.expires_at, ${endsAt}), ${endsAt})
			WHERE k.team_id = ${teamId} AND k.id = ${id} AND ${liveToken(now)}
				AND NOT EXISTS (SELECT 1 FROM tokens f WHERE f.rotated_from = k.id) RETURNING id`;
}

/** Revoke a token; answers its id when it was not revoked. */
export function revokeToken(teamId: string, id: string, now: number): Statement {
	return sql`UPDATE tokens SET revoked_at = ${now} WHERE team_id = ${teamId} AND id = ${id} AND revoked_at IS NULL RETURNING id`;
}

/** The agent's token of this hash, with its team and cluster; null when it is no agent's, or unknown, expired or revoked. */
export async function agentOfToken(
	db: Database,
	hash: string,
	now: number,
): Promise<{ tokenId: string; teamId: string; clusterId: string; cluster: string } | null> {
	const rows = await db.all<{ tokenId: string; teamId: string; clusterId: string; cluster: string }>(
		sql`SELECT k.id AS tokenId, k.team_id AS teamId, k.cluster_id AS clusterId, c.name AS cluster FROM tokens k
			JOIN clusters c ON c.team_id = k.team_id AND c.id = k.cluster_id AND c.removed_at IS NULL
			WHERE k.hash = ${hash} AND k.kind = 'agent' AND ${liveToken(now)}`,
	);
	return rows[0] ?? null;
}

/** The tokens that a cluster's agent may come with. */
export async function readLiveAgentTokens(db: Database, teamId: string, clusterId: string, now: number): Promise<Set<string>> {
	const rows = await db.all<{ id: string }>(
		sql`SELECT k.id FROM tokens k JOIN clusters c ON c.team_id = k.team_id AND c.id = k.cluster_id AND c.removed_at IS NULL
			WHERE k.team_id = ${teamId} AND k.cluster_id = ${clusterId} AND k.kind = 'agent' AND ${liveToken(now)}`,
	);
	return new Set(rows.map(({ id }) => id));
}
