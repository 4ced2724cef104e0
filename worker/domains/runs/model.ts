import type { RunEvent, RunFacts, RunStatus } from "../../wire/events.ts";
import type { RunRow } from "../../wire/live.ts";

/**
 * A run's state: that of its newest attempt. `rank` and `updatedAt` are the rest of the key that decides which of two
 * events is newer; `stub` marks a run of which only jobs have been seen.
 */
export type Run = RunFacts & {
	integrationId: string;
	status: RunStatus;
	stub: boolean;
	conclusionRaw: string | null;
	startedAt: number | null;
	finishedAt: number | null;
	durationMs: number | null;
	updatedAt: number;
	coverage: number | null;
	error: string | null;
	meta: Record<string, unknown>;
	/** Lists and buckets go by this: `startedAt`, unless that is absent or far ahead of our own clock. */
	orderedAt: number;
	firstReceivedAt: number;
};

/** Stub < queued < running < final. @source reliability rules, finding 3 */
export function rankOf(run: { status: RunStatus; stub: boolean }): number {
	if (run.stub) return 0;
	if (run.status === "queued") return 1;
	return run.status === "running" ? 2 : 3;
}

type Key = { attempt: number; status: RunStatus; stub: boolean; updatedAt: number; conclusionRaw: string | null };

/** Negative when `a` is older than `b`: `(attempt, status rank, updated_at, conclusion)` compared in that order. */
export function compareKeys(a: Key, b: Key): number {
	return (
		a.attempt - b.attempt ||
		rankOf(a) - rankOf(b) ||
		a.updatedAt - b.updatedAt ||
		((a.conclusionRaw ?? "") < (b.conclusionRaw ?? "") ? -1 : (a.conclusionRaw ?? "") > (b.conclusionRaw ?? "") ? 1 : 0)
	);
}

/** A sender's clock may be a day off; a start further ahead than that is taken for a mistake and the arrival counts instead. */
const CLOCK_TOLERANCE_MS = 24 * 3600_000;

/** What lists and buckets go by: the start as sent, or the first arrival where there is none or it lies in the far future. */
export function orderedAtOf(startedAt: number | null, firstReceivedAt: number): number {
	if (startedAt === null || startedAt > firstReceivedAt + CLOCK_TOLERANCE_MS || startedAt < 0) return firstReceivedAt;
	return startedAt;
}

/** The state a run event describes, as if nothing else were known. */
export function runFromEvent(event: RunEvent, integrationId: string, receivedAt: number): Run {
	const { type: _type, ...facts } = event;
	return {
		...facts,
		integrationId,
		stub: false,
		orderedAt: orderedAtOf(event.startedAt, receivedAt),
		firstReceivedAt: receivedAt,
	};
}

/** What a conclusion means where nothing better is known about a failure. */
const CONCLUSIONS: Record<string, string> = {
	timed_out: "Timed out",
	startup_failure: "The workflow could not start",
	action_required: "Waits for someone to act",
};

/** A run together with its first failed job and step, where its jobs are known. */
export type ListedRun = Run & { failedStep: string | null };

/** One line saying why a run failed: the sender's own, else its first failed job and step, else its conclusion. */
export function errorOf(run: Run & { failedStep?: string | null }): string | null {
	if (run.status !== "failure") return null;
	return run.error ?? run.failedStep ?? CONCLUSIONS[run.conclusionRaw ?? ""] ?? null;
}

/** The columns of a run that a list in the browser shows. */
export function toRow(run: Run & { failedStep?: string | null }): RunRow {
	return {
		id: run.id,
		source: run.source,
		attempt: run.attempt,
		repo: run.repo,
		workflow: run.workflow,
		branch: run.branch,
		status: run.status,
		startedAt: run.startedAt,
		finishedAt: run.finishedAt,
		durationMs: run.durationMs,
		triggeredBy: run.triggeredBy,
		actor: run.actor,
		commit: run.commit,
		url: run.url,
		error: errorOf(run),
		orderedAt: run.orderedAt,
	};
}
