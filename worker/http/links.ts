import type { Env } from "../env.ts";
import type { Links } from "../live/cluster-port.ts";

/** The clusters' links behind a binding. */
export function linksPort(env: Env): Links {
	const of = (teamId: string, clusterId: string) => env.CLUSTER_LINK.getByName(`${teamId}:${clusterId}`);
	return {
		endTokens: async (teamId, clusterId, tokenIds) => await of(teamId, clusterId).endTokens(teamId, clusterId, [...tokenIds]),
		rebind: async (teamId, clusterId) => await of(teamId, clusterId).rebind(teamId, clusterId),
	};
}
