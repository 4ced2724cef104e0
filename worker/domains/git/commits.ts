/** Which commits lie between two deployed ones, by the pushes that are known of the repository. */

export type KnownPush = { ref: string; before: string; after: string; receivedAt: number };
export type KnownCommit = { sha: string; author: string; message: string; at: number | null; receivedAt: number };

/** Pushes that are walked back through at most. */
const STEPS_MAX = 500;
const COMMITS_MAX = 200;

/**
 * The commits after `base` up to and including `head`, newest first; null when the pushes that are known do not lead from one to the
 * other. A commit is found by the push that first listed it, so of a merge only the merge itself is told.
 */
export function commitsBetween(
	{ pushes, commits }: { pushes: readonly KnownPush[]; commits: readonly KnownCommit[] },
	{ base, head }: { base: string; head: string },
): Omit<KnownCommit, "receivedAt">[] | null {
	if (base === head) return [];
	const found: KnownCommit[] = [];
	let at = head;
	for (let step = 0; step < STEPS_MAX; step++) {
		const push = pushTo(at, pushes, commits);
		if (push === null) return null;
		// In the order in which they were made; the sender lists them so.
		const listed = commits.filter(({ receivedAt }) => receivedAt === push.receivedAt);
		const upTo = listed.findIndex(({ sha }) => sha === at);
		const own = upTo < 0 ? listed : listed.slice(0, upTo + 1);
		const from = own.findIndex(({ sha }) => sha === base);
		found.push(...own.slice(from + 1).reverse());
		if (from >= 0 || push.before === base) return found.slice(0, COMMITS_MAX).map(({ receivedAt: _, ...commit }) => commit);
		if (push.before === at) return null;
		at = push.before;
	}
	return null;
}

/** The push that brought a commit to where it was deployed from: the one that ends with it, else the one that listed it. */
function pushTo(sha: string, pushes: readonly KnownPush[], commits: readonly KnownCommit[]): KnownPush | null {
	const ended = pushes.filter((push) => push.after === sha);
	if (ended.length > 0) return ended.reduce((a, b) => (b.receivedAt < a.receivedAt ? b : a));
	const listed = commits.find((commit) => commit.sha === sha);
	return (listed && pushes.find(({ receivedAt }) => receivedAt === listed.receivedAt)) ?? null;
}
