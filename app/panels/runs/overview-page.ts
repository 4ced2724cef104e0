import { type FoldNeeds, foldOverview, type Overview } from "#worker/domains/runs/overview";
import { foldPipelines, type Pipelines } from "#worker/domains/runs/pipelines";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import type { LiveMessage } from "#worker/wire/live";

/** What the overview page keeps: the team's figures, and the workflows that need a look most. */
export type OverviewState = Overview & { workflows: Pipelines };

/** How many workflows stand in "Workflows that need a look". */
export const WORKFLOWS_SHOWN = 5;

/** Only what the panel draws: page data stay small. */
export function withoutRuns(pipelines: Pipelines): Pipelines {
	return { ...pipelines, runs: [], nextCursor: null, workflows: pipelines.workflows.map((one) => ({ ...one, course: [] })) };
}

/**
 * Apply one frame to both parts. They were read one after the other and have numbers of their own; the page's is that of the
 * figures, so a gap in the other part asks for fresh page data, not for frames again.
 */
export function foldOverviewPage(state: OverviewState, message: LiveMessage): { state: OverviewState; needs: FoldNeeds } {
	const figures = foldOverview(state, message);
	const list = foldPipelines(state.workflows, message);
	const isBehind = list.needs !== "nothing" || isNewcomer(state, message);
	const needs = figures.needs === "nothing" && isBehind ? "refetch" : figures.needs;
	if (figures.state === state && list.state === state.workflows) return { state, needs };
	return { state: { ...state, ...figures.state, workflows: list.state }, needs };
}

/** Whether a run failed in a workflow that is not among those shown: it may belong there now. */
function isNewcomer({ workflows: { workflows, view, seq }, at }: OverviewState, message: LiveMessage): boolean {
	if (message.type !== "change" || message.seq <= seq || at === null) return false;
	const isShown = (run: { repo: string; workflow: string }) =>
		workflows.some(({ repo, workflow }) => repo === run.repo && workflow === run.workflow);
	const isAsked = (run: { repo: string; workflow: string }) =>
		(view.repos.length === 0 || view.repos.includes(run.repo)) && (view.workflows.length === 0 || view.workflows.includes(run.workflow));
	return message.runs.some((run) => run.status === "failure" && isAsked(run) && !isShown(run));
}

/** A workflow whose newest runs all failed: how many in a row, since when. */
export type Failing = { repo: string; workflow: string; streak: number; since: number; newestId: string };

const STREAK_LEAST = 2;
const DAY_MS = 24 * 3600_000;

/** The workflow that is broken now: the longest row of failures that goes on, its newest within a day. Null when none is. */
export function failingNow(workflows: readonly WorkflowSummary[], now: number): Failing | null {
	let worst: Failing | null = null;
	for (const { repo, workflow, last } of workflows) {
		const decided = last.filter(({ status }) => status === "success" || status === "failure");
		const end = decided.findIndex(({ status }) => status === "success");
		const failed = end < 0 ? decided : decided.slice(0, end);
		const [newest, oldest] = [failed[0], failed.at(-1)];
		if (!newest || !oldest || failed.length < STREAK_LEAST || newest.orderedAt < now - DAY_MS) continue;
		if (worst && worst.streak >= failed.length) continue;
		worst = { repo, workflow, streak: failed.length, since: oldest.orderedAt, newestId: newest.id };
	}
	return worst;
}
