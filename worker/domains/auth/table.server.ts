import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A signed-in browser. Only the SHA-256 of the cookie's value is stored. */
export const sessions = sqliteTable(
	"sessions",
	{
		hash: text().primaryKey(),
		/** What lists and addresses call it. */
		id: text().unique(),
		userId: text("user_id").notNull(),
		method: text({ enum: ["github", "token", "setup", "dev"] })
			.notNull()
			.default("dev"),
		/** The access token it was begun with: the session may no more than that token, and ends with it. */
		tokenId: text("token_id"),
		/** What the browser calls itself, at most 200 characters. */
		agent: text(),
		/** The first part of the address it was begun from, never the whole. */
		address: text(),
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
		/** `agent`: of a cluster's agent, which no door of the API knows. */
		kind: text({ enum: ["personal", "machine", "agent"] })
			.notNull()
			.default("personal"),
		/** The cluster whose agent it is, and nobody else's. */
		clusterId: text("cluster_id"),
		createdBy: text("created_by"),
		/** The token it follows, which works on for a while. */
		rotatedFrom: text("rotated_from"),
		name: text().notNull(),
		scopes: text({ mode: "json" }).$type<string[]>().notNull(),
		createdAt: integer("created_at").notNull(),
		expiresAt: integer("expires_at"),
		lastUsedAt: integer("last_used_at"),
		revokedAt: integer("revoked_at"),
	},
	(t) => [index("idx_tokens_team").on(t.teamId)],
);

/** A sign-in under way at GitHub: bound to the browser that began it, used once, within ten minutes. */
export const signInStates = sqliteTable(
	"sign_in_states",
	{
		hash: text().primaryKey(),
		verifier: text().notNull(),
		next: text().notNull(),
		createdAt: integer("created_at").notNull(),
		usedAt: integer("used_at"),
	},
	(t) => [index("idx_sign_in_states_at").on(t.createdAt)],
);

/** How often somebody tried to get in, by address prefix and minute. */
export const signInAttempts = sqliteTable(
	"sign_in_attempts",
	{ prefix: text().notNull(), slot: integer().notNull(), n: integer().notNull() },
	(t) => [primaryKey({ columns: [t.prefix, t.slot] }), index("idx_sign_in_attempts_slot").on(t.slot)],
);

/** What an installation knows of itself: the SHA-256 of its setup token while nobody is admin. */
export const installation = sqliteTable("installation", { name: text().primaryKey(), value: text().notNull() });
