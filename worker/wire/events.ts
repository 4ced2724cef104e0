import type { ClusterReport, Verbs, WorkloadRef, WorkloadReport } from "./agent.ts";
import type { DeploymentStatus, RollbackRow } from "./deployments.ts";

/**
 * NormalEvent: what every source normalises to. Times are epoch milliseconds UTC, durations whole milliseconds.
 * These are types, not schemas: a source builds them field by field from checked readings, so parsing twice would only cost.
 */

/** The five states of a run or a job. The sender's own word is kept beside it in `conclusionRaw`. */
export type RunStatus = "success" | "failure" | "cancelled" | "running" | "queued";
export const RUN_STATUSES = ["success", "failure", "cancelled", "running", "queued"] as const satisfies readonly RunStatus[];

/** What a run is, whoever says so. A job that arrives before its run tells as much of this as it knows. */
export type RunFacts = {
	/** Unique in the team: `<source>-<repository or project id>-<external id>`, or what `POST /api/events` sent. */
	id: string;
	source: string;
	externalId: string;
	attempt: number;
	repo: string;
	workflow: string;
	branch: string | null;
	commit: string | null;
	triggeredBy: string | null;
	actor: string | null;
	url: string | null;
};

/** A run said something about itself: created, started, finished. */
export type RunEvent = RunFacts & {
	type: "run";
	status: RunStatus;
	conclusionRaw: string | null;
	startedAt: number | null;
	finishedAt: number | null;
	/** The source's own duration where it sends one, else finished − started; null while it runs. */
	durationMs: number | null;
	/** When the sender last changed its mind; orders events of one attempt and status. */
	updatedAt: number;
	coverage: number | null;
	/** One line saying why it failed, where the sender says so. */
	error: string | null;
	meta: Record<string, unknown>;
};

export type Step = { name: string; status: string; conclusion: string | null; startedAt: number | null; finishedAt: number | null };

/** A job of a run. `run` carries what the job knows of its run, so that a child may come first. */
export type JobEvent = {
	type: "job";
	run: RunFacts;
	id: string;
	externalId: string;
	attempt: number;
	name: string;
	stage: string | null;
	status: RunStatus;
	conclusionRaw: string | null;
	startedAt: number | null;
	finishedAt: number | null;
	durationMs: number | null;
	/** Time between asking for a runner and getting one. */
	queuedMs: number | null;
	updatedAt: number;
	runner: string | null;
	labels: string[];
	/** Steps as far as the sender tells; null when it does not speak of steps at all. */
	steps: Step[] | null;
};

export type GitCommit = { sha: string; author: string; message: string; at: number | null };

/** A push to a branch or a tag. `commitCount` is the sender's total, `commits` the ones it listed. */
export type PushEvent = {
	type: "push";
	/** The same push has the same id however often and under whatever delivery id it is sent. */
	id: string;
	source: string;
	repo: string;
	ref: string;
	refType: "branch" | "tag";
	before: string;
	after: string;
	forced: boolean;
	deleted: boolean;
	commitCount: number;
	commits: GitCommit[];
	authors: string[];
	pusher: string | null;
};

/** A deployment said something about itself: asked for, begun, ended, replaced. */
export type DeploymentEvent = {
	type: "deployment";
	/** Unique in the team, like a run's: `<source>-<repository or project id>-<external id>`. */
	id: string;
	source: string;
	externalId: string;
	/** The environment as its sender names it. */
	environment: string;
	component: string;
	version: string;
	commit: string | null;
	ref: string | null;
	repo: string | null;
	/** Null where it only says that the deployment was replaced (GitHub's `inactive`). */
	status: DeploymentStatus | null;
	statusRaw: string | null;
	startedAt: number | null;
	finishedAt: number | null;
	/** When the sender last changed its mind; orders events of one deployment and status. */
	updatedAt: number;
	inactiveAt: number | null;
	actor: string | null;
	isRollback: boolean;
	rollbackId: string | null;
	reason: string | null;
	title: string | null;
	url: string | null;
	images: string[];
};

/** An agent's report of its cluster, with the names that the edge knows the environments of its namespaces by. */
export type ClusterEvent = {
	type: "cluster";
	clusterId: string;
	/** The agent process, and when it was heard: a report of an earlier process or moment changes nothing. */
	agent: string;
	seq: number;
	at: number;
	/** With a complete snapshot, what it does not name is gone. */
	isSnapshot: boolean;
	workloads: (WorkloadReport & { environment: string | null })[];
	gone: WorkloadRef[];
	cluster: ClusterReport | null;
	verbs: Verbs[] | null;
};

/** A command has moved on; its row is in D1 already, and goes to the pages with the stream. */
export type RollbackMoved = { type: "rollback"; row: RollbackRow };

/** Something about an environment changed that no deployment tells: its lock, a hold, its settings. */
export type EnvironmentMoved = { type: "environment"; environmentId: string };

export type NormalEvent = RunEvent | JobEvent | PushEvent | DeploymentEvent | ClusterEvent | RollbackMoved | EnvironmentMoved;

/** What a source makes of one verified body. */
export type Normalised =
	| { kind: "events"; events: NormalEvent[] }
	/** Understood and not used: a ping, an event type this product does not read. Counted, stored without body. */
	| { kind: "ignored"; reason: string }
	/** Parsed, but does not hold: field path → what is wrong. Nothing is stored. */
	| { kind: "invalid"; fields: Record<string, string> };
