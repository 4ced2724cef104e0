import { z } from "zod";
import {
	type AgentTokenMade,
	ChangeCluster,
	type ClusterDeps,
	CreateCluster,
	changeCluster,
	createCluster,
	removeCluster,
	revokeAgentToken,
	rotateAgentToken,
} from "../domains/clusters/actions.server.ts";
import { toClusterBody } from "../domains/clusters/api.ts";
import { AGENT_IMAGE, installManifest, isNamespaceName } from "../domains/clusters/install.ts";
import { readClusters } from "../domains/clusters/report.server.ts";
import { AppError } from "../errors.ts";
import { ClusterBody, ClusterListBody, NewAgentTokenBody } from "../wire/api.ts";
import { depsOf } from "./acting.ts";
import { readJson } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, refusals } from "./door.ts";
import { linksPort } from "./links.ts";

const unstored = { "cache-control": "no-store" };
const idOf = (c: Context) => c.req.param("id") ?? "";
const clusterDeps = async (c: Context): Promise<ClusterDeps> => ({ ...(await depsOf(c)), links: linksPort(c.env) });

async function getClusters(c: Context): Promise<Response> {
	const clusters = await readClusters(c.get("db"), c.get("team").id, c.get("now"));
	return c.json({ clusters: clusters.map(toClusterBody) }, 200, unstored);
}

async function getCluster(c: Context): Promise<Response> {
	const found = (await readClusters(c.get("db"), c.get("team").id, c.get("now"))).find(({ id }) => id === idOf(c));
	if (!found) throw new AppError("notFound", "There is no such cluster in this team.");
	return c.json(toClusterBody(found), 200, unstored);
}

function made(c: Context, { id, name, tokenId, token, bindings }: AgentTokenMade, oldExpiresAt: number | null): NewAgentTokenBody {
	const namespaces = bindings.map(({ namespace }) => namespace).filter(isNamespaceName);
	return {
		...{ cluster: { id, name }, token_id: tokenId, token },
		old_expires_at: oldExpiresAt === null ? null : new Date(oldExpiresAt).toISOString(),
		manifest: installManifest({ url: new URL(c.req.url).origin, cluster: name, token, namespaces, image: AGENT_IMAGE }),
	};
}

async function postCluster(c: Context): Promise<Response> {
	const created = await createCluster(await clusterDeps(c), c.get("team").id, await readJson(c.req.raw));
	return c.json(made(c, created, null), 201, unstored);
}

async function patchCluster(c: Context): Promise<Response> {
	await changeCluster(await clusterDeps(c), c.get("team").id, { ...(await readJson(c.req.raw)), id: idOf(c) });
	return await getCluster(c);
}

async function postRotate(c: Context): Promise<Response> {
	const rotated = await rotateAgentToken(await clusterDeps(c), c.get("team").id, { id: idOf(c) });
	return c.json(made(c, rotated, rotated.oldExpiresAt), 200, unstored);
}

async function deleteToken(c: Context): Promise<Response> {
	await revokeAgentToken(await clusterDeps(c), c.get("team").id, { id: idOf(c), tokenId: c.req.param("token") ?? "" });
	return c.body(null, 204);
}

async function deleteCluster(c: Context): Promise<Response> {
	await removeCluster(await clusterDeps(c), c.get("team").id, { id: idOf(c) });
	return c.body(null, 204);
}

const params = z.object({ id: z.string() });
const json = (schema: z.ZodType) => ({ body: { required: true, content: { "application/json": { schema } } } });
const bodyRefusals = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);
const otherRefusals = refusals(401, 403, 404, 409, 422, 429, 503);
const tags = ["Clusters"];
const read = { permission: "clusters:read" } as const;
const manage = { permission: "clusters:manage" } as const;

/** Clusters, what their agents may, and the tokens those come with. */
export const clusterDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/clusters", tags, summary: "Clusters: whether their agents are there, and what those may" },
			responses: { 200: answers(ClusterListBody, "By name"), ...otherRefusals },
		},
		policy: read,
		handle: getClusters,
	},
	{
		route: {
			...{ method: "post", path: "/api/clusters", tags, summary: "Connect a cluster; its agent's token is answered this once" },
			request: json(CreateCluster),
			responses: { 201: answers(NewAgentTokenBody, "The token"), ...bodyRefusals },
		},
		policy: manage,
		handle: postCluster,
	},
	{
		route: {
			...{ method: "get", path: "/api/clusters/{id}", tags, summary: "One cluster" },
			request: { params },
			responses: { 200: answers(ClusterBody, "As of now"), ...otherRefusals },
		},
		policy: read,
		handle: getCluster,
	},
	{
		route: {
			...{ method: "patch", path: "/api/clusters/{id}", tags, summary: "Rename a cluster, or say which environments its namespaces are" },
			request: { params, ...json(z.object({ name: ChangeCluster.shape.name, bindings: ChangeCluster.shape.bindings })) },
			responses: { 200: answers(ClusterBody, "As it is now"), ...bodyRefusals },
		},
		policy: manage,
		handle: patchCluster,
	},
	{
		route: {
			...{ method: "delete", path: "/api/clusters/{id}", tags, summary: "Take a cluster out: its agent is cut off, its history stays" },
			request: { params },
			responses: { 204: { description: "Gone" }, ...otherRefusals },
		},
		policy: manage,
		handle: deleteCluster,
	},
	{
		route: {
			...{ method: "post", path: "/api/clusters/{id}/rotate", tags, summary: "Another token; the one before is accepted for 24 hours" },
			request: { params },
			responses: { 200: answers(NewAgentTokenBody, "The new token, this once"), ...otherRefusals },
		},
		policy: manage,
		handle: postRotate,
	},
	{
		route: {
			...{ method: "delete", path: "/api/clusters/{id}/tokens/{token}", tags, summary: "End an agent's token: it is cut off at once" },
			request: { params: params.extend({ token: z.string() }) },
			responses: { 204: { description: "Ended" }, ...otherRefusals },
		},
		policy: manage,
		handle: deleteToken,
	},
];
