import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Attempts to bring a version into an environment, as whoever carried them out tells. Written by the ledger alone. */
export const deployments = sqliteTable(
	"deployments",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		integrationId: text("integration_id").notNull(),
		source: text().notNull(),
		externalId: text("external_id").notNull(),
		environmentId: text("environment_id").notNull(),
		component: text().notNull(),
		version: text().notNull(),
		commit: text(),
		ref: text(),
		repo: text(),
		status: text({ enum: ["queued", "running", "success", "failure", "cancelled"] }).notNull(),
		rank: integer().notNull(),
		statusRaw: text("status_raw"),
		startedAt: integer("started_at"),
		finishedAt: integer("finished_at"),
		updatedAt: integer("updated_at").notNull(),
		/** Replaced by another one, where its sender says so. */
		inactiveAt: integer("inactive_at"),
		actor: text(),
		isRollback: integer("is_rollback", { mode: "boolean" }).notNull(),
		rollbackId: text("rollback_id"),
		reason: text(),
		title: text(),
		url: text(),
		images: text({ mode: "json" }).$type<string[]>().notNull(),
		orderedAt: integer("ordered_at").notNull(),
		firstReceivedAt: integer("first_received_at").notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.teamId, t.id] }),
		index("idx_deployments_at").on(t.teamId, t.orderedAt, t.id),
		index("idx_deployments_component").on(t.teamId, t.environmentId, t.component, t.orderedAt),
	],
);

/** What runs in an environment: `declaredAt` is when anything but a cluster first told of a deployment of it. */
export const environmentComponents = sqliteTable(
	"environment_components",
	{
		teamId: text("team_id").notNull(),
		environmentId: text("environment_id").notNull(),
		component: text().notNull(),
		declaredAt: integer("declared_at"),
		firstSeenAt: integer("first_seen_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.environmentId, t.component] })],
);

/** Commands: rollbacks and dry runs. Written by their environment's object alone. */
export const rollbacks = sqliteTable(
	"rollbacks",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		environmentId: text("environment_id").notNull(),
		kind: text({ enum: ["rollback", "dry-run"] }).notNull(),
		component: text().notNull(),
		idempotencyKey: text("idempotency_key").notNull(),
		/** SHA-256 of what was asked under this key: the same key with something else is refused. */
		requestHash: text("request_hash").notNull(),
		/** The command of the protocol (worker/wire/rollback.ts), its state once more for the index. */
		state: text({ enum: ["pending", "claimed", "cancelling", "unknown", "succeeded", "failed", "cancelled", "expired"] }).notNull(),
		command: text({ mode: "json" }).notNull(),
		/** Cluster, workload, expected and target revision. */
		target: text({ mode: "json" }).notNull(),
		/** What pages show (`RollbackRow`), as of the newest change. */
		row: text({ mode: "json" }).notNull(),
		/** The deployment it was made for: at most one automatic one each. */
		automaticFor: text("automatic_for"),
		requestedBy: text("requested_by").notNull(),
		requestedAt: integer("requested_at").notNull(),
		finishedAt: integer("finished_at"),
		/** Request to ready pods, ms. */
		tookMs: integer("took_ms"),
	},
	(t) => [
		primaryKey({ columns: [t.teamId, t.id] }),
		uniqueIndex("idx_rollbacks_key").on(t.teamId, t.environmentId, t.idempotencyKey),
		uniqueIndex("idx_rollbacks_active")
			.on(t.teamId, t.environmentId)
			.where(sql`kind = 'rollback' AND state IN ('pending', 'claimed', 'cancelling', 'unknown')`),
		uniqueIndex("idx_rollbacks_automatic").on(t.teamId, t.automaticFor).where(sql`automatic_for IS NOT NULL`),
		index("idx_rollbacks_at").on(t.teamId, t.requestedAt),
	],
);

/** Versions that were rolled back and are not to come again until a person or the clock releases them. */
export const holds = sqliteTable(
	"holds",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		environmentId: text("environment_id").notNull(),
		component: text().notNull(),
		version: text().notNull(),
		commit: text(),
		images: text({ mode: "json" }).$type<string[]>().notNull(),
		rollbackId: text("rollback_id"),
		reason: text(),
		heldBy: text("held_by").notNull(),
		heldByName: text("held_by_name").notNull(),
		heldAt: integer("held_at").notNull(),
		until: integer().notNull(),
		releasedAt: integer("released_at"),
		releasedBy: text("released_by"),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.id] }), index("idx_holds_environment").on(t.teamId, t.environmentId, t.until)],
);

/** Deployments that were asked for here: who may let them go, and where they were sent. */
export const deployRequests = sqliteTable(
	"deploy_requests",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		environmentId: text("environment_id").notNull(),
		component: text().notNull(),
		version: text().notNull(),
		commit: text(),
		state: text({ enum: ["waiting", "sent", "failed", "declined"] }).notNull(),
		dispatcherId: text("dispatcher_id"),
		message: text(),
		requestedBy: text("requested_by").notNull(),
		requestedByName: text("requested_by_name").notNull(),
		requestedAt: integer("requested_at").notNull(),
		approvedBy: text("approved_by"),
		approvedAt: integer("approved_at"),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.id] }), index("idx_deploy_requests_at").on(t.teamId, t.requestedAt)],
);

/** Where a deployment that is asked for is sent. The secret is written and never read by anybody but the sender. */
export const dispatchers = sqliteTable(
	"dispatchers",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		kind: text({ enum: ["github-workflow", "github-dispatch", "gitlab-trigger", "webhook"] }).notNull(),
		/** Empty: all. */
		environmentId: text("environment_id").notNull().default(""),
		component: text().notNull().default(""),
		/** Repository or project, workflow, ref, address: what its kind needs. */
		settings: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
		secret: text().notNull(),
		createdBy: text("created_by").notNull(),
		createdAt: integer("created_at").notNull(),
		lastUsedAt: integer("last_used_at"),
		lastResult: text("last_result"),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.id] })],
);
