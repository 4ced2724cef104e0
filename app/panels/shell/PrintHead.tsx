import { useLocation } from "@remix-run/react";
import { rangeWords } from "../../format/range-words.ts";
import { formatFullMoment } from "../../format/time.ts";
import { readFilters } from "../../format/view.ts";
import { useNow, useZone } from "../../ui/clock.tsx";

/** What a printed page must say by itself: whose figures, of which time, in which zone, as of when. */
export function PrintHead({ team }: { team: string }) {
	const { range, repos, workflows } = readFilters(new URLSearchParams(useLocation().search));
	const [now, zone] = [useNow(), useZone()];
	return (
		<header className="mx-5 mb-3 hidden border-b border-line2 pb-2 text-sec print:block">
			<p className="font-semibold">OpsSight · {team}</p>
			<p>
				{rangeWords(range, { now, zone }).words} · times in {zone} · made {formatFullMoment(now, zone)}
			</p>
			{repos.length + workflows.length > 0 && <p>Only {[...repos, ...workflows].join(", ")}</p>}
		</header>
	);
}
