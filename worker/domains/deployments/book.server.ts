import { type SQL, sql } from "drizzle-orm";
import type { Statement } from "../../database.ts";
import { isProductionName } from "../environments/model.ts";
import { type Component, changedDeployments, type DeploymentBook, type KnownEnvironment } from "./apply.ts";
import type { Deployment } from "./model.ts";

/** What a group of deliveries touches of deployments, read in one go, and the statements that store the group. One JSON parameter a table. */

type DeploymentRecord = Omit<Deployment, "images" | "isRollback"> & { images: string; isRollback: number };

/** Every column of a deployment under the names of the model. */
export const DEPLOYMENT_COLUMNS: SQL = sql.raw(
	`d.id, d.integration_id AS integrationId, d.source, d.external_id AS externalId, d.environment_id AS environmentId, d.component, d.version,
	 d."commit", d.ref, d.repo, d.status, d.rank, d.status_raw AS statusRaw, d.started_at AS startedAt, d.finished_at AS finishedAt,
	 d.updated_at AS updatedAt, d.inactive_at AS inactiveAt, d.actor, d.is_rollback AS isRollback, d.rollback_id AS rollbackId, d.reason,
	 d.title, d.url, d.images, d.ordered_at AS orderedAt, d.first_received_at AS firstReceivedAt`,
);

/** A stored deployment as the model speaks of it. */
export function deploymentFromRecord(record: unknown): Deployment {
	const row = record as DeploymentRecord;
	return { ...row, isRollback: row.isRollback === 1, images: JSON.parse(row.images) as string[] };
}

/** The deployments of these ids as stored now. */
export function selectDeployments(teamId: string, ids: readonly string[]): Statement {
	return sql`SELECT ${DEPLOYMENT_COLUMNS} FROM json_each(${JSON.stringify(ids)}) k
			CROSS JOIN deployments d ON d.team_id = ${teamId} AND d.id = k.value`;
}

/** The environments of these ids as stored now. */
export function selectEnvironmentNames(teamId: string, ids: readonly string[]): Statement {
	return sql`SELECT e.id, e.name FROM json_each(${JSON.stringify(ids)}) k CROSS JOIN environments e ON e.team_id = ${teamId} AND e.id = k.value`;
}

/** The components of these [environment id, component] pairs as stored now. */
export function selectComponents(teamId: string, pairs: readonly [string, string][]): Statement {
	return sql`SELECT c.environment_id AS environmentId, c.component, c.declared_at AS declaredAt, c.first_seen_at AS firstSeenAt
			FROM json_each(${JSON.stringify(pairs)}) k
			CROSS JOIN environment_components c ON c.team_id = ${teamId} AND c.environment_id = k.value->>0 AND c.component = k.value->>1`;
}

const NAMES = `id, integration_id, source, external_id, environment_id, component, version, "commit", ref, repo, status, rank, status_raw,
	started_at, finished_at, updated_at, inactive_at, actor, is_rollback, rollback_id, reason, title, url, images, ordered_at, first_received_at`;
const COUNT = 26;
const tuple = (d: Deployment) => [
	...[d.id, d.integrationId, d.source, d.externalId, d.environmentId, d.component, d.version, d.commit, d.ref, d.repo, d.status, d.rank],
	...[d.statusRaw, d.startedAt, d.finishedAt, d.updatedAt, d.inactiveAt, d.actor, d.isRollback ? 1 : 0, d.rollbackId, d.reason, d.title],
	...[d.url, JSON.stringify(d.images), d.orderedAt, d.firstReceivedAt],
];
/** `value->>0, value->>1, …`: a JSON array as columns. */
const columns = (count: number) => sql.raw(Array.from({ length: count }, (_, i) => `value->>${i}`).join(", "));
const excluded = sql.raw(
	NAMES.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "id")
		.map((name) => `${name} = excluded.${name}`)
		.join(", "),
);
const key = (prefix: string) => sql.raw(`(${prefix}rank, ${prefix}updated_at, coalesce(${prefix}status_raw, ''))`);

/**
 * Upsert deployments. The fence already makes the ledger the only writer; the guard on the key makes the statement order-free by
 * itself too. An equal key passes: what only grows (a start, an end by replacement) may have grown.
 */
function upsertDeployments(teamId: string, deployments: readonly Deployment[]): Statement {
	return sql`INSERT INTO deployments (team_id, ${sql.raw(NAMES)}) SELECT ${teamId}, ${columns(COUNT)}
			FROM json_each(${JSON.stringify(deployments.map(tuple))}) WHERE true
			ON CONFLICT(team_id, id) DO UPDATE SET ${excluded} WHERE ${key("excluded.")} >= ${key("deployments.")}`;
}

/** Make the rows of environments that were not known; everything else about them is their objects' to write. */
function insertEnvironments(teamId: string, environments: readonly KnownEnvironment[]): Statement {
	const tuples = environments.map(({ id, name, createdAt }) => [id, name, isProductionName(name) ? 1 : 0, createdAt]);
	return sql`INSERT INTO environments (team_id, id, name, is_production, created_at) SELECT ${teamId}, ${columns(4)}
			FROM json_each(${JSON.stringify(tuples)}) WHERE true ON CONFLICT DO NOTHING`;
}

function upsertComponents(teamId: string, components: readonly Component[]): Statement {
	const tuples = components.map(({ environmentId, component, declaredAt, firstSeenAt }) => [
		environmentId,
		component,
		declaredAt,
		firstSeenAt,
	]);
	return sql`INSERT INTO environment_components (team_id, environment_id, component, declared_at, first_seen_at) SELECT ${teamId}, ${columns(4)}
			FROM json_each(${JSON.stringify(tuples)}) WHERE true
			ON CONFLICT(team_id, environment_id, component) DO UPDATE SET first_seen_at = min(first_seen_at, excluded.first_seen_at),
				declared_at = coalesce(min(declared_at, excluded.declared_at), declared_at, excluded.declared_at)`;
}

/** The statements that store what a book changed. */
export function writeDeploymentBook(book: DeploymentBook): Statement[] {
	const deployments = changedDeployments(book);
	const environments = [...book.environments.values()].filter(({ createdAt }) => createdAt !== null);
	const components = [...book.changedComponents].flatMap((key) => book.components.get(key) ?? []);
	return [
		...(environments.length > 0 ? [insertEnvironments(book.teamId, environments)] : []),
		...(components.length > 0 ? [upsertComponents(book.teamId, components)] : []),
		...(deployments.length > 0 ? [upsertDeployments(book.teamId, deployments)] : []),
	];
}
