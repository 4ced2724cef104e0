// GitHub's OAuth web flow as its documentation describes it, with people of our own: authorize (accept or refuse), access_token
// (PKCE S256, codes that work once and for ten minutes), user, user/orgs. One function from Request to Response, so that it serves
// tests in workerd, and a server for browsers. Run by hand: `node test/support/github-double.mjs 8899`.
import { pathToFileURL } from "node:url";

export const CLIENT_ID = "Iv1.double";
export const CLIENT_SECRET = "double-client-secret";
/** What the product is set to when it signs people in here. */
export const ALLOWED_ORG = "acme-inc";

/** Who can sign in; the first is chosen where nobody is. */
export const PEOPLE = [
	{ id: 9001, login: "octo-ada", name: "Ada Okafor", orgs: ["acme-inc", "other-org"] },
	{ id: 9002, login: "octo-eve", name: "Eve Outside", orgs: ["evil-corp"] },
	{ id: 9003, login: "octo-many", name: null, orgs: [...Array.from({ length: 130 }, (_, n) => `org-${n}`), "Acme-Inc"] },
	{ id: 9004, login: "octo-friend", name: "A Friend", orgs: [] },
];

const CODE_MS = 10 * 60_000;
const encoder = new TextEncoder();
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function challengeOf(verifier) {
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(verifier)));
	return btoa(String.fromCharCode(...digest))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}

// `text()` complains about a form in workerd.
const formOf = async (request) => new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
const escapeHtml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const json = (body, status = 200, headers = {}) => Response.json(body, { status, headers });
const docs = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

/** A GitHub of its own. `now` is its clock; `fail` makes the next calls of the API go wrong: "down", "html" or null. */
export function createGitHubDouble({ now = () => Date.now() } = {}) {
	const codes = new Map();
	const tokens = new Map();
	const double = { fail: null, handle, calls: [] };

	function authorizePage(url) {
		const asked = url.searchParams;
		if (asked.get("client_id") !== CLIENT_ID) return new Response("404: no such application", { status: 404 });
		const fields = [...asked]
			.map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
			.join("");
		const people = PEOPLE.map(({ login }) => `<option>${login}</option>`).join("");
		const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Authorize application</title>
<h1>Authorize OpsSight</h1><p>A double of GitHub, for tests. It wants: ${escapeHtml(asked.get("scope") || "your public profile")}</p>
<form method="post" action="/login/oauth/authorize">${fields}
<p><label>Sign in as <select name="login">${people}</select></label></p>
<button name="answer" value="accept">Accept</button> <button name="answer" value="refuse">Refuse</button></form>`;
		return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
	}

	async function authorize(request) {
		const form = await formOf(request);
		const back = new URL(form.get("redirect_uri"));
		if (form.get("answer") === "refuse") {
			back.searchParams.set("error", "access_denied");
			back.searchParams.set("error_description", "The user has denied your application access.");
		} else back.searchParams.set("code", makeCode(Object.fromEntries(form)));
		back.searchParams.set("state", form.get("state") ?? "");
		return new Response(null, { status: 302, headers: { location: back.href } });
	}

	function makeCode({ login = PEOPLE[0].login, redirect_uri, scope = "", code_challenge, code_challenge_method }) {
		const code = random();
		const challenge = code_challenge_method === "S256" ? code_challenge : null;
		codes.set(code, { login, redirectUri: redirect_uri, scope, challenge, at: now() });
		return code;
	}

	async function exchange(request) {
		const form = await formOf(request);
		const refuse = (error, error_description) => json({ error, error_description, error_uri: docs });
		if (form.get("client_id") !== CLIENT_ID || form.get("client_secret") !== CLIENT_SECRET) {
			return refuse("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
		}
		const known = codes.get(form.get("code"));
		codes.delete(form.get("code"));
		const bad = () => refuse("bad_verification_code", "The code passed is incorrect or expired.");
		if (!known || now() - known.at > CODE_MS) return bad();
		if (form.get("redirect_uri") !== known.redirectUri) {
			return refuse("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.");
		}
		if (known.challenge !== null && (await challengeOf(form.get("code_verifier") ?? "")) !== known.challenge) return bad();
		const token = `gho_${random().slice(0, 36)}`;
		tokens.set(token, known);
		const answer = { access_token: token, scope: known.scope, token_type: "bearer" };
		// Form-encoded, unless JSON is asked for.
		if ((request.headers.get("accept") ?? "").includes("json")) return json(answer);
		return new Response(new URLSearchParams(answer).toString(), { headers: { "content-type": "application/x-www-form-urlencoded" } });
	}

	function api(request, url) {
		if (!request.headers.get("user-agent")) return json({ message: "Request forbidden by administrative rules." }, 403);
		const session = tokens.get(/^(?:Bearer|token) (\S+)$/.exec(request.headers.get("authorization") ?? "")?.[1]);
		if (!session) return json({ message: "Bad credentials", documentation_url: "https://docs.github.com/rest" }, 401);
		const person = PEOPLE.find(({ login }) => login === session.login);
		const scopes = { "x-oauth-scopes": session.scope };
		if (url.pathname === "/api/user") {
			const { id, login, name } = person;
			const avatar_url = `https://avatars.githubusercontent.com/u/${id}?v=4`;
			return json({ id, login, name, avatar_url, type: "User", html_url: `https://github.com/${login}` }, 200, scopes);
		}
		const perPage = Number(url.searchParams.get("per_page") ?? 30);
		const page = Number(url.searchParams.get("page") ?? 1);
		const orgs = person.orgs.slice((page - 1) * perPage, page * perPage).map((login, n) => ({ id: 100 + n, login }));
		return json(orgs, 200, scopes);
	}

	async function handle(request) {
		const url = new URL(request.url);
		double.calls.push(`${request.method} ${url.pathname}`);
		if (url.pathname === "/login/oauth/authorize") return request.method === "POST" ? await authorize(request) : authorizePage(url);
		if (double.fail === "down") return new Response("upstream is away", { status: 502 });
		if (double.fail === "html") return new Response("<!doctype html><title>Unicorn!</title>", { headers: { "content-type": "text/html" } });
		if (url.pathname === "/login/oauth/access_token" && request.method === "POST") return await exchange(request);
		if (url.pathname === "/api/user" || url.pathname === "/api/user/orgs") return api(request, url);
		return json({ message: "Not Found" }, 404);
	}

	return double;
}

/** Serve a double on loopback. @returns its address, the double itself, and how to end it */
export async function startGitHubDouble({ port = 0, now } = {}) {
	const { createServer } = await import("node:http");
	const double = createGitHubDouble(now ? { now } : {});
	const server = createServer(async (incoming, outgoing) => {
		const chunks = [];
		for await (const chunk of incoming) chunks.push(chunk);
		const { method = "GET", headers } = incoming;
		const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
		const request = new Request(`http://${headers.host}${incoming.url}`, { method, headers, ...(body && { body }) });
		const answer = await double.handle(request);
		outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
		outgoing.end(Buffer.from(await answer.arrayBuffer()));
	});
	await new Promise((done, fail) => {
		server.once("error", fail);
		server.listen(port, "127.0.0.1", done);
	});
	const url = `http://127.0.0.1:${server.address().port}`;
	return { url, double, end: () => new Promise((done) => server.close(done)) };
}

/** The settings of a Worker that signs people in at a double. */
export function settingsFor(url) {
	return {
		...{ GITHUB_CLIENT_ID: CLIENT_ID, GITHUB_CLIENT_SECRET: CLIENT_SECRET },
		...{ GITHUB_ALLOWED_ORGS: ALLOWED_ORG, GITHUB_ALLOWED_USERS: "octo-friend", GITHUB_URL: url, GITHUB_API_URL: `${url}/api` },
	};
}

if (typeof process !== "undefined" && process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const { url } = await startGitHubDouble({ port: Number(process.argv[2] ?? 8899) });
	console.log(`a double of GitHub answers at ${url}`);
}
