import type { Bucket, Change, LiveMessage, RunRow, Tally } from "../../wire/live.ts";
import { addTally, bucketStart, emptyTally, HOUR_MS, runningHourEnd } from "./tally.ts";

/**
 * The overview as data, and the one pure fold that changes it: the server renders it, the socket's frames go through
 * `foldOverview` in the browser, and a test replays both and compares.
 */

export type GroupBy = "hour" | "day" | "week";

/** What is looked at. Empty lists mean all; `to` is null when the range ends at "now" and moves on. */
export type OverviewView = { from: number; to: number | null; groupBy: GroupBy; repos: string[]; workflows: string[] };

export type Overview = {
	epoch: string;
	seq: number;
	/** When the newest commit landed, epoch ms; null before the first. */
	at: number | null;
	view: OverviewView;
	/** Every bucket of the range, in order, empty ones too. */
	buckets: Bucket[];
	/** The same length of time just before the range. */
	previous: Tally;
	/** The last 48 hours by hour (only hours with runs), for "last 24 h" beside the 24 h before. */
	hours: Bucket[];
	/** Newest first. */
	runs: RunRow[];
};

/** How many runs the overview keeps. */
export const OVERVIEW_RUNS = 20;

/** What the fold asks of its caller besides the new state: nothing, a hello (frames were missed), or fresh page data. */
export type FoldNeeds = "nothing" | "hello" | "refetch";

/** Newest first, ids break ties; the order of every run list, in SQL too. */
export function byNewest(a: RunRow, b: RunRow): number {
	return b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** Whether a run or a tally of this repository and workflow is part of the view. */
export function inView(view: Pick<OverviewView, "repos" | "workflows">, item: { repo: string; workflow: string }): boolean {
	return (
		(view.repos.length === 0 || view.repos.includes(item.repo)) && (view.workflows.length === 0 || view.workflows.includes(item.workflow))
	);
}

/** Whether a run belongs into the list of a view: a range that has ended lists its own runs, one that moves on the newest of all. */
function isListed(view: OverviewView, run: RunRow): boolean {
	return inView(view, run) && (view.to === null || (run.orderedAt >= view.from && run.orderedAt < view.to));
}

function addToBucket(buckets: Bucket[], at: number, tally: Tally): Bucket[] {
	const index = buckets.findIndex((bucket) => bucket.at === at);
	const next = [...buckets];
	const sum = structuredCopy(index < 0 ? emptyTally() : (buckets[index] as Bucket).tally);
	addTally(sum, tally);
	if (index >= 0) next[index] = { at, tally: sum };
	else {
		next.push({ at, tally: sum });
		next.sort((a, b) => a.at - b.at);
	}
	return next;
}

function structuredCopy(tally: Tally): Tally {
	return { ...tally, histogram: { ...tally.histogram } };
}

/**
 * Put runs into a newest-first list of at most `limit`, replacing older states of the same run.
 * A run whose start moved (a re-run) moves with it.
 */
export function mergeRuns(runs: readonly RunRow[], changed: readonly RunRow[], limit: number): RunRow[] {
	const ids = new Set(changed.map((run) => run.id));
	return [...runs.filter((run) => !ids.has(run.id)), ...changed].sort(byNewest).slice(0, limit);
}

/** The sum of all buckets. */
export function totalTally(buckets: readonly Bucket[]): Tally {
	const sum = emptyTally();
	for (const bucket of buckets) addTally(sum, bucket.tally);
	return sum;
}

/** The failed runs of the 24 hours before `now` and of the 24 before those. */
export function failedLast24h(hours: readonly Bucket[], now: number): { last: number; before: number } {
	// Whole hours, so that the figure equals a sum of rollup rows: the running hour and the 23 before it.
	const end = runningHourEnd(now);
	let last = 0;
	let before = 0;
	for (const { at, tally } of hours) {
		if (at >= end - 24 * HOUR_MS && at < end) last += tally.failure;
		else if (at >= end - 48 * HOUR_MS && at < end - 24 * HOUR_MS) before += tally.failure;
	}
	return { last, before };
}

/** What a change that can't be folded onto a state asks for instead; null when it follows on. */
export function whyNotFolded(state: { epoch: string; seq: number }, message: Change): FoldNeeds | null {
	if (message.epoch !== state.epoch) return "hello";
	if (message.seq <= state.seq) return "nothing";
	if (message.prev > state.seq) return "hello";
	// A frame that overlaps what is already folded would count twice.
	return message.prev < state.seq ? "refetch" : null;
}

/**
 * Apply one frame to a state that no snapshot describes: a change that follows on goes to `apply`, a newer snapshot only says
 * where the stream stands and asks for page data.
 */
export function foldChange<S extends { epoch: string; seq: number }>(
	state: S,
	message: LiveMessage,
	apply: (change: Change) => { state: S; needs: FoldNeeds },
): { state: S; needs: FoldNeeds } {
	if (message.type === "bye") return { state, needs: "nothing" };
	if (message.type === "snapshot") {
		if (message.epoch === state.epoch && message.seq <= state.seq) return { state, needs: "nothing" };
		return { state: { ...state, epoch: message.epoch, seq: message.seq }, needs: "refetch" };
	}
	const obstacle = whyNotFolded(state, message);
	return obstacle === null ? apply(message) : { state, needs: obstacle };
}

/**
 * Apply one frame. Frames at or before the state's seq change nothing; a frame that does not follow on asks for a hello;
 * a snapshot replaces what it speaks of and asks for page data where the view is narrower than it.
 */
export function foldOverview(state: Overview, message: LiveMessage): { state: Overview; needs: FoldNeeds } {
	if (message.type === "bye") return { state, needs: "nothing" };
	if (message.type === "snapshot") return foldSnapshot(state, message);
	const obstacle = whyNotFolded(state, message);
	if (obstacle !== null) return { state, needs: obstacle };

	let { buckets, hours } = state;
	const previous = structuredCopy(state.previous);
	const { view } = state;
	const length = (view.to ?? runningHourEnd(message.at)) - view.from;
	for (const { hour, tally, ...item } of message.tallies) {
		if (!inView(view, item)) continue;
		if (hour > message.at - 50 * HOUR_MS) hours = addToBucket(hours, hour, tally);
		if (hour >= view.from && (view.to === null || hour < view.to)) buckets = addToBucket(buckets, bucketStart(hour, view.groupBy), tally);
		else if (hour < view.from && hour >= view.from - length) addTally(previous, tally);
	}
	const changed = new Set(message.runs.map(({ id }) => id));
	const runs = mergeRuns(
		state.runs.filter(({ id }) => !changed.has(id)),
		message.runs.filter((run) => isListed(view, run)),
		OVERVIEW_RUNS,
	);
	return { state: { ...state, seq: message.seq, at: message.at, buckets, hours, previous, runs }, needs: "nothing" };
}

function foldSnapshot(state: Overview, message: Extract<LiveMessage, { type: "snapshot" }>): { state: Overview; needs: FoldNeeds } {
	// Within an epoch time does not run backwards: an older snapshot would undo frames that were already folded.
	if (message.epoch === state.epoch && message.seq <= state.seq) return { state, needs: "nothing" };
	const { view } = state;
	const unfiltered = view.repos.length === 0 && view.workflows.length === 0;
	// The newest runs of all are not those of a range that has ended.
	const runs = unfiltered && view.to === null ? message.runs.slice(0, OVERVIEW_RUNS) : state.runs;
	const next = { ...state, epoch: message.epoch, seq: message.seq, at: message.at, runs };
	if (unfiltered) next.hours = message.hours;
	// Totals of other ranges, filters and the period before are not in the snapshot: page data brings them, without a reload.
	return { state: next, needs: "refetch" };
}
