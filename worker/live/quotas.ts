import { ACTOR_LIMIT, type Bucket, INGEST_LIMIT, take } from "../domains/auth/limits.ts";

const KEYS_MAX = 10_000;
/** Nobody is handed more than this part of what is left: of many that come at once each gets something. */
const PART = 8;
const LIMITS = { actor: ACTOR_LIMIT, ingest: INGEST_LIMIT } as const;
export type QuotaKind = keyof typeof LIMITS;
export type Lease = { granted: number; retryAfterMs: number };

/** The buckets of a team's people and tokens. In memory: a ledger that starts anew gives everybody a full one. */
export class Quotas {
	readonly #buckets = new Map<string, Bucket>();

	/** Hand out a lease of requests; none when the bucket is empty, and then in how many ms there will be one. */
	lease(key: string, kind: QuotaKind, now: number): Lease {
		const limit = LIMITS[kind];
		const name = `${kind} ${key}`;
		const known = this.#buckets.get(name);
		const left = take(limit, known, { want: limit.burst, now }).granted;
		const want = Math.min(limit.lease, Math.max(1, Math.floor(left / PART)));
		const { bucket, granted, retryAfterMs } = take(limit, known, { want, now });
		if (this.#buckets.size >= KEYS_MAX) this.#buckets.clear();
		this.#buckets.set(name, bucket);
		return { granted, retryAfterMs };
	}
}
