import { CommandMark, MARK_ANNOTATION, type WorkloadKind, type WorkloadRef } from "#worker/wire/agent";
import type { WorkloadView } from "#worker/wire/rollback";
import { appsPath, type Kube, type PatchKind } from "./kube.ts";
import {
	type ControllerRevision,
	controllerOf,
	controllerRevisionHash,
	HASH_LABEL,
	RESOURCES,
	REVISION_ANNOTATION,
	type ReplicaSet,
	revisionOf,
	type Template,
	type Workload,
} from "./objects.ts";

/**
 * What `kubectl rollout undo` does to each kind of workload, as one patch that also leaves our mark and that holds only at the version of
 * the object that was read.
 * @source kubectl, pkg/polymorphichelpers/rollback.go and history.go
 */

/** One entry of a workload's history, with what returning to it takes. */
export type HistoryEntry = { revision: number; hash: string; template: Template; source: ReplicaSet | ControllerRevision };

/** A workload as it was read for a command. */
export type Read = { ref: WorkloadRef; object: Workload; history: HistoryEntry[]; view: WorkloadView };

/** A patch of a workload, ready to be sent. */
export type WorkloadPatch = { kind: PatchKind; body: unknown };

/** Annotations that are the Deployment's own and that a ReplicaSet never gives back. @source kubectl: annotationsToSkip */
const OWN_ANNOTATIONS = new Set([
	"kubectl.kubernetes.io/last-applied-configuration",
	REVISION_ANNOTATION,
	"deployment.kubernetes.io/revision-history",
	"deployment.kubernetes.io/desired-replicas",
	"deployment.kubernetes.io/max-replicas",
	"deprecated.deployment.rollback.to",
	// Kubernetes copies it to the ReplicaSets, where it is only ever an old one.
	MARK_ANNOTATION,
]);

/** @throws KubeError 404 when there is no such workload */
export async function readWorkload(kube: Kube, ref: WorkloadRef): Promise<Read> {
	const object = await kube.get<Workload>(workloadPath(ref));
	const history = await readHistory(kube, ref, object);
	return { ref, object, history, view: viewOf(ref.kind, object, history) };
}

/** Where a workload is read and patched. */
export function workloadPath({ kind, namespace, name }: WorkloadRef): string {
	return appsPath(RESOURCES[kind], namespace, name);
}

/** Its history: everything that its selector matches and that it controls. */
async function readHistory(kube: Kube, { kind, namespace }: WorkloadRef, object: Workload): Promise<HistoryEntry[]> {
	const labelSelector = selectorOf(object.spec.selector);
	const resource = kind === "Deployment" ? "replicasets" : "controllerrevisions";
	const list = await kube.get<{ items: (ReplicaSet | ControllerRevision)[] | null }>(appsPath(resource, namespace), { labelSelector });
	return (list.items ?? [])
		.filter(({ metadata }) => controllerOf(metadata)?.uid === object.metadata.uid)
		.map((source) => entryOf(source))
		.sort((a, b) => b.revision - a.revision);
}

function entryOf(source: ReplicaSet | ControllerRevision): HistoryEntry {
	if ("revision" in source) {
		return { revision: source.revision, hash: controllerRevisionHash(source.metadata), template: source.data.spec.template, source };
	}
	return {
		revision: revisionOf(source.metadata),
		hash: source.metadata.labels?.[HASH_LABEL] ?? "",
		template: source.spec.template,
		source,
	};
}

/** A label selector as a query. @source apimachinery: metav1.LabelSelectorAsSelector */
export function selectorOf({ matchLabels = {}, matchExpressions = [] }: NonNullable<Workload["spec"]["selector"]> = {}): string {
	const written: Record<string, (key: string, values: string) => string> = {
		In: (key, values) => `${key} in (${values})`,
		NotIn: (key, values) => `${key} notin (${values})`,
		Exists: (key) => key,
		DoesNotExist: (key) => `!${key}`,
	};
	return [
		...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
		...matchExpressions.map(({ key, operator, values = [] }) => written[operator]?.(key, values.join(",")) ?? key),
	].join(",");
}

/**
 * What the protocol decides by. The revision is that of the history entry whose template the workload has now: the number that a
 * Deployment itself carries lags behind a change by as long as its controller needs, and acting on it would undo a deployment that came
 * in between. A template that is in no entry yet is newer than all of them.
 */
export function viewOf(kind: WorkloadKind, object: Workload, history: readonly HistoryEntry[]): WorkloadView {
	const running = history.find(({ template }) => equalTemplates(template, object.spec.template));
	const newest = Math.max(0, ...history.map(({ revision }) => revision));
	return {
		revision: running?.revision ?? newest + 1,
		hash: running?.hash ?? "",
		isObserved: (object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0),
		isPaused: kind === "Deployment" && object.spec.paused === true,
		mark: markOf(object.metadata.annotations),
		revisions: history.map(({ revision, hash }) => ({ revision, hash })),
		traces: history.flatMap(({ source }) => markOf(source.metadata.annotations)?.done ?? []),
	};
}

/** The mark that commands left, or null: an annotation that holds no mark is somebody's mistake, and is replaced by the next. */
export function markOf(annotations: Record<string, string> | undefined): CommandMark | null {
	const text = annotations?.[MARK_ANNOTATION];
	if (text === undefined) return null;
	try {
		return CommandMark.parse(JSON.parse(text));
	} catch {
		return null;
	}
}

/** The patch that returns to an entry of the history and leaves the mark, in one: both or neither. */
export function undoPatch({ ref, object }: Pick<Read, "ref" | "object">, to: HistoryEntry, mark: CommandMark): WorkloadPatch {
	const { resourceVersion } = object.metadata;
	const written = JSON.stringify(mark);
	if (ref.kind !== "Deployment") {
		const { data } = to.source as ControllerRevision;
		const metadata = { resourceVersion, annotations: { [MARK_ANNOTATION]: written } };
		return { kind: "strategic", body: { ...data, metadata } };
	}
	return {
		kind: "json",
		body: [
			{ op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
			{ op: "replace", path: "/spec/template", value: withoutHash(to.template) },
			// "add" replaces what is there, and unlike "replace" it also works where there is nothing.
			{ op: "add", path: "/metadata/annotations", value: annotationsAfter(object, to, written) },
		],
	};
}

/** The patch that leaves a mark and changes nothing else. */
export function markPatch({ metadata }: Workload, mark: CommandMark): WorkloadPatch {
	const written = JSON.stringify(mark);
	const pointer = `/metadata/annotations/${MARK_ANNOTATION.replaceAll("~", "~0").replaceAll("/", "~1")}`;
	return {
		kind: "json",
		body: [
			{ op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
			metadata.annotations
				? { op: "add", path: pointer, value: written }
				: { op: "add", path: "/metadata/annotations", value: { [MARK_ANNOTATION]: written } },
		],
	};
}

/** The Deployment's own annotations stay, all others come from the ReplicaSet. */
function annotationsAfter(object: Workload, to: HistoryEntry, mark: string): Record<string, string> {
	const own = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => OWN_ANNOTATIONS.has(name));
	const restored = Object.entries(to.source.metadata.annotations ?? {}).filter(([name]) => !OWN_ANNOTATIONS.has(name));
	return { ...Object.fromEntries([...own, ...restored]), [MARK_ANNOTATION]: mark };
}

function withoutHash(template: Template): Template {
	const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
	return { ...template, metadata: { ...template.metadata, labels } };
}

/** Whether two templates would make the same pods, whatever their hash label says. @source kubectl: equalIgnoreHash */
export function equalTemplates(a: Template, b: Template): boolean {
	return isSame(withoutHash(a), withoutHash(b));
}

/** Deep equality of JSON in which null, absent and, as in a ControllerRevision, `$patch` say nothing. */
function isSame(a: unknown, b: unknown): boolean {
	if (a === b || (a == null && b == null)) return true;
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	if (Array.isArray(a) !== Array.isArray(b)) return false;
	if (Array.isArray(a)) return a.length === (b as unknown[]).length && a.every((item, n) => isSame(item, (b as unknown[])[n]));
	const names = new Set([...Object.keys(a), ...Object.keys(b)]);
	names.delete("$patch");
	return [...names].every((name) => isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}
