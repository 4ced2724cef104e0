import { Form } from "@remix-run/react";
import type { EnvironmentState } from "#worker/wire/deployments";
import { formatUntil } from "../../format/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { useNow, useZone } from "../../ui/clock.tsx";
import { Labelled } from "../../ui/Labelled.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { ActButton } from "../settings/ActButton.tsx";
import type { Outcome } from "../settings/outcome.ts";
import { Told, WhyNot } from "../settings/Told.tsx";
import { FIELD } from "../shell/fields.ts";
import { LockChip } from "./LockChip.tsx";

type Props = { environment: EnvironmentState; refusal: string | null; outcome: Outcome | null };

/** What keeps deployments out: the lock, and versions that are held. */
export function LockCard({ environment, refusal, outcome }: Props) {
	const { lock, holds, name } = environment;
	const [now, zone] = [useNow(), useZone()];
	const whyId = refusal === null ? undefined : "why-not-lock";
	const isOwn = ["lock", "unlock", "release"].includes(outcome?.act ?? "");
	return (
		<Card title="Lock and holds" aside={<LockChip lock={lock} />}>
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				<WhyNot id="why-not-lock" refusal={refusal} />
				<Told outcome={isOwn ? outcome : null} />
				{lock !== null ? (
					<div className="flex flex-wrap items-start gap-3">
						<p className="min-w-0 flex-1 basis-56 text-body break-words">
							{lock.by.name} locked {name} <TimeText at={lock.at} />
							{lock.until === null ? ", until it is released" : `, until ${formatUntil(lock.until, { now, zone })}`}
							{lock.reason !== null && <span className="block text-t2">{lock.reason}</span>}
						</p>
						<ActButton act="unlock" name={`Release the lock of ${name}`} words="Release lock" whyId={whyId} />
					</div>
				) : (
					<Form method="post" preventScrollReset className="flex flex-wrap items-end gap-3">
						<input type="hidden" name="act" value="lock" />
						<Labelled words="Why" className="min-w-0 flex-1 basis-56">
							<input
								name="reason"
								required
								maxLength={300}
								autoComplete="off"
								disabled={whyId !== undefined}
								aria-describedby={whyId}
								className={FIELD}
							/>
						</Labelled>
						<Labelled words="For">
							<select name="minutes" defaultValue="30" disabled={whyId !== undefined} aria-describedby={whyId} className={FIELD}>
								<option value="30">30 min</option>
								<option value="120">2 h</option>
								<option value="480">8 h</option>
								<option value="1440">1 day</option>
								<option value="">until released</option>
							</select>
						</Labelled>
						<Button type="submit" disabled={whyId !== undefined} aria-describedby={whyId}>
							Lock {name}
						</Button>
					</Form>
				)}
				{holds.length > 0 && (
					<ul aria-label="Held versions" className="divide-y divide-line border-t border-line">
						{holds.map((hold) => (
							<li key={hold.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
								<p className="min-w-0 flex-1 basis-48 text-body break-words">
									<span className="font-medium">{hold.component}</span> <code className="font-mono text-sec">{hold.version}</code> is held
									until {formatUntil(hold.until, { now, zone })}
									<span className="block text-sec text-t3">
										by {hold.by.name}
										{hold.reason !== null && `: ${hold.reason}`}
									</span>
								</p>
								<ActButton act="release" id={hold.id} name={`Release ${hold.version} of ${hold.component}`} words="Release" whyId={whyId} />
							</li>
						))}
					</ul>
				)}
			</div>
		</Card>
	);
}
