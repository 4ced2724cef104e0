import type { Progress, RolloutState, WorkloadKind } from "#worker/wire/agent";
import type { Workload } from "./objects.ts";
import { count } from "./text.ts";

/** How far a workload is with its newest template, in the numbers of its kind and in kubectl's terms. */
export type Rollout = {
	state: RolloutState;
	/** In Kubernetes' own words; null when healthy. */
	reason: string | null;
	sentence: string;
	/** All pods of the newest template are there and available, and no old one is left: `kubectl rollout status` would exit with 0. */
	isComplete: boolean;
	/** Kubernetes itself has given up: the deadline for progress has passed. */
	hasFailed: boolean;
	desired: number;
	updated: number;
	ready: number;
	available: number;
	/** Pods there are, old ones included. */
	total: number;
};

/** What of a workload decides its state. */
export type RolloutInput = Pick<Workload, "spec" | "status"> & { metadata: { generation?: number } };

const DEFAULT_DEADLINE_SECONDS = 600;

/**
 * Decide how a rollout stands. `worst` is the reason of its worst pod, where one is not well: a rollout that waits is degraded, and not
 * only slow, when its pods crash.
 * @source kubectl, pkg/polymorphichelpers/rollout_status.go
 */
export function rolloutOf(kind: WorkloadKind, object: RolloutInput, worst: string | null = null): Rollout {
	const numbers = numbersOf(kind, object);
	const { desired, updated, available, ready, total } = numbers;
	const is = (state: RolloutState, reason: string | null, sentence: string, more: Partial<Rollout> = {}): Rollout => ({
		...numbers,
		state,
		reason,
		sentence,
		isComplete: false,
		hasFailed: false,
		...more,
	});
	const status = object.status ?? {};
	const isObserved = (object.metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
	const progressing = isObserved ? status.conditions?.find(({ type }) => type === "Progressing") : undefined;
	if (kind === "Deployment" && object.spec.paused) {
		return is("paused", "Paused", `Paused: changes are not rolled out. ${ready} of ${count(desired, "pod")} ready.`);
	}
	if (progressing?.reason === "ProgressDeadlineExceeded") {
		const seconds = object.spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS;
		const old = Math.max(0, total - updated);
		const serving = old > 0 ? ` ${count(old, "old pod")} still there, ${ready} ready in all.` : ` ${ready} of ${desired} ready.`;
		return is("degraded", "ProgressDeadlineExceeded", `The rollout failed: no progress within ${seconds} s.${serving}`, {
			hasFailed: true,
		});
	}
	if (!isObserved) return is("progressing", "Observing", "Kubernetes has not seen the newest change yet.");
	const waiting = waitingFor(kind, object, numbers);
	if (waiting !== null) {
		// Crashing pods do not make a rollout fail at once, but nobody should read "progressing" then.
		if (worst !== null && worst !== "NotReady") return is("degraded", worst, `${waiting} Pods fail: ${worst}.`);
		// A rollout that was complete and lost pods afterwards is no rollout.
		const unavailable = status.conditions?.find(({ type, status }) => type === "Available" && status === "False");
		if (kind === "Deployment" && progressing?.reason === "NewReplicaSetAvailable" && updated >= desired && unavailable) {
			const reason = unavailable.reason ?? "MinimumReplicasUnavailable";
			return is("degraded", reason, `${available} of ${count(desired, "pod")} available.`);
		}
		return is("progressing", progressing?.reason ?? "RolloutInProgress", waiting);
	}
	if (desired === 0) return is("scaledDown", "ScaledDown", "Scaled down to no pods.", { isComplete: true });
	return is("healthy", null, `${available} of ${count(desired, "pod")} available.`, { isComplete: true });
}

/** What `kubectl rollout status` would still wait for, in a sentence; null when the rollout is complete. */
function waitingFor(kind: WorkloadKind, { spec, status = {} }: RolloutInput, numbers: Numbers): string | null {
	const { desired, updated, ready, available, total } = numbers;
	if (kind !== "Deployment" && spec.updateStrategy?.type === "OnDelete") {
		return updated < desired
			? `${updated} of ${count(desired, "pod")} updated; with the strategy OnDelete, somebody must delete the old ones.`
			: available < desired
				? `${available} of ${count(desired, "pod")} available.`
				: null;
	}
	if (kind === "StatefulSet") {
		const due = Math.max(0, desired - (spec.updateStrategy?.rollingUpdate?.partition ?? 0));
		if (ready < desired) return `${ready} of ${count(desired, "pod")} ready.`;
		if (updated < due) return `${updated} of ${count(due, "new pod")} updated.`;
		if (due === desired && status.updateRevision !== status.currentRevision) return `${updated} of ${count(desired, "new pod")} updated.`;
		return null;
	}
	if (updated < desired) return `${updated} of ${count(desired, "new pod")} updated.`;
	if (kind === "Deployment" && total > updated) return `${count(total - updated, "old pod")} not gone yet.`;
	if (available < (kind === "Deployment" ? updated : desired)) return `${available} of ${count(desired, "updated pod")} available.`;
	return null;
}

type Numbers = Pick<Rollout, "desired" | "updated" | "ready" | "available" | "total">;

function numbersOf(kind: WorkloadKind, { spec, status = {} }: RolloutInput): Numbers {
	if (kind === "DaemonSet") {
		return {
			desired: whole(status.desiredNumberScheduled),
			updated: whole(status.updatedNumberScheduled),
			ready: whole(status.numberReady),
			available: whole(status.numberAvailable),
			total: whole(status.currentNumberScheduled),
		};
	}
	return {
		desired: whole(spec.replicas ?? 1),
		updated: whole(status.updatedReplicas),
		ready: whole(status.readyReplicas),
		// Before Kubernetes 1.22 a StatefulSet does not say how many are available; ready ones are then.
		available: whole(status.availableReplicas ?? (kind === "StatefulSet" ? status.readyReplicas : 0)),
		total: whole(status.replicas),
	};
}

function whole(n: number | undefined): number {
	return n !== undefined && Number.isSafeInteger(n) && n > 0 ? n : 0;
}

/**
 * The numbers of a rollout that a person watches: of its new pods alone. Until Kubernetes has seen the change its numbers are those of the
 * rollout before. It counts all ready pods together, so the old ones are taken to be ready: nothing is called ready too early.
 */
export function progressOf({ reason, updated, ready, desired, total }: Rollout): Progress {
	if (reason === "Observing") return { updated: 0, ready: 0, total: desired };
	return { updated, ready: Math.min(updated, Math.max(0, ready - Math.max(0, total - updated))), total: desired };
}

/** How long a workload itself allows for progress, milliseconds. */
export function progressDeadlineMs(spec: { progressDeadlineSeconds?: number }): number {
	return (spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) * 1000;
}
