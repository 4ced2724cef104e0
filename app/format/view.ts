import type { OverviewView } from "#worker/domains/runs/overview";
import { DAY_MS, HOUR_MS } from "#worker/domains/runs/tally";

/** The ranges the bar offers. Relative ones stay relative in the address, so that a reload shows the newest. */
export const RANGES = [
	{ from: "now-24h", label: "24 h", words: "Last 24 hours", before: "the 24 hours before" },
	{ from: "now-7d", label: "7 d", words: "Last 7 days", before: "the 7 days before" },
	{ from: "now-30d", label: "30 d", words: "Last 30 days", before: "the 30 days before" },
] as const;

export type Range = (typeof RANGES)[number];
const DEFAULT_RANGE: Range = RANGES[2];

/** The range an address asks for; the default where it asks for none that exists. */
export function rangeOf(search: URLSearchParams): Range {
	return RANGES.find(({ from }) => from === search.get("from")) ?? DEFAULT_RANGE;
}

/** How an address groups time: as it says, else by hour for a day and by day for more. */
export function groupByOf(search: URLSearchParams): "hour" | "day" {
	const asked = search.get("group_by");
	if (asked === "hour" || asked === "day") return asked;
	return rangeOf(search).from === "now-24h" ? "hour" : "day";
}

/** What an address looks at. The range is widened to whole hours, as the rollups and `GET /api/metrics` have it. */
export function parseView(search: URLSearchParams, now: number): OverviewView {
	const [, amount, unit] = /^now-(\d+)([hd])$/.exec(rangeOf(search).from) ?? [];
	const length = Number(amount) * (unit === "h" ? HOUR_MS : DAY_MS);
	const from = Math.floor((now - length) / HOUR_MS) * HOUR_MS;
	return { from, to: null, groupBy: groupByOf(search), repos: [], workflows: [] };
}

/** The query of an address that shows another range: defaults left out, keys sorted, so that equal views have equal addresses. */
export function searchForRange(search: URLSearchParams, range: Range): string {
	const next = new URLSearchParams(search);
	next.delete("group_by");
	if (range === DEFAULT_RANGE) next.delete("from");
	else next.set("from", range.from);
	next.sort();
	const text = next.toString();
	return text === "" ? "" : `?${text}`;
}
