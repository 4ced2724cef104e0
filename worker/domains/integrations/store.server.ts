import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";

/** A team's credentials as its ledger keeps them at hand: every integration with its live secrets, every ingest token's hash. */
export async function readCredentials(db: Database, teamId: string) {
	const [integrations, tokens] = (await db.batch([
		sql`SELECT i.id, i.source, i.disabled_at IS NOT NULL AS isDisabled, (
					SELECT json_group_array(json_object('secret', s.secret, 'expiresAt', s.expires_at))
					FROM integration_secrets s WHERE s.integration_id = i.id) AS secrets
				FROM integrations i WHERE i.team_id = ${teamId}`,
		sql`SELECT k.hash, k.id, k.expires_at AS expiresAt FROM tokens k
				WHERE k.team_id = ${teamId} AND k.revoked_at IS NULL AND EXISTS (SELECT 1 FROM json_each(k.scopes) WHERE value = 'ingest')`,
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

/** Store an integration; storing it again changes nothing. */
export function insertIntegration(row: {
	id: string;
	teamId: string;
	source: string;
	name: string;
	isDemo: boolean;
	now: number;
}): Statement {
	return sql`INSERT INTO integrations (id, team_id, source, name, is_demo, created_at)
			VALUES (${row.id}, ${row.teamId}, ${row.source}, ${row.name}, ${row.isDemo ? 1 : 0}, ${row.now}) ON CONFLICT(id) DO NOTHING`;
}

/** Put a secret into one of an integration's two slots. */
export function putSecret(row: {
	integrationId: string;
	teamId: string;
	slot: 0 | 1;
	secret: string;
	now: number;
	expiresAt: number | null;
}): Statement {
	return sql`INSERT INTO integration_secrets (integration_id, slot, team_id, secret, created_at, expires_at)
			VALUES (${row.integrationId}, ${row.slot}, ${row.teamId}, ${row.secret}, ${row.now}, ${row.expiresAt})
			ON CONFLICT(integration_id, slot) DO UPDATE SET secret = excluded.secret, expires_at = excluded.expires_at`;
}

/** The integration the demo came through, or null when the team has no demo. */
export async function demoIntegration(db: Database, teamId: string): Promise<string | null> {
	const rows = await db.all<{ id: string }>(sql`SELECT id FROM integrations WHERE team_id = ${teamId} AND is_demo = 1`);
	return rows[0]?.id ?? null;
}
