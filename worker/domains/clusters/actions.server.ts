import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { newToken, randomId, sha256Hex } from "../../ids.ts";
import { log } from "../../log.ts";
import { begin, commit, type Deps } from "../auth/acting.server.ts";
import { nameInAudit, TOKEN_OVERLAP_MS } from "../auth/model.ts";
import { endTokenBy, insertTokenIfChanged, type NewToken, revokeToken } from "../auth/store.server.ts";
import { typedName } from "../redaction/typed.ts";
import { insertCluster } from "./link.server.ts";
import type { Binding } from "./model.ts";
import { type AgentToken, readAgentTokens, readCluster } from "./report.server.ts";

/** What people do with clusters and the tokens of their agents. Each act is audited in the batch that changes. */

export type ClusterDeps = Deps & {
	links: {
		endTokens: (teamId: string, clusterId: string, tokenIds: readonly string[]) => Promise<void>;
		rebind: (teamId: string, clusterId: string) => Promise<void>;
	};
};

const CLUSTERS_MAX = 50;
const BINDINGS_MAX = 200;

const Id = z.string({ error: "Say which cluster." }).min(1).max(100, "There is no such cluster.");
const Name = typedName(80, { missing: "Give the cluster a name.", long: "The name may have up to 80 characters." });
const Namespace = z
	.string({ error: "Name the namespace." })
	.trim()
	.regex(/^(\*|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/, "A namespace has small letters, digits and hyphens; * stands for all others.");
const Bindings = z
	.array(
		z.object({
			namespace: Namespace,
			environment: typedName(100, { missing: "Name the environment.", long: "The environment's name may have up to 100 characters." }),
		}),
		{ error: "Say which environment each namespace is." },
	)
	.min(1, "Say which environment at least one namespace is.")
	.max(BINDINGS_MAX, `Up to ${BINDINGS_MAX} namespaces.`)
	.refine((bindings) => new Set(bindings.map(({ namespace }) => namespace)).size === bindings.length, "Name each namespace once.");

export const CreateCluster = z.object({ name: Name, bindings: Bindings });
export const ChangeCluster = z
	.object({ id: Id, name: Name.optional(), bindings: Bindings.optional() })
	.refine(({ name, bindings }) => name !== undefined || bindings !== undefined, "Say what to change.");
export const OneCluster = z.object({ id: Id });
export const OneAgentToken = z.object({ id: Id, tokenId: z.string({ error: "Say which token." }).min(1).max(100) });

/** A cluster's agent token as it is told this once. */
export type AgentTokenMade = { id: string; name: string; bindings: Binding[]; tokenId: string; token: string };

const unknown = () => new AppError("notFound", "There is no such cluster in this team.");

async function mint(deps: Deps, teamId: string, cluster: { id: string; name: string; bindings: Binding[] }, rotatedFrom: string | null) {
	const token = newToken(teamId);
	const tokenId = `k-${randomId(12)}`;
	const row: NewToken = {
		...{ hash: await sha256Hex(token), id: tokenId, teamId, kind: "agent", clusterId: cluster.id, userId: null },
		...{ createdBy: nameInAudit(deps.actor), rotatedFrom, name: cluster.name, scopes: [], now: deps.now, expiresAt: null },
	};
	return { row, made: { id: cluster.id, name: cluster.name, bindings: cluster.bindings, tokenId, token } satisfies AgentTokenMade };
}

/** Connect a cluster: its agent's token is told this once. @throws AppError forbidden | invalid | conflict (there are 50 already) */
export async function createCluster(deps: ClusterDeps, teamId: string, input: unknown): Promise<AgentTokenMade> {
	const { name, bindings } = await begin(deps, { teamId, permission: "clusters:manage", schema: CreateCluster, input });
	const id = `c-${randomId(12)}`;
	const { row, made } = await mint(deps, teamId, { id, name, bindings }, null);
	const isFree = sql`(SELECT count(*) FROM clusters WHERE team_id = ${teamId} AND removed_at IS NULL) < ${CLUSTERS_MAX}
		AND NOT EXISTS (SELECT 1 FROM clusters WHERE team_id = ${teamId} AND removed_at IS NULL AND name = ${name})`;
	const statements = [
		insertCluster({ teamId, id, name, bindings, createdBy: nameInAudit(deps.actor), now: deps.now }, isFree),
		insertTokenIfChanged(row),
	];
	const [inserted] = await commit(deps, teamId, statements, { act: "cluster.create", object: id, after: { name, bindings } });
	if (inserted?.length) return made;
	const taken = await deps.db.all(sql`SELECT 1 FROM clusters WHERE team_id = ${teamId} AND removed_at IS NULL AND name = ${name}`);
	if (taken.length > 0) throw nameTaken(name);
	throw new AppError("conflict", `A team has up to ${CLUSTERS_MAX} clusters. Remove one that is not used.`);
}

function nameTaken(name: string): AppError {
	const sentence = `There is a cluster called ${name} already. Give this one another name.`;
	return new AppError("invalid", sentence, { fields: { name: sentence } });
}

/** Call a cluster otherwise, or say anew which environments its namespaces are. @throws AppError forbidden | invalid | notFound */
export async function changeCluster(deps: ClusterDeps, teamId: string, input: unknown): Promise<void> {
	const { id, name, bindings } = await begin(deps, { teamId, permission: "clusters:manage", schema: ChangeCluster, input });
	const before = await find(deps, teamId, id);
	const next = { name: name ?? before.name, bindings: bindings ?? before.bindings };
	const statement = sql`UPDATE clusters SET name = ${next.name}, bindings = ${JSON.stringify(next.bindings)}
			WHERE team_id = ${teamId} AND id = ${id} AND removed_at IS NULL
				AND NOT EXISTS (SELECT 1 FROM clusters o WHERE o.team_id = ${teamId} AND o.removed_at IS NULL AND o.name = ${next.name} AND o.id <> ${id})
			RETURNING id`;
	const was = { name: before.name, bindings: before.bindings };
	const [changed] = await commit(deps, teamId, [statement], { act: "cluster.change", object: id, before: was, after: next });
	if (!changed?.length) throw nameTaken(next.name);
	await quietly("rebind", deps.links.rebind(teamId, id));
}

/** Another token for a cluster's agent; those before work on for 24 hours, so that it can be exchanged while it runs. */
export async function rotateAgentToken(
	deps: ClusterDeps,
	teamId: string,
	input: unknown,
): Promise<AgentTokenMade & { oldExpiresAt: number }> {
	const { id } = await begin(deps, { teamId, permission: "clusters:manage", schema: OneCluster, input });
	const cluster = await find(deps, teamId, id);
	const current = (await readAgentTokens(deps.db, teamId, id, deps.now)).find(({ isFollowed }) => !isFollowed);
	const { row, made } = await mint(deps, teamId, cluster, current?.id ?? null);
	const endsAt = deps.now + TOKEN_OVERLAP_MS;
	// Where all were revoked there is nothing to exchange: then it is simply a new one.
	const first: Statement = current
		? endTokenBy(teamId, current.id, { endsAt, now: deps.now })
		: sql`UPDATE clusters SET name = name WHERE team_id = ${teamId} AND id = ${id} AND removed_at IS NULL RETURNING id`;
	const act = { act: "cluster.rotate", object: id, after: { token: made.tokenId, ...(current && { from: current.id }) } };
	const [ended] = await commit(deps, teamId, [first, insertTokenIfChanged(row)], act);
	if (!ended?.length) throw new AppError("conflict", "Somebody has exchanged this token just now. Look again.");
	return { ...made, oldExpiresAt: endsAt };
}

/** End an agent's token at once: an agent that uses it is cut off. @throws AppError forbidden | notFound */
export async function revokeAgentToken(deps: ClusterDeps, teamId: string, input: unknown): Promise<void> {
	const { id, tokenId } = await begin(deps, { teamId, permission: "clusters:manage", schema: OneAgentToken, input });
	await find(deps, teamId, id);
	const known = (await readAgentTokens(deps.db, teamId, id, deps.now)).some((token: AgentToken) => token.id === tokenId);
	if (!known) throw new AppError("notFound", "This cluster has no such token, or it is over.");
	await commit(deps, teamId, [revokeToken(teamId, tokenId, deps.now)], { act: "cluster.revoke", object: id, before: { token: tokenId } });
	await quietly("end", deps.links.endTokens(teamId, id, [tokenId]));
}

/** Take a cluster out: its agent is cut off, and what it showed is not shown any more; history stays. @throws AppError notFound */
export async function removeCluster(deps: ClusterDeps, teamId: string, input: unknown): Promise<void> {
	const { id } = await begin(deps, { teamId, permission: "clusters:manage", schema: OneCluster, input });
	const { name, bindings } = await find(deps, teamId, id);
	const tokens = await readAgentTokens(deps.db, teamId, id, deps.now);
	const statements = [
		sql`UPDATE tokens SET revoked_at = ${deps.now} WHERE team_id = ${teamId} AND cluster_id = ${id} AND revoked_at IS NULL`,
		sql`DELETE FROM workloads WHERE team_id = ${teamId} AND cluster_id = ${id}`,
		sql`UPDATE clusters SET removed_at = ${deps.now}, connected_at = NULL WHERE team_id = ${teamId} AND id = ${id} AND removed_at IS NULL
			RETURNING id`,
	];
	const removed = await commit(deps, teamId, statements, { act: "cluster.remove", object: id, before: { name, bindings } });
	if (!removed.at(-1)?.length) throw unknown();
	const ids = tokens.map((token) => token.id);
	await quietly("end", deps.links.endTokens(teamId, id, ids));
}

async function find(deps: Deps, teamId: string, id: string): Promise<{ id: string; name: string; bindings: Binding[] }> {
	const found = await readCluster(deps.db, teamId, id);
	if (!found) throw unknown();
	return found;
}

/** The change itself is saved; a link that was not told finds out by itself within a minute. */
async function quietly(what: string, telling: Promise<void>): Promise<void> {
	await telling.catch((error: unknown) => log("warn", "a cluster's link was not told", { what, error: String(error) }));
}
