import type { RunRow } from "#worker/wire/live";

/** Rows as they stand, newest truth in the old places. Rows that left the list keep the last state known of them. */
export function heldRows(shown: readonly RunRow[], runs: readonly RunRow[]): RunRow[] {
	const byId = new Map(runs.map((run) => [run.id, run]));
	return shown.map((row) => byId.get(row.id) ?? row);
}

/** The runs that wait behind the pill, in their order. */
export function waitingRuns(shown: readonly RunRow[], runs: readonly RunRow[]): RunRow[] {
	const ids = new Set(shown.map(({ id }) => id));
	return runs.filter(({ id }) => !ids.has(id));
}

/** Whether the same runs stand in the same order, so that taking them over moves nothing. */
export function isSameOrder(shown: readonly RunRow[], runs: readonly RunRow[]): boolean {
	return shown.length === runs.length && shown.every(({ id }, index) => runs[index]?.id === id);
}

/**
 * Whether rows may flow in by themselves: the list seen from its top, and nobody pointing at it, working or selecting in it.
 * On touch devices never: a finger is over before the pointer is known.
 */
export function mayFlow(panel: HTMLElement, lastTouchAt: number): boolean {
	if (window.matchMedia("(pointer: coarse)").matches || Date.now() - lastTouchAt < 2000) return false;
	// 52 px of top bar: above that line the first rows are out of sight.
	if (panel.getBoundingClientRect().top < 52) return false;
	if (panel.matches(":hover") || panel.contains(document.activeElement)) return false;
	const selection = document.getSelection();
	return !selection || selection.isCollapsed || !selection.containsNode(panel, true);
}
