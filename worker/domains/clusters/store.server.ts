import { type SQL, sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { ClusterReport, Verbs } from "../../wire/agent.ts";
import { versionOfImages } from "../deployments/matching.ts";
import { WORKLOAD_COLUMNS, workloadFromRecord } from "./book.server.ts";
import type { Binding } from "./model.ts";
import type { StoredWorkload, TemplateHealth } from "./workload.ts";

export type { StoredWorkload } from "./workload.ts";

/** A cluster with an agent, as its team sees it. */
export type StoredCluster = {
	id: string;
	name: string;
	bindings: Binding[];
	createdBy: string;
	createdAt: number;
	agent: string | null;
	agentVersion: string | null;
	kubernetes: string | null;
	verbs: Verbs[];
	summary: ClusterReport | null;
	seq: number;
	connectedAt: number | null;
	lastSeenAt: number | null;
	conflictAt: number | null;
};

type ClusterRecord = Omit<StoredCluster, "bindings" | "verbs" | "summary"> & { bindings: string; verbs: string; summary: string | null };

/** The clusters of a team that were not removed, by name. */
export async function listClusters(db: Database, teamId: string): Promise<StoredCluster[]> {
	const rows = await db.all<ClusterRecord>(
		sql`SELECT id, name, bindings, created_by AS createdBy, created_at AS createdAt, agent, agent_version AS agentVersion, kubernetes, verbs,
				summary, seq, connected_at AS connectedAt, last_seen_at AS lastSeenAt, conflict_at AS conflictAt
			FROM clusters WHERE team_id = ${teamId} AND removed_at IS NULL ORDER BY name, id`,
	);
	return rows.map((row) => ({
		...row,
		bindings: JSON.parse(row.bindings) as Binding[],
		verbs: JSON.parse(row.verbs) as Verbs[],
		summary: row.summary === null ? null : (JSON.parse(row.summary) as ClusterReport),
	}));
}

/** Workloads with how their templates did; `where` narrows `w`. */
export function selectWorkloads(teamId: string, where: SQL): Statement {
	return sql`SELECT ${WORKLOAD_COLUMNS}, c.name AS cluster, c.connected_at AS connectedAt, c.last_seen_at AS lastSeenAt,
				(SELECT json_group_array(json_object('hash', t.hash, 'firstSeenAt', t.first_seen_at, 'healthyFrom', t.healthy_from,
					'healthyUntil', t.healthy_until, 'failedAt', t.failed_at)) FROM workload_templates t WHERE t.team_id = w.team_id
					AND t.cluster_id = w.cluster_id AND t.namespace = w.namespace AND t.kind = w.kind AND t.name = w.name) AS templates
			FROM workloads w CROSS JOIN clusters c ON c.team_id = w.team_id AND c.id = w.cluster_id
			WHERE w.team_id = ${teamId} AND c.removed_at IS NULL AND ${where} ORDER BY w.component, w.cluster_id, w.namespace, w.kind, w.name`;
}

/** @see selectWorkloads */
export function storedWorkloadFromRecord(record: unknown): StoredWorkload {
	const extra = record as Pick<StoredWorkload, "cluster" | "connectedAt" | "lastSeenAt"> & { templates: string };
	const workload = workloadFromRecord(record);
	return {
		...workload,
		...{ cluster: extra.cluster, connectedAt: extra.connectedAt, lastSeenAt: extra.lastSeenAt },
		version: versionOfImages(workload.images, workload.component),
		templates: JSON.parse(extra.templates) as TemplateHealth[],
	};
}

/** What the clusters run of an environment, or of one component of it. */
export async function workloadsOf(
	db: Database,
	teamId: string,
	{ environmentId, component }: { environmentId: string; component?: string | undefined },
): Promise<StoredWorkload[]> {
	const own = component === undefined ? sql`` : sql` AND w.component = ${component}`;
	const rows = await db.all(selectWorkloads(teamId, sql`w.environment_id = ${environmentId}${own}`));
	return rows.map(storedWorkloadFromRecord);
}
