import type { CommandResult } from "#worker/wire/agent";
import { COMMAND_DEADLINE_MS } from "#worker/wire/rollback";
import { progressDeadlineMs, progressOf, type Rollout, rolloutOf } from "../rollout.ts";
import { findStuckPod, stuckSentence } from "../stuck.ts";
import { count, words } from "../text.ts";
import type { Read } from "../undo.ts";
import { type Around, tell, type Work } from "./work.ts";

/** A watched rollout is looked at this often even when nothing is heard of it. */
export const LOOK_MS = 3000;
/** Its lease is renewed this often, also when there is no news. */
export const SAY_MS = 5000;
/** No rollout is followed for longer, whatever its own deadline is. */
export const FOLLOW_MAX_MS = 15 * 60_000;
/** "Deadline exceeded" is still the failed rollout's own until the first new pod counts as progress. */
const OLD_FAILURE_MS = 10_000;

/** Pods of a StatefulSet are looked at no more often, however often it changes. */
const PODS_MS = 1000;

/** What was seen and said of a rollout so far. `stuck`: the pod it waits for, as a sentence, and when that was looked at. */
export type Watched = { since: number | null; saidAt: number; said: string; stuck: { at: number; sentence: string | null } | null };

/** Nothing was seen yet. */
export function beginWatching(): Watched {
	return { since: null, saidAt: 0, said: "", stuck: null };
}

/** Look at a rollout that our patch began. @returns how it ended, or null while it goes on */
export async function follow(work: Work, read: Read, watched: Watched, around: Around): Promise<Partial<CommandResult> | null> {
	const { ref, object } = read;
	const rollout = await withStuckPod(rolloutOf(ref.kind, object), read, watched, around);
	const now = around.now();
	watched.since ??= now;
	if (rollout.isComplete) {
		// The last numbers that somebody sees are those of the end.
		tell(work, around, { stage: "rolling", rollout, sentence: rollout.sentence });
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
		tell(work, around, { stage: "rolling", rollout, sentence });
	}
	return null;
}

/** A rollout that says which pod it waits for in vain, where there is one. */
async function withStuckPod(rollout: Rollout, read: Read, watched: Watched, { kube, now, log }: Around): Promise<Rollout> {
	if (rollout.isComplete) return rollout;
	if (watched.stuck === null || now() - watched.stuck.at >= PODS_MS) {
		// One that cannot be looked for is not there: the rollout's own numbers still tell.
		const found = await findStuckPod(kube, read).catch((error: unknown) => {
			log("warn", "pods could not be looked at", { workload: read.ref.name, error: words(error) });
			return null;
		});
		watched.stuck = { at: now(), sentence: found && stuckSentence(read.ref.namespace, found) };
	}
	const { sentence } = watched.stuck;
	return sentence === null ? rollout : { ...rollout, sentence: `${rollout.sentence} ${sentence}` };
}

function minutes(ms: number): string {
	return count(Math.round(ms / 60_000), "minute");
}
