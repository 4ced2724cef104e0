import type { RunSort } from "#worker/domains/runs/pipelines";
import type { LiveMessage, RunRow } from "#worker/wire/live";

/** The list of runs below the workflows: a first page that is live, and the pages appended to it. */

/** The order of a sorted list, the same as the database's: runs without a duration come last either way. */
export function compareRuns({ by, isDescending }: RunSort): (a: RunRow, b: RunRow) => number {
	const sign = isDescending ? -1 : 1;
	const byId = (a: RunRow, b: RunRow) => (a.id === b.id ? 0 : (a.id < b.id ? -1 : 1) * sign);
	if (by === "started") return (a, b) => (a.orderedAt - b.orderedAt) * sign || byId(a, b);
	return (a, b) => {
		if (a.durationMs === null || b.durationMs === null) {
			return Number(a.durationMs === null) - Number(b.durationMs === null) || byId(a, b);
		}
		return (a.durationMs - b.durationMs) * sign || byId(a, b);
	};
}

/** Whether rows still stand in the order they are sorted by: news change durations where the rows stand. */
export function isInOrder(runs: readonly RunRow[], sort: RunSort): boolean {
	const compare = compareRuns(sort);
	return runs.every((run, index) => index === 0 || compare(runs[index - 1] as RunRow, run) <= 0);
}

/** Rows of `more` that are not in `first`, each once: no run stands in a list twice. */
export function without(more: readonly RunRow[], first: readonly RunRow[]): RunRow[] {
	const seen = new Set(first.map(({ id }) => id));
	return more.filter(({ id }) => !seen.has(id) && seen.add(id));
}

type Moved = { before: readonly RunRow[]; now: readonly RunRow[]; sort: RunSort };

/**
 * What follows the first page after that has changed from `before` to `now`: what was pushed off its end comes next, or the list
 * would have a gap there.
 * @returns null when so much has changed that nobody knows what lies between
 */
export function followingRows(more: readonly RunRow[], { before, now, sort }: Moved): RunRow[] | null {
	const end = now.at(-1);
	const pushedOff = without(before, now);
	if (end === undefined || (before.length > 0 && pushedOff.length === before.length)) return null;
	const compare = compareRuns(sort);
	return without([...pushedOff.filter((run) => compare(run, end) > 0), ...more], now);
}

/** Appended rows with what a frame tells of them. The same array where it tells nothing. */
export function withNews(more: readonly RunRow[], message: LiveMessage): readonly RunRow[] {
	if (message.type !== "change" || more.length === 0) return more;
	const news = new Map(message.runs.map((run) => [run.id, run]));
	return more.some(({ id }) => news.has(id)) ? more.map((run) => news.get(run.id) ?? run) : more;
}
