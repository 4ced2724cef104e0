import type { MetaFunction } from "@remix-run/cloudflare";
import { type ClientLoaderFunctionArgs, useLoaderData, useLocation, useParams, useRevalidator } from "@remix-run/react";
import { useMemo, useRef } from "react";
import { readBoard } from "#worker/domains/environments/state.server";
import { readPipelines } from "#worker/domains/runs/pipelines.server";
import { readRunPanel } from "#worker/domains/runs/report.server";
import { readOverview } from "#worker/domains/runs/store.server";
import { failingNow } from "#worker/domains/runs/streaks";
import { readStreaks } from "#worker/domains/runs/streaks.server";
import type { EnvironmentState } from "#worker/wire/deployments";
import { mayDo, teamPage } from "../access.server.ts";
import { formatAge } from "../format/time.ts";
import { answeredRange, carriedSearch, parseView, rangeOf, readFilters, searchWith } from "../format/view.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus, useThrottled } from "../live/use-live.ts";
import { hasNews } from "../panels/deployments/deployments-page.ts";
import { FailingHere, failingHere } from "../panels/deployments/FailingHere.tsx";
import { RunningNow } from "../panels/deployments/RunningNow.tsx";
import { LiveRunPanel, type PanelHandle } from "../panels/run/LiveRunPanel.tsx";
import { useRefetch } from "../panels/run/use-refetch.ts";
import type { OpenRun } from "../panels/run/use-run-panel.ts";
import { LiveRegion, newlyFailed, useFailureNews } from "../panels/runs/Announcer.tsx";
import { figuresOf, verdictOf } from "../panels/runs/figures.ts";
import { KpiRow } from "../panels/runs/KpiRow.tsx";
import { NeedsLook } from "../panels/runs/NeedsLook.tsx";
import { NoRuns } from "../panels/runs/NoRuns.tsx";
import { foldOverviewPage, type OverviewState, WORKFLOWS_SHOWN, withoutRuns } from "../panels/runs/overview-page.ts";
import { RecentRuns } from "../panels/runs/RecentRuns.tsx";
import { RunCharts } from "../panels/runs/RunCharts.tsx";
import { useRunAddresses } from "../panels/runs/run-addresses.ts";
import { FailingStrip, Verdict } from "../panels/runs/Verdict.tsx";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { PageHead } from "../panels/shell/PageHead.tsx";
import { unlessPreference } from "../preferences.ts";
import { useRootData } from "../root.tsx";
import { useNow } from "../ui/clock.tsx";
import { ErrorCard, PLAIN_BUTTON, useToldError } from "../ui/ErrorCard.tsx";
import { PanelBoundary } from "../ui/PanelBoundary.tsx";

/** Figures change where they stand, at most this often. Design brief, law 2. */
const FIGURES_APART_MS = 1000;
/** News of an environment come in bursts while pods change. */
const BOARD_APART_MS = 2000;
/** Of the pipelines' data the overview shows the worst workflows and no runs. */
const LISTED = {
	...{ statuses: [], q: "", after: null, workflowsShown: WORKFLOWS_SHOWN },
	sort: { by: "duration" as const, isDescending: true },
};

export const meta: MetaFunction = () => [{ title: "Overview · OpsSight" }];

/** One answer with everything the page draws. */
export const loader = teamPage("runs:read", async ({ request, context, team }) => {
	const search = new URL(request.url).searchParams;
	const view = parseView(search, context.now);
	const { panel } = readFilters(search);
	const listed = { ...view, ...LISTED };
	const [overview, workflows, streaks, board, found] = await Promise.all([
		readOverview(context.db, team.id, view, context.now),
		readPipelines(context.db, team.id, listed, context.now),
		readStreaks(context.db, team.id, view, context.now),
		readBoard(context.db, team.id, context.now),
		panel && readRunPanel(context.db, team.id, panel.id),
	]);
	const state: OverviewState = { ...overview, workflows: withoutRuns(workflows), streaks };
	const environments: EnvironmentState[] = board.map((one) => ({ ...one, viewers: [] }));
	const refusal = mayDo(team, "rollbacks:request");
	return { overview: state, environments, refusal, open: (panel && { id: panel.id, found }) satisfies OpenRun, isOld: false };
});

/** A refresh in the background that fails must not take the page away: the last data stay, and the page knows they are old. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ ...last, overview: { ...last.overview }, isOld: true }),
	);
}

export const shouldRevalidate = unlessPreference;

/** Is anything wrong, and since when: the page on which a team opens. */
export default function OverviewPage() {
	const loaded = useLoaderData<typeof loader>();
	const { pathname, search } = useLocation();
	const { team } = useParams();
	useKept(pathname + search, loaded);
	const asked = new URLSearchParams(search);
	const carried = new URLSearchParams(carriedSearch(asked));
	const range = rangeOf(asked);
	const news = useFailureNews();
	const panel = useRef<PanelHandle>(null);
	const refetch = useRefetch();
	const overview = useLive<OverviewState>(loaded.overview, {
		fold: foldOverviewPage,
		viewKey: searchWith(asked, { panel: null }),
		isOld: loaded.isOld,
		told: (before, _after, message) => {
			news.count(newlyFailed(before, message));
			panel.current?.hear(message);
			// What runs where is in no frame; the page asks for it.
			if (hasNews(message)) refetch(BOARD_APART_MS);
		},
	});
	const now = useNow();
	const calm = useThrottled(overview, FIGURES_APART_MS);
	const figures = useMemo(() => figuresOf(calm, now), [calm, now]);
	const { to } = overview.view;
	const status = useLiveStatus();
	const freshness = freshnessOf(status, now);
	const staleFor = freshness === "fresh" ? null : formatAge(status.heardAt, now);
	const { panelOf } = useRunAddresses();
	const { repos, workflows } = overview.view;
	// A range that moves on lists the newest runs of all time: where there are none, nothing has ever reported.
	const isEmpty = overview.runs.length === 0 && to === null && repos.length === 0 && workflows.length === 0;
	const verdict = verdictOf(calm, now);
	const failing = failingNow(calm.streaks.list, now);
	const { environments } = loaded;
	const broken = failingHere(environments);
	const refusal = loaded.refusal === null ? null : { why: loaded.refusal, id: "why-not-rollback" };
	return (
		<>
			<PageHead title="Overview" range={answeredRange(range, overview.view)} isCompared />
			{broken && <FailingHere failing={broken} refusal={refusal} staleFor={staleFor} />}
			{!isEmpty &&
				!broken &&
				(failing ? (
					<FailingStrip
						failing={failing}
						detail={verdict.sentence}
						panel={panelOf(failing.newestId)}
						pipelines={`/t/${team}/pipelines${searchWith(carried, { repo: failing.repo, wf: failing.workflow, status: "failure", from: null, to: null })}`}
						staleFor={staleFor}
					/>
				) : (
					<Verdict {...verdict} staleFor={staleFor} />
				))}
			<div className="mt-2 flex flex-col gap-3.5">
				<PanelBoundary name="Key figures">
					<KpiRow figures={figures} freshness={freshness} />
				</PanelBoundary>
				{!isEmpty && (
					<div className="grid gap-3.5 xl:grid-cols-[minmax(0,1fr)_20.75rem]">
						<PanelBoundary name="Runs and durations">
							<RunCharts overview={calm} staleFor={staleFor} />
						</PanelBoundary>
						<div className="flex min-w-0 flex-col gap-3.5">
							<PanelBoundary name="Running now">
								<RunningNow environments={environments} staleFor={staleFor} />
							</PanelBoundary>
							<PanelBoundary name="Workflows that need a look">
								<NeedsLook workflows={calm.workflows.workflows} staleFor={staleFor} />
							</PanelBoundary>
						</div>
					</div>
				)}
				<PanelBoundary name="Recent runs">{isEmpty ? <NoRuns /> : <RecentRuns runs={overview.runs} staleFor={staleFor} />}</PanelBoundary>
			</div>
			<LiveRunPanel ref={panel} loaded={loaded.open} />
			<LiveRegion sentence={news.sentence} />
		</>
	);
}

/** The overview could not be loaded; the frame around it stays. */
export function ErrorBoundary() {
	const told = useToldError(useRootData()?.requestId ?? null);
	const { revalidate, state } = useRevalidator();
	return (
		<div className="pt-6">
			<ErrorCard told={{ ...told, title: told.title === "Not found" ? told.title : "The overview could not be loaded" }}>
				<button type="button" onClick={revalidate} disabled={state === "loading"} className={`needs-script ${PLAIN_BUTTON}`}>
					Try again
				</button>
			</ErrorCard>
		</div>
	);
}
