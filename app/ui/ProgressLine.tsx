import { useNavigation, useRevalidator } from "@remix-run/react";

/** Two pixels under the top bar while a page or its data is on the way for longer than 200 ms. It pushes nothing. */
export function ProgressLine() {
	const isNavigating = useNavigation().state !== "idle";
	const isRefetching = useRevalidator().state !== "idle";
	if (!isNavigating && !isRefetching) return null;
	return (
		<div className="relative z-30 h-0">
			<div role="progressbar" aria-label="Loading" className="appear-late absolute inset-x-0 top-0 h-0.5 overflow-hidden">
				<div className="progress-line h-full bg-acc" />
			</div>
		</div>
	);
}
