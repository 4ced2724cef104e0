// What etcd and the watch cache are to the real one: objects by kind, one counter of versions, and a log to watch from.
import { alreadyExists, conflict, notFound, tooOld } from "./failures.ts";
import { copy, type KubeObject, type Metadata, same } from "./objects.ts";
import { apiVersionOf, qualified, type Resource, resource } from "./resources.ts";
import type { Matcher } from "./selectors.ts";

export type WatchEvent = { type: "ADDED" | "MODIFIED" | "DELETED"; object: KubeObject; version: number };
export type StoreDump = { version: number; uids: number; objects: [kind: string, entries: [key: string, object: KubeObject][]][] };
type Change = { version: number; resource: string; before: KubeObject | null; after: KubeObject | null };

// The real watch cache keeps 100 and more events for each kind; a test that needs fewer calls forget().
const LOG_MAX = 5_000;

export class Store {
	readonly #objects = new Map<string, Map<string, KubeObject>>();
	readonly #listeners = new Set<(change: Change) => void>();
	#log: Change[] = [];
	#version = 100;
	#forgotten = 0;
	#uids = 0;
	readonly #now: () => string;

	constructor(now: () => string) {
		this.#now = now;
	}

	/** The version of the newest write. */
	get version(): number {
		return this.#version;
	}

	get(what: Resource, namespace: string, name: string): KubeObject {
		const found = this.find(what, namespace, name);
		if (!found) throw notFound(what, name);
		return found;
	}

	find(what: Resource, namespace: string, name: string): KubeObject | null {
		const found = this.#of(what).get(`${what.namespaced ? namespace : ""}/${name}`);
		return found ? copy(found) : null;
	}

	/** In the order of etcd: by namespace, then name. An empty namespace means all of them. */
	list(what: Resource | string, namespace = "", matches: Matcher = () => true): KubeObject[] {
		const found = [...this.#of(typeof what === "string" ? resource(what) : what)]
			.filter(([, object]) => (!namespace || object.metadata.namespace === namespace) && matches(object))
			.sort(([a], [b]) => (a < b ? -1 : 1));
		return found.map(([, object]) => copy(object));
	}

	/** A new object with everything the API server gives it; `dryRun` gives it and keeps nothing. */
	create(
		what: Resource,
		object: Omit<KubeObject, "kind" | "apiVersion" | "metadata"> & { metadata: Partial<Metadata> },
		dryRun = false,
	): KubeObject {
		const name = object.metadata.name as string;
		if (this.find(what, object.metadata.namespace ?? "", name)) throw alreadyExists(what, name);
		const created: KubeObject = {
			...copy(object),
			kind: what.kind,
			apiVersion: apiVersionOf(what),
			metadata: {
				...copy(object.metadata),
				name,
				uid: this.#uid(),
				resourceVersion: "",
				...(what.hasGeneration ? { generation: 1 } : {}),
				creationTimestamp: this.#now(),
			},
		};
		return dryRun ? created : this.#commit(what, null, created);
	}

	/**
	 * Put a changed object in its place. What changed nothing writes nothing and keeps its version, as on the real one.
	 * A changed spec raises the generation. @throws 409 where the object carries a version that is no longer the newest
	 */
	update(what: Resource, object: KubeObject, dryRun = false): KubeObject {
		const { namespace = "", name } = object.metadata;
		const before = this.get(what, namespace, name);
		if (object.metadata.resourceVersion && object.metadata.resourceVersion !== before.metadata.resourceVersion) throw conflict(what, name);
		const after = copy(object);
		const { uid, creationTimestamp, generation, resourceVersion } = before.metadata;
		after.metadata = { ...after.metadata, uid, creationTimestamp, resourceVersion };
		if (what.hasGeneration) after.metadata.generation = (generation ?? 1) + (same(before.spec, after.spec) ? 0 : 1);
		if (same(withoutManagers(before), withoutManagers(after))) return before;
		return dryRun ? after : this.#commit(what, before, after);
	}

	remove(what: Resource, namespace: string, name: string): KubeObject {
		const before = this.get(what, namespace, name);
		this.#commit(what, before, null);
		return before;
	}

	/** Everything that happened after `version`, in order. @throws 410 where that is no longer known */
	since(what: Resource, version: number, namespace: string, matches: Matcher): WatchEvent[] {
		if (version < this.#forgotten) throw tooOld(version, this.#forgotten);
		return this.#log.filter((change) => change.version > version).flatMap((change) => seenThrough(change, what, namespace, matches));
	}

	/** Hear of every change from now on. @returns how to stop */
	listen(what: Resource, namespace: string, matches: Matcher, heard: (event: WatchEvent) => void): () => void {
		const listener = (change: Change) => {
			for (const event of seenThrough(change, what, namespace, matches)) heard(event);
		};
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Forget the past: whoever asks for an older version than now is told 410. */
	forget(): void {
		this.#forgotten = this.#version;
		this.#log = [];
	}

	isForgotten(version: number): boolean {
		return version < this.#forgotten;
	}

	/** Everything that is stored, as it would be written to a disk. */
	dump(): StoreDump {
		return { version: this.#version, uids: this.#uids, objects: [...this.#objects].map(([kind, objects]) => [kind, [...objects]]) };
	}

	/** What was dumped, instead of what is there. What happened before is not known any more, as after a restart of the real one. */
	restore({ version, uids, objects }: StoreDump): void {
		this.#version = version;
		this.#uids = uids;
		this.#objects.clear();
		for (const [kind, entries] of objects) this.#objects.set(kind, new Map(entries));
		this.forget();
	}

	#of(what: Resource): Map<string, KubeObject> {
		const key = qualified(what);
		let objects = this.#objects.get(key);
		if (!objects) this.#objects.set(key, (objects = new Map()));
		return objects;
	}

	#commit(what: Resource, before: KubeObject | null, after: KubeObject | null): KubeObject {
		const version = ++this.#version;
		const { namespace = "", name } = ((after ?? before) as KubeObject).metadata;
		if (after) {
			after.metadata.resourceVersion = String(version);
			this.#of(what).set(`${namespace}/${name}`, after);
		} else this.#of(what).delete(`${namespace}/${name}`);
		const change = { version, resource: qualified(what), before, after: after && copy(after) };
		this.#log.push(change);
		if (this.#log.length > LOG_MAX) this.#forgotten = (this.#log.shift() as Change).version;
		for (const listener of this.#listeners) listener(change);
		return copy((after ?? before) as KubeObject);
	}

	#uid(): string {
		const n = (++this.#uids).toString(16).padStart(12, "0");
		return `0d0b1e00-0000-4000-8000-${n}`;
	}
}

// Who wrote which field at what time is not a change of the object.
const withoutManagers = (object: KubeObject) => ({ ...object, metadata: { ...object.metadata, managedFields: undefined } });

/** A change as a watcher with a selector sees it: what stops matching is DELETED for it. */
function seenThrough(change: Change, what: Resource, namespace: string, matches: Matcher): WatchEvent[] {
	if (change.resource !== qualified(what)) return [];
	const visible = (object: KubeObject | null) =>
		object !== null && (!namespace || object.metadata.namespace === namespace) && matches(object);
	const [was, is] = [visible(change.before), visible(change.after)];
	if (!was && !is) return [];
	const type = was ? (is ? "MODIFIED" : "DELETED") : "ADDED";
	const object = copy((is ? change.after : change.before) as KubeObject);
	// A DELETED event carries the version of the deletion.
	object.metadata.resourceVersion = String(change.version);
	return [{ type, object, version: change.version }];
}
