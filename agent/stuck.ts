import { badPod } from "./collectors/pods.ts";
import { eachPage, type Kube } from "./kube.ts";
import { controllerOf, type Pod, type Workload } from "./objects.ts";
import { type Read, selectorOf } from "./undo.ts";

/** A pod that a StatefulSet waits for and will not replace. `why`: what is wrong with it, in a sentence. */
export type StuckPod = { name: string; why: string };

const PAGE = 100;

/**
 * Decide which pod a rollout of a StatefulSet waits for in vain. It replaces pods only while all are ready, so one of another revision
 * that never got ready stays until somebody deletes it, whatever the template says now. `pods` are the set's own.
 * @source kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
export function stuckPod({ metadata, spec, status = {} }: Workload, pods: readonly Pod[]): StuckPod | null {
	const { updateRevision } = status;
	const isObserved = (metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
	if (!isObserved || updateRevision === undefined) return null;
	// With "Parallel" the controller replaces what is not ready too; with "OnDelete" somebody deletes every pod anyway.
	if (spec.podManagementPolicy === "Parallel" || spec.updateStrategy?.type === "OnDelete") return null;
	const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
	// It goes through them in order and stops at the first that is not ready.
	const [first] = pods
		.filter((pod) => !isReady(pod))
		.map((pod) => ({ pod, ordinal: ordinalOf(pod) }))
		.sort((a, b) => a.ordinal - b.ordinal);
	if (!first || first.pod.metadata.deletionTimestamp !== undefined || first.ordinal < partition) return null;
	const { name, labels } = first.pod.metadata;
	// A pod that is over is made anew by the controller itself.
	if (labels?.["controller-revision-hash"] === updateRevision || isOver(first.pod)) return null;
	return { name, why: badPod(first.pod, true)?.sentence ?? "It is not ready yet." };
}

/** What to do about it, for people, with the command to run by hand: this program may not delete. */
export function stuckSentence(namespace: string, { name, why }: StuckPod): string {
	const what = `Kubernetes waits for pod ${name}, which is of the version before and not ready, and does not replace it by itself.`;
	return `${what} ${why} Unless it gets ready, delete it by hand: kubectl -n ${namespace} delete pod ${name}`;
}

/** Look for such a pod in the cluster, where the workload's own numbers leave room for one. @throws KubeError, Unreachable */
export async function findStuckPod(kube: Kube, { ref, object }: Pick<Read, "ref" | "object">): Promise<StuckPod | null> {
	if (ref.kind !== "StatefulSet" || (object.status?.readyReplicas ?? 0) >= (object.spec.replicas ?? 1)) return null;
	const waiting: Pod[] = [];
	await eachPage<Pod>(kube, `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/pods`, {
		query: { labelSelector: selectorOf(object.spec.selector) },
		limit: PAGE,
		onPage: (pods) => {
			const own = pods.filter((pod) => controllerOf(pod.metadata)?.uid === object.metadata.uid);
			waiting.push(...own.filter((pod) => !isReady(pod)));
		},
	});
	return stuckPod(object, waiting);
}

const isOver = ({ status }: Pod) => status?.phase === "Failed" || status?.phase === "Succeeded";
const isReady = ({ status }: Pod) =>
	status?.phase === "Running" && status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;

function ordinalOf({ metadata }: Pod): number {
	return Number(metadata.name.slice(metadata.name.lastIndexOf("-") + 1));
}
