// biome-ignore-all lint/a11y/noRedundantRoles: a row laid out as a grid, as on phones, loses the roles its elements had
import { Link, useLocation } from "@remix-run/react";
import { memo } from "react";
import { totalOf } from "#worker/domains/runs/tally";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import { formatCount } from "../../format/number.ts";
import { readFilters, searchWith } from "../../format/view.ts";
import { CloseIcon } from "../../ui/icons.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { Ticks } from "../../ui/Ticks.tsx";
import { useRunAddresses } from "../runs/run-addresses.ts";
import { DurationBars } from "./DurationBars.tsx";
import { durationCourse, durationsOf, lookOf, workflowKey } from "./workflow-words.ts";

const HEAD = "h-7 px-3.5 text-left text-sec font-medium text-t3";
const CELL = "sm:h-8.5 sm:px-3.5";

type Props = { workflows: readonly WorkflowSummary[]; isStale: boolean };

/** Workflows as a table; on a phone each is two lines: name and success, repository and the last ten. */
export const WorkflowsTable = memo(function WorkflowsTable({ workflows, isStale }: Props) {
	return (
		<table role="table" className="block w-full border-collapse pb-1 sm:table sm:table-fixed">
			<thead role="rowgroup" className="hidden border-b border-line sm:table-header-group">
				<tr role="row">
					<th scope="col" className={HEAD}>
						Workflow
					</th>
					<th scope="col" className={`${HEAD} w-24 xl:w-40`}>
						Success
					</th>
					<th scope="col" className={`${HEAD} hidden w-20 text-right md:table-cell`}>
						Runs
					</th>
					<th scope="col" className={`${HEAD} hidden w-24 text-right xl:table-cell`}>
						p50
					</th>
					<th scope="col" className={`${HEAD} hidden w-24 text-right lg:table-cell`}>
						p95
					</th>
					<th scope="col" className={`${HEAD} hidden w-40 min-[85rem]:table-cell`}>
						Duration
					</th>
					<th scope="col" className={`${HEAD} w-68`}>
						Last ten
					</th>
				</tr>
			</thead>
			<tbody role="rowgroup" className="block sm:table-row-group">
				{workflows.map((summary) => (
					<Row key={workflowKey(summary)} summary={summary} isStale={isStale} />
				))}
			</tbody>
		</table>
	);
});

function Row({ summary, isStale }: { summary: WorkflowSummary; isStale: boolean }) {
	const { repo, workflow, tally, course, last } = summary;
	const asked = new URLSearchParams(useLocation().search);
	const { panelOf } = useRunAddresses();
	const { repos, workflows } = readFilters(asked);
	const isOnly = repos.length === 1 && repos[0] === repo && workflows.length === 1 && workflows[0] === workflow;
	const { p50, p95 } = durationsOf(tally);
	const { rate, percent, isFailing, tone, failed } = lookOf(summary, isStale);
	return (
		<tr
			role="row"
			data-workflow={workflow}
			className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2 border-line px-3 py-2 not-last:border-b hover:bg-s2 sm:static sm:table-row sm:p-0"
		>
			<td role="cell" className={`${CELL} col-start-1 row-start-1 truncate`}>
				<Link
					to={{ search: searchWith(asked, { repo: isOnly ? null : repo, wf: isOnly ? null : workflow, panel: null }) }}
					preventScrollReset
					title={isOnly ? "Show all workflows again" : `Show only runs of ${workflow} in ${repo}`}
					className="hit gap-1.5 rounded-badge align-middle font-medium hover:underline hover:underline-offset-2 max-sm:after:absolute max-sm:after:inset-0"
				>
					<span className="truncate">{workflow}</span>
					{isOnly && (
						<>
							<CloseIcon className="size-3.5 text-t3" />
							<span className="sr-only">: show all workflows again</span>
						</>
					)}
				</Link>
				<span className="ml-2 text-sec text-t3">{repo}</span>
			</td>
			<td role="cell" className={`${CELL} col-start-2 row-start-1`}>
				<div className="flex items-center gap-2.5">
					<span className={`sm:w-14 ${isFailing ? "font-medium text-bad" : ""}`}>{percent}</span>
					<div className="hidden min-w-0 flex-1 xl:block">
						<Meter share={rate} tone={tone} label={`${percent} of its runs passed`} />
					</div>
				</div>
			</td>
			<td role="cell" className={`${CELL} hidden text-right md:table-cell`} title={failed ?? undefined}>
				{formatCount(totalOf(tally))}
			</td>
			<td role="cell" className={`${CELL} hidden text-right whitespace-nowrap xl:table-cell`}>
				{p50}
			</td>
			<td role="cell" className={`${CELL} hidden text-right whitespace-nowrap lg:table-cell`}>
				{p95}
			</td>
			<td role="cell" className={`${CELL} hidden min-[85rem]:table-cell`}>
				<DurationBars means={durationCourse(course)} isStale={isStale} label={`Average duration of ${workflow} over the range`} />
			</td>
			<td role="cell" className={`${CELL} col-span-2 row-start-2 min-w-0 max-sm:-ml-1.5 ${isStale ? "grayscale" : ""}`}>
				<Ticks runs={last.toReversed().map((tick) => ({ ...tick, href: panelOf(tick.id) }))} />
			</td>
		</tr>
	);
}
