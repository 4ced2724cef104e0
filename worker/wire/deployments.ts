import type { BadPod, FailureReason, Progress, RolloutState, WorkloadKind } from "./agent.ts";
import type { CommandState } from "./rollback.ts";

/** What pages and frames say of deployments, environments and rollbacks. Times are epoch ms, durations whole ms. */

export const DEPLOYMENT_STATUSES = ["queued", "running", "success", "failure", "cancelled"] as const;
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

/** A deployment as lists show it. */
export type DeploymentRow = {
	id: string;
	/** github, gitlab, argocd, cdevents, generic (the API), cluster (seen by an agent), opssight (a rollback of ours). */
	source: string;
	externalId: string;
	environmentId: string;
	environment: string;
	component: string;
	version: string;
	commit: string | null;
	repo: string | null;
	status: DeploymentStatus;
	startedAt: number;
	finishedAt: number | null;
	durationMs: number | null;
	actor: string | null;
	isRollback: boolean;
	rollbackId: string | null;
	/** Why, where somebody said so: of a rollback its reason, of a failure what the sender says. */
	reason: string | null;
	/** What it brings, in a line: a commit's message, a description. */
	title: string | null;
	url: string | null;
	/** What lists are ordered by: the start, or the arrival where the sender's clock is far ahead. */
	orderedAt: number;
};

/** Somebody, as pages name them. */
export type Who = { id: string; name: string };

/** Stages of a command as people follow it; which were reached, and when. */
export const STAGES = ["queued", "sent", "accepted", "applied", "rolling", "ready", "verified"] as const;
export type Stage = (typeof STAGES)[number];

/** A rollback (or a dry run of one) as every page's strip, its own page and its environment show it. */
export type RollbackRow = {
	id: string;
	kind: "rollback" | "dry-run";
	environmentId: string;
	environment: string;
	isProduction: boolean;
	component: string;
	state: CommandState;
	from: { deploymentId: string | null; version: string };
	to: { deploymentId: string | null; version: string };
	requestedAt: number;
	requestedBy: Who;
	isAutomatic: boolean;
	reason: string | null;
	/** In the order in which they were reached. */
	stages: { stage: Stage; at: number }[];
	pods: Progress | null;
	/** What the cluster or the protocol says, in a sentence. */
	message: string | null;
	why: FailureReason | null;
	/** Whether the cluster was changed, as far as is known. */
	applied: boolean;
	deadlineAt: number;
	finishedAt: number | null;
	/** From the request to ready pods. */
	tookMs: number | null;
	/** Whether the service came back: null until its pods are ready. */
	recovery: "watching" | "recovered" | "notRecovered" | null;
	recoveredAt: number | null;
	/** From the first sign of failure to recovery, where both are known. */
	restoreMs: number | null;
	lockUntil: number | null;
	/** What to run by hand where this one can't. */
	manual: string | null;
	/** Lines a dry run would change. */
	changes: string[];
	note: string | null;
};

export type Lock = {
	by: Who;
	at: number;
	/** Null: until somebody releases it. */
	until: number | null;
	reason: string | null;
	rollbackId: string | null;
};

/** A version that was rolled back and is not to come again until released. */
export type Hold = {
	id: string;
	component: string;
	version: string;
	commit: string | null;
	rollbackId: string | null;
	by: Who;
	at: number;
	until: number;
	reason: string | null;
};

/** What the cluster really runs of a component. */
export type Observed = {
	clusterId: string;
	cluster: string;
	namespace: string;
	kind: WorkloadKind;
	name: string;
	/** The image's tag, else its digest in short. */
	version: string;
	images: string[];
	revision: number;
	state: RolloutState;
	reason: string | null;
	sentence: string;
	desired: number;
	updated: number;
	ready: number;
	available: number;
	isPaused: boolean;
	owner: { tool: "argocd" | "flux" | "helm"; name: string } | null;
	badPods: BadPod[];
	canPatch: boolean;
	/** Since when these images run. */
	since: number;
	/** When the agent last spoke of it. */
	reportedAt: number;
};

/** How a component stands in an environment: what decides its colour and its sentence. */
export type ComponentHealth = "healthy" | "failing" | "degraded" | "deploying" | "unknown";

/** One component of an environment. */
export type ComponentState = {
	component: string;
	/** The newest success; null when nothing ever succeeded. */
	current: DeploymentRow | null;
	/** The newest attempt, whatever came of it. */
	latest: DeploymentRow | null;
	observed: Observed | null;
	/** Declared and observed disagree: how, in a sentence. */
	mismatch: string | null;
	health: ComponentHealth;
	/** Why it is so, in a sentence. */
	sentence: string;
	/** Since when, where known. */
	since: number | null;
	/** Whether a rollback can be asked for at all; else why not. */
	canRollBack: { ok: true } | { ok: false; why: string };
};

/** Who looks at an environment now. */
export type Viewer = { who: Who; since: number; isHandling: boolean };

/** A time in which nothing is deployed: weekly (UTC minutes of the day) or once. */
export type FreezeWindow =
	| { kind: "weekly"; days: number[]; fromMinute: number; toMinute: number; reason: string }
	| { kind: "once"; from: number; to: number; reason: string };

export type EnvironmentSettings = {
	isProduction: boolean;
	/** Minutes without an alert after which a version counts as having run well. */
	goodMinutes: number;
	/** Roll back by itself when a deployment fails, once per deployment. */
	autoRollback: boolean;
	/** A second person has to approve deployments asked for here. */
	needsApprover: boolean;
	freezes: FreezeWindow[];
	/** A dry run of a rollback every week. */
	drills: boolean;
};

/** How long rollbacks and their rehearsals took here. */
export type DrillFigures = { n: number; p50Ms: number | null; p95Ms: number | null; lastAt: number | null; lastOk: boolean | null };

/** An environment, whole: what its object tells its viewers, and what its page draws. */
export type EnvironmentState = {
	id: string;
	name: string;
	settings: EnvironmentSettings;
	components: ComponentState[];
	lock: Lock | null;
	holds: Hold[];
	/** The one under way, else the newest of the last hour. */
	rollback: RollbackRow | null;
	viewers: Viewer[];
	drills: DrillFigures;
	/** Clusters that are bound to it. */
	clusters: { id: string; name: string; isConnected: boolean; lastSeenAt: number | null }[];
};

/** A sentence before the button. `ok` green, `warn` amber, `stop` red: needs the manager role and the typed word. */
export type Check = { id: string; tone: "ok" | "warn" | "stop"; title: string; detail: string | null };

/** A version as a card of the dialog. */
export type VersionCard = {
	deploymentId: string;
	version: string;
	commit: string | null;
	at: number;
	by: string | null;
	/** How long it ran, and how: "ran 2 d 4 h". */
	ran: string;
	revision: number | null;
	images: string[];
};

export type Choice = VersionCard & { isEligible: boolean; why: string | null };

/** Everything the rollback dialog and the phone's sheet draw; a snapshot, made in one read. */
export type RollbackOffer = {
	environment: { id: string; name: string; isProduction: boolean };
	component: string;
	/** The latest deployment that was seen: goes back with the request. */
	seen: string;
	from: VersionCard & { health: ComponentHealth; sentence: string };
	/** Null: nothing to go back to, and `blocked` says why. */
	to: VersionCard | null;
	choices: Choice[];
	checks: Check[];
	/** What a rollback leaves as it is. */
	notUndone: string[];
	/** Commits that are undone, newest first; null where the repository's pushes are not known. */
	commits: { sha: string; author: string; message: string; at: number | null }[] | null;
	/** What going back changes in the template that runs, as lines of a diff: `- image: …`, `+ image: …`. */
	changes: string[];
	/** What `changes` compares: whole templates, or only images where the agent has not told of more; nothing where it told of nothing. */
	compared: "templates" | "images" | "nothing";
	agent: { cluster: string; isConnected: boolean; lastSeenAt: number | null } | null;
	/** What to run by hand. */
	manual: string | null;
	/** How long it usually takes here; null before the first. */
	usuallyMs: number | null;
	lockMinutes: number;
	/** How much it takes to confirm. */
	confirm: "button" | "word";
	/** What is typed: `prod` where the environment is production, else its name. */
	word: string;
	needs: "member" | "manager";
	/** Why it can't be asked for at all: agent away, one under way, nothing to go back to. */
	blocked: string | null;
};
