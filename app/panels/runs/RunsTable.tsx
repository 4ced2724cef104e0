// biome-ignore-all lint/a11y/noRedundantRoles: a row laid out as a grid, as on phones, loses the roles its elements had
import { Link, useLocation, useNavigate } from "@remix-run/react";
import { type MouseEvent, memo } from "react";
import type { RunRow } from "#worker/wire/live";
import { formatRunDuration } from "../../format/duration.ts";
import { type Sort, searchWith } from "../../format/view.ts";
import { useNow } from "../../ui/clock.tsx";
import { ArrowUpIcon } from "../../ui/icons.tsx";
import { RunStatusBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { loadRunPanel } from "../run/RunPanel.tsx";
import { RunMenu } from "./RunMenu.tsx";
import { useRunAddresses } from "./run-addresses.ts";

const HEAD = "h-9 px-3.5 text-left text-sec font-medium text-t3";
/** Lines of a sticky head do not come along, shadows do. */
const STICKY = "sm:sticky sm:top-13 sm:z-10 sm:bg-s1 sm:shadow-[inset_0_-1px_var(--line)]";
const CELL = "sm:h-[38px] sm:px-3.5";

type TableProps = {
	runs: RunRow[];
	/** The order the rows are in, where the head offers others; null where it is what it is. */
	sort?: Sort | null;
	/** Whether the head stays under the top bar while its rows scroll. */
	isHeadSticky?: boolean;
	/** Where these are only some rows of a long list: how many it has, and how many come before these. */
	part?: { of: number; before: number } | null;
};

/**
 * Runs as a table; on a phone each row becomes two lines: workflow and status, repository, time and duration.
 * The roles say again what the elements are, because laying a row out as a grid takes its meaning away.
 */
export function RunsTable({ runs, sort = null, isHeadSticky = false, part = null }: TableProps) {
	const { pageOf, panelOf, openId } = useRunAddresses();
	return (
		// The head is a row too.
		<table
			role="table"
			aria-rowcount={part ? part.of + 1 : undefined}
			className="block w-full border-collapse pb-1 sm:table sm:table-fixed"
		>
			<thead role="rowgroup" className={`hidden border-b border-line sm:table-header-group ${isHeadSticky ? STICKY : ""}`}>
				<tr role="row" aria-rowindex={part ? 1 : undefined}>
					<SortableHead by="started" sort={sort} className={`${HEAD} w-32 lg:w-34`}>
						Started
					</SortableHead>
					<th scope="col" className={HEAD}>
						Repository
					</th>
					<th scope="col" className={HEAD}>
						Workflow
					</th>
					<th scope="col" className={`${HEAD} hidden md:table-cell`}>
						Branch
					</th>
					<SortableHead by="duration" sort={sort} className={`${HEAD} w-24 text-right lg:w-28`}>
						Duration
					</SortableHead>
					<th scope="col" className={`${HEAD} w-32 lg:w-34`}>
						Status
					</th>
					<th scope="col" className={`${HEAD} hidden lg:table-cell`}>
						Why
					</th>
					<th scope="col" className={`${HEAD} w-13`}>
						<span className="sr-only">More</span>
					</th>
				</tr>
			</thead>
			<tbody role="rowgroup" onPointerEnter={loadRunPanel} onFocus={loadRunPanel} className="block sm:table-row-group">
				{runs.map((run, n) => (
					<Row
						key={run.id}
						run={run}
						page={pageOf(run.id)}
						panel={panelOf(run.id)}
						isOpen={run.id === openId}
						rowIndex={part ? part.before + n + 2 : undefined}
					/>
				))}
			</tbody>
		</table>
	);
}

type HeadProps = { by: Sort["by"]; sort: Sort | null; className: string; children: string };

/** The head of a column that a list can be sorted by: a link to that order, largest first, or to the opposite of the present one. */
function SortableHead({ by, sort, className, children }: HeadProps) {
	const asked = new URLSearchParams(useLocation().search);
	if (sort === null) {
		return (
			<th scope="col" className={className}>
				{children}
			</th>
		);
	}
	const isOn = sort.by === by;
	const next = isOn && sort.isDescending ? by : `-${by}`;
	return (
		<th scope="col" aria-sort={isOn ? (sort.isDescending ? "descending" : "ascending") : "none"} className={className}>
			<Link to={{ search: searchWith(asked, { sort: next }) }} preventScrollReset className="hit gap-1 rounded-badge hover:text-t1">
				{children}
				{isOn && <ArrowUpIcon className={`size-3 ${sort.isDescending ? "rotate-180" : ""}`} />}
			</Link>
		</th>
	);
}

type RowProps = { run: RunRow; page: string; panel: string; isOpen: boolean; rowIndex: number | undefined };

const Row = memo(function Row({ run, page, panel, isOpen, rowIndex }: RowProps) {
	const navigate = useNavigate();
	/** The whole row opens the panel, with the middle button the page in a new tab; what is pressed in it acts for itself. */
	function onPress(event: MouseEvent<HTMLElement>): void {
		const { target } = event;
		if (event.defaultPrevented || !(target instanceof Element) || target.closest("a, button, summary, [role=menu]")) return;
		// Whoever marks text with the mouse wants the text.
		if (document.getSelection()?.isCollapsed === false) return;
		if (event.button === 1 || event.metaKey || event.ctrlKey) window.open(page, "_blank", "noopener");
		else if (event.button === 0) navigate(panel, { preventScrollReset: true });
	}
	return (
		<tr
			role="row"
			aria-rowindex={rowIndex}
			data-run={run.id}
			data-row
			onClick={onPress}
			onAuxClick={onPress}
			aria-current={isOpen ? "true" : undefined}
			className="relative grid cursor-pointer grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-x-2 border-line px-3 py-2 not-last:border-b hover:bg-s2 aria-[current=true]:bg-s2 sm:static sm:table-row sm:p-0"
		>
			<td role="cell" className={`${CELL} col-start-2 row-start-2 text-sec whitespace-nowrap text-t3 sm:text-body sm:text-t2`}>
				<Link
					to={panel}
					preventScrollReset
					data-row-panel
					className="rounded-badge max-sm:after:absolute max-sm:after:inset-0 sm:hover:text-t1 sm:hover:underline"
				>
					<TimeText at={run.startedAt ?? run.orderedAt} />
					<span className="sr-only">: details</span>
				</Link>
			</td>
			<td role="cell" title={run.repo} className={`${CELL} col-start-1 row-start-2 truncate text-sec text-t3 sm:text-body sm:text-t1`}>
				{run.repo}
			</td>
			<td role="cell" className={`${CELL} col-start-1 row-start-1 truncate font-medium`}>
				<Link
					to={page}
					data-row-link
					title={run.workflow}
					className="hit rounded-badge align-middle hover:underline hover:underline-offset-2"
				>
					<span className="truncate">{run.workflow}</span>
				</Link>
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
			<td role="cell" title={run.error ?? undefined} className={`${CELL} hidden truncate text-sec text-t2 lg:table-cell`}>
				{run.error ?? "—"}
			</td>
			<td role="cell" className="hidden pr-2 text-right sm:table-cell">
				<RunMenu run={run} page={page} panel={panel} />
			</td>
		</tr>
	);
});

/** A running run's duration grows with the page's clock. */
function RunDuration({ run }: { run: RunRow }) {
	const now = useNow();
	return <>{formatRunDuration(run, now) ?? "—"}</>;
}
