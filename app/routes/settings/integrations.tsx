import { json, type MetaFunction } from "@remix-run/cloudflare";
import { Link, useActionData, useLoaderData, useRevalidator, useSearchParams } from "@remix-run/react";
import { readClusters } from "#worker/domains/clusters/report.server";
import { type Deps, removeIntegration, renameIntegration, rotateSecret, setDisabled } from "#worker/domains/integrations/actions.server";
import { readDead, readIntegrations } from "#worker/domains/integrations/report.server";
import { redact } from "#worker/domains/redaction/mask";
import { AppError } from "#worker/errors";
import { mayDo, teamAction, teamPage } from "../../access.server.ts";
import { acting, depsOf, type Refused, unknownAct } from "../../acting.server.ts";
import { AgentBadge, ClusterFacts } from "../../panels/agents/ClusterFacts.tsx";
import { ACTS, type Act, type ActOutcome, askedAct } from "../../panels/integrations/acts.ts";
import { DeadList } from "../../panels/integrations/DeadList.tsx";
import { IntegrationCard } from "../../panels/integrations/IntegrationCard.tsx";
import { useNews } from "../../panels/integrations/use-news.ts";
import { replayWords } from "../../panels/integrations/words.ts";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { unlessPreference } from "../../preferences.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { InfoIcon } from "../../ui/icons.tsx";
import { PlugOffIcon, PlusIcon } from "../../ui/icons-more.tsx";

/** Dead deliveries that are listed; there should be none. */
const DEAD_SHOWN = 50;
const WHY_ID = "why-not";

export const meta: MetaFunction = () => [{ title: "Integrations · OpsSight" }];

/** Every integration with how it is going, and what could not be applied. */
export const loader = teamPage("integrations:read", async ({ request, context, team }) => {
	const { db, now } = context;
	const [integrations, dead, clusters] = await Promise.all([
		readIntegrations(db, team.id, now),
		readDead(db, team.id, { limit: DEAD_SHOWN + 1 }),
		readClusters(db, team.id, now),
	]);
	return {
		clusters,
		...{ integrations, dead: dead.slice(0, DEAD_SHOWN), hasMoreDead: dead.length > DEAD_SHOWN },
		...{ refusal: mayDo(team, "integrations:manage"), origin: new URL(request.url).origin },
	};
});

/** One act on an integration, or a replay. */
export const action = teamAction("integrations:manage", async ({ request, context, person, team, need }) => {
	const deps = depsOf(context, person);
	const { ledger, requestId, address } = context;
	const form = await request.formData();
	const text = (name: string) => String(form.get(name) ?? "");
	if (form.get("act") === "replay") {
		await need("deliveries:replay");
		const outcome = await acting(requestId, async () => {
			const deliveries = form.getAll("delivery").map(readDeliveryRef);
			const by = { actor: person.userId, role: team.role, requestId, address };
			return { ok: true as const, told: replayWords(await ledger.replay(team.id, deliveries, by)), secret: null };
		});
		return answer({ act: "replay", id: null }, outcome);
	}
	const act = ACTS.find((each) => each === form.get("act"));
	if (!act) throw unknownAct(requestId);
	// It goes back to the form as it was sent.
	const id = redact(text("id")).text;
	const outcome = await acting(requestId, () => perform(act, deps, team.id, { id, name: text("name"), confirm: text("confirm") }));
	return answer({ act, id }, outcome);
});

type Done = { ok: true; told: string; secret: string | null };

function answer(asked: Pick<ActOutcome, "act" | "id">, outcome: Done | Refused) {
	if (outcome.ok) return json<ActOutcome>({ ...asked, ...outcome });
	const { status, ...refused } = outcome;
	return json<ActOutcome>({ ...asked, ...refused }, { status });
}

async function perform(
	act: Act,
	deps: Deps,
	teamId: string,
	{ id, name, confirm }: { id: string; name: string; confirm: string },
): Promise<Done> {
	switch (act) {
		case "rename":
			await renameIntegration(deps, teamId, { id, name });
			return done("Renamed.");
		case "rotate": {
			const { secret } = await rotateSecret(deps, teamId, { id });
			const told =
				"This is the new secret, shown this once. The one before works 24 hours longer: change it on the sender's side until then.";
			return done(told, secret);
		}
		case "disable":
			await setDisabled(deps, teamId, { id, isDisabled: true });
			return done("Disabled. Deliveries are refused from now on.");
		case "enable":
			await setDisabled(deps, teamId, { id, isDisabled: false });
			return done("Enabled. Deliveries are taken again.");
		case "remove": {
			const known = (await readIntegrations(deps.db, teamId, deps.now)).find((each) => each.id === id);
			if (known && known.name !== confirm.trim()) throw new AppError("invalid", `Type ${known.name} to confirm.`);
			await removeIntegration(deps, teamId, { id });
			return done(`${known?.name ?? "The integration"} is removed. The runs it brought stay.`);
		}
	}
}

function done(told: string, secret: string | null = null): Done {
	return { ok: true, told, secret };
}

function readDeliveryRef(value: FormDataEntryValue): { source: string; deliveryId: string } {
	try {
		const [source, deliveryId] = JSON.parse(String(value)) as unknown[];
		if (typeof source === "string" && typeof deliveryId === "string") return { source, deliveryId };
	} catch {
		// Said below, as for every other value that names no delivery.
	}
	throw new AppError("invalid", "That names no delivery. Reload the page and try again.");
}

export { actOrTold as clientAction } from "../../panels/settings/act-or-told.ts";

export const shouldRevalidate = unlessPreference;

/** Is everything connected? */
export default function Integrations() {
	const { integrations, dead, clusters, hasMoreDead, refusal, origin } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>() ?? null;
	const [search] = useSearchParams();
	const asked = askedAct(search);
	const { revalidate, state } = useRevalidator();
	useNews(() => state === "idle" && revalidate(), { apartMs: 5000, everyMs: 15_000 });
	// What is gone has no card to tell it in.
	const isHomeless = outcome !== null && outcome.act !== "replay" && !integrations.some(({ id }) => id === outcome.id);
	return (
		<>
			<SettingsHead
				title="Integrations"
				about="What reports to this team, and whether it works."
				aside={
					refusal === null ? (
						<Link to="new" className={buttonClass({ tone: "primary" })}>
							<PlusIcon />
							Add integration
						</Link>
					) : (
						<button type="button" disabled aria-describedby={WHY_ID} className={buttonClass({ tone: "primary" })}>
							<PlusIcon />
							Add integration
						</button>
					)
				}
			/>
			{refusal !== null && (
				<p id={WHY_ID} className="mb-3.5 flex items-start gap-1.5 text-body text-t2">
					<InfoIcon className="mt-0.5 size-4" />
					{refusal}
				</p>
			)}
			{isHomeless && (
				<p role="status" className="mb-3.5 text-body">
					{outcome.told}
				</p>
			)}
			<div className="flex flex-col gap-3.5">
				<DeadList
					dead={dead}
					hasMore={hasMoreDead}
					integrations={integrations}
					refusal={refusal}
					whyId={WHY_ID}
					outcome={outcome?.act === "replay" ? outcome : null}
				/>
				{integrations.length === 0 && (
					<Card title="Nothing is connected yet">
						<Empty title="No integration yet" Icon={PlugOffIcon}>
							<p>Add one, copy its address and secret to GitHub, GitLab or your CI, and the next run appears on the Overview.</p>
						</Empty>
					</Card>
				)}
				<div className="grid items-start gap-3.5 xl:grid-cols-2">
					{integrations.map((report) => (
						<IntegrationCard
							key={report.id}
							report={report}
							origin={origin}
							refusal={refusal}
							asked={asked?.id === report.id ? asked : null}
							outcome={outcome?.id === report.id ? outcome : null}
						/>
					))}
				</div>
				<Card
					title="Agents"
					note={clusters.length === 0 ? undefined : `${clusters.length}`}
					aside={
						<Link to="../agents" className={buttonClass({ size: "sm" })}>
							{clusters.length === 0 ? "Connect a cluster" : "Manage"}
						</Link>
					}
				>
					{clusters.length === 0 ? (
						<Empty title="No cluster is connected" Icon={PlugOffIcon}>
							<p>An agent in a cluster shows what runs there, and rolls it back.</p>
						</Empty>
					) : (
						<ul className="divide-y divide-line border-t border-line">
							{clusters.map((cluster) => (
								<li key={cluster.id} className="flex flex-col gap-2 px-3.5 py-3">
									<h3 className="flex items-center gap-2 text-body font-medium">
										{cluster.name} <AgentBadge cluster={cluster} />
									</h3>
									<ClusterFacts cluster={cluster} />
								</li>
							))}
						</ul>
					)}
				</Card>
			</div>
		</>
	);
}
