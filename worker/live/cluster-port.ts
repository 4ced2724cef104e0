/** What acts on clusters ask of their links. */
export type Links = {
	/** Tokens of a cluster are over: whoever came with one is closed now. */
	endTokens: (teamId: string, clusterId: string, tokenIds: readonly string[]) => Promise<void>;
	/** A cluster is called otherwise, or its namespaces are other environments now. */
	rebind: (teamId: string, clusterId: string) => Promise<void>;
};
