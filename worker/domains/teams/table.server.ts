import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A team owns every other row. `epoch` changes when its stream starts anew (demo removed, database restored). */
export const teams = sqliteTable("teams", {
	id: text().primaryKey(),
	slug: text().notNull().unique(),
	name: text().notNull(),
	epoch: text().notNull(),
	createdAt: integer("created_at").notNull(),
});

export const users = sqliteTable("users", {
	id: text().primaryKey(),
	login: text().notNull().unique(),
	name: text().notNull(),
	/** GitHub's own id of the person: a login may change hands, this never does. */
	githubId: text("github_id").unique(),
	avatar: text(),
	createdAt: integer("created_at").notNull(),
});

export const members = sqliteTable(
	"members",
	{
		teamId: text("team_id").notNull(),
		userId: text("user_id").notNull(),
		role: text({ enum: ["viewer", "member", "manager", "admin"] }).notNull(),
		createdAt: integer("created_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.userId] }), index("idx_members_user").on(t.userId)],
);

/** A link that makes whoever opens it a member, once. Only the SHA-256 of what is in the link is stored. */
export const invitations = sqliteTable(
	"invitations",
	{
		id: text().primaryKey(),
		teamId: text("team_id").notNull(),
		hash: text().notNull().unique(),
		role: text({ enum: ["viewer", "member", "manager", "admin"] }).notNull(),
		/** The GitHub login it is for; null for whoever has the link. */
		login: text(),
		createdBy: text("created_by").notNull(),
		createdAt: integer("created_at").notNull(),
		expiresAt: integer("expires_at").notNull(),
		acceptedAt: integer("accepted_at"),
		acceptedBy: text("accepted_by"),
		revokedAt: integer("revoked_at"),
	},
	(t) => [index("idx_invitations_team").on(t.teamId, t.createdAt)],
);
