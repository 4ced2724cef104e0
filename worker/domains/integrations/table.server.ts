import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One connection to one sender. Its id names the team's ledger, so that a webhook finds its secret without D1. */
export const integrations = sqliteTable(
	"integrations",
	{
		id: text().primaryKey(),
		teamId: text("team_id").notNull(),
		source: text().notNull(),
		name: text().notNull(),
		/** The integration the demo story came through: what removing the demo removes. */
		isDemo: integer("is_demo", { mode: "boolean" }).notNull().default(false),
		createdAt: integer("created_at").notNull(),
		disabledAt: integer("disabled_at"),
	},
	(t) => [index("idx_integrations_team").on(t.teamId)],
);

/** Two live slots, so that a secret can be rotated without refusing a delivery. */
export const integrationSecrets = sqliteTable(
	"integration_secrets",
	{
		integrationId: text("integration_id").notNull(),
		slot: integer().notNull(),
		teamId: text("team_id").notNull(),
		secret: text().notNull(),
		createdAt: integer("created_at").notNull(),
		expiresAt: integer("expires_at"),
	},
	(t) => [primaryKey({ columns: [t.integrationId, t.slot] })],
);

/** How many deliveries ended how, per integration; exact for stored ones (same batch), flushed for refused ones. */
export const integrationCounts = sqliteTable(
	"integration_counts",
	{
		teamId: text("team_id").notNull(),
		integrationId: text("integration_id").notNull(),
		source: text().notNull(),
		result: text({ enum: ["accepted", "duplicate", "ignored", "dead", "conflict", "rejected"] }).notNull(),
		n: integer().notNull(),
		lastAt: integer("last_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.integrationId, t.result] })],
);
