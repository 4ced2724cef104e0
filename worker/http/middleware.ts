import type { MiddlewareHandler } from "hono";
import type { z } from "zod";
import type { Statement } from "../database.ts";
import { openDatabase } from "../dev/faults.ts";
import { recordDenial } from "../domains/audit/chain.server.ts";
import { addressPrefix } from "../domains/auth/address.ts";
import {
	type Actor,
	isAboutOneself,
	nameInAudit,
	type Permission,
	readCookie,
	refusal,
	roleIn,
	SESSION_COOKIE,
} from "../domains/auth/model.ts";
import { actorOfSession, actorOfToken, touchSession, touchToken } from "../domains/auth/store.server.ts";
import { type Env, missingSettings } from "../env.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { log } from "../log.ts";
import { withPatience } from "../patience.ts";
import type { HealthBody } from "../wire/api.ts";
import type { AppEnv, Context, Team } from "./context.ts";
import { limitActor } from "./rate-limit.ts";
import { noteRequest } from "./uptime.ts";

/** How long looking up who asks may take; past it the database is as good as away. */
const LOOKUP_PATIENCE_MS = 5000;
/** A setting that is missing is not there a second later: senders of webhooks may take their time. */
const NOT_SET_UP_RETRY_SECONDS = 60;
/** What is answered when the database does not. */
export const databaseSilent = () => new AppError("unavailable", "The database does not answer at the moment. Try again in a few seconds.");

/** Looked at with the first request of an isolate: a Worker with wrong settings serves nothing and says what is missing. */
const missing = new WeakMap<Env, string[]>();

function missingIn(env: Env): string[] {
	let names = missing.get(env);
	if (names === undefined) {
		names = missingSettings(env);
		missing.set(env, names);
		if (names.length > 0) log("error", "settings missing or wrong", { names });
	}
	return names;
}

/** Cloudflare's own name of a request; anything else in that header is somebody's text, and not repeated anywhere. */
function requestIdOf(ray: string | undefined): string {
	return ray !== undefined && /^[0-9a-f]{16}(-[A-Z]{3})?$/.test(ray) ? ray : crypto.randomUUID();
}

/** Names each request and opens what it needs. */
export const prepare: MiddlewareHandler<AppEnv> = async (c, next) => {
	const requestId = requestIdOf(c.req.header("cf-ray"));
	c.set("requestId", requestId);
	const names = missingIn(c.env);
	if (names.length > 0) return notSetUp(c, names);
	const db = openDatabase(c.env.DB);
	const now = Date.now();
	noteRequest(now);
	let actor: Promise<Actor | null> | null = null;
	c.set("now", now);
	c.set("db", db);
	// Cloudflare sets it on every request, over whatever the sender wrote.
	c.set("address", addressPrefix(c.req.header("cf-connecting-ip") ?? "127.0.0.1"));
	c.set("actor", () => (actor ??= withPatience(authenticate(c), LOOKUP_PATIENCE_MS, databaseSilent)));
	await next();
	// An upgraded socket has no headers to add to, and a webhook's answer carries it already.
	if (c.res.status !== 101 && !c.res.headers.has("x-request-id")) c.header("x-request-id", requestId);
};

/** What an installation says whose settings are not complete: to its operator which, on /health and in the log; to others only that. */
function notSetUp(c: Context, names: readonly string[]): Response {
	if (c.req.path !== "/health") {
		throw new AppError("unavailable", "This installation is not completely set up. Its /health names what is missing.", {
			retryAfterSeconds: NOT_SET_UP_RETRY_SECONDS,
		});
	}
	const body: z.infer<typeof HealthBody> = {
		status: "failing",
		uptime_seconds: 0,
		timestamp: new Date().toISOString(),
		checks: { settings: `missing or wrong: ${names.join(", ")}` },
	};
	const headers = { "cache-control": "no-store", "retry-after": String(NOT_SET_UP_RETRY_SECONDS), "x-request-id": c.get("requestId") };
	return c.json(body, 503, headers);
}

/** The bearer token of a request, or null when it has no Authorization header. @throws AppError when the header is of another kind */
export function bearerToken(c: Context): string | null {
	const header = c.req.header("authorization");
	if (header === undefined) return null;
	const token = /^Bearer ([\w.~+/=-]{1,512})$/.exec(header)?.[1];
	if (!token) throw new AppError("unauthenticated", "Send the token as bearer token, in the header Authorization.");
	return token;
}

async function authenticate(c: Context): Promise<Actor | null> {
	const db = c.get("db");
	const now = c.get("now");
	const token = bearerToken(c);
	if (token !== null) {
		const hash = await sha256Hex(token);
		const actor = await actorOfToken(db, hash, now);
		if (!actor) throw new AppError("unauthenticated", "This token is unknown, expired or revoked.");
		noteUse(c, hash, touchToken(hash, now));
		return actor;
	}
	const session = readCookie(c.req.header("cookie"), SESSION_COOKIE);
	if (session === null) return null;
	const hash = await sha256Hex(session);
	const actor = await actorOfSession(db, hash, now);
	if (actor) noteUse(c, hash, touchSession(hash, now));
	return actor;
}

/** When this isolate last noted the use of which session or token, by the minute. */
const noted = new Map<string, number>();
const NOTED_MAX = 10_000;

/** Note that a session or token is in use, without letting the answer wait for it; at most once a minute here, and by the statement. */
export function noteUse(c: Context, hash: string, touch: Statement): void {
	const minute = Math.floor(c.get("now") / 60_000);
	if (noted.get(hash) === minute) return;
	if (noted.size >= NOTED_MAX) noted.clear();
	noted.set(hash, minute);
	c.executionCtx.waitUntil(
		c
			.get("db")
			.run(touch)
			.catch(() => noted.delete(hash)),
	);
}

/** Whether a request comes from a page of this very origin. Absent and `null` are somebody else. */
export function hasOwnOrigin(c: Context): boolean {
	return c.req.header("origin") === new URL(c.req.url).origin;
}

/** The team a request is about: a token's own, a session's only one, or the one it names. */
export function teamOfRequest(actor: Actor, named: string | undefined): Team {
	if (actor.kind === "token") {
		if (named !== undefined && named !== actor.team.slug && named !== actor.team.id)
			throw new AppError("notFound", "There is no such team.");
		return actor.team;
	}
	if (named === undefined) {
		const [only] = actor.teams;
		if (actor.teams.length === 1 && only) return only;
		throw new AppError("invalid", "You are in several teams: say which one.", {
			fields: { team: "name one of your teams in `?team=` or `X-OpsSight-Team`" },
		});
	}
	const team = actor.teams.find(({ slug, id }) => slug === named || id === named);
	if (!team) throw new AppError("notFound", "There is no such team.");
	return team;
}

type Denied = { actor: Actor; permission: Permission; reason: string; team?: Team | undefined };

/** A refusal, noted in the audit of the team it was asked in. */
async function denied(c: Context, { actor, permission, reason, team }: Denied): Promise<AppError> {
	const teamId = team?.id ?? (actor.kind === "token" ? actor.team.id : undefined);
	if (teamId !== undefined) {
		const who = { actor: nameInAudit(actor), role: roleIn(actor, teamId), requestId: c.get("requestId"), address: c.get("address") };
		await recordDenial(c.get("db"), teamId, { at: c.get("now"), ...who, permission, object: `${c.req.method} ${c.req.path}`, reason });
	}
	return new AppError("forbidden", reason);
}

/** Enforce a route's permission: who, which team, which permission, and the Origin of what changes state. Of two either will do. */
export function authorise(permission: Permission, or: Permission = permission): MiddlewareHandler<AppEnv> {
	return async (c, next) => {
		const actor = await c.get("actor")();
		if (!actor) throw new AppError("unauthenticated", "Sign in, or send a bearer token in the header Authorization.");
		const changesState = c.req.method !== "GET" && c.req.method !== "HEAD";
		if (actor.kind === "person" && changesState && !hasOwnOrigin(c)) {
			const named = c.req.param("team") ?? c.req.query("team") ?? c.req.header("x-opssight-team");
			const team = actor.teams.find(({ slug, id }) => named === undefined || slug === named || id === named);
			throw await denied(c, { actor, permission, reason: "This request did not come from a page of this installation.", team });
		}
		if (isAboutOneself(permission)) {
			const reason = refusal(actor, "", permission);
			if (reason !== null) throw await denied(c, { actor, permission, reason });
			const counted = actor.kind === "person" ? actor.teams[0] : undefined;
			if (counted) await limitActor(c.env, actor, counted.id, c.get("now"));
			return await next();
		}
		const team = teamOfRequest(actor, c.req.param("team") ?? c.req.query("team") ?? c.req.header("x-opssight-team"));
		await limitActor(c.env, actor, team.id, c.get("now"));
		const reason = refusal(actor, team.id, permission);
		if (reason !== null && refusal(actor, team.id, or) !== null) throw await denied(c, { actor, permission, reason, team });
		c.set("team", { id: team.id, slug: team.slug });
		await next();
	};
}
