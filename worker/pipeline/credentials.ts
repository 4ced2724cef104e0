import type { Env } from "../env.ts";
import { teamOf } from "../ids.ts";
import type { IntegrationCopy, TokenCopy } from "../live/ledger-storage.ts";

/** How long an isolate trusts what a ledger told it about a credential. @source architecture, section 0 */
const TRUST_MS = 30_000;
/** Tokens are revoked in a hurry, and asking costs one call in this time. */
const TRUST_TOKEN_MS = 5000;
/** What is refused is asked for again soon: it may have just been made, or switched on. */
const TRUST_REFUSED_MS = 2000;
const CACHED_MAX = 5000;

type Cached<T> = { value: T | null; at: number };
const integrations = new Map<string, Cached<IntegrationCopy>>();
const tokens = new Map<string, Cached<TokenCopy>>();

async function remember<T>(
	cache: Map<string, Cached<T>>,
	key: string,
	now: number,
	maxAgeMs: number,
	ask: () => Promise<T | null>,
	isRefused = (value: T | null) => value === null,
): Promise<T | null> {
	const known = cache.get(key);
	if (known && now - known.at < Math.min(maxAgeMs, isRefused(known.value) ? TRUST_REFUSED_MS : TRUST_MS)) return known.value;
	const value = await ask();
	// A flood of made-up ids must not fill the isolate.
	if (cache.size >= CACHED_MAX) cache.clear();
	cache.set(key, { value, at: now });
	return value;
}

/**
 * An integration's source and secrets, from its ledger (never from D1), at most `maxAgeMs` old.
 * @returns null when no team has such an integration
 */
export async function findIntegration(
	env: Env,
	integrationId: string,
	now: number,
	maxAgeMs = TRUST_MS,
): Promise<(IntegrationCopy & { teamId: string }) | null> {
	const teamId = teamOf(integrationId);
	if (teamId === null) return null;
	const found = await remember(
		integrations,
		integrationId,
		now,
		maxAgeMs,
		async () => await env.TEAM_LEDGER.getByName(teamId).integration(integrationId),
		(value) => value === null || value.isDisabled,
	);
	return found ? { ...found, teamId } : null;
}

/** Forget what this isolate knows of a team's integrations and of tokens: they have just changed. Others learn of it within TRUST_MS. */
export function forgetCredentials(teamId: string): void {
	for (const id of integrations.keys()) if (teamOf(id) === teamId) integrations.delete(id);
	tokens.clear();
}

/** The team and id of a live ingest token, from its ledger (never from D1); null when it is none. */
export async function findIngestToken(env: Env, token: string, hash: string, now: number): Promise<{ teamId: string; id: string } | null> {
	const teamId = teamOf(token);
	if (teamId === null) return null;
	const found = await remember(tokens, hash, now, TRUST_TOKEN_MS, async () => await env.TEAM_LEDGER.getByName(teamId).ingestToken(hash));
	return found && (found.expiresAt === null || found.expiresAt > now) ? { teamId, id: found.id } : null;
}

/** The secrets of an integration that are active now. */
export function activeSecrets(integration: IntegrationCopy, now: number): string[] {
	return integration.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).map(({ secret }) => secret);
}
