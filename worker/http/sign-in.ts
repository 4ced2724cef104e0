import { z } from "zod";
import { endSockets } from "../domains/auth/acting.server.ts";
import { signOut } from "../domains/auth/actions.server.ts";
import { authorizeUrl, whoSignsIn } from "../domains/auth/github.server.ts";
import { ATTEMPTS_MAX, BEGINNINGS_MAX } from "../domains/auth/limits.ts";
import { BROWSER_COOKIE, readCookie, SESSION_COOKIE, type SessionMethod } from "../domains/auth/model.ts";
import { type SignInProblem, statusOfProblem, wordsOfProblem } from "../domains/auth/problems.ts";
import {
	beginSignIn,
	countAttempt,
	forgiveAttempt,
	isSetupToken,
	isWithoutAdmin,
	knowGitHubUser,
	setUpInstallation,
	startSession,
	takeSignIn,
} from "../domains/auth/sign-in.server.ts";
import { actorOfToken, revokeSession, touchToken } from "../domains/auth/store.server.ts";
import { typedName } from "../domains/redaction/typed.ts";
import { teamsOfUser } from "../domains/teams/store.server.ts";
import { readSettings } from "../env.ts";
import { AppError } from "../errors.ts";
import { randomSecret, sha256Base64Url, sha256Hex } from "../ids.ts";
import { log } from "../log.ts";
import { depsOf } from "./acting.ts";
import { readForm } from "./body.ts";
import type { Context } from "./context.ts";
import type { Door } from "./door.ts";
import { problemPage } from "./error-response.ts";
import { ledgerPort } from "./ledger.ts";
import { hasOwnOrigin, noteUse } from "./middleware.ts";
import { browserCookie, endedSessionCookie, safePath, sessionCookie } from "./session.ts";

const CALLBACK = "/sign-in/github/callback";
const redirectUri = (c: Context) => new URL(CALLBACK, c.req.url).href;

/** Nobody was signed in: the status for programs, and for people the sign-in page, which knows the words and the way back. */
function refuse(c: Context, problem: SignInProblem, next: string | null, retryAfterMs = 0): Response {
	// Nobody's team has an audit for this; the log does.
	log("info", "a sign-in was refused", { problem, address: c.get("address"), request_id: c.get("requestId") });
	const query = new URLSearchParams({ problem, ...(next && next !== "/" ? { next } : {}) });
	const answer = problemPage(wordsOfProblem(problem) ?? "", {
		status: statusOfProblem(problem),
		to: `/login?${query}`,
		requestId: c.get("requestId"),
	});
	if (retryAfterMs > 0) answer.headers.set("retry-after", String(Math.ceil(retryAfterMs / 1000)));
	return answer;
}

/** Start a session in this browser and lead on. The one it had before ends, and so do its sockets. */
async function enter(c: Context, who: { userId: string; method: SessionMethod; tokenId?: string }, next: string | null): Promise<Response> {
	const db = c.get("db");
	const { value, ended } = await startSession(db, who.userId, {
		...{ method: who.method, tokenId: who.tokenId ?? null, oldSession: readCookie(c.req.header("cookie"), SESSION_COOKIE) },
		...{ agent: c.req.header("user-agent") ?? null, address: c.get("address"), requestId: c.get("requestId"), now: c.get("now") },
	});
	if (ended) await endSockets({ ledger: ledgerPort(c.env) }, ended.teamIds, [ended.id]);
	c.header("set-cookie", sessionCookie(value));
	c.header("cache-control", "no-store");
	return c.redirect(safePath(next) ?? "/", 303);
}

/** The ms to wait when this network has failed too often, else 0. */
async function attempt(c: Context, kind: "begin" | "in"): Promise<number> {
	const prefix = kind === "begin" ? `begin ${c.get("address")}` : c.get("address");
	return await countAttempt(c.get("db"), { prefix, max: kind === "begin" ? BEGINNINGS_MAX : ATTEMPTS_MAX, now: c.get("now") });
}

async function forgive(c: Context): Promise<void> {
	await c.get("db").run(forgiveAttempt(c.get("address"), c.get("now")));
}

/** Off to GitHub. A link leads here, not a form: `form-action 'self'` also holds for where a form's answer redirects. */
async function getGitHub(c: Context): Promise<Response> {
	const next = safePath(c.req.query("next")) ?? "/";
	const { gitHub } = readSettings(c.env);
	if (!gitHub) return refuse(c, "gitHubOff", next);
	const wait = await attempt(c, "begin");
	if (wait > 0) return refuse(c, "tooMany", next, wait);
	// Kept while it lasts, so that two windows can sign in side by side.
	const kept = readCookie(c.req.header("cookie"), BROWSER_COOKIE);
	const browser = kept && /^[\w-]{43}$/.test(kept) ? kept : randomSecret();
	const { state, verifier } = await beginSignIn(c.get("db"), { browser, next, now: c.get("now") });
	c.header("set-cookie", browserCookie(browser));
	c.header("cache-control", "no-store");
	return c.redirect(authorizeUrl(gitHub, { state, challenge: await sha256Base64Url(verifier), redirectUri: redirectUri(c) }), 302);
}

/** Back from GitHub: state first, then what the person said, then who they are. */
async function getGitHubCallback(c: Context): Promise<Response> {
	const { gitHub } = readSettings(c.env);
	if (!gitHub) return refuse(c, "gitHubOff", null);
	const { state, code, error } = c.req.query();
	const browser = readCookie(c.req.header("cookie"), BROWSER_COOKIE);
	if (!state) return refuse(c, "stateMissing", null);
	const wait = await attempt(c, "in");
	if (wait > 0) return refuse(c, "tooMany", null, wait);
	if (browser === null) return refuse(c, "stateUnknown", null);
	const taken = await takeSignIn(c.get("db"), { state: state.slice(0, 200), browser, now: c.get("now") });
	if (!taken.ok) return refuse(c, taken.reason, taken.next);
	const { verifier, next } = taken;
	if (error !== undefined) {
		await forgive(c);
		return refuse(c, error === "access_denied" ? "refused" : "gitHub", next);
	}
	if (!code) return refuse(c, "code", next);
	const answer = await whoSignsIn(gitHub, { code: code.slice(0, 500), verifier, redirectUri: redirectUri(c) });
	if (!answer.ok) {
		// Only a wrong code is a guess; who GitHub does know has not guessed.
		if (answer.problem !== "code") await forgive(c);
		return refuse(c, answer.problem, next);
	}
	await forgive(c);
	return await enter(c, { userId: await knowGitHubUser(c.get("db"), answer.user, c.get("now")), method: "github" }, next);
}

function needOwnOrigin(c: Context): void {
	if (!hasOwnOrigin(c)) throw new AppError("forbidden", "This form was not sent by a page of this installation.");
}

/** A session of a token's owner, which may no more than the token and ends with it. */
async function postToken(c: Context): Promise<Response> {
	needOwnOrigin(c);
	const { token = "", next: asked } = await readForm(c.req.raw);
	const next = safePath(asked);
	const wait = await attempt(c, "in");
	if (wait > 0) return refuse(c, "tooMany", next, wait);
	const now = c.get("now");
	const hash = await sha256Hex(token.trim().slice(0, 512));
	const actor = await actorOfToken(c.get("db"), hash, now);
	if (!actor) return refuse(c, "token", next);
	noteUse(c, hash, touchToken(hash, now));
	await forgive(c);
	if (actor.userId === null) return refuse(c, "tokenMachine", next);
	if (!actor.scopes.includes("read")) return refuse(c, "tokenScope", next);
	return await enter(c, { userId: actor.userId, method: "token", tokenId: actor.tokenId }, next);
}

const words = { missing: "Say it.", long: "Up to 80 characters." };
const SetupForm = z.object({ team: typedName(80, words), name: typedName(80, words) });

/** The first team and its first admin: who is signed in, else a new person of the name they give. */
async function postSetup(c: Context): Promise<Response> {
	needOwnOrigin(c);
	const { token = "", ...fields } = await readForm(c.req.raw);
	const db = c.get("db");
	const wait = await attempt(c, "in");
	if (wait > 0) return refuse(c, "tooMany", null, wait);
	if (!(await isWithoutAdmin(db))) return refuse(c, "setupDone", null);
	if (!(await isSetupToken(db, token.trim(), readSettings(c.env).setupToken))) return refuse(c, "setup", null);
	await forgive(c);
	const actor = await c.get("actor")();
	const parsed = SetupForm.safeParse(actor?.kind === "person" ? { ...fields, name: actor.name } : fields);
	if (!parsed.success) return refuse(c, "setupFields", null);
	const { team, name } = parsed.data;
	const person = actor?.kind === "person" ? { userId: actor.userId } : { name };
	const made = await setUpInstallation(db, { team, person, requestId: c.get("requestId"), address: c.get("address"), now: c.get("now") });
	if (!made) return refuse(c, "setupDone", null);
	return await enter(c, { userId: made.userId, method: "setup" }, `/t/${made.slug}/overview`);
}

async function postSignOut(c: Context): Promise<Response> {
	needOwnOrigin(c);
	const session = readCookie(c.req.header("cookie"), SESSION_COOKIE);
	const actor = c.req.header("authorization") === undefined ? await c.get("actor")() : null;
	if (actor) await signOut(await depsOf(c));
	else if (session) {
		// Idle for too long, or past its end: it can do nothing any more, and what it has open closes.
		const db = c.get("db");
		const [ended] = (await db.batch([revokeSession(await sha256Hex(session), c.get("now"))])) as { id: string; userId: string }[][];
		for (const { id, userId } of ended ?? []) {
			const teamIds = (await teamsOfUser(db, userId)).map((team) => team.id);
			await endSockets({ ledger: ledgerPort(c.env) }, teamIds, [id]);
		}
	}
	c.header("set-cookie", endedSessionCookie());
	return c.redirect("/login", 303);
}

const tags = ["Sign-in"];
const form = (schema: z.ZodType) => ({ body: { required: true, content: { "application/x-www-form-urlencoded": { schema } } } });
const led = (description: string) => ({ 303: { description } });
const page = (description: string) => ({ description, content: { "text/html": { schema: z.string() } } });
const policy = { public: "this is how somebody comes to be somebody" };

/** The ways in, and the way out. */
export const signInDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/sign-in/github", tags, summary: "Off to GitHub; `next` is the path to come back to" },
			request: { query: z.object({ next: z.string().optional() }) },
			responses: { 302: { description: "To GitHub" }, 404: page("Not set up"), 429: page("Too many") },
		},
		policy,
		handle: getGitHub,
	},
	{
		route: {
			...{ method: "get", path: CALLBACK, tags, summary: "Back from GitHub" },
			request: { query: z.object({ code: z.string().optional(), state: z.string().optional(), error: z.string().optional() }) },
			responses: {
				...led("Signed in"),
				400: page("State or code do not hold"),
				403: page("Refused"),
				429: page("Too many"),
				503: page("No answer"),
			},
		},
		policy,
		handle: getGitHubCallback,
	},
	{
		route: {
			...{ method: "post", path: "/sign-in/token", tags, summary: "Sign in with an access token of one's own" },
			request: form(z.object({ token: z.string(), next: z.string().optional() })),
			responses: { ...led("Signed in"), 401: page("Unknown"), 403: page("A machine's, or not from here"), 429: page("Too many") },
		},
		policy,
		handle: postToken,
	},
	{
		route: {
			...{ method: "post", path: "/sign-in/setup", tags, summary: "Make the first team and its admin; only while there is none" },
			request: form(z.object({ token: z.string(), team: z.string(), name: z.string().optional() })),
			responses: {
				...led("Done"),
				401: page("Not the setup token"),
				403: page("Not from here"),
				409: page("Done already"),
				422: page("Incomplete"),
				429: page("Too many"),
			},
		},
		policy,
		handle: postSetup,
	},
	{
		route: {
			...{ method: "post", path: "/sign-out", tags, summary: "End the session of this browser" },
			responses: { ...led("To the sign-in page"), 403: page("Not from here") },
		},
		policy: { public: "ends the session that asks, whoever's it is" },
		handle: postSignOut,
	},
];
