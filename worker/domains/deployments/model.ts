import type { DeploymentRow, DeploymentStatus } from "../../wire/deployments.ts";
import type { DeploymentEvent } from "../../wire/events.ts";
import { environmentIdOf } from "../environments/model.ts";
import { orderedAtOf } from "../runs/model.ts";

/** A deployment as the ledger keeps it: what its sender said last, and what only grows whatever comes when. */
export type Deployment = Omit<DeploymentEvent, "type" | "status" | "environment"> & {
	integrationId: string;
	environmentId: string;
	status: DeploymentStatus;
	/** −1: only that it was replaced is known. Then queued < running < final. */
	rank: number;
	orderedAt: number;
	firstReceivedAt: number;
};

/** Queued < running < final; of one that is only known to have been replaced, less than anything. */
export function deploymentRank(status: DeploymentStatus | null): number {
	if (status === null) return -1;
	if (status === "queued") return 0;
	return status === "running" ? 1 : 2;
}

type Key = Pick<Deployment, "rank" | "updatedAt" | "statusRaw">;

/** Negative when `a` is older than `b`: `(rank, updatedAt, statusRaw)` compared in that order. */
export function compareDeployments(a: Key, b: Key): number {
	const [rawA, rawB] = [a.statusRaw ?? "", b.statusRaw ?? ""];
	return a.rank - b.rank || a.updatedAt - b.updatedAt || (rawA < rawB ? -1 : rawA > rawB ? 1 : 0);
}

/** What lists go by: the start, else the end or the sender's last word, or the arrival where those can't be believed. */
export function deploymentOrder(
	{ startedAt, finishedAt, updatedAt }: Pick<Deployment, "startedAt" | "finishedAt" | "updatedAt">,
	firstReceivedAt: number,
): number {
	return orderedAtOf(startedAt ?? finishedAt ?? updatedAt, firstReceivedAt);
}

/** The state an event describes, as if nothing else were known. The order of the fields is fixed: states are compared as JSON. */
export function deploymentFromEvent(event: DeploymentEvent, teamId: string, integrationId: string, receivedAt: number): Deployment {
	return {
		id: event.id,
		integrationId,
		source: event.source,
		externalId: event.externalId,
		environmentId: environmentIdOf(teamId, event.environment),
		component: event.component,
		version: event.version,
		commit: event.commit,
		ref: event.ref,
		repo: event.repo,
		// Neither a success nor a failure may be made up.
		status: event.status ?? "cancelled",
		rank: deploymentRank(event.status),
		statusRaw: event.statusRaw,
		// What replaced a deployment says nothing of when it began.
		startedAt: event.status === null ? null : event.startedAt,
		finishedAt: event.status === null ? null : event.finishedAt,
		updatedAt: event.updatedAt,
		inactiveAt: event.inactiveAt,
		actor: event.actor,
		isRollback: event.isRollback,
		rollbackId: event.rollbackId,
		reason: event.reason,
		title: event.title,
		url: event.url,
		images: event.images,
		orderedAt: deploymentOrder(event, receivedAt),
		firstReceivedAt: receivedAt,
	};
}

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));

/** Two states of one deployment as one; in whatever order they come, the outcome is the same. */
export function mergeDeployments(known: Deployment, incoming: Deployment): Deployment {
	const winner = compareDeployments(incoming, known) > 0 ? incoming : known;
	const startedAt = least(known.startedAt, incoming.startedAt);
	const firstReceivedAt = Math.min(known.firstReceivedAt, incoming.firstReceivedAt);
	return {
		...winner,
		startedAt,
		inactiveAt: least(known.inactiveAt, incoming.inactiveAt),
		isRollback: known.isRollback || incoming.isRollback,
		rollbackId: [known.rollbackId, incoming.rollbackId].filter((id) => id !== null).sort()[0] ?? null,
		orderedAt: deploymentOrder({ ...winner, startedAt }, firstReceivedAt),
		firstReceivedAt,
	};
}

/** Whether a deployment of this source says, by itself, what a component's history is. Clusters only show, rollbacks of ours follow. */
export function isDeclaration(source: string): boolean {
	return source !== "cluster" && source !== "opssight";
}

/** The columns of a deployment that a list in the browser shows. */
export function toDeploymentRow(
	deployment: Omit<Deployment, "rank" | "integrationId" | "firstReceivedAt">,
	environment: string,
): DeploymentRow {
	const { startedAt, finishedAt, orderedAt } = deployment;
	return {
		id: deployment.id,
		source: deployment.source,
		externalId: deployment.externalId,
		environmentId: deployment.environmentId,
		environment,
		component: deployment.component,
		version: deployment.version,
		commit: deployment.commit,
		repo: deployment.repo,
		status: deployment.status,
		startedAt: startedAt ?? orderedAt,
		finishedAt,
		durationMs: startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt),
		actor: deployment.actor,
		isRollback: deployment.isRollback,
		rollbackId: deployment.rollbackId,
		reason: deployment.reason,
		title: deployment.title,
		url: deployment.url,
		orderedAt,
	};
}

/** A deployment as its page and the rollback need it. */
export type StoredDeployment = DeploymentRow & {
	images: string[];
	/** When another one took its place, where its sender says so. */
	inactiveAt: number | null;
	ref: string | null;
	/** The sender's own word. */
	statusRaw: string | null;
	updatedAt: number;
};
