// ReplicaSets make and end pods until there are as many as they should have.
import type { World } from "./index.ts";
import { isControlledBy, type KubeObject, omitEmpty, suffixOf } from "./objects.ts";
import { condemn, createPod, isActive, isReady } from "./pods.ts";
import { resource } from "./resources.ts";

/** One round for one ReplicaSet. */
export function syncReplicaSet(world: World, set: KubeObject): void {
	const ours = () => world.store.list("pods", set.metadata.namespace, (pod) => isControlledBy(pod, set) && isActive(pod));
	const pods = ours();
	const { replicas } = set.spec;
	for (let i = pods.length; i < replicas; i++) {
		const pod = createPod(world, set, `${set.metadata.name}-${suffixOf(world.next())}`);
		world.record(set, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`, "replicaset-controller");
	}
	// Those that are not ready go first, then the youngest.
	const rank = (pod: KubeObject) => [
		isReady(pod) ? 1 : 0,
		-Date.parse(pod.metadata.creationTimestamp),
		-Number(pod.metadata.resourceVersion),
	];
	const order = pods.sort(
		(a, b) =>
			rank(a)
				.map((n, i) => n - (rank(b)[i] as number))
				.find((n) => n !== 0) ?? 0,
	);
	for (const pod of order.slice(0, Math.max(0, pods.length - replicas))) {
		condemn(world, pod);
		world.record(set, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`, "replicaset-controller");
	}
	const now = ours();
	const ready = now.filter(isReady).length;
	const counts = omitEmpty({ fullyLabeledReplicas: now.length, readyReplicas: ready, availableReplicas: ready });
	const status = { replicas: now.length, ...counts, observedGeneration: set.metadata.generation };
	world.store.update(resource("replicasets"), { ...set, metadata: { ...set.metadata, resourceVersion: "" }, status });
}
