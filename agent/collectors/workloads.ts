import { WORKLOAD_KINDS, type WorkloadKind } from "#worker/wire/agent";
import { appsPath } from "../kube.ts";
import { imagesOf, type Meta, RESOURCES, revisionOf, type Workload } from "../objects.ts";
import { cut } from "../text.ts";
import { markOf } from "../undo.ts";
import type { Collector } from "../watch.ts";
import { type Heard, isEqual, type Known, type KnownWorkload, workloadKey } from "./known.ts";

/** Deployments, StatefulSets and DaemonSets. */
export function workloadCollectors(known: Known, heard: Heard): Collector<Workload>[] {
	return WORKLOAD_KINDS.map((kind) => ({
		name: RESOURCES[kind],
		path: appsPath(RESOURCES[kind]),
		put(object) {
			const workload = keep(kind, object);
			const key = workloadKey(kind, workload.namespace, workload.name);
			const before = known.workloads.get(key);
			if (before && before.uid !== workload.uid) known.workloadByUid.delete(before.uid);
			known.workloads.set(key, workload);
			known.workloadByUid.set(workload.uid, key);
			if (!isEqual(before, workload)) heard.workload(key);
		},
		drop(name) {
			const key = `${kind}/${name}`;
			const before = known.workloads.get(key);
			if (!before) return;
			known.workloads.delete(key);
			known.workloadByUid.delete(before.uid);
			heard.gone(key);
		},
		*keys() {
			for (const { kind: itsKind, namespace, name } of known.workloads.values()) if (itsKind === kind) yield `${namespace}/${name}`;
		},
	}));
}

/** What its report needs of a workload. */
function keep(kind: WorkloadKind, { metadata, spec, status = {} }: Workload): KnownWorkload {
	const { labels = {} } = metadata;
	// Only what the decision reads: conditions carry times that change without news.
	const { replicas, paused, progressDeadlineSeconds, updateStrategy } = spec;
	const conditions = status.conditions?.map(({ type, status, reason }) => ({ type, status, ...(reason !== undefined && { reason }) }));
	return {
		kind,
		namespace: metadata.namespace ?? "",
		name: metadata.name,
		uid: metadata.uid,
		images: imagesOf(spec.template)
			.slice(0, 20)
			.map((image) => cut(image, 500)),
		component: cut(labels["app.kubernetes.io/name"] || metadata.name, 253),
		revision: kind === "Deployment" ? revisionOf(metadata) : { named: status.updateRevision ?? null },
		rollout: {
			metadata: { ...(metadata.generation !== undefined && { generation: metadata.generation }) },
			spec: {
				...(replicas !== undefined && { replicas }),
				...(paused && { paused }),
				...(progressDeadlineSeconds !== undefined && { progressDeadlineSeconds }),
				...(updateStrategy && { updateStrategy }),
				template: {},
			},
			status: { ...status, ...(conditions && { conditions }) },
		},
		owner: ownerOf(metadata),
		by: markOf(metadata.annotations)?.by ?? null,
	};
}

/** The tool that would undo a change made here. */
export function ownerOf({ labels = {}, annotations = {} }: Pick<Meta, "labels" | "annotations">): KnownWorkload["owner"] {
	const flux = labels["kustomize.toolkit.fluxcd.io/name"] ?? labels["helm.toolkit.fluxcd.io/name"];
	if (flux) return { tool: "flux", name: cut(flux, 253) };
	const argo = annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] || labels["argocd.argoproj.io/instance"];
	if (argo) return { tool: "argocd", name: cut(argo, 253) };
	const helm = annotations["meta.helm.sh/release-name"];
	if (helm) return { tool: "helm", name: cut(helm, 253) };
	if (labels["app.kubernetes.io/managed-by"] === "Helm") {
		return { tool: "helm", name: cut(labels["app.kubernetes.io/instance"] ?? "", 253) };
	}
	return null;
}
