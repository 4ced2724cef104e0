import { z } from "zod";
import {
	ChangeRole,
	CreateInvitation,
	changeRole,
	createInvitation,
	removeMember,
	revokeInvitation,
} from "../domains/teams/actions.server.ts";
import { toInvitationBody, toMemberBody } from "../domains/teams/api.ts";
import { listInvitations, listMembers } from "../domains/teams/store.server.ts";
import { AppError } from "../errors.ts";
import { InvitationListBody, MemberBody, MemberListBody, NewInvitationBody } from "../wire/api.ts";
import { depsOf } from "./acting.ts";
import { readJson } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, parseBody, refusals } from "./door.ts";

const unstored = { "cache-control": "no-store" };
const idOf = (c: Context) => c.req.param("id") ?? "";

async function getMembers(c: Context): Promise<Response> {
	const members = await listMembers(c.get("db"), c.get("team").id);
	return c.json({ members: members.map(toMemberBody) }, 200, unstored);
}

const RoleChange = z.object({ role: ChangeRole.shape.role });

async function patchMember(c: Context): Promise<Response> {
	const { role } = parseBody(await readJson(c.req.raw), RoleChange);
	const teamId = c.get("team").id;
	await changeRole(await depsOf(c), teamId, { userId: idOf(c), role });
	const member = (await listMembers(c.get("db"), teamId)).find(({ userId }) => userId === idOf(c));
	if (!member) throw new AppError("notFound", "There is no such member in this team.");
	return c.json(toMemberBody(member), 200, unstored);
}

async function deleteMember(c: Context): Promise<Response> {
	await removeMember(await depsOf(c), c.get("team").id, { userId: idOf(c) });
	return c.body(null, 204);
}

async function getInvitations(c: Context): Promise<Response> {
	const invitations = await listInvitations(c.get("db"), c.get("team").id, c.get("now"));
	return c.json({ invitations: invitations.map(toInvitationBody) }, 200, unstored);
}

const { role, login, expiresInDays } = CreateInvitation.shape;
const NewInvitation = z.object({ role, login, expires_in_days: expiresInDays });

async function postInvitation(c: Context): Promise<Response> {
	const { expires_in_days, ...asked } = parseBody(await readJson(c.req.raw), NewInvitation);
	const made = await createInvitation(await depsOf(c), c.get("team").id, { ...asked, expiresInDays: expires_in_days });
	const { expiresAt, ...body } = made;
	return c.json({ ...body, expires_at: new Date(expiresAt).toISOString() }, 201, unstored);
}

async function deleteInvitation(c: Context): Promise<Response> {
	await revokeInvitation(await depsOf(c), c.get("team").id, { id: idOf(c) });
	return c.body(null, 204);
}

const tags = ["Members"];
const read = { permission: "members:read" } as const;
const manage = { permission: "members:manage" } as const;
const params = z.object({ id: z.string() });
const json = (schema: z.ZodType) => ({ body: { required: true, content: { "application/json": { schema } } } });
const bodyRefusals = refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503);
const otherRefusals = refusals(401, 403, 404, 409, 422, 429, 503);

/** Who is in a team, and who is asked to be. */
export const memberDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/members", tags, summary: "Everybody in the team" },
			responses: { 200: answers(MemberListBody, "Admins first, then by name"), ...otherRefusals },
		},
		policy: read,
		handle: getMembers,
	},
	{
		route: {
			...{ method: "patch", path: "/api/members/{id}", tags, summary: "Give a member another role; never the last admin a lesser one" },
			request: { params, ...json(RoleChange) },
			responses: { 200: answers(MemberBody, "As they are now"), ...bodyRefusals },
		},
		policy: manage,
		handle: patchMember,
	},
	{
		route: {
			...{
				method: "delete",
				path: "/api/members/{id}",
				tags,
				summary: "Take somebody out, with their tokens and open pages; never the last admin",
			},
			request: { params },
			responses: { 204: { description: "Gone" }, ...otherRefusals },
		},
		policy: manage,
		handle: deleteMember,
	},
	{
		route: {
			...{ method: "get", path: "/api/invitations", tags, summary: "Open invitations" },
			responses: { 200: answers(InvitationListBody, "Newest first, never their links"), ...otherRefusals },
		},
		policy: manage,
		handle: getInvitations,
	},
	{
		route: {
			...{ method: "post", path: "/api/invitations", tags, summary: "Invite somebody; the link is answered this once" },
			request: json(NewInvitation),
			responses: { 201: answers(NewInvitationBody, "The link"), ...bodyRefusals },
		},
		policy: manage,
		handle: postInvitation,
	},
	{
		route: {
			...{ method: "delete", path: "/api/invitations/{id}", tags, summary: "Take an invitation back" },
			request: { params },
			responses: { 204: { description: "Taken back" }, ...otherRefusals },
		},
		policy: manage,
		handle: deleteInvitation,
	},
];
