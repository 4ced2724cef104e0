import { type FoldNeeds, whyNotFolded } from "#worker/domains/runs/overview";
import type { RunReport } from "#worker/domains/runs/report.server";
import type { LiveMessage } from "#worker/wire/live";
import { withRow } from "./use-run-panel.ts";

/** Apply one frame: the run's own row at once. Jobs are in no frame; the page asks for them (`hasNewsOf`). */
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

/** Whether a frame tells of a run or of one of its jobs: it names the run either way. */
export function hasNewsOf(id: string, message: LiveMessage): boolean {
	return message.type === "change" && message.runs.some((run) => run.id === id);
}
