// The three ways to PATCH: JSON patch (RFC 6902), JSON merge patch (RFC 7396), and Kubernetes' strategic merge patch.
import { badRequest, patchDidNotApply, unsupportedMediaType } from "./failures.ts";
import { copy, type Json, same } from "./objects.ts";

/** The patched copy of an object. @throws a Failure as the API server words it */
export function applyPatch(contentType: string, target: Json, patch: Json): Json {
	switch (contentType) {
		case "application/json-patch+json":
			if (!Array.isArray(patch)) throw badRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
			return jsonPatch(target, patch);
		case "application/merge-patch+json":
			return mergePatch(target, patch);
		case "application/strategic-merge-patch+json":
			return strategicMerge(target, patch);
		default:
			throw unsupportedMediaType();
	}
}

type Operation = { op: string; path: string; from?: string; value?: Json };

function jsonPatch(target: Json, operations: Operation[]): Json {
	const root = { document: copy(target) };
	for (const { op, path, from, value } of operations) {
		if (op === "test") {
			const place = placeOf(root, path);
			if (!same(place.read(), value ?? null)) throw patchDidNotApply();
		} else if (op === "add") placeOf(root, path).insert(copy(value));
		else if (op === "replace") placeOf(root, path).replace(copy(value));
		else if (op === "remove") placeOf(root, path).remove();
		else if (op === "copy") placeOf(root, path).insert(copy(placeOf(root, from ?? "").read()));
		else if (op === "move") {
			const source = placeOf(root, from ?? "");
			const moved = source.read();
			source.remove();
			placeOf(root, path).insert(moved);
		} else throw patchDidNotApply();
	}
	return root.document;
}

/** The place that a JSON pointer names. What its parents lack makes the whole patch fail. */
function placeOf(root: { document: Json }, pointer: string) {
	const keys = ["document", ...pointer.split("/").slice(1)].map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
	const last = keys.pop() as string;
	let parent: Json = root;
	for (const key of keys) parent = parent?.[key];
	if (parent === null || typeof parent !== "object") throw patchDidNotApply();
	const mustExist = () => {
		if (!(last in parent)) throw patchDidNotApply();
	};
	return {
		read: () => parent[last] ?? null,
		insert: (value: Json) => {
			if (!Array.isArray(parent)) parent[last] = value;
			else parent.splice(last === "-" ? parent.length : Number(last), 0, value);
		},
		replace: (value: Json) => {
			mustExist();
			parent[last] = value;
		},
		remove: () => {
			mustExist();
			if (Array.isArray(parent)) parent.splice(Number(last), 1);
			else delete parent[last];
		},
	};
}

const isMap = (value: Json): boolean => value !== null && typeof value === "object" && !Array.isArray(value);

function mergePatch(target: Json, patch: Json): Json {
	if (!isMap(patch)) return copy(patch);
	const merged = isMap(target) ? copy(target) : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) delete merged[key];
		else merged[key] = mergePatch(merged[key], value);
	}
	return merged;
}

// Lists that are merged by a key instead of replaced: those of the kinds the double serves.
const MERGE_KEYS: Record<string, string[]> = {
	containers: ["name"],
	initContainers: ["name"],
	ephemeralContainers: ["name"],
	env: ["name"],
	volumes: ["name"],
	imagePullSecrets: ["name"],
	volumeMounts: ["mountPath"],
	volumeDevices: ["devicePath"],
	hostAliases: ["ip"],
	ports: ["containerPort"],
	conditions: ["type"],
	ownerReferences: ["uid"],
	taints: [],
};

function strategicMerge(target: Json, patch: Json): Json {
	const { $patch: directive, $retainKeys: retained, ...fields } = patch;
	if (directive === "replace") return fields;
	if (directive === "delete") return undefined;
	const merged = isMap(target) ? copy(target) : {};
	if (retained) for (const key of Object.keys(merged)) if (!retained.includes(key)) delete merged[key];
	for (const [key, value] of Object.entries<Json>(fields)) {
		if (key.startsWith("$setElementOrder/")) continue;
		if (key.startsWith("$deleteFromPrimitiveList/")) {
			const list = key.slice("$deleteFromPrimitiveList/".length);
			merged[list] = (merged[list] ?? []).filter((item: Json) => !value.includes(item));
		} else if (value === null) delete merged[key];
		else if (isMap(value)) {
			const result = strategicMerge(merged[key], value);
			if (result === undefined) delete merged[key];
			else merged[key] = result;
		} else if (Array.isArray(value) && MERGE_KEYS[key]?.length) merged[key] = mergeLists(merged[key] ?? [], value, MERGE_KEYS[key]);
		else merged[key] = copy(value);
	}
	return merged;
}

function mergeLists(target: Json[], patch: Json[], keys: string[]): Json[] {
	if (patch.some((item) => item.$patch === "replace")) return patch.filter((item) => !item.$patch).map(copy);
	let merged = copy(target);
	for (const item of patch) {
		const isIt = (one: Json) => keys.every((key) => one[key] === item[key]);
		const index = merged.findIndex(isIt);
		if (item.$patch === "delete") merged = merged.filter((one) => !isIt(one));
		else if (index >= 0) merged[index] = strategicMerge(merged[index], item);
		else merged.push(copy(item));
	}
	return merged;
}
