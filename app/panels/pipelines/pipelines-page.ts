import type { FoldNeeds } from "#worker/domains/runs/overview";
import { foldPipelines, type Pipelines, type PipelinesView, WORKFLOWS_MAX } from "#worker/domains/runs/pipelines";
import type { LiveMessage } from "#worker/wire/live";
import { parseView, readFilters } from "../../format/view.ts";

/** What the page keeps: the data, and which list of runs they are of, as the address they were read for says it. */
export type PipelinesPage = Pipelines & { listKey: string };

/** Workflows shown at first: as few as leave a dozen runs above the fold of a laptop. */
export const WORKFLOWS_FOLDED = 3;
/** Workflows read, and shown when someone asks for more. */
export const WORKFLOWS_OPEN = 25;

/** How many workflows an address shows. */
export function workflowsShownBy(search: URLSearchParams): number {
	const asked = search.get("show");
	return asked === "all" ? WORKFLOWS_MAX : asked === "more" ? WORKFLOWS_OPEN : WORKFLOWS_FOLDED;
}

/** What an address looks at, as the page's data speak of it. */
export function pipelinesView(search: URLSearchParams, now: number): PipelinesView {
	const { statuses, q, sort } = readFilters(search);
	// Read more than are shown: the order changes with the news, and the next in line must be known.
	const workflowsShown = Math.max(WORKFLOWS_OPEN, workflowsShownBy(search));
	return { ...parseView(search, now), statuses, q, sort, after: search.get("cursor"), workflowsShown };
}

/** The part of an address that decides which runs are listed. */
export function listKeyOf(search: URLSearchParams): string {
	const key = new URLSearchParams(search);
	for (const name of ["panel", "show", "tz", "grp"]) key.delete(name);
	key.sort();
	return key.toString();
}

/** Only what is drawn: the parts of a course are drawn by their means, and histograms are most of their weight. */
export function withoutHistograms(pipelines: Pipelines): Pipelines {
	const workflows = pipelines.workflows.map((one) => ({ ...one, course: one.course.map((part) => ({ ...part, histogram: {} })) }));
	return { ...pipelines, workflows };
}

/** Apply one frame. */
export function foldPipelinesPage(state: PipelinesPage, message: LiveMessage): { state: PipelinesPage; needs: FoldNeeds } {
	const { state: next, needs } = foldPipelines(state, message);
	return { state: next === state ? state : { ...next, listKey: state.listKey }, needs };
}
