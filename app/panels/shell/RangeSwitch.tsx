import { Link, useSearchParams } from "@remix-run/react";
import { RANGES, rangeOf, searchForRange } from "../../format/view.ts";

/** The range all figures speak of. Links, so that the address says it and Back undoes it. */
export function RangeSwitch() {
	const [search] = useSearchParams();
	const current = rangeOf(search);
	return (
		<nav aria-label="Time range" className="flex rounded-ctl border border-line2 bg-s1 p-px">
			{RANGES.map((range) => (
				<Link
					key={range.from}
					to={{ search: searchForRange(search, range) }}
					preventScrollReset
					aria-current={range === current ? "true" : undefined}
					aria-label={range.words}
					className="target inline-flex h-7 items-center justify-center rounded-badge px-2.5 text-sec font-medium text-t2 hover:text-t1 aria-[current=true]:bg-on aria-[current=true]:text-t1"
				>
					{range.label}
				</Link>
			))}
		</nav>
	);
}
