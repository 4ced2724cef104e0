import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/cloudflare";
import {
	type ClientLoaderFunctionArgs,
	type ShouldRevalidateFunctionArgs,
	useLoaderData,
	useLocation,
	useRevalidator,
} from "@remix-run/react";
import { useMemo } from "react";
import { foldOverview, type Overview } from "#worker/domains/runs/overview";
import { readOverview } from "#worker/domains/runs/store.server";
import { requireTeam } from "../access.server.ts";
import { formatAge } from "../format/time.ts";
import { parseView, rangeOf, searchWith } from "../format/view.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus, useThrottled } from "../live/use-live.ts";
import { page } from "../loading.server.ts";
import { LiveRegion, newlyFailed, useFailureNews } from "../panels/runs/Announcer.tsx";
import { figuresOf, verdictOf } from "../panels/runs/figures.ts";
import { KpiRow } from "../panels/runs/KpiRow.tsx";
import { NoRuns } from "../panels/runs/NoRuns.tsx";
import { RecentRuns } from "../panels/runs/RecentRuns.tsx";
import { RunCharts } from "../panels/runs/RunCharts.tsx";
import { Verdict } from "../panels/runs/Verdict.tsx";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { PageHead } from "../panels/shell/PageHead.tsx";
import { useRootData } from "../root.tsx";
import { useNow } from "../ui/clock.tsx";
import { ErrorCard, PLAIN_BUTTON, useToldError } from "../ui/ErrorCard.tsx";

/** Figures change where they stand, at most this often. Design brief, law 2. */
const FIGURES_APART_MS = 1000;

export const meta: MetaFunction = () => [{ title: "Overview · OpsSight" }];

/** One answer with everything the page draws. */
export const loader = page(async ({ request, context, params }: LoaderFunctionArgs) => {
	const { team } = requireTeam({ request, context, slug: params.team });
	const view = parseView(new URL(request.url).searchParams, context.now);
	const overview: Overview = await readOverview(context.db, team.id, view, context.now);
	return { overview, isOld: false };
});

/** A refresh in the background that fails must not take the page away: the last data stay, and the page knows they are old. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ overview: { ...last.overview }, isOld: true }),
	);
}

/** How a page looks is none of its data's business. */
export function shouldRevalidate({ formAction, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) {
	return formAction === "/settings/theme" ? false : defaultShouldRevalidate;
}

/** Is anything wrong, and since when: the page on which a team opens. */
export default function OverviewPage() {
	const loaded = useLoaderData<typeof loader>();
	const { pathname, search } = useLocation();
	useKept(pathname + search, loaded);
	const asked = new URLSearchParams(search);
	const range = rangeOf(asked);
	const news = useFailureNews();
	const overview = useLive<Overview>(loaded.overview, {
		fold: foldOverview,
		viewKey: searchWith(asked, { panel: null }),
		isOld: loaded.isOld,
		told: (before, _after, message) => news.count(newlyFailed(before, message)),
	});
	const now = useNow();
	const calm = useThrottled(overview, FIGURES_APART_MS);
	const figures = useMemo(() => figuresOf(calm, now), [calm, now]);
	const status = useLiveStatus();
	const freshness = freshnessOf(status, now);
	const staleFor = freshness === "fresh" ? null : formatAge(status.heardAt, now);
	const isEmpty = overview.at === null && overview.runs.length === 0;
	return (
		<>
			<PageHead title="Overview" range={range} />
			{!isEmpty && <Verdict {...verdictOf(calm, now)} staleFor={staleFor} />}
			<div className="mt-2 flex flex-col gap-3.5">
				<KpiRow figures={figures} freshness={freshness} />
				{!isEmpty && <RunCharts overview={calm} staleFor={staleFor} />}
				{isEmpty ? <NoRuns /> : <RecentRuns runs={overview.runs} staleFor={staleFor} />}
			</div>
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
