import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { EnvironmentSettings, FreezeWindow, Hold } from "../../wire/deployments.ts";
import { environmentIdOf, type StoredEnvironment } from "./model.ts";

export type { StoredEnvironment } from "./model.ts";

const COLUMNS = sql.raw(
	`e.id, e.name, e.created_at AS createdAt, e.is_production AS isProduction, e.good_minutes AS goodMinutes, e.auto_rollback AS autoRollback,
	 e.needs_approver AS needsApprover, e.drills, e.freezes, e.locked_by AS lockedBy, e.locked_by_name AS lockedByName, e.locked_at AS lockedAt,
	 e.locked_until AS lockedUntil, e.lock_reason AS lockReason, e.lock_rollback_id AS lockRollbackId, e.fence`,
);

type Flags = "isProduction" | "autoRollback" | "needsApprover" | "drills";
type Record = { [flag in Flags]: number } & {
	id: string;
	name: string;
	createdAt: number;
	goodMinutes: number;
	freezes: string;
	lockedBy: string | null;
	lockedByName: string | null;
	lockedAt: number | null;
	lockedUntil: number | null;
	lockReason: string | null;
	lockRollbackId: string | null;
	fence: number;
};

/** A stored environment as the model speaks of it. */
export function environmentFromRecord(record: unknown): StoredEnvironment {
	const row = record as Record;
	const settings: EnvironmentSettings = {
		isProduction: row.isProduction === 1,
		goodMinutes: row.goodMinutes,
		autoRollback: row.autoRollback === 1,
		needsApprover: row.needsApprover === 1,
		freezes: JSON.parse(row.freezes) as FreezeWindow[],
		drills: row.drills === 1,
	};
	const by = { id: row.lockedBy ?? "", name: row.lockedByName ?? row.lockedBy ?? "" };
	return {
		...{ id: row.id, name: row.name, createdAt: row.createdAt, settings, fence: row.fence },
		lock:
			row.lockedAt === null
				? null
				: { by, at: row.lockedAt, until: row.lockedUntil, reason: row.lockReason, rollbackId: row.lockRollbackId },
	};
}

/** All environments of a team, or one: production first, then by name. */
export function selectEnvironments(teamId: string, ids: readonly string[] | null = null): Statement {
	const own = ids === null ? sql`` : sql` AND e.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
	return sql`SELECT ${COLUMNS} FROM environments e WHERE e.team_id = ${teamId}${own} ORDER BY e.is_production DESC, e.name, e.id`;
}

/** The environments of a team: production first, then by name. */
export async function listEnvironments(db: Database, teamId: string): Promise<StoredEnvironment[]> {
	return (await db.all(selectEnvironments(teamId))).map(environmentFromRecord);
}

/** One environment by its id or by what it is called; null when the team has no such one. */
export async function readEnvironment(db: Database, teamId: string, idOrName: string): Promise<StoredEnvironment | null> {
	const rows = (await db.all(selectEnvironments(teamId, [idOrName, environmentIdOf(teamId, idOrName)]))).map(environmentFromRecord);
	return rows.find(({ id }) => id === idOrName) ?? rows[0] ?? null;
}

type HoldRecord = Omit<Hold, "by"> & { environmentId: string; heldBy: string; heldByName: string; images: string };

/** The holds of a team, or of one environment, that nobody and no clock has released. */
export function selectHolds(teamId: string, environmentId: string | null, now: number): Statement {
	const own = environmentId === null ? sql`` : sql` AND environment_id = ${environmentId}`;
	return sql`SELECT id, environment_id AS environmentId, component, version, "commit", rollback_id AS rollbackId, held_by AS heldBy,
				held_by_name AS heldByName, held_at AS at, until, reason, images
			FROM holds WHERE team_id = ${teamId}${own} AND until > ${now} AND released_at IS NULL ORDER BY held_at DESC, id`;
}

/** A stored hold, with the images it stands for and the environment it is in. */
export function holdFromRecord(record: unknown): Hold & { environmentId: string; images: string[] } {
	const { heldBy, heldByName, images, ...hold } = record as HoldRecord;
	return { ...hold, by: { id: heldBy, name: heldByName }, images: JSON.parse(images) as string[] };
}

/** Versions that are held in an environment now. */
export async function activeHolds(
	db: Database,
	teamId: string,
	environmentId: string,
	now: number,
): Promise<(Hold & { images: string[] })[]> {
	const rows = await db.all(selectHolds(teamId, environmentId, now));
	return rows.map((row) => {
		const { environmentId: _, ...hold } = holdFromRecord(row);
		return hold;
	});
}
