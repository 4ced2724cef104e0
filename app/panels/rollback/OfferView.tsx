import { Link, useParams } from "@remix-run/react";
import clsx from "clsx";
import { type ReactNode, type RefObject, useState } from "react";
import type { Check, Choice, RollbackOffer, VersionCard } from "#worker/wire/deployments";
import { plural } from "../../format/number.ts";
import { formatAge } from "../../format/time.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { useNow } from "../../ui/clock.tsx";
import { ChevronDownIcon, InfoIcon, RingTickIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { ArrowRightIcon, CommitIcon, DiffIcon, LockIcon } from "../../ui/icons-more.tsx";
import { HEALTH_LOOKS } from "../deployments/health.ts";
import { rollbackAddress } from "./RollBackButton.tsx";

type ViewProps = {
	offer: RollbackOffer;
	/** What the focus lands on first. */
	target?: RefObject<HTMLDivElement>;
	/** Choose another version in place; without it each is a link to its own form. */
	onChoose?: (deploymentId: string) => void;
};

/** What a rollback changes and what it does not, before it is confirmed. Design brief, 3.8. */
export function OfferView({ offer, target, onChoose }: ViewProps) {
	const { from, to, choices, notUndone, blocked, manual } = offer;
	const look = HEALTH_LOOKS[from.health];
	// Green is for a version that is known to have run well.
	const isUnproven = offer.checks.some(({ id, tone }) => id === "ran" && tone !== "ok");
	const inkTo = isUnproven ? "text-warn" : "text-ok";
	return (
		<div className="flex flex-col gap-3.5">
			<div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-stretch gap-2 sm:gap-3">
				<VersionBox
					tint={from.health === "failing" || from.health === "degraded" ? "border-bad-fill bg-bad-bg" : "border-line2 bg-s2"}
					head={
						<>
							<look.Icon className={`size-3.5 ${look.ink}`} />
							<span className={look.ink}>Running now</span>
						</>
					}
					card={from}
					foot={<span className={look.ink}>{from.sentence}</span>}
				/>
				<ArrowRightIcon className="size-5 self-center text-t2" />
				<div ref={target} tabIndex={-1} className="min-w-0 rounded-card">
					{to ? (
						<VersionBox
							tint={isUnproven ? "border-warn-fill bg-warn-bg" : "border-ok-fill bg-ok-bg"}
							head={
								<>
									{isUnproven ? <TriangleIcon className="size-3.5 text-warn" /> : <RingTickIcon className="size-3.5 text-ok" />}
									<span className={inkTo}>Roll back to</span>
								</>
							}
							card={to}
							foot={<span className={inkTo}>{to.ran}</span>}
						/>
					) : (
						<div className="h-full rounded-card border border-dashed border-line2 p-3 text-body text-t2">Nothing to go back to</div>
					)}
				</div>
			</div>
			{choices.length > 1 && <Others offer={offer} onChoose={onChoose} />}
			{blocked !== null && (
				<Blocked why={blocked} wayOut={offer.checks.find(({ title }) => title === blocked)?.detail ?? null} manual={manual} />
			)}
			<WhatChanges offer={offer} />
			<Checks offer={offer} />
			{notUndone.length > 0 && (
				<section>
					<h3 className="flex items-center gap-1.5 text-sec font-medium text-t2">
						<InfoIcon className="size-4" />
						What this does not undo
					</h3>
					<ul className="mt-1 list-disc space-y-0.5 pl-8.5 text-sec text-t2">
						{notUndone.map((sentence) => (
							<li key={sentence}>{sentence}</li>
						))}
					</ul>
				</section>
			)}
		</div>
	);
}

function VersionBox({ tint, head, card, foot }: { tint: string; head: ReactNode; card: VersionCard; foot: ReactNode }) {
	const now = useNow();
	const { version, by, at, commit } = card;
	return (
		<div className={clsx("h-full min-w-0 rounded-card border px-3 py-2.5", tint)}>
			<p className="flex items-center gap-1.5 text-sec">{head}</p>
			<p className="text-[1.25rem]/7 font-semibold tracking-[-0.015em] break-all">{version}</p>
			<p className="text-sec text-t2">
				{by !== null && `${by} · `}
				{formatAge(at, now)} ago
				{commit !== null && (
					<>
						{" "}
						· <code className="font-mono">{commit.slice(0, 7)}</code>
					</>
				)}
			</p>
			<p className="text-sec">{foot}</p>
		</div>
	);
}

/** The other versions there are, and why some can't be returned to. */
function Others({ offer, onChoose }: { offer: RollbackOffer; onChoose: ViewProps["onChoose"] }) {
	const { team = "-" } = useParams();
	const chosen = offer.to?.deploymentId;
	return (
		<details className="group/others rounded-ctl border border-line2">
			<summary className="target flex min-h-8 items-center gap-2 rounded-ctl px-3 text-sec font-medium text-t2 hover:bg-s2 hover:text-t1">
				Choose another
				<span className="ml-auto font-normal text-t3">{plural(offer.choices.length, "version")}</span>
				<ChevronDownIcon className="size-3.5 group-open/others:rotate-180" />
			</summary>
			<ul className="max-h-56 divide-y divide-line overflow-y-auto border-t border-line">
				{offer.choices.map((choice) => (
					<li key={choice.deploymentId} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
						<span className="min-w-0 flex-1 basis-40">
							<span className="font-mono text-sec break-all">{choice.version}</span>
							<span className="block text-sec text-t3">{choice.isEligible ? choice.ran : choice.why}</span>
						</span>
						<Choose choice={choice} isChosen={choice.deploymentId === chosen} onChoose={onChoose}>
							{rollbackAddress(team, {
								environmentId: offer.environment.id,
								component: offer.component,
								to: choice.deploymentId,
							})}
						</Choose>
					</li>
				))}
			</ul>
		</details>
	);
}

type ChooseProps = { choice: Choice; isChosen: boolean; onChoose: ViewProps["onChoose"]; children: string };

function Choose({ choice, isChosen, onChoose, children: href }: ChooseProps) {
	if (isChosen) return <span className="text-sec font-medium text-ok">Chosen</span>;
	if (!choice.isEligible) return <span className="text-sec text-t3">Not possible</span>;
	const name = `Roll back to ${choice.version} instead`;
	if (!onChoose) {
		return (
			<Link to={href} aria-label={name} className="hit text-sec font-medium text-acc hover:underline">
				Choose
			</Link>
		);
	}
	return (
		<Button size="sm" aria-label={name} onClick={() => onChoose(choice.deploymentId)}>
			Choose
		</Button>
	);
}

/** Why it can't be asked for, and the way that is left. */
function Blocked({ why, wayOut, manual }: { why: string; wayOut: string | null; manual: string | null }) {
	return (
		<section aria-label="Why it is blocked" className="flex flex-col gap-2 rounded-card border border-warn-fill bg-warn-bg p-3">
			<p id="rollback-blocked" className="flex items-start gap-2 text-body">
				<TriangleIcon className="mt-0.5 size-4 text-warn" />
				<span className="min-w-0 break-words">
					{why}
					{wayOut !== null && <span className="text-t2"> {wayOut}</span>}
				</span>
			</p>
			{manual !== null && <CopyField label="To run by hand" value={manual} />}
		</section>
	);
}

/** The templates' difference and the commits that are undone. */
function WhatChanges({ offer: { changes, compared, commits } }: { offer: RollbackOffer }) {
	const [tab, setTab] = useState<"changes" | "commits">("changes");
	const hasCommits = commits !== null && commits.length > 0;
	const shown = hasCommits ? tab : "changes";
	return (
		<section>
			<div className="flex items-center gap-4 border-b border-line">
				<TabHead isOn={shown === "changes"} onPress={() => setTab("changes")} isButton={hasCommits}>
					<DiffIcon className="size-4" />
					What changes
				</TabHead>
				{hasCommits && (
					<TabHead isOn={shown === "commits"} onPress={() => setTab("commits")} isButton>
						<CommitIcon className="size-4" />
						{plural(commits.length, "commit")} undone
					</TabHead>
				)}
			</div>
			{shown === "changes" ? (
				changes.length === 0 ? (
					<p className="py-2 text-sec text-t2">
						{compared === "templates"
							? "The two templates are the same."
							: "The agent has not told of the two templates, so what differs is not known."}
					</p>
				) : (
					<>
						<DiffLines lines={changes} />
						{compared === "images" && (
							<p className="mt-1 text-sec text-t3">
								The agent has told of images alone. Variables, probes and limits of the template come back with them.
							</p>
						)}
					</>
				)
			) : (
				<Commits commits={commits ?? []} />
			)}
			{/* Without scripts nothing switches: both are shown. */}
			{hasCommits && (
				<div className="without-script w-full">
					<Commits commits={commits} />
				</div>
			)}
		</section>
	);
}

function TabHead({ isOn, isButton, onPress, children }: { isOn: boolean; isButton: boolean; onPress: () => void; children: ReactNode }) {
	const look = clsx(
		"target -mb-px flex h-8 items-center gap-1.5 border-b-2 text-sec font-medium",
		isOn ? "border-acc-fill text-t1" : "border-transparent text-t2",
	);
	if (!isButton) return <h3 className={look}>{children}</h3>;
	return (
		<button type="button" aria-pressed={isOn} onClick={onPress} className={clsx(look, "needs-script hover:text-t1")}>
			{children}
		</button>
	);
}

/** Lines with `-` and `+` before them, as a diff. */
export function DiffLines({ lines }: { lines: readonly string[] }) {
	return (
		<section
			aria-label="Lines that differ"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
			tabIndex={0}
			className="mt-2 max-h-40 overflow-auto rounded-ctl border border-line2 bg-bg"
		>
			<ul className="min-w-full font-mono text-mono sm:w-max">
				{lines.map((line, index) => {
					const sign = line.startsWith("+") ? "+" : line.startsWith("-") ? "-" : " ";
					return (
						<li
							// Equal lines may stand twice, and their order never changes.
							key={`${index} ${line}`}
							className={clsx(
								"flex px-2.5 whitespace-pre max-sm:whitespace-pre-wrap max-sm:break-all",
								sign === "+" ? "bg-ok-bg text-ok" : sign === "-" ? "bg-bad-bg text-bad" : "text-t2",
							)}
						>
							<span className="w-5 shrink-0">{sign}</span>
							<span>{line.replace(/^[ +-] ?/, "")}</span>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

/** Commits, newest first. */
export function Commits({ commits }: { commits: NonNullable<RollbackOffer["commits"]> }) {
	return (
		<ul className="mt-1 max-h-40 divide-y divide-line overflow-y-auto">
			{commits.map(({ sha, author, message }) => (
				<li key={sha} className="flex min-w-0 items-baseline gap-2.5 py-1.5">
					<code className="font-mono text-sec text-t3">{sha.slice(0, 7)}</code>
					<span className="min-w-0 flex-1 truncate text-body" title={message}>
						{message.split("\n", 1)[0]}
					</span>
					<span className="shrink-0 text-sec text-t3">{author}</span>
				</li>
			))}
		</ul>
	);
}

const CHECK_LOOKS = {
	ok: { Icon: RingTickIcon, ink: "text-ok", word: "Fine" },
	warn: { Icon: TriangleIcon, ink: "text-warn", word: "Take care" },
	stop: { Icon: StopIcon, ink: "text-bad", word: "Stops" },
} as const;

/** The checks as sentences, what stops first. */
function Checks({ offer }: { offer: RollbackOffer }) {
	const { checks, blocked } = offer;
	const order: Check["tone"][] = ["stop", "warn", "ok"];
	// What blocks it is said above, with the way that is left.
	const sorted = checks.filter(({ title }) => title !== blocked).sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
	return (
		<section>
			<h3 className="sr-only">Checks</h3>
			<ul className="grid gap-x-5 sm:grid-cols-2 max-sm:divide-y max-sm:divide-line max-sm:border-y max-sm:border-line">
				{sorted.map(({ id, tone, title, detail }) => {
					const { Icon, ink, word } = id === "lockAfter" ? { ...CHECK_LOOKS.warn, Icon: LockIcon } : CHECK_LOOKS[tone];
					return (
						<li key={id} className="flex items-start gap-2 py-1.5 text-sec">
							<Icon className={`mt-0.5 size-4 ${ink}`} />
							<span className="min-w-0 break-words">
								<span className="sr-only">{word}: </span>
								<span className="font-medium">{title}</span>
								{detail !== null && <span className="text-t2"> {detail}</span>}
							</span>
						</li>
					);
				})}
			</ul>
		</section>
	);
}
