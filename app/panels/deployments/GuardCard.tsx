import { useParams } from "@remix-run/react";
import { plural } from "../../format/number.ts";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { DashedRingIcon, RingTickIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { ArrowRightIcon } from "../../ui/icons-more.tsx";
import { Commits } from "../rollback/OfferView.tsx";
import { OneButton } from "../rollback/ProgressView.tsx";
import { environmentAddress } from "./addresses.ts";
import { type DeployFields, type DeployPreview, dispatcherWords } from "./deploy-page.ts";

type Props = {
	fields: DeployFields;
	preview: DeployPreview | null;
	isFilled: boolean /** Why this person may not release a lock. */;
	lockRefusal: string | null;
};

/** What stands before a deployment, before its button: from and to, the guards, who carries it out. */
export function GuardCard({ fields, preview, isFilled, lockRefusal }: Props) {
	const { team = "-" } = useParams();
	if (!preview) {
		return (
			<Card title="Before it is sent">
				<Empty title={isFilled ? `There is no environment ${fields.environment}` : "Fill in all three"} Icon={DashedRingIcon}>
					<p>
						{isFilled
							? "One appears with its first deployment."
							: "Then this says what runs there, what stands against it, and who carries it out."}
					</p>
				</Empty>
			</Card>
		);
	}
	const { gate, dispatcher, environment, current, commits, seen, openRequests } = preview;
	const isLocked = gate.reasons.some(({ code }) => code === "locked");
	return (
		<Card title="Before it is sent" note={environment.isProduction ? "production" : undefined}>
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				<p className="flex flex-wrap items-center gap-2 text-body">
					<span className="font-mono text-sec">{current?.version ?? "nothing"}</span>
					<ArrowRightIcon className="size-4 text-t3" />
					<span className="font-mono text-sec font-medium break-all">{fields.version}</span>
					<span className="text-t2">
						{fields.component} in {environment.name}
					</span>
				</p>
				<ul aria-label="Guards" className="flex flex-col gap-2">
					{gate.reasons.map(({ code, tone, message }) => (
						<Guard key={`${code} ${message}`} tone={tone === "deny" ? "stop" : "warn"}>
							{message}
						</Guard>
					))}
					{gate.decision === "allow" && <Guard tone="ok">No lock, no freeze, no held version, nothing else under way.</Guard>}
					{seen === null && <Guard tone="warn">{`${fields.version} was never deployed anywhere: check that it is spelled right.`}</Guard>}
					{seen?.status === "failure" && <Guard tone="warn">{`${fields.version} failed in ${seen.environment} last.`}</Guard>}
					{current?.version === fields.version && <Guard tone="warn">It runs there already.</Guard>}
					{openRequests.length > 0 && (
						<Guard tone="warn">{`${plural(openRequests.length, "deployment")} of it ${openRequests.length === 1 ? "waits" : "wait"} for a second person.`}</Guard>
					)}
					{environment.needsApprover && <Guard tone="warn">A second person has to approve it.</Guard>}
					{dispatcher === null ? (
						<Guard tone="stop">{`Nothing here deploys ${fields.component} to ${environment.name}. Connect what does under Settings, Agents, or deploy with your pipeline.`}</Guard>
					) : (
						<Guard tone="ok">{`It is sent to ${dispatcherWords(dispatcher.kind)}.`}</Guard>
					)}
				</ul>
				{isLocked && (
					<div className="flex flex-wrap items-center gap-2">
						{lockRefusal === null ? (
							<OneButton
								action={environmentAddress(team, environment.id)}
								act="unlock"
								words="Release lock"
								busyWords="Releasing"
								whyId={undefined}
							/>
						) : (
							<p className="text-sec text-t2">{lockRefusal}</p>
						)}
					</div>
				)}
				{commits !== null && commits.length > 0 && (
					<section aria-label="Commits it brings">
						<h3 className="text-sec font-medium text-t2">{plural(commits.length, "commit")} it brings</h3>
						<Commits commits={commits} />
					</section>
				)}
			</div>
		</Card>
	);
}

const LOOKS = {
	ok: { Icon: RingTickIcon, ink: "text-ok", word: "Fine" },
	warn: { Icon: TriangleIcon, ink: "text-warn", word: "Take care" },
	stop: { Icon: StopIcon, ink: "text-bad", word: "Stops" },
} as const;

function Guard({ tone, children }: { tone: keyof typeof LOOKS; children: string }) {
	const { Icon, ink, word } = LOOKS[tone];
	return (
		<li className="flex items-start gap-2 text-body">
			<Icon className={`mt-0.5 size-4 ${ink}`} />
			<span className="min-w-0 break-words">
				<span className="sr-only">{word}: </span>
				{children}
			</span>
		</li>
	);
}

/** Why a deployment that is filled in can't be asked for; null when it can. */
export function whyNotDeploy(preview: DeployPreview | null): string | null {
	if (!preview) return null;
	const denied = preview.gate.reasons.find(({ tone }) => tone === "deny");
	if (denied) return denied.message;
	return preview.dispatcher === null ? "Nobody is connected that could carry it out." : null;
}
