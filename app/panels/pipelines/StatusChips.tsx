import { Link, useLocation } from "@remix-run/react";
import { RUN_STATUSES, type RunStatus } from "#worker/wire/events";
import { readFilters, searchWith } from "../../format/view.ts";
import { LOOKS } from "../../ui/Status.tsx";

/** Failures first: they are what one comes for. */
const ORDER: readonly RunStatus[] = ["failure", "success", "running", "queued", "cancelled"];

/** Which statuses are listed: one, several, or all when none is on. Links, so that Back undoes each press. */
export function StatusChips() {
	const asked = new URLSearchParams(useLocation().search);
	const { statuses } = readFilters(asked);
	return (
		<nav aria-label="Status" className="flex flex-wrap items-center gap-1">
			{ORDER.map((status) => {
				const { word, ink, Icon } = LOOKS[status];
				const isOn = statuses.includes(status);
				const next = isOn
					? statuses.filter((one) => one !== status)
					: RUN_STATUSES.filter((one) => one === status || statuses.includes(one));
				return (
					<Link
						key={status}
						to={{ search: searchWith(asked, { status: next, panel: null }) }}
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
	);
}
