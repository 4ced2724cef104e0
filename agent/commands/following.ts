import type { CommandResult } from "#worker/wire/agent";
import { COMMAND_DEADLINE_MS } from "#worker/wire/rollback";
import { progressDeadlineMs, progressOf, rolloutOf } from "../rollout.ts";
import { count } from "../text.ts";
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

/** What was seen and said of a rollout so far. */
export type Watched = { since: number | null; saidAt: number; said: string };

/** Look at a rollout that our patch began. @returns how it ended, or null while it goes on */
export function follow(work: Work, { ref, object }: Read, watched: Watched, around: Around): Partial<CommandResult> | null {
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
		tell(work, around, { stage: "rolling", rollout, sentence });
	}
	return null;
}

function minutes(ms: number): string {
	return count(Math.round(ms / 60_000), "minute");
}
