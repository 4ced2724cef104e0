/** The look of a text field in the frame. On phones 16 px, or iOS zooms into it. */
export const FIELD =
	"target h-8 w-full min-w-0 rounded-ctl border border-ctl bg-s1 px-2.5 text-body text-t1 placeholder:text-t3 max-sm:text-[1rem] aria-invalid:border-bad-fill disabled:cursor-not-allowed disabled:border-line2 disabled:bg-s2 disabled:text-t3";

/** The look of a button that opens something in the top bar. */
export const OPENER =
	"target flex h-8 min-w-0 items-center gap-1.5 rounded-ctl border border-line2 bg-s1 px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1";

/** How the palette's shortcut is written on this kind of machine. */
export function paletteKeys(isMac: boolean): string {
	return isMac ? "⌘K" : "Ctrl K";
}
