import { sql } from "drizzle-orm";
import type { Statement } from "../../database.ts";
import type { WorkloadReport } from "../../wire/agent.ts";
import type { ClusterEvent } from "../../wire/events.ts";
import {
	type ClusterBook,
	type ClusterHead,
	type ClusterNews,
	contentOf,
	type KnownWorkload,
	type StoredReport,
	type Template,
} from "./apply.ts";

/** What a group of reports touches, read in one go, and the statements that store it. */

/** D1 takes texts of up to 2 MB, and a large cluster says more than that at once. */
const PARAMETER_CHARS = 900_000;

type Ref = { clusterId: string; namespace: string; kind: string; name: string };
type Reported = WorkloadReport & { environmentId: string | null };

/** The report columns of a workload under the names of the wire; lists as JSON text. */
export const WORKLOAD_COLUMNS = sql.raw(
	`w.cluster_id AS clusterId, w.namespace, w.kind, w.name, w.environment_id AS environmentId, w.component, w.images, w.revision, w.generation,
	 w.desired, w.updated, w.ready, w.available, w.total, w.state, w.reason, w.sentence, w.is_paused AS isPaused, w.owner,
	 w.command_id AS commandId, w.revisions, w.bad_pods AS badPods, w.can_patch AS canPatch, w.since, w.state_since AS stateSince,
	 w.reported_at AS reportedAt`,
);

type WorkloadRecord = Omit<Reported & Ref, "images" | "isPaused" | "owner" | "revisions" | "badPods" | "canPatch"> & {
	images: string;
	isPaused: number;
	owner: string | null;
	revisions: string;
	badPods: string;
	canPatch: number;
	since: number;
	stateSince: number;
	reportedAt: number;
};

/** A stored workload as its agent reported it. */
export function workloadFromRecord(record: unknown) {
	const row = record as WorkloadRecord;
	return {
		...row,
		images: JSON.parse(row.images) as WorkloadReport["images"],
		isPaused: row.isPaused === 1,
		owner: row.owner === null ? null : (JSON.parse(row.owner) as WorkloadReport["owner"]),
		revisions: JSON.parse(row.revisions) as WorkloadReport["revisions"],
		badPods: JSON.parse(row.badPods) as WorkloadReport["badPods"],
		canPatch: row.canPatch === 1,
	};
}

/** Where these clusters stand; those that were removed are not among them. */
export function selectClusterHeads(teamId: string, ids: readonly string[]): Statement {
	return sql`SELECT c.id, c.agent, c.seq, c.connected_at AS connectedAt, c.last_seen_at AS lastSeenAt FROM json_each(${JSON.stringify(ids)}) k
			CROSS JOIN clusters c ON c.team_id = ${teamId} AND c.id = k.value WHERE c.removed_at IS NULL`;
}

/** The workloads that reports name, and of complete snapshots all of their cluster. */
export function selectKnownWorkloads(teamId: string, events: readonly ClusterEvent[]): Statement {
	const snapshots = [...new Set(events.filter(({ isSnapshot }) => isSnapshot).map(({ clusterId }) => clusterId))];
	const refs = events
		.filter(({ clusterId }) => !snapshots.includes(clusterId))
		.flatMap(({ clusterId, workloads, gone }) =>
			[...workloads, ...gone].map(({ namespace, kind, name }) => JSON.stringify([clusterId, namespace, kind, name])),
		);
	return sql`SELECT ${WORKLOAD_COLUMNS} FROM json_each(${JSON.stringify(snapshots)}) k
				CROSS JOIN workloads w ON w.team_id = ${teamId} AND w.cluster_id = k.value
			UNION ALL SELECT ${WORKLOAD_COLUMNS} FROM json_each(${`[${[...new Set(refs)].join(",")}]`}) k CROSS JOIN workloads w ON w.team_id = ${teamId}
				AND w.cluster_id = k.value->>0 AND w.namespace = k.value->>1 AND w.kind = k.value->>2 AND w.name = k.value->>3`;
}

/** The templates that the workloads of these reports run now, and those that they ran until now. */
export function selectTemplates(teamId: string, events: readonly ClusterEvent[]): Statement {
	const refs = events.flatMap(({ clusterId, workloads }) =>
		workloads.map(({ namespace, kind, name, revision, revisions }) => [
			...[clusterId, namespace, kind, name],
			revisions.find((one) => one.revision === revision)?.hash ?? "",
		]),
	);
	return sql`SELECT t.cluster_id AS clusterId, t.namespace, t.kind, t.name, t.hash, t.first_seen_at AS firstSeenAt,
				t.healthy_from AS healthyFrom, t.healthy_until AS healthyUntil, t.failed_at AS failedAt
			FROM json_each(${JSON.stringify(refs)}) k
			LEFT JOIN workloads w ON w.team_id = ${teamId} AND w.cluster_id = k.value->>0 AND w.namespace = k.value->>1
				AND w.kind = k.value->>2 AND w.name = k.value->>3
			CROSS JOIN workload_templates t ON t.team_id = ${teamId} AND t.cluster_id = k.value->>0 AND t.namespace = k.value->>1
				AND t.kind = k.value->>2 AND t.name = k.value->>3 AND t.hash IN (k.value->>4, coalesce(
					(SELECT r.value->>'hash' FROM json_each(w.revisions) r WHERE r.value->>'revision' = w.revision LIMIT 1), ''))`;
}

/** What the selects above answered, as the book is opened on. */
export function clusterRecords(heads: unknown, workloads: unknown, templates: unknown) {
	return {
		clusters: heads as ClusterHead[],
		workloads: (workloads as unknown[]).map((record): KnownWorkload => {
			const workload = workloadFromRecord(record);
			const hash = workload.revisions.find(({ revision }) => revision === workload.revision)?.hash ?? null;
			return { ...workload, hash, content: contentOf(workload) };
		}),
		templates: templates as Template[],
	};
}

/** Lists whose JSON stays below what one parameter may hold. */
function inParts<T>(tuples: readonly T[]): string[] {
	const parts: string[] = [];
	let part: string[] = [];
	let size = 0;
	for (const tuple of tuples) {
		const json = JSON.stringify(tuple);
		if (size + json.length > PARAMETER_CHARS && part.length > 0) {
			parts.push(`[${part.join(",")}]`);
			[part, size] = [[], 0];
		}
		part.push(json);
		size += json.length + 1;
	}
	if (part.length > 0) parts.push(`[${part.join(",")}]`);
	return parts;
}

const columns = (count: number) => sql.raw(Array.from({ length: count }, (_, i) => `value->>${i}`).join(", "));
const WORKLOAD_NAMES = `cluster_id, namespace, kind, name, environment_id, component, images, revision, generation, desired, updated, ready,
	available, total, state, reason, sentence, is_paused, owner, command_id, revisions, bad_pods, can_patch, since, state_since, reported_at,
	agent, seq`;
const WORKLOAD_KEY = ["cluster_id", "namespace", "kind", "name"];
const excluded = (names: string, key: readonly string[]) =>
	sql.raw(
		names
			.split(",")
			.map((name) => name.trim())
			.filter((name) => !key.includes(name))
			.map((name) => `${name} = excluded.${name}`)
			.join(", "),
	);

function upsertWorkloads(teamId: string, workloads: readonly StoredReport[]): Statement[] {
	const tuples = workloads.map((w) => [
		...[w.clusterId, w.namespace, w.kind, w.name, w.environmentId, w.component, JSON.stringify(w.images), w.revision, w.generation],
		...[w.desired, w.updated, w.ready, w.available, w.total, w.state, w.reason, w.sentence, w.isPaused ? 1 : 0],
		...[w.owner === null ? null : JSON.stringify(w.owner), w.commandId, JSON.stringify(w.revisions), JSON.stringify(w.badPods)],
		...[w.canPatch ? 1 : 0, w.since, w.stateSince, w.reportedAt, w.agent, w.seq],
	]);
	return inParts(tuples).map(
		(
			json,
		) => sql`INSERT INTO workloads (team_id, ${sql.raw(WORKLOAD_NAMES)}) SELECT ${teamId}, ${columns(28)} FROM json_each(${json}) WHERE true
			ON CONFLICT(team_id, cluster_id, namespace, kind, name) DO UPDATE SET ${excluded(WORKLOAD_NAMES, WORKLOAD_KEY)}`,
	);
}

const TEMPLATE_NAMES = "cluster_id, namespace, kind, name, hash, first_seen_at, healthy_from, healthy_until, failed_at";

function upsertTemplates(teamId: string, templates: readonly Template[]): Statement[] {
	const tuples = templates.map((t) => [
		...[t.clusterId, t.namespace, t.kind, t.name, t.hash, t.firstSeenAt, t.healthyFrom, t.healthyUntil, t.failedAt],
	]);
	return inParts(tuples).map(
		(json) => sql`INSERT INTO workload_templates (team_id, ${sql.raw(TEMPLATE_NAMES)}) SELECT ${teamId}, ${columns(9)}
			FROM json_each(${json}) WHERE true
			ON CONFLICT(team_id, cluster_id, namespace, kind, name, hash) DO UPDATE SET ${excluded(TEMPLATE_NAMES, [...WORKLOAD_KEY, "hash"])}`,
	);
}

function deleteWorkloads(teamId: string, refs: readonly Ref[]): Statement {
	const tuples = refs.map(({ clusterId, namespace, kind, name }) => [clusterId, namespace, kind, name]);
	return sql`DELETE FROM workloads WHERE team_id = ${teamId} AND (cluster_id, namespace, kind, name) IN (
			SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(${JSON.stringify(tuples)}))`;
}

/** Rows of clusters are made and removed by people; a report only says what its agent sees. */
function updateClusters(teamId: string, news: readonly ClusterNews[]): Statement[] {
	return news.map(
		({ id, agent, seq, lastSeenAt, summary, verbs }) => sql`UPDATE clusters SET agent = ${agent}, seq = ${seq},
			last_seen_at = max(coalesce(last_seen_at, 0), ${lastSeenAt}), summary = coalesce(${summary === null ? null : JSON.stringify(summary)}, summary),
			verbs = coalesce(${verbs === null ? null : JSON.stringify(verbs)}, verbs) WHERE team_id = ${teamId} AND id = ${id}`,
	);
}

/** The statements that store what a book changed. */
export function writeClusterBook(teamId: string, book: ClusterBook): Statement[] {
	const templates = [...book.changedTemplates].flatMap((key) => book.templates.get(key) ?? []);
	return [
		...updateClusters(teamId, [...book.news.values()]),
		...(book.gone.size > 0 ? [deleteWorkloads(teamId, [...book.gone.values()])] : []),
		...upsertWorkloads(teamId, [...book.upserts.values()]),
		...upsertTemplates(teamId, templates),
	];
}
