import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import { isAgentConnected } from "./model.ts";
import { listClusters, type StoredCluster } from "./store.server.ts";

/** Clusters as the page about them shows them: their agents, what those may, and their tokens. */

/** A token that an agent may come with; never what it is. */
export type AgentToken = {
	id: string;
	createdAt: number;
	/** When it ends, because another follows it. */
	expiresAt: number | null;
	lastUsedAt: number | null;
	isFollowed: boolean;
};

export type ClusterRow = StoredCluster & { isConnected: boolean; tokens: AgentToken[] };

type TokenRecord = Omit<AgentToken, "isFollowed"> & { clusterId: string; isFollowed: number };

async function tokensOf(
	db: Database,
	teamId: string,
	clusterId: string | null,
	now: number,
): Promise<(AgentToken & { clusterId: string })[]> {
	const own = clusterId === null ? sql`` : sql` AND k.cluster_id = ${clusterId}`;
	const rows = await db.all<TokenRecord>(
		sql`SELECT k.cluster_id AS clusterId, k.id, k.created_at AS createdAt, k.expires_at AS expiresAt, k.last_used_at AS lastUsedAt,
				EXISTS (SELECT 1 FROM tokens f WHERE f.rotated_from = k.id) AS isFollowed
			FROM tokens k WHERE k.team_id = ${teamId} AND k.kind = 'agent'${own} AND k.revoked_at IS NULL
				AND (k.expires_at IS NULL OR k.expires_at > ${now}) ORDER BY k.created_at DESC, k.id LIMIT 1000`,
	);
	return rows.map((row) => ({ ...row, isFollowed: row.isFollowed === 1 }));
}

/** The tokens that a cluster's agent may come with, newest first. */
export async function readAgentTokens(db: Database, teamId: string, clusterId: string, now: number): Promise<AgentToken[]> {
	return (await tokensOf(db, teamId, clusterId, now)).map(({ clusterId: _, ...token }) => token);
}

/** The clusters of a team, by name. */
export async function readClusters(db: Database, teamId: string, now: number): Promise<ClusterRow[]> {
	const [clusters, tokens] = await Promise.all([listClusters(db, teamId), tokensOf(db, teamId, null, now)]);
	return clusters.map((cluster) => ({
		...cluster,
		isConnected: isAgentConnected(cluster, now),
		tokens: tokens.filter(({ clusterId }) => clusterId === cluster.id).map(({ clusterId: _, ...token }) => token),
	}));
}

/** One cluster, or null when the team has none of that id. */
export async function readCluster(db: Database, teamId: string, id: string): Promise<StoredCluster | null> {
	return (await listClusters(db, teamId)).find((cluster) => cluster.id === id) ?? null;
}
