import { Link, useLocation } from "@remix-run/react";
import { readFilters, searchWith } from "../../format/view.ts";
import { ChevronDownIcon, TickIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { SORTS, sortWords } from "./filter-words.ts";

/** The order of the runs. On phones, where a table has no header to press, the only place to choose it. */
export function SortMenu() {
	const { search } = useLocation();
	const asked = new URLSearchParams(search);
	const { sort } = readFilters(asked);
	const words = sortWords(sort);
	return (
		// Another order is another menu: it begins closed.
		<Menu
			key={words}
			opener={
				<>
					<span className="sr-only">Order: </span>
					{words}
					<ChevronDownIcon className="size-3.5" />
				</>
			}
			openerClass="target flex h-6.5 items-center gap-1 rounded-ctl border border-line2 px-2 text-sec font-medium whitespace-nowrap text-t2 hover:bg-s2 hover:text-t1"
			panelClass="top-full right-0 mt-1 w-40 max-sm:left-0"
		>
			<ul>
				{SORTS.map(({ key, words: label, by, isDescending }) => {
					const isOn = sort.by === by && sort.isDescending === isDescending;
					return (
						<li key={key}>
							<Link
								to={{ search: searchWith(asked, { sort: key }) }}
								preventScrollReset
								aria-current={isOn ? "true" : undefined}
								className="target flex h-8 items-center gap-2 rounded-ctl px-2 text-body hover:bg-s2"
							>
								<TickIcon className={`size-3.5 ${isOn ? "" : "invisible"}`} />
								{label}
							</Link>
						</li>
					);
				})}
			</ul>
		</Menu>
	);
}
