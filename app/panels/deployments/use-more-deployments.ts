import { useEffect, useRef, useState } from "react";
import type { DeploymentRow } from "#worker/wire/deployments";
import type { LiveMessage } from "#worker/wire/live";
import { useLiveLink } from "../../live/use-live.ts";
import { byNewest } from "./deployments-page.ts";

/** A further page of the list, as `/t/:team/deployments/rows` answers it. */
export type DeploymentRowsPage = { rows: DeploymentRow[]; nextCursor: string | null };

type Appended = { key: string; first: readonly DeploymentRow[]; rows: DeploymentRow[]; cursor: string | null | undefined };
type Args = { first: readonly DeploymentRow[]; nextCursor: string | null; listKey: string; address: (cursor: string) => string };

/** The longest list of this visit, so that Back finds it as it was. In this browser's memory only. */
let kept: Appended | null = null;

/** The pages appended to a list whose first page is live. They are past, so frames only change their rows. */
export function useMoreDeployments({ first, nextCursor, listKey, address }: Args) {
	const link = useLiveLink();
	const begin = (): Appended => moved(kept?.key === listKey ? kept : { key: listKey, first, rows: [], cursor: undefined }, first);
	const [appended, setAppended] = useState(begin);
	const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
	let current = appended;
	if (current.key !== listKey) current = begin();
	else if (current.first !== first) current = moved(current, first);
	if (current !== appended) setAppended(current);
	useEffect(() => {
		kept = current;
	}, [current]);
	useEffect(() => link.hear((message) => setAppended((now) => withNews(now, message))), [link]);
	const newest = useRef(listKey);
	newest.current = listKey;
	const cursor = current.cursor === undefined ? nextCursor : current.cursor;
	const load = async () => {
		if (state === "loading" || cursor === null) return;
		setState("loading");
		const page = await fetchPage(address(cursor));
		if (newest.current !== listKey) return setState("idle");
		setState(page === null ? "failed" : "idle");
		if (page) setAppended((now) => ({ ...now, rows: [...now.rows, ...page.rows], cursor: page.nextCursor }));
	};
	return { rows: current.rows, cursor, state, load };
}

/** What newer rows pushed off the end of the first page comes next, or the list would have a gap there. */
function moved(appended: Appended, first: readonly DeploymentRow[]): Appended {
	if (appended.cursor === undefined || appended.first === first) return { ...appended, first };
	const end = first.at(-1);
	const ids = new Set([...first, ...appended.rows].map(({ id }) => id));
	const pushedOff = appended.first.filter((row) => !ids.has(row.id) && end !== undefined && byNewest(row, end) > 0);
	return { ...appended, first, rows: [...pushedOff, ...appended.rows] };
}

function withNews(appended: Appended, message: LiveMessage): Appended {
	const told = message.type === "change" ? (message.deployments ?? []) : [];
	if (!appended.rows.some(({ id }) => told.some((row) => row.id === id))) return appended;
	return { ...appended, rows: appended.rows.map((row) => told.find(({ id }) => id === row.id) ?? row) };
}

/** By hand and not by a loader: a page of a list that fails must not take the list away. */
async function fetchPage(address: string): Promise<DeploymentRowsPage | null> {
	try {
		const answer = await fetch(address, { headers: { accept: "application/json" } });
		return answer.ok && !answer.redirected ? ((await answer.json()) as DeploymentRowsPage) : null;
	} catch {
		return null;
	}
}
