import { formatOffset, isTimeZone, placeOf } from "../../format/time.ts";

export type ZoneChoice = { zone: string; words: string; offset: string };

/** Browsers list some zones by the names they had in 1993; people look for today's. @source IANA tzdata, file "backward" */
const RENAMED: Record<string, string> = {
	"Africa/Asmera": "Africa/Asmara",
	"America/Buenos_Aires": "America/Argentina/Buenos_Aires",
	"America/Godthab": "America/Nuuk",
	"Asia/Calcutta": "Asia/Kolkata",
	"Asia/Katmandu": "Asia/Kathmandu",
	"Asia/Rangoon": "Asia/Yangon",
	"Asia/Saigon": "Asia/Ho_Chi_Minh",
	"Atlantic/Faeroe": "Atlantic/Faroe",
	"Europe/Kiev": "Europe/Kyiv",
	"Pacific/Enderbury": "Pacific/Kanton",
	"Pacific/Ponape": "Pacific/Pohnpei",
	"Pacific/Truk": "Pacific/Chuuk",
};

/** A zone by today's name, where this machine knows that one. */
export function todaysName(zone: string): string {
	const name = RENAMED[zone];
	return name !== undefined && isTimeZone(name) ? name : zone;
}

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
