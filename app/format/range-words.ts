import { formatStretch } from "./time.ts";
import { isRelative, type Range } from "./view.ts";

/** A range as a person says it, and what it is compared with. */
export function rangeWords(range: Range, { now, zone }: { now: number; zone: string }): { words: string; before: string } {
	if (isRelative(range)) return { words: range.words, before: range.before };
	return { words: formatStretch(range, { now, zone }), before: "the same length of time before" };
}
