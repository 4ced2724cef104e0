import type { Revision } from "../../wire/agent.ts";
import type { Observed } from "../../wire/deployments.ts";

/** A workload as it is kept: what its cluster runs of a component, and how its templates did. */
export type StoredWorkload = Observed & {
	environmentId: string | null;
	component: string;
	generation: number;
	total: number;
	/** The command that made the running template. */
	commandId: string | null;
	/** Since when it is in this state. */
	stateSince: number;
	/** Newest first, as far as Kubernetes keeps them. */
	revisions: Revision[];
	templates: TemplateHealth[];
	/** When its cluster's agent connected, and was last known to be there. */
	connectedAt: number | null;
	lastSeenAt: number | null;
};

/** Whether a rollout of a template ever completed, and for how long it ran well. */
export type TemplateHealth = {
	hash: string;
	firstSeenAt: number;
	healthyFrom: number | null;
	healthyUntil: number | null;
	failedAt: number | null;
};
