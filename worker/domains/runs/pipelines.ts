import type { RunStatus } from "../../wire/events.ts";
import type { Change, LiveMessage, RunRow, TallyChange } from "../../wire/live.ts";
import { byNewest, type FoldNeeds, foldChange, inView, type OverviewView } from "./overview.ts";
import { addTally, emptyTally, totalOf } from "./tally.ts";
import { byNeed, type CourseSpan, coursePoint, LAST_RUNS, type WorkflowSummary } from "./workflows.ts";

/** The pipelines page as data, and the fold that keeps it live. Server and browser apply the same rules. */

export type RunSort = { by: "started" | "duration"; isDescending: boolean };

export type PipelinesView = OverviewView & {
	/** Empty means all. */
	statuses: RunStatus[];
	q: string;
	sort: RunSort;
	/** The cursor of the page of runs; null for the first. */
	after: string | null;
	/** How many workflows to show; WORKFLOWS_MAX at most. */
	workflowsShown: number;
};

export type Pipelines = {
	epoch: string;
	seq: number;
	/** When the newest commit landed, epoch ms; null before the first. */
	at: number | null;
	view: PipelinesView;
	/** What the points of each workflow's course stand for. */
	span: CourseSpan;
	/** Worst first. */
	workflows: WorkflowSummary[];
	/** How many workflows ran in the range, shown or not. */
	workflowsTotal: number;
	runs: RunRow[];
	nextCursor: string | null;
};

/** How many runs a page has. */
export const RUNS_PER_PAGE = 50;
/** How many workflows are shown at once, at most. */
export const WORKFLOWS_MAX = 200;

/** Where a page of runs ended: the sort key (null for a run without duration) and the id. */
export type Place = { key: number | null; id: string };

/** A place as the text in an address. It names the sort, because a place in one order is none in another. */
export function toPlaceText(sort: RunSort, run: RunRow): string {
	const key = sort.by === "started" ? run.orderedAt : run.durationMs;
	return `${sort.by}${sort.isDescending ? "-" : "+"}${key ?? ""}~${run.id}`;
}

/** @see toPlaceText. Null for a text that is no place in this order. */
export function readPlace(sort: RunSort, text: string): Place | null {
	const [, order, key, id] = /^([a-z]+[-+])(\d{0,15})~(.{1,600})$/s.exec(text) ?? [];
	if (id === undefined || order !== `${sort.by}${sort.isDescending ? "-" : "+"}` || (key === "" && sort.by === "started")) return null;
	return { key: key === "" || key === undefined ? null : Number(key), id };
}

// SQLite's lower() knows the letters of ASCII only; the browser must not find more than the database does.
const lower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Whether a run belongs into the list of a view, whatever its page. The same rule as `whereOf` in SQL. */
export function isListed(view: PipelinesView, run: RunRow): boolean {
	if (!inView(view, run) || run.orderedAt < view.from || (view.to !== null && run.orderedAt >= view.to)) return false;
	if (view.statuses.length > 0 && !view.statuses.includes(run.status)) return false;
	const text = [run.id, run.repo, run.workflow, run.branch ?? "", run.commit ?? "", run.actor ?? ""].join("\n");
	return view.q === "" || lower(text).includes(lower(view.q));
}

/**
 * Apply one frame. Tallies move the workflows' figures, runs their ticks. Runs that belong into the list enter it when it shows
 * its first page newest first; any other list only keeps the rows it has up to date. What can't be known from the frame alone
 * (a workflow's first run of the range, a tick that moved away) asks for fresh page data.
 */
export function foldPipelines(state: Pipelines, message: LiveMessage): { state: Pipelines; needs: FoldNeeds } {
	return foldChange(state, message, (change) => {
		const { workflows, isIncomplete } = foldWorkflows(state, change);
		const next = { ...state, seq: change.seq, at: change.at, workflows, ...foldRuns(state, change.runs) };
		const gone = state.workflows.length - workflows.length;
		return { state: { ...next, workflowsTotal: state.workflowsTotal - gone }, needs: isIncomplete ? "refetch" : "nothing" };
	});
}

const nameOf = (item: { repo: string; workflow: string }) => `${item.repo}\n${item.workflow}`;

function foldWorkflows(state: Pipelines, message: Change): { workflows: WorkflowSummary[]; isIncomplete: boolean } {
	const { view } = state;
	const summaries = new Map(state.workflows.map((summary) => [nameOf(summary), summary]));
	const isWhole = state.workflowsTotal <= state.workflows.length;
	let isIncomplete = false;
	for (const change of message.tallies) {
		if (!inView(view, change) || change.hour < view.from || (view.to !== null && change.hour >= view.to)) continue;
		const summary = summaries.get(nameOf(change));
		if (summary) summaries.set(nameOf(change), withTally(summary, state.span, change));
		// Where some are left out, this may be one of them.
		else isIncomplete ||= isWhole;
	}
	const changed = new Map(message.runs.map((run) => [run.id, run]));
	for (const [name, summary] of summaries) {
		const own = message.runs.filter((run) => nameOf(run) === name);
		const rest = summary.last.filter(({ id }) => !changed.has(id));
		if (own.length === 0 && rest.length === summary.last.length) continue;
		const left = summary.last.some(({ id }) => {
			const run = changed.get(id);
			return run !== undefined && nameOf(run) !== name;
		});
		// Behind a full list there may be an older run that now belongs into it.
		isIncomplete ||= left && summary.last.length === LAST_RUNS;
		const ticks = own.map(({ id, status, orderedAt }) => ({ id, status, orderedAt }));
		const last = [...rest, ...ticks].sort((a, b) => b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : -1)).slice(0, LAST_RUNS);
		summaries.set(name, { ...summary, last });
	}
	const workflows = [...summaries.values()].filter(({ tally }) => totalOf(tally) > 0).sort(byNeed);
	return { workflows, isIncomplete };
}

function withTally(summary: WorkflowSummary, span: CourseSpan, { hour, tally }: TallyChange): WorkflowSummary {
	const added = (to: WorkflowSummary["tally"]) => {
		const sum = emptyTally();
		addTally(sum, to);
		addTally(sum, tally);
		return sum;
	};
	const point = coursePoint(span, hour);
	return { ...summary, tally: added(summary.tally), course: summary.course.map((part, n) => (n === point ? added(part) : part)) };
}

function foldRuns(state: Pipelines, changed: readonly RunRow[]): Pick<Pipelines, "runs" | "nextCursor"> {
	const { view, runs, nextCursor } = state;
	const byId = new Map(changed.map((run) => [run.id, run]));
	if (view.after !== null || view.sort.by !== "started" || !view.sort.isDescending) {
		return { runs: runs.map((run) => byId.get(run.id) ?? run), nextCursor };
	}
	const end = nextCursor === null ? undefined : runs.at(-1);
	// What comes after the last row of a page with a next one belongs to a later page.
	const entering = changed.filter((run) => isListed(view, run) && (end === undefined || byNewest(run, end) <= 0));
	const merged = [...runs.filter((run) => !byId.has(run.id)), ...entering].sort(byNewest);
	const page = merged.slice(0, RUNS_PER_PAGE);
	const last = page.at(-1);
	return { runs: page, nextCursor: merged.length > RUNS_PER_PAGE && last ? toPlaceText(view.sort, last) : nextCursor };
}
