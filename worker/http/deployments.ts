import { z } from "zod";
import { noteRefusal } from "../domains/auth/acting.server.ts";
import { type Actor, nameInAudit, type Permission, refusal } from "../domains/auth/model.ts";
import { askDeployment, idOfAsker } from "../domains/deployments/actions.server.ts";
import { toDeploymentBody, toDeploymentDetailBody, toDeployRequestBody, toEnvironmentBody } from "../domains/deployments/api.ts";
import { readGate } from "../domains/deployments/gate.server.ts";
import type { StoredDeployment } from "../domains/deployments/model.ts";
import { historyOf, listDeployments, readDeploymentRow } from "../domains/deployments/store.server.ts";
import { environmentIdOf } from "../domains/environments/model.ts";
import { readBoard, readEnvironmentState } from "../domains/environments/state.server.ts";
import { readEnvironment } from "../domains/environments/store.server.ts";
import { readCommitsBetween } from "../domains/git/store.server.ts";
import { redact } from "../domains/redaction/mask.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { withPatience } from "../patience.ts";
import { handToLedger } from "../pipeline/hand-over.ts";
import { decodeUtf8, parseObject } from "../pipeline/parse.ts";
import { eventDelivery } from "../pipeline/receive.ts";
import { DeploymentRequest, derivedId, toDeploymentEvent } from "../sources/deployment-request.ts";
import { AcceptedBody } from "../wire/api.ts";
import {
	AskedBody,
	CommitListBody,
	DeploymentBody,
	DeploymentDetailBody,
	DeploymentListBody,
	DeploymentStatusSchema,
	EnvironmentBody,
	EnvironmentListBody,
	GateBody,
} from "../wire/deployment-api.ts";
import { checkContentType, readCapped } from "./body.ts";
import type { Context } from "./context.ts";
import { deployDepsOf } from "./deploying.ts";
import {
	answers,
	CursorParameter,
	type Door,
	ListParameter,
	limitParameter,
	parseBody,
	parseQuery,
	refusals,
	TimeParameter,
	toCursor,
} from "./door.ts";

const unstored = { "cache-control": "no-store" };
const BODY_BYTES_MAX = 64 * 1024;
const READ_BACK_MS = 2000;
/** Without a time of its own, the same said again within this is the same deployment. */
const SAME_WITHIN_MS = 10 * 60_000;
const HISTORY_LOOKED_AT = 100;

const isEnvironmentId = (text: string) => /^e-[a-z2-9]{12}$/.test(text);
const unknownEnvironment = () => new AppError("notFound", "There is no such environment in this team.");
const unknownDeployment = () => new AppError("notFound", "There is no such deployment in this team.");

async function getEnvironments(c: Context): Promise<Response> {
	const board = await readBoard(c.get("db"), c.get("team").id, c.get("now"));
	return c.json({ environments: board.map(toEnvironmentBody) }, 200, unstored);
}

async function getEnvironment(c: Context): Promise<Response> {
	const state = await readEnvironmentState(c.get("db"), c.get("team").id, c.req.param("id") ?? "", c.get("now"));
	if (!state) throw unknownEnvironment();
	return c.json(toEnvironmentBody(state), 200, unstored);
}

const DeploymentsQuery = z.object({
	environment: z.string().max(255).optional().openapi({ description: "its name or id" }),
	component: z.string().max(255).optional(),
	status: ListParameter.optional().refine(
		(values) => values === undefined || values.every((value) => DeploymentStatusSchema.safeParse(value).success),
		"must be queued, running, success, failure or cancelled",
	),
	from: TimeParameter.optional(),
	to: TimeParameter.optional(),
	limit: limitParameter(50),
	cursor: CursorParameter.optional(),
});

async function getDeployments(c: Context): Promise<Response> {
	const { environment, status, cursor, limit, ...filter } = parseQuery(c, DeploymentsQuery);
	const teamId = c.get("team").id;
	const found = await listDeployments(c.get("db"), teamId, {
		...filter,
		environmentId: environment === undefined || isEnvironmentId(environment) ? environment : environmentIdOf(teamId, environment),
		status: status as z.infer<typeof DeploymentStatusSchema>[] | undefined,
		limit: limit + 1,
		after: cursor && { orderedAt: cursor.at, id: cursor.id },
	});
	const deployments = found.slice(0, limit);
	const last = deployments.at(-1);
	const next = found.length > limit && last ? toCursor(last.orderedAt, last.id) : null;
	return c.json({ deployments: deployments.map(toDeploymentBody), next_cursor: next }, 200, unstored);
}

async function theDeployment(c: Context, id: string): Promise<StoredDeployment> {
	const found = await readDeploymentRow(c.get("db"), c.get("team").id, id);
	if (!found) throw unknownDeployment();
	return found;
}

async function getDeployment(c: Context): Promise<Response> {
	return c.json(toDeploymentDetailBody(await theDeployment(c, c.req.param("id") ?? "")), 200, unstored);
}

const CommitsQuery = z.object({
	from: z.string().max(400).optional().openapi({ description: "a deployment; the success before where none is named" }),
});

async function getCommits(c: Context): Promise<Response> {
	const { from } = parseQuery(c, CommitsQuery);
	const to = await theDeployment(c, c.req.param("id") ?? "");
	const base = from === undefined ? await successBefore(c, to) : await theDeployment(c, from);
	const repo = to.repo ?? base?.repo ?? null;
	const between =
		repo !== null && base?.commit && to.commit
			? await readCommitsBetween(c.get("db"), c.get("team").id, { repo, base: base.commit, head: to.commit })
			: null;
	const commits = between?.commits.map(({ at, ...commit }) => ({ ...commit, at: at === null ? null : new Date(at).toISOString() })) ?? null;
	return c.json({ from: base?.id ?? null, to: to.id, commits, reversed: between?.isReversed ?? false }, 200, unstored);
}

/** The newest success before a deployment, of the same component in the same environment. */
async function successBefore(c: Context, { environmentId, component, orderedAt, id }: StoredDeployment): Promise<StoredDeployment | null> {
	const history = await historyOf(c.get("db"), c.get("team").id, { environmentId, component, limit: HISTORY_LOOKED_AT });
	return history.find((one) => one.status === "success" && one.id !== id && one.orderedAt <= orderedAt) ?? null;
}

/** What was asked takes a permission of its own. @throws AppError forbidden, noted in the audit */
async function require(c: Context, actor: Actor, permission: Permission): Promise<void> {
	const teamId = c.get("team").id;
	const reason = refusal(actor, teamId, permission);
	if (reason === null) return;
	const who = { db: c.get("db"), actor, requestId: c.get("requestId"), address: c.get("address"), now: c.get("now") };
	await noteRefusal(who, teamId, { permission, object: `${c.req.method} ${c.req.path}`, reason });
	throw new AppError("forbidden", reason);
}

/** POST /api/deployments: with a status it happened elsewhere and is recorded; without one it is asked for. */
async function postDeployment(c: Context): Promise<Response> {
	const deps = await deployDepsOf(c);
	checkContentType(c.req.raw.headers, ["application/json"]);
	const bytes = await readCapped(c.req.raw, BODY_BYTES_MAX);
	const sent = decodeUtf8(bytes);
	const { text, count } = redact(sent);
	const request = parseBody(parseObject(text), DeploymentRequest);
	const { status } = request;
	if (!status) {
		await require(c, deps.actor, "deployments:deploy");
		const { environment, component, version, commit } = request;
		const asked = { environment, component, version, commit, key: c.req.header("idempotency-key") };
		const outcome = await askDeployment(deps, c.get("team").id, asked);
		return c.json({ request: toDeployRequestBody(outcome.request) }, outcome.isRepeat ? 200 : 201, unstored);
	}
	await require(c, deps.actor, "deployments:record");
	// A masked id would make one deployment of many.
	if (count > 0 && request.id && parseObject(sent).id !== request.id) {
		const complaint = "This reads like a secret, which is never stored: choose another id.";
		throw new AppError("invalid", "The id looks like it holds a secret. See `fields`.", { fields: { id: complaint } });
	}
	return await record(c, { request: { ...request, status }, bytes, text, actor: deps.actor });
}

type Recorded = {
	request: DeploymentRequest & { status: NonNullable<DeploymentRequest["status"]> };
	bytes: Uint8Array<ArrayBuffer>;
	text: string;
	actor: Actor;
};

async function record(c: Context, { request, bytes, text, actor }: Recorded): Promise<Response> {
	const db = c.get("db");
	const teamId = c.get("team").id;
	const now = c.get("now");
	const { environment, identity } = await placeOf(c, request);
	const event = toDeploymentEvent(request, { ...identity, environment, now });
	const integrationId = actor.kind === "token" ? `token:${actor.tokenId}` : nameInAudit(actor);
	const delivery = await eventDelivery(c.env, teamId, { source: "generic", integrationId, bytes, text, event, receivedAt: now });
	// The same words about another deployment are another delivery.
	const deliveryId = await sha256Hex(`${event.id}\n${delivery.deliveryId}`);
	const receipt = await handToLedger(c.env, c.executionCtx, teamId, { ...delivery, deliveryId });
	if (receipt.result === "conflict") {
		throw new AppError("conflict", `Deployment ${event.id} is already known with other content, and this is not newer: the first stays.`);
	}
	if (receipt.result === "dead") throw new AppError("invalid", "The deployment could not be applied; it is kept and can be replayed.");
	const accepted = { delivery_id: deliveryId, result: "accepted" };
	if (!receipt.visible) return c.json(accepted, 202);
	// It is durable whatever reading it back comes to.
	const reading = withPatience(readDeploymentRow(db, teamId, event.id), READ_BACK_MS, () => new Error("no answer"));
	const stored = await reading.catch(() => null);
	if (!stored) return c.json(accepted, 202);
	return c.json(toDeploymentBody(stored), receipt.effect === "created" ? 201 : 200, unstored);
}

/**
 * Where a deployment is, and which one it is: its own id, else what it brings where and when. One that says no time goes on with the
 * one of its version that is under way.
 */
async function placeOf(c: Context, request: Recorded["request"]) {
	const { component, version, id, started_at: sentStart } = request;
	const db = c.get("db");
	const teamId = c.get("team").id;
	const now = c.get("now");
	let environment = request.environment;
	if (isEnvironmentId(environment)) {
		const known = await readEnvironment(db, teamId, environment);
		if (!known)
			throw new AppError("invalid", "There is no such environment here.", {
				fields: { environment: "There is no such environment here." },
			});
		environment = known.name;
	}
	if (id) return { environment, identity: { id, startedAt: null } };
	if (sentStart)
		return { environment, identity: { id: derivedId({ environment, component, version, at: Date.parse(sentStart) }), startedAt: null } };
	const recent = await listDeployments(db, teamId, { environmentId: environmentIdOf(teamId, environment), component, limit: 20 });
	const open = recent.find(
		(one) => one.source === "generic" && one.version === version && (one.status === "queued" || one.status === "running"),
	);
	if (open) return { environment, identity: { id: open.id, startedAt: open.status === "running" ? open.startedAt : null } };
	const at = Math.floor(now / SAME_WITHIN_MS) * SAME_WITHIN_MS;
	return { environment, identity: { id: derivedId({ environment, component, version, at }), startedAt: null } };
}

const GateQuery = z
	.object({
		environment: z.string().min(1, "say which environment, by name or id").max(255),
		component: z.string().max(255).optional(),
		version: z.string().max(255).optional(),
		sha: z.string().max(64).optional(),
	})
	.refine(({ version, sha }) => version !== undefined || sha !== undefined, { path: ["version"], message: "say `version` or `sha`" });

async function getGate(c: Context): Promise<Response> {
	const { environment: named, component = null, version = null, sha: commit = null } = parseQuery(c, GateQuery);
	const actor = await c.get("actor")();
	const ask = { environment: named, component, version, commit, askerId: actor && idOfAsker(actor), now: c.get("now") };
	const { environment, answer } = await readGate(c.get("db"), c.get("team").id, ask);
	// A name that was never heard of has nothing against it; an id stands for an environment that there is.
	if (!environment && isEnvironmentId(named)) throw unknownEnvironment();
	const reasons = answer.reasons.map(({ until, ...reason }) => ({
		...reason,
		until: until === null ? null : new Date(until).toISOString(),
	}));
	return c.json({ decision: answer.decision, reasons }, 200, unstored);
}

const policy = { permission: "deployments:read" } as const;
const tags = ["Deployments"];
const params = z.object({ id: z.string() });
const readRefusals = refusals(401, 403, 404, 422, 429, 503);

/** Environments, deployments, the commits between two of them, and whether one may go ahead. */
export const deploymentDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/environments", tags, summary: "Environments: what runs, what was tried last, locks and rollbacks" },
			responses: { 200: answers(EnvironmentListBody, "Production first"), ...readRefusals },
		},
		policy,
		handle: getEnvironments,
	},
	{
		route: {
			...{ method: "get", path: "/api/environments/{id}", tags, summary: "One environment with its components" },
			request: { params },
			responses: { 200: answers(EnvironmentBody, "The environment"), ...readRefusals },
		},
		policy,
		handle: getEnvironment,
	},
	{
		route: {
			...{ method: "get", path: "/api/deployments", tags, summary: "Deployments, newest first" },
			request: { query: DeploymentsQuery },
			responses: { 200: answers(DeploymentListBody, "A page of deployments"), ...readRefusals },
		},
		policy,
		handle: getDeployments,
	},
	{
		route: {
			...{ method: "get", path: "/api/deployments/{id}", tags, summary: "One deployment" },
			request: { params },
			responses: { 200: answers(DeploymentDetailBody, "The deployment"), ...readRefusals },
		},
		policy,
		handle: getDeployment,
	},
	{
		route: {
			...{ method: "get", path: "/api/deployments/{id}/commits", tags, summary: "What a deployment brings: the commits since another one" },
			request: { params, query: CommitsQuery },
			responses: { 200: answers(CommitListBody, "Newest first"), ...readRefusals },
		},
		policy,
		handle: getCommits,
	},
	{
		route: {
			...{ method: "post", path: "/api/deployments", tags, summary: "Record a deployment that happened elsewhere, or ask for one" },
			description:
				"With a `status` the deployment is recorded (scope ingest); the same `id`, or else the same environment, component, version and start, is the same deployment. " +
				"Without one it is asked for (scope act): its guards are looked at, then whoever deploys it is told, once under each `Idempotency-Key`.",
			request: {
				headers: z.object({ "idempotency-key": z.string().max(200).optional() }),
				body: { required: true, content: { "application/json": { schema: DeploymentRequest } } },
			},
			responses: {
				200: answers(z.union([DeploymentBody, AskedBody]), "Known already, or updated"),
				201: answers(z.union([DeploymentBody, AskedBody]), "Recorded, or asked for"),
				202: answers(AcceptedBody, "Durable, visible once the database is back"),
				...refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
			},
		},
		policy: { permission: "deployments:record", or: "deployments:deploy" },
		handle: postDeployment,
	},
	{
		route: {
			...{ method: "get", path: "/api/gate", tags, summary: "Whether a version may go into an environment now, and why not" },
			request: { query: GateQuery },
			responses: { 200: answers(GateBody, "allow, warn or deny, with the reasons"), ...readRefusals },
		},
		policy,
		handle: getGate,
	},
];
