import type { BadPod, ClusterReport, Revision, WorkloadKind } from "#worker/wire/agent";
import type { RolloutInput } from "../rollout.ts";

/** What is kept of a workload: what its report needs, not the object. */
export type KnownWorkload = {
	kind: WorkloadKind;
	namespace: string;
	name: string;
	uid: string;
	images: string[];
	component: string;
	/** A Deployment's own number; for the others the name of the ControllerRevision that is rolled out, or null for the newest. */
	revision: number | { named: string | null };
	rollout: RolloutInput;
	owner: { tool: "argocd" | "flux" | "helm"; name: string } | null;
	by: { id: string; revision: number } | null;
};

export type KnownNode = ClusterReport["nodes"][number];
export type KnownEvent = ClusterReport["warnings"][number];
/** `owner`: the uid of the workload, where it is one. */
export type KnownPod = { bad: BadPod; controller: string | null };

/** `lines`: what is in its template, as far as it may be said, to be compared with the others of its workload. */
export type KnownRevision = { owner: string; uid: string; name: string; revision: Revision; lines: readonly string[] };

/**
 * What this program knows of the cluster. It grows with the number of objects and holds few bytes of each: of a pod that is well, only
 * that it is there.
 */
export type Known = {
	workloads: Map<string, KnownWorkload>;
	workloadByUid: Map<string, string>;
	/** ReplicaSets and ControllerRevisions by their own key. */
	history: Map<string, KnownRevision>;
	/** Keys of history entries by the uid of their workload. */
	historyOf: Map<string, Set<string>>;
	/** The workload's uid by the uid of its ReplicaSet, which is what a pod names. */
	ownerOfReplicaSet: Map<string, string>;
	pods: Map<string, KnownPod | null>;
	/** Keys of bad pods by the uid that they name as their controller. */
	badPodsOf: Map<string, Set<string>>;
	badPodCount: number;
	nodes: Map<string, KnownNode>;
	events: Map<string, KnownEvent>;
};

/** Told of each change that a report would show. */
export type Heard = { workload(key: string): void; gone(key: string): void; cluster(): void };

/** Nothing is known yet. */
export function knowNothing(): Known {
	return {
		workloads: new Map(),
		workloadByUid: new Map(),
		history: new Map(),
		historyOf: new Map(),
		ownerOfReplicaSet: new Map(),
		pods: new Map(),
		badPodsOf: new Map(),
		badPodCount: 0,
		nodes: new Map(),
		events: new Map(),
	};
}

/** The key of a workload in what is known. */
export function workloadKey(kind: WorkloadKind, namespace: string, name: string): string {
	return `${kind}/${namespace}/${name}`;
}

/** Add to one of the sets of a map. */
export function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
	const set = map.get(key);
	if (set) set.add(value);
	else map.set(key, new Set([value]));
}

/** Take out of one of the sets of a map. */
export function takeFrom(map: Map<string, Set<string>>, key: string, value: string): void {
	const set = map.get(key);
	if (set?.delete(value) && set.size === 0) map.delete(key);
}

/** Whether two small values are equal, as they would be written. */
export function isEqual(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
