/** How often who may do what. The numbers of every limit, with their reasons, and the bucket they are kept in. */

/** `perMinute` is what flows in, `burst` what may be saved up, `lease` how many an isolate is handed at a time. */
export type Limit = { perMinute: number; burst: number; lease: number };

/**
 * People and tokens. A page asks for about ten things when it opens and one now and then while it is live, a dashboard on the
 * wall some sixty a minute; twenty a second leaves room for a dozen windows and for scripts that page through a history.
 */
export const ACTOR_LIMIT: Limit = { perMinute: 1200, burst: 600, lease: 40 };

/**
 * Ingest tokens. A CI system that comes back after an outage tells of everything at once, and what is refused may never be sent
 * again; so this stands at several times what one ledger commits in a second (1,800, measured) and only stops what runs wild.
 */
export const INGEST_LIMIT: Limit = { perMinute: 300_000, burst: 60_000, lease: 2000 };

/** Webhooks, per integration and address prefix in one isolate, before anything is read or verified. As for ingest tokens. */
export const WEBHOOK_LIMIT: Limit = { perMinute: 300_000, burst: 60_000, lease: 1 };

/**
 * Agents, per address prefix in one isolate, before their token is looked up. Each sends a few requests a minute by socket and some
 * sixty by polling; a whole site behind one address stays below it, and guessing tokens does not.
 */
export const AGENT_LIMIT: Limit = { perMinute: 1200, burst: 600, lease: 1 };

/**
 * Failed attempts to get in, per address prefix. A token has 256 bits, so this is not what keeps guesses out; it keeps the log
 * readable and the database idle. Somebody who mistypes has ten tries, and an office that shares an address is not locked out by
 * its successes.
 */
export const ATTEMPTS_MAX = 10;
/** Sign-ins begun at GitHub, per address prefix: each stores a row. A whole office arriving at nine stays below it. */
export const BEGINNINGS_MAX = 200;
export const ATTEMPT_SLOT_MS = 60_000;
export const ATTEMPT_SLOTS = 10;

/** How much is left of a limit, and when that was. */
export type Bucket = { left: number; at: number };

/**
 * Take up to `want` from a bucket, at least one or nothing.
 * @returns the bucket as it is now, how many were taken, and in how many ms there will be one when there was none
 */
export function take(limit: Limit, bucket: Bucket | undefined, { want, now }: { want: number; now: number }) {
	const perMs = limit.perMinute / 60_000;
	const filled = bucket ? Math.min(limit.burst, bucket.left + Math.max(0, now - bucket.at) * perMs) : limit.burst;
	const granted = Math.min(want, Math.floor(filled));
	const left = filled - granted;
	return { bucket: { left, at: now } satisfies Bucket, granted, retryAfterMs: granted > 0 ? 0 : Math.ceil((1 - left) / perMs) };
}
