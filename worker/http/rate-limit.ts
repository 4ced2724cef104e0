import { ACTOR_LIMIT, AGENT_LIMIT, type Bucket, INGEST_LIMIT, type Limit, take, WEBHOOK_LIMIT } from "../domains/auth/limits.ts";
import type { Actor } from "../domains/auth/model.ts";
import type { Env } from "../env.ts";
import { AppError } from "../errors.ts";
import { withPatience } from "../patience.ts";

/** Enforcing limits.ts: exactly in a team's ledger, a lease at a time; and a brake that costs nothing before the webhooks. */

/** A ledger that does not answer by then must not keep anybody out. */
const LEASE_PATIENCE_MS = 1000;
/** What is leased and not used by then goes back to being nobody's. */
const LEASE_MS = 60_000;
const KEYS_MAX = 10_000;

/** What this isolate may still let through, by team and who asks. */
const leases = new Map<string, { left: number; until: number }>();
const brakes = new Map<string, Bucket>();

const tooMany = (retryAfterMs: number) =>
	new AppError("rateLimited", "Too many requests. Slow down, and try again in a moment.", {
		retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
	});

async function spend(env: Env, ask: { teamId: string; key: string; kind: "actor" | "ingest"; limit: Limit; now: number }): Promise<void> {
	const { teamId, key, kind, limit, now } = ask;
	const name = `${teamId} ${key}`;
	const known = leases.get(name);
	if (known && known.left > 0 && known.until > now) {
		known.left -= 1;
		return;
	}
	const leasing = env.TEAM_LEDGER.getByName(teamId).lease(key, kind);
	const lease = await withPatience(leasing, LEASE_PATIENCE_MS, () => new Error("no lease")).catch(() => null);
	// A ledger that is away limits nobody for a moment: it has other worries, and so has whoever wants to look at them.
	const { granted, retryAfterMs } = lease ?? { granted: limit.lease, retryAfterMs: 0 };
	if (granted === 0) throw tooMany(retryAfterMs);
	if (leases.size >= KEYS_MAX) leases.clear();
	const current = leases.get(name);
	const left = current && current.until > now ? current.left : 0;
	leases.set(name, { left: left + granted - 1, until: now + LEASE_MS });
}

/** Count a request of a person or a token in a team. @throws AppError rateLimited */
export async function limitActor(env: Env, actor: Actor, teamId: string, now: number): Promise<void> {
	const key = actor.kind === "token" ? actor.tokenId : actor.userId;
	await spend(env, { teamId, key, kind: "actor", limit: ACTOR_LIMIT, now });
}

/** Count an event of an ingest token. @throws AppError rateLimited */
export async function limitIngest(env: Env, tokenId: string, teamId: string, now: number): Promise<void> {
	await spend(env, { teamId, key: tokenId, kind: "ingest", limit: INGEST_LIMIT, now });
}

/** Count a delivery to a webhook, before it is read. @throws AppError rateLimited */
export function brakeWebhook(integrationId: string, prefix: string, now: number): void {
	brake(`${integrationId.slice(0, 100)} ${prefix}`, WEBHOOK_LIMIT, now);
}

/** Count a request of an agent, before its token is looked up. @throws AppError rateLimited */
export function brakeAgent(prefix: string, now: number): void {
	brake(`agent ${prefix}`, AGENT_LIMIT, now);
}

function brake(key: string, limit: Limit, now: number): void {
	const { bucket, granted, retryAfterMs } = take(limit, brakes.get(key), { want: 1, now });
	if (brakes.size >= KEYS_MAX) brakes.clear();
	brakes.set(key, bucket);
	if (granted === 0) throw tooMany(retryAfterMs);
}

/** Forget what this isolate has counted. For tests: each begins with full buckets. */
export function forgetLimits(): void {
	leases.clear();
	brakes.clear();
}
