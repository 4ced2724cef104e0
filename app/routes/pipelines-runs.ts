import { json } from "@remix-run/cloudflare";
import { readPipelines } from "#worker/domains/runs/pipelines.server";
import { teamPage } from "../access.server.ts";
import { pipelinesView } from "../panels/pipelines/pipelines-page.ts";
import type { RunsPage } from "../panels/pipelines/use-more-runs.ts";

/** A further page of the list of runs, for the page that appends it. */
export const loader = teamPage("runs:read", async ({ request, context, team }) => {
	const view = pipelinesView(new URL(request.url).searchParams, context.now);
	const { runs, nextCursor } = await readPipelines(context.db, team.id, { ...view, workflowsShown: 1 }, context.now);
	return json({ runs, nextCursor } satisfies RunsPage, { headers: { "Cache-Control": "no-store" } });
});
