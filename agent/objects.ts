import type { WorkloadKind } from "#worker/wire/agent";

/** Kubernetes objects, as far as this program reads them. What it does not name here it passes on untouched, or drops. */

export type Meta = {
	name: string;
	namespace?: string;
	uid: string;
	resourceVersion: string;
	generation?: number;
	creationTimestamp?: string | null;
	deletionTimestamp?: string;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
};
export type Obj = { metadata: Meta };

export type Container = { name: string; image?: string };
export type Template = { metadata?: { labels?: Record<string, string> } | null; spec?: { containers?: Container[] } };

export type Condition = { type: string; status: string; reason?: string; message?: string };

/** A Deployment, StatefulSet or DaemonSet: what the three have in common, and what each has of its own. */
export type Workload = Obj & {
	spec: {
		replicas?: number;
		paused?: boolean;
		selector?: { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string; values?: string[] }[] };
		template: Template;
		progressDeadlineSeconds?: number;
		strategy?: { type?: string };
		podManagementPolicy?: string;
		updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
	};
	status?: {
		observedGeneration?: number;
		conditions?: Condition[];
		// Deployment and StatefulSet
		replicas?: number;
		readyReplicas?: number;
		updatedReplicas?: number;
		availableReplicas?: number;
		// StatefulSet
		currentReplicas?: number;
		currentRevision?: string;
		updateRevision?: string;
		// DaemonSet
		desiredNumberScheduled?: number;
		currentNumberScheduled?: number;
		updatedNumberScheduled?: number;
		numberReady?: number;
		numberAvailable?: number;
	};
};

export type ReplicaSet = Obj & { spec: { template: Template } };
export type ControllerRevision = Obj & { revision: number; data: { spec: { template: Template } } };

export type ContainerStatus = {
	name: string;
	ready: boolean;
	restartCount: number;
	state?: { waiting?: { reason?: string; message?: string }; running?: { startedAt?: string }; terminated?: Terminated };
	lastState?: { terminated?: Terminated };
};
export type Terminated = { reason?: string; exitCode: number; finishedAt?: string };
export type Pod = Obj & {
	spec: { nodeName?: string };
	status?: {
		phase?: string;
		reason?: string;
		conditions?: Condition[];
		initContainerStatuses?: ContainerStatus[];
		containerStatuses?: ContainerStatus[];
	};
};

export type Node = Obj & { spec?: { unschedulable?: boolean }; status?: { conditions?: Condition[] } };

export type Event = Obj & {
	type?: string;
	reason?: string;
	message?: string;
	count?: number;
	involvedObject?: { kind?: string; namespace?: string; name?: string };
	firstTimestamp?: string | null;
	lastTimestamp?: string | null;
	eventTime?: string | null;
	series?: { count?: number; lastObservedTime?: string };
};

/** Where each kind lives in apps/v1. */
export const RESOURCES: Record<WorkloadKind, string> = {
	Deployment: "deployments",
	StatefulSet: "statefulsets",
	DaemonSet: "daemonsets",
};

export const REVISION_ANNOTATION = "deployment.kubernetes.io/revision";
export const CHANGE_CAUSE_ANNOTATION = "kubernetes.io/change-cause";
export const HASH_LABEL = "pod-template-hash";

/** A timestamp of Kubernetes as epoch milliseconds; 0 where there is none. */
export function at(timestamp: string | null | undefined): number {
	const ms = timestamp ? Date.parse(timestamp) : Number.NaN;
	return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

/** The one object that manages another, as `metav1.GetControllerOf` finds it. */
export function controllerOf(meta: Meta) {
	return meta.ownerReferences?.find(({ controller }) => controller === true) ?? null;
}

/** The number a ReplicaSet has in its Deployment's history. */
export function revisionOf(meta: Meta): number {
	const revision = Number(meta.annotations?.[REVISION_ANNOTATION]);
	return Number.isSafeInteger(revision) && revision >= 0 ? revision : 0;
}

/** The hash of a ControllerRevision: its label has one name for DaemonSets and another for StatefulSets; its name ends with it too. */
export function controllerRevisionHash(meta: Meta): string {
	const { labels = {}, name } = meta;
	return labels["controller-revision-hash"] ?? labels["controller.kubernetes.io/hash"] ?? name.slice(name.lastIndexOf("-") + 1);
}

/** The images of a template's containers, in their order. */
export function imagesOf(template: Template | undefined): string[] {
	return (template?.spec?.containers ?? []).map(({ image }) => image ?? "");
}
