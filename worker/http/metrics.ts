import { z } from "zod";
import { readHead } from "../domains/deliveries/store.server.ts";
import { toMetricsBody, toWorkflowListBody } from "../domains/runs/api.ts";
import { readWorkflows } from "../domains/runs/pipelines.server.ts";
import { resolveRange } from "../domains/runs/range.ts";
import { readMetrics } from "../domains/runs/store.server.ts";
import { DAY_MS } from "../domains/runs/tally.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { MetricsBody, WorkflowListBody } from "../wire/api.ts";
import type { Context } from "./context.ts";
import { answers, type Door, limitParameter, NamesParameter, parseQuery, refusals, TimeParameter } from "./door.ts";

const MetricsQuery = z.object({
	from: TimeParameter.optional(),
	to: TimeParameter.optional(),
	group_by: z.enum(["hour", "day", "week"], { error: "must be hour, day or week" }).default("day"),
	limit: limitParameter(20),
	repo: NamesParameter.optional(),
	workflow: NamesParameter.optional(),
});

async function getMetrics(c: Context): Promise<Response> {
	const query = parseQuery(c, MetricsQuery);
	const now = c.get("now");
	const db = c.get("db");
	const teamId = c.get("team").id;
	const to = query.to ?? now;
	const range = resolveRange({ from: query.from ?? to - 30 * DAY_MS, to, groupBy: query.group_by, now });
	if ("fields" in range) throw new AppError("invalid", "The range can't be answered. See `fields`.", { fields: range.fields });

	// The answer depends on nothing but the stream's position and the question, so both make its name.
	const head = await readHead(db, teamId);
	const name = [head?.epoch, head?.no, range.from, range.to, range.groupBy, query.limit, query.repo, query.workflow];
	const etag = `W/"${(await sha256Hex(JSON.stringify(name))).slice(0, 32)}"`;
	const headers = { etag, "cache-control": "private, no-cache", vary: "authorization, cookie" };
	if (
		c.req
			.header("if-none-match")
			?.split(",")
			.some((tag) => tag.trim() === etag || tag.trim() === "*")
	)
		return c.body(null, 304, headers);

	const filter = { repo: query.repo ?? [], workflow: query.workflow ?? [], limit: query.limit };
	const found = await readMetrics(db, teamId, range, filter, now);
	const body = toMetricsBody({ range, buckets: found.buckets, previous: found.previous, runs: found.runs, at: found.head?.at ?? null });
	return c.json(body, 200, headers);
}

const WORKFLOWS_LISTED = 200;
const WorkflowsQuery = MetricsQuery.pick({ from: true, to: true, repo: true, workflow: true });

async function getWorkflows(c: Context): Promise<Response> {
	const { from, to, repo: repos = [], workflow: workflows = [] } = parseQuery(c, WorkflowsQuery);
	const now = c.get("now");
	const end = to ?? now;
	const view = { from: from ?? end - DAY_MS, to: end, groupBy: "day" as const, repos, workflows };
	const found = await readWorkflows(c.get("db"), c.get("team").id, view, { limit: WORKFLOWS_LISTED, now });
	return c.json(toWorkflowListBody(found), 200, { "cache-control": "no-store" });
}

/** The dashboard's figures. */
export const metricsDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/metrics", tags: ["Runs"], summary: "Totals, series and newest runs of a range" },
			request: { query: MetricsQuery },
			responses: {
				200: answers(MetricsBody, "The figures"),
				304: { description: "Nothing changed since the ETag" },
				...refusals(401, 403, 404, 422, 429, 503),
			},
		},
		policy: { permission: "runs:read" },
		handle: getMetrics,
	},
	{
		route: {
			...{
				method: "get",
				path: "/api/workflows",
				tags: ["Runs"],
				summary: "Workflows that ran in a range (the last 24 hours), worst first",
			},
			request: { query: WorkflowsQuery },
			responses: { 200: answers(WorkflowListBody, "At most 200 workflows"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: { permission: "runs:read" },
		handle: getWorkflows,
	},
];
