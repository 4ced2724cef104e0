import type { z } from "zod";
import type { InvitationBody, MemberBody } from "../../wire/api.ts";
import type { InvitationReport, MemberReport } from "./model.ts";

/** Members and invitations as the public API speaks of them. */

const iso = (at: number) => new Date(at).toISOString();

/** A member in a list. */
export function toMemberBody({ userId: id, login, name, avatar, role, joinedAt, lastSeenAt }: MemberReport): z.infer<typeof MemberBody> {
	return { id, login, name, avatar, role, joined_at: iso(joinedAt), last_seen_at: lastSeenAt === null ? null : iso(lastSeenAt) };
}

/** An open invitation in a list. */
export function toInvitationBody({ id, role, login, createdBy, createdAt, expiresAt }: InvitationReport): z.infer<typeof InvitationBody> {
	return { id, role, login, created_by: createdBy, created_at: iso(createdAt), expires_at: iso(expiresAt) };
}
