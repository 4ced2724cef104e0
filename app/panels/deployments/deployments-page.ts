import type { DeploymentFigures } from "#worker/domains/deployments/figures.server";
import { type FoldNeeds, foldChange } from "#worker/domains/runs/overview";
import { DEPLOYMENT_STATUSES, type DeploymentRow, type DeploymentStatus, type EnvironmentState } from "#worker/wire/deployments";
import type { LiveMessage } from "#worker/wire/live";

/** What the deployments page keeps, and what a frame does to it. */

/** How long the figures above the list look back. */
export const FIGURES_DAYS = 30;
/** Deployments that the list begins with, and that "Load 50 more" adds. */
export const DEPLOYMENTS_PER_PAGE = 50;

/** What the address says of the list. */
export type HistoryFilters = {
	/** An environment's name, as people say it. */
	environment: string | null;
	component: string | null;
	statuses: DeploymentStatus[];
	cursor: string | null;
};

export type DeploymentsPage = {
	epoch: string;
	seq: number;
	environments: EnvironmentState[];
	/** Newest first. */
	rows: DeploymentRow[];
	nextCursor: string | null;
	filters: HistoryFilters;
	figures: DeploymentFigures;
	/** Whether there is any deployment at all, whatever is filtered. */
	hasAny: boolean;
};

/** What an address asks for. What it says wrongly counts as not said. */
export function readHistoryFilters(search: URLSearchParams): HistoryFilters {
	const name = (key: string) => {
		const value = search.get(key)?.trim() ?? "";
		return value === "" || value.length > 200 ? null : value;
	};
	const asked = search.getAll("status").map((word) => ({ failed: "failure", succeeded: "success" })[word] ?? word);
	return {
		environment: name("env"),
		component: name("component"),
		statuses: DEPLOYMENT_STATUSES.filter((status) => asked.includes(status)),
		cursor: name("cursor"),
	};
}

/** Whether a deployment belongs to what is listed. */
export function isListed({ environment, component, statuses }: HistoryFilters, row: DeploymentRow): boolean {
	return (
		(environment === null || row.environment.toLowerCase() === environment.toLowerCase()) &&
		(component === null || row.component === component) &&
		(statuses.length === 0 || statuses.includes(row.status))
	);
}

/** Newest first; ids break ties. The order of the list, in SQL too. */
export function byNewest(a: Pick<DeploymentRow, "orderedAt" | "id">, b: Pick<DeploymentRow, "orderedAt" | "id">): number {
	return b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** The list with what a frame tells: rows change where they stand, new ones come where their time puts them. */
export function withDeployments(
	page: Pick<DeploymentsPage, "rows" | "filters" | "nextCursor">,
	told: readonly DeploymentRow[],
): DeploymentRow[] {
	const { rows, filters, nextCursor } = page;
	if (told.length === 0) return rows;
	const changed = new Set(told.map(({ id }) => id));
	const kept = rows.filter(({ id }) => !changed.has(id));
	const last = rows.at(-1);
	// What is older than the end of a list that goes on belongs to a later page.
	const fits = (row: DeploymentRow) => isListed(filters, row) && (nextCursor === null || !last || byNewest(row, last) <= 0);
	return filters.cursor === null
		? [...kept, ...told.filter(fits)].sort(byNewest)
		: rows.map((row) => told.find(({ id }) => id === row.id) ?? row);
}

/** Apply one frame. The board is the environments' own; news of one ask for it again (`hasNews`). */
export function foldDeploymentsPage(state: DeploymentsPage, message: LiveMessage): { state: DeploymentsPage; needs: FoldNeeds } {
	return foldChange(state, message, (change) => {
		const { deployments = [], rollbacks = [], seq, epoch } = change;
		const environments =
			rollbacks.length === 0
				? state.environments
				: state.environments.map((one) => {
						const rollback = rollbacks.findLast(({ environmentId, kind }) => environmentId === one.id && kind === "rollback");
						return rollback ? { ...one, rollback } : one;
					});
		const rows = withDeployments(state, deployments);
		return {
			state: { ...state, epoch, seq, environments, rows, hasAny: state.hasAny || deployments.length > 0 },
			needs: "nothing",
		};
	});
}

/** Whether a frame tells of an environment, of any or of one: what the board says of it may have changed. */
export function hasNews(message: LiveMessage, environmentId?: string): boolean {
	if (message.type !== "change") return false;
	const { environments = [], deployments = [], rollbacks = [] } = message;
	const named = [...environments, ...deployments.map((one) => one.environmentId), ...rollbacks.map((one) => one.environmentId)];
	return environmentId === undefined ? named.length > 0 : named.includes(environmentId);
}

/** The newest attempts of components that fail: the rows to look at first. */
export function failingRows(environments: readonly EnvironmentState[]): Set<string> {
	return new Set(
		environments.flatMap(({ components }) =>
			components.flatMap(({ health, latest }) => (health === "failing" && latest ? [latest.id] : [])),
		),
	);
}

/** Production last in the way a version goes, by the names that teams give; unknown ones before production. */
const WAY: readonly RegExp[] = [/^(dev|development|sandbox)/i, /^(test|qa|ci)/i, /^(preview|review)/i, /^(stag|uat|pre)/i];

/** Where a version of an environment goes next: the name, or null for production and for what nobody can guess. */
export function nextOf(environment: EnvironmentState, all: readonly EnvironmentState[]): string | null {
	if (environment.settings.isProduction) return null;
	const place = (one: EnvironmentState) => {
		if (one.settings.isProduction) return WAY.length + 1;
		const found = WAY.findIndex((pattern) => pattern.test(one.name));
		return found === -1 ? WAY.length : found;
	};
	const own = place(environment);
	const later = all.filter((one) => place(one) > own).sort((a, b) => place(a) - place(b));
	return later[0]?.name ?? null;
}
