import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";

/** A team's credentials as its ledger keeps them at hand: every integration with its live secrets, every ingest token's hash. */
export async function readCredentials(db: Database, teamId: string) {
	const [integrations, tokens] = (await db.batch([
		sql`SELECT i.id, i.source, i.disabled_at IS NOT NULL AS isDisabled, (
					SELECT json_group_array(json_object('secret', s.secret, 'expiresAt', s.expires_at))
					FROM integration_secrets s WHERE s.integration_id = i.id) AS secrets
				FROM integrations i WHERE i.team_id = ${teamId}`,
		// A person's token sends only while its owner is in the team and may send.
		sql`SELECT k.hash, k.id, k.expires_at AS expiresAt FROM tokens k
				WHERE k.team_id = ${teamId} AND k.revoked_at IS NULL AND (k.user_id IS NULL OR EXISTS (
					SELECT 1 FROM members m WHERE m.team_id = k.team_id AND m.user_id = k.user_id AND m.role <> 'viewer'))
				AND k.kind <> 'agent' AND EXISTS (SELECT 1 FROM json_each(k.scopes) WHERE value = 'ingest')`,
	])) as [{ id: string; source: string; isDisabled: number; secrets: string }[], { hash: string; id: string; expiresAt: number | null }[]];
	return {
		integrations: integrations.map((row) => ({
			id: row.id,
			source: row.source,
			isDisabled: row.isDisabled === 1,
			secrets: JSON.parse(row.secrets) as { secret: string; expiresAt: number | null }[],
		})),
		tokens,
	};
}

/**
 * Store an integration; storing it again changes nothing. With `max`, as people add them, only where the team has fewer and none of
 * that source is called the same. Answers its id when it is new.
 */
export function insertIntegration(row: {
	id: string;
	teamId: string;
	source: string;
	name: string;
	isDemo: boolean;
	now: number;
	max?: number;
}): Statement {
	return sql`INSERT INTO integrations (id, team_id, source, name, is_demo, created_at)
			SELECT ${row.id}, ${row.teamId}, ${row.source}, ${row.name}, ${row.isDemo ? 1 : 0}, ${row.now}
			WHERE ${row.max ?? null} IS NULL OR ((SELECT count(*) FROM integrations WHERE team_id = ${row.teamId}) < ${row.max ?? null}
				AND NOT EXISTS (SELECT 1 FROM integrations
					WHERE team_id = ${row.teamId} AND source = ${row.source} AND name = ${row.name}))
			ON CONFLICT(id) DO NOTHING RETURNING id`;
}

export type SecretRow = { integrationId: string; teamId: string; slot: 0 | 1; secret: string; now: number; expiresAt: number | null };

/** Put a secret into one of an integration's two slots; the same secret again keeps its age. */
export function putSecret(row: SecretRow): Statement {
	return putSecretWhere(row, sql`true`);
}

/** The same, when the statement just before it changed something. */
export function putSecretIfChanged(row: SecretRow): Statement {
	return putSecretWhere(row, sql`changes() > 0`);
}

function putSecretWhere(row: SecretRow, condition: Statement): Statement {
	return sql`INSERT INTO integration_secrets (integration_id, slot, team_id, secret, created_at, expires_at)
			SELECT ${row.integrationId}, ${row.slot}, ${row.teamId}, ${row.secret}, ${row.now}, ${row.expiresAt} WHERE ${condition}
			ON CONFLICT(integration_id, slot) DO UPDATE SET expires_at = excluded.expires_at, secret = excluded.secret,
				created_at = CASE WHEN secret = excluded.secret THEN created_at ELSE excluded.created_at END`;
}

/** The integration the demo came through, or null when the team has no demo. */
export async function demoIntegration(db: Database, teamId: string): Promise<string | null> {
	const rows = await db.all<{ id: string }>(sql`SELECT id FROM integrations WHERE team_id = ${teamId} AND is_demo = 1`);
	return rows[0]?.id ?? null;
}

export type KnownIntegration = {
	id: string;
	source: string;
	name: string;
	isDemo: boolean;
	secrets: { slot: 0 | 1; createdAt: number; expiresAt: number | null }[];
};

/** One integration with its slots, or null when the team has no such one. */
export async function readIntegration(db: Database, teamId: string, id: string): Promise<KnownIntegration | null> {
	const rows = await db.all<Omit<KnownIntegration, "isDemo" | "secrets"> & { isDemo: number; secrets: string }>(
		sql`SELECT i.id, i.source, i.name, i.is_demo AS isDemo, (
				SELECT json_group_array(json_object('slot', s.slot, 'createdAt', s.created_at, 'expiresAt', s.expires_at))
				FROM integration_secrets s WHERE s.integration_id = i.id) AS secrets
			FROM integrations i WHERE i.team_id = ${teamId} AND i.id = ${id}`,
	);
	const [row] = rows;
	return row ? { ...row, isDemo: row.isDemo === 1, secrets: JSON.parse(row.secrets) as KnownIntegration["secrets"] } : null;
}

/** Rename, unless another one of the source is called so; answers the id when it did. */
export function updateName(teamId: string, id: string, name: string): Statement {
	return sql`UPDATE integrations SET name = ${name} WHERE team_id = ${teamId} AND id = ${id} AND NOT EXISTS (
				SELECT 1 FROM integrations other WHERE other.team_id = ${teamId} AND other.source = integrations.source
				AND other.name = ${name} AND other.id <> ${id}) RETURNING id`;
}

/** Whether a team has an integration of a source with this name. */
export async function isNameTaken(db: Database, teamId: string, { source, name }: { source: string; name: string }): Promise<boolean> {
	const rows = await db.all(sql`SELECT 1 FROM integrations WHERE team_id = ${teamId} AND source = ${source} AND name = ${name} LIMIT 1`);
	return rows.length > 0;
}

/** Switch off since a moment, or on (null); answers the id when there was something to switch. */
export function updateDisabled(teamId: string, id: string, disabledAt: number | null): Statement {
	return sql`UPDATE integrations SET disabled_at = ${disabledAt} WHERE team_id = ${teamId} AND id = ${id} RETURNING id`;
}

/** Let the current secret end at a moment, unless somebody has changed it meanwhile; answers the slot when it did. */
export function expireSecret(teamId: string, id: string, current: { slot: 0 | 1; createdAt: number }, expiresAt: number): Statement {
	return sql`UPDATE integration_secrets SET expires_at = ${expiresAt} WHERE integration_id = ${id} AND team_id = ${teamId}
			AND slot = ${current.slot} AND created_at = ${current.createdAt} AND expires_at IS NULL RETURNING slot`;
}

/** Delete an integration; answers its id when there was one. */
export function deleteIntegration(teamId: string, id: string): Statement {
	return sql`DELETE FROM integrations WHERE team_id = ${teamId} AND id = ${id} RETURNING id`;
}

/** Delete the secrets of an integration. */
export function deleteSecrets(teamId: string, id: string): Statement {
	return sql`DELETE FROM integration_secrets WHERE team_id = ${teamId} AND integration_id = ${id}`;
}
