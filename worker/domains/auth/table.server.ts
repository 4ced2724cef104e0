import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A signed-in browser. Only the SHA-256 of the cookie's value is stored. */
export const sessions = sqliteTable(
	"sessions",
	{
		hash: text().primaryKey(),
		userId: text("user_id").notNull(),
		createdAt: integer("created_at").notNull(),
		lastSeenAt: integer("last_seen_at").notNull(),
		expiresAt: integer("expires_at").notNull(),
		revokedAt: integer("revoked_at"),
	},
	(t) => [index("idx_sessions_user").on(t.userId)],
);

/** An API token of one team. `userId` is null for tokens that belong to machines. Only the SHA-256 is stored. */
export const tokens = sqliteTable(
	"tokens",
	{
		hash: text().primaryKey(),
		id: text().notNull().unique(),
		teamId: text("team_id").notNull(),
		userId: text("user_id"),
		name: text().notNull(),
		scopes: text({ mode: "json" }).$type<string[]>().notNull(),
		createdAt: integer("created_at").notNull(),
		expiresAt: integer("expires_at"),
		lastUsedAt: integer("last_used_at"),
		revokedAt: integer("revoked_at"),
	},
	(t) => [index("idx_tokens_team").on(t.teamId)],
);
