import { failedLast24h, type Overview, totalTally } from "#worker/domains/runs/overview";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, totalOf } from "#worker/domains/runs/tally";
import type { Bucket, Tally } from "#worker/wire/live";
import { formatDuration } from "../../format/duration.ts";
import { formatCount, formatPercent, formatPoints, percentDigits, plural, THIN } from "../../format/number.ts";
import type { SearchChanges } from "../../format/view.ts";
import type { Delta } from "../../ui/Delta.tsx";
import type { SparkTone } from "../../ui/Sparkline.tsx";

/** One headline figure as it is drawn. `value` is null where there is no data, and no data is never zero. */
export type Figure = {
	name: string;
	value: string | null;
	unit: string;
	delta: Delta | null;
	/** What stands in the difference's place where there is nothing to compare with. */
	noDelta: string;
	/** How the figure is made and from how many runs. */
	how: string;
	points: (number | null)[];
	minSpan: number;
	tone: SparkTone;
	/** What Pipelines shows of this figure beside what follows from page to page anyway. */
	search: SearchChanges;
};

/** Points a sparkline can show: two pixels each. */
const POINTS_MAX = 48;

/** The four headline figures of an overview, at `now`. */
export function figuresOf(overview: Overview, now: number): Figure[] {
	const current = totalTally(overview.buckets);
	const { previous } = overview;
	const course = thinned(overview.buckets);
	return [
		successRate(current, previous, course),
		totalRuns(current, previous, overview, now),
		averageDuration(current, previous, course),
		failedRuns(overview, now),
	];
}

function successRate(current: Tally, previous: Tally, course: Tally[]): Figure {
	const rate = rateOf(current);
	const before = rateOf(previous);
	return {
		name: "Success rate",
		value: rate === null ? null : percentDigits(rate),
		unit: "%",
		delta:
			rate === null || before === null
				? null
				: deltaOf(rate - before, { amount: formatPoints(rate - before), before: formatPercent(before), good: "up" }),
		noDelta: "nothing before",
		how: `${formatCount(current.success)} passed of ${formatCount(current.success + current.failure)} that passed or failed`,
		points: course.map(rateOf),
		minSpan: 0.05,
		tone: "ok",
		search: {},
	};
}

function totalRuns(current: Tally, previous: Tally, { buckets, view }: Overview, now: number): Figure {
	const total = totalOf(current);
	const before = totalOf(previous);
	// The bucket that is still filling would look like a collapse, and a first one cut by the range like a rise.
	const whole = buckets.filter(({ at }) => at >= view.from && at < bucketStart(now, view.groupBy));
	const points = (whole.length > 1 ? thinned(whole) : thinned(buckets)).map(totalOf);
	return {
		name: "Total runs",
		value: formatCount(total),
		unit: "",
		delta:
			before === 0
				? null
				: deltaOf(total - before, {
						amount: `${Math.abs(((total - before) / before) * 100).toFixed(1)}${THIN}%`,
						before: formatCount(before),
					}),
		noDelta: "no runs before",
		how: "Every run once, whatever its status and attempts; in a range up to now, the hour under way counts as far as it has come",
		points,
		minSpan: Math.max(4, Math.max(...points) / 2),
		tone: "neutral",
		search: {},
	};
}

function averageDuration(current: Tally, previous: Tally, course: Tally[]): Figure {
	const average = averageOf(current);
	const before = averageOf(previous);
	const points = course.map(averageOf);
	return {
		name: "Avg duration",
		value: average === null ? null : formatDuration(average),
		unit: "",
		delta:
			average === null || before === null
				? null
				: deltaOf(average - before, {
						amount: formatDuration(Math.abs(average - before)),
						before: formatDuration(before),
						good: "down",
						least: 1000,
					}),
		noDelta: "nothing before",
		how: `Mean of ${plural(current.durationCount, "run")} that passed or failed`,
		points,
		minSpan: Math.max(1000, ...points.map((point) => (point ?? 0) / 4)),
		tone: "neutral",
		search: { sort: "-duration" },
	};
}

function failedRuns({ hours }: Overview, now: number): Figure {
	const { last, before } = failedLast24h(hours, now);
	return {
		name: "Failed, last 24 h",
		value: formatCount(last),
		unit: "",
		delta: deltaOf(last - before, { amount: formatCount(Math.abs(last - before)), before: formatCount(before), good: "down" }),
		noDelta: "",
		how: "Failed runs of this hour and the 23 before it, against the 24 before those",
		points: lastDay(hours, now).map(({ failure }) => failure),
		minSpan: 4,
		tone: "bad",
		// This figure is always of the last day, whatever range the page shows.
		search: { status: "failure", from: null, to: null },
	};
}

function deltaOf(
	difference: number,
	{ amount, before, good, least = 0 }: { amount: string; before: string; good?: "up" | "down"; least?: number },
): Delta {
	// A difference too small to be written is none: "0.0 pts worse" helps nobody.
	if (difference === 0 || Math.abs(difference) < least || /^0(\.0)?\D*$/.test(amount))
		return { arrow: "→", amount: "no change", sense: "neutral", before };
	const isUp = difference > 0;
	const sense = good === undefined ? "neutral" : (good === "up") === isUp ? "better" : "worse";
	return { arrow: isUp ? "↗" : "↘", amount, sense, before };
}

/** One sentence about the last day: what a tired person reads first. `runs` counts all runs of those 24 hours. */
export function verdictOf({ hours }: Overview, now: number): { sentence: string; tone: "quiet" | "failing" | "unknown" } {
	const { last, before } = failedLast24h(hours, now);
	const runs = lastDay(hours, now).reduce((sum, tally) => sum + totalOf(tally), 0);
	const day = `24${THIN}h`;
	if (runs === 0) return { sentence: `No runs in the last ${day}`, tone: "unknown" };
	if (last === 0) return { sentence: `All quiet: no failed run in the last ${day}`, tone: "quiet" };
	const more = last - before;
	const compared =
		more === 0 ? "as many as the day before" : `${formatCount(Math.abs(more))} ${more > 0 ? "more" : "fewer"} than the day before`;
	return { sentence: `${plural(last, "failed run")} in the last ${day}, ${compared}`, tone: "failing" };
}

function lastDay(hours: readonly Bucket[], now: number): Tally[] {
	const end = bucketStart(now, "hour") + HOUR_MS;
	const tallies = Array.from({ length: 24 }, emptyTally);
	for (const { at, tally } of hours) {
		const into = tallies[(at - (end - DAY_MS)) / HOUR_MS];
		if (into) addTally(into, tally);
	}
	return tallies;
}

/** At most `POINTS_MAX` tallies, neighbours added together. */
function thinned(buckets: readonly Bucket[]): Tally[] {
	const size = Math.ceil(buckets.length / POINTS_MAX);
	const tallies: Tally[] = [];
	for (const [index, { tally }] of buckets.entries()) {
		if (index % size === 0) tallies.push(emptyTally());
		addTally(tallies.at(-1) as Tally, tally);
	}
	return tallies;
}

function rateOf({ success, failure }: Tally): number | null {
	return success + failure === 0 ? null : success / (success + failure);
}

function averageOf({ durationSum, durationCount }: Tally): number | null {
	return durationCount === 0 ? null : durationSum / durationCount;
}
