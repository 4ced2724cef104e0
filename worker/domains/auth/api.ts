import type { z } from "zod";
import type { SessionBody, TokenBody } from "../../wire/api.ts";
import type { SessionReport, TokenReport } from "./model.ts";

/** Tokens and sessions as the public API speaks of them. */

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/** A token in a list. */
export function toTokenBody(token: TokenReport): TokenBody {
	const { id, kind, name, scopes, owner, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt, rotatedFrom } = token;
	return {
		...{ id, kind, name, scopes, owner, created_by: createdBy, created_at: iso(createdAt), expires_at: isoOrNull(expiresAt) },
		...{ last_used_at: isoOrNull(lastUsedAt), revoked_at: isoOrNull(revokedAt), rotated_from: rotatedFrom },
	};
}

/** A session in its owner's list. */
export function toSessionBody(session: SessionReport): z.infer<typeof SessionBody> {
	const { id, method, agent, address, createdAt, lastSeenAt, expiresAt, isCurrent: current } = session;
	return { id, method, agent, address, created_at: iso(createdAt), last_seen_at: iso(lastSeenAt), expires_at: iso(expiresAt), current };
}
