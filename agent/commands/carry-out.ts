import { setTimeout as sleep } from "node:timers/promises";
import type { CommandResult, FailureReason, GrantedCommand } from "#worker/wire/agent";
import { act, type Sight } from "#worker/wire/rollback";
import { Unreachable } from "../http.ts";
import { type Kube, KubeError } from "../kube.ts";
import { cut, words } from "../text.ts";
import { type Read, readWorkload } from "../undo.ts";
import { beginWatching, FOLLOW_MAX_MS, follow, LOOK_MS, SAY_MS } from "./following.ts";
import { type Around, type Listening, tell, type Work } from "./work.ts";
import { write } from "./writing.ts";

/** Between two looks at a cluster that does not answer, or that has not seen its newest change. */
const WAIT_MS = 300;
const SETTLE_MS = 50;

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
	const watched = beginWatching();
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
				tell(work, around, { stage: "rolling", rollout: null, sentence: "The Kubernetes API does not answer; the rollout goes on." });
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
				const result = await follow(work, read, watched, around);
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
					tell(work, around, { stage: "applied", rollout: null, sentence: `Returned to revision ${next.toRevision}.` });
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
		const first = await readWorkload(kube, granted.workload);
		const { mark, traces } = first.view;
		// A trace without its mark: the mark was wiped, or the change came between reading the workload and its history. Read after the trace, the
		// workload tells which; taken as it is, an old template beside a new trace would look like a newer deployment.
		const isTorn = traces.includes(granted.id) && !mark?.done.includes(granted.id);
		const read = isTorn ? await readWorkload(kube, granted.workload) : first;
		return { read, sight: read.view, error: "" };
	} catch (error) {
		if (error instanceof KubeError && error.status === 404) return { read: null, sight: null, error: words(error) };
		if (error instanceof KubeError && error.status === 403) return { read: null, sight: "forbidden", error: words(error) };
		if (error instanceof KubeError || error instanceof Unreachable) return { read: null, sight: "unreachable", error: words(error) };
		throw error;
	}
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return sleep(ms, undefined, { signal }).catch(() => {});
}
