import { createKeybindingsHandler } from "tinykeys";
import type { Preferences } from "../../preferences.ts";
import { openRowActions, openRowPage, openRowPanel, walkRows } from "./rows.ts";
import { type ShortcutId, shortcutsFor } from "./shortcuts.ts";

/** What the rows and the figures do; the rest is the frame's. */
const PAGE = {
	figure1: () => focusFigure(0),
	figure2: () => focusFigure(1),
	figure3: () => focusFigure(2),
	figure4: () => focusFigure(3),
	nextRow: () => walkRows(1),
	previousRow: () => walkRows(-1),
	rowPanel: openRowPanel,
	rowPage: openRowPage,
	rowActions: openRowActions,
	rollBack: () => press("[data-rollback]"),
	deploy: () => press("[data-deploy]"),
	compare: () => press("[data-compare]"),
};

/** What the frame does at each of its shortcuts. One that answers false leaves the key its own meaning. */
export type FrameKeys = Record<Exclude<ShortcutId, keyof typeof PAGE>, () => unknown>;

/** Where letters are letters, and keys belong to what is open. */
const NOT_OURS = "input:not([type=checkbox]), select, textarea, [contenteditable], [role=menu], [role=listbox], [role=dialog], dialog";

/** What to call with each key press. `frame` is asked anew with each, so that it may change with the page. */
export function makeKeyboard(keys: Preferences["keys"], frame: () => FrameKeys): (event: KeyboardEvent) => void {
	const bindings = shortcutsFor(keys).map(({ id, binding }) => [
		binding,
		(event: KeyboardEvent) => {
			// Whoever has the focus may have taken the key already, as an open menu does Esc.
			if (event.defaultPrevented) return;
			const acts: Record<ShortcutId, () => unknown> = { ...frame(), ...PAGE };
			if (acts[id]() !== false) event.preventDefault();
		},
	]);
	return createKeybindingsHandler(Object.fromEntries(bindings), {
		ignore: ({ isComposing, target }) => isComposing || (target instanceof Element && target.closest(NOT_OURS) !== null),
	});
}

/**
 * Press what a page marks as such: in the environment that has the focus or lies under the pointer, else the first that is marked as urgent,
 * else the first. @returns whether the page has it, so that the key keeps its meaning elsewhere
 */
function press(marked: string): boolean {
	const near = document.activeElement?.closest("[data-environment]") ?? document.querySelector("[data-environment]:hover");
	const all = [...document.querySelectorAll<HTMLElement>(marked)].filter((each) => each.checkVisibility());
	const one = all.find((each) => near?.contains(each)) ?? all.find((each) => each.hasAttribute("data-urgent")) ?? all[0];
	one?.focus();
	one?.click();
	return one !== undefined;
}

/** Go to one of a page's key figures. @returns whether the page has it, so that the key keeps its meaning elsewhere */
function focusFigure(index: number): boolean {
	const figure = document.querySelectorAll<HTMLElement>("a[data-figure]")[index];
	figure?.focus();
	return figure !== undefined;
}
