import type { AgentMessage, CommandMark, CommandResult, FailureReason, GrantedCommand, Progress, WorkloadRef } from "./agent.ts";

/**
 * The fenced protocol of a command, as one pure module: what the environment's object does with a command (`admit`, `claim`, `grantOf`,
 * `report`, `cancel`, `tick`) and what an agent does with what it sees in the cluster (`act`). Worker, agent and simulator run this.
 *
 * What holds it together: an agent changes a workload only in a patch that is bound to the resourceVersion it read, and that patch
 * leaves a mark with its fence. Whoever says no raises the fence in that mark first, so that nobody with a lower one acts any more.
 */

/** A claimed command belongs to one agent for this long after its last report. @source HTTP contract, Agents */
export const LEASE_MS = 15_000;
/** A command nobody has begun by then is not begun any more. */
export const COMMAND_DEADLINE_MS = 120_000;
/** Commands that a mark remembers. @source reliability rules, Commands (e) */
export const DONE_KEPT = 8;
/** The closed set of what an agent does. */
export const VERBS = ["rollback", "dry-run", "snapshot"] as const;
export type Verb = (typeof VERBS)[number];

/** Non-terminal: pending, claimed, cancelling, unknown. At most one such rollback exists in an environment. */
export const COMMAND_STATES = ["pending", "claimed", "cancelling", "unknown", "succeeded", "failed", "cancelled", "expired"] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** What the environment's object keeps of a command besides what it is about. Times are epoch ms of the object's clock. */
export type Command = {
	id: string;
	/** Whether carrying it out changes the cluster. A rehearsal does not: nothing about it has to be proven. */
	changesCluster: boolean;
	state: CommandState;
	/** Of the newest claim; 0 before the first. Grows over all commands of an environment. */
	fence: number;
	claims: number;
	/** The agent process that holds it, or held it last. */
	holder: string | null;
	/** Null when nobody's lease runs: it can be offered again. */
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

/** Why something about a command is refused; nothing changes then. `applied`: too late to cancel. */
export type Refusal = "taken" | "over" | "stale" | "unproven" | "unknownCommand" | "applied";

/** A transition: the command after it, or why not. `changed` is false for repeats. */
export type Step = { ok: true; command: Command; changed: boolean } | { ok: false; reason: Refusal; command: Command };

/** What an agent reads in the cluster before it acts. `mark` is null where no command ever acted. */
export type WorkloadView = {
	revision: number;
	/** The hash of the template that the workload has now. */
	hash: string;
	/** Whether its controller has seen its newest spec (observedGeneration); until then `revision` and `hash` are of an older one. */
	isObserved: boolean;
	isPaused: boolean;
	mark: CommandMark | null;
	/** Revisions that can be returned to, the present one included. */
	revisions: readonly { revision: number; hash: string }[];
	/**
	 * Commands in the marks that Kubernetes has copied to the ReplicaSets. Such a copy is no mark, but it proves that a command was
	 * carried out where somebody has replaced the workload's own annotations since.
	 */
	traces: readonly string[];
};

/** What an agent found where it looked: null is a workload that is not there, `forbidden` a patch that was not allowed. */
export type Sight = WorkloadView | null | "unreachable" | "forbidden";

/** Where the agent stands with a command it was granted. */
export type AgentMoment = {
	/** This process. */
	agent: string;
	/** By its own clock, since it sent the claim: now − `askedAt`. Never since the grant arrived, which may have taken long. */
	elapsedMs: number;
	/** Patches of this command that were refused because somebody else had changed the workload. */
	conflicts: number;
	/** Whether a change of this command by this process was accepted. `maybe`: its answer never came, it may even be still on its way. */
	patched: "no" | "maybe" | "yes";
};

/** What an agent does next. */
export type AgentAct =
	/** Patch template and mark in one request that holds only at the resourceVersion that was read. */
	| { act: "apply"; toRevision: number; mark: CommandMark }
	/** The same as a server-side dry run; report `succeeded` with what it would change. */
	| { act: "rehearse"; toRevision: number; mark: CommandMark }
	/** Send a snapshot, report `succeeded`. */
	| { act: "snapshot" }
	/** Patch the mark alone, at the resourceVersion that was read; then report the no. */
	| { act: "barrier"; mark: CommandMark; then: FailureReason }
	/** It is done already: watch the rollout, then report the fact. */
	| { act: "watch" }
	/** Report `failed` without touching the cluster: the barrier stands, or nobody else can be acting, or it is done and undone. */
	| { act: "report"; reason: FailureReason; barrier: boolean; applied: boolean }
	/** Look again in a moment. */
	| { act: "wait" }
	/** Say nothing: somebody else has taken over, or this grant is too old to act on. Claim it anew when it is offered. */
	| { act: "stop" };

/** Conflicts after which an agent gives up. @source real components: re-read and retry at most twice */
const CONFLICTS_MAX = 2;

/** Reasons that hold for every agent and that nobody can act against, so that no barrier can or need be written. */
const HOLD_FOR_ALL: readonly FailureReason[] = ["workload_missing", "invalid"];

/** Whether a command is over. Facts about it are still taken. */
export function isTerminal(state: CommandState): boolean {
	return state === "succeeded" || state === "failed" || state === "cancelled" || state === "expired";
}

/** Whether a command stands in the way of another one in its environment. */
export function isActive(state: CommandState): boolean {
	return !isTerminal(state);
}

/**
 * Whether a request makes a command: `known` is the one of the same key, `active` the one under way in the environment.
 * The same key is the same command, whatever has become of it.
 */
export function admit({ known, active }: { known: Command | null; active: Command | null }): "new" | "repeat" | "busy" {
	if (known) return "repeat";
	return active && isActive(active.state) ? "busy" : "new";
}

/** A command as it is asked for. */
export function newCommand({
	id,
	now,
	deadlineMs,
	changesCluster = true,
}: {
	id: string;
	now: number;
	deadlineMs: number;
	changesCluster?: boolean;
}): Command {
	return {
		id,
		changesCluster,
		state: "pending",
		fence: 0,
		claims: 0,
		holder: null,
		leaseUntil: null,
		deadlineAt: now + deadlineMs,
		applied: false,
		pods: null,
		reason: null,
		message: null,
		revision: null,
		finishedAt: null,
	};
}

/**
 * An agent process asks for a command. While its lease runs the same process gets what is left of the same grant again, so that a lost
 * answer costs nothing; anybody else waits until the lease is over. Each new grant has a higher fence. After the deadline it is granted
 * for settling alone.
 * @param lastFence the highest fence ever given in this environment
 */
export function claim(command: Command, { agent, now, lastFence }: { agent: string; now: number; lastFence: number }): Step {
	const current = aged(command, now);
	if (isTerminal(current.state)) return refused(command, "over");
	if (current.leaseUntil !== null) return current.holder === agent ? stepped(command, current) : refused(command, "taken");
	return stepped(
		command,
		aged(
			{
				...current,
				state: current.state === "pending" ? "claimed" : current.state,
				// The clock is the floor, so that a fence still grows where an object has lost its memory.
				fence: Math.max(lastFence + 1, command.fence + 1, now),
				claims: command.claims + 1,
				holder: agent,
				leaseUntil: now + LEASE_MS,
			},
			now,
		),
	);
}

/** What a command is about, besides the protocol. */
export type About = {
	verb: Verb;
	workload: WorkloadRef | null;
	expectedRevision: number | null;
	expectedHash: string | null;
	targetRevision: number | null;
	targetHash: string | null;
};

/**
 * What goes down to the process that has claimed a command.
 * @param askedAt `at` of its claim, by its own clock, sent back so that a late grant is known to be late
 */
export function grantOf(command: Command, about: About, { now, askedAt }: { now: number; askedAt: number }): GrantedCommand {
	return {
		...about,
		id: command.id,
		agent: command.holder ?? "",
		askedAt,
		fence: command.fence,
		leaseMs: Math.max(1, (command.leaseUntil ?? now) - now),
		remainingMs: command.deadlineAt - now,
		settle: command.state !== "claimed" || command.applied || now >= command.deadlineAt,
		claims: command.claims,
	};
}

/** What an agent says of a command. */
export type CommandReport = Extract<AgentMessage, { type: "progress" | "result" }>;

/**
 * What becomes of a command by what an agent says. That it was applied or succeeded is a fact, taken from whoever says it and even over
 * a no that was wrong. A no is taken only from the newest fence, and only where it is sure that nobody can still act.
 * A result is to be acknowledged whether it was taken or refused: saying it again changes nothing.
 */
export function report(command: Command, message: CommandReport, { agent, now }: { agent: string; now: number }): Step {
	if (message.commandId !== command.id) return refused(command, "unknownCommand");
	return message.type === "progress" ? progressed(command, message, { agent, now }) : resulted(command, message, { agent, now });
}

function progressed(
	command: Command,
	message: Extract<CommandReport, { type: "progress" }>,
	{ agent, now }: { agent: string; now: number },
): Step {
	const isHolders = message.fence === command.fence && agent === command.holder;
	const applied = command.applied || message.stage !== "accepted";
	if (isTerminal(command.state)) return stepped(command, { ...command, applied });
	if (!isHolders && message.stage === "accepted") return refused(command, "stale");
	return stepped(
		command,
		aged(
			{
				...command,
				applied,
				// What is done can't be cancelled or be in doubt, as long as somebody watches it.
				state: applied ? "claimed" : command.state,
				...(isHolders && {
					leaseUntil: now + LEASE_MS,
					pods: message.pods ?? command.pods,
					message: message.sentence ?? command.message,
				}),
			},
			now,
		),
	);
}

function resulted(command: Command, message: CommandResult, { agent, now }: { agent: string; now: number }): Step {
	const applied = command.applied || message.applied;
	if (message.outcome === "succeeded") {
		if (command.changesCluster && !message.applied) return refused(command, "unproven");
		if (command.state === "succeeded") return stepped(command, command);
		return stepped(command, ended({ ...command, applied }, "succeeded", now, message));
	}
	if (message.applied) {
		if (command.state === "succeeded" || (command.state === "failed" && command.applied)) return stepped(command, command);
		return stepped(command, ended({ ...command, applied }, "failed", now, message));
	}
	if (isTerminal(command.state)) return stepped(command, command);
	if (message.fence !== command.fence) return refused(command, "stale");
	const isAlone = command.claims === 1 && agent === command.holder;
	const isProven = message.barrier || isAlone || !command.changesCluster || holdsForAll(message.reason);
	if (!isProven) return refused(command, "unproven");
	return stepped(command, ended(command, endOf(command, message.reason), now, message));
}

const holdsForAll = (reason: FailureReason | null) => reason !== null && HOLD_FOR_ALL.includes(reason);

function endOf(command: Command, reason: FailureReason | null): CommandState {
	if (command.applied) return "failed";
	if (command.state === "cancelling" || reason === "cancelled") return "cancelled";
	return reason === "expired" ? "expired" : "failed";
}

/** Somebody does not want it any more. What is claimed has to be settled first; what is applied stays applied. */
export function cancel(command: Command, now: number): Step {
	const current = aged(command, now);
	if (isTerminal(current.state)) return refused(command, "over");
	if (current.applied) return refused(command, "applied");
	if (current.state === "pending" || !current.changesCluster)
		return stepped(command, { ...current, state: "cancelled", reason: "cancelled", leaseUntil: null, finishedAt: now });
	// Past its deadline it is being settled already.
	return stepped(command, { ...current, state: current.state === "unknown" ? "unknown" : "cancelling" });
}

/**
 * Give up a command that nobody will ever settle, because its cluster was taken out of the product. Only then: an agent that lives
 * could still carry it out. Facts would still be taken.
 */
export function abandon(command: Command, now: number): Step {
	const current = aged(command, now);
	if (isTerminal(current.state)) return refused(command, "over");
	return stepped(command, { ...current, state: "failed", reason: "cluster_unreachable", leaseUntil: null, finishedAt: now });
}

/** What time alone changes: leases end, deadlines pass. Repeating it changes nothing. */
export function tick(command: Command, now: number): Step {
	return stepped(command, aged(command, now));
}

/** When `tick` has something to do next, for an alarm; null when time changes nothing any more. */
export function nextWakeAt(command: Command): number | null {
	if (isTerminal(command.state)) return null;
	if (command.state === "unknown") return command.leaseUntil;
	if (command.applied) return command.leaseUntil ?? command.deadlineAt;
	return Math.min(command.leaseUntil ?? Number.POSITIVE_INFINITY, command.deadlineAt);
}

/** A command as it stands at a time. Never claimed at its deadline it is over; claimed, only the cluster knows. */
function aged(command: Command, now: number): Command {
	if (isTerminal(command.state)) return command;
	const leaseUntil = command.leaseUntil !== null && now < command.leaseUntil ? command.leaseUntil : null;
	if (now < command.deadlineAt) return { ...command, leaseUntil };
	if (command.state === "pending" || !command.changesCluster)
		return { ...command, state: "expired", reason: "expired", leaseUntil: null, finishedAt: now };
	const isFollowed = command.applied && leaseUntil !== null;
	return { ...command, leaseUntil, state: isFollowed ? "claimed" : "unknown" };
}

function ended(command: Command, state: CommandState, now: number, result: CommandResult): Command {
	return {
		...command,
		state,
		leaseUntil: null,
		reason: state === "succeeded" ? null : reasonOf(command, result.reason),
		message: result.message || null,
		revision: result.revision ?? command.revision,
		finishedAt: now,
	};
}

/** What was applied can't have been cancelled or come too late: its agent found no trace of it because something newer is there. */
function reasonOf(command: Command, reason: FailureReason | null): FailureReason | null {
	if (!command.applied) return reason;
	return reason === "cancelled" || reason === "expired" ? "environment_moved" : (reason ?? "rollout_failed");
}

const refused = (command: Command, reason: Refusal): Step => ({ ok: false, reason, command });

function stepped(before: Command, after: Command): Step {
	const changed = (Object.keys(after) as (keyof Command)[]).some((key) => after[key] !== before[key]);
	return { ok: true, command: changed ? after : before, changed };
}

/**
 * What an agent does with a command it was granted, given what it just read. Asked again after each patch that was refused (409, 422:
 * one more conflict), whose answer never came (`maybe`), and after a cancel (`settle` set). A patch that is forbidden (403), and a
 * cluster that does not answer, are sights too. A process acts on one command at a time and on each fence of it once.
 */
export function act(granted: GrantedCommand, sight: Sight, at: AgentMoment): AgentAct {
	// Meant for a process that was here before: it may still be acting on it.
	if (granted.agent !== at.agent) return { act: "stop" };
	if (!isVerb(granted.verb)) return refuse(granted, sight, at, "unknown_verb");
	if (granted.verb === "snapshot") return { act: "snapshot" };
	if (granted.workload === null) return no("invalid");
	if (granted.verb === "dry-run") return rehearse(granted, sight, at);
	if (sight === "unreachable") {
		if (at.elapsedMs < granted.leaseMs / 2) return { act: "wait" };
		return refuse(granted, sight, at, "cluster_unreachable");
	}
	if (sight === "forbidden") return refuse(granted, sight, at, "forbidden");
	if (sight === null) return { act: "report", reason: "workload_missing", barrier: false, applied: at.patched === "yes" };

	if (at.patched === "yes" || sight.mark?.done.includes(granted.id) || sight.traces.includes(granted.id)) {
		const isReplaced = sight.isObserved && granted.targetHash !== null && sight.hash !== granted.targetHash;
		return isReplaced ? { act: "report", reason: "environment_moved", barrier: false, applied: true } : { act: "watch" };
	}
	// By its own clock its lease is over: somebody else may have been told that nothing happened.
	if (at.elapsedMs >= granted.leaseMs) return { act: "stop" };
	const fence = sight.mark?.fence ?? 0;
	if (fence > granted.fence) return { act: "stop" };
	const reason = whyNot(granted, sight, at);
	if (fence === granted.fence) return { act: "report", reason: reason ?? "conflict", barrier: true, applied: false };
	if (reason === null && !sight.isObserved && at.elapsedMs < granted.leaseMs / 2) return { act: "wait" };
	if (reason !== null || !sight.isObserved) return barrier(granted, sight, reason ?? "conflict");
	const target = targetIn(granted, sight);
	return target ? { act: "apply", toRevision: target.revision, mark: markOf(granted, sight) } : barrier(granted, sight, "revision_missing");
}

/** A rehearsal changes nothing, so it needs neither fence nor barrier. */
function rehearse(granted: GrantedCommand, sight: Sight, at: AgentMoment): AgentAct {
	if (sight === "unreachable") return at.elapsedMs < granted.leaseMs / 2 ? { act: "wait" } : no("cluster_unreachable");
	if (sight === "forbidden") return no("forbidden");
	if (sight === null) return no("workload_missing");
	const reason = whyNot(granted, sight, at);
	if (reason !== null) return no(reason);
	const target = targetIn(granted, sight);
	return target ? { act: "rehearse", toRevision: target.revision, mark: markOf(granted, sight) } : no("revision_missing");
}

/** Why it must not be carried out on what is seen, the first reason there is. */
function whyNot(granted: GrantedCommand, view: WorkloadView, at: AgentMoment): FailureReason | null {
	if (granted.remainingMs - at.elapsedMs <= 0) return "expired";
	if (granted.settle) return "cancelled";
	if (at.conflicts > CONFLICTS_MAX) return "conflict";
	if (granted.expectedRevision === null && granted.verb === "rollback") return "invalid";
	if (granted.expectedRevision !== null && view.revision !== granted.expectedRevision) return "environment_moved";
	// A workload that was deleted and made again counts its revisions from 1 again.
	if (granted.expectedHash !== null && view.hash !== granted.expectedHash) return "environment_moved";
	if (view.isPaused) return "paused";
	const target = targetIn(granted, view);
	if (!target) return "revision_missing";
	return target.hash === view.hash ? "same_revision" : null;
}

/** The revision to return to: by its template where that is known, because Kubernetes renumbers what is returned to. */
function targetIn(granted: GrantedCommand, view: WorkloadView): { revision: number; hash: string } | undefined {
	return view.revisions.find((one) =>
		granted.targetHash === null ? one.revision === granted.targetRevision : one.hash === granted.targetHash,
	);
}

/** The mark that a change leaves. The revision it leads to is one above all there are. */
function markOf(granted: GrantedCommand, view: WorkloadView): CommandMark {
	const newest = Math.max(view.revision, ...view.revisions.map((one) => one.revision));
	return {
		fence: granted.fence,
		done: [...(view.mark?.done ?? []), granted.id].slice(-DONE_KEPT),
		by: { id: granted.id, revision: newest + 1 },
	};
}

function barrier(granted: GrantedCommand, view: WorkloadView, then: FailureReason): AgentAct {
	return { act: "barrier", mark: { fence: granted.fence, done: view.mark?.done ?? [], by: view.mark?.by ?? null }, then };
}

const no = (reason: FailureReason): AgentAct => ({ act: "report", reason, barrier: false, applied: false });

/** A no where the mark can't be written: said only by who has it alone and has nothing on its way to the cluster. */
function refuse(granted: GrantedCommand, sight: Sight, at: AgentMoment, reason: FailureReason): AgentAct {
	if (granted.claims === 1 && at.patched === "no") return no(reason);
	if (sight === null || sight === "unreachable" || sight === "forbidden") return { act: "stop" };
	if (at.elapsedMs >= granted.leaseMs || (sight.mark?.fence ?? 0) > granted.fence) return { act: "stop" };
	if (sight.mark?.fence === granted.fence) return { act: "report", reason, barrier: true, applied: false };
	return barrier(granted, sight, reason);
}

const isVerb = (verb: string): verb is Verb => (VERBS as readonly string[]).includes(verb);

export type { CommandResult, GrantedCommand };
