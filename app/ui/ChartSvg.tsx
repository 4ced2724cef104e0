import { memo, useId } from "react";
import type { Tick } from "../format/chart-time.ts";
import { BAR_SHARE, type ChartModel, type ChartTone, drawnValues, extentOf, scaleOf } from "./chart-model.ts";

const FILLS: Record<ChartTone, string> = { ok: "fill-ok-fill", bad: "fill-bad-fill", accent: "fill-acc-fill", quiet: "fill-idle-fill" };
const STROKES: Record<ChartTone, string> = { ok: "stroke-ok", bad: "stroke-bad", accent: "stroke-acc", quiet: "stroke-t3" };
const WEIGHTS = { main: { strokeWidth: 2 }, thin: { strokeWidth: 1.25 }, dashed: { strokeWidth: 1.25, strokeDasharray: "4 3" } };
/** Lines are drawn in a square of this side that is stretched to the plot. */
const SIDE = 1000;
const NOTHING: ReadonlySet<string> = new Set();

type Props = { model: ChartModel; hidden?: ReadonlySet<string>; xTicks: readonly Tick[] };

/**
 * A chart without scripts: what the server sends, and what is printed. Everything is placed in percent, so that it fills the
 * box at any width with its text unstretched. Decorative to a screen reader: the figure around it has the words.
 */
export const ChartSvg = memo(function ChartSvg({ model, hidden = NOTHING, xTicks }: Props) {
	const id = useId();
	const drawn = drawnValues(model, hidden);
	const scale = scaleOf(model.unit, drawn);
	const { from, to } = extentOf(model);
	const x = (at: number) => (at - from) / (to - from);
	const y = (value: number) => 1 - (value - scale.min) / (scale.max - scale.min);
	const width = (model.stepMs / (to - from)) * BAR_SHARE;
	const middles = model.starts.map((start) => x(start + model.stepMs / 2));
	const parts = model.series.map((series, n) => ({ series, values: drawn[n] ?? [] }));
	const band = model.band?.map((key) => parts.find(({ series }) => series.key === key && !hidden.has(key))?.values);
	return (
		<svg aria-hidden="true" className="block size-full overflow-visible">
			<defs>
				<pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
					<rect width="6" height="6" className="fill-bad-fill" />
					<rect width="2" height="6" className="fill-s1" fillOpacity="0.45" />
				</pattern>
			</defs>
			{scale.ticks.map(({ at, label }) => (
				<g key={at}>
					<line x1="0" x2="100%" y1={percent(y(at))} y2={percent(y(at))} className="stroke-line" />
					<text x="-8" y={percent(y(at))} dy="0.35em" textAnchor="end" className="fill-t3 text-min">
						{label}
					</text>
				</g>
			))}
			{xTicks.map(({ at, label }) => (
				<text key={at} x={percent(x(at))} y="100%" dy="17" textAnchor="middle" className="fill-t3 text-min">
					{label}
				</text>
			))}
			{/* The tallest first: each part of a stack covers the foot of the one above it. */}
			{parts.toReversed().map(({ series, values }) =>
				series.kind === "bars" ? (
					<g key={series.key} className={series.tone === "bad" ? undefined : FILLS[series.tone]} fill={`url(#${id})`}>
						{values.map((value, index) =>
							value === null || value === 0 ? null : (
								<rect
									key={model.starts[index]}
									x={percent((middles[index] ?? 0) - width / 2)}
									width={percent(width)}
									y={percent(y(value))}
									height={percent(1 - y(value))}
								/>
							),
						)}
					</g>
				) : null,
			)}
			<svg
				aria-hidden="true"
				viewBox={`0 0 ${SIDE} ${SIDE}`}
				preserveAspectRatio="none"
				width="100%"
				height="100%"
				className="overflow-visible"
			>
				{band?.[0] && band[1] && (
					<path d={bandPath(middles, band[0].map(orNull(y)), band[1].map(orNull(y)))} className="fill-acc-fill" fillOpacity="0.18" />
				)}
				{parts.map(({ series, values }) =>
					series.kind === "line" ? (
						<path
							key={series.key}
							d={linePath(middles, values.map(orNull(y)))}
							fill="none"
							className={STROKES[series.tone]}
							strokeLinejoin="round"
							strokeLinecap="round"
							vectorEffect="non-scaling-stroke"
							{...WEIGHTS[series.weight ?? "main"]}
						/>
					) : null,
				)}
			</svg>
		</svg>
	);
});

const percent = (share: number) => `${Math.round(share * 10_000) / 100}%`;
const place = (share: number) => Math.round(share * SIDE * 10) / 10;
const orNull = (y: (value: number) => number) => (value: number | null) => (value === null ? null : y(value));

/** A line with its gaps. A point between two gaps is a stroke of no length, which round ends make a dot. */
function linePath(xs: readonly number[], ys: readonly (number | null)[]): string {
	let path = "";
	for (const [index, y] of ys.entries()) {
		if (y === null) continue;
		const at = `${place(xs[index] ?? 0)} ${place(y)}`;
		const isFirst = index === 0 || ys[index - 1] === null;
		const isAlone = isFirst && (ys[index + 1] ?? null) === null;
		path += `${isFirst ? "M" : "L"}${at}${isAlone ? "h0.1" : ""}`;
	}
	return path;
}

/** The ground between two lines, where both are known. */
function bandPath(xs: readonly number[], upper: readonly (number | null)[], lower: readonly (number | null)[]): string {
	let path = "";
	let open: number[] = [];
	const close = () => {
		const edge = (ys: readonly (number | null)[]) => (n: number) => `${place(xs[n] ?? 0)} ${place(ys[n] ?? 0)}`;
		if (open.length > 1) path += `M${[...open.map(edge(upper)), ...open.toReversed().map(edge(lower))].join("L")}Z`;
		open = [];
	};
	for (const index of xs.keys()) {
		if ((upper[index] ?? null) === null || (lower[index] ?? null) === null) close();
		else open.push(index);
	}
	close();
	return path;
}
