import type { StepReport } from "#worker/domains/runs/report";
import { formatDuration } from "../../format/duration.ts";
import { formatPercent } from "../../format/number.ts";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { RingTickIcon } from "../../ui/icons.tsx";

const HEAD = "h-8 px-3.5 text-left text-sec font-medium text-t3";
const CELL = "h-9 px-3.5 py-1";

type Props = { title: string; steps: readonly StepReport[]; by: "duration" | "failures" };

/** Steps of a workflow over its last runs: the slowest, or those that fail most. */
export function StepsTable({ title, steps, by }: Props) {
	return (
		<Card title={title} note="last 50 runs">
			{steps.length === 0 ? (
				<Empty
					title={by === "failures" ? "No step failed" : "No step has told its times yet"}
					{...(by === "failures" ? { Icon: RingTickIcon } : {})}
				/>
			) : (
				<table className="w-full table-fixed border-collapse">
					<thead className="border-b border-line">
						<tr>
							<th scope="col" className={HEAD}>
								Step
							</th>
							{by === "failures" && (
								<th scope="col" className={`${HEAD} w-32 text-right`}>
									Failed
								</th>
							)}
							{by === "duration" && (
								<>
									<th scope="col" className={`${HEAD} w-22 text-right`}>
										p50
									</th>
									<th scope="col" className={`${HEAD} w-22 text-right`}>
										p95
									</th>
								</>
							)}
						</tr>
					</thead>
					<tbody>
						{steps.map(({ job, step, n, failures, p50Ms, p95Ms }) => (
							<tr key={`${job}\n${step}`} className="border-line not-last:border-b">
								<th scope="row" title={`${step}, ${job}`} className={`${CELL} truncate text-left font-normal`}>
									{step}
									{step !== job && <span className="ml-2 text-sec text-t3">{job}</span>}
								</th>
								{by === "failures" && (
									<td className={`${CELL} text-right whitespace-nowrap`}>
										{failures} of {n} <span className="text-t3">({formatPercent(failures / n)})</span>
									</td>
								)}
								{by === "duration" && (
									<>
										<td className={`${CELL} text-right whitespace-nowrap`}>{p50Ms === null ? "—" : formatDuration(p50Ms)}</td>
										<td className={`${CELL} text-right whitespace-nowrap text-t2`}>{p95Ms === null ? "—" : formatDuration(p95Ms)}</td>
									</>
								)}
							</tr>
						))}
					</tbody>
				</table>
			)}
		</Card>
	);
}
