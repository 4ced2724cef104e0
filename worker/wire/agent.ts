import { z } from "zod";
import { DONE_KEPT } from "./rollback.ts";

/**
 * What an agent in a cluster and the edge say to each other. The agent dials out; over its WebSocket (`GET /agent/connect`) each text
 * frame is one message, and the long poll (`GET /agent/commands`, `POST /agent/report`) carries the very same ones in lists. Both sides
 * check what they are sent with these schemas. Times are epoch milliseconds, each on the clock of who says it.
 */

/** Both sides speak this version; a hello of another one is refused in words. */
export const AGENT_PROTOCOL = 1;
/** The largest message either side sends, characters; a cluster that has more to say says it in parts. */
export const AGENT_MESSAGE_MAX = 256 * 1024;
/** Workloads in one report. */
export const WORKLOADS_PER_REPORT = 100;
/** Lines that tell how one template differs from another, at most; and how long each is. */
export const DIFFERENCE_LINES_MAX = 60;
export const DIFFERENCE_LINE_CHARS = 300;
/** The annotation on a workload in which commands leave their mark: JSON of `CommandMark`. */
export const MARK_ANNOTATION = "opssight.dev/command";

const Name = z.string().min(1).max(253);
const Line = z.string().max(1000);
const At = z.int().min(0);

/** A workload that can be rolled back. */
export const WORKLOAD_KINDS = ["Deployment", "StatefulSet", "DaemonSet"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];
export const WorkloadRef = z.object({ namespace: Name, kind: z.enum(WORKLOAD_KINDS), name: Name });
export type WorkloadRef = z.infer<typeof WorkloadRef>;

/**
 * What the annotation holds: the highest fence that ever acted or gave up here, the newest commands that were carried out, and which
 * of them made the template that the workload has now, so that a revision of ours is not taken for somebody's deployment.
 */
export const CommandMark = z.object({
	fence: z.int().min(0),
	done: z.array(z.string().max(100)).max(DONE_KEPT),
	by: z
		.object({ id: z.string().max(100), revision: z.int() })
		.nullable()
		.default(null),
});
export type CommandMark = z.infer<typeof CommandMark>;

/** One entry of a workload's history: a ReplicaSet, or a ControllerRevision. */
export const Revision = z.object({
	revision: z.int().min(0),
	images: z.array(z.string().max(500)).max(20),
	/** Tells equal templates: pod-template-hash, or the ControllerRevision's hash. */
	hash: z.string().max(100),
	createdAt: At,
	/** kubernetes.io/change-cause, which Kubernetes copies on, so it proves nothing by itself. */
	changeCause: Line.nullable(),
	/** app.kubernetes.io/version of the template, where it has one. */
	label: z.string().max(255).nullable(),
	/**
	 * What returning to it would change in the template that runs now, as lines of a diff; none where the two are the same. Values that may
	 * be secrets were hidden before they left the cluster. Absent: not known, as by an older agent, or of a revision far back.
	 */
	differs: z.array(z.string().max(DIFFERENCE_LINE_CHARS)).max(DIFFERENCE_LINES_MAX).optional(),
});
export type Revision = z.infer<typeof Revision>;

/** A pod that is not well, and why, in Kubernetes' own words and in a sentence. */
export const BadPod = z.object({
	name: Name,
	node: z.string().max(253).nullable(),
	reason: z.string().max(255),
	sentence: Line,
	restarts: z.int().min(0),
});
export type BadPod = z.infer<typeof BadPod>;

/** `healthy`: all pods of the newest template are available. `degraded`: the rollout failed or pods are down. */
export const ROLLOUT_STATES = ["healthy", "progressing", "degraded", "paused", "scaledDown"] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/** A workload as the agent sees it. `gone` workloads come as names alone. */
export const WorkloadReport = WorkloadRef.extend({
	images: z.array(z.string().max(500)).max(20),
	/** What people call it: label app.kubernetes.io/name, else its own name. */
	component: Name,
	revision: z.int().min(0),
	generation: z.int().min(0),
	desired: z.int().min(0),
	updated: z.int().min(0),
	ready: z.int().min(0),
	available: z.int().min(0),
	/** Pods there are, old ones included. */
	total: z.int().min(0),
	state: z.enum(ROLLOUT_STATES),
	/** Why it is in this state, as Kubernetes says it: ProgressDeadlineExceeded, MinimumReplicasUnavailable; null when healthy. */
	reason: z.string().max(255).nullable(),
	/** What that means, for people. */
	sentence: Line,
	isPaused: z.boolean(),
	/** Who would undo a change made here: the GitOps or package tool that owns it. */
	owner: z.object({ tool: z.enum(["argocd", "flux", "helm"]), name: z.string().max(253) }).nullable(),
	/** The command that made the running template, as the annotation says. */
	commandId: z.string().max(100).nullable(),
	/** Newest first, as far as Kubernetes keeps them. */
	revisions: z.array(Revision).max(30),
	/** The worst pods, at most this many; `badPods` of a thousand would tell nobody more. */
	badPods: z.array(BadPod).max(20),
	/** Whether this agent may patch it, as the API server answers. */
	canPatch: z.boolean(),
});
export type WorkloadReport = z.infer<typeof WorkloadReport>;

/** The cluster around the workloads. */
export const ClusterReport = z.object({
	nodes: z
		.array(z.object({ name: Name, isReady: z.boolean().nullable(), reason: z.string().max(255).nullable(), isCordoned: z.boolean() }))
		.max(500),
	nodeCount: z.int().min(0),
	podCount: z.int().min(0),
	badPodCount: z.int().min(0),
	/** Warnings of the last hour, newest first. */
	warnings: z.array(z.object({ at: At, reason: z.string().max(255), about: Line, message: Line, count: z.int().min(1) })).max(50),
});
export type ClusterReport = z.infer<typeof ClusterReport>;

/** A namespace and what the agent may do there: `get list watch patch` of each resource, as the API server answers. */
export const Verbs = z.object({
	namespace: z.string().max(253),
	resource: z.string().max(253),
	verbs: z.array(z.string().max(30)).max(20),
});
export type Verbs = z.infer<typeof Verbs>;

/** Why a command was not, or not completely, carried out. */
export const FAILURE_REASONS = [
	"environment_moved", // the workload is not at the revision that was looked at
	"revision_missing",
	"same_revision",
	"paused",
	"forbidden",
	"workload_missing",
	"expired", // its deadline passed before it began
	"cancelled",
	"unknown_verb",
	"invalid", // the command does not hold
	"conflict", // somebody else kept changing the workload
	"rollout_failed", // carried out, and the pods did not get ready
	"cluster_unreachable",
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** A command that an agent has claimed: everything it needs to act on, and how long it may. */
export const GrantedCommand = z.object({
	id: z.string().min(1).max(100),
	/** As text, so that an agent meets an unknown one with a refusal instead of with a message it can't read. */
	verb: z.string().max(30),
	/** The process that it was granted to. Another one, even of the same agent started again, has to claim for itself. */
	agent: z.string().max(100),
	/** `at` of the claim that this answers, by that process's clock: its lease is counted from there, however late this arrives. */
	askedAt: At,
	fence: z.int().min(1),
	leaseMs: z.int().min(1),
	/** Milliseconds that are left of its deadline: clocks of two machines need not agree. Zero or less: only settle it. */
	remainingMs: z.int(),
	/** Carry nothing out that is not already: raise the fence in the cluster, then report what is true. */
	settle: z.boolean(),
	/** How often it has been claimed, this time included. Alone, nobody else can be acting on it. */
	claims: z.int().min(1),
	workload: WorkloadRef.nullable(),
	/** What the person saw: the workload must still be there. */
	expectedRevision: z.int().min(0).nullable(),
	/** The hash of the template they saw, which tells revisions of the same number apart when a workload was made again. */
	expectedHash: z.string().max(100).nullable().default(null),
	targetRevision: z.int().min(1).nullable(),
	/** The target's template hash, so that a revision that was renumbered is still found. */
	targetHash: z.string().max(100).nullable(),
});
export type GrantedCommand = z.infer<typeof GrantedCommand>;

/** Down: what the edge says. */
export const EdgeMessage = z.discriminatedUnion("type", [
	/** Accepted as the one agent of its cluster. `have`: the newest report that is durable, so that a new connection goes on after it. */
	z.object({ type: z.literal("welcome"), cluster: z.string(), have: z.int(), leaseMs: z.int() }),
	/** Another agent holds this cluster; stay, and be welcomed when it is gone. */
	z.object({ type: z.literal("standby"), holder: z.string(), retryMs: z.int() }),
	/** There is something to claim. */
	z.object({ type: z.literal("offer"), commandId: z.string() }),
	z.object({ type: z.literal("granted"), command: GrantedCommand }),
	/** Not to be claimed: taken, over, or of another cluster. */
	z.object({ type: z.literal("declined"), commandId: z.string(), reason: z.string() }),
	/** Stop if nothing was changed yet; otherwise go on and report. */
	z.object({ type: z.literal("cancel"), commandId: z.string() }),
	/** The result is durable: forget it. */
	z.object({ type: z.literal("resultAck"), commandId: z.string(), fence: z.int() }),
	/** Reports up to this one are durable. */
	z.object({ type: z.literal("reportAck"), seq: z.int() }),
	/** Send a snapshot now: the edge has lost the thread. */
	z.object({ type: z.literal("resync") }),
	z.object({ type: z.literal("bye"), reason: z.enum(["revoked", "protocol", "shutdown", "replaced"]), message: z.string() }),
]);
export type EdgeMessage = z.infer<typeof EdgeMessage>;

const Progress = z.object({
	updated: z.int().min(0),
	ready: z.int().min(0),
	total: z.int().min(0),
});
export type Progress = z.infer<typeof Progress>;

/** How a command ended, as far as its agent knows. */
export const CommandResult = z.object({
	type: z.literal("result"),
	commandId: z.string().max(100),
	fence: z.int().min(1),
	/** `succeeded`: carried out, and all pods are ready. `failed` with `applied`: carried out, and the rollout failed. */
	outcome: z.enum(["succeeded", "failed"]),
	/** Whether the cluster was changed: a fact, whatever else is true. */
	applied: z.boolean(),
	/** Whether the fence was raised in the cluster before saying no, so that no other holder can act any more. */
	barrier: z.boolean(),
	reason: z.enum(FAILURE_REASONS).nullable(),
	message: Line,
	/** The revision the workload is at now, where that is known. */
	revision: z.int().min(0).nullable(),
	/** For a dry run: what would change, line by line. */
	changes: z.array(z.string().max(500)).max(200).default([]),
	durationMs: z.int().min(0),
	at: At,
});
export type CommandResult = z.infer<typeof CommandResult>;

/** Up: what the agent says. */
export const AgentMessage = z.discriminatedUnion("type", [
	z.object({
		type: z.literal("hello"),
		protocol: z.int(),
		/** This process, new at each start: two agents of one cluster differ in it. */
		agent: z.string().min(8).max(100),
		version: z.string().max(50),
		kubernetes: z.string().max(50).nullable(),
		verbs: z.array(Verbs).max(100),
		at: At,
	}),
	/** `at` is of a clock that never goes back, and comes back in the grant. The long poll claims with it too, in a post. */
	z.object({ type: z.literal("claim"), commandId: z.string().max(100), at: At }),
	/** Also renews the lease. `applied` says that the patch is in the cluster. */
	z.object({
		type: z.literal("progress"),
		commandId: z.string().max(100),
		fence: z.int().min(1),
		stage: z.enum(["accepted", "applied", "rolling"]),
		pods: Progress.nullable(),
		/** What Kubernetes says while it goes on, for people; "still running after 120 s" is one such. */
		sentence: Line.nullable(),
		at: At,
	}),
	CommandResult,
	/**
	 * The cluster: all of it (`isSnapshot`, in parts), or what changed. `seq` counts this process's reports from 1; a snapshot's parts are
	 * complete when `part` is `parts`. What a snapshot does not name is gone.
	 */
	z.object({
		type: z.literal("report"),
		seq: z.int().min(1),
		isSnapshot: z.boolean(),
		part: z.int().min(1),
		parts: z.int().min(1).max(1000),
		workloads: z.array(WorkloadReport).max(WORKLOADS_PER_REPORT),
		gone: z.array(WorkloadRef).max(1000),
		cluster: ClusterReport.nullable(),
		verbs: z.array(Verbs).max(100).nullable(),
		at: At,
	}),
	/** Nothing to say: renews that this agent is alive. Every 5 s when nothing else was sent. */
	z.object({ type: z.literal("beat"), at: At }),
]);
export type AgentMessage = z.infer<typeof AgentMessage>;

/** `GET /agent/commands`: messages for this agent, up to `wait` seconds after it asked. */
export const AgentPoll = z.object({ messages: z.array(EdgeMessage) });
/** `POST /agent/report`: `agent` is the process, as in its hello. */
export const AgentPost = z.object({ agent: z.string().min(8).max(100), messages: z.array(AgentMessage).min(1).max(50) });
