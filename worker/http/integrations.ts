import { z } from "zod";
import { nameInAudit, roleIn } from "../domains/auth/model.ts";
import {
	CreateIntegration,
	createIntegration,
	type Deps,
	type NewSecret,
	RenameIntegration,
	removeIntegration,
	renameIntegration,
	rotateSecret,
	SetDisabled,
	setDisabled,
} from "../domains/integrations/actions.server.ts";
import { toDeadBody, toIntegrationBody } from "../domains/integrations/api.ts";
import { readDead, readIntegrations } from "../domains/integrations/report.server.ts";
import { redact } from "../domains/redaction/mask.ts";
import { AppError } from "../errors.ts";
import type { By } from "../live/ledger-port.ts";
import { DeadListBody, IntegrationBody, IntegrationListBody, LeftBody, NewSecretBody, ReplayedBody } from "../wire/api.ts";
import { readJson } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, limitParameter, parseBody, parseQuery, refusals } from "./door.ts";
import { ledgerPort } from "./ledger.ts";

const unstored = { "cache-control": "no-store" };
/** Runs of the demo taken out by one call: it stays well within the time an answer may take. */
const DEMO_STEP = 400;
const REPLAYED_MAX = 50;

async function depsOf(c: Context): Promise<Deps> {
	const actor = await c.get("actor")();
	if (!actor) throw new AppError("unauthenticated", "Sign in, or send a bearer token in the header Authorization.");
	return { db: c.get("db"), ledger: ledgerPort(c.env), actor, requestId: c.get("requestId"), address: c.get("address"), now: c.get("now") };
}

/** Who asks, for the audit of what the ledger does. */
async function whoOf(c: Context): Promise<By> {
	const { actor, requestId, address } = await depsOf(c);
	return { actor: nameInAudit(actor), role: roleIn(actor, c.get("team").id), requestId, address };
}

const idOf = (c: Context) => c.req.param("id") ?? "";

async function getIntegrations(c: Context): Promise<Response> {
	const reports = await readIntegrations(c.get("db"), c.get("team").id, c.get("now"));
	return c.json({ integrations: reports.map(toIntegrationBody) }, 200, unstored);
}

async function integrationAnswer(c: Context): Promise<Response> {
	const reports = await readIntegrations(c.get("db"), c.get("team").id, c.get("now"));
	const report = reports.find(({ id }) => id === idOf(c));
	if (!report) throw new AppError("notFound", "There is no such integration in this team.");
	return c.json(toIntegrationBody(report), 200, unstored);
}

const secretBody = ({ id, source, name, path, secret }: NewSecret, oldExpiresAt: number | null): z.infer<typeof NewSecretBody> => ({
	...{ id, source, name, path, secret },
	old_expires_at: oldExpiresAt === null ? null : new Date(oldExpiresAt).toISOString(),
});

async function postIntegration(c: Context): Promise<Response> {
	const created = await createIntegration(await depsOf(c), c.get("team").id, await readJson(c.req.raw));
	return c.json(secretBody(created, null), 201, unstored);
}

const Changes = z
	.object({ name: RenameIntegration.shape.name, disabled: SetDisabled.shape.isDisabled })
	.partial()
	.refine((changes) => changes.name !== undefined || changes.disabled !== undefined, "Send `name`, `disabled` or both.");

async function patchIntegration(c: Context): Promise<Response> {
	const { name, disabled } = parseBody(await readJson(c.req.raw), Changes);
	const deps = await depsOf(c);
	const teamId = c.get("team").id;
	if (name !== undefined) await renameIntegration(deps, teamId, { id: idOf(c), name });
	if (disabled !== undefined) await setDisabled(deps, teamId, { id: idOf(c), isDisabled: disabled });
	return await integrationAnswer(c);
}

async function deleteIntegration(c: Context): Promise<Response> {
	await removeIntegration(await depsOf(c), c.get("team").id, { id: idOf(c) });
	return c.body(null, 204);
}

async function postRotate(c: Context): Promise<Response> {
	const rotated = await rotateSecret(await depsOf(c), c.get("team").id, { id: idOf(c) });
	return c.json(secretBody(rotated, rotated.oldExpiresAt), 200, unstored);
}

const DeadQuery = z.object({ integration: z.string().max(100).optional(), limit: limitParameter(50) });

async function getDead(c: Context): Promise<Response> {
	const { integration: integrationId, limit } = parseQuery(c, DeadQuery);
	const dead = await readDead(c.get("db"), c.get("team").id, { ...(integrationId ? { integrationId } : {}), limit });
	return c.json({ deliveries: dead.map(toDeadBody) }, 200, unstored);
}

const Replay = z.object({
	deliveries: z
		.array(z.object({ source: z.string().max(100), delivery_id: z.string().max(200) }))
		.min(1, "Name at least one delivery.")
		.max(REPLAYED_MAX, `Up to ${REPLAYED_MAX} deliveries at a time.`),
});

async function postReplay(c: Context): Promise<Response> {
	const { deliveries } = parseBody(await readJson(c.req.raw), Replay);
	const refs = deliveries.map(({ source, delivery_id: deliveryId }) => ({ source, deliveryId }));
	const { replayed, failed } = await ledgerPort(c.env).replay(c.get("team").id, refs, await whoOf(c));
	return c.json(
		{ replayed, failed: failed.map(({ deliveryId, reason }) => ({ delivery_id: redact(deliveryId).text, reason })) },
		200,
		unstored,
	);
}

async function postRemoveDemo(c: Context): Promise<Response> {
	return c.json(await ledgerPort(c.env).removeDemo(c.get("team").id, DEMO_STEP, await whoOf(c)), 200, unstored);
}

const tags = ["Integrations"];
const read = { permission: "integrations:read" } as const;
const manage = { permission: "integrations:manage" } as const;
const params = z.object({ id: z.string() });
const json = (schema: z.ZodType) => ({ body: { required: true, content: { "application/json": { schema } } } });
const bodyRefusals = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);

/** What is connected, what became of its deliveries, and the demo. */
export const integrationDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/integrations", tags, summary: "Integrations with counts, rate, lag and age of their secrets" },
			responses: { 200: answers(IntegrationListBody, "Oldest first"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: read,
		handle: getIntegrations,
	},
	{
		route: {
			...{
				method: "post",
				path: "/api/integrations",
				tags,
				summary: "Connect something, named unlike the others of its source; the secret is answered this once",
			},
			request: json(CreateIntegration),
			responses: { 201: answers(NewSecretBody, "Where and how to deliver"), ...bodyRefusals },
		},
		policy: manage,
		handle: postIntegration,
	},
	{
		route: {
			...{
				method: "patch",
				path: "/api/integrations/{id}",
				tags,
				summary: "Rename an integration, unlike the others of its source; switch it off or on",
			},
			request: { params, ...json(Changes) },
			responses: { 200: answers(IntegrationBody, "As it is now"), ...bodyRefusals },
		},
		policy: manage,
		handle: patchIntegration,
	},
	{
		route: {
			...{ method: "delete", path: "/api/integrations/{id}", tags, summary: "Forget an integration and its secrets; its runs stay" },
			request: { params },
			responses: { 204: { description: "Gone" }, ...refusals(401, 403, 404, 409, 422, 429, 503) },
		},
		policy: manage,
		handle: deleteIntegration,
	},
	{
		route: {
			...{ method: "post", path: "/api/integrations/{id}/rotate", tags, summary: "A new secret; the one before is accepted for 24 hours" },
			request: { params },
			responses: { 200: answers(NewSecretBody, "The new secret, this once"), ...refusals(401, 403, 404, 409, 422, 429, 503) },
		},
		policy: manage,
		handle: postRotate,
	},
	{
		route: {
			...{ method: "get", path: "/api/deliveries/dead", tags, summary: "Deliveries that were taken and could not be applied" },
			request: { query: DeadQuery },
			responses: { 200: answers(DeadListBody, "Newest first"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: read,
		handle: getDead,
	},
	{
		route: {
			...{ method: "post", path: "/api/deliveries/replay", tags, summary: "Apply dead deliveries again from their stored bodies" },
			request: json(Replay),
			responses: { 200: answers(ReplayedBody, "What came of each"), ...bodyRefusals },
		},
		policy: { permission: "deliveries:replay" },
		handle: postReplay,
	},
	{
		route: {
			...{ method: "post", path: "/api/demo/remove", tags, summary: "Take a part of the demo data out; call again until none is left" },
			responses: { 200: answers(LeftBody, "How much is left"), ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: { permission: "demo:remove" },
		handle: postRemoveDemo,
	},
];
