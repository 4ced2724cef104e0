import { Form } from "@remix-run/react";
import { useState } from "react";
import { DISPATCHER_KINDS, DISPATCHER_SETTINGS, type DispatcherKind } from "#worker/domains/deployments/dispatch";
import type { ListedDispatcher } from "#worker/domains/deployments/requests.server";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Labelled } from "../../ui/Labelled.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { dispatcherWords } from "../deployments/deploy-page.ts";
import { SureButton } from "../settings/ActButton.tsx";
import type { Outcome } from "../settings/outcome.ts";
import { Told, WhyNot } from "../settings/Told.tsx";
import { FIELD } from "../shell/fields.ts";

const WHY_ID = "why-not-dispatch";
const FIELDS: Record<string, string> = {
	repo: "Repository, as owner/name",
	workflow: "Workflow file, such as deploy.yml",
	ref: "Branch or tag, main where none is named",
	inputs: "Inputs, such as env={environment},version={version}",
	event: "Event type, deploy where none is named",
	project: "Project id or path",
	host: "Host, gitlab.com where none is named",
	url: "Address",
};

type Props = {
	dispatchers: readonly ListedDispatcher[];
	environments: readonly { id: string; name: string }[];
	refusal: string | null;
	outcome: Outcome | null;
};

/** Where deployments that are asked for here are sent. */
export function Dispatchers({ dispatchers, environments, refusal, outcome }: Props) {
	const whyId = refusal === null ? undefined : WHY_ID;
	return (
		<Card title="Who deploys" note={dispatchers.length === 0 ? undefined : `${dispatchers.length}`}>
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				<p className="text-body text-t2">A deployment asked for here is sent on; the agent in the cluster never deploys.</p>
				<WhyNot id={WHY_ID} refusal={refusal} />
				<Told outcome={outcome?.act.startsWith("dispatcher.") ? outcome : null} />
				{dispatchers.length > 0 && (
					<ul className="divide-y divide-line border-y border-line">
						{dispatchers.map(({ id, kind, environmentId, component, settings, lastUsedAt, lastResult }) => (
							<li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
								<p className="min-w-0 flex-1 basis-60 text-body break-words">
									<span className="font-medium">{component === "" ? "Every component" : component}</span> in{" "}
									{environmentId === ""
										? "every environment"
										: (environments.find((one) => one.id === environmentId)?.name ?? environmentId)}
									: by {dispatcherWords(kind)}
									<span className="block font-mono text-sec break-all text-t3">{Object.values(settings).join(", ")}</span>
									<span className="block text-sec text-t3">
										secret set{lastUsedAt === null ? ", never used" : ", used "}
										{lastUsedAt !== null && <TimeText at={lastUsedAt} />}
										{lastResult !== null && `: ${lastResult}`}
									</span>
								</p>
								<SureButton
									act="dispatcher.remove"
									id={id}
									name={`Remove ${dispatcherWords(kind)}`}
									words="Remove"
									whyId={whyId}
									consequence="Deployments asked for here are not sent there any more."
								/>
							</li>
						))}
					</ul>
				)}
				<NewDispatcher environments={environments} whyId={whyId} />
			</div>
		</Card>
	);
}

function NewDispatcher({ environments, whyId }: { environments: Props["environments"]; whyId: string | undefined }) {
	const [kind, setKind] = useState<DispatcherKind>("github-workflow");
	const { required, optional } = DISPATCHER_SETTINGS[kind];
	return (
		<Form method="post" preventScrollReset className="flex flex-col gap-3">
			<input type="hidden" name="act" value="dispatcher.create" />
			<fieldset disabled={whyId !== undefined} aria-describedby={whyId} className="grid gap-3 sm:grid-cols-2">
				<legend className="sr-only">Where to send</legend>
				<Labelled words="How">
					<select
						name="kind"
						value={kind}
						onChange={({ currentTarget: { value } }) => setKind(DISPATCHER_KINDS.find((one) => one === value) ?? kind)}
						className={FIELD}
					>
						{DISPATCHER_KINDS.map((one) => (
							<option key={one} value={one}>
								by {dispatcherWords(one)}
							</option>
						))}
					</select>
				</Labelled>
				<Labelled words="Environment">
					<select name="environment" defaultValue="" className={FIELD}>
						<option value="">every environment</option>
						{environments.map(({ id, name }) => (
							<option key={id} value={id}>
								{name}
							</option>
						))}
					</select>
				</Labelled>
				<Labelled words="Component, every one where none is named">
					<input name="component" maxLength={255} autoComplete="off" className={FIELD} />
				</Labelled>
				{[...required, ...optional].map((name) => (
					<Labelled key={`${kind} ${name}`} words={FIELDS[name] ?? name}>
						<input
							name={`settings.${name}`}
							required={required.includes(name)}
							maxLength={500}
							autoComplete="off"
							spellCheck={false}
							className={FIELD}
						/>
					</Labelled>
				))}
				<Labelled words={kind === "webhook" ? "Secret, made here where none is given" : "Token to send with"}>
					<input type="password" name="secret" required={kind !== "webhook"} maxLength={500} autoComplete="off" className={FIELD} />
				</Labelled>
			</fieldset>
			<Button type="submit" disabled={whyId !== undefined} aria-describedby={whyId} className="w-fit">
				Add
			</Button>
		</Form>
	);
}
