// StatefulSets and DaemonSets: their history is ControllerRevisions, and they replace one pod at a time.
import type { World } from "./index.ts";
import { canonical, controllerReference, hashOf, inOrder, isControlledBy, type KubeObject, omitEmpty, suffixOf } from "./objects.ts";
import { condemn, createPod, isReady } from "./pods.ts";
import { resource } from "./resources.ts";

const REVISIONS = resource("controllerrevisions");
const HASH = "controller-revision-hash";

/** The revision of the template of now: a new one, or an old one that becomes the newest again. */
function currentRevision(world: World, set: KubeObject): KubeObject {
	// kubectl compares the bytes of a revision with those of the template.
	const data = inOrder({ spec: { template: { $patch: "replace", ...set.spec.template } } });
	const all = world.store
		.list(REVISIONS, set.metadata.namespace, (one) => isControlledBy(one, set))
		.sort((a, b) => a.revision - b.revision);
	const same = all.find((one) => canonical(one.data) === canonical(data));
	const newest = all.at(-1)?.revision ?? 0;
	if (same) return same.revision === newest ? same : world.store.update(REVISIONS, { ...same, revision: newest + 1 });
	const hash = hashOf(data);
	const { annotations, namespace, name } = set.metadata;
	const created = world.store.create(REVISIONS, {
		metadata: {
			name: `${name}-${hash}`,
			namespace,
			labels: { ...set.spec.template.metadata.labels, [set.kind === "DaemonSet" ? HASH : "controller.kubernetes.io/hash"]: hash },
			...(annotations ? { annotations } : {}),
			ownerReferences: [controllerReference(set)],
		},
		data,
		revision: newest + 1,
	});
	const surplus = all.length + 1 - set.spec.revisionHistoryLimit - 1;
	for (const old of all.slice(0, Math.max(0, surplus))) world.store.remove(REVISIONS, namespace ?? "", old.metadata.name);
	return created;
}

const podsOf = (world: World, set: KubeObject) => world.store.list("pods", set.metadata.namespace, (pod) => isControlledBy(pod, set));

/** The label that says which revision a pod is of: a StatefulSet's pods carry the revision's whole name, a DaemonSet's the hash. */
const labelOf = (set: KubeObject, revision: KubeObject) =>
	set.kind === "StatefulSet" ? revision.metadata.name : (revision.metadata.labels?.[HASH] as string);

/** One round for one StatefulSet: in order up, from the last one down when the template changed. */
export function syncStatefulSet(world: World, set: KubeObject): void {
	const revision = currentRevision(world, set);
	const label = labelOf(set, revision);
	const name = (ordinal: number) => `${set.metadata.name}-${ordinal}`;
	const wanted: number = set.spec.replicas;
	const inOrder = set.spec.podManagementPolicy === "OrderedReady";
	const find = (ordinal: number) => world.store.find(resource("pods"), set.metadata.namespace ?? "", name(ordinal));
	const partition: number = set.spec.updateStrategy.rollingUpdate?.partition ?? 0;

	let waits = false;
	for (let ordinal = 0; ordinal < wanted && !waits; ordinal++) {
		const pod = find(ordinal);
		if (!pod) createPod(world, set, name(ordinal), { [HASH]: label, "statefulset.kubernetes.io/pod-name": name(ordinal) });
		if (inOrder && !(pod && isReady(pod) && !pod.metadata.deletionTimestamp)) waits = true;
	}
	const surplus = podsOf(world, set).filter((pod) => Number(pod.metadata.name.split("-").at(-1)) >= wanted);
	for (const pod of surplus) if (!pod.metadata.deletionTimestamp) condemn(world, pod);
	if (!waits && set.spec.updateStrategy.type === "RollingUpdate") {
		for (let ordinal = wanted - 1; ordinal >= partition; ordinal--) {
			const pod = find(ordinal);
			if (!pod || pod.metadata.labels?.[HASH] === label) continue;
			condemn(world, pod);
			break;
		}
	}
	const pods = podsOf(world, set).filter((pod) => !pod.metadata.deletionTimestamp);
	const updated = pods.filter((pod) => pod.metadata.labels?.[HASH] === label).length;
	const isDone = updated === wanted && pods.length === wanted && pods.every(isReady);
	const current = isDone ? revision.metadata.name : (set.status?.currentRevision ?? revision.metadata.name);
	world.store.update(resource("statefulsets"), {
		...set,
		status: {
			observedGeneration: set.metadata.generation,
			replicas: pods.length,
			...omitEmpty({
				readyReplicas: pods.filter(isReady).length,
				currentReplicas: pods.filter((pod) => pod.metadata.labels?.[HASH] === current).length,
				updatedReplicas: updated,
			}),
			currentRevision: current,
			updateRevision: revision.metadata.name,
			collisionCount: 0,
		},
	});
}

/** One round for one DaemonSet: a pod on each node, maxUnavailable of one. */
export function syncDaemonSet(world: World, set: KubeObject): void {
	const revision = currentRevision(world, set);
	const label = labelOf(set, revision);
	const nodes = world.store.list("nodes").map((node) => node.metadata.name);
	const pods = podsOf(world, set);
	for (const node of nodes.filter((one) => !pods.some((pod) => pod.spec.nodeName === one))) {
		createPod(world, set, `${set.metadata.name}-${suffixOf(world.next())}`, { [HASH]: label }, node);
	}
	const isStill = (pod: KubeObject) => isReady(pod) && !pod.metadata.deletionTimestamp;
	const old = pods.filter((pod) => pod.metadata.labels?.[HASH] !== label);
	const next = old.find((pod) => !pod.metadata.deletionTimestamp);
	const othersServe = pods.length === nodes.length && pods.every((pod) => pod === next || isStill(pod));
	if (next && set.spec.updateStrategy.type === "RollingUpdate" && (othersServe || !isReady(next))) condemn(world, next);

	const now = podsOf(world, set).filter((pod) => !pod.metadata.deletionTimestamp);
	const ready = now.filter(isReady).length;
	world.store.update(resource("daemonsets"), {
		...set,
		status: {
			currentNumberScheduled: now.length,
			numberMisscheduled: 0,
			desiredNumberScheduled: nodes.length,
			numberReady: ready,
			observedGeneration: set.metadata.generation,
			...omitEmpty({
				updatedNumberScheduled: now.filter((pod) => pod.metadata.labels?.[HASH] === label).length,
				numberAvailable: ready,
				numberUnavailable: nodes.length - ready,
			}),
		},
	});
}
