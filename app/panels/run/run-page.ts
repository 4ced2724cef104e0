import { type FoldNeeds, foldChange } from "#worker/domains/runs/overview";
import type { RunReport } from "#worker/domains/runs/report.server";
import type { LiveMessage } from "#worker/wire/live";
import { withRow } from "./use-run-panel.ts";

/** Apply one frame: the run's own row at once. Jobs are in no frame; the page asks for them (`hasNewsOf`). */
export function foldRunReport(state: RunReport, message: LiveMessage): { state: RunReport; needs: FoldNeeds } {
	return foldChange(state, message, (change) => {
		const row = change.runs.find(({ id }) => id === state.run.id) ?? null;
		return { state: { ...state, ...withRow(state, row), seq: change.seq, at: change.at }, needs: "nothing" };
	});
}

/** Whether a frame tells of a run or of one of its jobs: it names the run either way. */
export function hasNewsOf(id: string, message: LiveMessage): boolean {
	return message.type === "change" && message.runs.some((run) => run.id === id);
}
