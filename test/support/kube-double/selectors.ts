// Label and field selectors, as they stand in a query.
import { badRequest } from "./failures.ts";
import type { KubeObject } from "./objects.ts";

export type Matcher = (object: KubeObject) => boolean;

/** `app=checkout,tier!=db,track in (a,b),!legacy` */
export function labelSelector(text: string): Matcher {
	const requirements = [...text.matchAll(/[^,(]+(?:\([^)]*\))?/g)]
		.map((match) => requirement(match[0].trim()))
		.filter((one) => one !== null);
	return (object) => requirements.every((matches) => matches(object.metadata.labels ?? {}));
}

function requirement(text: string): ((labels: Record<string, string>) => boolean) | null {
	if (!text) return null;
	const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
	if (set) {
		const [, key, operator, list] = set as unknown as [string, string, string, string];
		const values = list.split(",").map((value) => value.trim());
		return (labels) => values.includes(labels[key] ?? "") === (operator === "in");
	}
	const pair = /^([^=!\s]+)\s*(==|=|!=)\s*(.*)$/.exec(text);
	if (pair) {
		const [, key, operator, value] = pair as unknown as [string, string, string, string];
		return (labels) => (labels[key] === value) === (operator !== "!=");
	}
	return text.startsWith("!") ? (labels) => !(text.slice(1).trim() in labels) : (labels) => text in labels;
}

/** The selector of a workload's spec. */
export const selects =
	(selector: { matchLabels?: Record<string, string> } | undefined): Matcher =>
	(object) =>
		Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => object.metadata.labels?.[key] === value);

const FIELDS: Record<string, Record<string, (object: KubeObject) => string>> = {
	all: { "metadata.name": (o) => o.metadata.name, "metadata.namespace": (o) => o.metadata.namespace ?? "" },
	Pod: { "spec.nodeName": (o) => o.spec?.nodeName ?? "", "status.phase": (o) => o.status?.phase ?? "" },
	Event: {
		"involvedObject.name": (o) => o.involvedObject?.name ?? "",
		"involvedObject.kind": (o) => o.involvedObject?.kind ?? "",
		"involvedObject.namespace": (o) => o.involvedObject?.namespace ?? "",
		"involvedObject.uid": (o) => o.involvedObject?.uid ?? "",
		reason: (o) => o.reason ?? "",
		type: (o) => o.type ?? "",
	},
};

/** `metadata.name=checkout,type!=Normal`; an unknown field is a bad request. */
export function fieldSelector(text: string, kind: string): Matcher {
	const known = { ...FIELDS.all, ...FIELDS[kind] };
	const parts = text
		.split(",")
		.filter(Boolean)
		.map((part) => {
			const [, field, operator, value] = (/^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? []) as unknown as [string, string, string, string];
			const read = known[field];
			if (!read) throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
			return (object: KubeObject) => (read(object) === value) === (operator !== "!=");
		});
	return (object) => parts.every((matches) => matches(object));
}
