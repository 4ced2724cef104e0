import type { MetaFunction } from "@remix-run/cloudflare";
import { useActionData, useLoaderData, useRevalidator } from "@remix-run/react";
import { changeCluster, createCluster, removeCluster, revokeAgentToken, rotateAgentToken } from "#worker/domains/clusters/actions.server";
import { readClusters } from "#worker/domains/clusters/report.server";
import { createDispatcher, removeDispatcher } from "#worker/domains/deployments/actions.server";
import { listDispatchers } from "#worker/domains/deployments/requests.server";
import { listEnvironments } from "#worker/domains/environments/store.server";
import { mayDo, teamAction, teamPage } from "../../access.server.ts";
import { depsOf, outcomeOf, unknownAct } from "../../acting.server.ts";
import { AgentBadge, ClusterFacts } from "../../panels/agents/ClusterFacts.tsx";
import { ClusterActs, ClusterForm, Install } from "../../panels/agents/ClusterForms.tsx";
import { Dispatchers } from "../../panels/agents/Dispatchers.tsx";
import { readBindings } from "../../panels/agents/install.ts";
import { useNews } from "../../panels/integrations/use-news.ts";
import type { Outcome } from "../../panels/settings/outcome.ts";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { WhyNot } from "../../panels/settings/Told.tsx";
import { unlessPreference } from "../../preferences.ts";
import { Card } from "../../ui/Card.tsx";

const WHY_ID = "why-not-agents";
/** What only admins do; dispatchers are a manager's. */
const CLUSTER_ACTS = ["create", "rotate", "change", "revoke", "remove"];

export const meta: MetaFunction = () => [{ title: "Agents · OpsSight" }];

/** Every cluster with what its agent says of itself, and who carries out deployments. */
export const loader = teamPage("clusters:read", async ({ request, context: { db, now }, team }) => {
	const [clusters, dispatchers, environments] = await Promise.all([
		readClusters(db, team.id, now),
		listDispatchers(db, team.id),
		listEnvironments(db, team.id),
	]);
	return {
		...{ clusters, dispatchers, environments: environments.map(({ id, name }) => ({ id, name })) },
		refusals: { clusters: mayDo(team, "clusters:manage"), dispatchers: mayDo(team, "environments:manage") },
		origin: new URL(request.url).origin,
	};
});

/** Connect, change, exchange, end; each needs what it is about. */
export const action = teamAction("environments:manage", async ({ request, context, person, team, need }) => {
	const deps = { ...depsOf(context, person), links: context.links };
	const { requestId } = deps;
	const form = await request.formData();
	const text = (name: string) => String(form.get(name) ?? "").trim();
	const act = text("act");
	const id = text("id");
	if (CLUSTER_ACTS.includes(act)) await need("clusters:manage");
	switch (act) {
		case "create":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				const made = await createCluster(deps, team.id, { name: text("name"), bindings: readBindings(text("bindings")) });
				return {
					told: `${made.name} is known. Its agent's token is shown this once.`,
					secret: { label: "Agent token", value: made.token },
				};
			});
		case "rotate":
			return await outcomeOf(requestId, { act, id }, async () => {
				const made = await rotateAgentToken(deps, team.id, { id });
				const told = `${made.name} has a new token, shown this once. The one before works up to 24 hours longer.`;
				return { told, secret: { label: "Agent token", value: made.token } };
			});
		case "change":
			return await outcomeOf(requestId, { act, id }, async () => {
				await changeCluster(deps, team.id, { id, name: text("name"), bindings: readBindings(text("bindings")) });
				return { told: "Saved." };
			});
		case "revoke":
			return await outcomeOf(requestId, { act, id }, async () => {
				await revokeAgentToken(deps, team.id, { id, tokenId: text("tokenId") });
				return { told: "Revoked. An agent that used it is cut off." };
			});
		case "remove":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				await removeCluster(deps, team.id, { id });
				return { told: "Removed. What happened there stays in the history." };
			});
		case "dispatcher.create":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				const settings = Object.fromEntries(
					[...form].flatMap(([name, value]) =>
						name.startsWith("settings.") && String(value).trim() !== "" ? [[name.slice("settings.".length), String(value).trim()]] : [],
					),
				);
				const asked = {
					kind: text("kind"),
					environment: text("environment"),
					component: text("component"),
					settings,
					secret: text("secret") || null,
				};
				const { secret } = await createDispatcher({ ...deps, ...context.deploying }, team.id, asked);
				return { told: "Added.", ...(secret !== null && { secret: { label: "Secret it is signed with", value: secret } }) };
			});
		case "dispatcher.remove":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				await removeDispatcher({ ...deps, ...context.deploying }, team.id, { id });
				return { told: "Removed." };
			});
		default:
			throw unknownAct(requestId);
	}
});

export { actOrTold as clientAction } from "../../panels/settings/act-or-told.ts";

export const shouldRevalidate = unlessPreference;

/** Which clusters can be acted on, and who deploys what is asked for here? */
export default function Agents() {
	const { clusters, dispatchers, environments, refusals, origin } = useLoaderData<typeof loader>();
	const outcome = (useActionData<typeof action>() ?? null) as Outcome | null;
	const { revalidate, state } = useRevalidator();
	useNews(() => state === "idle" && revalidate(), { apartMs: 5000, everyMs: 15_000 });
	const whyId = refusals.clusters === null ? undefined : WHY_ID;
	const newest = [...clusters].sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;
	const isNew = outcome !== null && (outcome.act === "create" || outcome.act === "remove");
	return (
		<>
			<SettingsHead
				title="Agents"
				about="The clusters that can be looked into and rolled back in, and who deploys what is asked for here."
			/>
			<div className="flex flex-col gap-3.5">
				<WhyNot id={WHY_ID} refusal={refusals.clusters} />
				{clusters.map((cluster) => (
					<Card key={cluster.id} title={cluster.name} aside={<AgentBadge cluster={cluster} />}>
						<div className="flex flex-col gap-3 px-3.5 pb-3.5">
							{outcome?.id === cluster.id && <Install origin={origin} outcome={outcome} cluster={cluster} />}
							<ClusterFacts cluster={cluster} />
							<ClusterActs cluster={cluster} whyId={whyId} />
						</div>
					</Card>
				))}
				<Card title="Connect a cluster">
					<div className="flex flex-col gap-3 px-3.5 pb-3.5">
						<p className="text-body text-t2">
							A small agent in the cluster dials out to here. By itself it only reads; a namespace in which it may roll back is a choice of
							its own.
						</p>
						{isNew && <Install origin={origin} outcome={outcome} cluster={newest} />}
						<ClusterForm act="create" whyId={whyId} />
					</div>
				</Card>
				<Dispatchers dispatchers={dispatchers} environments={environments} refusal={refusals.dispatchers} outcome={outcome} />
			</div>
		</>
	);
}
