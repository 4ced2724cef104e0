import { type FoldNeeds, foldOverview, inView, type Overview } from "#worker/domains/runs/overview";
import { foldPipelines, type Pipelines } from "#worker/domains/runs/pipelines";
import { foldStreaks, type Streaks } from "#worker/domains/runs/streaks";
import type { LiveMessage } from "#worker/wire/live";

/** What the overview page keeps: the team's figures, the workflows that need a look most, and what fails now. */
export type OverviewState = Overview & { workflows: Pipelines; streaks: Streaks };

/** How many workflows stand in "Workflows that need a look". */
export const WORKFLOWS_SHOWN = 5;

/** Only what the panel draws: page data stay small. */
export function withoutRuns(pipelines: Pipelines): Pipelines {
	return { ...pipelines, runs: [], nextCursor: null, workflows: pipelines.workflows.map((one) => ({ ...one, course: [] })) };
}

/**
 * Apply one frame to each part. They were read one after the other and have numbers of their own; the page's is that of the
 * figures, so a gap in another part asks for fresh page data, not for frames again.
 */
export function foldOverviewPage(state: OverviewState, message: LiveMessage): { state: OverviewState; needs: FoldNeeds } {
	const figures = foldOverview(state, message);
	const list = foldPipelines(state.workflows, message);
	const failing = foldStreaks(state.streaks, message);
	const isBehind = list.needs !== "nothing" || failing.needs !== "nothing" || isNewcomer(state, message);
	const needs = figures.needs === "nothing" && isBehind ? "refetch" : figures.needs;
	if (figures.state === state && list.state === state.workflows && failing.state === state.streaks) return { state, needs };
	return { state: { ...state, ...figures.state, workflows: list.state, streaks: failing.state }, needs };
}

/** Whether a run failed in a workflow that is not among those shown: it may belong there now. */
function isNewcomer({ workflows: { workflows, view, seq }, at }: OverviewState, message: LiveMessage): boolean {
	if (message.type !== "change" || message.seq <= seq || at === null) return false;
	const isShown = (run: { repo: string; workflow: string }) =>
		workflows.some(({ repo, workflow }) => repo === run.repo && workflow === run.workflow);
	return message.runs.some((run) => run.status === "failure" && inView(view, run) && !isShown(run));
}
