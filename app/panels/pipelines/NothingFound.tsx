import { Link, useLocation } from "@remix-run/react";
import { canWidenToWeek, RANGES, readFilters, searchForRange, searchWith } from "../../format/view.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { useNow, useZone } from "../../ui/clock.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { FilterIcon } from "../../ui/icons.tsx";
import { nothingFoundWords } from "./filter-words.ts";

/** Runs there are, but none that the address asks for: what was asked, and the ways out. */
export function NothingFound() {
	const asked = new URLSearchParams(useLocation().search);
	const filters = readFilters(asked);
	const words = nothingFoundWords(filters, { now: useNow(), zone: useZone() });
	const ways: { label: string; search: string }[] = [
		...(filters.q === "" ? [] : [{ label: "Clear text", search: searchWith(asked, { q: null }) }]),
		...(filters.statuses.length === 0 ? [] : [{ label: "Clear status", search: searchWith(asked, { status: null }) }]),
		...(filters.repos.length + filters.workflows.length === 0
			? []
			: [{ label: "All workflows", search: searchWith(asked, { repo: null, wf: null }) }]),
		...(canWidenToWeek(filters.range) ? [{ label: "Widen to 7 days", search: searchForRange(asked, RANGES[1]) }] : []),
	];
	return (
		<Empty title={words} Icon={FilterIcon}>
			<div className="flex flex-wrap gap-2">
				{ways.map(({ label, search }) => (
					<Link key={label} to={{ search }} preventScrollReset className={buttonClass({ size: "sm" })}>
						{label}
					</Link>
				))}
			</div>
		</Empty>
	);
}
