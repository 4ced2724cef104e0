import { type MouseEvent, type RefObject, useEffect, useState } from "react";

/**
 * The pill of new runs is gone once it is pressed, and focus with it: whoever pressed it by keyboard goes on at the first new row.
 * A pointer takes no focus along, as a focused row keeps the next ones from flowing in.
 */
export function useRunFocus(panel: RefObject<HTMLElement>): (event: MouseEvent, runId: string | null) => void {
	const [wanted, setWanted] = useState<string | null>(null);
	useEffect(() => {
		if (wanted === null) return;
		panel.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(wanted)}"] a[data-row-link]`)?.focus();
		setWanted(null);
	}, [panel, wanted]);
	return (event, runId) => {
		// A press that comes from no pointer counts no clicks.
		if (event.detail === 0) setWanted(runId);
	};
}
