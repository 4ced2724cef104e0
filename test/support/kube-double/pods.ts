// Pods and the kubelets that run them: scheduled, started, ready one step after the other; or in trouble, where a test or the
// template says so. A pod that should go is Terminating for a step.
import type { World } from "./index.ts";
import { controllerReference, fnv, type Json, type KubeObject, timestamp } from "./objects.ts";
import { resource } from "./resources.ts";

/** How an image can fail to run. `NotReady` is what a probe that cannot pass looks like. */
export type Trouble = "NotReady" | "CrashLoopBackOff" | "ImagePullBackOff" | "OOMKilled" | "Pending";

const PODS = resource("pods");
const condition = (pod: KubeObject, type: string) => pod.status?.conditions?.find((one: Json) => one.type === type);

export const isActive = (pod: KubeObject): boolean =>
	!pod.metadata.deletionTimestamp && !["Failed", "Succeeded"].includes(pod.status?.phase);
export const isReady = (pod: KubeObject): boolean => condition(pod, "Ready")?.status === "True";

/** A pod of `owner`'s template; `labels` beside the template's own. */
export function createPod(
	world: World,
	owner: KubeObject,
	name: string,
	labels: Record<string, string> = {},
	nodeName?: string,
): KubeObject {
	const { metadata, spec } = owner.spec.template;
	const toleration = (key: string) => ({
		key: `node.kubernetes.io/${key}`,
		operator: "Exists",
		effect: "NoExecute",
		tolerationSeconds: 300,
	});
	return world.store.create(PODS, {
		metadata: {
			name,
			generateName: name.replace(/[^-]+$/, ""),
			namespace: owner.metadata.namespace,
			labels: { ...metadata.labels, ...labels },
			...(metadata.annotations ? { annotations: metadata.annotations } : {}),
			ownerReferences: [controllerReference(owner)],
		},
		spec: {
			...spec,
			...(nodeName ? { nodeName } : {}),
			serviceAccountName: spec.serviceAccountName ?? "default",
			tolerations: [toleration("not-ready"), toleration("unreachable")],
			priority: 0,
			enableServiceLinks: true,
			preemptionPolicy: "PreemptLowerPriority",
		},
		status: { phase: "Pending", qosClass: "Burstable" },
	});
}

/** Ask a pod to go: its kubelet lets it go in the next step. */
export function condemn(world: World, pod: KubeObject): void {
	const deletionTimestamp = timestamp(world.now() + 30_000);
	world.store.update(PODS, { ...pod, metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: 30 } });
}

/** What stops this pod: what a test said about its image, or a probe of port 1, which refuses everywhere. */
function troubleOf(world: World, pod: KubeObject): Trouble | null {
	const images: string[] = pod.spec.containers.map((container: Json) => container.image);
	const told = images.map((image) => world.troubles.get(image)).find((one) => one?.hits(pod));
	if (told) return told.how;
	const probes: Json[] = pod.spec.containers.map((container: Json) => container.readinessProbe?.httpGet);
	return probes.some((probe) => probe?.port === 1) ? "NotReady" : null;
}

/** A probe that waits before it looks is also a part of its period late, each pod's another: kubelets do not probe all at once. */
function readyAt(pod: KubeObject): number {
	const waits = pod.spec.containers.map(({ readinessProbe: probe }: Json) =>
		probe?.initialDelaySeconds ? probe.initialDelaySeconds * 1000 + (fnv(pod.metadata.name) % (probe.periodSeconds * 1000)) : 0,
	);
	return Date.parse(pod.status.startTime) + Math.max(0, ...waits);
}

/** One step of one pod's life. */
export function syncPod(world: World, pod: KubeObject): void {
	const { namespace = "", name } = pod.metadata;
	if (pod.metadata.deletionTimestamp) return void world.store.remove(PODS, namespace, name);
	const trouble = troubleOf(world, pod);
	const save = (change: Partial<KubeObject>) => world.store.update(PODS, { ...pod, ...change });
	const now = timestamp(world.now());
	if (!condition(pod, "PodScheduled") || condition(pod, "PodScheduled").status === "False") {
		const nodes = world.store.list("nodes").map((node) => node.metadata.name);
		if (trouble === "Pending" || !nodes.length) {
			if (condition(pod, "PodScheduled")) return;
			const message = `0/${nodes.length} nodes are available: ${nodes.length} Insufficient cpu.`;
			const unschedulable = {
				type: "PodScheduled",
				status: "False",
				lastProbeTime: null,
				lastTransitionTime: now,
				reason: "Unschedulable",
				message,
			};
			save({ status: { ...pod.status, conditions: [unschedulable] } });
			world.record(pod, "Warning", "FailedScheduling", message, "default-scheduler");
			return;
		}
		const nodeName = pod.spec.nodeName ?? nodes[fnv(name) % nodes.length];
		save({
			spec: { ...pod.spec, nodeName },
			status: { ...pod.status, conditions: [{ type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now }] },
		});
		world.record(pod, "Normal", "Scheduled", `Successfully assigned ${namespace}/${name} to ${nodeName}`, "default-scheduler");
		return;
	}
	const started: boolean = condition(pod, "Initialized") !== undefined;
	const ready = trouble === null && (!started || isReady(pod) || world.now() >= readyAt(pod));
	if (started && isReady(pod) === ready) return;
	// Started in one step, ready in the next.
	const passes = ready && started;
	const status = (type: string, isTrue: boolean) => {
		const was = condition(pod, type);
		const value = isTrue ? "True" : "False";
		const names = pod.spec.containers.map((container: Json) => container.name).join(" ");
		return {
			type,
			status: value,
			lastProbeTime: null,
			lastTransitionTime: was?.status === value ? was.lastTransitionTime : now,
			...(isTrue ? {} : { reason: "ContainersNotReady", message: `containers with unready status: [${names}]` }),
		};
	};
	save({
		status: {
			...pod.status,
			phase: trouble === "ImagePullBackOff" ? "Pending" : "Running",
			conditions: [status("Initialized", true), status("Ready", passes), status("ContainersReady", passes), status("PodScheduled", true)],
			hostIP: "192.0.2.2",
			...(trouble === "ImagePullBackOff" ? {} : { podIP: "192.168.192.168", podIPs: [{ ip: "192.168.192.168" }] }),
			startTime: pod.status.startTime ?? now,
			containerStatuses: pod.spec.containers.map((container: Json) => containerStatus(pod, container, trouble, passes, now)),
		},
	});
	// Told when it begins, at the start or later.
	if (started && !isReady(pod)) return;
	if (trouble === "NotReady") world.record(pod, "Warning", "Unhealthy", "Readiness probe failed: connection refused", "kubelet");
	if (trouble === "CrashLoopBackOff" || trouble === "OOMKilled") {
		world.record(pod, "Warning", "BackOff", "Back-off restarting failed container", "kubelet");
	}
	if (trouble === "ImagePullBackOff") {
		world.record(pod, "Warning", "Failed", `Failed to pull image "${pod.spec.containers[0].image}": not found`, "kubelet");
	}
}

function containerStatus(pod: KubeObject, container: Json, trouble: Trouble | null, ready: boolean, now: string): Json {
	const id = `fakeRuntime://${pod.metadata.name}_${container.name}_0`;
	const { image, name } = container;
	const common = { name, ready, image, imageID: trouble === "ImagePullBackOff" ? "" : image };
	if (trouble === "ImagePullBackOff") {
		const waiting = { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` };
		return { ...common, state: { waiting }, lastState: {}, restartCount: 0, started: false };
	}
	if (trouble === "CrashLoopBackOff" || trouble === "OOMKilled") {
		const ended = trouble === "OOMKilled" ? { exitCode: 137, reason: "OOMKilled" } : { exitCode: 1, reason: "Error" };
		const waiting = { reason: "CrashLoopBackOff", message: `back-off 5m0s restarting failed container=${name}` };
		const lastState = { terminated: { ...ended, startedAt: now, finishedAt: now, containerID: id } };
		return { ...common, state: { waiting }, lastState, restartCount: 7, containerID: id, started: false };
	}
	const startedAt = pod.status.containerStatuses?.find((one: Json) => one.name === name)?.state?.running?.startedAt ?? now;
	return { ...common, state: { running: { startedAt } }, lastState: {}, restartCount: 0, containerID: id, started: true };
}
