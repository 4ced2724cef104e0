import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { DeploymentRow } from "#worker/wire/deployments";
import { mayFlow } from "../runs/held-rows.ts";

type Held = {
	/** The rows as they stand, with the newest truth. */
	rows: DeploymentRow[];
	/** The new ones that wait. */
	waiting: DeploymentRow[];
	/** Let them in. */
	show: () => void;
	onPointerLeave: () => void;
	onTouchStart: () => void;
};

/** Rows that let new ones in by themselves only where that moves nothing under anyone. Another list (`listKey`) is taken as it is. */
export function useHeldDeployments(panel: RefObject<HTMLElement>, rows: readonly DeploymentRow[], listKey: string): Held {
	const [shown, setShown] = useState({ listKey, ids: rows.map(({ id }) => id) });
	const lastTouchAt = useRef(0);
	let { ids } = shown;
	if (shown.listKey !== listKey) {
		ids = rows.map(({ id }) => id);
		setShown({ listKey, ids });
	}
	const settle = useCallback(() => {
		setShown((now) => {
			const newest = rows.map(({ id }) => id);
			const isSame = now.ids.length === newest.length && now.ids.every((id, index) => newest[index] === id);
			const canFlow = now.ids.length === 0 || (panel.current !== null && mayFlow(panel.current, lastTouchAt.current));
			return isSame || !canFlow ? now : { ...now, ids: newest };
		});
	}, [panel, rows]);
	// Frames come from outside React, and whether rows may flow is the document's to say: hence an effect, run for news.
	useEffect(settle, [settle]);
	const known = new Map(rows.map((row) => [row.id, row]));
	const held = ids.flatMap((id) => known.get(id) ?? []);
	return {
		rows: held,
		waiting: rows.filter(({ id }) => !ids.includes(id)),
		show: () => setShown({ listKey, ids: rows.map(({ id }) => id) }),
		onPointerLeave: settle,
		onTouchStart: () => {
			lastTouchAt.current = Date.now();
		},
	};
}
