// biome-ignore-all lint/a11y/noRedundantRoles: a row laid out as a grid, as on phones, loses the roles its elements had
import { memo } from "react";
import type { RunRow } from "#worker/wire/live";
import { formatRunDuration } from "../../format/duration.ts";
import { safeHref } from "../../format/link.ts";
import { useNow } from "../../ui/clock.tsx";
import { LeavesIcon } from "../../ui/icons.tsx";
import { RunStatusBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

const HEAD = "h-9 px-3.5 text-left text-sec font-medium text-t3";
const CELL = "sm:h-[38px] sm:px-3.5";

/**
 * Runs as a table; on a phone each row becomes two lines: workflow and status, repository, time and duration.
 * The roles say again what the elements are, because laying a row out as a grid takes its meaning away.
 */
export function RunsTable({ runs }: { runs: RunRow[] }) {
	return (
		<table role="table" className="block w-full border-collapse pb-1 sm:table sm:table-fixed">
			<thead role="rowgroup" className="hidden border-b border-line sm:table-header-group">
				<tr role="row">
					<th scope="col" className={`${HEAD} w-32 lg:w-36`}>
						Started
					</th>
					<th scope="col" className={HEAD}>
						Repository
					</th>
					<th scope="col" className={HEAD}>
						Workflow
					</th>
					<th scope="col" className={`${HEAD} hidden md:table-cell`}>
						Branch
					</th>
					<th scope="col" className={`${HEAD} w-24 text-right lg:w-28`}>
						Duration
					</th>
					<th scope="col" className={`${HEAD} w-32 lg:w-40`}>
						Status
					</th>
				</tr>
			</thead>
			<tbody role="rowgroup" className="block sm:table-row-group">
				{runs.map((run) => (
					<Row key={run.id} run={run} />
				))}
			</tbody>
		</table>
	);
}

const Row = memo(function Row({ run }: { run: RunRow }) {
	return (
		<tr
			role="row"
			data-run={run.id}
			className="relative grid grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-x-2 border-line px-3 py-2 not-last:border-b hover:bg-s2 sm:static sm:table-row sm:p-0"
		>
			<td role="cell" className={`${CELL} col-start-2 row-start-2 text-sec whitespace-nowrap text-t3 sm:text-body sm:text-t2`}>
				<TimeText at={run.startedAt ?? run.orderedAt} />
			</td>
			<td role="cell" title={run.repo} className={`${CELL} col-start-1 row-start-2 truncate text-sec text-t3 sm:text-body sm:text-t1`}>
				{run.repo}
			</td>
			<td role="cell" className={`${CELL} col-start-1 row-start-1 truncate font-medium`}>
				<WorkflowName run={run} />
			</td>
			<td role="cell" title={run.branch ?? undefined} className={`${CELL} hidden truncate font-mono text-sec text-t2 md:table-cell`}>
				{run.branch ?? "—"}
			</td>
			<td role="cell" className={`${CELL} col-start-3 row-start-2 text-right text-sec whitespace-nowrap text-t3 sm:text-body sm:text-t1`}>
				<RunDuration run={run} />
			</td>
			<td role="cell" className={`${CELL} col-span-2 col-start-2 row-start-1 justify-self-end`}>
				<RunStatusBadge status={run.status} />
			</td>
		</tr>
	);
});

function WorkflowName({ run }: { run: RunRow }) {
	const href = safeHref(run.url);
	if (href === null) return <span title={run.workflow}>{run.workflow}</span>;
	return (
		<a
			href={href}
			rel="noreferrer"
			title={`${run.workflow}: open this run where it ran`}
			className="group inline-flex max-w-full items-center gap-1.5 rounded-badge max-sm:after:absolute max-sm:after:inset-0 hover:underline hover:underline-offset-2"
		>
			<span className="truncate">{run.workflow}</span>
			<LeavesIcon className="size-3 text-t3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100" />
		</a>
	);
}

/** A running run's duration grows with the page's clock. */
function RunDuration({ run }: { run: RunRow }) {
	const now = useNow();
	return <>{formatRunDuration(run, now) ?? "—"}</>;
}
