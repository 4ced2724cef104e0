import { durationQuantile, totalOf } from "#worker/domains/runs/tally";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import type { RunRow, Tally } from "#worker/wire/live";
import { formatAbout } from "../../format/duration.ts";
import { formatCount, formatPercent, plural } from "../../format/number.ts";

/** Workflows as they are spoken of. */

/** From this many runs on a share of failures says something. */
const TELLING_RUNS = 4;

type Named = { repo: string; workflow: string };

/** What tells workflows apart. */
export function workflowKey({ repo, workflow }: Named): string {
	return `${repo}\n${workflow}`;
}

/** A workflow in a sentence: `web · build-and-test`. The owner of the repository is known to whoever reads it. */
export function workflowName({ repo, workflow }: Named): string {
	return `${repo.split("/").at(-1)} · ${workflow}`;
}

/** The share of runs that passed, of those that passed or failed; null where there are none. */
export function successRate({ success, failure }: Tally): number | null {
	return success + failure === 0 ? null : success / (success + failure);
}

/** Half and 95 % of the runs that finished took at most this long, in words; a dash where none did. */
export function durationsOf(tally: Tally): { p50: string; p95: string } {
	const words = (q: number) => {
		const ms = durationQuantile(tally, q);
		return ms === null ? "—" : formatAbout(ms, tally.durationCount);
	};
	return { p50: words(0.5), p95: words(0.95) };
}

/** The mean duration of each part of a range, ms; null where nothing finished. */
export function durationCourse(course: readonly Tally[]): (number | null)[] {
	return course.map(({ durationSum, durationCount }) => (durationCount === 0 ? null : durationSum / durationCount));
}

/** Whether a workflow is broken now: of the runs that are decided, the newest failed. */
export function isFailingNow({ last }: Pick<WorkflowSummary, "last">): boolean {
	return last.find(({ status }) => status === "success" || status === "failure")?.status === "failure";
}

/** From this share of passed runs on a workflow counts as reliable. */
const RELIABLE = 0.9;

export type WorkflowLook = {
	rate: number | null;
	percent: string;
	/** Failing now, as far as anyone knows: never where the data are stale. */
	isFailing: boolean;
	tone: "ok" | "warn" | "bad" | "idle";
	/** `5 of 9 finished runs failed`; null where none finished. */
	failed: string | null;
};

/** How a workflow is drawn and spoken of, wherever it stands. Stale data have no colour. */
export function lookOf({ tally, last }: Pick<WorkflowSummary, "tally" | "last">, isStale: boolean): WorkflowLook {
	const rate = successRate(tally);
	const isFailing = !isStale && isFailingNow({ last });
	const decided = tally.success + tally.failure;
	return {
		rate,
		percent: rate === null ? "—" : formatPercent(rate),
		isFailing,
		tone: isStale || rate === null ? "idle" : isFailing ? "bad" : rate < RELIABLE ? "warn" : "ok",
		failed: decided === 0 ? null : `${formatCount(tally.failure)} of ${plural(decided, "finished run")} failed`,
	};
}

/** How often a workflow fails, as a verb and its object: `fails 1 of 4 runs`. */
export function failsWords({ success, failure }: Tally): string {
	const decided = success + failure;
	if (failure === decided) return decided === 1 ? "failed its only run" : `failed all of its ${plural(decided, "run")}`;
	// Of a handful, exactly; of many, in the smallest round words that are true enough.
	if (decided <= 10 || failure * 2 > decided) {
		return decided <= 10 ? `fails ${failure} of ${decided} runs` : `fails ${formatPercent(failure / decided)} of its runs`;
	}
	return `fails 1 of ${Math.round(decided / failure)} runs`;
}

/** One verdict on all workflows of a view: the least reliable one, and why its newest run on the list failed. */
export function verdictOf(
	workflows: readonly WorkflowSummary[],
	{ total, runs }: { total: number; runs: readonly RunRow[] },
): { sentence: string; tone: "quiet" | "failing" | "unknown" } {
	const first = workflows[0];
	if (!first) return { sentence: "No workflow ran in this range", tone: "unknown" };
	if (first.tally.failure === 0) {
		const count = workflows.reduce((sum, { tally }) => sum + totalOf(tally), 0);
		// Those left out have fewer failures than the worst, so none either.
		const words = total === 1 ? "the only workflow never failed" : `none of ${total} workflows failed`;
		return { sentence: total > workflows.length ? `All quiet: ${words}` : `All quiet: ${words} in ${plural(count, "run")}`, tone: "quiet" };
	}
	// One failure of one run says little: the verdict is on what has run a few times, where that has failures too.
	const worst = workflows.find(({ tally }) => tally.failure > 0 && tally.success + tally.failure >= TELLING_RUNS) ?? first;
	const why = runs.find((run) => workflowKey(run) === workflowKey(worst) && run.status === "failure")?.error ?? null;
	const reason = why === null ? "" : `. Newest failure: ${why}`;
	return { sentence: `${workflowName(worst)} ${failsWords(worst.tally)}${reason}`, tone: "failing" };
}
