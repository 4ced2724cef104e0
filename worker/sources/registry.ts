import { alertmanager } from "./alertmanager.ts";
import { argocd } from "./argocd.ts";
import { cdevents } from "./cdevents.ts";
import { generic } from "./generic.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import type { PrefixedSource } from "./prefixes.ts";
import type { WebhookSource } from "./source.ts";

/** What can send us webhooks: one line per source. */
export const sources = {
	github,
	gitlab,
	argocd,
	cdevents,
	alertmanager,
	generic,
} satisfies Record<PrefixedSource | "generic", WebhookSource>;

export type SourceId = keyof typeof sources;

/** The source of this id, as in `/webhooks/:source/…`; null when there is none. */
export function findSource(id: string): WebhookSource | null {
	// Safe because only an own key, that is a SourceId, passes the check.
	return Object.hasOwn(sources, id) ? sources[id as SourceId] : null;
}
