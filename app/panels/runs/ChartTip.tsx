import { useLayoutEffect, useRef } from "react";
import { bucketWords } from "../../format/chart-time.ts";
import { formatAbout, formatDuration } from "../../format/duration.ts";
import { formatCount } from "../../format/number.ts";
import type { Grouping } from "../../format/view.ts";
import { tipLeft } from "../../ui/chart-model.ts";
import { useNow, useZone } from "../../ui/clock.tsx";
import { type BucketFigures, STEP_MS } from "./run-courses.ts";

type Props = { figures: BucketFigures; groupBy: Grouping; left: number; isTouch: boolean };

/** What both charts say about the bucket under the crosshair. Beside it, and above the charts where a finger would cover it. */
export default function ChartTip({ figures, groupBy, left, isTouch }: Props) {
	const clock = { now: useNow(), zone: useZone() };
	const tip = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		const { current } = tip;
		const box = current?.offsetParent;
		if (!current || !box) return;
		const x = isTouch ? (box.clientWidth - current.offsetWidth) / 2 : tipLeft({ at: left, tip: current.offsetWidth, box: box.clientWidth });
		current.style.transform = `translateX(${Math.round(x)}px)`;
	});
	return (
		<div
			ref={tip}
			aria-hidden="true"
			data-chart-tip
			className={`no-print pointer-events-none absolute left-0 z-30 w-max max-w-full rounded-card border border-line2 bg-s3 px-3 py-2 text-sec shadow-float ${isTouch ? "bottom-full mb-1" : "top-1"}`}
		>
			<p className="font-semibold whitespace-nowrap">{bucketWords({ from: figures.at, to: figures.at + STEP_MS[groupBy] }, clock)}</p>
			<dl className={`mt-1 grid items-baseline gap-x-5 ${isTouch ? "grid-cols-[auto_auto_auto_auto]" : "grid-cols-[1fr_auto]"}`}>
				{rowsOf(figures).map(({ word, value, ink }) => (
					<div key={word} className="contents">
						<dt className="text-t2">{word}</dt>
						<dd className={`text-right font-medium ${ink}`}>{value}</dd>
					</div>
				))}
			</dl>
		</div>
	);
}

function rowsOf({ failed, passed, cancelled, averageMs, p50Ms, p95Ms, timed }: BucketFigures) {
	const duration = (ms: number | null) => (ms === null ? "—" : formatDuration(ms));
	const about = (ms: number | null) => (ms === null ? "—" : formatAbout(ms, timed));
	return [
		{ word: "Failed", value: formatCount(failed), ink: failed > 0 ? "text-bad" : "" },
		{ word: "Passed", value: formatCount(passed), ink: "" },
		{ word: "Cancelled", value: formatCount(cancelled), ink: "" },
		{ word: "Avg duration", value: duration(averageMs), ink: "" },
		{ word: "p50", value: about(p50Ms), ink: "" },
		{ word: "p95", value: about(p95Ms), ink: "" },
	];
}
