import { z } from "zod";
import {
	approveRequest,
	ChangeDispatcher,
	CreateDispatcher,
	changeDispatcher,
	createDispatcher,
	DeclineRequest,
	declineRequest,
	removeDispatcher,
} from "../domains/deployments/actions.server.ts";
import { toDeployRequestBody } from "../domains/deployments/api.ts";
import { type ListedDispatcher, listDispatchers, listRequests } from "../domains/deployments/requests.server.ts";
import { environmentIdOf } from "../domains/environments/model.ts";
import { listEnvironments } from "../domains/environments/store.server.ts";
import { AppError } from "../errors.ts";
import { AskedBody, DeployRequestListBody, DispatcherBody, DispatcherListBody, NewDispatcherBody } from "../wire/deployment-api.ts";
import { readJson } from "./body.ts";
import type { Context } from "./context.ts";
import { deployDepsOf } from "./deploying.ts";
import { answers, type Door, limitParameter, parseQuery, refusals } from "./door.ts";

const unstored = { "cache-control": "no-store" };
const idOf = (c: Context) => c.req.param("id") ?? "";
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

async function bodies(c: Context): Promise<z.infer<typeof DispatcherBody>[]> {
	const db = c.get("db");
	const teamId = c.get("team").id;
	const names = new Map((await listEnvironments(db, teamId)).map(({ id, name }) => [id, name]));
	return (await listDispatchers(db, teamId)).map((one: ListedDispatcher) => ({
		...{ id: one.id, kind: one.kind, environment: one.environmentId === "" ? null : (names.get(one.environmentId) ?? one.environmentId) },
		...{
			component: one.component === "" ? null : one.component,
			settings: one.settings,
			created_at: new Date(one.createdAt).toISOString(),
		},
		...{ last_used_at: iso(one.lastUsedAt), last_result: one.lastResult },
	}));
}

async function theBody(c: Context, id: string): Promise<z.infer<typeof DispatcherBody>> {
	const body = (await bodies(c)).find((one) => one.id === id);
	if (!body) throw new AppError("notFound", "There is no such dispatcher in this team.");
	return body;
}

async function getDispatchers(c: Context): Promise<Response> {
	return c.json({ dispatchers: await bodies(c) }, 200, unstored);
}

async function postDispatcher(c: Context): Promise<Response> {
	const { id, secret } = await createDispatcher(await deployDepsOf(c), c.get("team").id, await readJson(c.req.raw));
	return c.json({ ...(await theBody(c, id)), secret }, 201, unstored);
}

async function patchDispatcher(c: Context): Promise<Response> {
	const deps = await deployDepsOf(c);
	await changeDispatcher(deps, c.get("team").id, { ...(await readJson(c.req.raw)), id: idOf(c) });
	return c.json(await theBody(c, idOf(c)), 200, unstored);
}

async function deleteDispatcher(c: Context): Promise<Response> {
	await removeDispatcher(await deployDepsOf(c), c.get("team").id, { id: idOf(c) });
	return c.body(null, 204);
}

const RequestsQuery = z.object({ environment: z.string().max(255).optional(), limit: limitParameter(50) });

async function getRequests(c: Context): Promise<Response> {
	const { environment, limit } = parseQuery(c, RequestsQuery);
	const teamId = c.get("team").id;
	const environmentId =
		environment === undefined || /^e-[a-z2-9]{12}$/.test(environment) ? environment : environmentIdOf(teamId, environment);
	const requests = await listRequests(c.get("db"), teamId, { environmentId, limit });
	return c.json({ requests: requests.map(toDeployRequestBody) }, 200, unstored);
}

async function postApprove(c: Context): Promise<Response> {
	const request = await approveRequest(await deployDepsOf(c), c.get("team").id, { id: idOf(c) });
	return c.json({ request: toDeployRequestBody(request) }, 200, unstored);
}

async function postDecline(c: Context): Promise<Response> {
	const request = await declineRequest(await deployDepsOf(c), c.get("team").id, { ...(await readJson(c.req.raw)), id: idOf(c) });
	return c.json({ request: toDeployRequestBody(request) }, 200, unstored);
}

const tags = ["Deployments"];
const params = z.object({ id: z.string() });
const json = (schema: z.ZodType) => ({ body: { required: true, content: { "application/json": { schema } } } });
const read = { permission: "deployments:read" } as const;
const deploy = { permission: "deployments:deploy" } as const;
const manage = { permission: "environments:manage" } as const;
const writeRefusals = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);

/** Where deployments that are asked for are sent, and those that wait for a second person. */
export const dispatcherDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/dispatchers", tags, summary: "Where deployments are sent when they are asked for here" },
			responses: { 200: answers(DispatcherListBody, "Oldest first; never a secret"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: manage,
		handle: getDispatchers,
	},
	{
		route: {
			...{
				method: "post",
				path: "/api/dispatchers",
				tags,
				summary: "Connect what deploys: a GitHub workflow, a GitLab trigger, a signed webhook",
			},
			description:
				"`settings` by kind: github-workflow `repo`, `workflow`, `ref`?, `inputs`? (`name={version},…`); github-dispatch `repo`, `event`?; " +
				"gitlab-trigger `project`, `ref`?, `host`?; webhook `url`. The most specific one for environment and component is used. " +
				"A webhook is signed as Standard Webhooks has it.",
			request: json(CreateDispatcher),
			responses: { 201: answers(NewDispatcherBody, "Connected"), ...writeRefusals },
		},
		policy: manage,
		handle: postDispatcher,
	},
	{
		route: {
			...{ method: "patch", path: "/api/dispatchers/{id}", tags, summary: "Change where one sends, or its secret" },
			request: { params, ...json(ChangeDispatcher.omit({ id: true })) },
			responses: { 200: answers(DispatcherBody, "As it is now"), ...writeRefusals },
		},
		policy: manage,
		handle: patchDispatcher,
	},
	{
		route: {
			...{ method: "delete", path: "/api/dispatchers/{id}", tags, summary: "Send nothing there any more" },
			request: { params },
			responses: { 204: { description: "Gone" }, ...refusals(401, 403, 404, 409, 422, 429, 503) },
		},
		policy: manage,
		handle: deleteDispatcher,
	},
	{
		route: {
			...{ method: "get", path: "/api/deploy-requests", tags, summary: "Deployments that were asked for here, newest first" },
			request: { query: RequestsQuery },
			responses: { 200: answers(DeployRequestListBody, "Newest first"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: read,
		handle: getRequests,
	},
	{
		route: {
			...{ method: "post", path: "/api/deploy-requests/{id}/approve", tags, summary: "Let a deployment go that somebody else asked for" },
			request: { params },
			responses: { 200: answers(AskedBody, "Sent to whoever carries it out"), ...writeRefusals },
		},
		policy: deploy,
		handle: postApprove,
	},
	{
		route: {
			...{ method: "post", path: "/api/deploy-requests/{id}/decline", tags, summary: "Refuse a deployment that waits, or take it back" },
			request: { params, ...json(DeclineRequest.omit({ id: true })) },
			responses: { 200: answers(AskedBody, "It does not go"), ...writeRefusals },
		},
		policy: deploy,
		handle: postDecline,
	},
];
