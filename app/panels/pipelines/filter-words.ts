import { rangeWords } from "../../format/range-words.ts";
import type { Filters, Sort } from "../../format/view.ts";
import { LOOKS } from "../../ui/Status.tsx";

/** What is asked for, in words. */

type Where = { now: number; zone: string };

/** Why a list is empty: `No failed runs of build-and-test matching “wallet” in the last 24 hours`. */
export function nothingFoundWords({ statuses, repos, workflows, q, range }: Filters, where: Where): string {
	const kinds = statuses.map((status) => LOOKS[status].word.toLowerCase());
	const what = kinds.length === 0 ? "runs" : `${listed(kinds, "or")} runs`;
	const names = [...workflows, ...repos];
	const of = names.length === 0 ? "" : names.length <= 3 ? ` of ${listed(names, "and")}` : ` of ${names.length} names`;
	const matching = q === "" ? "" : ` matching “${q}”`;
	const { words } = rangeWords(range, where);
	// "Last 24 hours" reads on as "in the last 24 hours"; a stretch of time stands as it is.
	const time = typeof range.from === "string" ? `in the ${words.toLowerCase()}` : `between ${words.replace(" – ", " and ")}`;
	return `No ${what}${of}${matching} ${time}`;
}

/** The orders a list of runs can have. */
export const SORTS: { key: string; words: string; by: Sort["by"]; isDescending: boolean }[] = [
	{ key: "-started", words: "Newest first", by: "started", isDescending: true },
	{ key: "started", words: "Oldest first", by: "started", isDescending: false },
	{ key: "-duration", words: "Longest first", by: "duration", isDescending: true },
	{ key: "duration", words: "Shortest first", by: "duration", isDescending: false },
];

/** The order in words: `Newest first`. */
export function sortWords(sort: Sort): string {
	return SORTS.find(({ by, isDescending }) => by === sort.by && isDescending === sort.isDescending)?.words ?? "";
}

function listed(words: readonly string[], last: "and" | "or"): string {
	return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
