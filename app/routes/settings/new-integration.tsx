import { json, type MetaFunction } from "@remix-run/cloudflare";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { createIntegration } from "#worker/domains/integrations/actions.server";
import { CONNECTABLE } from "#worker/domains/integrations/model";
import { readIntegrations } from "#worker/domains/integrations/report.server";
import { mayDo, teamAction, teamPage } from "../../access.server.ts";
import { acting, depsOf } from "../../acting.server.ts";
import { SetupSteps } from "../../panels/integrations/SetupSteps.tsx";
import { freeName, senderOf } from "../../panels/integrations/words.ts";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { FIELD } from "../../panels/shell/fields.ts";
import { useRefusal } from "../../panels/shell/use-refusal.ts";
import { unlessPreference } from "../../preferences.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { InfoIcon, StopIcon } from "../../ui/icons.tsx";

const WHY_ID = "why-not";
const TOLD_ID = "told";

export const meta: MetaFunction = () => [{ title: "Add integration · OpsSight" }];

/** Whether this person may add one, and where the page stands. */
export const loader = teamPage("integrations:read", async ({ request, team }) => {
	return {
		refusal: mayDo(team, "integrations:manage"),
		origin: new URL(request.url).origin,
		asked: new URL(request.url).searchParams.get("source"),
	};
});

/** Makes it; the answer is the only place where its secret ever stands. */
export const action = teamAction("integrations:manage", async ({ request, context, person, team }) => {
	const { db, requestId, now } = context;
	const form = await request.formData();
	const source = String(form.get("source") ?? "");
	const given = String(form.get("name") ?? "").trim();
	const outcome = await acting(requestId, async () => {
		const known = given === "" ? await readIntegrations(db, team.id, now) : [];
		const taken = known.map(({ name }) => name);
		const name = given || freeName(source, taken);
		const { id, secret } = await createIntegration(depsOf(context, person), team.id, { source, name });
		const report = (await readIntegrations(db, team.id, now)).find((each) => each.id === id) ?? null;
		return { ok: true as const, report, secret };
	});
	return json(outcome, { status: outcome.ok ? 200 : outcome.status });
});

export const shouldRevalidate = unlessPreference;

/** Who sends, what it is called; then what to do on the sender's side. */
export default function NewIntegration() {
	const { refusal, origin, asked } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>();
	if (outcome?.ok && outcome.report) {
		return (
			<>
				<SettingsHead title="Add integration" about="It is made. What is left to do is on the sender's side." aside={<Back />} />
				<SetupSteps report={outcome.report} origin={origin} secret={outcome.secret} refusal={refusal} tested={null} />
			</>
		);
	}
	return (
		<>
			<SettingsHead title="Add integration" about="Who is going to report to this team?" aside={<Back />} />
			<AddForm refusal={refusal} asked={asked} told={outcome?.ok === false ? outcome : null} />
		</>
	);
}

function Back() {
	return (
		<Link to=".." relative="path" className={buttonClass()}>
			All integrations
		</Link>
	);
}

const ABOUT: Record<(typeof CONNECTABLE)[number], string> = {
	github: "Actions: runs, jobs, pushes and deployments, by webhook",
	gitlab: "CI/CD: pipelines, jobs, pushes and deployments, by webhook",
	argocd: "Every sync of an application, by its notifications",
	cdevents: "Services deployed, upgraded, rolled back",
	alertmanager: "Alerts of Prometheus, taken and kept; no page shows them yet",
	generic: "Jenkins, Buildkite, a script: one call with JSON",
};

type AddFormProps = { refusal: string | null; asked: string | null; told: { told: string; requestId: string } | null };

function AddForm({ refusal, asked, told }: AddFormProps) {
	const blocked = useRefusal(refusal);
	const isBusy = useNavigation().formMethod === "POST";
	const first = CONNECTABLE.find((source) => source === asked) ?? CONNECTABLE[0];
	return (
		<div className="max-w-2xl">
			<Card title="New integration">
				<Form method="post" className="flex flex-col gap-4 px-3.5 pb-3.5">
					<fieldset disabled={refusal !== null}>
						<legend className="mb-1.5 text-sec font-medium text-t2">Sender</legend>
						<div className="grid gap-2 sm:grid-cols-3">
							{CONNECTABLE.map((source) => (
								<label
									key={source}
									className="target flex cursor-pointer items-start gap-2.5 rounded-ctl border border-ctl p-2.5 hover:bg-s2 has-checked:border-acc has-checked:bg-acc-bg"
								>
									<input
										type="radio"
										name="source"
										value={source}
										defaultChecked={source === first}
										className="mt-0.5 size-4 shrink-0 accent-acc-fill"
									/>
									<span className="min-w-0">
										<span className="block text-body font-medium">{senderOf(source)}</span>
										<span className="block text-sec text-t2">{ABOUT[source]}</span>
									</span>
								</label>
							))}
						</div>
					</fieldset>
					<label className="block max-w-sm">
						<span className="mb-1 block text-sec font-medium text-t2">Name, if you like</span>
						<input
							name="name"
							maxLength={80}
							autoComplete="off"
							disabled={refusal !== null}
							placeholder="Such as acme on GitHub"
							aria-describedby={TOLD_ID}
							className={FIELD}
						/>
					</label>
					<p id={TOLD_ID} role="alert" className="flex items-start gap-1.5 text-body text-bad empty:hidden">
						{told && (
							<>
								<StopIcon className="mt-0.5 size-4" />
								<span>
									{told.told} <code className="font-mono text-sec text-t3">req {told.requestId}</code>
								</span>
							</>
						)}
					</p>
					<div className="flex flex-wrap items-center gap-3">
						<Button
							type="submit"
							tone="primary"
							busy={isBusy}
							disabled={blocked !== null}
							aria-describedby={blocked === null ? undefined : WHY_ID}
						>
							Create integration
						</Button>
						{blocked !== null && (
							<p id={WHY_ID} className="flex items-start gap-1.5 text-body text-t2">
								<InfoIcon className="mt-0.5 size-4" />
								{blocked}
							</p>
						)}
					</div>
				</Form>
			</Card>
		</div>
	);
}
