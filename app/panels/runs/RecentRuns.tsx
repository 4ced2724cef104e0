import { memo, useCallback, useEffect, useRef, useState } from "react";
import { OVERVIEW_RUNS } from "#worker/domains/runs/overview";
import type { RunRow } from "#worker/wire/live";
import { Card } from "../../ui/Card.tsx";
import { ArrowUpIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { heldRows, isSameOrder, mayFlow, waitingRuns } from "./held-rows.ts";
import { NoSuchRuns } from "./NoRuns.tsx";
import { RunsTable } from "./RunsTable.tsx";
import { useRunFocus } from "./use-run-focus.ts";

/** The newest runs. New ones wait behind a pill unless they can flow in without moving anything under a pointer. */
export const RecentRuns = memo(function RecentRuns({ runs, staleFor }: { runs: RunRow[]; staleFor: string | null }) {
	const [shown, setShown] = useState(runs);
	const panel = useRef<HTMLDivElement>(null);
	const lastTouchAt = useRef(0);
	const news = waitingRuns(shown, runs);
	const waiting = news.length;
	const focusRun = useRunFocus(panel);

	const settle = useCallback(() => {
		const canFlow =
			isSameOrder(shown, runs) || shown.length === 0 || (panel.current !== null && mayFlow(panel.current, lastTouchAt.current));
		setShown((rows) => (canFlow ? runs : heldRows(rows, runs)));
	}, [shown, runs]);

	// Frames come from outside React, and whether rows may flow is the document's to say: hence an effect and not a calculation,
	// run for news only and not for the rows that just moved.
	useEffect(settle, [runs]);

	return (
		<div
			ref={panel}
			onPointerLeave={settle}
			onTouchStart={() => {
				lastTouchAt.current = Date.now();
			}}
		>
			<Card
				title="Recent runs"
				note="newest first"
				aside={
					<>
						{staleFor !== null && <StaleBadge age={staleFor} />}
						{waiting > 0 && (
							<button
								type="button"
								onClick={(event) => {
									setShown(runs);
									focusRun(event, news[0]?.id ?? null);
								}}
								className="target inline-flex h-6 items-center gap-1 rounded-badge bg-acc-bg px-2 text-sec font-medium text-acc"
							>
								<ArrowUpIcon className="size-3" />
								{waiting}
								{waiting === OVERVIEW_RUNS ? "+" : ""} new {waiting === 1 ? "run" : "runs"}
							</button>
						)}
					</>
				}
			>
				{shown.length === 0 ? <NoSuchRuns /> : <RunsTable runs={heldRows(shown, runs)} />}
			</Card>
		</div>
	);
});
