import type { MetaFunction } from "@remix-run/cloudflare";
import { type ClientLoaderFunctionArgs, useLoaderData, useLocation, useRevalidator } from "@remix-run/react";
import { useRef } from "react";
import { readPipelines } from "#worker/domains/runs/pipelines.server";
import { readRunPanel } from "#worker/domains/runs/report.server";
import { teamPage } from "../access.server.ts";
import { formatAge } from "../format/time.ts";
import { answeredRange, rangeOf, readFilters, searchWith } from "../format/view.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus, useThrottled } from "../live/use-live.ts";
import { PipelineRuns, type RunsHandle } from "../panels/pipelines/PipelineRuns.tsx";
import { foldPipelinesPage, listKeyOf, type PipelinesPage, pipelinesView, withoutHistograms } from "../panels/pipelines/pipelines-page.ts";
import { verdictOf } from "../panels/pipelines/pipelines-verdict.ts";
import { WorkflowsPanel } from "../panels/pipelines/WorkflowsPanel.tsx";
import { LiveRunPanel, type PanelHandle } from "../panels/run/LiveRunPanel.tsx";
import type { OpenRun } from "../panels/run/use-run-panel.ts";
import { LiveRegion, useFailureNews } from "../panels/runs/Announcer.tsx";
import { NoRuns } from "../panels/runs/NoRuns.tsx";
import { Verdict } from "../panels/runs/Verdict.tsx";
import type { PageHandle } from "../panels/shell/handle.ts";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { PageHead } from "../panels/shell/PageHead.tsx";
import { unlessPreference } from "../preferences.ts";
import { useRootData } from "../root.tsx";
import { Button } from "../ui/Button.tsx";
import { useNow } from "../ui/clock.tsx";
import { ErrorCard, useToldError } from "../ui/ErrorCard.tsx";
import { PanelBoundary } from "../ui/PanelBoundary.tsx";

/** Figures change where they stand, at most this often. Design brief, law 2. */
const FIGURES_APART_MS = 1000;

export const handle: PageHandle = { filters: ["repo", "wf", "range"], statuses: true };

export const meta: MetaFunction = () => [{ title: "Pipelines · OpsSight" }];

/** One answer with everything the page draws. */
export const loader = teamPage("runs:read", async ({ request, context, team }) => {
	const search = new URL(request.url).searchParams;
	// Remix's own parameter says which data, not which list.
	search.delete("_data");
	const { panel } = readFilters(search);
	const [pipelines, found] = await Promise.all([
		readPipelines(context.db, team.id, pipelinesView(search, context.now), context.now),
		panel && readRunPanel(context.db, team.id, panel.id),
	]);
	const state: PipelinesPage = { ...withoutHistograms(pipelines), listKey: listKeyOf(search) };
	return { pipelines: state, open: (panel && { id: panel.id, found }) satisfies OpenRun, isOld: false };
});

/** A refresh in the background that fails must not take the page away: the last data stay, and the page knows they are old. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ ...last, pipelines: { ...last.pipelines }, isOld: true }),
	);
}

export const shouldRevalidate = unlessPreference;

/** Which workflow is unreliable or slow, and why: the worst workflows, and the runs that show it. */
export default function Pipelines() {
	const loaded = useLoaderData<typeof loader>();
	const { pathname, search } = useLocation();
	useKept(pathname + search, loaded);
	const asked = new URLSearchParams(search);
	const list = useRef<RunsHandle>(null);
	const news = useFailureNews();
	const panel = useRef<PanelHandle>(null);
	const pipelines = useLive<PipelinesPage>(loaded.pipelines, {
		fold: foldPipelinesPage,
		viewKey: searchWith(asked, { panel: null }),
		isOld: loaded.isOld,
		told: (before, after, message) => {
			panel.current?.hear(message);
			list.current?.hear(message);
			const known = new Set(before.runs.filter(({ status }) => status === "failure").map(({ id }) => id));
			if (before !== after) news.count(after.runs.filter(({ id, status }) => status === "failure" && !known.has(id)).length);
		},
	});
	const { revalidate } = useRevalidator();
	const calm = useThrottled(pipelines, FIGURES_APART_MS);
	const now = useNow();
	const status = useLiveStatus();
	const staleFor = freshnessOf(status, now) === "fresh" ? null : formatAge(status.heardAt, now);
	const isEmpty = pipelines.at === null && pipelines.runs.length === 0;
	const { workflows, workflowsTotal } = calm;
	return (
		<>
			<PageHead title="Pipelines" range={answeredRange(rangeOf(asked), pipelines.view)} />
			{!isEmpty && <Verdict {...verdictOf(workflows, { total: workflowsTotal, runs: calm.runs })} staleFor={staleFor} />}
			<div className="mt-2 flex flex-col gap-3.5">
				{isEmpty ? (
					<NoRuns />
				) : (
					<>
						{workflows.length > 0 && (
							<PanelBoundary name="Workflows">
								<WorkflowsPanel workflows={workflows} total={workflowsTotal} staleFor={staleFor} />
							</PanelBoundary>
						)}
						<PanelBoundary name="Runs">
							<PipelineRuns ref={list} pipelines={pipelines} staleFor={staleFor} refresh={revalidate} />
						</PanelBoundary>
					</>
				)}
			</div>
			<LiveRunPanel ref={panel} loaded={loaded.open} />
			<LiveRegion sentence={news.sentence} />
		</>
	);
}

/** The pipelines could not be loaded; the frame around them stays. */
export function ErrorBoundary() {
	const told = useToldError(useRootData()?.requestId ?? null);
	const { revalidate, state } = useRevalidator();
	return (
		<div className="pt-6">
			<ErrorCard told={{ ...told, title: told.title === "Not found" ? told.title : "Pipelines could not be loaded" }}>
				<Button onClick={revalidate} busy={state === "loading"} className="needs-script">
					Try again
				</Button>
			</ErrorCard>
		</div>
	);
}
