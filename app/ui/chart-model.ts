import type { Tick } from "../format/chart-time.ts";
import { formatDuration } from "../format/duration.ts";
import { formatCount } from "../format/number.ts";

/**
 * What a chart draws, and the geometry that its two drawings share: the SVG of the server and the canvas of the browser put
 * every mark in the same place, so that one can take the other's.
 */

export type ChartTone = "ok" | "bad" | "accent" | "quiet";

export type ChartSeries = {
	key: string;
	/** Its name in legend, tooltip and table. */
	word: string;
	/** Bars stack in the order of the series, the first on the baseline. */
	kind: "bars" | "line";
	tone: ChartTone;
	/** Lines beside the main one are thin, and dashed where a second one must be told apart without colour. */
	weight?: "main" | "thin" | "dashed";
	/** null is a gap, and stays one. */
	values: readonly (number | null)[];
};

export type ChartModel = {
	/** The beginning of each bucket, epoch ms, in order. */
	starts: readonly number[];
	stepMs: number;
	unit: "count" | "duration";
	series: readonly ChartSeries[];
	/** The keys of two lines between which the ground is tinted. */
	band?: readonly [string, string];
};

/** The plot's distance from the box's edges, CSS px. The classes of ChartSvg say the same. */
export const INSETS = { top: 8, right: 8, bottom: 24, left: 44 } as const;
/** The share of its bucket that a bar fills. */
export const BAR_SHARE = 0.8;

/** The stretch of time a chart shows: whole buckets, so that no bar is cut. */
export function extentOf({ starts, stepMs }: Pick<ChartModel, "starts" | "stepMs">): { from: number; to: number } {
	const from = starts[0] ?? 0;
	return { from, to: (starts.at(-1) ?? from) + stepMs };
}

/** The values as drawn: bars become the tops of their stack, hidden series become gaps. In the order of the series. */
export function drawnValues(model: ChartModel, hidden: ReadonlySet<string>): (readonly (number | null)[])[] {
	const tops = new Array<number>(model.starts.length).fill(0);
	return model.series.map(({ key, kind, values }) => {
		if (hidden.has(key)) return new Array<null>(values.length).fill(null);
		if (kind === "line") return values;
		return values.map((value, index) => {
			tops[index] = (tops[index] ?? 0) + (value ?? 0);
			return tops[index] ?? 0;
		});
	});
}

/**
 * The points to draw where there are more than `max`: of each of `max / 2` even parts the lowest and the highest, so that no peak
 * is lost. Null where all can be drawn.
 */
export function keptPoints(drawn: readonly (readonly (number | null)[])[], max: number): number[] | null {
	const count = drawn[0]?.length ?? 0;
	if (count <= max) return null;
	const parts = Math.max(1, Math.floor(max / 2));
	const kept: number[] = [];
	for (let part = 0; part < parts; part++) {
		const begin = Math.floor((part * count) / parts);
		const end = Math.floor(((part + 1) * count) / parts);
		let [lowest, highest] = [begin, begin];
		let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
		for (const values of drawn) {
			for (let index = begin; index < end; index++) {
				const value = values[index];
				if (value === null || value === undefined) continue;
				if (value < low) {
					low = value;
					lowest = index;
				}
				if (value > high) {
					high = value;
					highest = index;
				}
			}
		}
		kept.push(Math.min(lowest, highest));
		if (lowest !== highest) kept.push(Math.max(lowest, highest));
	}
	return kept;
}

export type Scale = { min: number; max: number; ticks: Tick[] };

/** Spaces between the lines across a chart, at most. */
const SPACES = 3;
/** A chart of nothing still has a height: this many runs, or this long. */
const LEAST = { count: 4, duration: 60_000 };
const DURATION_STEPS = [
	...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200].map((seconds) => seconds * 1000),
	...[1, 2, 5, 10, 20].map((days) => days * 86_400_000),
];

/** The height of a chart: from zero, or for durations that all lie high from somewhat below them. Its marks are round numbers. */
export function scaleOf(unit: ChartModel["unit"], drawn: readonly (readonly (number | null)[])[]): Scale {
	let low = Number.POSITIVE_INFINITY;
	let high = 0;
	for (const values of drawn) {
		for (const value of values) {
			if (value === null) continue;
			if (value < low) low = value;
			if (value > high) high = value;
		}
	}
	high = Math.max(high, LEAST[unit]);
	const startsAboveZero = unit === "duration" && low > high / 2 && low !== Number.POSITIVE_INFINITY;
	const step = stepFor(unit, startsAboveZero ? low : 0, high);
	const min = startsAboveZero ? Math.floor(low / step) * step : 0;
	// A single value that is a round number itself would have no height.
	const max = Math.max(Math.ceil(high / step) * step, min + step);
	const ticks = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, n) => min + n * step);
	return { min, max, ticks: ticks.map((at) => ({ at, label: unit === "count" ? formatCount(at) : durationLabel(at) })) };
}

function stepFor(unit: ChartModel["unit"], low: number, high: number): number {
	// What hardly changes shall look as if: a chart that begins above zero still spans a quarter of its height.
	const least = low > 0 ? high / 8 : 0;
	const fits = (step: number) => step >= least && Math.ceil(high / step) - Math.floor(low / step) <= SPACES;
	if (unit === "duration") return DURATION_STEPS.find(fits) ?? Math.ceil(high / SPACES);
	for (let power = 1; ; power *= 10) {
		for (const digit of [1, 2, 2.5, 5]) if (Number.isInteger(digit * power) && fits(digit * power)) return digit * power;
	}
}

/** A duration on an axis: without a second unit of nothing. */
function durationLabel(ms: number): string {
	return ms === 0 ? "0" : formatDuration(ms).replace(/ 0+(s|\u202f[mh])$/, "");
}

/** Whole buckets around a stretch that was drawn with the pointer; null where that is everything, as nothing would change. */
export function zoomOf(
	model: Pick<ChartModel, "starts" | "stepMs">,
	drawn: { from: number; to: number },
): { from: number; to: number } | null {
	const extent = extentOf(model);
	const [low, high] = drawn.from < drawn.to ? [drawn.from, drawn.to] : [drawn.to, drawn.from];
	const from = model.starts.findLast((start) => start <= low) ?? extent.from;
	const lastStart = model.starts.findLast((start) => start < high) ?? extent.from;
	const to = Math.max(lastStart, from) + model.stepMs;
	return from <= extent.from && to >= extent.to ? null : { from, to };
}

/** The series that are hidden after a press in the legend: alone, or alone again shows all; with ⌘ or ctrl one comes or goes. */
export function toggled(keys: readonly string[], hidden: ReadonlySet<string>, key: string, isAdding: boolean): Set<string> {
	if (isAdding) {
		const next = new Set(hidden);
		if (!next.delete(key)) next.add(key);
		return next.size === keys.length ? new Set() : next;
	}
	const isAlone = keys.every((one) => hidden.has(one) === (one !== key));
	return isAlone ? new Set() : new Set(keys.filter((one) => one !== key));
}

/** Which series a press at a height means: the lowest bar part that reaches above it, else none. */
export function seriesAt(model: ChartModel, hidden: ReadonlySet<string>, index: number, value: number): string | null {
	const drawn = drawnValues(model, hidden);
	const n = model.series.findIndex(({ kind, key }, at) => kind === "bars" && !hidden.has(key) && (drawn[at]?.[index] ?? 0) >= value);
	return model.series[n]?.key ?? null;
}

/** Where a tooltip stands beside a crosshair: right of it, left where there is no room, and never outside. CSS px. */
export function tipLeft({ at, tip, box }: { at: number; tip: number; box: number }): number {
	const gap = 12;
	if (at + gap + tip <= box) return at + gap;
	return Math.max(0, at - gap - tip);
}
