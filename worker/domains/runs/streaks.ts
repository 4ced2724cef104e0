import type { Change, LiveMessage, RunRow } from "../../wire/live.ts";
import { type FoldNeeds, foldChange, inView, type OverviewView } from "./overview.ts";
import { DAY_MS } from "./tally.ts";

/** What fails now: rows of failures that go on, whatever range a page shows. */

/** A failed run of a streak. */
export type FailedRun = { id: string; orderedAt: number };

/** A workflow whose newest finished runs failed; those runs newest first, at most STREAK_RUNS. */
export type Streak = { repo: string; workflow: string; failed: FailedRun[] };

/** The streaks of a view, as read at a number of the stream. */
export type Streaks = { epoch: string; seq: number; view: Pick<OverviewView, "repos" | "workflows">; list: Streak[] };

/** A streak is counted up to one less; one this long is "50+". */
export const STREAK_RUNS = 51;
const STREAK_LEAST = 2;

/** The workflow that is broken now. `since` is null where the streak began before what was counted. */
export type Failing = { repo: string; workflow: string; streak: number; since: number | null; newestId: string };

/** The longest streak of at least two whose newest run is of the last 24 hours. Null when nothing is broken. */
export function failingNow(streaks: readonly Streak[], now: number): Failing | null {
	let worst: Failing | null = null;
	for (const { repo, workflow, failed } of streaks) {
		const [newest, oldest] = [failed[0], failed.at(-1)];
		if (!newest || !oldest || failed.length < STREAK_LEAST || newest.orderedAt < now - DAY_MS) continue;
		if (worst && worst.streak >= failed.length) continue;
		const since = failed.length < STREAK_RUNS ? oldest.orderedAt : null;
		worst = { repo, workflow, streak: failed.length, since, newestId: newest.id };
	}
	return worst;
}

const newestFirst = (a: FailedRun, b: FailedRun) => b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : -1);

/**
 * Apply one frame. A first failure of a workflow, and one older than its streak, ask for fresh page data: only the database knows
 * what came before them.
 */
export function foldStreaks(state: Streaks, message: LiveMessage): { state: Streaks; needs: FoldNeeds } {
	return foldChange(state, message, (change) => {
		const { list, isIncomplete } = foldList(state, change);
		return { state: { ...state, seq: change.seq, list }, needs: isIncomplete ? "refetch" : "nothing" };
	});
}

function foldList(state: Streaks, { runs }: Change): { list: Streak[]; isIncomplete: boolean } {
	let { list } = state;
	let isIncomplete = false;
	for (const run of runs) {
		if (!inView(state.view, run)) continue;
		const known = list.find(({ repo, workflow }) => repo === run.repo && workflow === run.workflow);
		if (!known) {
			// A second attempt takes a result back: what is behind it may have failed.
			isIncomplete ||= run.status === "failure" || (run.status !== "success" && run.attempt > 1);
			continue;
		}
		const { failed, isKnown } = withRun(known.failed, run);
		isIncomplete ||= !isKnown;
		if (failed === known.failed) continue;
		list = failed.length === 0 ? list.filter((one) => one !== known) : list.map((one) => (one === known ? { ...known, failed } : one));
	}
	return { list, isIncomplete };
}

function withRun(failed: FailedRun[], { id, status, orderedAt }: RunRow): { failed: FailedRun[]; isKnown: boolean } {
	const rest = failed.filter((one) => one.id !== id);
	const isGone = rest.length < failed.length;
	// Behind a full list there may be one more.
	const isKnown = !isGone || failed.length < STREAK_RUNS;
	const oldest = failed.at(-1);
	if (status === "failure") {
		const isBefore = oldest !== undefined && newestFirst({ id, orderedAt }, oldest) > 0;
		return { failed: [...rest, { id, orderedAt }].sort(newestFirst).slice(0, STREAK_RUNS), isKnown: !isBefore };
	}
	if (status === "success") return { failed: rest.filter((one) => newestFirst(one, { id, orderedAt }) < 0), isKnown: true };
	return { failed: isGone ? rest : failed, isKnown };
}
