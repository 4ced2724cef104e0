import type { Database } from "#worker/database";
import { readHead } from "#worker/domains/deliveries/store.server";
import { readDeploymentFigures } from "#worker/domains/deployments/figures.server";
import { type DeploymentFilter, listDeployments } from "#worker/domains/deployments/store.server";
import { readBoard } from "#worker/domains/environments/state.server";
import { AppError } from "#worker/errors";
import type { DeploymentRow } from "#worker/wire/deployments";
import { DEPLOYMENTS_PER_PAGE, type DeploymentsPage, FIGURES_DAYS, type HistoryFilters } from "./deployments-page.ts";

/** Where a list goes on: the last row of the page before. */
export function cursorOf({ orderedAt, id }: Pick<DeploymentRow, "orderedAt" | "id">): string {
	return `${orderedAt}.${id}`;
}

/** @throws AppError invalid for what no list has ever answered */
function readCursor(cursor: string): NonNullable<DeploymentFilter["after"]> {
	const [, orderedAt, id] = /^(\d{1,15})\.(.{1,600})$/s.exec(cursor) ?? [];
	if (orderedAt === undefined || id === undefined) throw new AppError("invalid", "This place in the list does not exist. Begin it anew.");
	return { orderedAt: Number(orderedAt), id };
}

type Known = { id: string; name: string };

/** One page of the history. An environment that the team does not have has none. */
export async function loadRows(
	db: Database,
	teamId: string,
	filters: HistoryFilters,
	known: readonly Known[],
): Promise<Pick<DeploymentsPage, "rows" | "nextCursor">> {
	const environmentId = environmentOf(filters, known);
	if (filters.environment !== null && environmentId === undefined) return { rows: [], nextCursor: null };
	const found = await listDeployments(db, teamId, {
		environmentId,
		component: filters.component ?? undefined,
		status: filters.statuses.length === 0 ? undefined : filters.statuses,
		after: filters.cursor === null ? undefined : readCursor(filters.cursor),
		limit: DEPLOYMENTS_PER_PAGE + 1,
	});
	const rows = found.slice(0, DEPLOYMENTS_PER_PAGE);
	const last = rows.at(-1);
	return { rows, nextCursor: found.length > rows.length && last ? cursorOf(last) : null };
}

/** Everything the deployments page draws, in one answer. The stream's place is read first, so that nothing between is missed. */
export async function loadDeploymentsPage(db: Database, teamId: string, filters: HistoryFilters, now: number): Promise<DeploymentsPage> {
	const head = await readHead(db, teamId);
	const board = await readBoard(db, teamId, now);
	const from = now - FIGURES_DAYS * 24 * 3600_000;
	const asked = { environmentId: environmentOf(filters, board), component: filters.component ?? undefined, from };
	const [page, figures] = await Promise.all([loadRows(db, teamId, filters, board), readDeploymentFigures(db, teamId, asked)]);
	return {
		...{ epoch: head?.epoch ?? "", seq: head?.no ?? 0, ...page, filters, figures },
		environments: board.map((one) => ({ ...one, viewers: [] })),
		hasAny: board.some(({ components }) => components.length > 0),
	};
}

function environmentOf({ environment }: HistoryFilters, known: readonly Known[]): string | undefined {
	const sought = environment?.trim().toLowerCase();
	return known.find(({ id, name }) => id === environment || name.toLowerCase() === sought)?.id;
}
