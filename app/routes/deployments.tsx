import type { MetaFunction } from "@remix-run/cloudflare";
import { type ClientLoaderFunctionArgs, Link, useLoaderData, useLocation, useParams, useRevalidator } from "@remix-run/react";
import { mayDo, teamPage } from "../access.server.ts";
import { formatAge } from "../format/time.ts";
import { searchWith } from "../format/view.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus } from "../live/use-live.ts";
import { deployAddress } from "../panels/deployments/addresses.ts";
import { boardVerdict } from "../panels/deployments/board-verdict.ts";
import { type DeploymentsPage, foldDeploymentsPage, hasNews, nextOf, readHistoryFilters } from "../panels/deployments/deployments-page.ts";
import { EnvironmentCard } from "../panels/deployments/EnvironmentCard.tsx";
import { History } from "../panels/deployments/History.tsx";
import { loadDeploymentsPage } from "../panels/deployments/load-board.server.ts";
import { NoDeployments } from "../panels/deployments/NoDeployments.tsx";
import { VersionsTable } from "../panels/deployments/VersionsTable.tsx";
import { useRefetch } from "../panels/run/use-refetch.ts";
import { Verdict } from "../panels/runs/Verdict.tsx";
import type { PageHandle } from "../panels/shell/handle.ts";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { PlainHead } from "../panels/shell/PlainHead.tsx";
import { unlessPreference } from "../preferences.ts";
import { useRootData } from "../root.tsx";
import { Button, buttonClass } from "../ui/Button.tsx";
import { useNow } from "../ui/clock.tsx";
import { ErrorCard, useToldError } from "../ui/ErrorCard.tsx";
import { InfoIcon, RocketIcon } from "../ui/icons.tsx";
import { PanelBoundary } from "../ui/PanelBoundary.tsx";

/** News of an environment come in bursts while pods change: the board is asked for at most this often. */
const BOARD_APART_MS = 1000;
const WHY_ID = "why-not";

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction = () => [{ title: "Deployments · OpsSight" }];

/** One answer with everything the page draws. */
export const loader = teamPage("deployments:read", async ({ request, context, team }) => {
	const { searchParams, origin } = new URL(request.url);
	const board = await loadDeploymentsPage(context.db, team.id, readHistoryFilters(searchParams), context.now);
	const refusal = { rollback: mayDo(team, "rollbacks:request"), deploy: mayDo(team, "deployments:deploy") };
	return { board, refusal, origin, isOld: false };
});

/** A refresh in the background that fails must not take the page away: the last data stay, and the page knows they are old. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ ...last, board: { ...last.board }, isOld: true }),
	);
}

export const shouldRevalidate = unlessPreference;

/** What runs where, and can I get back? */
export default function Deployments() {
	const loaded = useLoaderData<typeof loader>();
	const { pathname, search } = useLocation();
	const { team = "-" } = useParams();
	useKept(pathname + search, loaded);
	const refetch = useRefetch();
	const page = useLive<DeploymentsPage>(loaded.board, {
		fold: foldDeploymentsPage,
		viewKey: searchWith(new URLSearchParams(search), {}),
		isOld: loaded.isOld,
		told: (_before, _after, message) => {
			if (hasNews(message)) refetch(BOARD_APART_MS);
		},
	});
	const now = useNow();
	const status = useLiveStatus();
	const staleFor = freshnessOf(status, now) === "fresh" ? null : formatAge(status.heardAt, now);
	const why = loaded.refusal.rollback ?? loaded.refusal.deploy;
	const refusals = {
		rollback: loaded.refusal.rollback === null ? null : { why: loaded.refusal.rollback, id: WHY_ID },
		deploy: loaded.refusal.deploy === null ? null : { why: loaded.refusal.deploy, id: WHY_ID },
	};
	const { environments } = page;
	const isEmpty = !page.hasAny && page.rows.length === 0;
	return (
		<>
			<PlainHead
				title="Deployments"
				aside={
					refusals.deploy === null ? (
						<Link to={deployAddress(team, {})} data-deploy data-tip={"Deploy…\nD"} className={buttonClass({ tone: "primary" })}>
							<RocketIcon />
							Deploy…
						</Link>
					) : (
						<button
							type="button"
							aria-disabled="true"
							aria-describedby={WHY_ID}
							data-tip={why ?? undefined}
							className={buttonClass({ tone: "primary" })}
						>
							<RocketIcon />
							Deploy…
						</button>
					)
				}
			/>
			{!isEmpty && <Verdict {...boardVerdict(environments)} staleFor={staleFor} />}
			{why !== null && (
				<p id={WHY_ID} className="flex items-start gap-1.5 py-1 text-sec text-t2">
					<InfoIcon className="mt-0.5 size-4" />
					Rolling back and deploying: {why}
				</p>
			)}
			<div className="mt-2 flex flex-col gap-3.5">
				{isEmpty ? (
					<NoDeployments origin={loaded.origin} />
				) : (
					<>
						<PanelBoundary name="Environments">
							<div className="grid gap-3.5 md:grid-cols-2 xl:grid-cols-3">
								{environments.map((state) => (
									<EnvironmentCard
										key={state.id}
										state={state}
										next={nextOf(state, environments)}
										refusals={refusals}
										staleFor={staleFor}
									/>
								))}
							</div>
						</PanelBoundary>
						<PanelBoundary name="History">
							<History page={page} refusal={refusals.rollback} staleFor={staleFor} />
						</PanelBoundary>
						<PanelBoundary name="Versions">
							<VersionsTable environments={environments} isStale={staleFor !== null} />
						</PanelBoundary>
					</>
				)}
			</div>
		</>
	);
}

/** The board could not be loaded; the frame around it stays. */
export function ErrorBoundary() {
	const told = useToldError(useRootData()?.requestId ?? null);
	const { revalidate, state } = useRevalidator();
	return (
		<div className="pt-6">
			<ErrorCard told={{ ...told, title: told.title === "Not found" ? told.title : "Deployments could not be loaded" }}>
				<Button onClick={revalidate} busy={state === "loading"} className="needs-script">
					Try again
				</Button>
			</ErrorCard>
		</div>
	);
}
