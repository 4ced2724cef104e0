import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const pushes = sqliteTable(
	"pushes",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		integrationId: text("integration_id").notNull(),
		source: text().notNull(),
		repo: text().notNull(),
		ref: text().notNull(),
		refType: text("ref_type", { enum: ["branch", "tag"] }).notNull(),
		before: text().notNull(),
		after: text().notNull(),
		forced: integer({ mode: "boolean" }).notNull(),
		deleted: integer({ mode: "boolean" }).notNull(),
		commitCount: integer("commit_count").notNull(),
		authors: text({ mode: "json" }).$type<string[]>().notNull(),
		pusher: text(),
		receivedAt: integer("received_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.id] }), index("idx_pushes_received").on(t.teamId, t.receivedAt, t.id)],
);

/** Commits as pushes listed them; a commit pushed to two branches is one row. */
export const gitCommits = sqliteTable(
	"git_commits",
	{
		teamId: text("team_id").notNull(),
		repo: text().notNull(),
		sha: text().notNull(),
		integrationId: text("integration_id").notNull(),
		author: text().notNull(),
		message: text().notNull(),
		at: integer(),
		receivedAt: integer("received_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.repo, t.sha] })],
);
