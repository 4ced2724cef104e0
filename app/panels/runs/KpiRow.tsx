import { Link, useLocation, useParams } from "@remix-run/react";
import { memo } from "react";
import { carriedSearch, searchWith } from "../../format/view.ts";
import { ChangingText } from "../../ui/ChangingText.tsx";
import { Difference } from "../../ui/Delta.tsx";
import { ChevronRightIcon } from "../../ui/icons.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import type { Freshness } from "../shell/live-words.ts";
import type { Figure } from "./figures.ts";

/** The four headline figures, two by two on a phone. */
export const KpiRow = memo(function KpiRow({ figures, freshness }: { figures: Figure[]; freshness: Freshness }) {
	return (
		<section aria-label="Key figures" className="grid grid-cols-2 gap-2.5 sm:gap-3.5 xl:grid-cols-4">
			{figures.map((figure) => (
				<Kpi key={figure.name} figure={figure} freshness={freshness} />
			))}
		</section>
	);
});

function Kpi({ figure, freshness }: { figure: Figure; freshness: Freshness }) {
	const { name, value, unit, delta, noDelta, how, points, minSpan, tone, search } = figure;
	const { team } = useParams();
	const carried = new URLSearchParams(carriedSearch(new URLSearchParams(useLocation().search)));
	// Values nobody has confirmed for minutes are history: they step back behind a dash.
	const isHistory = freshness === "history" && value !== null;
	const isKnown = value !== null && !isHistory;
	return (
		<div className="relative min-w-0 rounded-card border border-line bg-s1 px-3 py-1.5 hover:border-line2 sm:px-3.5 sm:py-3">
			<h2 className="flex h-[1lh] items-center text-sec font-medium text-t2 sm:text-body">
				<Link
					to={`/t/${team}/pipelines${searchWith(carried, search)}`}
					data-figure
					data-tip={`${how}.\nShow these runs`}
					className="absolute inset-0 flex items-start rounded-card px-3 py-1.5 sm:px-3.5 sm:py-3"
				>
					<span className="truncate">{name}</span>
				</Link>
				<ChevronRightIcon className="ml-auto size-3.5 text-t3 max-sm:hidden" />
			</h2>
			{/* Where a long value leaves no room, the course wraps out of sight instead of running into it. */}
			<div className="flex h-7 flex-wrap content-start justify-between gap-x-2 overflow-hidden sm:-mb-1.5 sm:h-9">
				<p className="flex items-baseline gap-1 text-big font-semibold tracking-[-0.025em] whitespace-nowrap">
					{isKnown ? <ChangingText text={value} /> : <span className="text-t3">—</span>}
					{isKnown && unit !== "" && <span className="text-body font-medium tracking-normal text-t3">{unit}</span>}
				</p>
				<div className="h-6.5 w-14 sm:h-9 sm:w-24 lg:w-28">
					<Sparkline points={points} minSpan={minSpan} tone={freshness === "fresh" ? tone : "stale"} label={courseInWords(figure)} />
				</div>
			</div>
			<p className="truncate text-sec text-t3 sm:mt-1">
				{isHistory ? (
					`last ${value}${unit === "" ? "" : `\u202f${unit}`}`
				) : delta ? (
					<Difference delta={delta} />
				) : value === null ? (
					"no finished runs yet"
				) : (
					noDelta
				)}
			</p>
		</div>
	);
}

function courseInWords({ name, points }: Figure): string {
	const known = points.filter((point) => point !== null);
	const first = known[0];
	const last = known.at(-1);
	if (first === undefined || last === undefined) return `${name}: no course yet`;
	return `${name}: ${last > first ? "rising" : last < first ? "falling" : "level"} over the range`;
}
