import { Form } from "@remix-run/react";
import type { EnvironmentSettings, FreezeWindow } from "#worker/wire/deployments";
import { DAYS } from "../../format/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Labelled } from "../../ui/Labelled.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { ActButton } from "../settings/ActButton.tsx";
import type { Outcome } from "../settings/outcome.ts";
import { Told, WhyNot } from "../settings/Told.tsx";
import { FIELD } from "../shell/fields.ts";

const BOXES = [
	{ name: "isProduction", words: "This is production", about: "Rolling back takes a typed word or a hold." },
	{
		name: "autoRollback",
		words: "Roll back by itself when a deployment fails",
		about: "Once per deployment, with the reason in the audit log.",
	},
	{ name: "needsApprover", words: "A second person approves deployments", about: "Whoever asks for one here can’t approve it." },
	{ name: "drills", words: "Rehearse a rollback every week", about: "Everything but the change; the figures show how long it takes." },
] as const;

type Props = { settings: EnvironmentSettings; refusal: string | null; outcome: Outcome | null };

/** What holds in an environment: for managers. */
export function EnvironmentSettingsForm({ settings, refusal, outcome }: Props) {
	const whyId = refusal === null ? undefined : "why-not-settings";
	return (
		<Card title="Settings">
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				<WhyNot id="why-not-settings" refusal={refusal} />
				<Told outcome={outcome?.act === "configure" ? outcome : null} />
				<Form method="post" preventScrollReset className="flex flex-col gap-3" key={JSON.stringify(settings)}>
					<input type="hidden" name="act" value="configure" />
					<fieldset disabled={whyId !== undefined} aria-describedby={whyId} className="flex flex-col gap-1">
						<legend className="sr-only">What holds here</legend>
						{BOXES.map(({ name, words, about }) => (
							<label key={name} className="target flex items-start gap-2.5 py-1">
								<input type="checkbox" name={name} defaultChecked={settings[name]} className="mt-0.5 size-4 shrink-0 accent-acc-fill" />
								<span>
									<span className="block text-body">{words}</span>
									<span className="block text-sec text-t3">{about}</span>
								</span>
							</label>
						))}
					</fieldset>
					<Labelled words="A version has run well after so many minutes without an alert" className="max-w-md">
						<input
							type="number"
							name="goodMinutes"
							min={1}
							max={1440}
							required
							defaultValue={settings.goodMinutes}
							disabled={whyId !== undefined}
							aria-describedby={whyId}
							className={`${FIELD} max-w-28`}
						/>
					</Labelled>
					<Button type="submit" disabled={whyId !== undefined} aria-describedby={whyId} className="w-fit">
						Save settings
					</Button>
				</Form>
				<Freezes freezes={settings.freezes} whyId={whyId} outcome={outcome} />
			</div>
		</Card>
	);
}

/** When nothing is deployed. */
function Freezes({ freezes, whyId, outcome }: { freezes: readonly FreezeWindow[]; whyId: string | undefined; outcome: Outcome | null }) {
	return (
		<section aria-label="Freeze windows" className="flex flex-col gap-2 border-t border-line pt-3">
			<h3 className="text-body font-semibold">Freeze windows</h3>
			<p className="text-sec text-t2">While one lasts, deployments asked for here wait and the gate says no. Times are UTC.</p>
			<Told outcome={outcome?.act === "freeze" || outcome?.act === "thaw" ? outcome : null} />
			{freezes.length > 0 && (
				<ul className="divide-y divide-line border-y border-line">
					{freezes.map((window, index) => (
						<li key={JSON.stringify(window)} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
							<span className="min-w-0 flex-1 basis-48 text-body break-words">
								<FreezeWords window={window} />
								<span className="block text-sec text-t3">{window.reason}</span>
							</span>
							<ActButton act="thaw" id={String(index)} name={`Remove the window: ${window.reason}`} words="Remove" whyId={whyId} />
						</li>
					))}
				</ul>
			)}
			<details className="group/freeze">
				<summary className="target flex h-8 w-fit items-center rounded-ctl text-sec font-medium text-acc hover:underline">
					Add a window
				</summary>
				<Form method="post" preventScrollReset className="mt-2 flex flex-col gap-3 rounded-ctl border border-line2 p-3">
					<input type="hidden" name="act" value="freeze" />
					<fieldset disabled={whyId !== undefined} aria-describedby={whyId} className="flex flex-col gap-2">
						<legend className="sr-only">When</legend>
						<label className="target flex items-center gap-2 text-body">
							<input type="radio" name="kind" value="weekly" defaultChecked className="size-4 accent-acc-fill" />
							Every week
						</label>
						<div className="flex flex-wrap items-center gap-x-3 gap-y-1 pl-6">
							{DAYS.map((day, index) => (
								<label key={day} className="target flex items-center gap-1.5 text-sec">
									<input type="checkbox" name="day" value={index} defaultChecked={index === 5} className="size-4 accent-acc-fill" />
									{day}
								</label>
							))}
							<Labelled words="From">
								<input type="time" name="fromTime" defaultValue="16:00" className={FIELD} />
							</Labelled>
							<Labelled words="To">
								<input type="time" name="toTime" defaultValue="23:59" className={FIELD} />
							</Labelled>
						</div>
						<label className="target flex items-center gap-2 text-body">
							<input type="radio" name="kind" value="once" className="size-4 accent-acc-fill" />
							Once
						</label>
						<div className="flex flex-wrap gap-3 pl-6">
							<Labelled words="Begins">
								<input type="datetime-local" name="from" className={FIELD} />
							</Labelled>
							<Labelled words="Ends">
								<input type="datetime-local" name="to" className={FIELD} />
							</Labelled>
						</div>
						<Labelled words="Why">
							<input name="reason" required maxLength={300} autoComplete="off" className={FIELD} />
						</Labelled>
					</fieldset>
					<Button type="submit" disabled={whyId !== undefined} aria-describedby={whyId} className="w-fit">
						Add window
					</Button>
				</Form>
			</details>
		</section>
	);
}

function FreezeWords({ window }: { window: FreezeWindow }) {
	if (window.kind === "once") {
		return (
			<>
				<TimeText at={window.from} /> to <TimeText at={window.to} />
			</>
		);
	}
	const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
	return (
		<>
			{window.days.map((day) => DAYS[day]).join(", ")}, {clock(window.fromMinute)} to {clock(window.toMinute)}
		</>
	);
}
