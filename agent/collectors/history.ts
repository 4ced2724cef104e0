import type { Revision } from "#worker/wire/agent";
import { appsPath } from "../kube.ts";
import {
	at,
	CHANGE_CAUSE_ANNOTATION,
	type ControllerRevision,
	controllerOf,
	controllerRevisionHash,
	HASH_LABEL,
	imagesOf,
	type Obj,
	type ReplicaSet,
	revisionOf,
	type Template,
} from "../objects.ts";
import { linesOf, shared } from "../template.ts";
import { cut } from "../text.ts";
import { type Collector, keyOf } from "../watch.ts";
import { addTo, type Heard, isEqual, type Known, takeFrom } from "./known.ts";

/** ReplicaSets: the history of Deployments. */
export function replicaSetCollector(known: Known, heard: Heard): Collector<ReplicaSet> {
	return historyCollector(known, heard, {
		resource: "replicasets",
		keep: ({ metadata, spec }) => ({
			revision: revisionOf(metadata),
			hash: metadata.labels?.[HASH_LABEL] ?? "",
			template: spec.template,
		}),
	});
}

/** ControllerRevisions: the history of StatefulSets and DaemonSets. */
export function controllerRevisionCollector(known: Known, heard: Heard): Collector<ControllerRevision> {
	return historyCollector(known, heard, {
		resource: "controllerrevisions",
		keep: ({ metadata, revision, data }) => ({
			revision: Math.max(0, revision),
			hash: controllerRevisionHash(metadata),
			template: data.spec.template,
		}),
	});
}

function historyCollector<T extends Obj>(
	known: Known,
	heard: Heard,
	{ resource, keep }: { resource: string; keep: (object: T) => { revision: number; hash: string; template: Template } },
): Collector<T> {
	const mine = new Set<string>();
	const tell = (owner: string) => {
		const workload = known.workloadByUid.get(owner);
		if (workload) heard.workload(workload);
	};
	/** The one of a workload's revisions that came last: they have most lines in common, and what compares with all makes garbage. */
	const neighbourOf = (owner: string) => {
		let last: string | undefined;
		for (const key of known.historyOf.get(owner) ?? []) last = key;
		return last === undefined ? undefined : known.history.get(last);
	};
	const drop = (name: string) => {
		const key = `${resource}/${name}`;
		const before = known.history.get(key);
		mine.delete(name);
		if (!before) return;
		known.history.delete(key);
		known.ownerOfReplicaSet.delete(before.uid);
		takeFrom(known.historyOf, before.owner, key);
		tell(before.owner);
	};
	return {
		name: resource,
		path: appsPath(resource),
		put(object) {
			const { metadata } = object;
			const owner = controllerOf(metadata)?.uid;
			const name = keyOf(object);
			if (owner === undefined) return drop(name);
			const { revision, hash, template } = keep(object);
			const changeCause = metadata.annotations?.[CHANGE_CAUSE_ANNOTATION];
			const label = template.metadata?.labels?.["app.kubernetes.io/version"];
			const entry: Revision = {
				revision,
				hash: cut(hash, 100),
				images: imagesOf(template)
					.slice(0, 20)
					.map((image) => cut(image, 500)),
				createdAt: at(metadata.creationTimestamp),
				changeCause: changeCause === undefined ? null : cut(changeCause, 1000),
				label: label === undefined ? null : cut(label, 255),
			};
			const key = `${resource}/${name}`;
			const before = known.history.get(key);
			if (before?.uid === metadata.uid && before.owner === owner && isEqual(before.revision, entry)) return;
			// A ReplicaSet is heard of with each pod that comes or goes, and its template is always the same.
			const isSame = before?.uid === metadata.uid && before.revision.hash === entry.hash && entry.hash !== "";
			const lines = isSame ? before.lines : shared(linesOf(template), neighbourOf(owner)?.lines ?? []);
			if (before) drop(name);
			mine.add(name);
			known.history.set(key, { owner, uid: metadata.uid, name: metadata.name, revision: entry, lines });
			known.ownerOfReplicaSet.set(metadata.uid, owner);
			addTo(known.historyOf, owner, key);
			tell(owner);
		},
		drop,
		keys: () => mine,
	};
}
