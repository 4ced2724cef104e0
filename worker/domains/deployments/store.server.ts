import { type SQL, sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { DeploymentRow, DeploymentStatus, RollbackRow } from "../../wire/deployments.ts";
import { DEPLOYMENT_COLUMNS, deploymentFromRecord } from "./book.server.ts";
import { type StoredDeployment, toDeploymentRow } from "./model.ts";

export type { StoredDeployment } from "./model.ts";

export type DeploymentFilter = {
	environmentId?: string | undefined;
	component?: string | undefined;
	status?: DeploymentStatus | readonly DeploymentStatus[] | undefined;
	from?: number | undefined;
	to?: number | undefined;
	limit: number;
	/** Keyset: only deployments after this one in the order. */
	after?: { orderedAt: number; id: string } | undefined;
};

/** What a cluster shows counts where nobody declares deployments of the component (`c`). */
export const COUNTS = sql.raw("(d.source <> 'cluster' OR c.declared_at IS NULL)");
const FROM = sql.raw(
	`deployments d CROSS JOIN environments e ON e.team_id = d.team_id AND e.id = d.environment_id
	 LEFT JOIN environment_components c ON c.team_id = d.team_id AND c.environment_id = d.environment_id AND c.component = d.component`,
);
/** The columns that `storedDeploymentFromRecord` reads. */
export const STORED_COLUMNS = sql`${DEPLOYMENT_COLUMNS}, e.name AS environment`;

/** A deployment as it was read, with the name of its environment. */
export function storedDeploymentFromRecord(record: unknown): StoredDeployment {
	const { environment, ...rest } = record as { environment: string };
	const deployment = deploymentFromRecord(rest);
	const { images, inactiveAt, ref, statusRaw, updatedAt } = deployment;
	return { ...toDeploymentRow(deployment, environment), images, inactiveAt, ref, statusRaw, updatedAt };
}

const rowFromRecord = (record: unknown): DeploymentRow => {
	const { images: _i, inactiveAt: _a, ref: _r, statusRaw: _s, updatedAt: _u, ...row } = storedDeploymentFromRecord(record);
	return row;
};

const select = (where: SQL, limit: number) =>
	sql`SELECT ${STORED_COLUMNS} FROM ${FROM} WHERE ${where} ORDER BY d.ordered_at DESC, d.id DESC LIMIT ${limit}`;

function whereOf(teamId: string, filter: Omit<DeploymentFilter, "limit">): SQL {
	const where = [sql`d.team_id = ${teamId}`, COUNTS];
	const statuses = filter.status === undefined ? [] : [filter.status].flat();
	if (filter.environmentId !== undefined) where.push(sql`d.environment_id = ${filter.environmentId}`);
	if (filter.component !== undefined) where.push(sql`d.component = ${filter.component}`);
	if (statuses.length > 0) where.push(sql`d.status IN (SELECT value FROM json_each(${JSON.stringify(statuses)}))`);
	if (filter.from !== undefined) where.push(sql`d.ordered_at >= ${filter.from}`);
	if (filter.to !== undefined) where.push(sql`d.ordered_at < ${filter.to}`);
	if (filter.after) where.push(sql`(d.ordered_at, d.id) < (${filter.after.orderedAt}, ${filter.after.id})`);
	return sql.join(where, sql` AND `);
}

/** Deployments of a team, newest first; at most `limit`. */
export async function listDeployments(db: Database, teamId: string, filter: DeploymentFilter): Promise<DeploymentRow[]> {
	return (await db.all(select(whereOf(teamId, filter), filter.limit))).map(rowFromRecord);
}

/** One deployment, or null when the team has no such one. */
export async function readDeploymentRow(db: Database, teamId: string, id: string): Promise<StoredDeployment | null> {
	const rows = await db.all(select(sql`d.team_id = ${teamId} AND d.id = ${id}`, 1));
	return rows.length > 0 ? storedDeploymentFromRecord(rows[0]) : null;
}

/** What happened to a component in an environment, newest attempt first. One that is only known to have been replaced is no attempt. */
export async function historyOf(
	db: Database,
	teamId: string,
	{ environmentId, component, limit }: { environmentId: string; component: string; limit: number },
): Promise<StoredDeployment[]> {
	const where = sql`${whereOf(teamId, { environmentId, component })} AND d.rank >= 0`;
	return (await db.all(select(where, limit))).map(storedDeploymentFromRecord);
}

/** The newest deployments, for a snapshot of the stream; `newestFromRecords` reads the answer. */
export function selectNewest(teamId: string, limit: number): Statement {
	return select(whereOf(teamId, {}), limit);
}

/** @see selectNewest */
export function newestFromRecords(records: readonly unknown[]): DeploymentRow[] {
	return records.map(rowFromRecord);
}

/** The newest attempt and the newest success of each component of a team, or of one environment. */
export function selectStanding(teamId: string, environmentId: string | null): Statement {
	const own = environmentId === null ? sql`` : sql` AND c.environment_id = ${environmentId}`;
	const newest = (condition: string) =>
		sql`(SELECT d.id FROM deployments d WHERE d.team_id = c.team_id AND d.environment_id = c.environment_id AND d.component = c.component
			AND ${COUNTS} AND ${sql.raw(condition)} ORDER BY d.ordered_at DESC, d.id DESC LIMIT 1)`;
	return sql`SELECT ${STORED_COLUMNS}, d.id = p.latest AS isLatest, d.id = p.current AS isCurrent FROM (
				SELECT c.team_id, c.environment_id, ${newest("d.rank >= 0")} AS latest, ${newest("d.status = 'success'")} AS current
				FROM environment_components c WHERE c.team_id = ${teamId}${own}) p
			CROSS JOIN deployments d ON d.team_id = p.team_id AND d.id IN (p.latest, p.current)
			CROSS JOIN environments e ON e.team_id = p.team_id AND e.id = p.environment_id`;
}

/** How a component stands: its newest success, and its newest attempt, whatever came of it. */
export type Standing = { environmentId: string; component: string; current: StoredDeployment | null; latest: StoredDeployment | null };

/** @see selectStanding */
export function standingFromRecords(records: readonly unknown[]): Standing[] {
	const standing = new Map<string, Standing>();
	for (const record of records) {
		const { isLatest, isCurrent, ...rest } = record as { isLatest: number; isCurrent: number | null };
		const deployment = storedDeploymentFromRecord(rest);
		const { environmentId, component } = deployment;
		const key = `${environmentId}\n${component}`;
		const known = standing.get(key) ?? { environmentId, component, current: null, latest: null };
		standing.set(key, {
			...known,
			...(isLatest === 1 ? { latest: deployment } : {}),
			...(isCurrent === 1 ? { current: deployment } : {}),
		});
	}
	return [...standing.values()];
}

const ACTIVE = sql.raw("('pending', 'claimed', 'cancelling', 'unknown')");

/** Commands that are under way, and those that ended after a moment; newest first. */
export function selectRecentRollbacks(teamId: string, since: number, environmentId: string | null = null): Statement {
	const own = environmentId === null ? sql`` : sql` AND environment_id = ${environmentId}`;
	return sql`SELECT row FROM rollbacks WHERE team_id = ${teamId}${own} AND (state IN ${ACTIVE} OR finished_at >= ${since})
			ORDER BY requested_at DESC, id DESC LIMIT 200`;
}

/** @see selectRecentRollbacks */
export function rollbacksFromRecords(records: readonly unknown[]): RollbackRow[] {
	return (records as { row: string }[]).map(({ row }) => JSON.parse(row) as RollbackRow);
}
