import { z } from "zod";
import type { SignInProblem } from "./problems.ts";

/** What is asked of GitHub while somebody signs in. The access token it gives is used for these few questions and then forgotten. */

export type GitHubSettings = {
	clientId: string;
	clientSecret: string;
	/** Lower case. Somebody in one of these organisations, or one of these users, may sign in. */
	allowedOrgs: string[];
	allowedUsers: string[];
	/** Where people are, and where programs ask; another one than github.com's for an enterprise server. */
	url: string;
	apiUrl: string;
};

/** A person as GitHub knows them. */
export type GitHubUser = { id: string; login: string; name: string; avatar: string | null };
export type GitHubAnswer = { ok: true; user: GitHubUser } | { ok: false; problem: SignInProblem };

/** @source reliability rules, Outbound */
const PATIENCE_MS = 5000;
const ANSWER_BYTES_MAX = 256 * 1024;
const ORGS_PAGE = 100;
const ORGS_PAGES_MAX = 5;

const TokenAnswer = z.object({ access_token: z.string().min(1).max(500), scope: z.string().default("") });
const UserAnswer = z.object({
	id: z.int(),
	login: z.string().min(1).max(100),
	name: z.string().max(300).nullish(),
	avatar_url: z
		.url({ protocol: /^https$/ })
		.max(500)
		.nullish()
		.catch(null),
});
const OrgsAnswer = z.array(z.object({ login: z.string() }));

/** Where a browser is sent to say yes or no. The challenge is the SHA-256 of the verifier (PKCE S256). */
export function authorizeUrl(settings: GitHubSettings, ask: { state: string; challenge: string; redirectUri: string }): string {
	const url = new URL(`${settings.url}/login/oauth/authorize`);
	url.search = new URLSearchParams({
		client_id: settings.clientId,
		redirect_uri: ask.redirectUri,
		// Only where organisations decide: their list is not public.
		scope: settings.allowedOrgs.length > 0 ? "read:org" : "",
		state: ask.state,
		code_challenge: ask.challenge,
		code_challenge_method: "S256",
		allow_signup: "false",
	}).toString();
	return url.href;
}

class GitHubSilent extends Error {}

/** One answer, read no further than its limit. @throws GitHubSilent for anything but JSON with an expected status */
async function ask(url: string, init: RequestInit): Promise<{ status: number; body: unknown }> {
	try {
		const headers = { accept: "application/json", "user-agent": "OpsSight", ...(init.headers as Record<string, string>) };
		const answer = await fetch(url, { ...init, headers, redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
		const text = await answer.text();
		if (answer.status >= 500 || (answer.status >= 300 && answer.status < 400)) throw new GitHubSilent(`status ${answer.status}`);
		if (text.length > ANSWER_BYTES_MAX) throw new GitHubSilent("too long");
		return { status: answer.status, body: JSON.parse(text) };
	} catch (error) {
		throw new GitHubSilent(error instanceof Error ? error.message : "no answer");
	}
}

/**
 * Exchange the code of a sign-in for who it is, and whether they may sign in here.
 * @throws never: every way it can go wrong is a problem with words
 */
export async function whoSignsIn(
	settings: GitHubSettings,
	{ code, verifier, redirectUri }: { code: string; verifier: string; redirectUri: string },
): Promise<GitHubAnswer> {
	try {
		const exchanged = await ask(`${settings.url}/login/oauth/access_token`, {
			method: "POST",
			headers: { "content-type": "application/x-www-form-urlencoded" },
			body: new URLSearchParams({
				...{ client_id: settings.clientId, client_secret: settings.clientSecret },
				...{ code, redirect_uri: redirectUri, code_verifier: verifier },
			}).toString(),
		});
		// A code that is wrong, used or old is answered 200 with an `error`.
		const token = TokenAnswer.safeParse(exchanged.body);
		if (!token.success) return { ok: false, problem: isRefusedCode(exchanged.body) ? "code" : "gitHub" };
		const headers = { authorization: `Bearer ${token.data.access_token}`, accept: "application/vnd.github+json" };
		const user = UserAnswer.safeParse((await ask(`${settings.apiUrl}/user`, { headers })).body);
		if (!user.success) return { ok: false, problem: "gitHub" };
		const { id, login, name, avatar_url: avatar } = user.data;
		const known = { ok: true, user: { id: String(id), login, name: name?.trim() || login, avatar: avatar ?? null } } as const;
		if (settings.allowedUsers.includes(login.toLowerCase())) return known;
		if (settings.allowedOrgs.length === 0) return { ok: false, problem: "notAllowed" };
		if (!/(^|[\s,])(read:org|write:org|admin:org|user)([\s,]|$)/.test(token.data.scope)) return { ok: false, problem: "scope" };
		return (await isInAllowedOrg(settings, headers)) ? known : { ok: false, problem: "notAllowed" };
	} catch (error) {
		if (error instanceof GitHubSilent) return { ok: false, problem: "gitHub" };
		throw error;
	}
}

function isRefusedCode(body: unknown): boolean {
	return typeof body === "object" && body !== null && (body as { error?: unknown }).error === "bad_verification_code";
}

async function isInAllowedOrg(settings: GitHubSettings, headers: Record<string, string>): Promise<boolean> {
	for (let page = 1; page <= ORGS_PAGES_MAX; page++) {
		const { body } = await ask(`${settings.apiUrl}/user/orgs?per_page=${ORGS_PAGE}&page=${page}`, { headers });
		const orgs = OrgsAnswer.safeParse(body);
		if (!orgs.success) throw new GitHubSilent("no list of organisations");
		if (orgs.data.some(({ login }) => settings.allowedOrgs.includes(login.toLowerCase()))) return true;
		if (orgs.data.length < ORGS_PAGE) return false;
	}
	return false;
}
