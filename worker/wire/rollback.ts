import type { CommandMark, CommandResult, FailureReason, GrantedCommand, Progress } from "./agent.ts";

/**
 * The fenced protocol of a command, as one pure module: what the environment's object does with a command (`request`, `claim`,
 * `report`, `tick`, `cancel`) and what an agent does with what it sees in the cluster (`act`). Worker, agent and simulator run this.
 */

/** Non-terminal: pending, claimed, cancelling, unknown. At most one such rollback exists in an environment. */
export const COMMAND_STATES = ["pending", "claimed", "cancelling", "unknown", "succeeded", "failed", "cancelled", "expired"] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** What the environment's object keeps of a command besides what it is about. Times are epoch ms of the object's clock. */
export type Command = {
	id: string;
	state: CommandState;
	/** Of the newest claim; 0 before the first. Grows over all commands of an environment. */
	fence: number;
	claims: number;
	/** The agent process that holds it. */
	holder: string | null;
	leaseUntil: number | null;
	/** Not begun after this. */
	deadlineAt: number;
	/** Whether the cluster has been changed, as reported: once true it stays true. */
	applied: boolean;
	pods: Progress | null;
	reason: FailureReason | null;
	message: string | null;
	/** The revision it led to. */
	revision: number | null;
	finishedAt: number | null;
};

/** Why something about a command is refused; nothing changes then. */
export type Refusal = "taken" | "over" | "stale" | "unproven" | "unknownCommand";

/** A transition: the command after it, or why not. `changed` is false for repeats. */
export type Step = { ok: true; command: Command; changed: boolean } | { ok: false; reason: Refusal; command: Command };

/** What an agent reads in the cluster before it acts. `mark` is null where no command ever acted. */
export type WorkloadView = {
	revision: number;
	isPaused: boolean;
	mark: CommandMark | null;
	/** Revisions that can be returned to, the present one included. */
	revisions: readonly { revision: number; hash: string }[];
	/** The hash of the template that the workload has now. */
	hash: string;
};

/** What an agent does next. */
export type AgentAct =
	/** Patch template and mark in one request that holds only at the resourceVersion that was read. */
	| { act: "apply"; toRevision: number; mark: CommandMark }
	/** Patch the mark alone, at the resourceVersion that was read; then report the no. */
	| { act: "barrier"; mark: CommandMark; then: FailureReason }
	/** It is done already: watch the rollout, then report the fact. */
	| { act: "watch" }
	/** Report a no without touching the cluster: the barrier stands, or nobody else can be acting. */
	| { act: "report"; reason: FailureReason; barrier: boolean }
	/** Somebody with a higher fence has taken over: say nothing. */
	| { act: "stop" };

export type { CommandResult, GrantedCommand };
