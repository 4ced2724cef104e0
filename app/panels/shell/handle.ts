import { useMatches } from "@remix-run/react";

export type FilterName = "repo" | "wf" | "range";

/** What a page tells the frame about itself, as its route's `handle`. */
export type PageHandle = {
	/** The global filters the page heeds; the others are shown struck through. Without a word it heeds all. */
	filters?: readonly FilterName[];
	/** Whether the page can be filtered by `status`, so that F shows failed runs only. */
	statuses?: boolean;
};

/** The handle of the page that is open. */
export function usePageHandle(): PageHandle {
	const handle = useMatches().findLast((match) => typeof match.handle === "object" && match.handle !== null)?.handle;
	return (handle ?? {}) as PageHandle;
}
