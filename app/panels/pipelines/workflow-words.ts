import { durationQuantile } from "#worker/domains/runs/tally";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import type { Tally } from "#worker/wire/live";
import { formatAbout } from "../../format/duration.ts";
import { formatCount, formatPercent, plural } from "../../format/number.ts";

/** Workflows as they are spoken of. */

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
