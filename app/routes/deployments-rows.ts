import { json } from "@remix-run/cloudflare";
import { listEnvironments } from "#worker/domains/environments/store.server";
import { teamPage } from "../access.server.ts";
import { readHistoryFilters } from "../panels/deployments/deployments-page.ts";
import { loadRows } from "../panels/deployments/load-board.server.ts";
import type { DeploymentRowsPage } from "../panels/deployments/use-more-deployments.ts";

/** A further page of the history, for the page that appends it. */
export const loader = teamPage("deployments:read", async ({ request, context: { db }, team }) => {
	const environments = await listEnvironments(db, team.id);
	const page = await loadRows(db, team.id, readHistoryFilters(new URL(request.url).searchParams), environments);
	return json(page satisfies DeploymentRowsPage, { headers: { "Cache-Control": "no-store" } });
});
