import { z } from "zod";
import { DEPLOYMENT_STATUSES } from "./deployments.ts";

/** Deployments, environments and what is asked for there, as the public API answers. */

const Iso = z.iso.datetime();
const Nullable = <T extends z.ZodType>(schema: T) => schema.nullable();
export const DeploymentStatusSchema = z.enum(DEPLOYMENT_STATUSES);

export const DeploymentBody = z.object({
	id: z.string(),
	source: z
		.string()
		.describe("github, gitlab, argocd, cdevents, generic (this API), cluster (seen by an agent), opssight (a rollback made here)"),
	external_id: z.string(),
	environment: z.string(),
	environment_id: z.string(),
	component: z.string(),
	version: z.string(),
	commit: z.string().nullable(),
	repo: z.string().nullable(),
	status: DeploymentStatusSchema,
	started_at: Iso,
	finished_at: Nullable(Iso),
	duration_seconds: z.int().nullable(),
	actor: z.string().nullable(),
	is_rollback: z.boolean(),
	rollback_id: z.string().nullable(),
	reason: z.string().nullable(),
	title: z.string().nullable(),
	url: z.string().nullable(),
});
export type DeploymentBody = z.infer<typeof DeploymentBody>;
export const DeploymentListBody = z.object({ deployments: z.array(DeploymentBody), next_cursor: z.string().nullable() });
export const DeploymentDetailBody = DeploymentBody.extend({
	images: z.array(z.string()),
	ref: z.string().nullable(),
	status_raw: z.string().nullable(),
	inactive_at: Nullable(Iso).describe("when another one took its place, where its sender says so"),
});

export const CommitListBody = z.object({
	from: z.string().nullable().describe("the deployment before, whose commit is the first that is left out; null when there is none"),
	to: z.string(),
	commits: z
		.array(z.object({ sha: z.string(), author: z.string(), message: z.string(), at: Nullable(Iso) }))
		.nullable()
		.describe("newest first; null when the pushes that are known do not lead from one to the other"),
	reversed: z.boolean().describe("`to` is older than `from`: these commits are taken out"),
});

const Who = z.object({ id: z.string(), name: z.string() });
export const LockBody = z.object({
	by: Who,
	at: Iso,
	until: Nullable(Iso).describe("null: until somebody releases it"),
	reason: z.string().nullable(),
	rollback_id: z.string().nullable(),
});
export const HoldBody = z.object({
	id: z.string(),
	component: z.string(),
	version: z.string(),
	commit: z.string().nullable(),
	rollback_id: z.string().nullable(),
	by: Who,
	at: Iso,
	until: Iso,
	reason: z.string().nullable(),
});
export const ObservedBody = z.object({
	version: z.string(),
	image: z.string(),
	since: Iso,
	cluster: z.string(),
	namespace: z.string(),
	kind: z.string(),
	name: z.string(),
	revision: z.int(),
	state: z.string(),
	sentence: z.string(),
	desired: z.int(),
	available: z.int(),
	reported_at: Iso,
});
export const RollbackSummaryBody = z.object({
	id: z.string(),
	state: z.string(),
	component: z.string(),
	from: z.object({ deployment_id: z.string().nullable(), version: z.string() }),
	to: z.object({ deployment_id: z.string().nullable(), version: z.string() }),
	requested_at: Iso,
	requested_by: Who,
	finished_at: Nullable(Iso),
});
export const ComponentBody = z.object({
	component: z.string(),
	current: DeploymentBody.nullable(),
	latest: DeploymentBody.nullable(),
	observed: ObservedBody.nullable(),
	mismatch: z.string().nullable(),
	health: z.enum(["healthy", "failing", "degraded", "deploying", "unknown"]),
	sentence: z.string(),
	since: Nullable(Iso),
	can_roll_back: z.boolean(),
	why_not: z.string().nullable(),
});
export const EnvironmentBody = z.object({
	id: z.string(),
	name: z.string(),
	production: z.boolean(),
	current: DeploymentBody.nullable().describe("the newest success"),
	latest: DeploymentBody.nullable().describe("the newest attempt, whatever came of it"),
	observed: ObservedBody.nullable(),
	lock: LockBody.nullable(),
	holds: z.array(HoldBody),
	rollback: RollbackSummaryBody.nullable().describe("the one under way, else the newest of the last hour"),
	components: z.array(ComponentBody),
});
export type EnvironmentBody = z.infer<typeof EnvironmentBody>;
export const EnvironmentListBody = z.object({ environments: z.array(EnvironmentBody) });

export const GateBody = z.object({
	decision: z.enum(["allow", "warn", "deny"]),
	reasons: z.array(z.object({ code: z.string(), tone: z.enum(["warn", "deny"]), message: z.string(), until: Nullable(Iso) })),
});

export const DispatcherBody = z.object({
	id: z.string(),
	kind: z.string(),
	environment: z.string().nullable().describe("null: all"),
	component: z.string().nullable().describe("null: all"),
	settings: z.record(z.string(), z.string()),
	created_at: Iso,
	last_used_at: Nullable(Iso),
	last_result: z.string().nullable(),
});
export const DispatcherListBody = z.object({ dispatchers: z.array(DispatcherBody) });
export const NewDispatcherBody = DispatcherBody.extend({
	secret: z.string().nullable().describe("what a webhook's requests are signed with, where it was made here: shown this once"),
});

export const DeployRequestBody = z.object({
	id: z.string(),
	environment: z.string(),
	environment_id: z.string(),
	component: z.string(),
	version: z.string(),
	commit: z.string().nullable(),
	state: z.enum(["waiting", "sent", "failed", "declined"]).describe("waiting for a second person; sent to whoever carries it out"),
	sent_by: z.string().nullable().describe("the kind of what carries it out"),
	message: z.string().nullable(),
	requested_by: Who,
	requested_at: Iso,
	decided_by: z.string().nullable(),
	decided_at: Nullable(Iso),
});
export const DeployRequestListBody = z.object({ requests: z.array(DeployRequestBody) });
export const AskedBody = z.object({ request: DeployRequestBody });
