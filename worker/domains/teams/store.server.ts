import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { Role } from "../auth/model.ts";

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
