import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * The fence: the first statement of every batch of a ledger takes the next number. Two writers that believe in the same
 * number can't both commit, so nothing counts twice. `no` is also the live view's seq.
 */
export const commits = sqliteTable(
	"commits",
	{
		teamId: text("team_id").notNull(),
		shard: integer().notNull(),
		no: integer().notNull(),
		at: integer().notNull(),
		/** Deliveries in the group. */
		size: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.shard, t.no] })],
);

/** What came in, once per source and delivery id. */
export const deliveries = sqliteTable(
	"deliveries",
	{
		teamId: text("team_id").notNull(),
		source: text().notNull(),
		deliveryId: text("delivery_id").notNull(),
		integrationId: text("integration_id").notNull(),
		event: text().notNull(),
		bodyHash: text("body_hash").notNull(),
		result: text({ enum: ["accepted", "ignored", "dead"] }).notNull(),
		reason: text(),
		/** The run it speaks of, when it speaks of one. */
		runId: text("run_id"),
		receivedAt: integer("received_at").notNull(),
		/** The newest moment its events speak of: how late it came is `received_at` less this. */
		eventAt: integer("event_at"),
		lastSeenAt: integer("last_seen_at").notNull(),
		/** Which commit stored it, and where in its group: also the name of its body. */
		commitNo: integer("commit_no").notNull(),
		position: integer().notNull(),
		bodyAt: text("body_at", { enum: ["row", "blob", "none"] }).notNull(),
	},
	(t) => [
		uniqueIndex("idx_deliveries_id").on(t.teamId, t.source, t.deliveryId),
		index("idx_deliveries_integration").on(t.teamId, t.integrationId, t.receivedAt),
		index("idx_deliveries_dead").on(t.teamId, t.receivedAt).where(sql`result = 'dead'`),
		index("idx_deliveries_run").on(t.teamId, t.runId).where(sql`run_id IS NOT NULL`),
	],
);

/**
 * Redacted raw bodies, apart from what is searched and listed: those of one commit packed into one row, because bodies of one
 * forge repeat each other. `lengths` are those of the texts, in the order of `position`. Kept for the raw-body retention only.
 */
export const deliveryBodies = sqliteTable(
	"delivery_bodies",
	{
		teamId: text("team_id").notNull(),
		commitNo: integer("commit_no").notNull(),
		lengths: text({ mode: "json" }).$type<number[]>().notNull(),
		packed: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.commitNo] })],
);
