import { setTimeout as sleep } from "node:timers/promises";
import type { AgentMessage, CommandResult, FailureReason, GrantedCommand, WorkloadRef } from "#worker/wire/agent";
import { type AgentAct, act, COMMAND_DEADLINE_MS, type Sight } from "#worker/wire/rollback";
import { Unreachable } from "../http.ts";
import { type Kube, KubeError } from "../kube.ts";
import type { Log } from "../log.ts";
import { progressDeadlineMs, progressOf, type Rollout, rolloutOf } from "../rollout.ts";
import { count, cut, words } from "../text.ts";
import { changesOf, type HistoryEntry, markPatch, type Read, readWorkload, undoPatch, type WorkloadPatch, workloadPath } from "../undo.ts";

/** Where a process may die; tests let it. */
export const STEPS = [
	"granted",
	"read",
	"beforeDryRun",
	"beforePatch",
	"afterPatch",
	"beforeBarrier",
	"afterBarrier",
	"applied",
	"beforeResult",
	"afterResult",
] as const;
export type Step = (typeof STEPS)[number];

/** What carrying out a command needs of the program around it. */
export type Around = {
	kube: Kube;
	/** This process. */
	agent: string;
	/** Milliseconds of a clock that never goes back. */
	now: () => number;
	say: (message: AgentMessage) => void;
	/** Listen for changes of a workload. */
	listen: (ref: WorkloadRef) => Listening;
	/** Resolves when a whole report was sent, or the program ends. */
	snapshot: () => Promise<void>;
	/** A patch was forbidden: what was believed to be allowed is not. */
	wasRefused: () => void;
	log: Log;
	step: (name: Step) => Promise<void>;
	signal: AbortSignal;
};

/** Hears of changes, those included that came while nobody asked. */
export type Listening = {
	/** Resolves when there was a change since the last one was taken, or after so long. */
	next(withinMs: number): Promise<void>;
	close(): void;
};

/** A command in work. `settle`: nothing is to be changed any more that is not changed yet. */
export type Work = { granted: GrantedCommand; isCancelled: boolean };

/** Between two looks at a cluster that does not answer, or that has not seen its newest change. */
const WAIT_MS = 300;
/** A watched rollout is looked at this often even when nothing is heard of it, and its lease is renewed as often. */
const LOOK_MS = 3000;
const SETTLE_MS = 50;
const SAY_MS = 5000;
/** "Deadline exceeded" is still the failed rollout's own until the first new pod counts as progress. */
const OLD_FAILURE_MS = 10_000;
/** No rollout is followed for longer, whatever its own deadline is. */
const FOLLOW_MAX_MS = 15 * 60_000;
const CHANGES_MAX = 200;

/**
 * Carry out a granted command: look, let the protocol decide, do what it says, look again. @returns what to report, or null when there is
 * nothing to say: somebody else has taken over, or nobody can know yet.
 */
export async function carryOut(work: Work, around: Around): Promise<CommandResult | null> {
	const listening = work.granted.workload && around.listen(work.granted.workload);
	try {
		return await lookAndAct(work, around, listening);
	} finally {
		listening?.close();
	}
}

async function lookAndAct(work: Work, around: Around, listening: Listening | null): Promise<CommandResult | null> {
	const { kube, now, step } = around;
	const began = now();
	const watched: Watched = { since: null, saidAt: 0, said: "" };
	let conflicts = 0;
	let patched: "no" | "maybe" | "yes" = "no";
	let forbidden = false;
	let problem = "";
	/** What admission allowed once: between reading and writing there should be as little time as possible. */
	let rehearsed: number | null = null;
	await step("granted");
	while (!around.signal.aborted) {
		const { read, sight, error } = forbidden ? { read: null, sight: "forbidden" as const, error: problem } : await look(work, kube);
		problem = error || problem;
		await step("read");
		if (sight === "unreachable" && watched.since !== null && now() - watched.since < FOLLOW_MAX_MS) {
			// What was begun goes on in the cluster, whether it is seen or not.
			if (now() - watched.saidAt >= SAY_MS) {
				watched.saidAt = now();
				say(work, around, { stage: "rolling", rollout: null, sentence: "The Kubernetes API does not answer; the rollout goes on." });
			}
			await pause(SAY_MS / 5, around.signal);
			continue;
		}
		const granted = work.isCancelled ? { ...work.granted, settle: true } : work.granted;
		const elapsedMs = Math.max(0, now() - granted.askedAt);
		const next = act(granted, sight, { agent: around.agent, elapsedMs, conflicts, patched });
		const ended = (more: Partial<CommandResult>) => endOf(granted, { began, now: now(), read, ...more });
		switch (next.act) {
			case "stop":
				around.log("info", "command left alone", { command: granted.id, fence: granted.fence, problem });
				return null;
			case "wait":
				await pause(WAIT_MS, around.signal);
				continue;
			case "snapshot":
				await around.snapshot();
				return around.signal.aborted ? null : ended({ outcome: "succeeded", message: "A whole report was sent." });
			case "report":
				return ended({ reason: next.reason, barrier: next.barrier, applied: next.applied, message: sentenceOf(next.reason, problem) });
			case "watch": {
				if (read === null) return null;
				const result = follow(work, read, watched, around);
				if (result) return ended(result);
				// A rollout changes a workload many times a second; looking at each change would be of no use to anybody.
				await pause(SETTLE_MS, around.signal);
				await listening?.next(LOOK_MS);
				continue;
			}
			case "rehearse":
			case "apply":
			case "barrier": {
				if (read === null) return null;
				const sent = await write(next, read, around, next.act === "apply" && rehearsed === next.toRevision);
				if (next.act === "apply") rehearsed = next.toRevision;
				if (sent.outcome === "done") {
					if (next.act === "barrier") {
						return ended({ reason: next.then, barrier: true, message: sentenceOf(next.then, problem) });
					}
					if (next.act === "rehearse") return ended({ outcome: "succeeded", message: "It would be carried out.", changes: sent.changes });
					patched = "yes";
					around.log("info", "command carried out", { command: granted.id, fence: granted.fence, revision: next.toRevision });
					say(work, around, { stage: "applied", rollout: null, sentence: `Returned to revision ${next.toRevision}.` });
					await step("applied");
					continue;
				}
				problem = sent.problem;
				// Raising the fence changes nothing for anybody, so it may be tried as long as the lease runs.
				if (sent.outcome === "conflict" && next.act !== "barrier") conflicts += 1;
				if (sent.outcome === "unsure" && next.act === "apply") patched = "maybe";
				if (sent.outcome === "forbidden") {
					forbidden = true;
					around.wasRefused();
				}
				if (sent.outcome === "unsure" || sent.outcome === "later") await pause(WAIT_MS, around.signal);
				continue;
			}
		}
	}
	return null;
}

/** What is to be seen in the cluster now. */
async function look({ granted }: Work, kube: Kube): Promise<{ read: Read | null; sight: Sight; error: string }> {
	if (granted.workload === null) return { read: null, sight: null, error: "" };
	try {
		const read = await readWorkload(kube, granted.workload);
		return { read, sight: read.view, error: "" };
	} catch (error) {
		if (error instanceof KubeError && error.status === 404) return { read: null, sight: null, error: words(error) };
		if (error instanceof KubeError && error.status === 403) return { read: null, sight: "forbidden", error: words(error) };
		if (error instanceof KubeError || error instanceof Unreachable) return { read: null, sight: "unreachable", error: words(error) };
		throw error;
	}
}

type Written = { outcome: "done"; changes: string[] } | { outcome: "conflict" | "forbidden" | "unsure" | "later"; problem: string };

/** Send what was decided. A change is rehearsed first, so that what admission refuses is refused before anything is written. */
async function write(
	next: Extract<AgentAct, { mark: unknown }>,
	read: Read,
	{ kube, step }: Around,
	isRehearsed: boolean,
): Promise<Written> {
	const send = ({ kind, body }: WorkloadPatch, isDryRun: boolean) =>
		kube.patch<Read["object"]>(workloadPath(read.ref), kind, body, { isDryRun });
	let isRehearsal = true;
	try {
		if (next.act === "barrier") {
			isRehearsal = false;
			await step("beforeBarrier");
			await send(markPatch(read.object, next.mark), false);
			await step("afterBarrier");
			return { outcome: "done", changes: [] };
		}
		const to = read.history.find(({ revision }) => revision === next.toRevision) as HistoryEntry;
		const patch = undoPatch(read, to, next.mark);
		if (!isRehearsed) {
			await step("beforeDryRun");
			const after = await send(patch, true);
			const changes = changesOf(read.object.spec.template, after.spec.template);
			if (next.act === "rehearse") return { outcome: "done", changes: changes.slice(0, CHANGES_MAX).map((line) => cut(line, 500)) };
		}
		isRehearsal = false;
		await step("beforePatch");
		await send(patch, false);
		await step("afterPatch");
		return { outcome: "done", changes: [] };
	} catch (error) {
		const problem = words(error);
		if (error instanceof Unreachable) return { outcome: isRehearsal ? "later" : "unsure", problem };
		if (!(error instanceof KubeError)) throw error;
		if (error.status === 403) return { outcome: "forbidden", problem };
		// Refused before anything was written: too many requests, or a token that is just being replaced.
		if (error.status === 429 || error.status === 401) return { outcome: "later", problem };
		if (error.status >= 500) return { outcome: isRehearsal ? "later" : "unsure", problem };
		// 409 and 422: somebody changed it in between, or it can't be as asked; reading again tells.
		return { outcome: "conflict", problem };
	}
}

type Watched = { since: number | null; saidAt: number; said: string };

/** Look at a rollout that our patch began. @returns how it ended, or null while it goes on */
function follow(work: Work, { ref, object }: Read, watched: Watched, around: Around): Partial<CommandResult> | null {
	const rollout = rolloutOf(ref.kind, object);
	const now = around.now();
	watched.since ??= now;
	if (rollout.isComplete) {
		return { outcome: "succeeded", applied: true, message: `${rollout.sentence} Nothing of the old version is left.` };
	}
	if (rollout.hasFailed && now - watched.since >= OLD_FAILURE_MS)
		return { applied: true, reason: "rollout_failed", message: rollout.sentence };
	if (ref.kind !== "Deployment" && object.spec.updateStrategy?.type === "OnDelete") {
		return { applied: true, reason: "rollout_failed", message: `The change is made. ${rollout.sentence}` };
	}
	const limitMs = Math.min(FOLLOW_MAX_MS, progressDeadlineMs(object.spec) + LOOK_MS);
	if (now - watched.since > limitMs && ref.kind !== "Deployment") {
		return { applied: true, reason: "rollout_failed", message: `Not ready after ${minutes(limitMs)}: ${rollout.sentence}` };
	}
	if (now - watched.since > FOLLOW_MAX_MS) {
		return { applied: true, reason: "rollout_failed", message: `Not ready after ${minutes(FOLLOW_MAX_MS)}: ${rollout.sentence}` };
	}
	const sinceAskedMs = now - work.granted.askedAt;
	const isLate = sinceAskedMs > COMMAND_DEADLINE_MS;
	const sentence = isLate ? `Still running after ${Math.floor(sinceAskedMs / 1000)} s: ${rollout.sentence}` : rollout.sentence;
	const said = JSON.stringify([progressOf(rollout), rollout.sentence, isLate]);
	if (said !== watched.said || now - watched.saidAt >= SAY_MS) {
		watched.said = said;
		watched.saidAt = now;
		say(work, around, { stage: "rolling", rollout, sentence });
	}
	return null;
}

function say(
	{ granted }: Work,
	{ say, now }: Around,
	{ stage, rollout, sentence }: { stage: "accepted" | "applied" | "rolling"; rollout: Rollout | null; sentence: string | null },
): void {
	say({
		type: "progress",
		commandId: granted.id,
		fence: granted.fence,
		stage,
		pods: rollout && progressOf(rollout),
		sentence: sentence === null ? null : cut(sentence, 1000),
		at: now(),
	});
}

/** That a command was taken up, before anything is done about it. */
export function sayAccepted(work: Work, around: Around): void {
	say(work, around, { stage: "accepted", rollout: null, sentence: null });
}

function endOf(
	granted: GrantedCommand,
	{ began, now, read, ...more }: { began: number; now: number; read: Read | null } & Partial<CommandResult>,
): CommandResult {
	const result: CommandResult = {
		type: "result",
		commandId: granted.id,
		fence: granted.fence,
		outcome: "failed",
		applied: false,
		barrier: false,
		reason: null,
		message: "",
		revision: read?.view.revision ?? null,
		changes: [],
		durationMs: Math.max(0, Math.round(now - began)),
		at: Math.round(now),
		...more,
	};
	return { ...result, message: cut(result.message, 1000) };
}

/** Why it was not done, for people. */
function sentenceOf(reason: FailureReason, problem: string): string {
	const sentences: Record<FailureReason, string> = {
		environment_moved: "The workload is not at the revision that was looked at: somebody has deployed in between.",
		revision_missing: "The revision to return to is not in the cluster any more.",
		same_revision: "The workload already runs this revision.",
		paused: "The workload is paused. Resume it first: kubectl rollout resume.",
		forbidden: "The agent may not change this workload. Grant `patch` in its namespace.",
		workload_missing: "There is no such workload in the cluster.",
		expired: "It was not begun in time, and is not begun any more.",
		cancelled: "It was cancelled before anything was changed.",
		unknown_verb: "This agent does not know this command. It may be too old.",
		invalid: "The command does not say what to change, or from where.",
		conflict: "Somebody else kept changing the workload.",
		rollout_failed: "The change is made, and its pods did not get ready.",
		cluster_unreachable: "The Kubernetes API does not answer.",
	};
	const detail = reason === "forbidden" || reason === "conflict" || reason === "cluster_unreachable" ? problem : "";
	return detail ? `${sentences[reason]} (${detail})` : sentences[reason];
}

function minutes(ms: number): string {
	return count(Math.round(ms / 60_000), "minute");
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return sleep(ms, undefined, { signal }).catch(() => {});
}
