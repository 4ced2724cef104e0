import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { ROLES, type Role, SESSION_IDLE_MS } from "../auth/model.ts";
import type { Holdings, InvitationReport, MemberReport } from "./model.ts";

/** A team by its slug, or null. */
export async function teamBySlug(db: Database, slug: string): Promise<{ id: string; slug: string; name: string } | null> {
	const rows = await db.all<{ id: string; slug: string; name: string }>(sql`SELECT id, slug, name FROM teams WHERE slug = ${slug}`);
	return rows[0] ?? null;
}

/** Every team, for housekeeping and for signing in by role in development. */
export async function allTeams(db: Database): Promise<{ id: string; slug: string; name: string }[]> {
	return await db.all(sql`SELECT id, slug, name FROM teams ORDER BY name`);
}

/** Store a team; storing it again changes nothing. */
export function insertTeam(team: { id: string; slug: string; name: string; epoch: string; now: number }): Statement {
	return sql`INSERT INTO teams (id, slug, name, epoch, created_at) VALUES (${team.id}, ${team.slug}, ${team.name}, ${team.epoch}, ${team.now})
			ON CONFLICT(id) DO NOTHING`;
}

/** Store a person and their role in a team; storing them again changes nothing. */
export function insertMember(member: {
	teamId: string;
	userId: string;
	login: string;
	name: string;
	role: Role;
	now: number;
}): Statement[] {
	return [
		sql`INSERT INTO users (id, login, name, created_at) VALUES (${member.userId}, ${member.login}, ${member.name}, ${member.now})
				ON CONFLICT(id) DO NOTHING`,
		sql`INSERT INTO members (team_id, user_id, role, created_at) VALUES (${member.teamId}, ${member.userId}, ${member.role}, ${member.now})
				ON CONFLICT(team_id, user_id) DO NOTHING`,
	];
}

/** Someone of this role in a team, for signing in by role in development; null when there is nobody. */
export async function memberOfRole(db: Database, teamSlug: string, role: Role): Promise<string | null> {
	const rows = await db.all<{ userId: string }>(
		sql`SELECT m.user_id AS userId FROM members m JOIN teams t ON t.id = m.team_id WHERE t.slug = ${teamSlug} AND m.role = ${role}
			ORDER BY m.created_at, m.user_id LIMIT 1`,
	);
	return rows[0]?.userId ?? null;
}

/** Begin a team's stream anew: every reader is sent a snapshot. */
export function restartStream(teamId: string, epoch: string): Statement {
	return sql`UPDATE teams SET epoch = ${epoch} WHERE id = ${teamId}`;
}

/** The teams a person is in, with their role. */
export async function teamsOfUser(db: Database, userId: string): Promise<{ id: string; slug: string; role: Role }[]> {
	return await db.all(
		sql`SELECT t.id, t.slug, m.role FROM members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = ${userId} ORDER BY t.name, t.id`,
	);
}

/** An address for a team of this name that no team has. */
export async function freeSlug(db: Database, name: string): Promise<string> {
	const plain = name
		.normalize("NFKD")
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, "-")
		.replaceAll(/^-+|-+$/g, "")
		.slice(0, 40);
	const base = plain || "team";
	for (let n = 1; ; n++) {
		const slug = n === 1 ? base : `${base}-${n}`;
		if (!(await teamBySlug(db, slug))) return slug;
	}
}

/** Store the first team, unless there is an admin somewhere; answers its id when it did. */
export function insertFirstTeam(team: { id: string; slug: string; name: string; epoch: string; now: number }): Statement {
	return sql`INSERT INTO teams (id, slug, name, epoch, created_at)
			SELECT ${team.id}, ${team.slug}, ${team.name}, ${team.epoch}, ${team.now}
			WHERE NOT EXISTS (SELECT 1 FROM members WHERE role = 'admin') RETURNING id`;
}

/** Store a person, when the statement just before it changed something. */
export function insertUserIfChanged(user: { id: string; login: string; name: string; now: number }): Statement {
	return sql`INSERT INTO users (id, login, name, created_at) SELECT ${user.id}, ${user.login}, ${user.name}, ${user.now} WHERE changes() > 0`;
}

/** Store a membership, when the statement just before it changed something. */
export function insertMemberIfChanged(member: { teamId: string; userId: string; role: Role; now: number }): Statement {
	return sql`INSERT INTO members (team_id, user_id, role, created_at)
			SELECT ${member.teamId}, ${member.userId}, ${member.role}, ${member.now} WHERE changes() > 0`;
}

/** Everybody in a team: admins first, then by name. */
export async function listMembers(db: Database, teamId: string): Promise<MemberReport[]> {
	const rows = await db.all<MemberReport>(
		sql`SELECT u.id AS userId, u.login, u.name, u.avatar, m.role, m.created_at AS joinedAt,
				(SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS lastSeenAt
			FROM members m JOIN users u ON u.id = m.user_id WHERE m.team_id = ${teamId} LIMIT 2000`,
	);
	return rows.sort(
		(a, b) =>
			ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || (a.userId < b.userId ? -1 : 1),
	);
}

/** What everybody in a team has in use, for who may take it from them. */
export async function listHoldings(db: Database, teamId: string, now: number): Promise<Holdings[]> {
	return await db.all<Holdings>(
		sql`SELECT m.user_id AS userId,
				(SELECT count(*) FROM tokens t WHERE t.team_id = m.team_id AND t.user_id = m.user_id AND t.revoked_at IS NULL
					AND (t.expires_at IS NULL OR t.expires_at > ${now})) AS tokens,
				(SELECT count(*) FROM sessions s WHERE s.user_id = m.user_id AND s.revoked_at IS NULL AND s.expires_at > ${now}
					AND s.last_seen_at > ${now - SESSION_IDLE_MS}) AS sessions
			FROM members m WHERE m.team_id = ${teamId} LIMIT 2000`,
	);
}

/** Someone's role in a team, or null. */
export async function readMember(db: Database, teamId: string, userId: string): Promise<{ role: Role; name: string } | null> {
	const rows = await db.all<{ role: Role; name: string }>(
		sql`SELECT m.role, u.name FROM members m JOIN users u ON u.id = m.user_id WHERE m.team_id = ${teamId} AND m.user_id = ${userId}`,
	);
	return rows[0] ?? null;
}

/** That a member is not the last admin: part of each statement that takes the role away, so that two at once can't both do it. */
const isNotLastAdmin = (teamId: string) =>
	sql`(role <> 'admin' OR (SELECT count(*) FROM members a WHERE a.team_id = ${teamId} AND a.role = 'admin') > 1)`;

/** Give a member another role than the one they have; never the last admin a lesser one. Answers the person when it did. */
export function updateRole(teamId: string, userId: string, change: { from: Role; to: Role }): Statement {
	return sql`UPDATE members SET role = ${change.to} WHERE team_id = ${teamId} AND user_id = ${userId} AND role = ${change.from}
			AND (${change.to} = 'admin' OR ${isNotLastAdmin(teamId)}) RETURNING user_id AS userId`;
}

/** Take a member out, with their tokens of this team; never the last admin. The last statement answers the person when it did. */
export function deleteMember(teamId: string, userId: string, now: number): Statement[] {
	return [
		sql`UPDATE tokens SET revoked_at = ${now} WHERE team_id = ${teamId} AND user_id = ${userId} AND revoked_at IS NULL
				AND EXISTS (SELECT 1 FROM members WHERE team_id = ${teamId} AND user_id = ${userId} AND ${isNotLastAdmin(teamId)})`,
		sql`DELETE FROM members WHERE team_id = ${teamId} AND user_id = ${userId} AND ${isNotLastAdmin(teamId)} RETURNING user_id AS userId`,
	];
}

export type NewInvitation = {
	id: string;
	teamId: string;
	hash: string;
	role: Role;
	login: string | null;
	createdBy: string;
	now: number;
	expiresAt: number;
};

/** Store an invitation, unless the team has `max` open ones, or this one; answers its id when it did. */
export function insertInvitation(row: NewInvitation, max = Number.MAX_SAFE_INTEGER): Statement {
	return sql`INSERT INTO invitations (id, team_id, hash, role, login, created_by, created_at, expires_at)
			SELECT ${row.id}, ${row.teamId}, ${row.hash}, ${row.role}, ${row.login}, ${row.createdBy}, ${row.now}, ${row.expiresAt}
			WHERE (SELECT count(*) FROM invitations i WHERE i.team_id = ${row.teamId} AND ${openInvitation(row.now)}) < ${max}
			ON CONFLICT(id) DO NOTHING RETURNING id`;
}

const openInvitation = (now: number) => sql`i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ${now}`;

/** The invitations of a team that may still be accepted, newest first. */
export async function listInvitations(db: Database, teamId: string, now: number): Promise<InvitationReport[]> {
	return await db.all(
		sql`SELECT i.id, i.role, i.login, coalesce(u.name, i.created_by) AS createdBy, i.created_at AS createdAt, i.expires_at AS expiresAt
			FROM invitations i LEFT JOIN users u ON u.id = i.created_by
			WHERE i.team_id = ${teamId} AND ${openInvitation(now)} ORDER BY i.created_at DESC, i.id LIMIT 500`,
	);
}

export type FoundInvitation = {
	id: string;
	teamId: string;
	slug: string;
	team: string;
	role: Role;
	login: string | null;
	createdBy: string;
	expiresAt: number;
	isOver: boolean;
	isMember: boolean;
	/** The person's login at GitHub; null for one who is not known from there. */
	gitHubLogin: string | null;
};

/** What a link invites somebody to, or null when it is no invitation. */
export async function findInvitation(db: Database, hash: string, userId: string, now: number): Promise<FoundInvitation | null> {
	const rows = await db.all<Omit<FoundInvitation, "isOver" | "isMember"> & { isOpen: number; isMember: number }>(
		sql`SELECT i.id, i.team_id AS teamId, t.slug, t.name AS team, i.role, i.login, coalesce(c.name, i.created_by) AS createdBy,
				i.expires_at AS expiresAt, ${openInvitation(now)} AS isOpen,
				EXISTS (SELECT 1 FROM members m WHERE m.team_id = i.team_id AND m.user_id = ${userId}) AS isMember,
				(SELECT u.login FROM users u WHERE u.id = ${userId} AND u.github_id IS NOT NULL) AS gitHubLogin
			FROM invitations i JOIN teams t ON t.id = i.team_id LEFT JOIN users c ON c.id = i.created_by WHERE i.hash = ${hash}`,
	);
	const [row] = rows;
	if (!row) return null;
	const { isOpen, isMember, ...found } = row;
	return { ...found, isOver: isOpen === 0, isMember: isMember === 1 };
}

/** Accept an invitation, once, by whom it is for, who is not in the team yet; the last statement makes the member. */
export function acceptInvitation(found: { id: string; teamId: string; role: Role }, userId: string, now: number): Statement[] {
	const { id, teamId, role } = found;
	return [
		sql`UPDATE invitations AS i SET accepted_at = ${now}, accepted_by = ${userId}
				WHERE i.id = ${id} AND i.team_id = ${teamId} AND ${openInvitation(now)}
				AND (i.login IS NULL OR EXISTS (
					SELECT 1 FROM users u WHERE u.id = ${userId} AND u.github_id IS NOT NULL AND lower(u.login) = lower(i.login)))
				AND NOT EXISTS (SELECT 1 FROM members m WHERE m.team_id = ${teamId} AND m.user_id = ${userId})`,
		insertMemberIfChanged({ teamId, userId, role, now }),
	];
}

/** Take an invitation back; answers its id when it was open. */
export function revokeInvitation(teamId: string, id: string, now: number): Statement {
	return sql`UPDATE invitations SET revoked_at = ${now} WHERE team_id = ${teamId} AND id = ${id}
			AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id`;
}
