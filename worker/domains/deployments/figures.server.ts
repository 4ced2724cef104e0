import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import { quantileOf } from "../stats/quantile.ts";
import { COUNTS } from "./store.server.ts";

/** How deployments went: how many, what share of them failed, how long restoring took. */
export type DeploymentFigures = {
	n: number;
	/** Of the decided ones: those that failed, and those that a rollback took back. 0–1; null where none is decided. */
	failureRate: number | null;
	/** Half of the restores took no longer than this, ms; null where there was none. */
	medianRestoreMs: number | null;
};

type Asked = { environmentId?: string | undefined; component?: string | undefined; from: number };

/** The figures of a team's deployments since a moment, of all or of an environment or component. Rollbacks are no changes of their own. */
export async function readDeploymentFigures(db: Database, teamId: string, asked: Asked): Promise<DeploymentFigures> {
	const { environmentId, component, from } = asked;
	const own = (table: string) => {
		const of = environmentId === undefined ? sql`` : sql` AND ${sql.raw(table)}.environment_id = ${environmentId}`;
		return component === undefined ? of : sql`${of} AND ${sql.raw(table)}.component = ${component}`;
	};
	const [counts, restores] = (await db.batch([
		sql`SELECT count(*) AS n,
				coalesce(sum(d.status IN ('success', 'failure')), 0) AS decided,
				coalesce(sum(d.status = 'failure' OR (d.status = 'success' AND d.id IN (
					SELECT r.row ->> '$.from.deploymentId' FROM rollbacks r
					WHERE r.team_id = ${teamId} AND r.kind = 'rollback' AND r.state = 'succeeded' AND r.requested_at >= ${from}))), 0) AS failed
			FROM deployments d LEFT JOIN environment_components c
				ON c.team_id = d.team_id AND c.environment_id = d.environment_id AND c.component = d.component
			WHERE d.team_id = ${teamId} AND d.ordered_at >= ${from} AND d.is_rollback = 0 AND d.rank >= 0 AND ${COUNTS}${own("d")}`,
		sql`SELECT coalesce(r.row ->> '$.restoreMs', r.took_ms) AS ms FROM rollbacks r
			WHERE r.team_id = ${teamId} AND r.kind = 'rollback' AND r.state = 'succeeded' AND r.requested_at >= ${from}${own("r")}
			ORDER BY r.requested_at DESC LIMIT 500`,
	])) as [{ n: number; decided: number; failed: number }[], { ms: number | null }[]];
	const { n = 0, decided = 0, failed = 0 } = counts[0] ?? {};
	const times = restores.flatMap(({ ms }) => (ms === null ? [] : [ms]));
	return { n, failureRate: decided === 0 ? null : failed / decided, medianRestoreMs: quantileOf(times, 0.5) };
}
