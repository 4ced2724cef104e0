import { Link, useLocation } from "@remix-run/react";
import { lazy, memo, Suspense, useId, useMemo, useState } from "react";
import type { Overview } from "#worker/domains/runs/overview";
import { groupByOf, groupingsFor, rangeOf, searchWith } from "../../format/view.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Chart } from "../../ui/Chart.tsx";
import { zoomOf } from "../../ui/chart-model.ts";
import { useNow, useZone } from "../../ui/clock.tsx";
import { ChartIcon, PauseIcon, TableIcon } from "../../ui/icons.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { ChartLegend } from "./ChartLegend.tsx";
import {
	bucketSentence,
	changedPoints,
	durationModel,
	durationSentence,
	figuresOfBucket,
	legendTotals,
	pointsAfter,
	runsModel,
	runsSentence,
	STEP_MS,
} from "./run-courses.ts";
import { useChartWays, useHeldBuckets, useSpoken } from "./use-charts.ts";

// Only for those who point at the charts or ask for the table.
const BucketTable = lazy(() => import("./BucketTable.tsx"));
const ChartTip = lazy(() => import("./ChartTip.tsx"));

const GROUPING_WORDS = { hour: "Hour", day: "Day", week: "Week" };
const NOTHING: ReadonlySet<string> = new Set();
const TITLE = "text-body font-semibold max-sm:hidden";

type Cursor = { index: number; left: number; isTouch: boolean };

/** Runs over durations, with one crosshair. On a phone one of the two at a time. */
export const RunCharts = memo(function RunCharts({ overview, staleFor }: { overview: Overview; staleFor: string | null }) {
	const { groupBy } = overview.view;
	const clock = { now: useNow(), zone: useZone() };
	const [cursor, setCursor] = useState<Cursor | null>(null);
	const [isTable, setTable] = useState(false);
	const [hiddenRuns, setHiddenRuns] = useState(NOTHING);
	const [hiddenDurations, setHiddenDurations] = useState(NOTHING);
	const [spoken, speak] = useSpoken();
	const syncKey = useId();
	const ways = useChartWays();

	const buckets = useHeldBuckets(overview, cursor !== null);
	const figures = useMemo(() => buckets.map(figuresOfBucket), [buckets]);
	const runs = useMemo(() => runsModel(figures, groupBy), [figures, groupBy]);
	const durations = useMemo(() => durationModel(figures, groupBy), [figures, groupBy]);
	const pointed = cursor === null ? undefined : figures[cursor.index];
	const stretchOf = (index: number) => {
		const from = figures[index]?.at ?? 0;
		return { from, to: from + STEP_MS[groupBy] };
	};
	const shared = {
		syncKey,
		onCursor: setCursor,
		onZoom: (drawn: { from: number; to: number }) => {
			const stretch = zoomOf(runs, drawn);
			if (stretch) ways.zoomIn(stretch);
		},
		onPick: (index: number, series: string | null) => ways.pick(stretchOf(index), series === "failed" ? "failure" : null),
		onReset: ways.zoomOut,
		onAnnounce: (index: number) => {
			const at = figures[index];
			if (at) speak(bucketSentence(at, groupBy, clock));
		},
	};

	return (
		<section
			aria-label="Runs and durations"
			className="group/charts flex min-w-0 flex-col rounded-card border border-line bg-s1 px-3.5 pb-2"
		>
			<header className="flex min-h-11 flex-wrap items-center gap-x-2 py-1.5">
				<ChartSwitch />
				<h2 className={TITLE}>Runs</h2>
				<div className="max-sm:hidden">
					<ChartLegend series={runs.series} hidden={hiddenRuns} onHidden={setHiddenRuns} totals={legendTotals(buckets)} />
				</div>
				<div className="ml-auto flex items-center gap-2">
					{staleFor !== null && <StaleBadge age={staleFor} />}
					<PausedChip overview={overview} waiting={cursor === null ? 0 : changedPoints(buckets, overview.buckets)} outTo={ways.outTo} />
					<IconButton
						name={isTable ? "View as charts" : "View as table"}
						aria-pressed={isTable}
						onClick={() => setTable(!isTable)}
						className="needs-script no-print"
					>
						{isTable ? <ChartIcon /> : <TableIcon />}
					</IconButton>
					<GroupingChoice />
				</div>
			</header>
			<div className="relative flex flex-1 flex-col">
				{isTable && (
					<div className="absolute inset-0 z-10 bg-s1">
						<Suspense fallback={null}>
							<BucketTable figures={figures} groupBy={groupBy} />
						</Suspense>
					</div>
				)}
				<div
					className={`flex flex-1 flex-col max-sm:group-has-[input[value=duration]:checked]/charts:hidden ${isTable ? "invisible" : ""}`}
				>
					<div className="sm:hidden">
						<ChartLegend series={runs.series} hidden={hiddenRuns} onHidden={setHiddenRuns} totals={legendTotals(buckets)} />
					</div>
					<Chart
						{...shared}
						model={runs}
						hidden={hiddenRuns}
						label={runsSentence({ buckets, groupBy }, clock)}
						className="min-h-50 flex-1"
					/>
				</div>
				<div className={`flex flex-1 flex-col max-sm:group-has-[input[value=runs]:checked]/charts:hidden ${isTable ? "invisible" : ""}`}>
					<div className="flex min-h-9 flex-wrap items-center gap-x-2">
						<h2 className={TITLE}>Duration</h2>
						<ChartLegend series={durations.series} hidden={hiddenDurations} onHidden={setHiddenDurations} />
					</div>
					<Chart
						{...shared}
						model={durations}
						hidden={hiddenDurations}
						label={durationSentence({ buckets, groupBy })}
						className="h-50 sm:h-auto sm:min-h-40 sm:flex-1"
					/>
				</div>
				{pointed && cursor && !isTable && (
					<Suspense fallback={null}>
						<ChartTip figures={pointed} groupBy={groupBy} left={cursor.left} isTouch={cursor.isTouch} />
					</Suspense>
				)}
			</div>
			<p aria-live="polite" className="sr-only">
				{spoken}
			</p>
		</section>
	);
});

/** Which of the two a phone shows. Inputs and no state, so that it works without scripts. */
function ChartSwitch() {
	const name = useId();
	return (
		<fieldset className="flex rounded-ctl border border-line2 bg-s1 p-px sm:hidden print:hidden">
			<legend className="sr-only">Chart</legend>
			{["runs", "duration"].map((value, index) => (
				<label
					key={value}
					className="target inline-flex h-6.5 items-center justify-center rounded-badge px-2.5 text-sec font-medium text-t2 capitalize has-checked:bg-on has-checked:text-t1 has-focus-visible:outline-2 has-focus-visible:outline-acc"
				>
					<input type="radio" name={name} value={value} defaultChecked={index === 0} className="sr-only" />
					{value}
				</label>
			))}
		</fieldset>
	);
}

function GroupingChoice() {
	const asked = new URLSearchParams(useLocation().search);
	const now = useNow();
	const current = groupByOf(asked, now);
	const byDefault = groupByOf(new URLSearchParams(searchWith(asked, { grp: null })), now);
	const choices = groupingsFor(rangeOf(asked), now).map((key) => ({
		key,
		label: GROUPING_WORDS[key],
		to: { search: searchWith(asked, { grp: key === byDefault ? null : key }) },
		isOn: key === current,
	}));
	return <Segments name="Group by" choices={choices} />;
}

/** Says that the charts stand still, and what that holds back. From a range that has ended it leads back to now. */
function PausedChip({ overview, waiting, outTo }: { overview: Overview; waiting: number; outTo: string }) {
	const isEnded = overview.view.to !== null;
	const held = isEnded ? pointsAfter(overview) : waiting;
	if (held === 0 && !isEnded) return null;
	const words = held === 0 ? "Paused" : `Paused · ${held} new ${held === 1 ? "point" : "points"}`;
	const look = "inline-flex h-5 items-center gap-1 rounded-badge bg-idle-bg px-1.5 text-sec font-medium whitespace-nowrap text-idle";
	const content = (
		<>
			<PauseIcon className="size-3" />
			{words}
		</>
	);
	if (!isEnded) return <span className={look}>{content}</span>;
	return (
		<Link
			to={{ search: outTo }}
			preventScrollReset
			title="Back to the range before"
			className={`target justify-center hover:text-t1 ${look}`}
		>
			{content}
		</Link>
	);
}
