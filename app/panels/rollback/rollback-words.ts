import type { RollbackRow, Stage } from "#worker/wire/deployments";
import { formatDuration } from "../../format/duration.ts";
import { isUnderWay } from "./under-way.ts";

/** A rollback as it is spoken of, on its page, in its strip and in the dialog. Pure: the clock comes in. */

/** The time within which a rollback is to be over. @source document 001: under two minutes */
export const TARGET_MS = 120_000;

/** The stages people follow; `applied` is the moment rolling begins. */
export const SHOWN_STAGES = ["queued", "sent", "accepted", "rolling", "ready", "verified"] as const satisfies readonly Stage[];
export type ShownStage = (typeof SHOWN_STAGES)[number];

/** Whether its command may still be taken back. */
export function canCancel({ state, applied }: Pick<RollbackRow, "state" | "applied">): boolean {
	return (state === "pending" || state === "claimed") && applied !== true;
}

/** How long it has been going on, or took, ms. */
export function elapsedOf(row: RollbackRow, now: number): number {
	return Math.max(0, (row.finishedAt ?? now) - row.requestedAt);
}

export type StageMark = {
	stage: ShownStage;
	word: string;
	/** Reached: how long after the request, ms. */
	afterMs: number | null;
	/** `now`: this is where it stands; `stopped`: it got no further. */
	mark: "done" | "now" | "ahead" | "stopped";
};

/** The stages with their times, and where it stands or stopped. */
export function stagesOf(row: RollbackRow): StageMark[] {
	const at = (stage: ShownStage) => {
		const names: Stage[] = stage === "rolling" ? ["applied", "rolling"] : [stage];
		const found = row.stages.find((each) => names.includes(each.stage));
		return found ? Math.max(0, found.at - row.requestedAt) : null;
	};
	const times = SHOWN_STAGES.map((stage) => at(stage));
	// All pods ready is a stage left behind: from then on it is the service that is watched.
	const isWatching = row.state === "succeeded" && row.recovery === "watching";
	const last = isWatching ? SHOWN_STAGES.indexOf("verified") : times.findLastIndex((time) => time !== null);
	const isOver = !isUnderWay(row);
	// What was reached without being told, as by long poll, was reached all the same.
	return SHOWN_STAGES.map((stage, index) => ({
		stage,
		word: stageWord(stage, row),
		afterMs: times[index] ?? null,
		mark: index < last ? "done" : index > last ? "ahead" : isOver ? (row.state === "succeeded" && index >= 4 ? "done" : "stopped") : "now",
	}));
}

function stageWord(stage: ShownStage, { pods, recovery }: RollbackRow): string {
	switch (stage) {
		case "queued":
			return "Queued";
		case "sent":
			return "Sent";
		case "accepted":
			return "Accepted";
		case "rolling":
			return pods && pods.total > 0 ? `Rolling ${pods.ready}/${pods.total} pods` : "Rolling";
		case "ready":
			return "Ready";
		case "verified":
			return recovery === "watching" ? "Verifying" : recovery === "notRecovered" ? "Not recovered" : "Verified";
	}
}

/** Where it stands, in a few words: `3 of 6 pods`. */
export function standOf(row: RollbackRow): string {
	switch (row.state) {
		case "pending":
			return row.stages.some(({ stage }) => stage === "sent") ? "sent to the agent" : "queued for the agent";
		case "claimed":
			if (!row.applied) return "accepted by the agent";
			return row.pods && row.pods.total > 0 ? `${row.pods.ready} of ${row.pods.total} pods` : "rolling";
		case "cancelling":
			return "cancelling";
		case "unknown":
			return "the agent went silent";
		case "succeeded":
			return row.recovery === "watching" ? "pods ready, verifying" : row.recovery === "notRecovered" ? "pods ready, not recovered" : "done";
		case "failed":
			return "failed";
		case "cancelled":
			return "cancelled";
		case "expired":
			return "expired";
	}
}

/** What somebody has to do for it to go on, as the agent says it; null where nothing. A sentence that names a command asks for it. */
export function askedForIn({ state, message }: Pick<RollbackRow, "state" | "message">): string | null {
	return state === "claimed" && message?.includes("kubectl ") === true ? message : null;
}

export type Tone = "run" | "ok" | "bad" | "warn" | "idle";

/** What colour and shape it has. */
export function toneOf(row: Pick<RollbackRow, "state" | "recovery">): Tone {
	switch (row.state) {
		case "succeeded":
			return row.recovery === "notRecovered" ? "bad" : row.recovery === "watching" ? "run" : "ok";
		case "failed":
			return "bad";
		case "unknown":
		case "expired":
			return "warn";
		case "cancelled":
			return "idle";
		default:
			return "run";
	}
}

/** What it is, as a headline: `Rolling back checkout in prod`. */
export function titleOf(row: RollbackRow): string {
	const what = `${row.component} in ${row.environment}`;
	if (row.kind === "dry-run") return `Rehearsal of rolling back ${what}`;
	switch (row.state) {
		case "succeeded":
			return row.recovery === "watching" ? `Rolling back ${what}` : `Rolled back ${what}`;
		case "failed":
			return `Rolling back ${what} failed`;
		case "cancelled":
			return `Rolling back ${what} was cancelled`;
		case "expired":
			return `Rolling back ${what} expired`;
		case "unknown":
			return `Rolling back ${what}: nobody knows whether it happened`;
		default:
			return `Rolling back ${what}`;
	}
}

/** How it ended, or goes on, as the sentence under the headline. */
export function sentenceOf(row: RollbackRow, now: number): string {
	const took = row.tookMs ?? elapsedOf(row, now);
	switch (row.state) {
		case "pending":
			return "Waiting for the agent in the cluster. Nothing has changed there yet.";
		case "claimed":
			return row.applied ? "The cluster has the old version; its pods are being replaced." : "The agent has it and is about to act.";
		case "cancelling":
			return "Asked the agent to stop. If it has changed the cluster already, it goes on and says so.";
		case "unknown":
			return `The agent went silent ${row.applied ? "after it had changed the cluster" : "after it had accepted"}. What is true is asked of it when it is back. If it never comes back, an admin removes its cluster under Settings, Agents: that ends this.`;
		case "expired":
			return "No agent took it within two minutes. Nothing was changed, and nothing will be.";
		case "cancelled":
			return row.applied ? "It was cancelled too late: the cluster was changed." : "It was cancelled before anything changed.";
		case "failed":
			return row.applied
				? `The cluster was changed, and its pods did not get ready. ${row.message ?? ""}`.trim()
				: `Nothing was changed. ${row.message ?? ""}`.trim();
		case "succeeded":
			if (row.kind === "dry-run") return `It would have worked: the agent checked everything but the change, in ${formatDuration(took)}.`;
			if (row.recovery === "watching")
				return `All pods are ready after ${formatDuration(took)}. Watching whether the service is well again.`;
			if (row.recovery === "notRecovered") return `All pods are ready after ${formatDuration(took)}, and the service did not come back.`;
			return `Rolled back in ${formatDuration(took)}. All pods are ready${row.recovery === "recovered" ? " and the service is well" : ""}.`;
	}
}

/** What is said aloud once it is over; null while nothing needs to be. */
export function alertOf(row: RollbackRow, now: number): string | null {
	if (row.kind !== "rollback" || isUnderWay(row)) return null;
	return `${titleOf(row)}. ${sentenceOf(row, now)}`;
}

/** How much of the two minutes are used, 0–1. */
export function shareOf(row: RollbackRow, now: number): number {
	return Math.min(1, (row.tookMs ?? elapsedOf(row, now)) / TARGET_MS);
}
