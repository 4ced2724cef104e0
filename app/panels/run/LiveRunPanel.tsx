import { forwardRef, memo, useImperativeHandle } from "react";
import type { LiveMessage } from "#worker/wire/live";
import { useRunAddresses } from "../runs/run-addresses.ts";
import { RunPanel } from "./RunPanel.tsx";
import { type OpenRun, useRunPanel } from "./use-run-panel.ts";

/** What the page tells its panel: each frame. */
export type PanelHandle = { hear: (message: LiveMessage) => void };

/**
 * The open run beside the list it was opened from. It renders for its own news only: a panel whose code is still on its way while the page
 * hydrates must not be touched, or React draws it anew.
 */
export const LiveRunPanel = memo(
	forwardRef<PanelHandle, { loaded: OpenRun }>(function LiveRunPanel({ loaded }, handle) {
		const { open, hear } = useRunPanel(loaded);
		const { pageOf, closed } = useRunAddresses();
		useImperativeHandle(handle, () => ({ hear }), [hear]);
		return <RunPanel open={open} closeHref={closed} pageHref={open ? pageOf(open.id) : closed} />;
	}),
);
