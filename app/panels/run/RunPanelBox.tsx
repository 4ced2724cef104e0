import type { ReactNode } from "react";
import type { RunPanel as FoundRun } from "#worker/domains/runs/report.server";
import { formatDuration, formatRunDuration } from "../../format/duration.ts";
import { commitHref, forgeWord } from "../../format/forge.ts";
import { safeHref } from "../../format/link.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { useNow } from "../../ui/clock.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { DashedRingIcon, LeavesIcon, RerunIcon } from "../../ui/icons.tsx";
import { PanelBoundary } from "../../ui/PanelBoundary.tsx";
import { SidePanel } from "../../ui/SidePanel.tsx";
import { LOOKS, RunStatusBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { RawPayload } from "./RawPayload.tsx";
import type { OpenRun } from "./use-run-panel.ts";

type Props = { open: NonNullable<OpenRun>; closeHref: string; pageHref: string };

/** What RunPanel loads: the facts of a run, why it failed, its jobs, and the ways on. */
export default function RunPanelBox({ open, closeHref, pageHref }: Props) {
	if (open.found === null) {
		return (
			<SidePanel title="Run" closeHref={closeHref}>
				<Empty title="This team has no such run" Icon={DashedRingIcon}>
					<p>It may have been removed, or the link is of another team.</p>
					<code className="max-w-full font-mono text-sec break-all text-t3">{open.id}</code>
				</Empty>
			</SidePanel>
		);
	}
	return (
		<SidePanel title={open.found.run.workflow} closeHref={closeHref} fullHref={pageHref} fullWord="Open run page">
			<PanelBoundary name="This run" key={open.id}>
				<Details found={open.found} />
			</PanelBoundary>
		</SidePanel>
	);
}

function Details({ found }: { found: FoundRun }) {
	const { run, attempts, jobs } = found;
	const now = useNow();
	const why = run.failedStep ?? run.error;
	const newest = jobs.filter(({ attempt }) => attempt === run.attempt);
	return (
		<div data-run-panel={run.id} className="flex flex-col gap-5">
			<div className="flex flex-wrap items-center gap-x-3 gap-y-2">
				<RunStatusBadge status={run.status} />
				<span className="font-semibold">{formatRunDuration(run, now) ?? "—"}</span>
				<span className="text-sec text-t3">{againstPeers(found)}</span>
			</div>
			{run.status === "failure" && (
				<Section title="Why it failed">
					<p className="rounded-ctl border border-line bg-bad-bg px-3 py-2 break-words">
						{why ?? <span className="text-t2">Its sender does not say. The log where it ran does.</span>}
					</p>
				</Section>
			)}
			<Facts found={found} />
			<Ways found={found} />
			<Section title="Jobs" note={newest.length > 0 ? String(newest.length) : undefined}>
				{newest.length === 0 ? (
					<p className="text-t2">Its sender has not told of any jobs.</p>
				) : (
					<ul className="divide-y divide-line rounded-ctl border border-line">
						{newest.map((job) => (
							<li key={job.id} className="flex min-h-9 items-center gap-2.5 px-3 py-1.5">
								<StatusMark status={job.status} />
								<span className="min-w-0 flex-1 truncate" title={job.name}>
									{job.name}
								</span>
								<span className="text-sec whitespace-nowrap text-t2">{formatRunDuration(job, now) ?? "—"}</span>
							</li>
						))}
					</ul>
				)}
			</Section>
			{attempts.length > 1 && (
				<Section title="Attempts" note={String(attempts.length)}>
					<ul className="divide-y divide-line rounded-ctl border border-line">
						{attempts.toReversed().map((attempt) => (
							<li key={attempt.attempt} className="flex min-h-9 items-center gap-2.5 px-3 py-1.5">
								<StatusMark status={attempt.status} />
								<span className="flex-1">Attempt {attempt.attempt}</span>
								{attempt.startedAt !== null && <TimeText at={attempt.startedAt} className="text-sec text-t3" />}
								<span className="w-20 text-right text-sec whitespace-nowrap text-t2">{formatRunDuration(attempt, now) ?? "—"}</span>
							</li>
						))}
					</ul>
				</Section>
			)}
			<RawPayload id={run.id} />
		</div>
	);
}

function Facts({ found: { run, attempts } }: { found: FoundRun }) {
	const commit = commitHref(run);
	const short = run.commit?.slice(0, 9) ?? null;
	const facts: [string, ReactNode][] = [
		["Repository", run.repo],
		["Branch", run.branch !== null && <span className="font-mono text-sec break-all">{run.branch}</span>],
		[
			"Commit",
			short !== null &&
				(commit === null ? (
					<span className="font-mono text-sec">{short}</span>
				) : (
					<a href={commit} rel="noreferrer" className="rounded-badge font-mono text-sec text-acc hover:underline">
						{short}
					</a>
				)),
		],
		["Started by", run.actor],
		["Event", run.triggeredBy],
		["Started", <TimeText key="started" at={run.startedAt ?? run.orderedAt} />],
		["Attempt", attempts.length > 1 || run.attempt > 1 ? `${run.attempt} of ${Math.max(run.attempt, attempts.length)}` : null],
	];
	return (
		<dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
			{facts.map(([word, value]) =>
				value === null || value === false ? null : (
					<div key={word} className="contents">
						<dt className="text-t3">{word}</dt>
						<dd className="min-w-0 break-words">{value}</dd>
					</div>
				),
			)}
		</dl>
	);
}

function Ways({ found: { run } }: { found: FoundRun }) {
	const there = safeHref(run.url);
	if (there === null) return null;
	const isOver = run.status !== "running" && run.status !== "queued";
	const forge = forgeWord(run.source);
	return (
		<div className="flex flex-wrap gap-2">
			<a href={there} rel="noreferrer" className={buttonClass()}>
				<LeavesIcon />
				Open {forge === "where it ran" ? forge : `on ${forge}`}
			</a>
			{isOver && forge !== "where it ran" && (
				// Starting something again is the forge's to allow; its page of the run has the button.
				<a href={there} rel="noreferrer" className={buttonClass()}>
					<RerunIcon />
					Re-run on {forge}…
				</a>
			)}
		</div>
	);
}

function Section({ title, note, children }: { title: string; note?: string | undefined; children: ReactNode }) {
	return (
		<section aria-label={title}>
			<h3 className="mb-1.5 text-sec font-semibold text-t2">
				{title}
				{note !== undefined && <span className="ml-1.5 font-normal text-t3">{note}</span>}
			</h3>
			{children}
		</section>
	);
}

function StatusMark({ status }: { status: FoundRun["run"]["status"] }) {
	const { word, ink, Icon } = LOOKS[status];
	return (
		<>
			<Icon className={`size-4 ${ink}`} />
			<span className="sr-only">{word}</span>
		</>
	);
}

/** How long it took beside the last runs of its workflow. */
function againstPeers({ run, peers }: FoundRun): string {
	if (peers.p50Ms === null) return "Nothing to compare with yet";
	const usual = `usually ${formatDuration(peers.p50Ms)} (p50 of ${peers.n})`;
	if (run.durationMs === null || peers.p50Ms === 0) return usual;
	const share = Math.round(((run.durationMs - peers.p50Ms) / peers.p50Ms) * 100);
	return share === 0
		? `as usual (p50 of ${peers.n})`
		: `${share > 0 ? "+" : "−"}${Math.abs(share)}\u202f% against ${formatDuration(peers.p50Ms)} (p50 of ${peers.n})`;
}
