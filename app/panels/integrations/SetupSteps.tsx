import { Link, useFetcher, useParams } from "@remix-run/react";
import type { IntegrationReport } from "#worker/domains/integrations/model";
import type { loader } from "../../routes/settings/integration.tsx";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { useNow } from "../../ui/clock.tsx";
import { DashedRingIcon, RingTickIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { useRefusal } from "../shell/use-refusal.ts";
import { addressOf, commandFor, forwardCall, isLoopback, stepsFor, testCallFor } from "./setup.ts";
import { useNews } from "./use-news.ts";
import { arrivalOf, senderOf } from "./words.ts";

/** Nothing tells of a delivery that is not used, such as GitHub's ping, so a page that waits asks. */
const ASK_EVERY_MS = 3000;

type SetupProps = {
	report: IntegrationReport;
	origin: string;
	/** Known only to who has just made it. */
	secret: string | null;
	/** Why this person may not send a test, or null. */
	refusal: string | null;
	/** What a test sent without scripts came to. */
	tested: Tested | null;
};

export type Tested = { ok: boolean; told: string };

/** What to do on the sender's side, and a line that says by itself when it worked. */
export function SetupSteps({ report: loaded, origin, secret, refusal, tested }: SetupProps) {
	const { team } = useParams();
	const own = `/t/${team}/settings/integrations/${loaded.id}`;
	const watch = useFetcher<typeof loader>();
	const report = watch.data && "report" in watch.data ? watch.data.report : loaded;
	// Until runs come, not only until the ping.
	useNews(() => watch.state === "idle" && watch.load(own), {
		apartMs: 1000,
		everyMs: report.counts.accepted === 0 ? ASK_EVERY_MS : 0,
	});
	const connection = { source: report.source, url: addressOf(origin, report), secret };
	const command = commandFor(connection);
	const sender = senderOf(report.source);
	return (
		<div className="grid items-start gap-3.5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
			<Card title={`Connect ${report.name}`} note={sender}>
				<div className="px-3.5 pb-3.5">
					{secret !== null && (
						<p className="mb-3 flex items-start gap-1.5 text-body text-t2">
							<TriangleIcon className="mt-0.5 size-4 text-warn" />
							The secret is shown this once. Copy it before you leave this page.
						</p>
					)}
					<ol className="flex flex-col gap-3">
						{stepsFor(connection).map(({ text, copy }, n) => (
							<li key={text} className="flex gap-2.5">
								<span
									aria-hidden="true"
									className="grid size-5 shrink-0 place-items-center rounded-full border border-line2 text-min font-semibold text-t2"
								>
									{n + 1}
								</span>
								<div className="min-w-0 flex-1">
									{text !== copy?.label && <p className={copy ? "mb-1 text-body" : "text-body"}>{text}</p>}
									{copy && <CopyField label={copy.label} value={copy.value} secret={copy.isSecret === true} />}
								</div>
							</li>
						))}
					</ol>
					{command && (
						<details className="mt-3 border-t border-line pt-3">
							<summary className="target inline-flex items-center text-body font-medium text-acc">{command.label} instead</summary>
							<div className="mt-2">
								<CopyField label={command.label} value={command.value} secret={secret !== null} />
							</div>
						</details>
					)}
				</div>
			</Card>
			<div className="flex min-w-0 flex-col gap-3.5">
				<Arrival report={report} />
				<Card title="Try it">
					<div className="flex flex-col gap-3 px-3.5 pb-3.5">
						{isLoopback(origin) && (
							<p className="flex items-start gap-1.5 text-body text-t2">
								<TriangleIcon className="mt-0.5 size-4 text-warn" />
								<span>
									Only this machine reaches {new URL(origin).host}, so {report.source === "generic" ? "a CI elsewhere" : sender} cannot
									deliver to it. Send a test from here{report.source === "github" && ", or let the GitHub CLI bring the deliveries to you"}.
								</span>
							</p>
						)}
						<SendTest own={own} refusal={refusal} before={tested} />
						<details>
							<summary className="target inline-flex items-center text-body font-medium text-acc">From a terminal instead</summary>
							<div className="mt-2">
								<CopyField label="The same from a terminal" value={testCallFor(connection)} secret={secret !== null} />
							</div>
						</details>
						{isLoopback(origin) && report.source === "github" && (
							<CopyField label="Real deliveries, by the GitHub CLI" value={forwardCall(connection)} secret={secret !== null} />
						)}
					</div>
				</Card>
			</div>
		</div>
	);
}

/** Turns into a tick by itself. */
function Arrival({ report }: { report: IntegrationReport }) {
	const { team } = useParams();
	const now = useNow(1000);
	const { isHere, sentence } = arrivalOf(report, now);
	const { rejected, accepted } = report.counts;
	const isRefused = rejected > 0 && (report.lastRejectedAt ?? 0) > (report.lastAt ?? 0);
	return (
		<Card title={isHere ? "Connected" : "Not connected yet"}>
			<div className="flex flex-col items-start gap-2 px-3.5 pb-3.5">
				<p className="flex items-start gap-2 text-body font-medium" data-arrived={isHere}>
					{isHere ? <RingTickIcon className="mt-0.5 size-4 text-ok" /> : <DashedRingIcon className="mt-0.5 size-4 text-idle" />}
					{sentence}
				</p>
				{/* The words above count seconds; this is what is heard. */}
				<span role="status" className="sr-only">
					{isHere ? "An event has been received." : ""}
				</span>
				{isRefused && (
					<p className="flex items-start gap-2 text-body text-t2">
						<StopIcon className="mt-0.5 size-4 text-bad" />
						{rejected === 1 ? "One delivery was refused" : `${rejected} deliveries were refused`}: the signature is wrong. Check that the
						secret is the same on both sides.
					</p>
				)}
				{isHere && accepted === 0 && (
					<p className="text-body text-t2">The connection works. The next run appears on the Overview by itself.</p>
				)}
				{!isHere && <p className="without-script text-body text-t2">Reload this page to see whether something came.</p>}
				{isHere && (
					<Link to={`/t/${team}/overview`} className={buttonClass({ tone: accepted > 0 ? "primary" : "plain" })}>
						Open the Overview
					</Link>
				)}
			</div>
		</Card>
	);
}

function SendTest({ own, refusal: ofRole, before }: { own: string; refusal: string | null; before: Tested | null }) {
	const refusal = useRefusal(ofRole);
	const sending = useFetcher<Tested>();
	const tested = sending.data ?? before;
	return (
		<sending.Form method="post" action={own} className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
			<input type="hidden" name="act" value="test" />
			<Button type="submit" busy={sending.state !== "idle"} disabled={refusal !== null} aria-describedby="about-test">
				Send test event
			</Button>
			<p id="about-test" className="min-w-0 flex-1 basis-48 text-sec text-t3">
				{refusal ?? "A signed ping through the real door. It is taken and then not used, so no figure changes."}
			</p>
			<p role="status" className="flex basis-full items-start gap-1.5 text-body empty:hidden">
				{tested && (
					<>
						{tested.ok ? <RingTickIcon className="mt-0.5 size-4 text-ok" /> : <StopIcon className="mt-0.5 size-4 text-bad" />}
						{tested.told}
					</>
				)}
			</p>
		</sending.Form>
	);
}
