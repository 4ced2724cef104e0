import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { newSessionId, newTeamId, randomId, randomSecret, sha256Hex } from "../../ids.ts";
import { log } from "../../log.ts";
import { commitAudited } from "../audit/chain.server.ts";
import type { AuditEntry } from "../audit/model.ts";
import { redact } from "../redaction/mask.ts";
import { freeSlug, insertFirstTeam, insertMemberIfChanged, insertUserIfChanged, teamsOfUser } from "../teams/store.server.ts";
import type { GitHubUser } from "./github.server.ts";
import { ATTEMPT_SLOT_MS, ATTEMPT_SLOTS } from "./limits.ts";
import { SESSION_MAX_MS, type SessionMethod, SIGN_IN_MAX_MS } from "./model.ts";
import { insertSession, revokeSession } from "./store.server.ts";

/** Getting in: sign-ins under way, attempts, sessions, the first admin. */

const DAY_MS = 24 * 3600_000;

/** What a sign-in belongs to: what GitHub gives back and what the browser keeps, so that neither alone is worth anything. */
const stateHash = ({ state, browser }: { state: string; browser: string }) => sha256Hex(`${state}.${browser}`);

/** Where somebody wants to go may be an invitation's link: like the state, it is kept so that only the browser that began can read it. */
async function sealKey({ state, browser }: { state: string; browser: string }): Promise<CryptoKey> {
	const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`next ${state}.${browser}`));
	return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

// Each state has a key of its own, which seals one text: nothing needs to tell two apart.
const SEAL = { name: "AES-GCM", iv: new Uint8Array(12) };

async function seal(text: string, who: { state: string; browser: string }): Promise<string> {
	const bytes = new Uint8Array(await crypto.subtle.encrypt(SEAL, await sealKey(who), new TextEncoder().encode(text)));
	return btoa(String.fromCharCode(...bytes));
}

async function unseal(sealed: string, who: { state: string; browser: string }): Promise<string> {
	try {
		const bytes = Uint8Array.from(atob(sealed), (char) => char.charCodeAt(0));
		return new TextDecoder().decode(await crypto.subtle.decrypt(SEAL, await sealKey(who), bytes));
	} catch {
		return "/";
	}
}

/** Remember a sign-in that goes to GitHub now. @returns its state, and the PKCE verifier only GitHub is told of later */
export async function beginSignIn(db: Database, { browser, next, now }: { browser: string; next: string; now: number }) {
	const state = randomSecret();
	const verifier = randomSecret();
	await db.batch([
		sql`DELETE FROM sign_in_states WHERE created_at < ${now - DAY_MS}`,
		sql`INSERT INTO sign_in_states (hash, verifier, next, created_at)
			VALUES (${await stateHash({ state, browser })}, ${verifier}, ${await seal(next, { state, browser })}, ${now})`,
	]);
	return { state, verifier };
}

export type SignInState =
	| { ok: true; verifier: string; next: string }
	| { ok: false; reason: "stateUnknown" | "stateUsed" | "stateExpired"; next: string | null };

/** Take a sign-in that comes back: once, by the browser that began it, within ten minutes. */
export async function takeSignIn(
	db: Database,
	{ state, browser, now }: { state: string; browser: string; now: number },
): Promise<SignInState> {
	const hash = await stateHash({ state, browser });
	const [taken, known] = (await db.batch([
		sql`UPDATE sign_in_states SET used_at = ${now} WHERE hash = ${hash} AND used_at IS NULL AND created_at > ${now - SIGN_IN_MAX_MS}
			RETURNING verifier, next`,
		sql`SELECT used_at AS usedAt, next FROM sign_in_states WHERE hash = ${hash}`,
	])) as [{ verifier: string; next: string }[], { usedAt: number | null; next: string }[]];
	if (taken[0]) return { ok: true, verifier: taken[0].verifier, next: await unseal(taken[0].next, { state, browser }) };
	const [row] = known;
	if (!row) return { ok: false, reason: "stateUnknown", next: null };
	return { ok: false, reason: row.usedAt === null ? "stateExpired" : "stateUsed", next: await unseal(row.next, { state, browser }) };
}

/** Count an attempt of an address prefix, unless there were `max` in the last ten minutes. @returns ms to wait, or 0 when it counts */
export async function countAttempt(db: Database, { prefix, max, now }: { prefix: string; max: number; now: number }): Promise<number> {
	const slot = Math.floor(now / ATTEMPT_SLOT_MS);
	const since = slot - ATTEMPT_SLOTS;
	const recent = sql`FROM sign_in_attempts WHERE prefix = ${prefix} AND slot > ${since} AND n > 0`;
	const [, counted, oldest] = (await db.batch([
		sql`DELETE FROM sign_in_attempts WHERE slot < ${slot - DAY_MS / ATTEMPT_SLOT_MS}`,
		sql`INSERT INTO sign_in_attempts (prefix, slot, n) SELECT ${prefix}, ${slot}, 1 WHERE coalesce((SELECT sum(n) ${recent}), 0) < ${max}
			ON CONFLICT(prefix, slot) DO UPDATE SET n = n + 1 RETURNING n`,
		sql`SELECT min(slot) AS slot ${recent}`,
	])) as [unknown, unknown[], { slot: number | null }[]];
	if (counted.length > 0) return 0;
	return ((oldest[0]?.slot ?? slot) + ATTEMPT_SLOTS) * ATTEMPT_SLOT_MS - now;
}

/** An attempt that was none of guessing does not count. */
export function forgiveAttempt(prefix: string, now: number): Statement {
	return sql`UPDATE sign_in_attempts SET n = n - 1 WHERE prefix = ${prefix} AND n > 0
			AND slot = (SELECT max(slot) FROM sign_in_attempts WHERE prefix = ${prefix} AND slot <= ${Math.floor(now / ATTEMPT_SLOT_MS)} AND n > 0)`;
}

/** Where and how somebody signs in. */
export type Arrival = {
	method: SessionMethod;
	tokenId?: string | null;
	/** The session this browser had until now: it ends, whoever's it was. */
	oldSession: string | null;
	agent: string | null;
	address: string | null;
	requestId: string;
	now: number;
};

/**
 * Start a session under a new id and end the one this browser had, with an entry in the audit of each of the person's teams.
 * @returns the cookie's value, and the session that ended with its owner's teams
 */
export async function startSession(
	db: Database,
	userId: string,
	arrival: Arrival,
): Promise<{ value: string; ended: { id: string; teamIds: string[] } | null }> {
	const { method, tokenId = null, oldSession, agent, address, requestId, now } = arrival;
	const value = randomSecret();
	const id = newSessionId();
	const statements = [
		insertSession({ hash: await sha256Hex(value), id, userId, method, tokenId, agent, address, now, expiresAt: now + SESSION_MAX_MS }),
	];
	if (oldSession !== null) statements.push(revokeSession(await sha256Hex(oldSession), now));
	const [first, ...others] = await teamsOfUser(db, userId);
	const entryAs = (role: string): AuditEntry => {
		const who = { actor: userId, role, address, requestId };
		return { at: now, ...who, act: "session.start", object: id, after: { method }, outcome: "done" };
	};
	// A session is in no team: it is written with the first one's entry, and noted in the others'.
	const answers = (first ? await commitAudited(db, first.id, statements, [entryAs(first.role)]) : await db.batch(statements)) as {
		id: string;
		userId: string;
	}[][];
	for (const team of others) await commitAudited(db, team.id, [], [entryAs(team.role)]);
	// No team has an audit that this would stand in.
	if (!first) log("warn", "somebody who is in no team signed in", { user: userId, method, session: id, address, request_id: requestId });
	const ended = oldSession === null ? undefined : answers[1]?.[0];
	if (!ended) return { value, ended: null };
	return { value, ended: { id: ended.id, teamIds: (await teamsOfUser(db, ended.userId)).map(({ id: teamId }) => teamId) } };
}

/** The person GitHub speaks of, made or brought up to date. Known by GitHub's id: a login may change hands. @returns their id here */
export async function knowGitHubUser(db: Database, { id: githubId, login, name, avatar }: GitHubUser, now: number): Promise<string> {
	// A login that somebody else has here (a person without GitHub, or one who was renamed there since) stays theirs.
	const free = sql`CASE WHEN EXISTS (SELECT 1 FROM users o WHERE o.login = ${login} AND o.github_id IS NOT ${githubId})
			THEN ${`${login}~${githubId}`} ELSE ${login} END`;
	const rows = await db.all<{ id: string }>(
		sql`INSERT INTO users (id, login, name, github_id, avatar, created_at)
			SELECT ${`u${randomId(12)}`}, ${free}, ${redact(name).text.slice(0, 200)}, ${githubId}, ${avatar}, ${now} WHERE true
			ON CONFLICT(github_id) DO UPDATE SET login = excluded.login, name = excluded.name, avatar = excluded.avatar RETURNING id`,
	);
	return (rows[0] as { id: string }).id;
}

const SETUP = "setup_token";

/** Whether nobody could let anybody in: an installation without an admin. */
export async function isWithoutAdmin(db: Database): Promise<boolean> {
	return (await db.all(sql`SELECT 1 FROM members WHERE role = 'admin' LIMIT 1`)).length === 0;
}

/** Make a setup token for an installation without an admin, once. @returns it, to be printed this once; null when there is one */
export async function makeSetupToken(db: Database): Promise<string | null> {
	const token = `opsu_${randomSecret()}`;
	const made = await db.run(
		sql`INSERT INTO installation (name, value) SELECT ${SETUP}, ${await sha256Hex(token)}
			WHERE NOT EXISTS (SELECT 1 FROM members WHERE role = 'admin') ON CONFLICT(name) DO NOTHING`,
	);
	return made > 0 ? token : null;
}

/** Whether a token is the setup token: the one that is set, or else the one that was printed. */
export async function isSetupToken(db: Database, token: string, configured: string | null): Promise<boolean> {
	const hash = await sha256Hex(token);
	if (configured !== null) return hash === (await sha256Hex(configured));
	const rows = await db.all<{ value: string }>(sql`SELECT value FROM installation WHERE name = ${SETUP}`);
	return rows[0]?.value === hash;
}

/**
 * Make the first team, with its first admin: who is signed in, or a new person. The setup token ends with it.
 * @returns who and where, or null when there is an admin already
 */
export async function setUpInstallation(
	db: Database,
	{
		team,
		person,
		requestId,
		address,
		now,
	}: {
		team: string;
		person: { userId: string } | { name: string };
		requestId: string;
		address: string | null;
		now: number;
	},
): Promise<{ userId: string; slug: string } | null> {
	const teamId = newTeamId();
	const slug = await freeSlug(db, team);
	const userId = "userId" in person ? person.userId : `u${randomId(12)}`;
	const statements = [
		// Its use is over either way: there is an admin already, or there is one after this.
		sql`DELETE FROM installation WHERE name = ${SETUP}`,
		insertFirstTeam({ id: teamId, slug, name: team, epoch: crypto.randomUUID(), now }),
	];
	if ("name" in person) statements.push(insertUserIfChanged({ id: userId, login: userId, name: person.name, now }));
	statements.push(insertMemberIfChanged({ teamId, userId, role: "admin", now }));
	const who = { actor: userId, role: "admin", requestId, address };
	const entry: AuditEntry = { at: now, ...who, act: "team.create", object: teamId, after: { name: team, slug }, outcome: "done" };
	const [, made] = await commitAudited(db, teamId, statements, [entry], { onlyIfChanged: true });
	return made?.length ? { userId, slug } : null;
}
