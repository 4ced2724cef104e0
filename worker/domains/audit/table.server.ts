import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who did what to which object, append-only, numbered and chained by hashes per team; written in the batch of the change it records. */
export const audit = sqliteTable(
	"audit",
	{
		teamId: text("team_id").notNull(),
		no: integer().notNull(),
		at: integer().notNull(),
		actor: text().notNull(),
		role: text(),
		act: text().notNull(),
		object: text().notNull(),
		before: text({ mode: "json" }),
		after: text({ mode: "json" }),
		reason: text(),
		requestId: text("request_id"),
		/** The first part of the sender's address. */
		address: text(),
		outcome: text({ enum: ["done", "denied"] }).notNull(),
		/** SHA-256 of this row after the one before it; empty in rows older than the chain. */
		hash: text().notNull().default(""),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.no] }), index("idx_audit_at").on(t.teamId, t.at)],
);

/** Where each team's chain ends, so that rows taken off its end are missed; `since` is the chain's first number. */
export const auditHeads = sqliteTable("audit_heads", {
	teamId: text("team_id").primaryKey(),
	since: integer().notNull(),
	no: integer().notNull(),
	hash: text().notNull(),
});
