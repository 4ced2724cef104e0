import { useLocation } from "@remix-run/react";
import clsx from "clsx";
import { memo, type ReactNode, useEffect, useState } from "react";
import { rangeWords } from "../../format/range-words.ts";
import { readFilters } from "../../format/view.ts";
import { useLiveLink } from "../../live/use-live.ts";
import { useNow, useZone } from "../../ui/clock.tsx";
import { CalendarIcon, ChevronDownIcon, FilterIcon } from "../../ui/icons.tsx";
import { OPENER } from "./fields.ts";
import { choicesOf, type Name, type NameField, namesWith, namesWords, sheetWords } from "./filter-words.ts";
import { type FilterName, usePageHandle } from "./handle.ts";
import { Popover } from "./Popover.tsx";
import { PanelForm } from "./panel-form.tsx";

const PANEL = "absolute top-full left-0 z-40 mt-1 w-72 rounded-card border";

/** What the team's pages look at: repositories, workflows, a stretch of time. They follow from page to page. */
export const FilterBar = memo(function FilterBar({ names: loaded }: { names: readonly Name[] }) {
	const filters = readFilters(new URLSearchParams(useLocation().search));
	const names = useKnownNames(loaded);
	const { filters: used } = usePageHandle();
	const isUsed = (name: FilterName) => used === undefined || used.includes(name);
	const [now, zone] = [useNow(), useZone()];
	return (
		<>
			<fieldset aria-label="Filters" className="hidden min-w-0 items-center gap-2 md:flex">
				<NamesFilter field="repo" names={names} chosen={filters.repos} filters={filters} isUsed={isUsed("repo")} />
				<NamesFilter field="wf" names={names} chosen={filters.workflows} filters={filters} isUsed={isUsed("wf")} />
				<Popover
					opens="range"
					tip={tipOf("Time range\nT", isUsed("range"))}
					openerClass={OPENER}
					panelClass={PANEL}
					opener={
						<>
							<CalendarIcon className="size-4 text-t3 max-lg:hidden" />
							<Value isUsed={isUsed("range")}>{rangeWords(filters.range, { now, zone }).words}</Value>
							<span className="hidden whitespace-nowrap text-t3 min-[90rem]:inline">vs previous</span>
							<ChevronDownIcon className="size-3.5" />
						</>
					}
				>
					{(close) => <PanelForm kind="range" close={close} />}
				</Popover>
			</fieldset>
			<Popover
				opens="range"
				className="min-w-0 md:hidden"
				isSheet
				openerClass={OPENER}
				panelClass="fixed inset-x-0 bottom-0 z-40 max-h-[85dvh] overflow-y-auto overscroll-contain rounded-t-sheet border-t pb-[env(safe-area-inset-bottom)]"
				opener={
					<>
						<FilterIcon className="size-4 text-t3" />
						<span className="truncate font-medium text-t1">{sheetWords(filters)}</span>
					</>
				}
			>
				{(close) => <PanelForm kind="sheet" names={names} isUsed={isUsed} close={close} />}
			</Popover>
		</>
	);
});

type NamesFilterProps = {
	field: NameField;
	names: readonly Name[];
	chosen: readonly string[];
	filters: Parameters<typeof choicesOf>[2];
	isUsed: boolean;
};

function NamesFilter({ field, names, chosen, filters, isUsed }: NamesFilterProps) {
	const word = field === "repo" ? "Repo" : "Workflow";
	const value = namesWords(chosen, choicesOf(names, field, filters).length);
	return (
		<Popover
			opens={field}
			className="min-w-0"
			openerClass={OPENER}
			panelClass={PANEL}
			tip={tipOf(chosen.length > 0 ? chosen.slice(0, 12).join("\n") : undefined, isUsed)}
			opener={
				<>
					<span className="text-t3">{word}</span>
					<Value isUsed={isUsed}>{value}</Value>
					<ChevronDownIcon className="size-3.5" />
				</>
			}
		>
			{(close) => <PanelForm kind={field} names={names} close={close} />}
		</Popover>
	);
}

function Value({ isUsed, children }: { isUsed: boolean; children: ReactNode }) {
	return (
		<span className={clsx("max-w-64 truncate font-medium", isUsed ? "text-t1" : "text-t3 line-through")}>
			{children}
			{!isUsed && <span className="sr-only"> (not used here)</span>}
		</span>
	);
}

function tipOf(tip: string | undefined, isUsed: boolean): string | undefined {
	return isUsed ? tip : "Not used here";
}

/** The names the page came with, and those that frames have told of since. */
function useKnownNames(loaded: readonly Name[]): readonly Name[] {
	const link = useLiveLink();
	const [seen, setSeen] = useState<readonly Name[]>([]);
	useEffect(
		() =>
			link.hear((message) => {
				if (message.type === "change") setSeen((names) => namesWith(names, message.tallies));
			}),
		[link],
	);
	return seen.length === 0 ? loaded : namesWith(loaded, seen);
}
