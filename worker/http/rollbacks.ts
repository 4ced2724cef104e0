import { z } from "zod";
import { refused } from "../domains/auth/acting.server.ts";
import { type Actor, nameInAudit, type Permission, refusal, roleIn } from "../domains/auth/model.ts";
import { toLockBody } from "../domains/deployments/api.ts";
import { toOfferBody, toRollbackBody, toSettingsBody } from "../domains/deployments/rollback-api.ts";
import { findHold, findRollback, listRollbacks } from "../domains/deployments/rollbacks.server.ts";
import type { StoredEnvironment } from "../domains/environments/model.ts";
import { ChangeSettings, Freeze, LockRequest } from "../domains/environments/settings.ts";
import { readEnvironment } from "../domains/environments/store.server.ts";
import { AppError } from "../errors.ts";
import type { Answered, Asker, Refused } from "../live/environment-port.ts";
import { EnvironmentSettingsBody, OfferBody, OneRollbackBody, RollbackListBody } from "../wire/api.ts";
import { LockBody } from "../wire/deployment-api.ts";
import { COMMAND_STATES } from "../wire/rollback.ts";
import { depsOf } from "./acting.ts";
import { readJson } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, CursorParameter, type Door, limitParameter, parseBody, parseQuery, refusals, TimeParameter, toCursor } from "./door.ts";
import { environmentsPort } from "./environments-port.ts";

const unstored = { "cache-control": "no-store" };
const idOf = (c: Context) => c.req.param("id") ?? "";

/** Who asks, as the environment's object records them. */
export function askerOf(actor: Actor, teamId: string, { requestId, address }: { requestId: string; address: string | null }): Asker {
	return {
		...{ actor: nameInAudit(actor), name: actor.name, role: roleIn(actor, teamId), requestId, address },
		mayForce: refusal(actor, teamId, "rollbacks:force") === null,
	};
}

async function asker(c: Context): Promise<Asker> {
	const { actor, requestId, address } = await depsOf(c);
	return askerOf(actor, c.get("team").id, { requestId, address });
}

async function environmentOf(c: Context): Promise<StoredEnvironment> {
	const environment = await readEnvironment(c.get("db"), c.get("team").id, idOf(c));
	if (!environment) throw new AppError("notFound", "There is no such environment in this team.");
	return environment;
}

/** What an object answered, or its refusal as this API says it; somebody who may not is noted in the audit. */
async function granted<T>(c: Context, permission: Permission, answer: Answered<T>): Promise<T> {
	if (answer.ok) return answer;
	const { code, message, fields, retryAfterSeconds } = answer as Refused;
	if (code === "forbidden") {
		throw await refused(await depsOf(c), c.get("team").id, { permission, object: `${c.req.method} ${c.req.path}`, reason: message });
	}
	throw new AppError(code, message, { ...(fields && { fields }), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

const Key = z
	.string({ error: "Send an Idempotency-Key, new for each decision and the same for each retry." })
	.regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 visible characters");

function keyOf(c: Context): string {
	const parsed = Key.safeParse(c.req.header("idempotency-key"));
	if (parsed.success) return parsed.data;
	const message = parsed.error.issues[0]?.message ?? "";
	throw new AppError("invalid", message, { fields: { "Idempotency-Key": message } });
}

const Text = (max: number) => z.string().max(max, `may have up to ${max} characters`);
// A name that is not known is refused: a misspelt `to` would roll back to another version than was meant.
const Rollback = z.strictObject({
	to: Text(400).optional(),
	seen: Text(400).min(1, "must be the latest deployment you saw"),
	component: Text(255).optional(),
	reason: Text(1000).optional(),
	confirm: Text(400).optional(),
});

/** The same without what was not said. */
function said<T extends object>(values: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

async function postRollback(c: Context): Promise<Response> {
	const { id } = await environmentOf(c);
	const key = keyOf(c);
	const asked = said(parseBody(await readJson(c.req.raw), Rollback));
	const answer = await environmentsPort(c.env).rollBack(c.get("team").id, id, await asker(c), { ...asked, key });
	const { rollback } = await granted(c, "rollbacks:force", answer);
	return c.json({ rollback: toRollbackBody(rollback) }, 202, unstored);
}

const Drill = Rollback.omit({ seen: true, confirm: true });

async function postDrill(c: Context): Promise<Response> {
	const { id } = await environmentOf(c);
	const key = keyOf(c);
	const asked = said(parseBody(c.req.header("content-type") ? await readJson(c.req.raw) : {}, Drill));
	const answer = await environmentsPort(c.env).dryRun(c.get("team").id, id, await asker(c), { ...asked, key });
	return c.json({ rollback: toRollbackBody((await granted(c, "rollbacks:request", answer)).rollback) }, 202, unstored);
}

const OfferQuery = z.object({ component: Text(255).optional(), to: Text(400).optional() });

async function getOffer(c: Context): Promise<Response> {
	const { id } = await environmentOf(c);
	const ask = said(parseQuery(c, OfferQuery));
	const { actor } = await asker(c);
	const { offer } = await granted(
		c,
		"deployments:read",
		await environmentsPort(c.env).offer(c.get("team").id, id, { ...ask, askerId: actor }),
	);
	return c.json(toOfferBody(offer), 200, unstored);
}

async function rollbackOf(c: Context) {
	const row = await findRollback(c.get("db"), c.get("team").id, idOf(c));
	if (!row) throw new AppError("notFound", "There is no such rollback in this team.");
	return row;
}

async function getRollback(c: Context): Promise<Response> {
	return c.json({ rollback: toRollbackBody(await rollbackOf(c)) }, 200, unstored);
}

const RollbacksQuery = z.object({
	environment: Text(400).optional(),
	state: z.enum(COMMAND_STATES).optional(),
	kind: z.enum(["rollback", "dry-run"]).optional(),
	limit: limitParameter(50),
	cursor: CursorParameter.optional(),
});

async function getRollbacks(c: Context): Promise<Response> {
	const { environment, limit, cursor, ...filter } = parseQuery(c, RollbacksQuery);
	const [db, teamId] = [c.get("db"), c.get("team").id];
	const environmentId = environment === undefined ? undefined : ((await readEnvironment(db, teamId, environment))?.id ?? "");
	const rows = await listRollbacks(db, teamId, { ...filter, environmentId, limit: limit + 1, after: cursor });
	const page = rows.slice(0, limit);
	const last = rows.length > limit ? page.at(-1) : undefined;
	const next = last ? toCursor(last.requestedAt, last.id) : null;
	return c.json({ rollbacks: page.map(toRollbackBody), next_cursor: next }, 200, unstored);
}

async function postCancel(c: Context): Promise<Response> {
	const { id, environmentId } = await rollbackOf(c);
	const answer = await environmentsPort(c.env).cancel(c.get("team").id, environmentId, await asker(c), id);
	return c.json({ rollback: toRollbackBody((await granted(c, "rollbacks:request", answer)).rollback) }, 200, unstored);
}

const Note = z.object({ note: Text(4000) });

async function postNote(c: Context): Promise<Response> {
	const { id, environmentId } = await rollbackOf(c);
	const { note } = parseBody(await readJson(c.req.raw), Note);
	const answer = await environmentsPort(c.env).note(c.get("team").id, environmentId, await asker(c), id, note);
	return c.json({ rollback: toRollbackBody((await granted(c, "rollbacks:request", answer)).rollback) }, 200, unstored);
}

const Lock = z.object({ until: TimeParameter.nullable().optional(), reason: LockRequest.shape.reason });

async function postLock(c: Context): Promise<Response> {
	const { id } = await environmentOf(c);
	const { until = null, reason } = parseBody(await readJson(c.req.raw), Lock);
	if (until !== null && until <= c.get("now"))
		throw new AppError("invalid", "The lock would be over already.", { fields: { until: "must be later than now" } });
	const answer = await environmentsPort(c.env).lock(c.get("team").id, id, await asker(c), { until, reason });
	const { lock } = (await granted(c, "environments:lock", answer)).state;
	return c.json({ lock: lock && toLockBody(lock) }, 200, unstored);
}

async function deleteLock(c: Context): Promise<Response> {
	const { id } = await environmentOf(c);
	await granted(c, "rollbacks:force", await environmentsPort(c.env).unlock(c.get("team").id, id, await asker(c)));
	return c.body(null, 204);
}

async function deleteHold(c: Context): Promise<Response> {
	const teamId = c.get("team").id;
	const environmentId = await findHold(c.get("db"), teamId, idOf(c));
	if (environmentId === null) throw new AppError("notFound", "There is no such hold in this team, or it was released already.");
	await granted(c, "environments:lock", await environmentsPort(c.env).releaseHold(teamId, environmentId, await asker(c), idOf(c)));
	return c.body(null, 204);
}

const fields = ChangeSettings.shape;
const Settings = z
	.object({
		...{ production: fields.isProduction, good_minutes: fields.goodMinutes, auto_rollback: fields.autoRollback },
		...{ needs_approver: fields.needsApprover, drills: fields.drills },
		freezes: z.array(Freeze).max(20, "Up to 20 freezes.").optional(),
	})
	.refine((changes) => Object.values(changes).some((value) => value !== undefined), "Say what to change.");

async function patchEnvironment(c: Context): Promise<Response> {
	const { id } = await environmentOf(c);
	const { production, good_minutes, auto_rollback, needs_approver, drills, freezes } = parseBody(await readJson(c.req.raw), Settings);
	const changes = said({
		...{ isProduction: production, goodMinutes: good_minutes, autoRollback: auto_rollback, needsApprover: needs_approver, drills, freezes },
	});
	const answer = await environmentsPort(c.env).configure(c.get("team").id, id, await asker(c), changes);
	return c.json(toSettingsBody((await granted(c, "environments:manage", answer)).state), 200, unstored);
}

const params = z.object({ id: z.string() });
const headers = z.object({ "idempotency-key": Key });
const json = (schema: z.ZodType) => ({ body: { required: true, content: { "application/json": { schema } } } });
const bodyRefusals = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);
const readRefusals = refusals(401, 403, 404, 422, 429, 503);
const tags = ["Rollbacks"];
const read = { permission: "deployments:read" } as const;
const request = { permission: "rollbacks:request" } as const;
const lock = { permission: "environments:lock" } as const;

/** Going back: what it would be, asking for it, watching it; and the locks and holds that follow. */
export const rollbackDoors: Door[] = [
	{
		route: {
			...{
				method: "post",
				path: "/api/environments/{id}/rollback",
				tags,
				summary: "Go back to the last version that ran well, or to `to`",
			},
			request: { params, headers, ...json(Rollback) },
			responses: { 202: answers(OneRollbackBody, "Asked for; the same key is answered the same command"), ...bodyRefusals },
		},
		policy: request,
		handle: postRollback,
	},
	{
		route: {
			...{ method: "post", path: "/api/environments/{id}/drill", tags, summary: "Rehearse a rollback: everything but the change" },
			request: { params, headers, body: { required: false, content: { "application/json": { schema: Drill } } } },
			responses: { 202: answers(OneRollbackBody, "Asked for"), ...bodyRefusals },
		},
		policy: request,
		handle: postDrill,
	},
	{
		route: {
			...{
				method: "get",
				path: "/api/environments/{id}/offer",
				tags,
				summary: "What a rollback would be: from, to, checks, other choices",
			},
			request: { params, query: OfferQuery },
			responses: { 200: answers(OfferBody, "As of now"), ...readRefusals },
		},
		policy: read,
		handle: getOffer,
	},
	{
		route: {
			...{ method: "get", path: "/api/rollbacks", tags, summary: "Rollbacks and rehearsals" },
			request: { query: RollbacksQuery },
			responses: { 200: answers(RollbackListBody, "Newest first"), ...readRefusals },
		},
		policy: read,
		handle: getRollbacks,
	},
	{
		route: {
			...{ method: "get", path: "/api/rollbacks/{id}", tags, summary: "One rollback with its stages" },
			request: { params },
			responses: { 200: answers(OneRollbackBody, "As of now"), ...readRefusals },
		},
		policy: read,
		handle: getRollback,
	},
	{
		route: {
			...{ method: "post", path: "/api/rollbacks/{id}/cancel", tags, summary: "Call one off that is not in the cluster yet" },
			request: { params },
			responses: { 200: answers(OneRollbackBody, "Called off, or being settled"), ...refusals(401, 403, 404, 409, 422, 429, 503) },
		},
		policy: request,
		handle: postCancel,
	},
	{
		route: {
			...{ method: "post", path: "/api/rollbacks/{id}/note", tags, summary: "A note beside one that is over" },
			request: { params, ...json(Note) },
			responses: { 200: answers(OneRollbackBody, "With the note"), ...bodyRefusals },
		},
		policy: request,
		handle: postNote,
	},
	{
		route: {
			...{
				method: "post",
				path: "/api/environments/{id}/lock",
				tags,
				summary: "Lock an environment, until a time or until it is released",
			},
			request: { params, ...json(Lock) },
			responses: { 200: answers(z.object({ lock: LockBody.nullable() }), "The lock"), ...bodyRefusals },
		},
		policy: lock,
		handle: postLock,
	},
	{
		route: {
			...{ method: "delete", path: "/api/environments/{id}/lock", tags, summary: "Release a lock; somebody else's needs a manager" },
			request: { params },
			responses: { 204: { description: "Not locked" }, ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: lock,
		handle: deleteLock,
	},
	{
		route: {
			...{ method: "delete", path: "/api/holds/{id}", tags, summary: "Let a version that was rolled back come again" },
			request: { params },
			responses: { 204: { description: "Released" }, ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy: lock,
		handle: deleteHold,
	},
	{
		route: {
			...{ method: "patch", path: "/api/environments/{id}", tags, summary: "Change an environment's settings" },
			request: { params, ...json(Settings) },
			responses: { 200: answers(EnvironmentSettingsBody, "As it is now"), ...bodyRefusals },
		},
		policy: { permission: "environments:manage" },
		handle: patchEnvironment,
	},
];
