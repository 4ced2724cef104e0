import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import type { RollbackRow } from "../../wire/deployments.ts";
import { rollbacksFromRecords } from "./store.server.ts";

/** A rollback or rehearsal by its id, whatever its environment; null when the team has no such one. */
export async function readRollback(db: Database, teamId: string, id: string): Promise<RollbackRow | null> {
	const rows = await db.all(sql`SELECT row FROM rollbacks WHERE team_id = ${teamId} AND id = ${id}`);
	return rollbacksFromRecords(rows)[0] ?? null;
}

/** What was rolled back and rehearsed in an environment, newest first. */
export async function listRollbacks(db: Database, teamId: string, environmentId: string, limit: number): Promise<RollbackRow[]> {
	const rows = await db.all(
		sql`SELECT row FROM rollbacks WHERE team_id = ${teamId} AND environment_id = ${environmentId}
			ORDER BY requested_at DESC, id DESC LIMIT ${limit}`,
	);
	return rollbacksFromRecords(rows);
}
