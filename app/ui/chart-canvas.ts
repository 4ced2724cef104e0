import "uplot/dist/uPlot.min.css";
import "./chart.css";
import uPlot from "uplot";
import type { Tick } from "../format/chart-time.ts";
import { BAR_SHARE, type ChartModel, drawnValues, extentOf, INSETS, keptPoints, type Scale, scaleOf, seriesAt } from "./chart-model.ts";
import { type ChartPaint, hatchOf, onThemeChange, readPaint } from "./chart-paint.ts";

/** Everything that needs uPlot. Loaded on its own, and only where a chart comes near the window. */

const FONT = "11px Inter, system-ui, sans-serif";
/** A pointer moved less than this presses; farther it draws a stretch of time. */
const DRAG_PX = 6;
/** After a touch, browsers also send the mouse events of old. */
const TOUCH_ECHO_MS = 800;
let touchedAt = Number.NEGATIVE_INFINITY;

function isOfTouch(event: Event | undefined | null): boolean {
	return event != null && (event.type.startsWith("touch") || event.timeStamp - touchedAt < TOUCH_ECHO_MS);
}

export type ChartDrawing = { model: ChartModel; hidden: ReadonlySet<string>; xTicks: readonly Tick[] };

export type ChartEvents = {
	/** The crosshair stands on a bucket, `left` px from the box's edge, or nowhere. */
	onCursor: (at: { index: number; left: number; isTouch: boolean } | null) => void;
	/** A stretch of time was drawn, epoch ms. */
	onZoom: (stretch: { from: number; to: number }) => void;
	/** A bucket was pressed, on this series or beside all. */
	onPick: (index: number, series: string | null) => void;
	onReset: () => void;
};

export type ChartCanvas = {
	update: (drawing: ChartDrawing) => void;
	/** Put the crosshair on a bucket, here and in the charts beside it; null takes it away. */
	point: (index: number | null) => void;
	destroy: () => void;
};

/**
 * Draw a chart into a box, which keeps its size. Charts with one `syncKey` share the crosshair.
 * The first drawing waits for the font: a canvas does not draw itself again when one arrives.
 */
export async function mountChart(
	box: HTMLElement,
	{ drawing, syncKey, events }: { drawing: ChartDrawing; syncKey: string; events: ChartEvents },
): Promise<ChartCanvas> {
	await document.fonts.load(FONT).catch(() => []);
	let current = prepared(drawing, box);
	let plot = create();

	function create(): uPlot {
		const made = new uPlot(
			optionsFor(box, () => current, { syncKey, events, paint: readPaint(box) }),
			current.data,
			box,
		);
		listen(made, () => current, events);
		return made;
	}

	// A canvas keeps the colours it was drawn with.
	const forgetTheme = onThemeChange(() => {
		plot.destroy();
		plot = create();
	});
	const resize = new ResizeObserver(() => {
		const { clientWidth: width, clientHeight: height } = box;
		// A chart that is hidden has no size; it gets one when it is shown.
		if (width === 0 || (width === plot.width && height === plot.height)) return;
		plot.setSize({ width, height });
		current = prepared(current.drawing, box);
		plot.setData(current.data);
	});
	resize.observe(box);

	return {
		update(next) {
			const before = current.drawing;
			current = prepared(next, box);
			const isSameShape = before.model.series.map(({ key }) => key).join() === next.model.series.map(({ key }) => key).join();
			if (isSameShape) plot.setData(current.data);
			else {
				plot.destroy();
				plot = create();
			}
		},
		point(index) {
			const { starts, stepMs } = current.drawing.model;
			const start = index === null ? undefined : starts[index];
			// Publishing reads the event that moved the crosshair; from the keyboard there is none.
			Object.assign(plot.cursor, { event: new MouseEvent("mousemove") });
			moveCursor(plot, start === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(start + stepMs / 2, "x"), top: 0 });
		},
		destroy() {
			forgetTheme();
			resize.disconnect();
			plot.destroy();
		},
	};
}

type Prepared = {
	drawing: ChartDrawing;
	scale: Scale;
	data: uPlot.AlignedData;
	/** Which bucket of the model a point of the canvas is. */
	bucketOf: (point: number) => number;
};

function prepared(drawing: ChartDrawing, box: HTMLElement): Prepared {
	const { model, hidden } = drawing;
	const drawn = drawnValues(model, hidden);
	// More than two points a pixel cannot be told apart.
	const kept = keptPoints(drawn, Math.max(200, 2 * box.clientWidth));
	const pick = <T>(values: readonly T[]) => (kept === null ? values : kept.map((index) => values[index] as T));
	const middles = pick(model.starts).map((start) => start + model.stepMs / 2);
	return {
		drawing,
		scale: scaleOf(model.unit, drawn),
		// The last of a stack is the tallest: it is drawn first, and the parts below it over its foot.
		data: [middles, ...drawn.map(pick).toReversed()] as uPlot.AlignedData,
		bucketOf: (point) => kept?.[point] ?? point,
	};
}

type Making = { syncKey: string; events: ChartEvents; paint: ChartPaint };

function optionsFor(box: HTMLElement, current: () => Prepared, { syncKey, events, paint }: Making): uPlot.Options {
	const { model } = current().drawing;
	const reversed = model.series.toReversed();
	const position = (key: string) => reversed.findIndex((series) => series.key === key) + 1;
	const isLine = (n: number) => reversed[n - 1]?.kind === "line";
	return {
		width: Math.max(1, box.clientWidth),
		height: Math.max(1, box.clientHeight),
		padding: [INSETS.top, INSETS.right, 0, 0],
		legend: { show: false },
		scales: {
			x: {
				time: false,
				range: () => {
					const { from, to } = extentOf(current().drawing.model);
					return [from, to];
				},
			},
			y: { range: () => [current().scale.min, current().scale.max] },
		},
		axes: [
			{
				...{ size: INSETS.bottom, gap: 6, font: FONT, stroke: paint.text, grid: { show: false }, ticks: { show: false } },
				splits: () => current().drawing.xTicks.map(({ at }) => at),
				values: () => current().drawing.xTicks.map(({ label }) => label),
			},
			{
				...{ size: INSETS.left, gap: 8, font: FONT, stroke: paint.text, ticks: { show: false } },
				grid: { stroke: paint.grid, width: 1 },
				splits: () => current().scale.ticks.map(({ at }) => at),
				values: () => current().scale.ticks.map(({ label }) => label),
			},
		],
		series: [{}, ...reversed.map((series) => seriesFor(series, paint))],
		...(model.band ? { bands: [{ series: [position(model.band[0]), position(model.band[1])], fill: paint.band }] } : {}),
		cursor: {
			y: false,
			points: { size: (_plot, n) => (isLine(n) ? 7 : 0) },
			drag: { x: true, y: false, setScale: false, dist: DRAG_PX },
			sync: { key: syncKey, setSeries: false, scales: ["x", null] },
		},
		hooks: {
			setCursor: [
				({ cursor }) => {
					const { idx, left = -1 } = cursor;
					const isTouch = isOfTouch(cursor.event);
					events.onCursor(idx == null || left < 0 ? null : { index: current().bucketOf(idx), left: left + INSETS.left, isTouch });
				},
			],
		},
	};
}

function seriesFor(series: ChartModel["series"][number], paint: ChartPaint): uPlot.Series {
	if (series.kind === "bars") {
		const fill = paint.fills[series.tone];
		return {
			paths: (uPlot.paths.bars as uPlot.Series.BarsPathBuilderFactory)({ size: [BAR_SHARE, Number.POSITIVE_INFINITY] }),
			width: 0,
			fill: series.tone === "bad" ? () => hatchOf(fill, paint.ground, devicePixelRatio) as CanvasPattern : fill,
			points: { show: false },
		};
	}
	const { weight = "main" } = series;
	return {
		stroke: paint.strokes[series.tone],
		width: weight === "main" ? 2 : 1.25,
		...(weight === "dashed" ? { dash: [4, 3] } : {}),
		// Only points between two gaps, which no line would show.
		points: {
			show: true,
			size: 4,
			fill: paint.strokes[series.tone],
			filter: (plot, n) => {
				const drawn = plot.data[n] ?? [];
				return [...drawn.keys()].filter((at) => drawn[at] != null && drawn[at - 1] == null && drawn[at + 1] == null);
			},
		},
	};
}

/** The third argument, which the typings do not know, tells the charts beside it. */
function moveCursor(plot: uPlot, at: { left: number; top: number }): void {
	(plot.setCursor as (at: { left: number; top: number }, fire: boolean, publish: boolean) => void)(at, true, true);
}

/** Presses, drawn stretches and fingers on a plot. */
function listen(plot: uPlot, current: () => Prepared, events: ChartEvents): void {
	let pressedAt: number | null = null;

	plot.over.addEventListener("mousedown", ({ clientX }) => {
		pressedAt = clientX;
	});
	// The charts beside this one draw the same stretch; only the one under the pointer tells of it.
	(plot.hooks.setSelect ??= []).push(() => {
		const { left, width } = plot.select;
		if (pressedAt === null || width < DRAG_PX) return;
		pressedAt = null;
		events.onZoom({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") });
		clearSelections(plot);
	});
	plot.over.addEventListener("click", (event) => {
		const { idx } = plot.cursor;
		const isPress = pressedAt !== null && Math.abs(event.clientX - pressedAt) < DRAG_PX;
		pressedAt = null;
		if (!isPress || isOfTouch(event) || idx == null) return;
		const { drawing, bucketOf } = current();
		const index = bucketOf(idx);
		events.onPick(index, seriesAt(drawing.model, drawing.hidden, index, plot.posToVal(event.offsetY, "y")));
	});
	plot.over.addEventListener("dblclick", () => events.onReset());

	const follow = (event: TouchEvent) => {
		touchedAt = event.timeStamp;
		const touch = event.touches[0];
		if (!touch) return;
		const { left, top } = plot.over.getBoundingClientRect();
		Object.assign(plot.cursor, { event });
		moveCursor(plot, { left: touch.clientX - left, top: touch.clientY - top });
	};
	plot.over.addEventListener("touchstart", follow, { passive: true });
	plot.over.addEventListener("touchmove", follow, { passive: true });
}

function clearSelections(plot: uPlot): void {
	const key = plot.cursor.sync?.key;
	for (const one of key === undefined ? [plot] : uPlot.sync(key).plots) one.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}
