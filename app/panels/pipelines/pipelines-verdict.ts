import { totalOf } from "#worker/domains/runs/tally";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import type { RunRow, Tally } from "#worker/wire/live";
import { formatPercent, plural } from "../../format/number.ts";
import { workflowKey, workflowName } from "./workflow-words.ts";

/** From this many runs on a share of failures says something. */
const TELLING_RUNS = 4;

/** How often a workflow fails, as a verb and its object: `fails 1 of 4 runs`. */
export function failsWords({ success, failure }: Tally): string {
	const decided = success + failure;
	if (failure === decided) return decided === 1 ? "failed its only run" : `failed all of its ${plural(decided, "run")}`;
	// Of a handful, exactly; of many, in the smallest round words that are true enough.
	if (decided <= 10 || failure * 2 > decided) {
		return decided <= 10 ? `fails ${failure} of ${decided} runs` : `fails ${formatPercent(failure / decided)} of its runs`;
	}
	return `fails 1 of ${Math.round(decided / failure)} runs`;
}

/** One verdict on all workflows of a view: the least reliable one, and why its newest run on the list failed. */
export function verdictOf(
	workflows: readonly WorkflowSummary[],
	{ total, runs }: { total: number; runs: readonly RunRow[] },
): { sentence: string; tone: "quiet" | "failing" | "unknown" } {
	const first = workflows[0];
	if (!first) return { sentence: "No workflow ran in this range", tone: "unknown" };
	if (first.tally.failure === 0) {
		const count = workflows.reduce((sum, { tally }) => sum + totalOf(tally), 0);
		// Those left out have fewer failures than the worst, so none either.
		const words = total === 1 ? "the only workflow never failed" : `none of ${total} workflows failed`;
		return { sentence: total > workflows.length ? `All quiet: ${words}` : `All quiet: ${words} in ${plural(count, "run")}`, tone: "quiet" };
	}
	// One failure of one run says little: the verdict is on what has run a few times, where that has failures too.
	const worst = workflows.find(({ tally }) => tally.failure > 0 && tally.success + tally.failure >= TELLING_RUNS) ?? first;
	const why = runs.find((run) => workflowKey(run) === workflowKey(worst) && run.status === "failure")?.error ?? null;
	const reason = why === null ? "" : `. Newest failure: ${why}`;
	return { sentence: `${workflowName(worst)} ${failsWords(worst.tally)}${reason}`, tone: "failing" };
}
