import { z } from "zod";

/** Bindings and settings; generated from wrangler.toml (`npm run types`). This file is the only one that reads settings by name. */
export type Env = globalThis.Env;

const Settings = z.object({
	ENVIRONMENT: z.enum(["development", "staging", "production"]),
});
/** What wrangler.toml binds for each environment: one that forgets a binding is found at the first request, not at the first use. */
const BINDINGS = ["DB", "TEAM_LEDGER", "BLOBS", "ASSETS"] as const;

export type Settings = { environment: "development" | "staging" | "production" };

/** The names of settings and bindings that are missing or do not hold, never their values. With any of them nothing is served. */
export function missingSettings(env: Env): string[] {
	const settings = Settings.safeParse(env).error?.issues.map((issue) => issue.path.join(".")) ?? [];
	const bindings = BINDINGS.filter((name) => typeof env[name] !== "object" || env[name] === null);
	return [...new Set([...settings, ...bindings])];
}

/** The settings, checked. @throws when a setting is missing or wrong: the Worker refuses every request and says which */
export function readSettings(env: Env): Settings {
	const parsed = Settings.safeParse(env);
	if (!parsed.success) {
		const names = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
		throw new Error(`settings missing or wrong: ${names} (see README, Settings)`);
	}
	return { environment: parsed.data.ENVIRONMENT };
}

/** Whether the doors that only a developer's own machine may have are open: development, asked for on loopback. */
export function isLoopbackDevelopment(env: Env, url: URL): boolean {
	return env.ENVIRONMENT === "development" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}
