import { formatDuration } from "../../format/duration.ts";

/** Where bars and marks of a waterfall stand, in percent of its width. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Distances of an axis that people count in. */
const STEPS = [
	...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
	...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
	...[1, 2, 4, 6, 12, 24].map((n) => n * HOUR),
];
const MARKS_MAX = 6;
/** Closer to the right end than this a mark's word would be cut off. */
const LAST_MARK_PERCENT = 94;
/** What took a moment is still to be seen. */
const LEAST_PERCENT = 0.4;

type Span = { start: number; end: number };
export type Mark = { percent: number; word: string };

/** The marks of a time axis that begins at 0: round distances, at most six. */
export function axisMarks({ start, end }: Span): Mark[] {
	const length = end - start;
	const step = STEPS.find((one) => length / one <= MARKS_MAX) ?? Math.ceil(length / MARKS_MAX / (24 * HOUR)) * 24 * HOUR;
	const marks: Mark[] = [];
	for (let ms = 0; (ms / length) * 100 <= LAST_MARK_PERCENT; ms += step) {
		marks.push({ percent: toPercent(ms / length), word: ms === 0 ? "0" : formatDuration(ms).replace(/ 00\s?[sm]$/u, "") });
	}
	return marks;
}

/** A stretch of time as a place and a width; null for one that has not begun. What goes on reaches to the end. */
export function stretch(span: Span, from: number | null, to: number | null): { x: number; width: number } | null {
	if (from === null) return null;
	const length = span.end - span.start;
	const inside = (at: number) => Math.min(1, Math.max(0, (at - span.start) / length));
	const x = Math.min(toPercent(inside(from)), 100 - LEAST_PERCENT);
	return { x, width: Math.max(LEAST_PERCENT, toPercent(inside(to ?? span.end) - x / 100)) };
}

function toPercent(share: number): number {
	return Math.round(share * 10_000) / 100;
}
