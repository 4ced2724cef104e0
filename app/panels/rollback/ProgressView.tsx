import { Form, Link, useFetcher, useParams } from "@remix-run/react";
import clsx from "clsx";
import type { ComponentType } from "react";
import type { Lock, RollbackRow } from "#worker/wire/deployments";
import { formatDuration } from "../../format/duration.ts";
import { formatUntil } from "../../format/time.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { useNow, useZone } from "../../ui/clock.tsx";
import { BanIcon, DashedRingIcon, type IconProps, RingTickIcon, SpokesIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { deployAddress, environmentAddress, rollbackPage } from "../deployments/addresses.ts";
import { canCancel, elapsedOf, type StageMark, sentenceOf, shareOf, stagesOf, TARGET_MS, type Tone, toneOf } from "./rollback-words.ts";
import { isUnderWay } from "./under-way.ts";

const TONES: Record<Tone, { Icon: ComponentType<IconProps>; ink: string; fill: string }> = {
	run: { Icon: SpokesIcon, ink: "text-run", fill: "fill-run-fill" },
	ok: { Icon: RingTickIcon, ink: "text-ok", fill: "fill-ok-fill" },
	bad: { Icon: StopIcon, ink: "text-bad", fill: "fill-bad-fill" },
	warn: { Icon: TriangleIcon, ink: "text-warn", fill: "fill-warn-fill" },
	idle: { Icon: BanIcon, ink: "text-idle", fill: "fill-idle-fill" },
};

/** The shape and colour of how a rollback stands. */
export function ToneIcon({ row, className = "size-5" }: { row: RollbackRow; className?: string }) {
	const { Icon, ink } = TONES[toneOf(row)];
	return <Icon className={`${className} ${ink}`} />;
}

/** The two minutes as a thin bar: how much of them is used. */
export function TargetBar({ row, className = "h-1" }: { row: RollbackRow; className?: string }) {
	const now = useNow(1000);
	const share = shareOf(row, now);
	const words = `${formatDuration(row.tookMs ?? elapsedOf(row, now))} of ${formatDuration(TARGET_MS)}`;
	return (
		<svg role="img" aria-label={words} className={clsx("block w-full overflow-hidden rounded-full", className)}>
			<rect width="100%" height="100%" className="fill-line2" />
			<rect width={`${Math.round(share * 1000) / 10}%`} height="100%" className={TONES[toneOf(row)].fill} />
		</svg>
	);
}

type ViewProps = {
	row: RollbackRow;
	refusal: string | null;
	/** The lock that its environment has now; absent where that is not known. */
	lock?: Lock | null;
};

/** A rollback under way or over: where it stands, its stages with their times, and what comes next. */
export function ProgressView({ row, refusal, lock }: ViewProps) {
	const now = useNow(1000);
	const under = isUnderWay(row);
	return (
		<div className="flex flex-col gap-3.5">
			<div>
				<p className="flex items-start gap-2 text-body">
					<span className="mt-0.5">
						<ToneIcon row={row} className="size-4" />
					</span>
					<span className="min-w-0 break-words">
						{sentenceOf(row, now)}
						{row.message !== null && row.state !== "failed" && row.state !== "expired" && <span className="text-t2"> {row.message}</span>}
					</span>
				</p>
				<div className="mt-2 flex items-center gap-2.5">
					<TargetBar row={row} />
					<span className="shrink-0 text-sec text-t2">
						{formatDuration(row.tookMs ?? elapsedOf(row, now))}
						{under && row.tookMs === null && "+"} of {formatDuration(TARGET_MS)}
					</span>
				</div>
			</div>
			<ol aria-label="Stages" className="flex flex-col">
				{stagesOf(row).map((stage) => (
					<StageLine key={stage.stage} {...stage} />
				))}
			</ol>
			<Next row={row} refusal={refusal} lock={lock} />
		</div>
	);
}

const MARKS: Record<StageMark["mark"], { Icon: ComponentType<IconProps>; ink: string; heard: string }> = {
	done: { Icon: RingTickIcon, ink: "text-ok", heard: "reached" },
	now: { Icon: SpokesIcon, ink: "text-run", heard: "now" },
	ahead: { Icon: DashedRingIcon, ink: "text-idle", heard: "not reached" },
	stopped: { Icon: BanIcon, ink: "text-t2", heard: "got no further" },
};

function StageLine({ word, afterMs, mark }: StageMark) {
	const { Icon, ink, heard } = MARKS[mark];
	return (
		<li className="flex min-h-8 items-center gap-2.5">
			<Icon className={`size-4 ${ink}`} />
			<span className={clsx("text-body", mark === "ahead" ? "text-t3" : "text-t1", mark === "now" && "font-medium")}>{word}</span>
			<span className="sr-only">, {heard}</span>
			<span className="ml-auto text-sec text-t3">{afterMs === null ? "—" : afterMs === 0 ? "0\u202fs" : formatDuration(afterMs)}</span>
		</li>
	);
}

/** What can be done now: take it back while it goes on; afterwards release, undo, note, or the way by hand. */
function Next({ row, refusal, lock }: ViewProps) {
	const { team = "-" } = useParams();
	const [now, zone] = [useNow(), useZone()];
	const page = rollbackPage(team, row.id);
	// Where the environment's own lock is known, that counts: it may be released, or be another one by now.
	const until = lock === undefined ? row.lockUntil : lock?.rollbackId === row.id ? lock.until : null;
	const isLocked = until !== null && until > now;
	const whyId = refusal === null ? undefined : `why-not-${row.id}`;
	return (
		<>
			{row.manual !== null && (row.state === "failed" || row.state === "expired" || row.state === "unknown") && (
				<CopyField label="To run by hand" value={row.manual} />
			)}
			{isLocked && (
				<p className="text-body text-t2">
					{row.environment} is locked until {formatUntil(until, { now, zone })}. A hold of {row.from.version} is released on the
					environment's page.
				</p>
			)}
			{refusal !== null && (
				<p id={whyId} className="text-sec text-t2">
					{refusal}
				</p>
			)}
			<div className="flex flex-wrap gap-2">
				{canCancel(row) && <OneButton action={page} act="cancel" words="Cancel it" busyWords="Cancelling" whyId={whyId} />}
				{isLocked && (
					<OneButton
						action={environmentAddress(team, row.environmentId)}
						act="unlock"
						what={row.id}
						words="Release lock"
						busyWords="Releasing"
						whyId={whyId}
					/>
				)}
				{row.state === "succeeded" && row.kind === "rollback" && (
					<Link
						to={deployAddress(team, { component: row.component, version: row.from.version, environment: row.environment })}
						className={buttonClass()}
					>
						Undo: deploy {row.from.version}…
					</Link>
				)}
				{!isUnderWay(row) && row.kind === "rollback" && (
					<Link to={`${page}#note`} className={buttonClass()}>
						{row.note === null ? "Write note" : "Read note"}
					</Link>
				)}
			</div>
		</>
	);
}

type OneProps = { action: string; act: string; what?: string; words: string; busyWords: string; whyId: string | undefined };

/** A form of one button that leaves the page where it is. */
export function OneButton({ action, act, what, words, busyWords, whyId }: OneProps) {
	const fetcher = useFetcher<{ ok: boolean; told: string }>();
	const isBusy = fetcher.state !== "idle";
	return (
		<fetcher.Form method="post" action={action} className="contents">
			<input type="hidden" name="act" value={act} />
			{what !== undefined && <input type="hidden" name="id" value={what} />}
			<Button type="submit" busy={isBusy} disabled={whyId !== undefined} aria-describedby={whyId} aria-label={isBusy ? busyWords : words}>
				{words}
			</Button>
			{fetcher.data && (
				<span role="status" className={clsx("self-center text-sec", fetcher.data.ok ? "text-t2" : "text-bad")}>
					{fetcher.data.told}
				</span>
			)}
		</fetcher.Form>
	);
}

/** Writes beside a rollback what was learned. Works without scripts. */
export function NoteForm({ row, whyId }: { row: RollbackRow; whyId: string | undefined }) {
	return (
		<Form method="post" preventScrollReset className="flex flex-col gap-2">
			<input type="hidden" name="act" value="note" />
			<textarea
				name="text"
				defaultValue={row.note ?? ""}
				rows={3}
				maxLength={2000}
				required
				aria-label="Note"
				disabled={whyId !== undefined}
				aria-describedby={whyId}
				className="w-full rounded-ctl border border-ctl bg-s1 px-2.5 py-1.5 text-body text-t1 max-sm:text-[1rem]"
			/>
			<Button type="submit" className="w-fit" disabled={whyId !== undefined} aria-describedby={whyId}>
				Save note
			</Button>
		</Form>
	);
}
