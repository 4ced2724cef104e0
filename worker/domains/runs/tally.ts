import type { Tally } from "../../wire/live.ts";
import { addHistogram, binOf, quantile } from "../stats/histogram.ts";
import type { Run } from "./model.ts";

export const HOUR_MS = 3600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A tally of nothing, safe to add into. */
export function emptyTally(): Tally {
	return { queued: 0, running: 0, success: 0, failure: 0, cancelled: 0, durationSum: 0, durationCount: 0, histogram: {} };
}

/** Add `sign` times `more` into `into`. */
export function addTally(into: Tally, more: Tally, sign: 1 | -1 = 1): void {
	into.queued += sign * more.queued;
	into.running += sign * more.running;
	into.success += sign * more.success;
	into.failure += sign * more.failure;
	into.cancelled += sign * more.cancelled;
	into.durationSum += sign * more.durationSum;
	into.durationCount += sign * more.durationCount;
	addHistogram(into.histogram, more.histogram, sign);
}

/** The q-quantile of the durations, ms: as near as bins know it, exact where only one run finished, null where none did. */
export function durationQuantile({ durationCount, durationSum, histogram }: Tally, q: number): number | null {
	return durationCount === 1 ? durationSum : quantile(histogram, q);
}

/** Whether a tally would change anything when added. */
export function isEmptyTally(tally: Tally): boolean {
	return (
		tally.queued === 0 &&
		tally.running === 0 &&
		tally.success === 0 &&
		tally.failure === 0 &&
		tally.cancelled === 0 &&
		tally.durationSum === 0 &&
		tally.durationCount === 0 &&
		Object.keys(tally.histogram).length === 0
	);
}

/** What one run counts as: one in its status, and its duration when it finished as success or failure. */
export function tallyOf(run: Pick<Run, "status" | "durationMs">): Tally {
	const tally = emptyTally();
	tally[run.status] = 1;
	if ((run.status === "success" || run.status === "failure") && run.durationMs !== null) {
		tally.durationSum = run.durationMs;
		tally.durationCount = 1;
		tally.histogram[binOf(run.durationMs)] = 1;
	}
	return tally;
}

/** All runs of a tally, whatever their status. */
export function totalOf(tally: Tally): number {
	return tally.queued + tally.running + tally.success + tally.failure + tally.cancelled;
}

/** End of the hour that runs at `now`: where a range that ends "now" ends, because figures are kept by whole hours. */
export function runningHourEnd(now: number): number {
	return bucketStart(now, "hour") + HOUR_MS;
}

/** Start of the UTC hour, day or (Monday) week that holds `at`. */
export function bucketStart(at: number, groupBy: "hour" | "day" | "week"): number {
	if (groupBy === "hour") return Math.floor(at / HOUR_MS) * HOUR_MS;
	const day = Math.floor(at / DAY_MS) * DAY_MS;
	if (groupBy === "day") return day;
	// 1 January 1970 was a Thursday: shifting by three days makes weeks start on Monday.
	return day - ((((day / DAY_MS + 3) % 7) + 7) % 7) * DAY_MS;
}
