import { z } from "zod";

/** Settings that are secrets or optional, so that wrangler.toml does not name them. */
type Unnamed = Partial<
	Record<
		| "GITHUB_CLIENT_ID"
		| "GITHUB_CLIENT_SECRET"
		| "GITHUB_ALLOWED_ORGS"
		| "GITHUB_ALLOWED_USERS"
		| "GITHUB_URL"
		| "GITHUB_API_URL"
		| "GITLAB_HOSTS"
		| "SETUP_TOKEN",
		string
	>
>;

/** Bindings and settings; generated from wrangler.toml (`npm run types`). This file is the only one that reads settings by name. */
export type Env = globalThis.Env & Unnamed;

const text = z
	.string()
	.trim()
	.optional()
	.transform((value) => value || null);
const names = z
	.string()
	.default("")
	.transform((list) =>
		list
			.toLowerCase()
			.split(/[\s,]+/)
			.filter(Boolean),
	);
const base = (fallback: string) =>
	z
		.string()
		.trim()
		.transform((value) => (value || fallback).replace(/\/+$/, ""))
		.pipe(z.url({ protocol: /^https?$/ }))
		.default(fallback);

const Schema = z.object({
	ENVIRONMENT: z.enum(["development", "staging", "production"]),
	GITHUB_CLIENT_ID: text,
	GITHUB_CLIENT_SECRET: text,
	GITHUB_ALLOWED_ORGS: names,
	GITHUB_ALLOWED_USERS: names,
	GITHUB_URL: base("https://github.com"),
	GITHUB_API_URL: base("https://api.github.com"),
	GITLAB_HOSTS: names,
	// Shorter ones can be guessed.
	SETUP_TOKEN: text.pipe(z.string().min(20).nullable()),
});

/** What wrangler.toml binds for each environment: one that forgets a binding is found at the first request, not at the first use. */
const BINDINGS = ["DB", "TEAM_LEDGER", "ENVIRONMENT_LIVE", "CLUSTER_LINK", "BLOBS", "ASSETS"] as const;

export type Settings = {
	environment: "development" | "staging" | "production";
	/** Signing in with GitHub; null where it is not set up. */
	gitHub: {
		clientId: string;
		clientSecret: string;
		allowedOrgs: string[];
		allowedUsers: string[];
		url: string;
		apiUrl: string;
	} | null;
	/** The setup token, where it is set rather than printed. */
	setupToken: string | null;
	/** Where deployments that are asked for may be sent: GitHub's API, and GitLabs besides gitlab.com. */
	outbound: { gitHubApi: string; gitLabHosts: string[] };
};

/** The names of settings and bindings that are missing or do not hold, never their values. With any of them nothing is served. */
export function missingSettings(env: Env): string[] {
	const bindings = BINDINGS.filter((name) => typeof env[name] !== "object" || env[name] === null);
	const parsed = Schema.safeParse(env);
	if (!parsed.success) return [...new Set([...parsed.error.issues.map((issue) => issue.path.join(".")), ...bindings])];
	const { GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, GITHUB_ALLOWED_ORGS, GITHUB_ALLOWED_USERS } = parsed.data;
	const missing: string[] = [...bindings];
	if (GITHUB_CLIENT_ID === null && GITHUB_CLIENT_SECRET === null) return missing;
	if (GITHUB_CLIENT_ID === null) missing.push("GITHUB_CLIENT_ID");
	if (GITHUB_CLIENT_SECRET === null) missing.push("GITHUB_CLIENT_SECRET");
	// Without either everybody on GitHub could sign in.
	if (GITHUB_ALLOWED_ORGS.length + GITHUB_ALLOWED_USERS.length === 0) missing.push("GITHUB_ALLOWED_ORGS or GITHUB_ALLOWED_USERS");
	return missing;
}

/** The settings, checked. @throws when a setting is missing or wrong: the Worker refuses every request and says which */
export function readSettings(env: Env): Settings {
	const missing = missingSettings(env);
	if (missing.length > 0) throw new Error(`settings missing or wrong: ${missing.join(", ")} (see README, Settings)`);
	const data = Schema.parse(env);
	const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret } = data;
	return {
		environment: data.ENVIRONMENT,
		gitHub:
			clientId === null || clientSecret === null
				? null
				: {
						...{ clientId, clientSecret, allowedOrgs: data.GITHUB_ALLOWED_ORGS, allowedUsers: data.GITHUB_ALLOWED_USERS },
						...{ url: data.GITHUB_URL, apiUrl: data.GITHUB_API_URL },
					},
		setupToken: data.SETUP_TOKEN,
		outbound: { gitHubApi: data.GITHUB_API_URL, gitLabHosts: data.GITLAB_HOSTS },
	};
}

/** Whether the doors that only a developer's own machine may have are open: development, asked for on loopback. */
export function isLoopbackDevelopment(env: Env, url: URL): boolean {
	return env.ENVIRONMENT === "development" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}
