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
