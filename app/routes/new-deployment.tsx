import type { MetaFunction } from "@remix-run/cloudflare";
import {
	type ClientActionFunctionArgs,
	Form,
	useActionData,
	useFetcher,
	useLoaderData,
	useLocation,
	useNavigation,
} from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { approveRequest, askDeployment, declineRequest } from "#worker/domains/deployments/actions.server";
import { mayDo, teamAction, teamPage } from "../access.server.ts";
import { outcomeOf, unknownAct } from "../acting.server.ts";
import { answerOrTold } from "../live/answer-or-told.ts";
import { type DeployFields, isFilled, readDeployFields, requestWords } from "../panels/deployments/deploy-page.ts";
import { GuardCard, whyNotDeploy } from "../panels/deployments/GuardCard.tsx";
import { loadDeployForm } from "../panels/deployments/load-deploy.server.ts";
import { newKey } from "../panels/rollback/ask.ts";
import { ActButton } from "../panels/settings/ActButton.tsx";
import type { Outcome } from "../panels/settings/outcome.ts";
import { Told } from "../panels/settings/Told.tsx";
import { FIELD } from "../panels/shell/fields.ts";
import type { PageHandle } from "../panels/shell/handle.ts";
import { Listening } from "../panels/shell/Listening.tsx";
import { loadPosition } from "../panels/shell/load-position.server.ts";
import { PlainHead } from "../panels/shell/PlainHead.tsx";
import { useRefusal } from "../panels/shell/use-refusal.ts";
import { unlessPreference } from "../preferences.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { InfoIcon, RocketIcon } from "../ui/icons.tsx";
import { Labelled } from "../ui/Labelled.tsx";
import { TimeText } from "../ui/TimeText.tsx";

/** A pause in typing after which the guards are asked for. */
const PAUSE_MS = 350;
const WHY_ID = "why-not";

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction = () => [{ title: "Deploy · OpsSight" }];

/** What may be filled in, and what stands before what is. */
export const loader = teamPage("deployments:read", async ({ request, context, person, team }) => {
	const { db, now } = context;
	const fields = readDeployFields(new URL(request.url).searchParams);
	const [position, form] = await Promise.all([loadPosition(db, team.id), loadDeployForm(db, team.id, { fields, actor: person, now })]);
	const lock = form.preview?.environment.lock ?? null;
	const lockRefusal =
		mayDo(team, "environments:lock") ??
		(lock !== null && lock.by.id !== person.userId && mayDo(team, "rollbacks:force") !== null
			? `${lock.by.name} or a manager can release it. Ask them.`
			: null);
	return { fields, position, ...form, refusal: mayDo(team, "deployments:deploy"), lockRefusal, me: person.userId, key: newKey() };
});

/** Ask for it; approve or decline what waits. */
export const action = teamAction("deployments:deploy", async ({ request, context, person, team }) => {
	const { db, requestId, address, now, deploying } = context;
	const deps = { db, actor: person, requestId, address, now, ...deploying };
	const form = await request.formData();
	const act = String(form.get("act"));
	const id = String(form.get("id") ?? "");
	switch (act) {
		case "ask":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				const fields = readDeployFields(new URLSearchParams([...form].map(([name, value]) => [name, String(value)])));
				const { request: asked } = await askDeployment(deps, team.id, { ...fields, key: form.get("key") });
				const told =
					asked.state === "waiting"
						? `${asked.component} ${asked.version} waits for a second person to approve it.`
						: `${asked.component} ${asked.version} is ${requestWords(asked)}. It appears on the board when its pipeline tells of it.`;
				return { told };
			});
		case "approve":
			return await outcomeOf(requestId, { act, id }, async () => {
				const approved = await approveRequest(deps, team.id, { id });
				return { told: `Approved: ${requestWords(approved)}.` };
			});
		case "decline":
			return await outcomeOf(requestId, { act, id }, async () => {
				await declineRequest(deps, team.id, { id });
				return { told: "Declined. Nothing is deployed." };
			});
		default:
			throw unknownAct(requestId);
	}
});

/** What is typed must not go because no answer came. */
export async function clientAction({ serverAction }: ClientActionFunctionArgs) {
	const answer = await answerOrTold(() => serverAction<typeof action>());
	return "act" in answer ? answer : { ...answer, act: "ask", id: null };
}

export const shouldRevalidate = unlessPreference;

/** Am I sending the right thing to the right place? */
export default function NewDeployment() {
	const loaded = useLoaderData<typeof loader>();
	const outcome = (useActionData<typeof action>() ?? null) as Outcome | null;
	const { pathname } = useLocation();
	const [fields, setFields] = useState<DeployFields>(loaded.fields);
	const looking = useGuards(pathname, fields, loaded.fields);
	const shown = looking ?? loaded;
	const isBusy = useNavigation().formMethod === "POST";
	const blocked = useRefusal(loaded.refusal) ?? whyNotDeploy(shown.preview);
	const set = (name: keyof DeployFields) => (event: { currentTarget: { value: string } }) =>
		setFields({ ...fields, [name]: event.currentTarget.value });
	return (
		<>
			<Listening loaded={loaded.position} />
			<PlainHead title="Deploy" note="asked for here, carried out by your own pipeline" />
			<div className="mt-3 grid items-start gap-3.5 lg:grid-cols-2">
				<div className="flex min-w-0 flex-col gap-3.5">
					<Card title="What goes where">
						<Form method="post" action={pathname} preventScrollReset className="flex flex-col gap-3 px-3.5 pb-3.5">
							<input type="hidden" name="act" value="ask" />
							<input type="hidden" name="key" value={loaded.key} />
							<Labelled words="Component">
								<input
									name="component"
									list="components"
									value={fields.component}
									onChange={set("component")}
									required
									maxLength={255}
									autoComplete="off"
									spellCheck={false}
									className={FIELD}
								/>
							</Labelled>
							<datalist id="components">
								{loaded.components.map((name) => (
									<option key={name} value={name} />
								))}
							</datalist>
							<Labelled words="Version">
								<input
									name="version"
									list="versions"
									value={fields.version}
									onChange={set("version")}
									required
									maxLength={255}
									autoComplete="off"
									spellCheck={false}
									className={FIELD}
								/>
							</Labelled>
							<datalist id="versions">
								{shown.versions.map(({ version, environment }) => (
									<option key={version} value={version} label={`last in ${environment}`} />
								))}
							</datalist>
							<Labelled words="Environment">
								<select name="environment" value={fields.environment} onChange={set("environment")} required className={FIELD}>
									<option value="">Choose…</option>
									{[...new Set([...loaded.environments, ...(fields.environment === "" ? [] : [fields.environment])])].map((name) => (
										<option key={name} value={name}>
											{name}
										</option>
									))}
								</select>
							</Labelled>
							<Told outcome={outcome?.act === "ask" ? outcome : null} />
							{blocked !== null && (
								<p id={WHY_ID} className="flex items-start gap-1.5 text-body text-t2">
									<InfoIcon className="mt-0.5 size-4" />
									{blocked}
								</p>
							)}
							<div className="flex flex-wrap gap-2">
								<Button
									type="submit"
									tone="primary"
									busy={isBusy}
									disabled={blocked !== null}
									aria-describedby={blocked === null ? undefined : WHY_ID}
								>
									<RocketIcon />
									{shown.preview?.environment.needsApprover
										? "Ask for approval"
										: fields.environment === ""
											? "Deploy"
											: `Deploy to ${fields.environment}`}
								</Button>
								<button
									type="submit"
									formMethod="get"
									formNoValidate
									className="without-script target h-8 items-center rounded-ctl border border-ctl px-3 text-body font-medium"
								>
									Look first
								</button>
							</div>
						</Form>
					</Card>
					<Requests requests={loaded.requests} me={loaded.me} refusal={loaded.refusal} outcome={outcome} />
				</div>
				<GuardCard
					fields={looking?.fields ?? loaded.fields}
					preview={shown.preview}
					isFilled={isFilled(fields)}
					lockRefusal={shown.lockRefusal}
				/>
			</div>
		</>
	);
}

/** What stands before the deployment while it is filled in: asked for after a pause. Null until something else than at first is. */
function useGuards(pathname: string, fields: DeployFields, first: DeployFields) {
	const fetcher = useFetcher<typeof loader>();
	const { load } = fetcher;
	const isAsked = useRef(false);
	const { component, version, environment } = fields;
	const isFirst = component === first.component && version === first.version && environment === first.environment;
	useEffect(() => {
		if (isFirst && !isAsked.current) return;
		const timer = setTimeout(() => {
			isAsked.current = true;
			load(`${pathname}?${new URLSearchParams({ component, version, environment })}`);
		}, PAUSE_MS);
		return () => clearTimeout(timer);
	}, [load, pathname, component, version, environment, isFirst]);
	return fetcher.data ?? null;
}

type RequestsProps = {
	requests: Awaited<ReturnType<typeof loadDeployForm>>["requests"];
	me: string;
	refusal: string | null;
	outcome: Outcome | null;
};

/** What was asked for here, and what waits for a second person. */
function Requests({ requests, me, refusal, outcome }: RequestsProps) {
	if (requests.length === 0) return null;
	const whyId = refusal === null ? undefined : WHY_ID;
	return (
		<Card title="Asked for" note="newest first">
			<ul className="divide-y divide-line border-t border-line">
				{requests.map((request) => (
					<li key={request.id} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-3.5 py-2">
						<p className="min-w-0 flex-1 basis-56 text-body break-words">
							<span className="font-medium">{request.component}</span> <code className="font-mono text-sec">{request.version}</code> to{" "}
							{request.environment}
							<span className="block text-sec text-t3">
								{request.requestedBy.name}, <TimeText at={request.requestedAt} />: {requestWords(request)}
							</span>
						</p>
						{request.state === "waiting" && (
							<>
								{request.requestedBy.id !== me && (
									<ActButton
										act="approve"
										id={request.id}
										name={`Approve ${request.component} ${request.version}`}
										words="Approve"
										whyId={whyId}
									/>
								)}
								<ActButton
									act="decline"
									id={request.id}
									name={`Decline ${request.component} ${request.version}`}
									words={request.requestedBy.id === me ? "Take back" : "Decline"}
									whyId={whyId}
								/>
							</>
						)}
						{outcome?.id === request.id && <Told outcome={outcome} />}
					</li>
				))}
			</ul>
		</Card>
	);
}
