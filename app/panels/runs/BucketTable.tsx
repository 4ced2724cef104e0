import { bucketWords } from "../../format/chart-time.ts";
import { formatAbout, formatDuration } from "../../format/duration.ts";
import { formatCount } from "../../format/number.ts";
import type { Grouping } from "../../format/view.ts";
import { useNow, useZone } from "../../ui/clock.tsx";
import { type BucketFigures, STEP_MS } from "./run-courses.ts";

const HEADS = ["Failed", "Passed", "Cancelled", "Average", "p50", "p95"];

/** The charts' figures as a table, newest first, in the room of the charts. */
export default function BucketTable({ figures, groupBy }: { figures: readonly BucketFigures[]; groupBy: Grouping }) {
	const clock = { now: useNow(), zone: useZone() };
	const duration = (ms: number | null) => (ms === null ? "—" : formatDuration(ms));
	const about = (ms: number | null, runs: number) => (ms === null ? "—" : formatAbout(ms, runs));
	return (
		<section
			aria-label="Runs and durations as a table"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
			tabIndex={0}
			className="h-full overflow-auto"
		>
			<table className="w-full border-collapse text-sec whitespace-nowrap">
				<thead className="sticky top-0 bg-s1 text-t3">
					<tr>
						<th scope="col" className="h-8 pr-4 text-left font-medium">
							Time
						</th>
						{HEADS.map((word) => (
							<th key={word} scope="col" className="h-8 pl-4 text-right font-medium">
								{word}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{figures.toReversed().map(({ at, failed, passed, cancelled, averageMs, p50Ms, p95Ms, timed }) => (
						<tr key={at} className="border-t border-line">
							<th scope="row" className="h-7 pr-4 text-left font-normal text-t2">
								{bucketWords({ from: at, to: at + STEP_MS[groupBy] }, clock)}
							</th>
							<td className={`pl-4 text-right ${failed > 0 ? "font-medium text-bad" : "text-t3"}`}>{formatCount(failed)}</td>
							{[formatCount(passed), formatCount(cancelled), duration(averageMs), about(p50Ms, timed), about(p95Ms, timed)].map(
								(text, index) => (
									<td key={HEADS[index + 1]} className="pl-4 text-right">
										{text}
									</td>
								),
							)}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
