import { useBlocker } from "@remix-run/react";
import { useEffect } from "react";
import { arePagesHere, atRest, fetchPages } from "../../live/pages-ahead.ts";
import { useLiveLink, useLiveStatus } from "../../live/use-live.ts";
import { isCutOff } from "./live-words.ts";

/**
 * Keeps the document while a page's code cannot be fetched: going there waits, and goes on by itself when the connection is back.
 * @returns whether a page is waited for
 */
export function useHeldPage(): boolean {
	const link = useLiveLink();
	const { phase } = useLiveStatus();
	const blocker = useBlocker(({ currentLocation, nextLocation }) => {
		const isAway = !navigator.onLine || isCutOff(link.status().phase);
		return isAway && !arePagesHere() && currentLocation.pathname !== nextLocation.pathname;
	});

	useEffect(
		() =>
			atRest(() => {
				// Whoever goes somewhere before they are here fetches what is needed, or is told that it cannot be had.
				if (navigator.onLine) fetchPages().catch(() => {});
			}),
		[],
	);

	// Every change of the connection is a reason to try anew: only the live link may be away, and pages not.
	useEffect(() => {
		if (blocker.state !== "blocked") return;
		let isOver = false;
		fetchPages().then(
			() => {
				if (!isOver) blocker.proceed();
			},
			() => {
				// The banner says that the page waits.
			},
		);
		return () => {
			isOver = true;
		};
	}, [blocker, phase]);

	return blocker.state === "blocked";
}
