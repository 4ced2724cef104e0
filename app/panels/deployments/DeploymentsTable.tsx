// biome-ignore-all lint/a11y/noRedundantRoles: a row laid out as a grid, as on phones, loses the roles its elements had
import { Link, useNavigate, useParams } from "@remix-run/react";
import clsx from "clsx";
import { type MouseEvent, memo } from "react";
import type { DeploymentRow } from "#worker/wire/deployments";
import { useNow } from "../../ui/clock.tsx";
import { Badge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { Avatar } from "../shell/Person.tsx";
import { deploymentAddress } from "./addresses.ts";
import { DeploymentMenu } from "./DeploymentMenu.tsx";
import type { Refusal } from "./EnvironmentCard.tsx";
import { actorOf, changeOf, outcomeOf, tookOf } from "./outcome-words.ts";

const HEAD = "h-9 px-3.5 text-left text-sec font-medium text-t3";
const CELL = "sm:h-[38px] sm:px-3.5";

type TableProps = {
	rows: readonly DeploymentRow[];
	/** The deployments that make something fail now: their rows are tinted. */
	failing: ReadonlySet<string>;
	/** Where every row is of one component its name says nothing. */
	hasComponents: boolean;
	refusal: Refusal;
};

/** Deployments as a table; on a phone each row becomes two lines: version and outcome; place, time and how long. */
export function DeploymentsTable({ rows, failing, hasComponents, refusal }: TableProps) {
	return (
		<table role="table" className="block w-full border-collapse pb-1 sm:table sm:table-fixed">
			<thead role="rowgroup" className="hidden border-b border-line sm:table-header-group">
				<tr role="row">
					<th scope="col" className={`${HEAD} w-32 lg:w-36`}>
						When
					</th>
					<th scope="col" className={`${HEAD} w-28`}>
						Env
					</th>
					<th scope="col" className={clsx(HEAD, hasComponents ? "w-[22%]" : "w-40")}>
						Version
					</th>
					<th scope="col" className={`${HEAD} hidden md:table-cell`}>
						Change
					</th>
					<th scope="col" className={`${HEAD} hidden w-36 lg:table-cell`}>
						By
					</th>
					<th scope="col" className={`${HEAD} w-24 text-right`}>
						Took
					</th>
					<th scope="col" className={`${HEAD} w-34`}>
						Outcome
					</th>
					<th scope="col" className={`${HEAD} w-13`}>
						<span className="sr-only">More</span>
					</th>
				</tr>
			</thead>
			<tbody role="rowgroup" className="block sm:table-row-group">
				{rows.map((row) => (
					<Row key={row.id} row={row} isFailing={failing.has(row.id)} hasComponent={hasComponents} refusal={refusal} />
				))}
			</tbody>
		</table>
	);
}

type RowProps = { row: DeploymentRow; isFailing: boolean; hasComponent: boolean; refusal: Refusal };

const Row = memo(function Row({ row, isFailing, hasComponent, refusal }: RowProps) {
	const navigate = useNavigate();
	const { team = "-" } = useParams();
	const page = deploymentAddress(team, row.id);
	const now = useNow();
	const { word, tint, Icon } = outcomeOf(row);
	const change = changeOf(row);
	/** The whole row leads to the deployment, with the middle button in a new tab; what is pressed in it acts for itself. */
	function onPress(event: MouseEvent<HTMLElement>): void {
		const { target } = event;
		if (event.defaultPrevented || !(target instanceof Element) || target.closest("a, button, summary, [role=menu]")) return;
		if (document.getSelection()?.isCollapsed === false) return;
		if (event.button === 1 || event.metaKey || event.ctrlKey) window.open(page, "_blank", "noopener");
		else if (event.button === 0) navigate(page);
	}
	return (
		<tr
			role="row"
			data-deployment={row.id}
			data-row
			onClick={onPress}
			onAuxClick={onPress}
			className={clsx(
				"relative grid cursor-pointer grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2 border-line px-3 py-2 not-last:border-b sm:static sm:table-row sm:p-0",
				isFailing ? "bg-bad-bg" : "hover:bg-s2",
			)}
		>
			<td
				role="cell"
				className={`${CELL} col-start-2 row-start-2 text-right text-sec whitespace-nowrap text-t3 sm:text-left sm:text-body sm:text-t2`}
			>
				<TimeText at={row.startedAt} />
				<span className="sm:hidden"> · {tookOf(row, now)}</span>
			</td>
			<td role="cell" title={row.environment} className={`${CELL} hidden truncate sm:table-cell`}>
				{row.environment}
			</td>
			<td role="cell" className={`${CELL} col-start-1 row-start-1 truncate`}>
				<Link
					to={page}
					data-row-link
					title={`${row.component} ${row.version}`}
					className="hit rounded-badge align-middle hover:underline hover:underline-offset-2 max-sm:after:absolute max-sm:after:inset-0"
				>
					<span className="truncate">
						{hasComponent && <span className="font-medium">{row.component} </span>}
						<span className="font-mono text-sec">{row.version}</span>
					</span>
				</Link>
			</td>
			<td role="cell" title={change} className={`${CELL} hidden truncate text-t2 md:table-cell`}>
				{change}
			</td>
			<td role="cell" className={`${CELL} hidden lg:table-cell`}>
				<span className="flex min-w-0 items-center gap-2">
					{row.actor !== null && <Avatar name={row.actor} size="sm" />}
					<span className="truncate text-sec text-t2">{actorOf(row)}</span>
				</span>
			</td>
			<td role="cell" className={`${CELL} hidden text-right whitespace-nowrap sm:table-cell`}>
				{tookOf(row, now)}
			</td>
			<td role="cell" className={`${CELL} col-start-2 row-start-1 justify-self-end`}>
				<Badge word={word} tint={isFailing ? "text-bad" : tint} Icon={Icon} />
			</td>
			<td role="cell" className="col-start-1 row-start-2 truncate text-sec text-t3 sm:hidden">
				{row.environment}
				{row.isRollback || row.status === "failure" ? ` · ${change}` : ` · ${actorOf(row)}`}
			</td>
			<td role="cell" className="hidden pr-2 text-right sm:table-cell">
				<DeploymentMenu row={row} page={page} refusal={refusal} />
			</td>
		</tr>
	);
});
