import type { Overview } from "#worker/domains/runs/overview";
import { addTally, DAY_MS, durationQuantile, emptyTally, HOUR_MS, totalOf } from "#worker/domains/runs/tally";
import type { Bucket, Tally } from "#worker/wire/live";
import { bucketWords } from "../../format/chart-time.ts";
import { formatAbout, formatDuration } from "../../format/duration.ts";
import { formatCount, plural } from "../../format/number.ts";
import type { Grouping } from "../../format/view.ts";
import type { ChartModel } from "../../ui/chart-model.ts";

/** The overview's two charts as data and as sentences. */

export const STEP_MS: Record<Grouping, number> = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };
const PER: Record<Grouping, string> = { hour: "per hour", day: "per day", week: "per week" };

/** What one bucket says, as the tooltip and the table write it. Durations in ms, null where nothing finished. */
export type BucketFigures = {
	at: number;
	failed: number;
	passed: number;
	cancelled: number;
	averageMs: number | null;
	p50Ms: number | null;
	p95Ms: number | null;
	/** How many runs the durations are of. */
	timed: number;
};

/** The figures of a bucket. */
export function figuresOfBucket({ at, tally }: Bucket): BucketFigures {
	const { success, failure, cancelled, durationSum, durationCount } = tally;
	return {
		at,
		failed: failure,
		passed: success,
		cancelled,
		averageMs: durationCount === 0 ? null : durationSum / durationCount,
		p50Ms: durationQuantile(tally, 0.5),
		p95Ms: durationQuantile(tally, 0.95),
		timed: durationCount,
	};
}

/** Failed below, passed above it: failures stand on the baseline, where they can be compared. */
export function runsModel(figures: readonly BucketFigures[], groupBy: Grouping): ChartModel {
	return {
		starts: figures.map(({ at }) => at),
		stepMs: STEP_MS[groupBy],
		unit: "count",
		series: [
			{ key: "failed", word: "Failed", kind: "bars", tone: "bad", values: figures.map(({ failed }) => failed) },
			{ key: "passed", word: "Passed", kind: "bars", tone: "ok", values: figures.map(({ passed }) => passed) },
		],
	};
}

/** The average between the lines under which half of the runs and nineteen of twenty stay. */
export function durationModel(figures: readonly BucketFigures[], groupBy: Grouping): ChartModel {
	return {
		starts: figures.map(({ at }) => at),
		stepMs: STEP_MS[groupBy],
		unit: "duration",
		series: [
			{ key: "average", word: "Average", kind: "line", tone: "accent", values: figures.map(({ averageMs }) => averageMs) },
			{ key: "p50", word: "p50", kind: "line", tone: "quiet", weight: "dashed", values: figures.map(({ p50Ms }) => p50Ms) },
			{ key: "p95", word: "p95", kind: "line", tone: "quiet", weight: "thin", values: figures.map(({ p95Ms }) => p95Ms) },
		],
		band: ["p95", "p50"],
	};
}

type Clock = { now: number; zone: string };
type Course = { buckets: readonly Bucket[]; groupBy: Grouping };

/** The chart of runs in a sentence: how many, how many failed, and where failures rose or were most. */
export function runsSentence({ buckets, groupBy }: Course, clock: Clock): string {
	const total = sumOf(buckets);
	const all = `Runs ${PER[groupBy]}: ${formatCount(totalOf(total))} in all, ${formatCount(total.failure)} failed.`;
	const failures = buckets.map(({ tally }) => tally.failure);
	const rise = riseOf(failures);
	if (rise) {
		const words = bucketName(buckets, rise.index, { groupBy, clock });
		const usual = rise.low === rise.high ? formatCount(rise.low) : `${formatCount(rise.low)}–${formatCount(rise.high)}`;
		return `${all} Failed runs rose from ${usual} to ${formatCount(rise.to)} ${PER[groupBy]} in ${words}.`;
	}
	const most = Math.max(0, ...failures);
	if (most === 0) return all;
	return `${all} Most failed, ${formatCount(most)}, in ${bucketName(buckets, failures.indexOf(most), { groupBy, clock })}.`;
}

/** The chart of durations in a sentence. */
export function durationSentence({ buckets, groupBy }: Course): string {
	const { averageMs, p95Ms, timed } = figuresOfBucket({ at: 0, tally: sumOf(buckets) });
	if (averageMs === null || p95Ms === null) return `Duration ${PER[groupBy]}: no run has finished yet.`;
	const averages = buckets.map((bucket) => figuresOfBucket(bucket).averageMs).filter((value) => value !== null);
	const [low, high] = [formatDuration(Math.min(...averages)), formatDuration(Math.max(...averages))];
	const course = low === high ? low : `between ${low} and ${high}`;
	return `Average duration ${PER[groupBy]}: ${course}, ${formatDuration(averageMs)} over all; 95 of 100 runs took at most ${formatAbout(p95Ms, timed)}.`;
}

function bucketName(buckets: readonly Bucket[], index: number, { groupBy, clock }: { groupBy: Grouping; clock: Clock }): string {
	const from = buckets[index]?.at ?? 0;
	return bucketWords({ from, to: from + STEP_MS[groupBy] }, clock);
}

function sumOf(buckets: readonly Bucket[]): Tally {
	const sum = emptyTally();
	for (const { tally } of buckets) addTally(sum, tally);
	return sum;
}

/** Where the newest failures leave what was usual before: more than twice its upper quarter, and by at least two. */
function riseOf(failures: readonly number[]): { index: number; low: number; high: number; to: number } | null {
	// The newest tenth, at least two: the last one is still filling.
	const newest = Math.max(2, Math.ceil(failures.length / 10));
	const before = failures.slice(0, -newest).sort((a, b) => a - b);
	if (before.length < 4) return null;
	const [low, high] = [before[Math.floor(before.length / 4)] ?? 0, before[Math.floor((before.length * 3) / 4)] ?? 0];
	const index = failures.findIndex((failed, at) => at >= before.length && failed > 2 * high && failed >= high + 2);
	return index < 0 ? null : { index, low, high, to: Math.max(...failures.slice(index)) };
}

/** How many points a paused chart has not shown: buckets that came or changed since. */
export function changedPoints(shown: readonly Bucket[], current: readonly Bucket[]): number {
	const known = new Map(shown.map(({ at, tally }) => [at, tally]));
	return current.filter(({ at, tally }) => !isSameTally(known.get(at), tally)).length;
}

/** Whether two tallies look the same in a chart. */
function isSameTally(a: Tally | undefined, b: Tally): boolean {
	if (!a) return totalOf(b) === 0;
	return a === b || (a.success === b.success && a.failure === b.failure && a.cancelled === b.cancelled && a.durationSum === b.durationSum);
}

/** How many points lie beyond a range that has ended, as far as the last two days know. */
export function pointsAfter({ view, hours }: Pick<Overview, "view" | "hours">): number {
	const { to } = view;
	if (to === null) return 0;
	const step = STEP_MS[view.groupBy];
	return new Set(hours.filter(({ at, tally }) => at >= to && totalOf(tally) > 0).map(({ at }) => Math.floor((at - to) / step))).size;
}

/** Totals for the legend of the runs. */
export function legendTotals(buckets: readonly Bucket[]): Record<"failed" | "passed", string> {
	const { failure, success } = sumOf(buckets);
	return { failed: formatCount(failure), passed: formatCount(success) };
}

/** A bucket in words, for a crosshair moved by keys. */
export function bucketSentence(figures: BucketFigures, groupBy: Grouping, clock: Clock): string {
	const { at, failed, passed, averageMs } = figures;
	const when = bucketWords({ from: at, to: at + STEP_MS[groupBy] }, clock);
	const took = averageMs === null ? "" : `, on average ${formatDuration(averageMs)}`;
	return `${when}: ${formatCount(failed)} failed, ${plural(passed, "run")} passed${took}`;
}
