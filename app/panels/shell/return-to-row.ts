import { useLocation, useNavigationType } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { readFilters } from "../../format/view.ts";

type Place = { pathname: string; search: string };

/** The run an address shows: on its own page or beside a list. */
export function runShownAt({ pathname, search }: Place): string | null {
	const [, id] = /^\/t\/[^/]+\/runs\/([^/]+)$/.exec(pathname) ?? [];
	if (id === undefined) return readFilters(new URLSearchParams(search)).panel?.id ?? null;
	try {
		return decodeURIComponent(id);
	} catch {
		// Someone typed a stray percent sign; such a run there is not.
		return null;
	}
}

/** Back from a run, the focus is on the row that led there: the row is found by its run, as the list may have been drawn anew. */
export function useReturnToRow(): void {
	const { pathname, search } = useLocation();
	const wentBack = useNavigationType() === "POP";
	const before = useRef<Place | null>(null);
	useEffect(() => {
		const left = before.current;
		before.current = { pathname, search };
		const run = left && runShownAt(left);
		if (!left || run === null || run === runShownAt({ pathname, search })) return;
		// Whoever put the focus somewhere wants it there.
		if (document.activeElement !== document.body || !(wentBack || left.pathname === pathname)) return;
		const links = document.querySelectorAll<HTMLElement>(`[data-run="${CSS.escape(run)}"] a[data-row-link]`);
		[...links].find((link) => link.checkVisibility())?.focus({ preventScroll: true });
	}, [pathname, search, wentBack]);
}
