import type { OverviewView } from "#worker/domains/runs/overview";
import { hoursKeptSince } from "#worker/domains/runs/range";
import { DAY_MS, HOUR_MS, runningHourEnd } from "#worker/domains/runs/tally";
import { RUN_STATUSES, type RunStatus } from "#worker/wire/events";

/**
 * The address is the state: what a page shows is read from its query, and every change of it is another address.
 * Defaults are left out and keys are sorted, so that equal views have equal addresses. Design brief, 2.2.
 */

/** The ranges the bar offers. Relative ones stay relative in the address, so that a reload shows the newest. */
export const RANGES = [
	{ from: "now-24h", label: "24 h", words: "Last 24 hours", before: "the 24 hours before" },
	{ from: "now-7d", label: "7 d", words: "Last 7 days", before: "the 7 days before" },
	{ from: "now-30d", label: "30 d", words: "Last 30 days", before: "the 30 days before" },
] as const;

/** A stretch of time as chosen: one that ends now and moves on, or one between two moments (epoch ms, `to` exclusive). */
export type Range = (typeof RANGES)[number] | { from: number; to: number; label: "Custom" };
export type Grouping = OverviewView["groupBy"];
export type Sort = { by: "started" | "duration"; isDescending: boolean };

/** Everything an address may say about what is shown. */
export type Filters = {
	range: Range;
	repos: string[];
	workflows: string[];
	statuses: RunStatus[];
	q: string;
	sort: Sort;
	/** The open side panel: what kind of thing, and which. */
	panel: { kind: "run"; id: string } | null;
};

const DEFAULT_RANGE = RANGES[0];
/** What people write by hand, because the page's badges say so. */
const ALSO_CALLED: Readonly<Record<string, RunStatus>> = { failed: "failure", passed: "success" };
/** What follows from page to page of a team; the rest belongs to one page. */
const CARRIED = ["from", "grp", "repo", "to", "tz", "wf"];
/** Bounds of `resolveRange`: longer ranges, and hours of longer ones, are refused there. */
export const DAYS_MAX = 400;
const HOURS_UP_TO_MS = 8 * DAY_MS;

/** Whether a range moves on with the clock. */
export function isRelative(range: Range): range is (typeof RANGES)[number] {
	return typeof range.from === "string";
}

/** Whether "the last 7 days" holds all of a range and more. A custom one may lie anywhere. */
export function canWidenToWeek(range: Range): boolean {
	return isRelative(range) && lengthOf(range) < lengthOf(RANGES[1]);
}

/** The range an address asks for; the default where it asks for none that holds. */
export function rangeOf(search: URLSearchParams): Range {
	const asked = search.get("from");
	const relative = RANGES.find(({ from }) => from === asked);
	if (relative) return relative;
	const from = Date.parse(asked ?? "");
	const to = Date.parse(search.get("to") ?? "");
	if (Number.isNaN(from) || Number.isNaN(to) || from >= to || from < 0 || to - from > DAYS_MAX * DAY_MS) return DEFAULT_RANGE;
	return { from, to, label: "Custom" };
}

/** How long a range is, ms. */
export function lengthOf(range: Range): number {
	if (!isRelative(range)) return range.to - range.from;
	const [, amount, unit] = /^now-(\d+)([hd])$/.exec(range.from) ?? [];
	return Number(amount) * (unit === "h" ? HOUR_MS : DAY_MS);
}

function groupingsOfLength(range: Range): Grouping[] {
	const length = lengthOf(range);
	return [...(length <= HOURS_UP_TO_MS ? (["hour"] as const) : []), "day", ...(length > 7 * DAY_MS ? (["week"] as const) : [])];
}

/** The groupings that make sense for a range at `now`: hours only where they stay readable and are still kept. */
export function groupingsFor(range: Range, now: number): Grouping[] {
	const hasHours = isRelative(range) || range.from >= hoursKeptSince(now);
	return groupingsOfLength(range).filter((one) => one !== "hour" || hasHours);
}

/** How an address groups time at `now`: as it says where that makes sense, else by hour up to two days and by day beyond. */
export function groupByOf(search: URLSearchParams, now: number): Grouping {
	const range = rangeOf(search);
	const choices = groupingsFor(range, now);
	const asked = choices.find((one) => one === search.get("grp"));
	return asked ?? (lengthOf(range) <= 2 * DAY_MS && choices.includes("hour") ? "hour" : "day");
}

/** Everything an address says. What it says wrongly counts as not said. */
export function readFilters(search: URLSearchParams): Filters {
	const names = (key: string) => [...new Set(search.getAll(key).filter((name) => name !== "" && name.length <= 255))].slice(0, 50);
	const statuses = [...new Set(names("status").map((name) => ALSO_CALLED[name] ?? name))].filter((name): name is RunStatus =>
		RUN_STATUSES.some((status) => status === name),
	);
	const [, isDescending, by] = /^(-?)(started|duration)$/.exec(search.get("sort") ?? "") ?? [];
	const [, runId] = /^run:(.{1,600})$/s.exec(search.get("panel") ?? "") ?? [];
	return {
		range: rangeOf(search),
		repos: names("repo"),
		workflows: names("wf"),
		statuses,
		q: (search.get("q") ?? "").slice(0, 200).trim(),
		sort: by === "started" || by === "duration" ? { by, isDescending: isDescending === "-" } : { by: "started", isDescending: true },
		panel: runId === undefined ? null : { kind: "run", id: runId },
	};
}

/**
 * A range as two moments at `now`; `to` is null where it moves on. That one is of whole hours, as the rollups have them, and ends with
 * the running one: 24 h are 24 of them.
 */
export function momentsOf(range: Range, now: number): { from: number; to: number | null } {
	if (isRelative(range)) return { from: runningHourEnd(now) - lengthOf(range), to: null };
	return { from: range.from, to: range.to };
}

/** A range as its figures speak of it: they are of whole hours or days, so a custom one may be wider than what was asked for. */
export function answeredRange(range: Range, view: Pick<OverviewView, "from" | "to">): Range {
	if (isRelative(range) || view.to === null) return range;
	return { from: view.from, to: view.to, label: "Custom" };
}

/** What an address looks at, as the overview's data speaks of it. */
export function parseView(search: URLSearchParams, now: number): OverviewView {
	const { range, repos, workflows } = readFilters(search);
	return { ...momentsOf(range, now), groupBy: groupByOf(search, now), repos, workflows };
}

/** What changes in an address: a value or several replace what was there, null takes it away. */
export type SearchChanges = Record<string, string | readonly string[] | null>;

/** The query of an address after changes. Any change of what is listed also forgets the place in the list. */
export function searchWith(search: URLSearchParams, changes: SearchChanges): string {
	const next = new URLSearchParams(search);
	if (Object.keys(changes).some((key) => key !== "panel")) next.delete("cursor");
	for (const [key, value] of Object.entries(changes)) {
		next.delete(key);
		for (const one of value === null ? [] : typeof value === "string" ? [value] : value) next.append(key, one);
	}
	return toSearch(next);
}

/** The query that shows a range: another range may not have the grouping of this one. */
export function searchForRange(search: URLSearchParams, range: Range): string {
	const grp = groupingsOfLength(range).some((one) => one === search.get("grp")) ? search.getAll("grp") : null;
	if (isRelative(range)) return searchWith(search, { from: range.from, to: null, grp });
	return searchWith(search, { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString(), grp });
}

/** What follows when someone goes to another page of the team. */
export function carriedSearch(search: URLSearchParams): string {
	const next = new URLSearchParams();
	for (const key of CARRIED) for (const value of search.getAll(key)) next.append(key, value);
	return toSearch(next);
}

/** What follows to another team: when and how one looks, not which repositories, for those are this team's. */
export function searchForTeam(search: URLSearchParams): string {
	const next = new URLSearchParams(search);
	for (const key of ["repo", "wf"]) next.delete(key);
	return carriedSearch(next);
}

/** The query for a link to paste: the same moments tomorrow as now, so a relative range becomes an absolute one. */
export function searchToShare(search: URLSearchParams, now: number): string {
	const { from, to } = momentsOf(rangeOf(search), now);
	return searchForRange(search, { from, to: to ?? runningHourEnd(now), label: "Custom" });
}

function toSearch(search: URLSearchParams): string {
	if (search.get("from") === DEFAULT_RANGE.from) search.delete("from");
	if (search.get("sort") === "-started") search.delete("sort");
	// A relative range ends now; a `to` beside it says nothing.
	if (RANGES.some(({ from }) => from === search.get("from")) || !search.has("from")) search.delete("to");
	for (const [key, value] of [...search]) if (value === "") search.delete(key);
	search.sort();
	const text = search.toString();
	return text === "" ? "" : `?${text}`;
}
