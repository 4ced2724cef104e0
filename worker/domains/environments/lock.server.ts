import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { EnvironmentSettings } from "../../wire/deployments.ts";

/** What an environment's object writes of it besides its commands: lock, holds, settings. */

type Whose = { teamId: string; environmentId: string };

/** Lock an environment; somebody else's lock only gives way where that is said. Answers its id when it did. */
export function lockEnvironment(
	{ teamId, environmentId }: Whose,
	lock: { by: string; byName: string; at: number; until: number | null; reason: string; mayForce: boolean },
): Statement {
	const { by, byName, at, until, reason, mayForce } = lock;
	return sql`UPDATE environments SET locked_by = ${by}, locked_by_name = ${byName}, locked_at = ${at}, locked_until = ${until},
				lock_reason = ${reason}, lock_rollback_id = NULL
			WHERE team_id = ${teamId} AND id = ${environmentId}
				AND (locked_at IS NULL OR locked_by = ${by} OR locked_until <= ${at} OR ${mayForce ? 1 : 0}) RETURNING id`;
}

/** Release the lock that was put on at a moment. Answers its id when it stood still. */
export function unlockEnvironment({ teamId, environmentId }: Whose, lockedAt: number): Statement {
	return sql`UPDATE environments SET locked_by = NULL, locked_by_name = NULL, locked_at = NULL, locked_until = NULL, lock_reason = NULL,
				lock_rollback_id = NULL
			WHERE team_id = ${teamId} AND id = ${environmentId} AND locked_at = ${lockedAt} RETURNING id`;
}

/** Release a hold. Answers its id when it held still. */
export function releaseHold({ teamId, environmentId }: Whose, id: string, { by, at }: { by: string; at: number }): Statement {
	return sql`UPDATE holds SET released_at = ${at}, released_by = ${by}
			WHERE team_id = ${teamId} AND environment_id = ${environmentId} AND id = ${id} AND released_at IS NULL RETURNING id`;
}

/** Holds that nobody has released: those whose time is over too, which the clock releases. */
export async function unreleasedHolds(db: Database, { teamId, environmentId }: Whose) {
	return await db.all<{ id: string; component: string; version: string; until: number }>(
		sql`SELECT id, component, version, until FROM holds
			WHERE team_id = ${teamId} AND environment_id = ${environmentId} AND released_at IS NULL ORDER BY until LIMIT 100`,
	);
}

/** Store an environment's settings. */
export function putSettings({ teamId, environmentId }: Whose, settings: EnvironmentSettings): Statement {
	const { isProduction, goodMinutes, autoRollback, needsApprover, drills, freezes } = settings;
	const flag = (value: boolean) => (value ? 1 : 0);
	return sql`UPDATE environments SET is_production = ${flag(isProduction)}, good_minutes = ${goodMinutes}, auto_rollback = ${flag(autoRollback)},
				needs_approver = ${flag(needsApprover)}, drills = ${flag(drills)}, freezes = ${JSON.stringify(freezes)}
			WHERE team_id = ${teamId} AND id = ${environmentId} RETURNING id`;
}

/**
 * Environments of all teams in which something is due: a command under way, a lock or hold whose time is over, a rehearsal that is
 * wanted and was not made since.
 */
export async function environmentsDue(db: Database, { now, drilledBefore }: { now: number; drilledBefore: number }) {
	const rows = await db.all<{ teamId: string; id: string; wantsDrill: number }>(
		sql`SELECT e.team_id AS teamId, e.id, (e.drills AND NOT EXISTS (SELECT 1 FROM rollbacks r WHERE r.team_id = e.team_id
					AND r.environment_id = e.id AND r.kind = 'dry-run' AND r.requested_at > ${drilledBefore})) AS wantsDrill
			FROM environments e WHERE wantsDrill OR e.locked_until <= ${now}
				OR EXISTS (SELECT 1 FROM holds h WHERE h.team_id = e.team_id AND h.environment_id = e.id AND h.released_at IS NULL AND h.until <= ${now})
				OR EXISTS (SELECT 1 FROM rollbacks r WHERE r.team_id = e.team_id AND r.environment_id = e.id
					AND r.state IN ('pending', 'claimed', 'cancelling', 'unknown'))
			LIMIT 500`,
	);
	return rows.map((row) => ({ ...row, wantsDrill: row.wantsDrill === 1 }));
}
