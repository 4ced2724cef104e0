import type { RunStatus } from "../../wire/events.ts";
import type { Tally } from "../../wire/live.ts";
import { bucketStart, DAY_MS, HOUR_MS, totalOf } from "./tally.ts";

/** A run as a tick: its state, and the way to it. */
export type Tick = { id: string; status: RunStatus; orderedAt: number };

/** What a team needs to know of one workflow to see whether it is unreliable or slow. */
export type WorkflowSummary = {
	repo: string;
	workflow: string;
	/** Of the whole range. */
	tally: Tally;
	/** Even parts of the range, oldest first: COURSE_POINTS of them, fewer where the range has not as many hours. */
	course: Tally[];
	/** Newest first, at most LAST_RUNS, whatever the range. */
	last: Tick[];
};

export const COURSE_POINTS = 28;
export const LAST_RUNS = 10;

/** Up to this long a course is made of hours, beyond it of days. */
const HOURLY_UP_TO_MS = 8 * DAY_MS;

/** The stretch of time a course is drawn over, and what it is made of. */
export type CourseSpan = { from: number; to: number; by: "hour" | "day" };

/** The span of a course over a range; `hoursSince` is how far back hours are kept. */
export function courseSpan(range: { from: number; to: number }, hoursSince: number): CourseSpan {
	const isHourly = range.to - range.from <= HOURLY_UP_TO_MS && range.from >= hoursSince;
	return { from: range.from, to: range.to, by: isHourly ? "hour" : "day" };
}

/** How many points a course has: never more than there are hours or days to tell apart. */
export function coursePoints(span: CourseSpan): number {
	const units = Math.ceil((span.to - span.from) / (span.by === "hour" ? HOUR_MS : DAY_MS));
	return Math.max(1, Math.min(COURSE_POINTS, units));
}

/** The point of a course that an hour or a day belongs to. What lies after the span's end, read a while ago, belongs to the last. */
export function coursePoint(span: CourseSpan, at: number): number {
	const points = coursePoints(span);
	// Days are not divided: an hour at an edge of the range goes where its day goes.
	const start = span.by === "hour" ? at : Math.max(span.from, bucketStart(at, "day"));
	return Math.min(points - 1, Math.max(0, Math.floor(((start - span.from) * points) / (span.to - span.from))));
}

/** Two passes that never were keep one unlucky first run from standing above an incident. */
const needOf = ({ tally }: WorkflowSummary) => tally.failure / (tally.success + tally.failure + 2);
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Worst first: the highest share of failures, smoothed by two passes; then most runs, then name. The order of the SQL too. */
export function byNeed(a: WorkflowSummary, b: WorkflowSummary): number {
	return needOf(b) - needOf(a) || totalOf(b.tally) - totalOf(a.tally) || compare(a.repo, b.repo) || compare(a.workflow, b.workflow);
}
