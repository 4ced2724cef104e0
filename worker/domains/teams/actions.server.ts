import { z } from "zod";
import { AppError } from "../../errors.ts";
import { newInvitationToken, randomId, sha256Hex } from "../../ids.ts";
import { begin, commit, type Deps, endSockets, noteRefusal, refused, sync } from "../auth/acting.server.ts";
import { nameInAudit, ROLES, type Role } from "../auth/model.ts";
import { selectHolders } from "../auth/store.server.ts";
import { type InvitationReport, invitationPath } from "./model.ts";
import {
	acceptInvitation as acceptStatements,
	deleteMember,
	type FoundInvitation,
	findInvitation,
	insertInvitation,
	readMember,
	revokeInvitation as revokeStatement,
	updateRole,
} from "./store.server.ts";

/** Who is in a team: roles, leaving, invitations. */

const INVITATIONS_MAX = 100;
const INVITATION_DEFAULT_DAYS = 7;
const DAY_MS = 24 * 3600_000;

const RoleField = z.enum(ROLES, { error: `Roles are ${ROLES.join(", ")}.` });
const UserId = z.string({ error: "Say who." }).min(1).max(100, "There is no such member.");
export const ChangeRole = z.object({ userId: UserId, role: RoleField });
export const OneMember = z.object({ userId: UserId });
export const CreateInvitation = z.object({
	role: RoleField,
	/** A GitHub login; null for whoever has the link. */
	login: z
		.string()
		.trim()
		.regex(/^[a-z\d](?:[a-z\d-]{0,38})$/i, "This is no GitHub login.")
		.nullable()
		.default(null),
	expiresInDays: z
		.int("Days are a whole number from 1 to 30.")
		.min(1, "Days are a whole number from 1 to 30.")
		.max(30, "Days are a whole number from 1 to 30.")
		.default(INVITATION_DEFAULT_DAYS),
});
export const OneInvitation = z.object({ id: z.string({ error: "Say which one." }).min(1).max(100, "There is no such invitation.") });

const unknownMember = () => new AppError("notFound", "There is no such member in this team.");
const unknownInvitation = () => new AppError("notFound", "There is no such open invitation in this team.");

/** A team always has somebody who can let others in. Trying otherwise is noted in the audit. */
async function lastAdmin(deps: Deps, teamId: string, userId: string): Promise<AppError> {
	const reason = "This is the team's last admin. Make somebody else admin first.";
	await noteRefusal(deps, teamId, { permission: "members:manage", object: userId, reason });
	return new AppError("conflict", reason);
}

/** Give a member another role. @throws AppError forbidden | invalid | notFound | conflict (the last admin, or changed meanwhile) */
export async function changeRole(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { userId, role } = await begin(deps, { teamId, permission: "members:manage", schema: ChangeRole, input });
	const member = await readMember(deps.db, teamId, userId);
	if (!member) throw unknownMember();
	// Said again: the line may not have been told the first time.
	if (member.role === role) return await sync(deps, teamId);
	const act = { act: "member.role", object: userId, before: { role: member.role }, after: { role } };
	const answers = await commit(deps, teamId, updateRole(teamId, userId, { from: member.role, to: role, now: deps.now }), act);
	if (!answers.at(-1)?.length) throw await whyNot(deps, teamId, userId, member.role);
	// A lesser role may take the right to send away from their tokens.
	await sync(deps, teamId);
}

/** Take somebody out of a team: their tokens and invitations of it end, and what they have open of it closes. @throws as changeRole */
export async function removeMember(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { userId } = await begin(deps, { teamId, permission: "members:manage", schema: OneMember, input });
	const member = await readMember(deps.db, teamId, userId);
	if (!member) {
		// Said again: the line may not have been told the first time.
		await sync(deps, teamId);
		throw unknownMember();
	}
	const holders = await deps.db.all<{ id: string }>(selectHolders(teamId, userId, deps.now));
	const act = { act: "member.remove", object: userId, before: { role: member.role, name: member.name } };
	const answers = await commit(deps, teamId, deleteMember(teamId, userId, deps.now), act);
	if (!answers.at(-1)?.length) throw await whyNot(deps, teamId, userId, member.role);
	const ids = holders.map(({ id }) => id);
	await Promise.all([sync(deps, teamId), endSockets(deps, [teamId], ids)]);
}

async function whyNot(deps: Deps, teamId: string, userId: string, seenRole: Role): Promise<AppError> {
	const member = await readMember(deps.db, teamId, userId);
	if (!member) return unknownMember();
	if (member.role === seenRole) return await lastAdmin(deps, teamId, userId);
	return new AppError("conflict", "Somebody has just changed this member. Look again.");
}

/** An invitation with its link, which is told this once. */
export type InvitationMade = Pick<InvitationReport, "id" | "role" | "login" | "expiresAt"> & { path: string };

/** Invite somebody, or whoever has the link. @throws AppError forbidden | invalid | conflict (there are 100 open ones) */
export async function createInvitation(deps: Deps, teamId: string, input: unknown): Promise<InvitationMade> {
	const { role, login, expiresInDays } = await begin(deps, { teamId, permission: "members:manage", schema: CreateInvitation, input });
	const { actor, now } = deps;
	const token = newInvitationToken();
	const id = `i${randomId(12)}`;
	const expiresAt = now + expiresInDays * DAY_MS;
	const row = { id, teamId, hash: await sha256Hex(token), role, login, createdBy: nameInAudit(actor), now, expiresAt };
	const act = { act: "invitation.create", object: id, after: { role, login, expiresAt: new Date(expiresAt).toISOString() } };
	const [inserted] = await commit(deps, teamId, [insertInvitation(row, INVITATIONS_MAX)], act);
	if (!inserted?.length) throw new AppError("conflict", `There are ${INVITATIONS_MAX} open invitations. Take one back first.`);
	return { id, role, login, expiresAt, path: invitationPath(token) };
}

/** Take an invitation back. @throws AppError forbidden | invalid | notFound */
export async function revokeInvitation(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id } = await begin(deps, { teamId, permission: "members:manage", schema: OneInvitation, input });
	const [revoked] = await commit(deps, teamId, [revokeStatement(teamId, id, deps.now)], { act: "invitation.revoke", object: id });
	if (!revoked?.length) throw unknownInvitation();
}

/** What an invitation says to somebody who holds its link. */
export type Invited = {
	team: string;
	slug: string;
	role: Role;
	createdBy: string;
	expiresAt: number;
	isMember: boolean;
	refusal: string | null;
};

/** Look at an invitation. @throws AppError notFound */
export async function readInvitation(deps: Deps, token: string): Promise<Invited> {
	const { team, slug, role, createdBy, expiresAt, ...found } = await find(deps, token);
	return { team, slug, role, createdBy, expiresAt, isMember: found.isMember, refusal: refusalOf(found) };
}

/** Join the team a link invites to, once. @returns the team's slug @throws AppError forbidden | notFound | conflict */
export async function acceptInvitation(deps: Deps, token: string): Promise<string> {
	const found = await find(deps, token);
	const refusal = refusalOf(found);
	const { actor, db, now } = deps;
	const { id, teamId, slug, role } = found;
	if (actor.kind !== "person") throw new AppError("conflict", "Sign in first.");
	if (refusal !== null) {
		if (!found.isMember) await noteRefusal(deps, teamId, { permission: "members:manage", object: id, reason: refusal });
		throw new AppError("conflict", refusal);
	}
	if (actor.tokenId !== undefined) {
		const reason = "You signed in with an access token, which joins no teams. Sign in another way, and open the link again.";
		throw await refused(deps, teamId, { permission: "members:manage", object: id, reason });
	}
	const act = { act: "invitation.accept", object: id, after: { user: actor.userId, role } };
	await commit(deps, teamId, acceptStatements(found, actor.userId, now), act);
	if (!(await readMember(db, teamId, actor.userId))) throw new AppError("conflict", "This invitation has just been used or taken back.");
	return slug;
}

async function find({ db, actor, now }: Deps, token: string): Promise<FoundInvitation> {
	const found = actor.kind === "person" ? await findInvitation(db, await sha256Hex(token.slice(0, 200)), actor.userId, now) : null;
	if (!found) throw new AppError("notFound", "There is no such invitation. Ask for a new link.");
	return found;
}

function refusalOf({ isOver, isMember, login, gitHubLogin }: Pick<FoundInvitation, "isOver" | "isMember" | "login" | "gitHubLogin">) {
	if (isMember) return "You are in this team already.";
	if (isOver) return "This invitation was used, taken back, or is too old. Ask for a new one.";
	if (login !== null && gitHubLogin?.toLowerCase() !== login.toLowerCase()) {
		return `This invitation is for the GitHub account ${login}. Sign in with it.`;
	}
	return null;
}
