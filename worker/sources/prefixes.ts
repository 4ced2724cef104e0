/**
 * The sources whose runs are called `<source>-…`. A run sent to `POST /api/events` names itself, and may not take such a name.
 * `registry.ts` does not compile with a source that is missing here.
 */
export const PREFIXED_SOURCES = ["github", "gitlab", "argocd", "cdevents", "alertmanager"] as const;

export type PrefixedSource = (typeof PREFIXED_SOURCES)[number];
