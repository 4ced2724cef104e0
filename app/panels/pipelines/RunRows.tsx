import { lazy, Suspense } from "react";
import type { RunRow } from "#worker/wire/live";
import type { Sort } from "../../format/view.ts";
import { RunsTable } from "../runs/RunsTable.tsx";

/** Below this a browser draws all rows without effort, and can find text in them. */
const DRAWN_WHOLE = 200;

const WindowedRuns = lazy(() => import("./WindowedRuns.tsx"));

/** The rows of the list, all of them while they are few, those in sight when they are many. */
export function RunRows({ runs, sort }: { runs: RunRow[]; sort: Sort }) {
	const whole = <RunsTable runs={runs} sort={sort} isHeadSticky />;
	if (runs.length <= DRAWN_WHOLE) return whole;
	return (
		<Suspense fallback={whole}>
			<WindowedRuns runs={runs} sort={sort} />
		</Suspense>
	);
}
