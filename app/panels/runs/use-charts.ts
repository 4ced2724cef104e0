import { useLocation, useNavigate, useParams } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
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

/** A value that stands still while someone works with it, and takes over the newest one when they are done. */
export function useHeld<T>(value: T, isHeld: boolean): T {
	const [held, setHeld] = useState(value);
	useEffect(() => {
		if (!isHeld) setHeld(value);
	}, [value, isHeld]);
	return isHeld ? held : value;
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
