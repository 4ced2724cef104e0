import { useLocation, useNavigate, useParams } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Overview, OverviewView } from "#worker/domains/runs/overview";
import { HOUR_MS } from "#worker/domains/runs/tally";
import { carriedSearch, RANGES, searchForRange, searchWith } from "../../format/view.ts";

type Stretch = { from: number; to: number };

/** Where the charts lead: into a stretch of time, out of it again, and to the runs of a bucket. */
export function useChartWays(): {
	zoomIn: (stretch: Stretch) => void;
	outTo: string;
	zoomOut: () => void;
	pick: (stretch: Stretch, status: string | null) => void;
} {
	const { search, state } = useLocation();
	const { team } = useParams();
	const navigate = useNavigate();
	// Where this zoom began; an address that came by mail has nowhere to go back to but the default.
	const from = typeof state === "object" && state !== null && "zoomedFrom" in state ? state.zoomedFrom : null;
	const outTo = typeof from === "string" ? from : searchForRange(new URLSearchParams(search), RANGES[0]);
	const zoomIn = useCallback(
		(stretch: Stretch) => {
			// A shorter stretch finds its own grouping: a day asked for by day would be a single bar.
			const ungrouped = new URLSearchParams(searchWith(new URLSearchParams(search), { grp: null }));
			const to = { search: searchForRange(ungrouped, { ...stretch, label: "Custom" }) };
			navigate(to, { preventScrollReset: true, state: { zoomedFrom: search } });
		},
		[navigate, search],
	);
	const zoomOut = useCallback(() => {
		if (new URLSearchParams(search).has("to")) navigate({ search: outTo }, { preventScrollReset: true });
	}, [navigate, search, outTo]);
	const pick = useCallback(
		(stretch: Stretch, status: string | null) => {
			const bucket = searchForRange(new URLSearchParams(carriedSearch(new URLSearchParams(search))), { ...stretch, label: "Custom" });
			navigate(`/t/${team}/pipelines${searchWith(new URLSearchParams(bucket), { status })}`);
		},
		[navigate, search, team],
	);
	return { zoomIn, outTo, zoomOut, pick };
}

/** The buckets of a view, standing still while someone points at them; another view replaces them at once. */
export function useHeldBuckets({ buckets, view }: Pick<Overview, "buckets" | "view">, isPointed: boolean): Overview["buckets"] {
	const [held, setHeld] = useState({ buckets, view });
	const stands = isPointed && isSameView(held.view, view);
	useEffect(() => {
		if (!stands) setHeld({ buckets, view });
	}, [buckets, view, stands]);
	return stands ? held.buckets : buckets;
}

/** Whether two views show the same; one that moves on with the clock stays the same. */
function isSameView(a: OverviewView, b: OverviewView): boolean {
	const rest = ({ from: _from, ...view }: OverviewView) => JSON.stringify(view);
	return rest(a) === rest(b) && (a.to === null ? Math.abs(a.from - b.from) <= 2 * HOUR_MS : a.from === b.from);
}

/** One sentence for a live region, spoken when a key has rested for a moment. */
export function useSpoken(): [string, (sentence: string) => void] {
	const [spoken, setSpoken] = useState("");
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	useEffect(() => () => clearTimeout(timer.current), []);
	const speak = useCallback((sentence: string) => {
		clearTimeout(timer.current);
		timer.current = setTimeout(() => setSpoken(sentence), 150);
	}, []);
	return [spoken, speak];
}
