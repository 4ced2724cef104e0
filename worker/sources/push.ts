import type { GitCommit, PushEvent } from "../wire/events.ts";

const LISTED_MAX = 100; // what one delivery may add to storage; the count is the sender's own total

/** Split a full ref into its short name and kind: `refs/tags/v1` → `v1`, tag. */
export function splitRef(ref: string): { ref: string; refType: "branch" | "tag" } {
	if (ref.startsWith("refs/tags/")) return { ref: ref.slice("refs/tags/".length), refType: "tag" };
	return { ref: ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : ref, refType: "branch" };
}

/** Whether a commit id is git's "nothing": the before of a new ref, the after of a deleted one. */
export function isZeroSha(sha: string): boolean {
	return /^0+$/.test(sha);
}

/** A push from its facts. Its id names the movement itself, so the same push under another delivery id is the same push. */
export function makePush(
	facts: Omit<PushEvent, "type" | "id" | "ref" | "refType" | "authors"> & {
		repoId: string;
		fullRef: string;
		commits: GitCommit[];
		/** When it was pushed, as the sender writes it: the same movement may be made twice. */
		pushedAt?: string | null;
	},
): PushEvent {
	const { repoId, fullRef, pushedAt, ...rest } = facts;
	const { ref, refType } = splitRef(fullRef);
	return {
		type: "push",
		id: `${facts.source}-${repoId}-${fullRef}-${facts.before}-${facts.after}${pushedAt ? `-${pushedAt}` : ""}`,
		...rest,
		ref,
		refType,
		// Nothing is written where a branch goes away.
		commitCount: facts.deleted ? 0 : facts.commitCount,
		commits: facts.deleted ? [] : facts.commits.slice(0, LISTED_MAX),
		authors: facts.deleted ? [] : [...new Set(facts.commits.map((commit) => commit.author))],
	};
}
