import { useEffect, useRef } from "react";
import { tinykeys } from "tinykeys";
import { usePreference } from "../../root.tsx";
import { type ShortcutId, shortcutsFor } from "./shortcuts.ts";

/** What a shortcut does. One that answers false leaves the key its own meaning. */
export type Runs = Record<ShortcutId, () => unknown>;

/** Where letters are letters, and keys belong to what is open. */
const NOT_OURS = "input:not([type=checkbox]), select, textarea, [contenteditable], [role=menu], [role=listbox], [role=dialog], dialog";

/** Bind the keyboard of the frame. */
export function useKeyboard(runs: Runs): void {
	const keys = usePreference("keys");
	const newest = useRef(runs);
	newest.current = runs;
	useEffect(() => {
		const bind = (scope: "everywhere" | "outsideFields") =>
			Object.fromEntries(
				shortcutsFor(keys, scope).map(({ id, binding }) => [
					binding,
					(event: KeyboardEvent) => {
						// Esc and Enter mean things to what has the focus; the rest is ours.
						if (newest.current[id]() !== false && id !== "close") event.preventDefault();
					},
				]),
			);
		const isComposing = (event: Event) => event instanceof KeyboardEvent && event.isComposing;
		const isElsewhere = (event: Event) =>
			isComposing(event) || (event.target instanceof Element && event.target.closest(NOT_OURS) !== null);
		const ends = [
			tinykeys(window, bind("everywhere"), { ignore: isComposing }),
			tinykeys(window, bind("outsideFields"), { ignore: isElsewhere }),
		];
		return () => {
			for (const end of ends) end();
		};
	}, [keys]);
}
