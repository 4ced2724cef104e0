import { Card } from "../../ui/Card.tsx";
import { DashedRingIcon } from "../../ui/icons.tsx";

/** A team that nothing has ever reported to. Turns into the list by itself when the first run arrives. */
export function NoRuns() {
	return (
		<Card title="Recent runs">
			<div className="px-3.5 pt-6 pb-10 text-center">
				<p className="mx-auto max-w-md">No runs yet. Add the webhook and the next push appears here.</p>
				<p className="needs-script mt-3 inline-flex items-center gap-2 text-sec text-t3">
					<DashedRingIcon className="size-4 text-idle" />
					Waiting for the first event…
				</p>
			</div>
		</Card>
	);
}
