import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { FreezeWindow } from "../../wire/deployments.ts";

/**
 * Where things run. The ledger makes a row when it first hears of an environment; everything else about it is written by its object.
 * The id is made of team and name, so that a repeat makes the same one, and of no other team's.
 */
export const environments = sqliteTable(
	"environments",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		name: text().notNull(),
		isProduction: integer("is_production", { mode: "boolean" }).notNull(),
		createdAt: integer("created_at").notNull(),
		goodMinutes: integer("good_minutes").notNull().default(15),
		autoRollback: integer("auto_rollback", { mode: "boolean" }).notNull().default(false),
		needsApprover: integer("needs_approver", { mode: "boolean" }).notNull().default(false),
		drills: integer({ mode: "boolean" }).notNull().default(false),
		freezes: text({ mode: "json" }).$type<FreezeWindow[]>().notNull().default([]),
		lockedBy: text("locked_by"),
		lockedByName: text("locked_by_name"),
		lockedAt: integer("locked_at"),
		/** Null while locked: until somebody releases it. */
		lockedUntil: integer("locked_until"),
		lockReason: text("lock_reason"),
		lockRollbackId: text("lock_rollback_id"),
		/** The newest fence a command of this environment was given. */
		fence: integer().notNull().default(0),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.id] }), uniqueIndex("idx_environments_name").on(t.teamId, t.name)],
);
