import { json, type MetaFunction } from "@remix-run/cloudflare";
import {
	type ClientActionFunctionArgs,
	type ClientLoaderFunctionArgs,
	Link,
	useActionData,
	useLoaderData,
	useLocation,
	useParams,
} from "@remix-run/react";
import { listRollbacks } from "#worker/domains/deployments/one-rollback.server";
import { AppError } from "#worker/errors";
import { mayDo, teamAction, teamPage } from "../access.server.ts";
import { answered, askerOf, outcomeOf, unknownAct } from "../acting.server.ts";
import { formatAge } from "../format/time.ts";
import { answerOrTold } from "../live/answer-or-told.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useEnvironment } from "../live/use-environment.ts";
import { useLive } from "../live/use-live.ts";
import { ActiveRollback } from "../panels/deployments/ActiveRollback.tsx";
import { boardVerdict } from "../panels/deployments/board-verdict.ts";
import { Clusters } from "../panels/deployments/Clusters.tsx";
import { ComponentPanel } from "../panels/deployments/ComponentPanel.tsx";
import { hasNews } from "../panels/deployments/deployments-page.ts";
import { EnvironmentSettingsForm } from "../panels/deployments/EnvironmentSettingsForm.tsx";
import { readFreeze, readLock, readSettings, withFreeze } from "../panels/deployments/environment-forms.server.ts";
import { LockCard } from "../panels/deployments/LockCard.tsx";
import { Presence } from "../panels/deployments/Presence.tsx";
import { Drills, RollbackHistory } from "../panels/deployments/Rehearsals.tsx";
import { newKey } from "../panels/rollback/ask.ts";
import { useRefetch } from "../panels/run/use-refetch.ts";
import { Verdict } from "../panels/runs/Verdict.tsx";
import { foldPosition } from "../panels/settings/fold-position.ts";
import type { Outcome } from "../panels/settings/outcome.ts";
import type { PageHandle } from "../panels/shell/handle.ts";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { loadPosition } from "../panels/shell/load-position.server.ts";
import { PlainHead } from "../panels/shell/PlainHead.tsx";
import { ThingError } from "../panels/shell/ThingError.tsx";
import { unlessPreference } from "../preferences.ts";
import { buttonClass } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { useNow } from "../ui/clock.tsx";
import { Empty } from "../ui/Empty.tsx";
import { PanelBoundary } from "../ui/PanelBoundary.tsx";

/** Its own stream tells of it; the page's other parts are asked for at most this often. */
const APART_MS = 2000;
const ROLLBACKS_SHOWN = 20;

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.environment.name ?? "Environment"} · OpsSight` }];

/** The environment as its object knows it, and what was rolled back there. */
export const loader = teamPage("deployments:read", async ({ context, params, person, team }) => {
	const { db, environments, now, requestId } = context;
	const id = params.id ?? "";
	const position = await loadPosition(db, team.id);
	const [environment, rollbacks] = await Promise.all([environments.state(team.id, id), listRollbacks(db, team.id, id, ROLLBACKS_SHOWN)]);
	if (!environment) throw unknownEnvironment(requestId);
	const refusals = {
		rollback: mayDo(team, "rollbacks:request"),
		lock: mayDo(team, "environments:lock"),
		manage: mayDo(team, "environments:manage"),
	};
	return { environment, position, rollbacks, refusals, me: person.userId, now, isOld: false };
});

const unknownEnvironment = (requestId: string) =>
	json({ message: "This team has no such environment. The link is incomplete, or of another team.", requestId }, { status: 404 });

/** Lock, release, rehearse; settings are for managers. */
export const action = teamAction("environments:lock", async ({ request, context, params, person, team, need }) => {
	const { environments, now, requestId } = context;
	const form = await request.formData();
	const act = String(form.get("act"));
	const id = params.id ?? "";
	const what = String(form.get("id") ?? "");
	if ((await environments.state(team.id, id)) === null) throw unknownEnvironment(requestId);
	const by = askerOf(context, person, team);
	const tell = (told: string, work: () => Promise<unknown>) =>
		outcomeOf(requestId, { act, id: what === "" ? null : what }, async () => {
			await work();
			return { told };
		});
	switch (act) {
		case "lock":
			return await tell("Locked. Nothing is deployed here until it is released.", async () =>
				answered(await environments.lock(team.id, id, by, readLock(form, now))),
			);
		case "unlock":
			return await tell("Released.", async () =>
				answered(await environments.unlock(team.id, id, by, what === "" ? {} : { rollbackId: what })),
			);
		case "release":
			return await tell("Released: this version may come again.", async () =>
				answered(await environments.releaseHold(team.id, id, by, what)),
			);
		case "rehearse":
			await need("rollbacks:request");
			return await tell("Rehearsing. What comes of it stands under Rollbacks.", async () =>
				answered(await environments.dryRun(team.id, id, by, { component: what, key: newKey() })),
			);
		case "configure":
			await need("environments:manage");
			return await tell("Saved.", async () => answered(await environments.configure(team.id, id, by, readSettings(form))));
		case "freeze":
		case "thaw":
			await need("environments:manage");
			return await tell(act === "freeze" ? "Added." : "Removed.", async () => {
				const state = await environments.state(team.id, id);
				if (!state) throw new AppError("notFound", "There is no such environment in this team.");
				const { freezes } = state.settings;
				const next = act === "freeze" ? withFreeze(freezes, readFreeze(form)) : freezes.filter((_, index) => String(index) !== what);
				return answered(await environments.configure(team.id, id, by, { freezes: next }));
			});
		default:
			throw unknownAct(requestId);
	}
});

/** A refresh in the background that fails must not take the page away. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ ...last, position: { ...last.position }, isOld: true }),
	);
}

/** Its buttons stand on other pages too, which must not go because one got no answer. */
export async function clientAction({ serverAction }: ClientActionFunctionArgs) {
	return await answerOrTold(() => serverAction<typeof action>());
}

export const shouldRevalidate = unlessPreference;

/** What runs in this environment, who is looking, and what keeps deployments out? */
export default function EnvironmentPage() {
	const { environment } = useLoaderData<typeof loader>();
	// Another environment is another stream.
	return <One key={environment.id} />;
}

function One() {
	const loaded = useLoaderData<typeof loader>();
	const outcome = (useActionData<typeof action>() ?? null) as Outcome | null;
	const { pathname, search } = useLocation();
	const { team = "-" } = useParams();
	useKept(pathname + search, loaded);
	const refetch = useRefetch();
	const { id } = loaded.environment;
	useLive(loaded.position, {
		fold: foldPosition,
		viewKey: pathname,
		isOld: loaded.isOld,
		told: (_before, _after, message) => {
			if (hasNews(message, id)) refetch(APART_MS);
		},
	});
	const { state, status, handle: takeCare } = useEnvironment({ team, loaded: loaded.environment, now: loaded.now });
	const now = useNow();
	const staleFor = freshnessOf(status, now) === "fresh" ? null : formatAge(status.heardAt, now);
	const { refusals } = loaded;
	const rollbackRefusal = refusals.rollback === null ? null : { why: refusals.rollback, id: "why-not-rollback" };
	return (
		<>
			<PlainHead
				title={state.name}
				note={state.settings.isProduction && state.name !== "production" ? "production" : "environment"}
				aside={
					<Link to={`/t/${team}/deployments?env=${encodeURIComponent(state.name)}`} className={buttonClass()}>
						History
					</Link>
				}
			/>
			<Verdict {...boardVerdict([state])} staleFor={staleFor} />
			<Presence viewers={state.viewers} me={loaded.me} onHandle={takeCare} isLive={status.phase === "live"} />
			{rollbackRefusal !== null && (
				<p id={rollbackRefusal.id} className="pb-1 text-sec text-t2">
					Rolling back: {rollbackRefusal.why}
				</p>
			)}
			<ActiveRollback environment={state} />
			<div className="mt-2 grid items-start gap-3.5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
				<div className="flex min-w-0 flex-col gap-3.5">
					<PanelBoundary name="Components">
						{state.components.length === 0 ? (
							<Card title="Components">
								<Empty title="Nothing has been deployed here yet" />
							</Card>
						) : (
							state.components.map((component) => (
								<ComponentPanel
									key={component.component}
									environment={state}
									component={component}
									refusal={rollbackRefusal}
									staleFor={staleFor}
								/>
							))
						)}
					</PanelBoundary>
					<PanelBoundary name="Rollbacks">
						<RollbackHistory rows={loaded.rollbacks} />
					</PanelBoundary>
				</div>
				<div className="flex min-w-0 flex-col gap-3.5">
					<PanelBoundary name="Lock and holds">
						<LockCard environment={state} refusal={refusals.lock} outcome={outcome} />
					</PanelBoundary>
					<PanelBoundary name="Rehearsals">
						<Drills environment={state} refusal={refusals.rollback} outcome={outcome} />
					</PanelBoundary>
					<PanelBoundary name="Clusters">
						<Clusters clusters={state.clusters} />
					</PanelBoundary>
					<PanelBoundary name="Settings">
						<EnvironmentSettingsForm settings={state.settings} refusal={refusals.manage} outcome={outcome} />
					</PanelBoundary>
				</div>
			</div>
		</>
	);
}

/** The environment could not be shown; the frame around it stays. */
export function ErrorBoundary() {
	return <ThingError thing="environment" list="deployments" />;
}
