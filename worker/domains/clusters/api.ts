import type { ClusterReport, Verbs } from "../../wire/agent.ts";
import type { ClusterBody } from "../../wire/api.ts";
import type { Binding } from "./model.ts";

/** Clusters as the public API speaks of them. */

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

type Cluster = {
	id: string;
	name: string;
	bindings: Binding[];
	createdAt: number;
	isConnected: boolean;
	lastSeenAt: number | null;
	conflictAt: number | null;
	agentVersion: string | null;
	kubernetes: string | null;
	verbs: Verbs[];
	summary: ClusterReport | null;
	tokens: { id: string; createdAt: number; expiresAt: number | null; lastUsedAt: number | null }[];
};

/** A cluster with its agent and that one's tokens, never what they are. */
export function toClusterBody(cluster: Cluster): ClusterBody {
	const { id, name, bindings, summary } = cluster;
	return {
		...{ id, name, bindings, created_at: iso(cluster.createdAt), connected: cluster.isConnected },
		...{ last_seen_at: isoOrNull(cluster.lastSeenAt), conflict_at: isoOrNull(cluster.conflictAt) },
		...{ agent_version: cluster.agentVersion, kubernetes: cluster.kubernetes, verbs: cluster.verbs },
		...{ nodes: summary?.nodeCount ?? null, pods: summary?.podCount ?? null, bad_pods: summary?.badPodCount ?? null },
		tokens: cluster.tokens.map(({ id: tokenId, createdAt, expiresAt, lastUsedAt }) => ({
			...{ id: tokenId, created_at: iso(createdAt), expires_at: isoOrNull(expiresAt), last_used_at: isoOrNull(lastUsedAt) },
		})),
	};
}
