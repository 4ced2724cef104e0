import { formatOffset, isTimeZone, placeOf } from "../../format/time.ts";

export type ZoneChoice = { zone: string; words: string; offset: string };

/** Enough to choose from, few enough to draw at once. */
const SHOWN = 40;

/**
 * The zones a typed text may mean, nearest first: those whose place begins with it, then those that hold it anywhere.
 * Without a text: UTC, this browser's own, the chosen one.
 */
export function zonesFor(
	text: string,
	{ all, own, chosen, now }: { all: readonly string[]; own: string; chosen: string; now: number },
): ZoneChoice[] {
	const sought = text.trim().toLowerCase().replaceAll(" ", "_");
	const begins = (zone: string) => placeOf(zone).replaceAll(" ", "_").toLowerCase().startsWith(sought);
	const known = ["UTC", ...all.filter((zone) => zone !== "UTC")];
	const found =
		sought === ""
			? ["UTC", own, chosen]
			: [...known.filter(begins), ...known.filter((zone) => !begins(zone) && zone.toLowerCase().includes(sought))];
	// A name that is known here but not in the list, such as an older name of a city, may be typed in full.
	const exact = isTimeZone(text.trim()) ? known.find((zone) => zone.toLowerCase() === sought) : "";
	const zones = exact === undefined ? [text.trim(), ...found] : found;
	return [...new Set(zones)].slice(0, SHOWN).map((zone) => ({
		zone,
		words: wordsOf(zone, own),
		offset: formatOffset(zone, now),
	}));
}

function wordsOf(zone: string, own: string): string {
	if (zone === "UTC") return own === "UTC" ? "UTC (this browser)" : "UTC";
	return zone === own ? `${zone.replaceAll("_", " ")} (this browser)` : zone.replaceAll("_", " ");
}
