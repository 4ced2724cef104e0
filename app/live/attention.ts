import type { LiveMessage } from "#worker/wire/live";

/** A change may speak again of a run that failed long ago: that is no news. */
const NEWS_FOR_MS = 3600_000;

/**
 * The runs a frame tells of that failed since someone last looked (`lookedAt`, epoch ms). A snapshot repeats what was known,
 * so of it only counts what ended after that look.
 */
export function failedSince(message: LiveMessage, lookedAt: number): string[] {
	if (message.type === "bye") return [];
	const since = message.type === "snapshot" ? lookedAt : lookedAt - NEWS_FOR_MS;
	return message.runs
		.filter(({ status, finishedAt, orderedAt }) => status === "failure" && (finishedAt ?? orderedAt) >= since)
		.map(({ id }) => id);
}

/** A document's title with the number of what wants attention before it: `(2) Overview · OpsSight`. */
export function titleWith(title: string, count: number): string {
	const plain = title.replace(/^\(\d+\) /, "");
	return count === 0 ? plain : `(${count}) ${plain}`;
}
