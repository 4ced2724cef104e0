/** Where what has to do with deployments has its pages. */

const under = (team: string, path: string) => `/t/${encodeURIComponent(team)}/${path}`;

/** An environment's own page. */
export function environmentAddress(team: string, id: string): string {
	return under(team, `environments/${encodeURIComponent(id)}`);
}

/** A deployment's own page. */
export function deploymentAddress(team: string, id: string): string {
	return under(team, `deployments/${encodeURIComponent(id)}`);
}

/** A rollback's own page. */
export function rollbackPage(team: string, id: string): string {
	return under(team, `rollbacks/${encodeURIComponent(id)}`);
}

/** The deploy form, filled in as far as is known. */
export function deployAddress(team: string, filled: { component?: string; version?: string; environment?: string }): string {
	const search = new URLSearchParams(Object.entries(filled).filter(([, value]) => value !== undefined && value !== ""));
	search.sort();
	return under(team, `deployments/new${search.size > 0 ? `?${search}` : ""}`);
}
