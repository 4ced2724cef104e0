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
import { readRollback } from "#worker/domains/deployments/one-rollback.server";
import { readEnvironmentState } from "#worker/domains/environments/state.server";
import { mayDo, teamAction, teamPage } from "../access.server.ts";
import { answered, askerOf, outcomeOf, unknownAct } from "../acting.server.ts";
import { formatAge } from "../format/time.ts";
import { answerOrTold } from "../live/answer-or-told.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus } from "../live/use-live.ts";
import { deploymentAddress, environmentAddress } from "../panels/deployments/addresses.ts";
import { hasNews } from "../panels/deployments/deployments-page.ts";
import { PodList } from "../panels/deployments/PodList.tsx";
import { DiffLines } from "../panels/rollback/OfferView.tsx";
import { NoteForm, ProgressView, ToneIcon } from "../panels/rollback/ProgressView.tsx";
import { RollBackButton } from "../panels/rollback/RollBackButton.tsx";
import { useRollbackRow } from "../panels/rollback/rollback-book.ts";
import { titleOf } from "../panels/rollback/rollback-words.ts";
import { isUnderWay } from "../panels/rollback/under-way.ts";
import { useRefetch } from "../panels/run/use-refetch.ts";
import { foldPosition } from "../panels/settings/fold-position.ts";
import type { Outcome } from "../panels/settings/outcome.ts";
import { Told, WhyNot } from "../panels/settings/Told.tsx";
import type { PageHandle } from "../panels/shell/handle.ts";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { loadPosition } from "../panels/shell/load-position.server.ts";
import { PlainHead } from "../panels/shell/PlainHead.tsx";
import { ThingError } from "../panels/shell/ThingError.tsx";
import { unlessPreference } from "../preferences.ts";
import { Card } from "../ui/Card.tsx";
import { useNow } from "../ui/clock.tsx";
import { StaleBadge } from "../ui/Status.tsx";
import { TimeText } from "../ui/TimeText.tsx";

/** Pods change by the second while it goes on. */
const APART_MS = 1000;

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data ? titleOf(data.page.row) : "Rollback"} · OpsSight` }];

/** The rollback, and what is true of its component now. */
export const loader = teamPage("deployments:read", async ({ context, params, team }) => {
	const { db, now, requestId } = context;
	const position = await loadPosition(db, team.id);
	const row = await readRollback(db, team.id, params.id ?? "");
	if (!row) throw unknownRollback(requestId);
	const environment = await readEnvironmentState(db, team.id, row.environmentId, now);
	const component = environment?.components.find((one) => one.component === row.component) ?? null;
	return {
		page: { ...position, row, component, lock: environment?.lock ?? null },
		refusal: mayDo(team, "rollbacks:request"),
		isOld: false,
	};
});

const unknownRollback = (requestId: string) =>
	json({ message: "This team has no such rollback. The link is incomplete, or of another team.", requestId }, { status: 404 });

/** Call it off, or write beside it. */
export const action = teamAction("rollbacks:request", async ({ request, context, params, person, team }) => {
	const { requestId, environments } = context;
	const form = await request.formData();
	const act = String(form.get("act"));
	const id = params.id ?? "";
	const by = askerOf(context, person, team);
	const row = await readRollback(context.db, team.id, id);
	if (!row) throw unknownRollback(requestId);
	if (act !== "cancel" && act !== "note") throw unknownAct(requestId);
	return await outcomeOf(requestId, { act, id: null }, async () => {
		if (act === "cancel") {
			const { rollback } = answered(await environments.cancel(team.id, row.environmentId, by, id));
			return { told: rollback.state === "cancelled" ? "Cancelled. Nothing was changed." : "Asked the agent to stop." };
		}
		answered(await environments.note(team.id, row.environmentId, by, id, String(form.get("text") ?? "").trim()));
		return { told: "The note is kept." };
	});
});

/** A refresh in the background that fails must not take the page away. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ ...last, page: { ...last.page }, isOld: true }),
	);
}

/** Its buttons stand on other pages too, which must not go because one got no answer. */
export async function clientAction({ serverAction }: ClientActionFunctionArgs) {
	return await answerOrTold(() => serverAction<typeof action>());
}

export const shouldRevalidate = unlessPreference;

/** How is it going, did it work, and what is true now? */
export default function Rollback() {
	const loaded = useLoaderData<typeof loader>();
	const outcome = (useActionData<typeof action>() ?? null) as Outcome | null;
	const { pathname, search } = useLocation();
	const { team = "-" } = useParams();
	useKept(pathname + search, loaded);
	const refetch = useRefetch();
	const page = useLive(loaded.page, {
		fold: (state, message) => {
			const { state: position, needs } = foldPosition(state, message);
			return { state: { ...state, ...position }, needs };
		},
		viewKey: pathname,
		isOld: loaded.isOld,
		told: (before, _after, message) => {
			if (hasNews(message, before.row.environmentId)) refetch(APART_MS);
		},
	});
	const row = useRollbackRow(page.row);
	const now = useNow();
	const status = useLiveStatus();
	const staleFor = freshnessOf(status, now) === "fresh" ? null : formatAge(status.heardAt, now);
	const { component } = page;
	const refusal = loaded.refusal;
	const isOver = !isUnderWay(row) && row.state !== "unknown";
	const canRetry = isOver && row.kind === "rollback" && row.state !== "succeeded";
	return (
		<>
			<PlainHead title={row.kind === "dry-run" ? "Rehearsal" : "Rollback"} aside={staleFor !== null && <StaleBadge age={staleFor} />} />
			<div className="mt-1 flex min-w-0 items-start gap-2.5 py-1.5">
				<ToneIcon row={row} className="mt-0.5 size-5" />
				<p className="min-w-0 text-verdict font-[650] break-words">{titleOf(row)}</p>
			</div>
			<p className="text-body break-words text-t2">
				<Version team={team} deployment={row.from} /> → <Version team={team} deployment={row.to} /> · asked for by{" "}
				{row.isAutomatic ? "OpsSight, by itself" : row.requestedBy.name} <TimeText at={row.requestedAt} />
				{row.reason !== null && <> · {row.reason}</>} ·{" "}
				<Link to={environmentAddress(team, row.environmentId)} className="hit text-acc hover:underline">
					{row.environment}
				</Link>
			</p>
			<div className="mt-3.5 grid items-start gap-3.5 lg:grid-cols-2">
				<Card title="Progress">
					<div className="flex flex-col gap-3 px-3.5 pb-3.5">
						<ProgressView row={row} refusal={refusal} lock={page.lock} />
						{canRetry && (
							<RollBackButton
								asked={{ environmentId: row.environmentId, component: row.component }}
								name={`${row.component} in ${row.environment} again`}
								words="Retry…"
								isUrgent={row.state === "failed"}
								size="md"
								refusal={refusal === null ? null : { why: refusal, id: `why-not-${row.id}` }}
								className="w-fit"
							/>
						)}
					</div>
				</Card>
				<div className="flex min-w-0 flex-col gap-3.5">
					<Card title="What is true now">
						<PodList component={component} isStale={staleFor !== null} />
					</Card>
					{row.changes.length > 0 && (
						<Card title="What would change">
							<div className="px-3.5 pb-3.5">
								<DiffLines lines={row.changes} />
							</div>
						</Card>
					)}
					{isOver && row.kind === "rollback" && (
						<section id="note" className="scroll-mt-20">
							<Card title="Note">
								<div className="flex flex-col gap-2 px-3.5 pb-3.5">
									<p className="text-body text-t2">What was wrong, and what is to be done about it.</p>
									<WhyNot id="why-not-note" refusal={refusal} />
									<Told outcome={outcome?.act === "note" ? outcome : null} />
									<NoteForm key={row.note ?? ""} row={row} whyId={refusal === null ? undefined : "why-not-note"} />
								</div>
							</Card>
						</section>
					)}
					{outcome?.act === "cancel" && <Told outcome={outcome} />}
				</div>
			</div>
		</>
	);
}

function Version({
	team,
	deployment: { deploymentId, version },
}: {
	team: string;
	deployment: { deploymentId: string | null; version: string };
}) {
	if (deploymentId === null) return <code className="font-mono text-sec">{version}</code>;
	return (
		<Link to={deploymentAddress(team, deploymentId)} className="hit rounded-badge font-mono text-sec text-acc hover:underline">
			{version}
		</Link>
	);
}

/** The rollback could not be shown; the frame around it stays. */
export function ErrorBoundary() {
	return <ThingError thing="rollback" list="deployments" />;
}
