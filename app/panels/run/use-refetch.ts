import { useRevalidator } from "@remix-run/react";
import { useCallback, useEffect, useRef } from "react";

/** Ask for page data again, but not sooner than so long after the last time: at once, or as soon as that has passed. */
export function useRefetch(): (apartMs: number) => void {
	const { revalidate } = useRevalidator();
	const newest = useRef(revalidate);
	newest.current = revalidate;
	const askedAt = useRef(0);
	const due = useRef<{ at: number; timer: ReturnType<typeof setTimeout> } | null>(null);
	useEffect(() => () => clearTimeout(due.current?.timer), []);
	return useCallback((apartMs: number) => {
		const at = Math.max(Date.now(), askedAt.current + apartMs);
		// One that comes sooner serves this one too.
		if (due.current !== null && due.current.at <= at) return;
		clearTimeout(due.current?.timer);
		const ask = () => {
			due.current = null;
			askedAt.current = Date.now();
			newest.current();
		};
		due.current = { at, timer: setTimeout(ask, at - Date.now()) };
	}, []);
}
