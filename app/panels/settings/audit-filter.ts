/** What the audit page shows, as its address says it. Days are UTC, the last one included. */
export type AuditAsked = { actor: string; act: string; since: string; until: string; before: number | null };

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 24 * 3600_000;

/** The filter an address asks for; what does not hold asks for nothing. */
export function readAuditAsked(search: URLSearchParams): AuditAsked {
	const text = (name: string) => (search.get(name) ?? "").slice(0, 200);
	const day = (name: string) => (DAY.test(text(name)) && !Number.isNaN(Date.parse(text(name))) ? text(name) : "");
	const before = /^\d{1,15}$/.test(text("before")) ? Number(text("before")) : null;
	return { actor: text("actor"), act: text("act"), since: day("since"), until: day("until"), before };
}

/** The same for the database; `to` is excluded there. */
export function filterOf({ actor, act, since, until }: AuditAsked) {
	return {
		actor: actor || undefined,
		act: act || undefined,
		from: since === "" ? undefined : Date.parse(since),
		to: until === "" ? undefined : Date.parse(until) + DAY_MS,
	};
}

/** The address of the whole of it as a file. */
export function exportPath(team: string, asked: AuditAsked, format: "csv" | "json"): string {
	const { actor, act, from, to } = filterOf(asked);
	const search = new URLSearchParams({ team, format });
	if (actor) search.set("actor", actor);
	if (act) search.set("act", act);
	if (from !== undefined) search.set("from", new Date(from).toISOString());
	if (to !== undefined) search.set("to", new Date(to).toISOString());
	return `/api/audit?${search}`;
}
