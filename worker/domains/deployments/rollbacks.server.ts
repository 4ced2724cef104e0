import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { RollbackRow } from "../../wire/deployments.ts";
import type { Command } from "../../wire/rollback.ts";
import type { RollbackRecord, RollbackTarget } from "./rollback-record.ts";

/** Commands as D1 keeps them. Written by their environment's object alone. */

type Row = { command: string; target: string; row: string };
const COLUMNS = sql.raw("r.command, r.target, r.row");

const toRecord = ({ command, target, row }: Row): RollbackRecord => ({
	command: JSON.parse(command) as Command,
	target: JSON.parse(target) as RollbackTarget,
	row: JSON.parse(row) as RollbackRow,
});

/** One command of an environment, or null. */
export async function readRecord(db: Database, teamId: string, environmentId: string, id: string): Promise<RollbackRecord | null> {
	const rows = await db.all<Row>(
		sql`SELECT ${COLUMNS} FROM rollbacks r WHERE r.team_id = ${teamId} AND r.id = ${id} AND r.environment_id = ${environmentId}`,
	);
	return rows[0] ? toRecord(rows[0]) : null;
}

/** The command of a key, with what was asked under it; null when there is none. */
export async function readByKey(
	db: Database,
	teamId: string,
	environmentId: string,
	key: string,
): Promise<{ record: RollbackRecord; requestHash: string } | null> {
	const rows = await db.all<Row & { requestHash: string }>(
		sql`SELECT ${COLUMNS}, r.request_hash AS requestHash FROM rollbacks r
			WHERE r.team_id = ${teamId} AND r.environment_id = ${environmentId} AND r.idempotency_key = ${key}`,
	);
	const [row] = rows;
	return row ? { record: toRecord(row), requestHash: row.requestHash } : null;
}

/** What is under way in an environment: commands that are not over, and those whose recovery is watched. */
export async function readUnderWay(db: Database, teamId: string, environmentId: string): Promise<RollbackRecord[]> {
	const rows = await db.all<Row>(
		sql`SELECT ${COLUMNS} FROM rollbacks r WHERE r.team_id = ${teamId} AND r.environment_id = ${environmentId}
				AND (r.state IN ('pending', 'claimed', 'cancelling', 'unknown') OR r.row ->> 'recovery' = 'watching')
			ORDER BY r.requested_at`,
	);
	return rows.map(toRecord);
}

/** Whether a rollback was ever made by itself for a deployment. */
export async function hasAutomatic(db: Database, teamId: string, deploymentId: string): Promise<boolean> {
	const rows = await db.all(sql`SELECT 1 FROM rollbacks WHERE team_id = ${teamId} AND automatic_for = ${deploymentId}`);
	return rows.length > 0;
}

/** Store a new command. @throws by its unique indexes when there is one under way, or one of its key */
export function insertRecord(
	teamId: string,
	{ command, target, row }: RollbackRecord,
	more: { key: string; requestHash: string; automaticFor: string | null },
): Statement {
	return sql`INSERT INTO rollbacks (team_id, id, environment_id, kind, component, idempotency_key, request_hash, state, command, target, row,
				automatic_for, requested_by, requested_at)
			VALUES (${teamId}, ${row.id}, ${row.environmentId}, ${row.kind}, ${row.component}, ${more.key}, ${more.requestHash}, ${command.state},
				${JSON.stringify(command)}, ${JSON.stringify(target)}, ${JSON.stringify(row)}, ${more.automaticFor}, ${row.requestedBy.id},
				${row.requestedAt})`;
}

/** That a record is as it was read: what is written beside it, or after it, changes nothing otherwise. */
function isAt(teamId: string, before: RollbackRecord): Statement {
	return sql`EXISTS (SELECT 1 FROM rollbacks WHERE team_id = ${teamId} AND id = ${before.row.id} AND target ->> 'rev' = ${before.target.rev})`;
}

/** Store a record's next state, where it is as it was read. Answers its id when it was. */
export function updateRecord(teamId: string, before: RollbackRecord, { command, target, row }: RollbackRecord): Statement {
	return sql`UPDATE rollbacks SET state = ${command.state}, command = ${JSON.stringify(command)}, target = ${JSON.stringify(target)},
				row = ${JSON.stringify(row)}, finished_at = ${row.finishedAt}, took_ms = ${row.tookMs}
			WHERE team_id = ${teamId} AND id = ${before.row.id} AND target ->> 'rev' = ${before.target.rev} RETURNING id`;
}

/** The fence that was given last in an environment. */
export function raiseFence(teamId: string, before: RollbackRecord, fence: number): Statement {
	return sql`UPDATE environments SET fence = max(fence, ${fence})
			WHERE team_id = ${teamId} AND id = ${before.row.environmentId} AND ${isAt(teamId, before)}`;
}

/** Hold the version that was rolled back; stated before the record's own update, so that it holds only with it. */
export function holdBad(teamId: string, before: RollbackRecord, hold: { id: string; at: number; until: number }): Statement {
	const { row, target } = before;
	const { id: by, name } = row.requestedBy;
	return sql`INSERT INTO holds (team_id, id, environment_id, component, version, "commit", images, rollback_id, reason, held_by, held_by_name,
				held_at, until)
			SELECT ${teamId}, ${hold.id}, ${row.environmentId}, ${row.component}, ${target.bad.version}, ${target.bad.commit},
				${JSON.stringify(target.bad.images)}, ${row.id}, ${row.reason}, ${by}, ${name}, ${hold.at}, ${hold.until}
			WHERE ${isAt(teamId, before)}`;
}

/** Lock the environment after a rollback, unless a lock that lasts longer stands already. */
export function lockAfter(teamId: string, before: RollbackRecord, { at, until }: { at: number; until: number }): Statement {
	const { row } = before;
	const reason = `Rolled back from ${row.from.version} to ${row.to.version}`;
	return sql`UPDATE environments SET locked_by = ${row.requestedBy.id}, locked_by_name = ${row.requestedBy.name}, locked_at = ${at},
				locked_until = ${until}, lock_reason = ${reason}, lock_rollback_id = ${row.id}
			WHERE team_id = ${teamId} AND id = ${row.environmentId} AND ${isAt(teamId, before)}
				AND (locked_by IS NULL OR (locked_until IS NOT NULL AND locked_until < ${until}))`;
}

/** One command of a team as pages show it, or null. */
export async function findRollback(db: Database, teamId: string, id: string): Promise<RollbackRow | null> {
	const rows = await db.all<{ row: string }>(sql`SELECT row FROM rollbacks WHERE team_id = ${teamId} AND id = ${id}`);
	return rows[0] ? (JSON.parse(rows[0].row) as RollbackRow) : null;
}

export type RollbackFilter = {
	environmentId?: string | undefined;
	state?: Command["state"] | undefined;
	kind?: RollbackRow["kind"] | undefined;
	limit: number;
	/** Keyset: only commands after this one in the order. */
	after?: { at: number; id: string } | undefined;
};

/** Commands of a team, newest first; at most `limit`. */
export async function listRollbacks(db: Database, teamId: string, filter: RollbackFilter): Promise<RollbackRow[]> {
	const where = [sql`team_id = ${teamId}`];
	if (filter.environmentId !== undefined) where.push(sql`environment_id = ${filter.environmentId}`);
	if (filter.state !== undefined) where.push(sql`state = ${filter.state}`);
	if (filter.kind !== undefined) where.push(sql`kind = ${filter.kind}`);
	if (filter.after) where.push(sql`(requested_at, id) < (${filter.after.at}, ${filter.after.id})`);
	const rows = await db.all<{ row: string }>(
		sql`SELECT row FROM rollbacks WHERE ${sql.join(where, sql` AND `)} ORDER BY requested_at DESC, id DESC LIMIT ${filter.limit}`,
	);
	return rows.map(({ row }) => JSON.parse(row) as RollbackRow);
}

/** The environment of a hold that nobody has released; null when the team has none of that id. */
export async function findHold(db: Database, teamId: string, id: string): Promise<string | null> {
	const rows = await db.all<{ environmentId: string }>(
		sql`SELECT environment_id AS environmentId FROM holds WHERE team_id = ${teamId} AND id = ${id} AND released_at IS NULL`,
	);
	return rows[0]?.environmentId ?? null;
}
