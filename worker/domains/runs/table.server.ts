import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Step } from "../../wire/events.ts";

const status = () => text({ enum: ["success", "failure", "cancelled", "running", "queued"] }).notNull();

/** A run as of its newest attempt (the requirement documents' `pipeline_runs`). */
export const runs = sqliteTable(
	"runs",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		integrationId: text("integration_id").notNull(),
		source: text().notNull(),
		externalId: text("external_id").notNull(),
		attempt: integer().notNull(),
		repo: text().notNull(),
		workflow: text().notNull(),
		branch: text(),
		commit: text(),
		triggeredBy: text("triggered_by"),
		actor: text(),
		url: text(),
		status: status(),
		/** Only jobs of it have been seen so far. */
		stub: integer({ mode: "boolean" }).notNull(),
		conclusionRaw: text("conclusion_raw"),
		startedAt: integer("started_at"),
		finishedAt: integer("finished_at"),
		durationMs: integer("duration_ms"),
		updatedAt: integer("updated_at").notNull(),
		coverage: real(),
		error: text(),
		metadata: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
		orderedAt: integer("ordered_at").notNull(),
		firstReceivedAt: integer("first_received_at").notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.teamId, t.id] }),
		index("idx_runs_ordered").on(t.teamId, t.orderedAt, t.id),
		index("idx_runs_repo").on(t.teamId, t.repo, t.workflow, t.orderedAt),
		index("idx_runs_external").on(t.teamId, t.externalId),
	],
);

/** The attempts before a run's newest one. */
export const runAttempts = sqliteTable(
	"run_attempts",
	{
		teamId: text("team_id").notNull(),
		runId: text("run_id").notNull(),
		attempt: integer().notNull(),
		status: status(),
		rank: integer().notNull(),
		conclusionRaw: text("conclusion_raw"),
		startedAt: integer("started_at"),
		finishedAt: integer("finished_at"),
		durationMs: integer("duration_ms"),
		updatedAt: integer("updated_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.runId, t.attempt] })],
);

export const jobs = sqliteTable(
	"jobs",
	{
		teamId: text("team_id").notNull(),
		runId: text("run_id").notNull(),
		id: text().notNull(),
		externalId: text("external_id").notNull(),
		attempt: integer().notNull(),
		name: text().notNull(),
		stage: text(),
		status: status(),
		rank: integer().notNull(),
		conclusionRaw: text("conclusion_raw"),
		startedAt: integer("started_at"),
		finishedAt: integer("finished_at"),
		durationMs: integer("duration_ms"),
		queuedMs: integer("queued_ms"),
		updatedAt: integer("updated_at").notNull(),
		runner: text(),
		labels: text({ mode: "json" }).$type<string[]>().notNull(),
		steps: text({ mode: "json" }).$type<Step[] | null>(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.runId, t.id] })],
);

const tallyColumns = {
	teamId: text("team_id").notNull(),
	/** Empty for the row that sums the whole team. */
	repo: text().notNull(),
	workflow: text().notNull(),
	at: integer().notNull(),
	queued: integer().notNull(),
	running: integer().notNull(),
	success: integer().notNull(),
	failure: integer().notNull(),
	cancelled: integer().notNull(),
	durationSum: integer("duration_sum").notNull(),
	durationCount: integer("duration_count").notNull(),
	histogram: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
};

/** The requirement documents' `workflow_aggregates`, exact at every commit: hours for 92 days, days for ever. */
export const rollupHours = sqliteTable("rollup_hours", tallyColumns, (t) => [
	primaryKey({ columns: [t.teamId, t.repo, t.workflow, t.at] }),
]);
export const rollupDays = sqliteTable("rollup_days", tallyColumns, (t) => [primaryKey({ columns: [t.teamId, t.repo, t.workflow, t.at] })]);
