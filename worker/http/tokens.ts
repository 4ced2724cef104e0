import { z } from "zod";
import {
	CreateToken,
	createToken,
	endOtherSessions,
	endSession,
	endToken,
	rotateToken,
	type TokenMade,
} from "../domains/auth/actions.server.ts";
import { toSessionBody, toTokenBody } from "../domains/auth/api.ts";
import { listSessions, listTokens, readToken, type TokenFilter } from "../domains/auth/store.server.ts";
import { AppError } from "../errors.ts";
import { EndedBody, type NewTokenBody, NewTokenBody as NewTokenSchema, SessionListBody, TokenListBody } from "../wire/api.ts";
import { depsOf } from "./acting.ts";
import { readJson } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, parseBody, refusals } from "./door.ts";

const unstored = { "cache-control": "no-store" };
const idOf = (c: Context) => c.req.param("id") ?? "";

type Kind = "personal" | "machine";

async function personOf(c: Context) {
	const actor = await c.get("actor")();
	if (actor?.kind !== "person") throw new AppError("forbidden", "No token may do this. Sign in, and do it in a browser.");
	return actor;
}

function getTokens(kind: Kind) {
	return async (c: Context): Promise<Response> => {
		const filter: TokenFilter = kind === "machine" ? { kind } : { ownerId: (await personOf(c)).userId };
		const tokens = await listTokens(c.get("db"), c.get("team").id, filter, c.get("now"));
		return c.json({ tokens: tokens.map(toTokenBody) }, 200, unstored);
	};
}

const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function tokenAnswer({ id, kind, name, scopes, token, expiresAt }: TokenMade, oldExpiresAt: number | null): NewTokenBody {
	return { id, kind, name, scopes, token, expires_at: isoOrNull(expiresAt), old_expires_at: isoOrNull(oldExpiresAt) };
}

const { name, scopes, expiresInDays } = CreateToken.shape;
const NewToken = z.object({ name, scopes, expires_in_days: expiresInDays });

function postToken(kind: Kind) {
	return async (c: Context): Promise<Response> => {
		const { expires_in_days, ...asked } = parseBody(await readJson(c.req.raw), NewToken);
		const made = await createToken(await depsOf(c), c.get("team").id, { ...asked, kind, expiresInDays: expires_in_days });
		return c.json(tokenAnswer(made, null), 201, unstored);
	};
}

/** Each list's addresses lead to its own tokens only. */
async function needKind(c: Context, kind: Kind): Promise<void> {
	const found = await readToken(c.get("db"), c.get("team").id, idOf(c));
	if (found?.kind !== kind) throw new AppError("notFound", "There is no such token in this team.");
}

function postRotate(kind: Kind) {
	return async (c: Context): Promise<Response> => {
		await needKind(c, kind);
		const rotated = await rotateToken(await depsOf(c), c.get("team").id, { id: idOf(c) });
		return c.json(tokenAnswer(rotated, rotated.oldExpiresAt), 200, unstored);
	};
}

function deleteToken(kind: Kind) {
	return async (c: Context): Promise<Response> => {
		await needKind(c, kind);
		await endToken(await depsOf(c), c.get("team").id, { id: idOf(c) });
		return c.body(null, 204);
	};
}

async function getSessions(c: Context): Promise<Response> {
	const { userId, sessionId: currentId } = await personOf(c);
	const sessions = await listSessions(c.get("db"), userId, { currentId, now: c.get("now") });
	return c.json({ sessions: sessions.map(toSessionBody) }, 200, unstored);
}

async function deleteSession(c: Context): Promise<Response> {
	await endSession(await depsOf(c), { id: idOf(c) });
	return c.body(null, 204);
}

async function postEndOthers(c: Context): Promise<Response> {
	return c.json({ ended: await endOtherSessions(await depsOf(c)) }, 200, unstored);
}

const params = z.object({ id: z.string() });
const json = (schema: z.ZodType) => ({ body: { required: true, content: { "application/json": { schema } } } });
const bodyRefusals = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);
const otherRefusals = refusals(401, 403, 404, 409, 422, 429, 503);

function doorsOf(kind: Kind, { base, whose }: { base: string; whose: string }): Door[] {
	const tags = ["Tokens"];
	const policy = { permission: kind === "machine" ? "tokens:manage" : "tokens:own" } as const;
	return [
		{
			route: {
				...{ method: "get", path: base, tags, summary: `${whose} of this team: what they may, when they were used` },
				responses: { 200: answers(TokenListBody, "Newest first, never what they are"), ...otherRefusals },
			},
			policy,
			handle: getTokens(kind),
		},
		{
			route: {
				...{ method: "post", path: base, tags, summary: "Make a token; it is answered this once" },
				request: json(NewToken),
				responses: { 201: answers(NewTokenSchema, "The token"), ...bodyRefusals },
			},
			policy,
			handle: postToken(kind),
		},
		{
			route: {
				...{
					method: "post",
					path: `${base}/{id}/rotate`,
					tags,
					summary: "Another token in its place; the one before is accepted for 24 hours",
				},
				request: { params },
				responses: { 200: answers(NewTokenSchema, "The new token"), ...otherRefusals },
			},
			policy,
			handle: postRotate(kind),
		},
		{
			route: {
				...{ method: "delete", path: `${base}/{id}`, tags, summary: "End a token at once" },
				request: { params },
				responses: { 204: { description: "Ended" }, ...otherRefusals },
			},
			policy,
			handle: deleteToken(kind),
		},
	];
}

const tags = ["Sessions"];
const own = { permission: "settings:own" } as const;

/** Tokens of one's own and of machines, and one's own sessions. */
export const tokenDoors: Door[] = [
	...doorsOf("personal", { base: "/api/tokens", whose: "One's own tokens" }),
	...doorsOf("machine", { base: "/api/machine-tokens", whose: "The machines' tokens" }),
	{
		route: {
			...{ method: "get", path: "/api/sessions", tags, summary: "Where one is signed in" },
			responses: { 200: answers(SessionListBody, "The latest used first"), ...otherRefusals },
		},
		policy: own,
		handle: getSessions,
	},
	{
		route: {
			...{ method: "delete", path: "/api/sessions/{id}", tags, summary: "End one of one's own sessions at once" },
			request: { params },
			responses: { 204: { description: "Ended" }, ...otherRefusals },
		},
		policy: own,
		handle: deleteSession,
	},
	{
		route: {
			...{ method: "post", path: "/api/sessions/end-others", tags, summary: "End all of one's own sessions but this one" },
			responses: { 200: answers(EndedBody, "How many"), ...otherRefusals },
		},
		policy: own,
		handle: postEndOthers,
	},
];
