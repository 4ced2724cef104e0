import type { Bucket, Tally } from "../../wire/live.ts";
import { quantile } from "../stats/histogram.ts";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, totalOf } from "./tally.ts";

export type GroupBy = "hour" | "day" | "week";

/** Hourly figures are kept this long; days for ever. @source architecture, section 0 */
export const HOURS_KEPT_DAYS = 92;
const RANGE_DAYS_MAX = 400;
const BUCKETS_MAX = 2000;

/** A stretch of time read from one rollup table; `to` is exclusive. */
export type Segment = { table: "hours" | "days"; from: number; to: number };

/** A range of time as it can be answered: whole hours (days where hours are gone), and the buckets it is drawn in. */
export type Range = { from: number; to: number; groupBy: GroupBy; segments: Segment[]; bucketStarts: number[] };

/** Start of the oldest day of which hours are still kept. */
export function hoursKeptSince(now: number): number {
	return bucketStart(now, "day") - HOURS_KEPT_DAYS * DAY_MS;
}

/** `from` and `to` widened to whole hours, or to whole days where hours are gone. */
function widen(from: number, to: number, now: number): { from: number; to: number } {
	const kept = hoursKeptSince(now);
	const floor = (at: number) => bucketStart(at, at < kept ? "day" : "hour");
	const ceil = (at: number) => (floor(at) === at ? at : floor(at) + (at < kept ? DAY_MS : HOUR_MS));
	return { from: floor(from), to: ceil(to) };
}

/** Whole days come from the table of days, the edges from the table of hours. */
function segmentsOf(from: number, to: number): Segment[] {
	const firstDay = Math.ceil(from / DAY_MS) * DAY_MS;
	const lastDay = Math.floor(to / DAY_MS) * DAY_MS;
	if (firstDay >= lastDay) return from < to ? [{ table: "hours", from, to }] : [];
	const all: Segment[] = [
		{ table: "hours", from, to: firstDay },
		{ table: "days", from: firstDay, to: lastDay },
		{ table: "hours", from: lastDay, to },
	];
	return all.filter((segment) => segment.from < segment.to);
}

function bucketStartsOf(from: number, to: number, groupBy: GroupBy): number[] {
	const step = groupBy === "hour" ? HOUR_MS : groupBy === "day" ? DAY_MS : 7 * DAY_MS;
	const starts: number[] = [];
	for (let at = bucketStart(from, groupBy); at < to; at += step) starts.push(at);
	return starts;
}

/**
 * Resolve what was asked into what can be answered.
 * @returns the range, or what is wrong with which parameter
 */
export function resolveRange(asked: {
	from: number;
	to: number;
	groupBy: GroupBy;
	now: number;
}): Range | { fields: Record<string, string> } {
	const { groupBy, now } = asked;
	if (asked.from >= asked.to) return { fields: { from: "must be before `to`" } };
	if (asked.to - asked.from > RANGE_DAYS_MAX * DAY_MS)
		return { fields: { from: `the range may not be longer than ${RANGE_DAYS_MAX} days` } };
	if (groupBy === "hour" && asked.from < hoursKeptSince(now)) {
		return { fields: { group_by: `hours are kept for ${HOURS_KEPT_DAYS} days: ask for days, or for a later \`from\`` } };
	}
	const { from, to } = widen(asked.from, asked.to, now);
	const bucketStarts = bucketStartsOf(from, to, groupBy);
	if (bucketStarts.length > BUCKETS_MAX) {
		return { fields: { group_by: `the range has ${bucketStarts.length} buckets, more than ${BUCKETS_MAX}: group by a longer unit` } };
	}
	return { from, to, groupBy, segments: segmentsOf(from, to), bucketStarts };
}

/** The same length of time just before a range, as segments. */
export function previousSegments(range: { from: number; to: number }, now: number): Segment[] {
	const { from, to } = widen(range.from - (range.to - range.from), range.from, now);
	return segmentsOf(from, Math.min(to, range.from));
}

/** Rows of any grain gathered into the buckets of a range, every bucket present. */
export function fillBuckets(range: Pick<Range, "groupBy" | "bucketStarts">, rows: Iterable<{ at: number; tally: Tally }>): Bucket[] {
	const buckets = new Map(range.bucketStarts.map((at) => [at, emptyTally()]));
	for (const { at, tally } of rows) {
		const bucket = buckets.get(bucketStart(at, range.groupBy));
		if (bucket) addTally(bucket, tally);
	}
	return [...buckets].map(([at, tally]) => ({ at, tally }));
}

/** The figures of a tally as people read them: rates as fractions, durations in seconds, null without data. */
export function figuresOf(tally: Tally) {
	const decided = tally.success + tally.failure;
	const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);
	return {
		total: totalOf(tally),
		successRate: decided === 0 ? null : tally.success / decided,
		averageSeconds: tally.durationCount === 0 ? null : tally.durationSum / tally.durationCount / 1000,
		p50Seconds: seconds(quantile(tally.histogram, 0.5)),
		p95Seconds: seconds(quantile(tally.histogram, 0.95)),
	};
}
