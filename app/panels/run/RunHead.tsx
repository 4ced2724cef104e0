import { Link, useLocation, useParams } from "@remix-run/react";
import type { ReactNode } from "react";
import type { RunReport } from "#worker/domains/runs/report.server";
import { formatRunDuration } from "../../format/duration.ts";
import { commitHref, forgeWord } from "../../format/forge.ts";
import { safeHref } from "../../format/link.ts";
import { carriedSearch, searchWith } from "../../format/view.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { LeavesIcon, LinkIcon, RerunIcon } from "../../ui/icons.tsx";
import { BranchIcon, ClockIcon, CommitIcon, PersonIcon } from "../../ui/icons-more.tsx";
import { RunStatusBadge, StaleBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { againstUsual } from "./run-words.ts";

const LINK = "hit rounded-badge text-acc hover:underline hover:underline-offset-2";

type Props = { report: RunReport; attempts: number; now: number; staleFor: string | null };

/** What ran, how it ended, how long it took beside the usual, and the ways on from here. */
export function RunHead({ report: { run, peers }, attempts, now, staleFor }: Props) {
	const { search } = useLocation();
	const { team } = useParams();
	const carried = new URLSearchParams(carriedSearch(new URLSearchParams(search)));
	const isOver = run.status !== "running" && run.status !== "queued";
	const ms = run.durationMs ?? (run.status === "running" && run.startedAt !== null ? now - run.startedAt : null);
	const commit = commitHref(run);
	const short = run.commit?.slice(0, 9) ?? null;
	const pipelines = (changes: Parameters<typeof searchWith>[1]) => `/t/${team}/pipelines${searchWith(carried, changes)}`;
	return (
		<header>
			<div className="flex flex-wrap items-start gap-x-4 gap-y-3">
				<div className="min-w-0 flex-1 basis-80">
					<p className="text-sec text-t3">
						<Link to={pipelines({})} className="hit hover:text-t1 hover:underline">
							Pipelines
						</Link>
						{" / "}
						<Link to={pipelines({ repo: run.repo, wf: null })} className="hit break-all hover:text-t1 hover:underline">
							{run.repo}
						</Link>
					</p>
					<div className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1">
						<h1 className="min-w-0 text-verdict font-[650] break-words">
							<Link to={pipelines({ repo: run.repo, wf: run.workflow })} className="hit hover:underline hover:underline-offset-2">
								{run.workflow}
							</Link>
						</h1>
						<RunStatusBadge status={run.status} />
						{staleFor !== null && <StaleBadge age={staleFor} />}
					</div>
				</div>
				<Ways run={run} isOver={isOver} />
			</div>
			<p className="mt-2 text-body" data-duration>
				<ClockIcon className="mr-1.5 inline size-4 align-[-3px] text-t3" />
				<strong className="font-semibold">{formatRunDuration(run, now) ?? "—"}</strong>
				<span className="text-t2">, {againstUsual(ms, peers, isOver)}</span>
			</p>
			<ul className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1 text-body text-t2">
				{run.branch !== null && (
					<Fact Icon={BranchIcon} word="Branch">
						<Link
							to={pipelines({ repo: run.repo, wf: null, q: run.branch })}
							title="Runs of this branch"
							className={`${LINK} font-mono text-sec break-all`}
						>
							{run.branch}
						</Link>
					</Fact>
				)}
				{short !== null && (
					<Fact Icon={CommitIcon} word="Commit">
						{commit === null ? (
							<span className="font-mono text-sec">{short}</span>
						) : (
							<a href={commit} rel="noreferrer" className={`${LINK} font-mono text-sec`}>
								{short}
							</a>
						)}
					</Fact>
				)}
				{run.actor !== null && (
					<Fact Icon={PersonIcon} word="Started by">
						{run.actor}
					</Fact>
				)}
				<li>
					{run.triggeredBy !== null && <>{run.triggeredBy} · </>}
					{attempts > 1 && (
						<>
							attempt {run.attempt} of {attempts} ·{" "}
						</>
					)}
					started <TimeText at={run.startedAt ?? run.orderedAt} />
				</li>
			</ul>
		</header>
	);
}

function Fact({ Icon, word, children }: { Icon: typeof BranchIcon; word: string; children: ReactNode }) {
	return (
		<li className="inline-flex min-w-0 items-center gap-1.5">
			<Icon className="size-4 text-t3" />
			<span className="sr-only">{word} </span>
			<span className="min-w-0 break-words">{children}</span>
		</li>
	);
}

function Ways({ run, isOver }: { run: RunReport["run"]; isOver: boolean }) {
	const toast = useToast();
	const there = safeHref(run.url);
	const forge = forgeWord(run.source);
	const isForge = forge !== "where it ran";
	return (
		<div className="no-print flex flex-wrap items-center gap-2">
			<Button
				className="needs-script"
				onClick={async () => {
					try {
						await navigator.clipboard.writeText(location.origin + location.pathname);
						toast({ text: "Link copied" });
					} catch {
						toast({ text: "This browser does not allow copying: the link is in the address bar" });
					}
				}}
			>
				<LinkIcon />
				Copy link
			</Button>
			{there !== null && (
				<a href={there} rel="noreferrer" className={buttonClass()}>
					<LeavesIcon />
					Open {isForge ? `on ${forge}` : forge}
				</a>
			)}
			{there !== null && isForge && isOver && (
				<a href={there} rel="noreferrer" aria-describedby="about-rerun" className={buttonClass()}>
					<RerunIcon />
					Re-run on {forge}…
				</a>
			)}
			{there !== null && isForge && isOver && (
				// No width of its own, nor the gap before it: the buttons decide how wide this is.
				<p id="about-rerun" className="-mr-2 w-0 min-w-full text-sec text-t3">
					{forge} runs it again: its page of this run has the button.
				</p>
			)}
		</div>
	);
}
