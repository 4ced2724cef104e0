import type { BadPod } from "#worker/wire/agent";
import { type ContainerStatus, controllerOf, type Pod } from "../objects.ts";
import { cut } from "../text.ts";
import { type Collector, keyOf } from "../watch.ts";
import { addTo, type Heard, isEqual, type Known, takeFrom } from "./known.ts";

/** On the way to running: nothing to worry about. */
const STARTING = new Set(["ContainerCreating", "PodInitializing"]);

/** Pods. Of one that is well, nothing is kept but that it is there: 10⁵ of them must fit. */
export function podCollector(known: Known, heard: Heard): Collector<Pod> {
	const isNodeReady = (name: string | null) => name === null || known.nodes.get(name)?.isReady !== null;
	const tell = (controller: string | null) => {
		const workload = controller === null ? undefined : known.workloadByUid.get(known.ownerOfReplicaSet.get(controller) ?? controller);
		if (workload) heard.workload(workload);
		heard.cluster();
	};
	const forget = (key: string) => {
		const before = known.pods.get(key);
		known.pods.delete(key);
		if (!before) return;
		known.badPodCount -= 1;
		if (before.controller !== null) takeFrom(known.badPodsOf, before.controller, key);
		tell(before.controller);
	};
	return {
		name: "pods",
		path: "/api/v1/pods",
		put(pod) {
			const key = keyOf(pod);
			const bad = badPod(pod, isNodeReady(pod.spec.nodeName ?? null));
			const before = known.pods.get(key);
			if (bad === null) {
				if (before) forget(key);
				else if (before === undefined) heard.cluster();
				known.pods.set(key, null);
				return;
			}
			const controller = controllerOf(pod.metadata)?.uid ?? null;
			if (before && before.controller === controller && isEqual(before.bad, bad)) return;
			if (before) forget(key);
			known.pods.set(key, { bad, controller });
			known.badPodCount += 1;
			if (controller !== null) addTo(known.badPodsOf, controller, key);
			tell(controller);
		},
		drop(key) {
			if (known.pods.has(key)) heard.cluster();
			forget(key);
		},
		keys: () => known.pods.keys(),
	};
}

/**
 * Decide whether a pod is well, and why not. Its containers say so, never its phase: a pod that crashes in a loop is "Running", and so is
 * one on a node that is gone.
 */
export function badPod({ metadata, spec, status = {} }: Pod, isNodeReady: boolean): BadPod | null {
	const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
	const node = spec.nodeName ?? null;
	const is = (reason: string, sentence: string): BadPod => ({
		name: cut(metadata.name, 253),
		node: node === null ? null : cut(node, 253),
		reason: cut(reason, 255),
		sentence: cut(sentence, 1000),
		restarts: Math.max(0, ...containers.map(({ restartCount }) => restartCount ?? 0)),
	});
	// A pod that is over is replaced by its controller: the workload's own numbers tell.
	if (status.phase === "Succeeded" || status.phase === "Failed") return null;
	const isReady = status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
	if (!isNodeReady) return is("NodeLost", `Its node ${node} does not answer; the pod may run or not.`);
	if (metadata.deletionTimestamp !== undefined) return null;
	for (const container of containers) {
		const { waiting } = container.state ?? {};
		if (waiting && !STARTING.has(waiting.reason ?? "ContainerCreating")) {
			return is(
				waiting.reason ?? "Waiting",
				`Container ${container.name}: ${waiting.reason}${lastEnd(container)}${detail(waiting.message)}`,
			);
		}
	}
	for (const container of status.containerStatuses ?? []) {
		const { terminated, running } = container.state ?? {};
		if (terminated && terminated.exitCode !== 0) {
			const reason = terminated.reason ?? "Error";
			return is(reason, `Container ${container.name} ended: ${reason}, exit code ${terminated.exitCode}.`);
		}
		if (running && !container.ready) return is("NotReady", `Container ${container.name} runs and is not ready${lastEnd(container)}.`);
	}
	const unscheduled = status.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
	if (unscheduled) return is(unscheduled.reason ?? "Unschedulable", `No node takes it${detail(unscheduled.message)}`);
	if (!isReady && (status.containerStatuses ?? []).length > 0 && status.containerStatuses?.every(({ ready }) => ready)) {
		return is("NotReady", "Its containers are ready and the pod is not.");
	}
	return null;
}

function lastEnd({ lastState }: ContainerStatus): string {
	const ended = lastState?.terminated;
	return ended ? `, last ended with ${ended.reason ?? "Error"} (exit code ${ended.exitCode})` : "";
}

function detail(message: string | undefined): string {
	return message ? `: ${message}` : ".";
}
