// What Kubernetes' objects look like here, and small things everybody needs to do with them.

// biome-ignore lint/suspicious/noExplicitAny: API objects are open shapes; the double serves them and does not promise their types
export type Json = any;

export type OwnerReference = {
	apiVersion: string;
	kind: string;
	name: string;
	uid: string;
	controller?: boolean;
	blockOwnerDeletion?: boolean;
};

export type Metadata = {
	name: string;
	namespace?: string;
	generateName?: string;
	uid: string;
	resourceVersion: string;
	generation?: number;
	creationTimestamp: string;
	deletionTimestamp?: string;
	deletionGracePeriodSeconds?: number;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	ownerReferences?: OwnerReference[];
	managedFields?: Json[];
};

export type KubeObject = { kind: string; apiVersion: string; metadata: Metadata; spec?: Json; status?: Json; [field: string]: Json };

/** A deep copy: what leaves the store is never the store's own. */
export const copy = <T>(value: T): T => structuredClone(value);

/** JSON with its keys in order and without what is null or undefined: equal texts mean equal objects, as the API server sees them. */
export function canonical(value: Json): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
	const fields = Object.keys(value)
		.filter((key) => value[key] !== null && value[key] !== undefined)
		.sort();
	return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

/** A copy with its keys in order: bytes as Go writes a map. */
export function inOrder(value: Json): Json {
	if (Array.isArray(value)) return value.map(inOrder);
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(
		Object.keys(value)
			.sort()
			.map((key) => [key, inOrder(value[key])]),
	);
}

export const same = (a: Json, b: Json): boolean => canonical(a) === canonical(b);

/** A time as the API writes it: whole seconds. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

// Kubernetes' alphabet for names: no vowels and nothing that looks like one, so that no hash reads as a word.
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a in 32 bits. */
export function fnv(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
	return hash;
}

/** A hash as it stands in a name: `pod-template-hash`, a ControllerRevision's hash. Kubernetes' own encoding of another number. */
export function hashOf(value: Json): string {
	return Array.from(String(fnv(canonical(value))), (digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join("");
}

/** The five letters behind a pod's name, the same for the same number. */
export function suffixOf(n: number): string {
	let seed = fnv(`pod ${n}`);
	return Array.from({ length: 5 }, () => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return ALPHABET[(seed >>> 16) % ALPHABET.length];
	}).join("");
}

/** Whether `owner` controls `object`. */
export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
	object.metadata.ownerReferences?.some((one) => one.controller && one.uid === owner.metadata.uid) ?? false;

/** The reference that makes `owner` the controller of something. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
	apiVersion: owner.apiVersion,
	kind: owner.kind,
	name: owner.metadata.name,
	uid: owner.metadata.uid,
	controller: true,
	blockOwnerDeletion: true,
});

/** A copy without zeroes, as Go's `omitempty` writes a status. */
export const omitEmpty = (fields: Record<string, Json>): Record<string, Json> =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0 && value !== undefined && value !== ""));
