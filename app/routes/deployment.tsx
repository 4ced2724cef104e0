import { json, type MetaFunction } from "@remix-run/cloudflare";
import { type ClientLoaderFunctionArgs, Form, Link, useLoaderData, useLocation, useParams } from "@remix-run/react";
import type { ReactNode } from "react";
import { mayDo, teamPage } from "../access.server.ts";
import { safeHref } from "../format/link.ts";
import { plural } from "../format/number.ts";
import { formatAge } from "../format/time.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus } from "../live/use-live.ts";
import { deployAddress, deploymentAddress, environmentAddress, rollbackPage } from "../panels/deployments/addresses.ts";
import { deploymentVerdict } from "../panels/deployments/deployment-words.ts";
import { hasNews } from "../panels/deployments/deployments-page.ts";
import { LockChip } from "../panels/deployments/LockChip.tsx";
import { type DeploymentReport, loadDeployment } from "../panels/deployments/load-deployment.server.ts";
import { byWords, outcomeOf, sourceWord, tookOf } from "../panels/deployments/outcome-words.ts";
import { PodList } from "../panels/deployments/PodList.tsx";
import { Commits, DiffLines } from "../panels/rollback/OfferView.tsx";
import { RollBackButton } from "../panels/rollback/RollBackButton.tsx";
import { standOf } from "../panels/rollback/rollback-words.ts";
import { useRefetch } from "../panels/run/use-refetch.ts";
import { Verdict } from "../panels/runs/Verdict.tsx";
import { foldPosition } from "../panels/settings/fold-position.ts";
import { FIELD } from "../panels/shell/fields.ts";
import type { PageHandle } from "../panels/shell/handle.ts";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { PlainHead } from "../panels/shell/PlainHead.tsx";
import { ThingError } from "../panels/shell/ThingError.tsx";
import { unlessPreference } from "../preferences.ts";
import { Button, buttonClass } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { useNow } from "../ui/clock.tsx";
import { Empty } from "../ui/Empty.tsx";
import { LeavesIcon, RocketIcon } from "../ui/icons.tsx";
import { ArrowRightIcon } from "../ui/icons-more.tsx";
import { Labelled } from "../ui/Labelled.tsx";
import { Badge } from "../ui/Status.tsx";
import { TimeText } from "../ui/TimeText.tsx";

const APART_MS = 2000;
const WHY_ID = "why-not";

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction<typeof loader> = ({ data }) => {
	const deployment = data?.report.deployment;
	return [
		{
			title: deployment ? `${deployment.component} ${deployment.version} in ${deployment.environment} · OpsSight` : "Deployment · OpsSight",
		},
	];
};

/** One answer with everything the page draws. */
export const loader = teamPage("deployments:read", async ({ request, context, params, team }) => {
	const { db, now, requestId } = context;
	const withId = new URL(request.url).searchParams.get("with");
	const report = await loadDeployment(db, team.id, { id: params.id ?? "", withId, now });
	if (!report)
		throw json({ message: "This team has no such deployment. The link is incomplete, or of another team.", requestId }, { status: 404 });
	return { report, refusal: { rollback: mayDo(team, "rollbacks:request"), deploy: mayDo(team, "deployments:deploy") }, isOld: false };
});

/** A refresh in the background that fails must not take the page away. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ ...last, report: { ...last.report }, isOld: true }),
	);
}

export const shouldRevalidate = unlessPreference;

/** What changed, and did it hurt? */
export default function Deployment() {
	const loaded = useLoaderData<typeof loader>();
	const { pathname, search } = useLocation();
	const { team = "-" } = useParams();
	useKept(pathname + search, loaded);
	const refetch = useRefetch();
	const report = useLive<DeploymentReport>(loaded.report, {
		fold: (state, message) => {
			const { state: position, needs } = foldPosition(state, message);
			const row = message.type === "change" ? message.deployments?.find(({ id }) => id === state.deployment.id) : undefined;
			return { state: { ...state, ...position, deployment: row ? { ...state.deployment, ...row } : state.deployment }, needs };
		},
		viewKey: pathname + search,
		isOld: loaded.isOld,
		told: (before, _after, message) => {
			if (hasNews(message, before.deployment.environmentId)) refetch(APART_MS);
		},
	});
	const now = useNow();
	const status = useLiveStatus();
	const staleFor = freshnessOf(status, now) === "fresh" ? null : formatAge(status.heardAt, now);
	const { deployment, before, after, commits, changes, environment, rollback } = report;
	const component = environment?.components.find((one) => one.component === deployment.component) ?? null;
	const isLatest = component?.latest?.id === deployment.id;
	const outcome = outcomeOf(deployment);
	const rollbackRefusal = loaded.refusal.rollback === null ? null : { why: loaded.refusal.rollback, id: WHY_ID };
	return (
		<>
			<PlainHead
				title="Deployment"
				note={`${deployment.component} in ${deployment.environment}`}
				aside={
					<Link
						to={deployAddress(team, { component: deployment.component, version: deployment.version, environment: deployment.environment })}
						data-deploy
						className={buttonClass()}
					>
						<RocketIcon />
						Deploy again…
					</Link>
				}
			/>
			<Verdict {...deploymentVerdict({ deployment, before, after, now: isLatest ? component : null, rollback })} staleFor={staleFor} />
			<div className="flex flex-wrap items-center gap-x-3 gap-y-2">
				<span className="inline-flex min-w-0 flex-wrap items-center gap-2 text-body">
					{before ? (
						<Link to={deploymentAddress(team, before.id)} className="hit rounded-badge font-mono text-sec text-acc hover:underline">
							{before.version}
							{before.environmentId !== deployment.environmentId && ` (${before.environment})`}
						</Link>
					) : (
						<span className="text-sec text-t3">nothing before</span>
					)}
					<ArrowRightIcon className="size-4 text-t3" />
					<span className="font-mono text-sec font-medium break-all">{deployment.version}</span>
				</span>
				<Badge word={outcome.word} tint={outcome.tint} Icon={outcome.Icon} />
				<span className="text-sec text-t2">
					{byWords(deployment)} <TimeText at={deployment.startedAt} />, took {tookOf(deployment, now)}
				</span>
				<div data-environment={deployment.environmentId} className="no-print ml-auto flex flex-wrap gap-2 max-sm:w-full">
					<RollBackButton
						asked={{
							environmentId: deployment.environmentId,
							component: deployment.component,
							...(!isLatest && deployment.status === "success" && { to: deployment.id }),
						}}
						name={`${deployment.component} in ${deployment.environment}`}
						words={!isLatest && deployment.status === "success" ? "Roll back to this…" : "Roll back…"}
						isUrgent={isLatest && component?.health === "failing" && staleFor === null}
						size="md"
						refusal={rollbackRefusal}
						className="max-sm:h-12 max-sm:w-full"
					/>
				</div>
			</div>
			{rollbackRefusal !== null && (
				<p id={WHY_ID} className="pt-1 text-sec text-t2">
					{rollbackRefusal.why}
				</p>
			)}
			<div className="mt-3.5 grid items-start gap-3.5 lg:grid-cols-2">
				<div className="flex min-w-0 flex-col gap-3.5">
					<Card title="Commits" note={commits === null ? undefined : plural(commits.length, "commit")}>
						<div className="px-3.5 pb-3">
							{commits === null ? (
								<p className="text-body text-t2">
									Not known:{" "}
									{before === null ? "nothing was deployed before it" : "the repository's pushes do not lead from one to the other"}.
								</p>
							) : commits.length === 0 ? (
								<p className="text-body text-t2">Both are of the same commit.</p>
							) : (
								<Commits commits={commits} />
							)}
						</div>
					</Card>
					<Card title="What changed">
						<div className="px-3.5 pb-3.5">
							{changes.length === 0 ? (
								<p className="text-body text-t2">No images were told of that differ.</p>
							) : (
								<DiffLines lines={changes} />
							)}
							<CompareForm report={report} />
						</div>
					</Card>
				</div>
				<div className="flex min-w-0 flex-col gap-3.5">
					<Card title={`${deployment.environment} now`} aside={environment && <LockChip lock={environment.lock} />}>
						{component?.observed ? (
							<PodList component={component} isStale={staleFor !== null} />
						) : (
							<Empty title={component?.sentence ?? "Nothing is known of it now"} />
						)}
						<p className="border-t border-line px-3.5 py-2 text-sec">
							<Link to={environmentAddress(team, deployment.environmentId)} className="hit text-acc hover:underline">
								Open {deployment.environment}
							</Link>
						</p>
					</Card>
					<Card title="Facts">
						<dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 px-3.5 pb-3.5 text-body">
							<Fact word="Told by">{sourceWord(deployment.source)}</Fact>
							<Fact word="Started">
								<TimeText at={deployment.startedAt} />
							</Fact>
							{deployment.finishedAt !== null && (
								<Fact word="Finished">
									<TimeText at={deployment.finishedAt} />
								</Fact>
							)}
							{deployment.inactiveAt !== null && (
								<Fact word="Replaced">
									<TimeText at={deployment.inactiveAt} />
								</Fact>
							)}
							{deployment.title !== null && <Fact word="Brings">{deployment.title}</Fact>}
							{deployment.reason !== null && <Fact word="Reason">{deployment.reason}</Fact>}
							{deployment.repo !== null && (
								<Fact word="Repository">
									<Link to={`/t/${team}/pipelines?repo=${encodeURIComponent(deployment.repo)}`} className="hit text-acc hover:underline">
										{deployment.repo}
									</Link>
								</Fact>
							)}
							{deployment.commit !== null && (
								<Fact word="Commit">
									<Link
										to={`/t/${team}/pipelines?q=${encodeURIComponent(deployment.commit.slice(0, 12))}&from=now-30d`}
										className="hit font-mono text-sec text-acc hover:underline"
									>
										{deployment.commit.slice(0, 12)}
									</Link>
								</Fact>
							)}
							{deployment.ref !== null && (
								<Fact word="Ref">
									<code className="font-mono text-sec">{deployment.ref}</code>
								</Fact>
							)}
							{rollback !== null && (
								<Fact word="Rollback">
									<Link to={rollbackPage(team, rollback.id)} className="hit text-acc hover:underline">
										{rollback.from.version} → {rollback.to.version}, {standOf(rollback)}
									</Link>
								</Fact>
							)}
							{after !== null && (
								<Fact word="Followed by">
									<Link to={deploymentAddress(team, after.id)} className="hit font-mono text-sec text-acc hover:underline">
										{after.version}
									</Link>
								</Fact>
							)}
							<Fact word="As it was sent">
								<code className="font-mono text-sec break-all">
									{deployment.externalId}
									{deployment.statusRaw !== null && `, ${deployment.statusRaw}`}
								</code>
							</Fact>
							{safeHref(deployment.url) !== null && (
								<Fact word="Where it ran">
									<a href={safeHref(deployment.url) ?? ""} rel="noreferrer" className="hit gap-1 text-acc hover:underline">
										Open <LeavesIcon className="size-3.5" />
									</a>
								</Fact>
							)}
						</dl>
					</Card>
				</div>
			</div>
		</>
	);
}

function Fact({ word, children }: { word: string; children: ReactNode }) {
	return (
		<>
			<dt className="text-sec text-t3">{word}</dt>
			<dd className="min-w-0 break-words">{children}</dd>
		</>
	);
}

/** Another deployment to compare with: a plain GET form. */
function CompareForm({ report: { deployment, before, others } }: { report: DeploymentReport }) {
	const { pathname } = useLocation();
	if (others.length === 0) return null;
	return (
		<Form method="get" action={pathname} preventScrollReset className="mt-3 flex flex-wrap items-end gap-2">
			<Labelled words="Compare with" className="min-w-0 flex-1 basis-52">
				<select key={before?.id ?? ""} name="with" defaultValue={before?.id ?? ""} className={FIELD}>
					{before === null && <option value="">nothing</option>}
					{others.map((one) => (
						<option key={one.id} value={one.id}>
							{one.version}
							{one.environmentId === deployment.environmentId ? " (earlier here)" : ` in ${one.environment}`}
						</option>
					))}
				</select>
			</Labelled>
			<Button type="submit">Compare</Button>
		</Form>
	);
}

/** The deployment could not be shown; the frame around it stays. */
export function ErrorBoundary() {
	return <ThingError thing="deployment" list="deployments" />;
}
