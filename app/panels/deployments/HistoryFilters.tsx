import { Link, useLocation } from "@remix-run/react";
import { DEPLOYMENT_STATUSES, type DeploymentStatus } from "#worker/wire/deployments";
import { searchWith } from "../../format/view.ts";
import { ChevronDownIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { type HistoryFilters as Filters, readHistoryFilters } from "./deployments-page.ts";
import { OUTCOMES } from "./outcome-words.ts";

/** Up to so many environments stand beside each other; more go into a list. */
const SIDE_BY_SIDE = 4;
/** Failures first: they are what one comes for. */
const ORDER: readonly DeploymentStatus[] = ["failure", "success", "running", "queued", "cancelled"];

/** Which deployments are listed: environment, component, outcome. Links, so that the address says it and Back undoes it. */
export function HistoryFilters({ environments, components }: { environments: readonly string[]; components: readonly string[] }) {
	const asked = new URLSearchParams(useLocation().search);
	const filters: Filters = readHistoryFilters(asked);
	const to = (changes: Parameters<typeof searchWith>[1]) => ({ search: searchWith(asked, changes) });
	return (
		<div className="flex flex-wrap items-center gap-2">
			{environments.length > 1 && environments.length <= SIDE_BY_SIDE && (
				<Segments
					name="Environment"
					choices={[
						{ key: "", label: "All", words: "All environments", to: to({ env: null }), isOn: filters.environment === null },
						...environments.map((name) => ({ key: name, label: name, to: to({ env: name }), isOn: filters.environment === name })),
					]}
				/>
			)}
			{environments.length > SIDE_BY_SIDE && (
				<Choices word="Env" chosen={filters.environment} names={environments} to={(name) => to({ env: name })} />
			)}
			{components.length > 1 && (
				<Choices word="Component" chosen={filters.component} names={components} to={(name) => to({ component: name })} />
			)}
			<nav aria-label="Outcome" className="flex flex-wrap items-center gap-1">
				{ORDER.map((status) => {
					const { word, ink, Icon } = OUTCOMES[status];
					const isOn = filters.statuses.includes(status);
					const next = isOn
						? filters.statuses.filter((one) => one !== status)
						: DEPLOYMENT_STATUSES.filter((one) => one === status || filters.statuses.includes(one));
					return (
						<Link
							key={status}
							to={to({ status: next })}
							preventScrollReset
							aria-current={isOn ? "true" : undefined}
							className="target inline-flex h-6.5 items-center justify-center gap-1 rounded-ctl border border-line2 px-2 text-sec font-medium text-t2 hover:bg-s2 hover:text-t1 aria-[current=true]:border-ctl aria-[current=true]:bg-on aria-[current=true]:text-t1"
						>
							<Icon className={`size-3 ${ink}`} />
							{word}
							{isOn && <span className="sr-only"> only; press to stop filtering</span>}
						</Link>
					);
				})}
			</nav>
		</div>
	);
}

type ChoicesProps = { word: string; chosen: string | null; names: readonly string[]; to: (name: string | null) => { search: string } };

/** One of many names. */
function Choices({ word, chosen, names, to }: ChoicesProps) {
	return (
		<Menu
			opener={
				<>
					<span className="text-t3">{word}</span>
					<span className="max-w-48 truncate font-medium text-t1">{chosen ?? `All ${names.length}`}</span>
					<ChevronDownIcon className="size-3.5" />
				</>
			}
			openerClass="target flex h-6.5 min-w-0 items-center gap-1.5 rounded-ctl border border-line2 bg-s1 px-2 text-sec text-t2 hover:bg-s2 hover:text-t1"
			panelClass="top-full left-0 mt-1 max-h-72 w-56 overflow-y-auto overscroll-contain"
		>
			{[null, ...names].map((name) => (
				<Link
					key={name ?? ""}
					to={to(name)}
					preventScrollReset
					aria-current={name === chosen ? "true" : undefined}
					onClick={(event) => event.currentTarget.closest("details")?.removeAttribute("open")}
					className="target flex min-h-8 items-center rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1 aria-[current=true]:font-semibold aria-[current=true]:text-t1"
				>
					<span className="truncate">{name ?? "All"}</span>
				</Link>
			))}
		</Menu>
	);
}
