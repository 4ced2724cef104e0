import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { Verbs, WorkloadRef } from "../../wire/agent.ts";
import { environmentIdOf } from "../environments/model.ts";
import type { Binding } from "./model.ts";

/** A cluster as its link needs it; null when it is not there, or was removed. */
export async function readLinked(db: Database, teamId: string, clusterId: string): Promise<{ name: string; bindings: Binding[] } | null> {
	const rows = await db.all<{ name: string; bindings: string }>(
		sql`SELECT name, bindings FROM clusters WHERE team_id = ${teamId} AND id = ${clusterId} AND removed_at IS NULL`,
	);
	const [row] = rows;
	return row ? { name: row.name, bindings: JSON.parse(row.bindings) as Binding[] } : null;
}

/** The environments that a cluster's namespaces are. */
export function environmentsOf(teamId: string, bindings: readonly Binding[]): string[] {
	return [...new Set(bindings.map(({ environment }) => environmentIdOf(teamId, environment)))];
}

/** What is known to run in a cluster, by name. */
export async function readWorkloadNames(db: Database, teamId: string, clusterId: string): Promise<WorkloadRef[]> {
	return await db.all<WorkloadRef>(
		sql`SELECT namespace, kind, name FROM workloads WHERE team_id = ${teamId} AND cluster_id = ${clusterId} LIMIT 20000`,
	);
}

type Seen = { now: number; isConnected: boolean; isNew: boolean; hello?: { version: string; kubernetes: string | null; verbs: Verbs[] } };

/** Note that a cluster's agent is there, or is not any more. */
export function noteAgent(teamId: string, clusterId: string, { now, isConnected, isNew, hello }: Seen): Statement {
	const connectedAt = isConnected ? (isNew ? sql`${now}` : sql`coalesce(connected_at, ${now})`) : sql`NULL`;
	const said = hello
		? sql`, agent_version = ${hello.version}, kubernetes = ${hello.kubernetes}, verbs = ${JSON.stringify(hello.verbs)}`
		: sql``;
	const seen = isConnected ? sql`, last_seen_at = max(coalesce(last_seen_at, 0), ${now})` : sql``;
	return sql`UPDATE clusters SET connected_at = ${connectedAt}${seen}${said} WHERE team_id = ${teamId} AND id = ${clusterId}`;
}

/** Note that a second agent uses a cluster's token. */
export function noteConflict(teamId: string, clusterId: string, now: number): Statement {
	return sql`UPDATE clusters SET conflict_at = ${now} WHERE team_id = ${teamId} AND id = ${clusterId} AND removed_at IS NULL`;
}

type NewCluster = { teamId: string; id: string; name: string; bindings: readonly Binding[]; createdBy: string; now: number };

/** Store a cluster where a condition holds; one that is there already stays as it is. Answers its id when it is new. */
export function insertCluster(cluster: NewCluster, condition: Statement = sql`true`): Statement {
	const { teamId, id, name, bindings, createdBy, now } = cluster;
	return sql`INSERT INTO clusters (team_id, id, name, bindings, created_by, created_at)
			SELECT ${teamId}, ${id}, ${name}, ${JSON.stringify(bindings)}, ${createdBy}, ${now} WHERE ${condition}
			ON CONFLICT DO NOTHING RETURNING id`;
}

/** Clusters whose agent counts as connected and was not heard since a moment; of all teams. */
export async function silentClusters(db: Database, seenBefore: number): Promise<{ teamId: string; id: string }[]> {
	return await db.all(
		sql`SELECT team_id AS teamId, id FROM clusters WHERE removed_at IS NULL AND connected_at IS NOT NULL
			AND coalesce(last_seen_at, 0) < ${seenBefore} LIMIT 500`,
	);
}
