import { z } from "zod";

/** Public JSON of the API: the schemas that validate are the ones the OpenAPI document is made of. */

z.config({ jitless: true });

export const Iso = z.string().describe("ISO 8601 UTC, like 2026-11-20T10:00:00.000Z");
const Nullable = (inner: z.ZodType<string>) => inner.nullable();

export const ErrorBody = z.object({
	error: z.object({
		code: z.enum([
			"malformed",
			"unauthenticated",
			"forbidden",
			"notFound",
			"conflict",
			"tooLarge",
			"unsupportedType",
			"invalid",
			"rateLimited",
			"unavailable",
			"internal",
		]),
		message: z.string(),
		request_id: z.string(),
		fields: z.record(z.string(), z.string()).optional(),
	}),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

export const RunStatusSchema = z.enum(["success", "failure", "cancelled", "running", "queued"]);

export const RunBody = z.object({
	id: z.string(),
	source: z.string(),
	external_id: z.string(),
	attempt: z.int(),
	workflow: z.string(),
	status: RunStatusSchema,
	conclusion_raw: z.string().nullable(),
	duration_seconds: z.int().nullable(),
	started_at: Nullable(Iso),
	finished_at: Nullable(Iso),
	repo: z.string(),
	branch: z.string().nullable(),
	triggered_by: z.string().nullable(),
	actor: z.string().nullable(),
	commit: z.string().nullable(),
	url: z.string().nullable(),
	coverage: z.number().nullable(),
	error: z.string().nullable(),
});
export type RunBody = z.infer<typeof RunBody>;

export const AttemptBody = z.object({
	attempt: z.int(),
	status: RunStatusSchema,
	conclusion_raw: z.string().nullable(),
	started_at: Nullable(Iso),
	finished_at: Nullable(Iso),
	duration_seconds: z.int().nullable(),
});

export const JobBody = z.object({
	id: z.string(),
	external_id: z.string(),
	attempt: z.int(),
	name: z.string(),
	stage: z.string().nullable(),
	status: RunStatusSchema,
	conclusion_raw: z.string().nullable(),
	started_at: Nullable(Iso),
	finished_at: Nullable(Iso),
	duration_seconds: z.int().nullable(),
	queued_seconds: z.int().nullable(),
	runner: z.string().nullable(),
	labels: z.array(z.string()),
	steps: z
		.array(
			z.object({
				name: z.string(),
				status: z.string(),
				conclusion: z.string().nullable(),
				started_at: Nullable(Iso),
				finished_at: Nullable(Iso),
			}),
		)
		.nullable(),
});

export const RunDetailBody = RunBody.extend({
	attempts: z.array(AttemptBody),
	jobs: z.array(JobBody),
	meta: z.record(z.string(), z.unknown()),
});
export type RunDetailBody = z.infer<typeof RunDetailBody>;

export const RunListBody = z.object({ runs: z.array(RunBody), next_cursor: z.string().nullable() });

export const RawPayloadsBody = z.object({
	payloads: z.array(
		z.object({
			delivery_id: z.string(),
			source: z.string(),
			event: z.string(),
			received_at: Iso,
			body: z.unknown().describe("the redacted payload; null when it is no longer kept"),
		}),
	),
});

export const PushBody = z.object({
	repo: z.string(),
	ref: z.string(),
	ref_type: z.enum(["branch", "tag"]),
	before: z.string(),
	after: z.string(),
	forced: z.boolean(),
	deleted: z.boolean(),
	commits: z.int(),
	authors: z.array(z.string()),
	pusher: z.string().nullable(),
	received_at: Iso,
});
export const PushListBody = z.object({ pushes: z.array(PushBody), next_cursor: z.string().nullable() });

export const SummaryBody = z.object({
	total_runs: z.int(),
	success_rate: z.number().nullable().describe("success / (success + failure), a fraction; null without either"),
	avg_duration_seconds: z.number().nullable(),
	last_updated: Nullable(Iso),
	p50_duration_seconds: z.number().nullable(),
	p95_duration_seconds: z.number().nullable(),
	success: z.int(),
	failure: z.int(),
	cancelled: z.int(),
	running: z.int(),
	queued: z.int(),
});

export const MetricsBody = z.object({
	summary: SummaryBody,
	time_series: z.array(
		z.object({
			timestamp: Iso,
			success: z.int(),
			failure: z.int(),
			avg_duration: z.number().nullable(),
			cancelled: z.int(),
			p50_duration: z.number().nullable(),
			p95_duration: z.number().nullable(),
		}),
	),
	recent_runs: z.array(
		z.object({
			id: z.string(),
			workflow: z.string(),
			status: RunStatusSchema,
			duration_seconds: z.int().nullable(),
			started_at: Nullable(Iso),
			finished_at: Nullable(Iso),
			repo: z.string(),
			branch: z.string().nullable(),
			triggered_by: z.string().nullable(),
		}),
	),
	range: z.object({ from: Iso, to: Iso, group_by: z.enum(["hour", "day", "week"]) }),
	previous: SummaryBody,
});
export type MetricsBody = z.infer<typeof MetricsBody>;

export const AcceptedBody = z.object({ delivery_id: z.string(), result: z.enum(["accepted", "duplicate", "ignored"]) });

export const HealthBody = z.object({
	status: z.enum(["ok", "failing"]),
	uptime_seconds: z.int(),
	timestamp: Iso,
	checks: z.record(z.string(), z.string()),
});

export const ConfigBody = z.object({
	environment: z.string(),
	version: z.string(),
	sign_in: z.array(z.string()),
	sources: z.array(z.object({ id: z.string(), label: z.string() })),
	channels: z.array(z.object({ id: z.string(), label: z.string() })),
});

const Figures = {
	total_runs: z.int(),
	success_rate: z.number().nullable(),
	p50_duration_seconds: z.number().nullable(),
	p95_duration_seconds: z.number().nullable(),
	success: z.int(),
	failure: z.int(),
	cancelled: z.int(),
	running: z.int(),
	queued: z.int(),
};

export const WorkflowListBody = z.object({
	workflows: z.array(
		z.object({
			repo: z.string(),
			workflow: z.string(),
			...Figures,
			course: z.array(z.object(Figures)).describe("even parts of the range, oldest first, at most 28"),
			last: z.array(z.object({ id: z.string(), status: RunStatusSchema, at: Iso })).describe("the newest ten runs, whatever the range"),
		}),
	),
	total: z.int().describe("how many workflows ran in the range; the 200 that need someone most are listed"),
	range: z.object({ from: Iso, to: Iso }),
});
export type WorkflowListBody = z.infer<typeof WorkflowListBody>;

export const IntegrationBody = z.object({
	id: z.string(),
	source: z.string(),
	name: z.string(),
	path: z.string().describe("where its sender delivers"),
	demo: z.boolean(),
	disabled: z.boolean(),
	created_at: Iso,
	counts: z.object({
		accepted: z.int(),
		duplicate: z.int(),
		ignored: z.int(),
		dead: z.int().describe("as of now"),
		conflict: z.int(),
		rejected: z.int().describe("signature failures"),
	}),
	last_at: Nullable(Iso),
	last_event: z.string().nullable(),
	last_rejected_at: Nullable(Iso),
	per_hour: z.number().nullable(),
	lag_seconds: z.number().nullable(),
	secrets: z.array(z.object({ slot: z.int(), created_at: Iso, expires_at: Nullable(Iso) })).describe("when, never what"),
});
export type IntegrationBody = z.infer<typeof IntegrationBody>;
export const IntegrationListBody = z.object({ integrations: z.array(IntegrationBody) });

export const NewSecretBody = z.object({
	id: z.string(),
	source: z.string(),
	name: z.string(),
	path: z.string(),
	secret: z.string().describe("shown this once"),
	old_expires_at: Nullable(Iso).describe("until when the secret before is accepted; null when there was none"),
});
export type NewSecretBody = z.infer<typeof NewSecretBody>;

export const DeadListBody = z.object({
	deliveries: z.array(
		z.object({
			source: z.string(),
			delivery_id: z.string(),
			integration: z.string(),
			event: z.string(),
			reason: z.string().nullable(),
			received_at: Iso,
			can_replay: z.boolean(),
		}),
	),
});

export const ReplayedBody = z.object({ replayed: z.int(), failed: z.array(z.object({ delivery_id: z.string(), reason: z.string() })) });
export const LeftBody = z.object({ left: z.int().describe("runs of the demo that are still there; call again until 0") });

export const AuditEntryBody = z.object({
	no: z.int().describe("counts up without a gap within a team"),
	at: Iso,
	actor: z.string().describe("a person's id, `token:<id>`, or `system`"),
	actor_name: z.string().nullable().describe("as they are called today; null when they are gone"),
	role: z.string().nullable().describe("as it was then"),
	act: z.string(),
	object: z.string(),
	before: z.unknown(),
	after: z.unknown(),
	reason: z.string().nullable(),
	request_id: z.string().nullable(),
	address: z.string().nullable().describe("the first part of the sender's address"),
	outcome: z.enum(["done", "denied"]),
	hash: z.string().describe("SHA-256 over the hash before it and this entry; empty in entries older than the chain"),
});
export type AuditEntryBody = z.infer<typeof AuditEntryBody>;
export const AuditListBody = z.object({ entries: z.array(AuditEntryBody), next_cursor: z.string().nullable() });

export const AuditVerificationBody = z.object({
	ok: z.boolean().nullable().describe("null when the chain is too long for one answer: ask again with `after` = `next`"),
	rows: z.int().describe("entries that were looked at, from the first on"),
	first_bad: z.object({ no: z.int(), why: z.string() }).nullable().describe("the first entry at which the chain breaks"),
	next: z.int().nullable().describe("where to go on; null when this was all"),
});
export type AuditVerificationBody = z.infer<typeof AuditVerificationBody>;
const RoleSchema = z.enum(["viewer", "member", "manager", "admin"]);
const ScopeSchema = z.enum(["read", "ingest", "metrics", "act", "admin"]);

export const MemberBody = z.object({
	id: z.string(),
	login: z.string(),
	name: z.string(),
	avatar: z.string().nullable(),
	role: RoleSchema,
	joined_at: Iso,
	last_seen_at: Nullable(Iso),
});
export const MemberListBody = z.object({ members: z.array(MemberBody) });

export const InvitationBody = z.object({
	id: z.string(),
	role: RoleSchema,
	login: z.string().nullable().describe("the GitHub login it is for; null for whoever has the link"),
	created_by: z.string(),
	created_at: Iso,
	expires_at: Iso,
});
export const InvitationListBody = z.object({ invitations: z.array(InvitationBody) });
export const NewInvitationBody = z.object({
	id: z.string(),
	role: RoleSchema,
	login: z.string().nullable(),
	expires_at: Iso,
	path: z.string().describe("the link, shown this once"),
});

export const TokenBody = z.object({
	id: z.string(),
	kind: z.enum(["personal", "machine"]),
	name: z.string(),
	scopes: z.array(ScopeSchema),
	owner: z.object({ id: z.string(), name: z.string() }).nullable(),
	created_by: z.string().nullable(),
	created_at: Iso,
	expires_at: Nullable(Iso),
	last_used_at: Nullable(Iso),
	revoked_at: Nullable(Iso),
	rotated_from: z.string().nullable(),
});
export type TokenBody = z.infer<typeof TokenBody>;
export const TokenListBody = z.object({ tokens: z.array(TokenBody) });
export const NewTokenBody = z.object({
	id: z.string(),
	kind: z.enum(["personal", "machine"]),
	name: z.string(),
	scopes: z.array(ScopeSchema),
	expires_at: Nullable(Iso),
	token: z.string().describe("shown this once"),
	old_expires_at: Nullable(Iso).describe("until when the token before is accepted; null when there was none"),
});
export type NewTokenBody = z.infer<typeof NewTokenBody>;

export const SessionBody = z.object({
	id: z.string(),
	method: z.enum(["github", "token", "setup", "dev"]),
	agent: z.string().nullable(),
	address: z.string().nullable().describe("the first part of the address that began it"),
	created_at: Iso,
	last_seen_at: Iso,
	expires_at: Iso,
	current: z.boolean(),
});
export const SessionListBody = z.object({ sessions: z.array(SessionBody) });
export const EndedBody = z.object({ ended: z.int() });

const WhoBody = z.object({ id: z.string(), name: z.string() });
const VersionBody = z.object({ deployment_id: z.string().nullable(), version: z.string() });

export const RollbackBody = z.object({
	id: z.string(),
	kind: z.enum(["rollback", "dry-run"]),
	state: z.enum(["pending", "claimed", "cancelling", "unknown", "succeeded", "failed", "cancelled", "expired"]),
	environment: z.object({ id: z.string(), name: z.string(), production: z.boolean() }),
	component: z.string(),
	from: VersionBody,
	to: VersionBody,
	requested_at: Iso,
	requested_by: WhoBody,
	automatic: z.boolean(),
	reason: z.string().nullable(),
	stages: z.array(z.object({ stage: z.enum(["queued", "sent", "accepted", "applied", "rolling", "ready", "verified"]), at: Iso })),
	pods: z.object({ updated: z.int(), ready: z.int(), total: z.int() }).nullable(),
	message: z.string().nullable(),
	why: z.string().nullable().describe("why it was not, or not completely, carried out: environment_moved, revision_missing …"),
	applied: z.boolean().describe("whether the cluster was changed, as far as is known"),
	deadline_at: Iso,
	finished_at: Nullable(Iso),
	took_seconds: z.int().nullable().describe("from the request to ready pods"),
	recovery: z.enum(["watching", "recovered", "notRecovered"]).nullable(),
	recovered_at: Nullable(Iso),
	restore_seconds: z.int().nullable().describe("from the first sign of failure to recovery"),
	lock_until: Nullable(Iso),
	run_by_hand: z.string().nullable(),
	changes: z.array(z.string()).describe("of a dry run: what would change in the pod template, as lines of a diff"),
	note: z.string().nullable(),
});
export type RollbackBody = z.infer<typeof RollbackBody>;
export const OneRollbackBody = z.object({ rollback: RollbackBody });
export const RollbackListBody = z.object({ rollbacks: z.array(RollbackBody), next_cursor: z.string().nullable() });

const CardBody = z.object({
	deployment_id: z.string(),
	version: z.string(),
	commit: z.string().nullable(),
	at: Iso,
	by: z.string().nullable(),
	ran: z.string(),
	revision: z.int().nullable(),
	images: z.array(z.string()),
});
export const OfferBody = z.object({
	offer: z.object({
		environment: z.object({ id: z.string(), name: z.string(), production: z.boolean() }),
		component: z.string(),
		seen: z.string().describe("goes back with the request"),
		from: CardBody.extend({ health: z.string(), sentence: z.string() }),
		to: CardBody.nullable(),
		choices: z.array(CardBody.extend({ eligible: z.boolean(), why: z.string().nullable() })),
		checks: z.array(z.object({ id: z.string(), tone: z.enum(["ok", "warn", "stop"]), title: z.string(), detail: z.string().nullable() })),
		not_undone: z.array(z.string()),
		changes: z.array(z.string()).describe("what changes in the pod template, as lines of a diff; values that may be secrets are hidden"),
		compared: z
			.enum(["templates", "images", "nothing"])
			.describe("what `changes` compares: whole templates, or only images where the agent has not told of more"),
		agent: z.object({ cluster: z.string(), connected: z.boolean(), last_seen_at: Nullable(Iso) }).nullable(),
		run_by_hand: z.string().nullable(),
		usually_seconds: z.int().nullable(),
		lock_minutes: z.int(),
		confirm: z.enum(["button", "word"]),
		word: z.string(),
		needs: z.enum(["member", "manager"]),
		blocked: z.string().nullable(),
	}),
});
export type OfferBody = z.infer<typeof OfferBody>;

export const EnvironmentSettingsBody = z.object({
	environment: z.object({
		id: z.string(),
		name: z.string(),
		production: z.boolean(),
		good_minutes: z.int(),
		auto_rollback: z.boolean(),
		needs_approver: z.boolean(),
		drills: z.boolean(),
		freezes: z.array(z.looseObject({ kind: z.enum(["weekly", "once"]), reason: z.string() })),
	}),
});
export type EnvironmentSettingsBody = z.infer<typeof EnvironmentSettingsBody>;

export const ClusterBody = z.object({
	id: z.string(),
	name: z.string(),
	bindings: z.array(z.object({ namespace: z.string(), environment: z.string() })),
	created_at: Iso,
	connected: z.boolean(),
	last_seen_at: Nullable(Iso),
	conflict_at: Nullable(Iso).describe("when a second agent last used this cluster's token"),
	agent_version: z.string().nullable(),
	kubernetes: z.string().nullable(),
	verbs: z.array(z.object({ namespace: z.string(), resource: z.string(), verbs: z.array(z.string()) })),
	nodes: z.int().nullable(),
	pods: z.int().nullable(),
	bad_pods: z.int().nullable(),
	tokens: z.array(z.object({ id: z.string(), created_at: Iso, expires_at: Nullable(Iso), last_used_at: Nullable(Iso) })),
});
export type ClusterBody = z.infer<typeof ClusterBody>;
export const ClusterListBody = z.object({ clusters: z.array(ClusterBody) });
export const NewAgentTokenBody = z.object({
	cluster: z.object({ id: z.string(), name: z.string() }),
	token_id: z.string(),
	token: z.string(),
	old_expires_at: Nullable(Iso),
	manifest: z.string().describe("what `kubectl apply -f -` takes to put the agent there; the token is in it"),
});
export type NewAgentTokenBody = z.infer<typeof NewAgentTokenBody>;
