import { type FoldNeeds, whyNotFolded } from "#worker/domains/runs/overview";
import type { RunReport } from "#worker/domains/runs/report.server";
import type { LiveMessage } from "#worker/wire/live";
import { withRow } from "./use-run-panel.ts";

/** Apply one frame: the run's own row at once. Jobs are in no frame; the page asks for them (`refetchAfterMs`). */
export function foldRunReport(state: RunReport, message: LiveMessage): { state: RunReport; needs: FoldNeeds } {
	if (message.type === "bye") return { state, needs: "nothing" };
	if (message.type === "snapshot") {
		if (message.epoch === state.epoch && message.seq <= state.seq) return { state, needs: "nothing" };
		return { state: { ...state, epoch: message.epoch, seq: message.seq, at: message.at }, needs: "refetch" };
	}
	const obstacle = whyNotFolded(state, message);
	if (obstacle !== null) return { state, needs: obstacle };
	const row = message.runs.find(({ id }) => id === state.run.id) ?? null;
	return { state: { ...state, ...withRow(state, row), seq: message.seq, at: message.at }, needs: "nothing" };
}

const NAMED_MS = 1000;
const UNNAMED_MS = 5000;

/**
 * How long after the last time the page may ask for its jobs again because of a frame, ms; null when the frame is none of its
 * business. A frame that moves a job of a run, and not the run, does not name it: while the run goes on each may be one.
 */
export function refetchAfterMs({ run }: Pick<RunReport, "run">, message: LiveMessage): number | null {
	if (message.type !== "change") return null;
	if (message.runs.some(({ id }) => id === run.id)) return NAMED_MS;
	return run.status === "running" || run.status === "queued" ? UNNAMED_MS : null;
}
