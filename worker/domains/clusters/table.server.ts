import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { BadPod, ClusterReport, Revision, Verbs } from "../../wire/agent.ts";

/** A cluster with an agent. Its token is a row of `tokens` of kind `agent` that names it. */
export const clusters = sqliteTable(
	"clusters",
	{
		teamId: text("team_id").notNull(),
		id: text().notNull(),
		name: text().notNull(),
		/** Which environment each namespace is; `*` stands for those that are not named. */
		bindings: text({ mode: "json" }).$type<{ namespace: string; environment: string }[]>().notNull(),
		/** A person, a token, `system`; or the demo's integration, with which the cluster goes. */
		createdBy: text("created_by").notNull(),
		createdAt: integer("created_at").notNull(),
		removedAt: integer("removed_at"),
		/** What its agent last said of itself. */
		agent: text(),
		agentVersion: text("agent_version"),
		kubernetes: text(),
		verbs: text({ mode: "json" }).$type<Verbs[]>().notNull().default([]),
		summary: text({ mode: "json" }).$type<ClusterReport | null>(),
		/** The newest report of that process that was applied. */
		seq: integer().notNull().default(0),
		connectedAt: integer("connected_at"),
		lastSeenAt: integer("last_seen_at"),
		/** Another agent used this cluster's token while one held it. */
		conflictAt: integer("conflict_at"),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.id] })],
);

/** What runs in a cluster now. Written by the ledger alone. */
export const workloads = sqliteTable(
	"workloads",
	{
		teamId: text("team_id").notNull(),
		clusterId: text("cluster_id").notNull(),
		namespace: text().notNull(),
		kind: text({ enum: ["Deployment", "StatefulSet", "DaemonSet"] }).notNull(),
		name: text().notNull(),
		/** Null: its namespace belongs to no environment. */
		environmentId: text("environment_id"),
		component: text().notNull(),
		images: text({ mode: "json" }).$type<string[]>().notNull(),
		revision: integer().notNull(),
		generation: integer().notNull(),
		desired: integer().notNull(),
		updated: integer().notNull(),
		ready: integer().notNull(),
		available: integer().notNull(),
		total: integer().notNull(),
		state: text({ enum: ["healthy", "progressing", "degraded", "paused", "scaledDown"] }).notNull(),
		reason: text(),
		sentence: text().notNull(),
		isPaused: integer("is_paused", { mode: "boolean" }).notNull(),
		owner: text({ mode: "json" }).$type<{ tool: "argocd" | "flux" | "helm"; name: string } | null>(),
		commandId: text("command_id"),
		revisions: text({ mode: "json" }).$type<Revision[]>().notNull(),
		badPods: text("bad_pods", { mode: "json" }).$type<BadPod[]>().notNull(),
		canPatch: integer("can_patch", { mode: "boolean" }).notNull(),
		/** Since when these images run, and since when it is in this state. */
		since: integer().notNull(),
		stateSince: integer("state_since").notNull(),
		reportedAt: integer("reported_at").notNull(),
		/** Which process of the agent said so, in which report. */
		agent: text().notNull(),
		seq: integer().notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.teamId, t.clusterId, t.namespace, t.kind, t.name] }),
		index("idx_workloads_environment").on(t.teamId, t.environmentId, t.component),
	],
);

/** Templates that were seen to run, by their hash: whether a rollout of one ever completed, and for how long it ran well. */
export const workloadTemplates = sqliteTable(
	"workload_templates",
	{
		teamId: text("team_id").notNull(),
		clusterId: text("cluster_id").notNull(),
		namespace: text().notNull(),
		kind: text().notNull(),
		name: text().notNull(),
		hash: text().notNull(),
		firstSeenAt: integer("first_seen_at").notNull(),
		/** First and last moment at which all its pods were available; null: never. */
		healthyFrom: integer("healthy_from"),
		healthyUntil: integer("healthy_until"),
		/** When its rollout was last seen to have failed. */
		failedAt: integer("failed_at"),
	},
	(t) => [primaryKey({ columns: [t.teamId, t.clusterId, t.namespace, t.kind, t.name, t.hash] })],
);
