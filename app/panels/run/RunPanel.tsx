import { lazy, Suspense } from "react";
import type { OpenRun } from "./use-run-panel.ts";

/** Load what draws the panel: when someone comes near the rows, it is there before its data. */
export const loadRunPanel = () => import("./RunPanelBox.tsx");
const RunPanelBox = lazy(loadRunPanel);

/** One run beside the list it was opened from. Pages without an open panel do not load it; the server renders it in place. */
export function RunPanel({ open, closeHref, pageHref }: { open: OpenRun; closeHref: string; pageHref: string }) {
	if (open === null) return null;
	return (
		<Suspense fallback={null}>
			<RunPanelBox open={open} closeHref={closeHref} pageHref={pageHref} />
		</Suspense>
	);
}
