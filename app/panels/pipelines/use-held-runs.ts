import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { RunRow } from "#worker/wire/live";
import { heldRows, isSameOrder, mayFlow, waitingRuns } from "../runs/held-rows.ts";

type HeldRuns = {
	/** The rows as they stand, with the newest truth. */
	rows: RunRow[];
	/** The new ones that wait. */
	waiting: RunRow[];
	/** Let them in. */
	show: () => void;
	onPointerLeave: () => void;
	onTouchStart: () => void;
};

/** Rows that let new ones in by themselves only where that moves nothing under anyone. Another list (`listKey`) is taken as it is. */
export function useHeldRuns(panel: RefObject<HTMLElement>, runs: RunRow[], listKey: string): HeldRuns {
	const [shown, setShown] = useState({ listKey, rows: runs });
	const lastTouchAt = useRef(0);
	let { rows } = shown;
	if (shown.listKey !== listKey) {
		rows = runs;
		setShown({ listKey, rows });
	}

	const settle = useCallback(() => {
		setShown((now) => {
			const canFlow =
				now.listKey !== listKey ||
				now.rows.length === 0 ||
				isSameOrder(now.rows, runs) ||
				(panel.current !== null && mayFlow(panel.current, lastTouchAt.current));
			return { listKey, rows: canFlow ? runs : heldRows(now.rows, runs) };
		});
	}, [panel, runs, listKey]);

	// Frames come from outside React, and whether rows may flow is the document's to say: hence an effect, run for news.
	useEffect(settle, [settle]);

	return {
		rows: heldRows(rows, runs),
		waiting: waitingRuns(rows, runs),
		show: () => setShown({ listKey, rows: runs }),
		onPointerLeave: settle,
		onTouchStart: () => {
			lastTouchAt.current = Date.now();
		},
	};
}
