import { lazy, Suspense } from "react";
import type { RunRow } from "#worker/wire/live";
import { RunsTable } from "../runs/RunsTable.tsx";

/** Below this a browser draws all rows without effort, and can find text in them. */
const DRAWN_WHOLE = 200;

const WindowedRuns = lazy(() => import("./WindowedRuns.tsx"));

/** The rows of the list, all of them while they are few, those in sight when they are many. */
export function RunRows({ runs }: { runs: RunRow[] }) {
	const whole = <RunsTable runs={runs} />;
	return (
		// The header stays under the top bar while its rows scroll; lines of a sticky header do not come along, shadows do.
		<div className="sm:[&_thead]:sticky sm:[&_thead]:top-13 sm:[&_thead]:z-10 sm:[&_thead]:bg-s1 sm:[&_thead]:shadow-[inset_0_-1px_var(--line)]">
			{runs.length <= DRAWN_WHOLE ? (
				whole
			) : (
				<Suspense fallback={whole}>
					<WindowedRuns runs={runs} />
				</Suspense>
			)}
		</div>
	);
}
