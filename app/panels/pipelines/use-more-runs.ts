import { useCallback, useEffect, useRef, useState } from "react";
import type { RunSort } from "#worker/domains/runs/pipelines";
import type { LiveMessage, RunRow } from "#worker/wire/live";
import { followingRows, withNews } from "./run-list.ts";

/** A further page of a list, as `/t/:team/pipelines/runs` answers it. */
export type RunsPage = { runs: RunRow[]; nextCursor: string | null };

/** What has been appended below the first page. `cursor` is undefined as long as nothing has. */
type Appended = { key: string; first: readonly RunRow[]; more: readonly RunRow[]; cursor: string | null | undefined };

/** The longest list of this visit, so that Back finds it as it was. In this browser's memory only. */
let kept: Appended | null = null;

type Args = { first: readonly RunRow[]; nextCursor: string | null; sort: RunSort; listKey: string; addressOf: (cursor: string) => string };
type MoreRuns = {
	more: readonly RunRow[];
	/** Where the list goes on; null at its end. */
	cursor: string | null;
	state: "idle" | "loading" | "failed";
	load: () => void;
	/** To be called with each frame the page folds. */
	hear: (message: LiveMessage) => void;
};

/** The pages appended to a list whose first page is live. */
export function useMoreRuns({ first, nextCursor, sort, listKey, addressOf }: Args): MoreRuns {
	const begin = (): Appended => moved(kept?.key === listKey ? kept : { key: listKey, first, more: [], cursor: undefined }, first, sort);
	const [appended, setAppended] = useState(begin);
	const [state, setState] = useState<MoreRuns["state"]>("idle");
	let current = appended;
	if (current.key !== listKey) current = begin();
	else if (current.first !== first) current = moved(current, first, sort);
	if (current !== appended) setAppended(current);
	useEffect(() => {
		kept = current;
	}, [current]);

	const newest = useRef({ listKey, first });
	newest.current = { listKey, first };
	const cursor = current.cursor === undefined ? nextCursor : current.cursor;
	const load = async () => {
		if (state === "loading" || cursor === null) return;
		setState("loading");
		const page = await fetchPage(addressOf(cursor));
		// Another list is on screen by now: its own state begins anew.
		if (newest.current.listKey !== listKey) return setState("idle");
		setState(page === null ? "failed" : "idle");
		if (page === null) return;
		setAppended((now) => {
			// The first page may have moved on since it was asked what comes after it.
			const more = followingRows([...now.more, ...page.runs], {
				before: now.cursor === undefined ? first : now.first,
				now: now.first,
				sort,
			});
			return { ...now, more: more ?? [], cursor: more === null ? undefined : page.nextCursor };
		});
	};
	const hear = useCallback((message: LiveMessage) => {
		setAppended((now) => {
			const more = withNews(now.more, message);
			return more === now.more ? now : { ...now, more };
		});
	}, []);
	return { more: current.more, cursor, state, load, hear };
}

function moved(appended: Appended, first: readonly RunRow[], sort: RunSort): Appended {
	if (appended.cursor === undefined || appended.first === first) return { ...appended, first };
	const more = followingRows(appended.more, { before: appended.first, now: first, sort });
	return more === null ? { ...appended, first, more: [], cursor: undefined } : { ...appended, first, more };
}

/** By hand and not by a loader: a page of a list that fails must not take the list away. */
async function fetchPage(address: string): Promise<RunsPage | null> {
	try {
		const answer = await fetch(address, { headers: { accept: "application/json" } });
		return answer.ok && !answer.redirected ? ((await answer.json()) as RunsPage) : null;
	} catch {
		return null;
	}
}
