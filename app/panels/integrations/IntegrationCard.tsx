import { Link, useLocation, useParams } from "@remix-run/react";
import type { ReactNode } from "react";
import type { IntegrationReport } from "#worker/domains/integrations/model";
import { Card } from "../../ui/Card.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { useNow } from "../../ui/clock.tsx";
import { RingTickIcon } from "../../ui/icons.tsx";
import { RowMenu } from "../../ui/RowMenu.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { useRefusal } from "../shell/use-refusal.ts";
import { ActForm } from "./ActForm.tsx";
import { type Act, type ActOutcome, type AskedAct, searchForAct } from "./acts.ts";
import { HealthBadge } from "./HealthBadge.tsx";
import { addressOf } from "./setup.ts";
import { healthOf, lagWords, rateWords, resultsOf, senderOf, slotWords } from "./words.ts";

type CardProps = {
	report: IntegrationReport;
	origin: string;
	/** Why this person may not change it, or null when they may. */
	refusal: string | null;
	asked: AskedAct | null;
	/** What the last act on this very integration came to. */
	outcome: ActOutcome | null;
};

/** One integration: whether it works, what it brought, and what can be done with it. */
export function IntegrationCard({ report, origin, refusal, asked, outcome }: CardProps) {
	const now = useNow();
	const health = healthOf(report, now);
	const refused = outcome?.ok === false ? outcome : null;
	const act = asked?.act ?? (refused && refused.act !== "replay" ? refused.act : null);
	return (
		<Card
			title={report.name}
			note={report.isDemo ? `${senderOf(report.source)}, demo data` : senderOf(report.source)}
			aside={
				<>
					<HealthBadge health={health} />
					<Acts report={report} refusal={refusal} />
				</>
			}
		>
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				<p className="text-body text-t2">{health.sentence}</p>
				{outcome?.ok && <Done outcome={outcome} />}
				<dl className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-4">
					<Fact words="Last event">{report.lastAt === null ? "None yet" : <TimeText at={report.lastAt} />}</Fact>
					<Fact words="Rate">{rateWords(report.perHour)}</Fact>
					<Fact words="Lag" title="From what happened to its arrival here, median of the newest 100">
						{lagWords(report.lagMs)}
					</Fact>
					<Fact words="Wrong signature">
						{report.counts.rejected}
						{report.lastRejectedAt !== null && (
							<span className="text-t3">
								, <TimeText at={report.lastRejectedAt} />
							</span>
						)}
					</Fact>
				</dl>
				<ul aria-label="Deliveries by result" className="flex flex-wrap gap-x-3 gap-y-1 text-sec text-t2">
					{resultsOf(report.counts).map(({ key, words, meaning }) => (
						<li key={key} title={meaning}>
							{words}
						</li>
					))}
				</ul>
				<CopyField label="Address" value={addressOf(origin, report)} />
				<ul aria-label="Secrets" className="text-sec text-t2">
					{report.secretSlots.map((slot) => (
						<li key={slot.slot} className="flex items-center gap-1.5">
							<span aria-hidden="true" className="font-mono text-t3">
								••••••••
							</span>
							{slotWords(slot, now)}
						</li>
					))}
					{report.secretSlots.length === 0 && <li>No active secret</li>}
				</ul>
			</div>
			{act !== null && refusal === null && <ActForm key={act} act={act} report={report} refused={refused} />}
		</Card>
	);
}

function Fact({ words, title, children }: { words: string; title?: string; children: ReactNode }) {
	return (
		<div className="min-w-0" title={title}>
			<dt className="text-sec text-t3">{words}</dt>
			<dd className="truncate text-body">{children}</dd>
		</div>
	);
}

/** What was just done, and a new secret, this once. */
function Done({ outcome: { told, secret } }: { outcome: Extract<ActOutcome, { ok: true }> }) {
	return (
		<div className="flex flex-col gap-2 rounded-ctl border border-line2 bg-s2 p-3">
			<p role="status" className="flex items-start gap-1.5 text-body">
				<RingTickIcon className="mt-0.5 size-4 text-ok" />
				{told}
			</p>
			{secret !== null && <CopyField label="New secret" value={secret} secret />}
		</div>
	);
}

/** The ⋯ of an integration; without scripts the same as links. */
function Acts({ report, refusal }: { report: IntegrationReport; refusal: string | null }) {
	const blocked = useRefusal(refusal);
	const { team } = useParams();
	const { pathname, search } = useLocation();
	const acts: { act: Act; label: string; isFinal?: boolean }[] = [
		{ act: "rename", label: "Rename…" },
		{ act: "rotate", label: "Rotate secret…" },
		report.isDisabled ? { act: "enable", label: "Enable…" } : { act: "disable", label: "Disable…" },
		// The demo's own goes with the demo.
		...(report.isDemo ? [] : [{ act: "remove" as const, label: "Remove…", isFinal: true }]),
	];
	const to = (act: Act) => pathname + searchForAct(new URLSearchParams(search), { act, id: report.id });
	const setup = `/t/${team}/settings/integrations/${report.id}`;
	return (
		<>
			<RowMenu
				name={`Actions of ${report.name}`}
				items={[
					{ label: "Set-up steps", href: setup },
					...acts.map(({ act, label, isFinal }) => ({
						label,
						danger: isFinal === true,
						href: to(act),
						...(blocked === null ? {} : { disabled: true, why: blocked }),
					})),
				]}
			/>
			<span className="without-script flex-wrap gap-x-2 text-sec">
				<Link to={setup} className="hit underline">
					Set-up steps
				</Link>
				{refusal === null &&
					acts.map(({ act, label }) => (
						<Link key={act} to={to(act)} className="hit underline">
							{label}
						</Link>
					))}
			</span>
		</>
	);
}
