import { paletteKeys } from "./fields.ts";

/** Every shortcut once: what it is bound to, what is written of it, and whether it is a single letter that can be switched off. */

export type Shortcut = {
	id: string;
	/** As tinykeys reads it. `$mod` is ⌘ on a Mac and Ctrl elsewhere; optional modifiers, because keyboards differ in where signs are. */
	binding: string;
	/** As people read it, keys apart by spaces. */
	shown: string;
	words: string;
	group: "Anywhere" | "Go to" | "What is shown" | "Deployments" | "Key figures" | "Rows";
};

export const SHORTCUTS = [
	{ id: "palette", binding: "$mod+k", shown: "⌘K", words: "Search and commands", group: "Anywhere" },
	{ id: "sheet", binding: "[Shift]+[Alt]+?", shown: "?", words: "Keys", group: "Anywhere" },
	{ id: "find", binding: "[Shift]+/", shown: "/", words: "Find on this page", group: "Anywhere" },
	{ id: "close", binding: "Escape", shown: "Esc", words: "Close what is on top", group: "Anywhere" },
	{ id: "nav", binding: "[Control]+[Alt]+[", shown: "[", words: "Narrow or widen the navigation", group: "Anywhere" },
	{ id: "theme", binding: "Shift+d", shown: "Shift D", words: "Dark or light", group: "Anywhere" },
	{ id: "overview", binding: "g o", shown: "G O", words: "Overview", group: "Go to" },
	{ id: "pipelines", binding: "g p", shown: "G P", words: "Pipelines", group: "Go to" },
	{ id: "deployments", binding: "g d", shown: "G D", words: "Deployments", group: "Go to" },
	{ id: "settings", binding: "g s", shown: "G S", words: "Settings", group: "Go to" },
	{ id: "range", binding: "t", shown: "T", words: "Time range", group: "What is shown" },
	{ id: "zone", binding: "z", shown: "Z", words: "Time zone", group: "What is shown" },
	{ id: "failed", binding: "f", shown: "F", words: "Failed runs only, and back", group: "What is shown" },
	{ id: "rollBack", binding: "b", shown: "B", words: "Roll back what has the focus, or what fails", group: "Deployments" },
	{ id: "deploy", binding: "d", shown: "D", words: "Deploy…", group: "Deployments" },
	{ id: "compare", binding: "c", shown: "C", words: "Compare with the version before", group: "Deployments" },
	{ id: "figure1", binding: "1", shown: "1", words: "Success rate", group: "Key figures" },
	{ id: "figure2", binding: "2", shown: "2", words: "Total runs", group: "Key figures" },
	{ id: "figure3", binding: "3", shown: "3", words: "Average duration", group: "Key figures" },
	{ id: "figure4", binding: "4", shown: "4", words: "Failed runs", group: "Key figures" },
	{ id: "nextRow", binding: "j", shown: "J", words: "Next row", group: "Rows" },
	{ id: "previousRow", binding: "k", shown: "K", words: "Previous row", group: "Rows" },
	{ id: "rowPanel", binding: "Enter", shown: "Enter", words: "Open the row beside the list", group: "Rows" },
	{ id: "rowPage", binding: "o", shown: "O", words: "Open the row's page", group: "Rows" },
	{ id: "rowActions", binding: ".", shown: ".", words: "Actions of the row", group: "Rows" },
] as const satisfies readonly Shortcut[];

export type ShortcutId = (typeof SHORTCUTS)[number]["id"];

/** Keys that mean something to everyone, and stay when letters are switched off. */
const ALWAYS: readonly ShortcutId[] = ["palette", "close", "rowPanel"];

/** The shortcuts in force: all, or without those of a single letter or sign. */
export function shortcutsFor(keys: "on" | "off"): (typeof SHORTCUTS)[number][] {
	return SHORTCUTS.filter(({ id }) => keys === "on" || ALWAYS.includes(id));
}

/** How a shortcut is written on this kind of machine. */
export function keysOf(id: ShortcutId, isMac: boolean): string {
	const shown = SHORTCUTS.find((shortcut) => shortcut.id === id)?.shown ?? "";
	return shown === SHORTCUTS[0].shown ? paletteKeys(isMac) : shown;
}
