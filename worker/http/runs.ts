import { z } from "zod";
import { payloadsOfRun } from "../domains/deliveries/store.server.ts";
import { listPushes } from "../domains/git/store.server.ts";
import { toRunBody, toRunDetailBody } from "../domains/runs/api.ts";
import { listRuns, readRun } from "../domains/runs/store.server.ts";
import { AppError } from "../errors.ts";
import { blobKey } from "../pipeline/receive.ts";
import { PushListBody, RawPayloadsBody, RunDetailBody, RunListBody, RunStatusSchema } from "../wire/api.ts";
import type { Context } from "./context.ts";
import {
	answers,
	CursorParameter,
	type Door,
	ListParameter,
	limitParameter,
	NamesParameter,
	parseQuery,
	refusals,
	TimeParameter,
	toCursor,
} from "./door.ts";

const RunsQuery = z.object({
	repo: NamesParameter.optional(),
	workflow: NamesParameter.optional(),
	branch: z.string().max(255).optional(),
	status: ListParameter.optional().refine(
		(values) => values === undefined || values.every((value) => RunStatusSchema.safeParse(value).success),
		"must be success, failure, cancelled, running or queued",
	),
	source: z.string().max(100).optional(),
	external_id: z.string().max(255).optional(),
	from: TimeParameter.optional(),
	to: TimeParameter.optional(),
	q: z.string().max(200).optional(),
	limit: limitParameter(50),
	cursor: CursorParameter.optional(),
});

async function getRuns(c: Context): Promise<Response> {
	const query = parseQuery(c, RunsQuery);
	const { cursor, external_id: externalId, status, limit, ...filter } = query;
	const found = await listRuns(c.get("db"), c.get("team").id, {
		...filter,
		externalId,
		status: status as z.infer<typeof RunStatusSchema>[] | undefined,
		limit: limit + 1,
		after: cursor && { orderedAt: cursor.at, id: cursor.id },
	});
	const runs = found.slice(0, limit);
	const last = runs.at(-1);
	const next = found.length > limit && last ? toCursor(last.orderedAt, last.id) : null;
	return c.json({ runs: runs.map(toRunBody), next_cursor: next }, 200, { "cache-control": "no-store" });
}

const unknownRun = () => new AppError("notFound", "There is no such run in this team.");

async function getRun(c: Context): Promise<Response> {
	const found = await readRun(c.get("db"), c.get("team").id, c.req.param("id") ?? "");
	if (!found) throw unknownRun();
	return c.json(toRunDetailBody(found.run, found.attempts, found.jobs), 200, { "cache-control": "no-store" });
}

async function getRaw(c: Context): Promise<Response> {
	const db = c.get("db");
	const teamId = c.get("team").id;
	const runId = c.req.param("id") ?? "";
	if (!(await readRun(db, teamId, runId))) throw unknownRun();
	const payloads = await Promise.all(
		(await payloadsOfRun(db, teamId, runId)).map(async ({ deliveryId, source, event, receivedAt, bodyAt, body }) => {
			const text = bodyAt === "blob" ? await (await c.env.BLOBS.get(blobKey(teamId, source, deliveryId)))?.text() : body;
			return {
				delivery_id: deliveryId,
				source,
				event,
				received_at: new Date(receivedAt).toISOString(),
				body: text ? (JSON.parse(text) as unknown) : null,
			};
		}),
	);
	return c.json({ payloads }, 200, { "cache-control": "no-store" });
}

const PushesQuery = z.object({
	repo: NamesParameter.optional(),
	from: TimeParameter.optional(),
	to: TimeParameter.optional(),
	limit: limitParameter(50),
	cursor: CursorParameter.optional(),
});

async function getPushes(c: Context): Promise<Response> {
	const { cursor, limit, ...filter } = parseQuery(c, PushesQuery);
	const found = await listPushes(c.get("db"), c.get("team").id, { ...filter, limit, before: cursor });
	const pushes = found.slice(0, limit);
	const last = pushes.at(-1);
	const next = found.length > limit && last ? toCursor(last.receivedAt, last.id) : null;
	const body = pushes.map(({ repo, ref, refType, before, after, forced, deleted, commitCount, authors, pusher, receivedAt }) => ({
		...{ repo, ref, ref_type: refType, before, after, forced, deleted, commits: commitCount, authors, pusher },
		received_at: new Date(receivedAt).toISOString(),
	}));
	return c.json({ pushes: body, next_cursor: next }, 200, { "cache-control": "no-store" });
}

const policy = { permission: "runs:read" } as const;
const tags = ["Runs"];
const params = z.object({ id: z.string() });

/** Runs, one run, its raw payloads, pushes. */
export const runDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/runs", tags, summary: "Runs, newest first" },
			request: { query: RunsQuery },
			responses: { 200: answers(RunListBody, "A page of runs"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy,
		handle: getRuns,
	},
	{
		route: {
			...{ method: "get", path: "/api/runs/{id}", tags, summary: "One run with its attempts and jobs" },
			request: { params },
			responses: { 200: answers(RunDetailBody, "The run"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy,
		handle: getRun,
	},
	{
		route: {
			...{ method: "get", path: "/api/runs/{id}/raw", tags, summary: "The redacted payloads that spoke of a run" },
			request: { params },
			responses: { 200: answers(RawPayloadsBody, "Newest first"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy,
		handle: getRaw,
	},
	{
		route: {
			...{ method: "get", path: "/api/pushes", tags, summary: "Pushes, newest arrival first" },
			request: { query: PushesQuery },
			responses: { 200: answers(PushListBody, "A page of pushes"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy,
		handle: getPushes,
	},
];
