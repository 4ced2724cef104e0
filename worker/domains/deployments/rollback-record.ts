import type { CommandResult, WorkloadRef } from "../../wire/agent.ts";
import type { DeploymentStatus, RollbackRow, Stage } from "../../wire/deployments.ts";
import type { DeploymentEvent } from "../../wire/events.ts";
import { type Command, isActive, isTerminal } from "../../wire/rollback.ts";

/** A command with everything its environment's object keeps of it, and what pages show of it after each step. */

/** What a command is about: where it acts, from what to what. */
export type RollbackTarget = {
	/** Counts the writes of this record: one that comes late finds another number and changes nothing. */
	rev: number;
	clusterId: string;
	cluster: string;
	workload: WorkloadRef;
	expectedRevision: number;
	/** The template that is there: a workload that is made again meanwhile has the same numbers for others. */
	expectedHash: string | null;
	targetRevision: number;
	targetHash: string;
	/** What is rolled back, for its hold. */
	bad: { version: string; commit: string | null; images: string[] };
	good: { commit: string | null; repo: string | null; images: string[] };
	/** Since when the service was in trouble, where that is known. */
	failingSince: number | null;
	/** The role of who asked, for the audit. */
	role: string | null;
};

export type RollbackRecord = { command: Command; target: RollbackTarget; row: RollbackRow };

/** Pods that were ready stay ready this long before a recovery is believed. */
export const RECOVERY_MS = 10_000;
/** A service that did not come back by then needs somebody to look. */
export const RECOVERY_PATIENCE_MS = 10 * 60_000;
/** Pods that fail again this long after they were ready do not come back by themselves. */
const RELAPSE_MS = 30_000;

/** A record after its command's newest step. `changes` is what a rehearsal found. */
export function advance(record: RollbackRecord, command: Command, now: number, changes: CommandResult["changes"] = []): RollbackRecord {
	const { row, target } = record;
	const reached: [Stage, boolean][] = [
		["accepted", command.claims > 0],
		["applied", command.applied],
		["rolling", command.applied && command.pods !== null],
		["ready", command.state === "succeeded"],
	];
	const stages = reached.reduce((all, [stage, is]) => (is ? withStage(all, stage, now) : all), row.stages);
	const isReady = command.state === "succeeded" && row.state !== "succeeded";
	return {
		command,
		target: { ...target, rev: target.rev + 1 },
		row: {
			...row,
			state: command.state,
			stages,
			pods: command.pods,
			message: sentenceOf(command),
			why: command.reason,
			applied: command.applied,
			finishedAt: command.finishedAt,
			tookMs: command.state === "succeeded" ? (command.finishedAt ?? now) - row.requestedAt : null,
			recovery: isReady && row.kind === "rollback" ? "watching" : row.recovery,
			changes: changes.length > 0 ? changes : row.changes,
		},
	};
}

/** A record whose offer went down a socket. */
export function sentAt(record: RollbackRecord, now: number): RollbackRecord {
	const { row, target } = record;
	return { ...record, target: { ...target, rev: target.rev + 1 }, row: { ...row, stages: withStage(row.stages, "sent", now) } };
}

function withStage(stages: RollbackRow["stages"], stage: Stage, at: number): RollbackRow["stages"] {
	return stages.some((one) => one.stage === stage) ? stages : [...stages, { stage, at }];
}

function sentenceOf({ state, message, applied, reason }: Command): string | null {
	switch (state) {
		case "expired":
			return message ?? "No agent took it on within two minutes. Nothing was changed.";
		case "cancelled":
			return message ?? "Called off before anything was changed.";
		case "unknown":
			return applied
				? "The change is in the cluster; the agent has not been heard since. Look at the cluster."
				: "The agent took it on and has not been heard since: it may still be carried out. Look at the cluster.";
		case "cancelling":
			return "Called off. The agent is asked whether anything was changed already.";
		case "failed":
			return message ?? (reason === "cluster_unreachable" ? "The cluster is not connected any more." : null);
		default:
			return message;
	}
}

/** What is seen of a workload after a rollback: whether its service is back. */
export type Seen = { state: string; stateSince: number; sentence: string; reportedAt: number } | null;

/**
 * Whether a service has come back after its rollback: healthy for ten seconds on end, by an agent that is there to say so. What is
 * not, after ten minutes or because it failed again, needs somebody to look.
 */
export function recover(
	record: RollbackRecord,
	{ seen, isConnected, now }: { seen: Seen; isConnected: boolean; now: number },
): RollbackRecord {
	const { row, target } = record;
	const readyAt = row.stages.find(({ stage }) => stage === "ready")?.at;
	if (row.recovery !== "watching" || readyAt === undefined) return record;
	const with_ = (changed: Partial<RollbackRow>) => ({ ...record, target: { ...target, rev: target.rev + 1 }, row: { ...row, ...changed } });
	const since = Math.max(readyAt, seen?.stateSince ?? readyAt);
	if (seen?.state === "healthy" && isConnected && now - since >= RECOVERY_MS) {
		const restoreMs = target.failingSince === null ? null : Math.max(0, now - target.failingSince);
		return with_({ recovery: "recovered", recoveredAt: now, restoreMs, stages: withStage(row.stages, "verified", now) });
	}
	const next = `${row.to.version} is in place, and the service is not back. Look for another cause, or go back further.`;
	if (seen?.state === "degraded" && seen.stateSince > readyAt && now - seen.stateSince >= RELAPSE_MS) {
		return with_({ recovery: "notRecovered", message: `${seen.sentence} ${next}` });
	}
	if (now - readyAt < RECOVERY_PATIENCE_MS) return record;
	return with_({
		recovery: "notRecovered",
		message: isConnected ? next : `The agent is away: whether the service is back is not known. ${next}`,
	});
}

/** When something about a record is due next by the clock alone, besides what its protocol says; null: nothing is. */
export function watchAt({ row }: RollbackRecord, now: number): number | null {
	const readyAt = row.stages.find(({ stage }) => stage === "ready")?.at;
	if (row.recovery !== "watching" || readyAt === undefined) return null;
	return now < readyAt + RECOVERY_MS ? readyAt + RECOVERY_MS : now + 2000;
}

/** Whether a step ended a command, or turned an end into another one. */
export function isEnd(before: Command, after: Command): boolean {
	return isTerminal(after.state) && before.state !== after.state;
}

const STATUS: Record<Command["state"], DeploymentStatus> = {
	pending: "queued",
	claimed: "running",
	cancelling: "running",
	unknown: "running",
	succeeded: "success",
	failed: "failure",
	cancelled: "cancelled",
	expired: "cancelled",
};

/** A rollback as the deployment that it is, for its environment's history. */
export function deploymentOfRollback({ row, target, command }: RollbackRecord, now: number): DeploymentEvent {
	return {
		...{ type: "deployment", id: `opssight-${row.id}`, source: "opssight", externalId: row.id },
		...{ environment: row.environment, component: row.component, version: row.to.version },
		...{ commit: target.good.commit, ref: null, repo: target.good.repo },
		status: STATUS[command.state],
		statusRaw: command.state,
		startedAt: row.requestedAt,
		finishedAt: command.finishedAt,
		// The end of a command is when it ended, however late it is told.
		updatedAt: isActive(command.state) ? now : (command.finishedAt ?? now),
		inactiveAt: null,
		actor: row.requestedBy.name,
		...{ isRollback: true, rollbackId: row.id, reason: row.reason },
		title: `Rollback from ${row.from.version} to ${row.to.version}`,
		url: null,
		images: target.good.images,
	};
}

/** What the audit says of a record: from what to what, where, and what came of it. */
export function auditOf({ row, target, command }: RollbackRecord) {
	const { environment, component } = row;
	const at = { cluster: target.cluster, workload: `${target.workload.namespace}/${target.workload.name}` };
	return {
		before: { version: row.from.version, deployment: row.from.deploymentId, revision: target.expectedRevision },
		after: {
			...{ version: row.to.version, deployment: row.to.deploymentId, revision: target.targetRevision },
			...{ environment, component, ...at, state: command.state, applied: command.applied },
			...(command.reason !== null && { why: command.reason }),
			...(row.tookMs !== null && { tookMs: row.tookMs }),
		},
	};
}
