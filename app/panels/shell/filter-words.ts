import { type Filters, isRelative } from "../../format/view.ts";

/** A workflow of a repository, as the filters offer it. */
export type Name = { repo: string; workflow: string };
export type NameField = "repo" | "wf";

/** What a filter offers: every known name once, in order, and what is chosen whether it is known or not. */
export function choicesOf(names: readonly Name[], field: NameField, filters: Pick<Filters, "repos" | "workflows">): string[] {
	const { repos, workflows } = filters;
	// Workflows of other repositories than the chosen ones would only ever find nothing.
	const offered =
		field === "repo" ? names.map(({ repo }) => repo) : names.filter(({ repo }) => isChosen(repos, repo)).map(({ workflow }) => workflow);
	return [...new Set([...offered, ...(field === "repo" ? repos : workflows)])].sort((a, b) => a.localeCompare(b, "en"));
}

/** A filter's value on its button: `All 14`, the one name, `3 of 14`. */
export function namesWords(chosen: readonly string[], offered: number): string {
	if (chosen.length === 0) return offered > 0 ? `All ${offered}` : "All";
	if (chosen.length === 1) return chosen[0] ?? "";
	return `${chosen.length} of ${Math.max(offered, chosen.length)}`;
}

/** All filters on the one button of a phone: `Last 24 h · 2 filters`. */
export function sheetWords({ range, repos, workflows }: Pick<Filters, "range" | "repos" | "workflows">): string {
	const count = (repos.length > 0 ? 1 : 0) + (workflows.length > 0 ? 1 : 0);
	const time = isRelative(range) ? `Last ${range.label}` : "Custom range";
	return count === 0 ? time : `${time} · ${count} ${count === 1 ? "filter" : "filters"}`;
}

/** Names with those of a live frame; the same array where nothing is new. */
export function namesWith(names: readonly Name[], seen: readonly Name[]): readonly Name[] {
	const known = new Set(names.map(({ repo, workflow }) => `${repo}\n${workflow}`));
	const fresh = seen.filter(({ repo, workflow }) => !known.has(`${repo}\n${workflow}`));
	return fresh.length === 0 ? names : [...names, ...fresh.map(({ repo, workflow }) => ({ repo, workflow }))];
}

function isChosen(chosen: readonly string[], name: string): boolean {
	return chosen.length === 0 || chosen.includes(name);
}
