import { z } from "zod";
import type { Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { newToken, randomId, sha256Hex } from "../../ids.ts";
import { typedName } from "../redaction/typed.ts";
import { type Act, begin, commit, type Deps, endSockets, noteRefusal, sync } from "./acting.server.ts";
import {
	type Actor,
	nameInAudit,
	type Permission,
	refusal,
	SCOPES,
	type Scope,
	scopesToGive,
	TOKEN_DEFAULT_DAYS,
	TOKEN_OVERLAP_MS,
	type TokenReport,
} from "./model.ts";
import {
	endTokenBy,
	insertTokenIfChanged,
	insertTokenUpTo,
	type NewToken,
	readToken,
	revokeOtherSessions,
	revokeSessionById,
	revokeToken,
} from "./store.server.ts";

/** What people do with their sessions, and with tokens of their own and of machines. */

const TOKENS_MAX = 100;
const DAY_MS = 24 * 3600_000;

const Id = z.string({ error: "Say which one." }).min(1).max(100, "There is no such one.");
export const CreateToken = z.object({
	kind: z.enum(["personal", "machine"], { error: "Say whether the token is yours or a machine's." }).default("personal"),
	name: typedName(80, { missing: "Give it a name.", long: "The name may have up to 80 characters." }),
	scopes: z
		.array(z.enum(SCOPES, { error: `Scopes are ${SCOPES.join(", ")}.` }), { error: "Choose at least one scope." })
		.min(1, "Choose at least one scope.")
		.max(SCOPES.length, "Name each scope once.")
		.transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
	/** Null: never. */
	expiresInDays: z
		.int("Days are a whole number from 1 to 365.")
		.min(1, "Days are a whole number from 1 to 365.")
		.max(365, "Days are a whole number from 1 to 365.")
		.nullable()
		.default(TOKEN_DEFAULT_DAYS),
});
export const OneToken = z.object({ id: Id });
export const OneSession = z.object({ id: Id });

/** A token as it is told this once. */
export type TokenMade = { id: string; token: string; name: string; kind: TokenReport["kind"]; scopes: Scope[]; expiresAt: number | null };

const unknownToken = () => new AppError("notFound", "There is no such token in this team.");
const permissionFor = (kind: TokenReport["kind"]): Permission => (kind === "machine" ? "tokens:manage" : "tokens:own");

async function refused(deps: Deps, teamId: string, what: Parameters<typeof noteRefusal>[2]): Promise<AppError> {
	await noteRefusal(deps, teamId, what);
	return new AppError("forbidden", what.reason);
}

const isBegunWith = (actor: Actor, tokenId: string) => actor.kind === "person" && actor.tokenId === tokenId;

/**
 * No token makes tokens or ends sessions, so neither does a session that was begun with one: what came in with it would outlive it.
 * @throws AppError forbidden, noted in the audit
 */
async function needOwnSignIn(deps: Deps, teamId: string | undefined, object: string): Promise<void> {
	const { actor } = deps;
	if (actor.kind !== "person" || actor.tokenId === undefined) return;
	const reason = "You signed in with an access token, and may do no more than it may. Sign in another way to do this.";
	if (teamId === undefined) throw new AppError("forbidden", reason);
	throw await refused(deps, teamId, { permission: "tokens:own", object, reason });
}

async function mint(row: Omit<NewToken, "hash" | "id"> & Pick<TokenReport, "kind">): Promise<{ row: NewToken; made: TokenMade }> {
	const token = newToken(row.teamId);
	const id = `k-${randomId(12)}`;
	const { name, kind, scopes, expiresAt } = row;
	return { row: { ...row, id, hash: await sha256Hex(token) }, made: { id, token, name, kind, scopes, expiresAt } };
}

/**
 * Make a token: of one's own, or a machine's. It may no more than who makes it.
 * @throws AppError forbidden | invalid | conflict (there are 100 already)
 */
export async function createToken(deps: Deps, teamId: string, input: unknown): Promise<TokenMade> {
	const { actor, now } = deps;
	const kind = CreateToken.shape.kind.safeParse((input as { kind?: unknown } | null)?.kind).data ?? "personal";
	const permission = permissionFor(kind);
	const asked = await begin(deps, { teamId, permission, schema: CreateToken, input });
	if (kind === "personal") await needOwnSignIn(deps, teamId, "token");
	const beyond = asked.scopes.filter((scope) => !scopesToGive(actor, teamId).includes(scope));
	if (beyond.length > 0)
		throw await refused(deps, teamId, { permission, object: "token", reason: `You can't give what you don't have: ${beyond.join(", ")}.` });
	const { row, made } = await mint({
		...{ teamId, kind, name: asked.name, scopes: asked.scopes, now, rotatedFrom: null },
		userId: kind === "personal" && actor.kind === "person" ? actor.userId : null,
		createdBy: nameInAudit(actor),
		expiresAt: asked.expiresInDays === null ? null : now + asked.expiresInDays * DAY_MS,
	});
	const [inserted] = await commit(deps, teamId, [insertTokenUpTo(row, TOKENS_MAX)], tokenAct("token.create", made));
	if (!inserted?.length) throw new AppError("conflict", `There are ${TOKENS_MAX} tokens already. Revoke one that is not used.`);
	await sync(deps, teamId);
	return made;
}

function tokenAct(act: string, { id: object, name, kind, scopes, expiresAt }: Omit<TokenMade, "token">, more: object = {}): Act {
	return { act, object, after: { name, kind, scopes, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(), ...more } };
}

/** A token that the actor may change: their own, a machine's with the permission, and anybody's for an admin where that is said. */
async function findToken(deps: Deps, teamId: string, input: unknown, { orAdmin }: { orAdmin: boolean }): Promise<TokenReport> {
	const { actor, db } = deps;
	const isAdmin = refusal(actor, teamId, "tokens:manage") === null;
	const { id } = await begin(deps, { teamId, permission: isAdmin ? "tokens:manage" : "tokens:own", schema: OneToken, input });
	const found = await readToken(db, teamId, id);
	if (!found) throw unknownToken();
	const isOwn = actor.kind === "person" && found.owner?.id === actor.userId;
	if (isOwn || (isAdmin && (found.owner === null || orAdmin))) return found;
	// Somebody else's token is nobody's business.
	throw unknownToken();
}

/**
 * Put a new token in the place of one: same name, same scopes, same time to live. The one before works on for 24 hours.
 * @throws AppError forbidden | notFound | conflict (it is over, or followed by another already)
 */
export async function rotateToken(deps: Deps, teamId: string, input: unknown): Promise<TokenMade & { oldExpiresAt: number }> {
	const { actor, now } = deps;
	const old = await findToken(deps, teamId, input, { orAdmin: false });
	const allowed = scopesToGive(actor, teamId);
	const scopes = old.scopes.filter((scope) => allowed.includes(scope));
	if (scopes.length === 0) {
		const reason = "Your role no longer allows what this token may do. Make a new one.";
		throw await refused(deps, teamId, { permission: permissionFor(old.kind), object: old.id, reason });
	}
	if (old.kind === "personal") await needOwnSignIn(deps, teamId, old.id);
	const { row, made } = await mint({
		...{ teamId, kind: old.kind, name: old.name, scopes, now, rotatedFrom: old.id, userId: old.owner?.id ?? null },
		createdBy: nameInAudit(actor),
		expiresAt: old.expiresAt === null ? null : now + (old.expiresAt - old.createdAt),
	});
	const endsAt = now + TOKEN_OVERLAP_MS;
	const statements = [endTokenBy(teamId, old.id, { endsAt, now }), insertTokenIfChanged(row)];
	const [ended] = await commit(deps, teamId, statements, tokenAct("token.rotate", made, { from: old.id }));
	if (!ended?.length) throw new AppError("conflict", "This token is over, or was exchanged for another already.");
	await sync(deps, teamId);
	return { ...made, oldExpiresAt: Math.min(old.expiresAt ?? endsAt, endsAt) };
}

/** End a token at once. Admins may end anybody's. @throws AppError forbidden | notFound */
export async function endToken(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id, name, kind } = await findToken(deps, teamId, input, { orAdmin: true });
	// Giving up what one came in with takes nothing from anybody else.
	if (kind === "personal" && !isBegunWith(deps.actor, id)) await needOwnSignIn(deps, teamId, id);
	const [revoked] = await commit(deps, teamId, [revokeToken(teamId, id, deps.now)], {
		act: "token.revoke",
		object: id,
		before: { name, kind },
	});
	if (!revoked?.length) throw unknownToken();
	await Promise.all([sync(deps, teamId), endSockets(deps, [teamId], [id])]);
}

type Person = Extract<Actor, { kind: "person" }>;

function personOf(deps: Deps): Person {
	const reason = refusal(deps.actor, "", "settings:own");
	if (reason !== null || deps.actor.kind !== "person") throw new AppError("forbidden", reason ?? "This is for people only.");
	return deps.actor;
}

/** A session is in no team: its end is written down in each of the person's. @returns the ids of what ended */
async function end(deps: Deps, person: Person, statement: Statement, object: string): Promise<string[]> {
	const act = { act: "session.end", object };
	const [first, ...others] = person.teams;
	const [ended = []] = (first ? await commit(deps, first.id, [statement], act) : await deps.db.batch([statement])) as { id: string }[][];
	const ids = ended.map(({ id }) => id);
	if (ids.length === 0) return ids;
	for (const { id } of others) await commit(deps, id, [], act);
	const teamIds = person.teams.map(({ id }) => id);
	await endSockets(deps, teamIds, ids);
	return ids;
}

/** End one session of one's own at once. @throws AppError forbidden | notFound */
export async function endSession(deps: Deps, input: unknown): Promise<void> {
	const person = personOf(deps);
	const { id } = await begin(deps, { teamId: "", permission: "settings:own", schema: OneSession, input });
	if (id !== person.sessionId) await needOwnSignIn(deps, person.teams[0]?.id, id);
	const ended = await end(deps, person, revokeSessionById(person.userId, id, deps.now), id);
	if (ended.length === 0) throw new AppError("notFound", "There is no such session.");
}

/** End every session of one's own but this one. @returns how many */
export async function endOtherSessions(deps: Deps): Promise<number> {
	const person = personOf(deps);
	await needOwnSignIn(deps, person.teams[0]?.id, "all others");
	return (await end(deps, person, revokeOtherSessions(person.userId, person.sessionId, deps.now), `${person.userId}, all others`)).length;
}
