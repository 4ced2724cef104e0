import { Link, useLocation, useParams } from "@remix-run/react";
import { canWidenToWeek, RANGES, rangeOf, searchForRange, searchWith } from "../../format/view.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { DashedRingIcon, FilterIcon } from "../../ui/icons.tsx";

/** A team that nothing has ever reported to. Turns into the list by itself when the first run arrives. */
export function NoRuns() {
	const { team } = useParams();
	return (
		<Card title="Recent runs">
			<Empty title="No runs yet">
				<p>Add the webhook and the next push appears here.</p>
				<div className="flex flex-wrap items-center gap-3">
					<Link to={`/t/${team}/settings/integrations`} className={buttonClass({ tone: "primary" })}>
						Add webhook
					</Link>
					<p className="needs-script inline-flex items-center gap-2 text-sec text-t3">
						<DashedRingIcon className="size-4 text-idle" />
						Waiting for the first event…
					</p>
				</div>
			</Empty>
		</Card>
	);
}

/** Runs there are, but none that the address asks for. */
export function NoSuchRuns() {
	const { search } = useLocation();
	const asked = new URLSearchParams(search);
	const range = rangeOf(asked);
	const names = [...asked.getAll("repo"), ...asked.getAll("wf")];
	return (
		<Empty title={`No runs${names.length > 0 ? ` of ${names.join(", ")}` : ""} in this range`} Icon={FilterIcon}>
			<div className="flex flex-wrap gap-2">
				{names.length > 0 && (
					<Link to={{ search: searchWith(asked, { repo: null, wf: null }) }} preventScrollReset className={buttonClass({ size: "sm" })}>
						Clear filters
					</Link>
				)}
				{canWidenToWeek(range) && (
					<Link to={{ search: searchForRange(asked, RANGES[1]) }} preventScrollReset className={buttonClass({ size: "sm" })}>
						Widen to 7 days
					</Link>
				)}
			</div>
		</Empty>
	);
}
