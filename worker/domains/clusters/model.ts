import { isProductionName } from "../environments/model.ts";

/** Which environment each namespace of a cluster is; `*` stands for those that are not named. */
export type Binding = { namespace: string; environment: string };

/** Stands for the namespaces that no binding names. */
export const OTHER_NAMESPACES = "*";

/** The environment that a namespace is, or null where it is none. */
export function environmentOfNamespace(bindings: readonly Binding[], namespace: string): string | null {
	const named = bindings.find((binding) => binding.namespace === namespace);
	return (named ?? bindings.find((binding) => binding.namespace === OTHER_NAMESPACES))?.environment ?? null;
}

/** An agent that was not heard for this long is away. It says something every five seconds. */
export const AWAY_MS = 20_000;

/** Whether an agent counts as connected, by what its cluster's row says; that is written every half a minute. */
export function isAgentConnected(
	{ connectedAt, lastSeenAt }: { connectedAt: number | null; lastSeenAt: number | null },
	now: number,
): boolean {
	return connectedAt !== null && lastSeenAt !== null && now - lastSeenAt < SEEN_WRITTEN_MS + 2 * AWAY_MS;
}

/** How often it is written down that an agent is there. */
export const SEEN_WRITTEN_MS = 30_000;

/** Bindings for a cluster about which nothing else was said. */
export const DEFAULT_BINDINGS: Binding[] = [{ namespace: OTHER_NAMESPACES, environment: "production" }];

/** Whether any namespace of a cluster is production. */
export function hasProduction(bindings: readonly Binding[]): boolean {
	return bindings.some(({ environment }) => isProductionName(environment));
}
