import type { Effect } from "../../wire/delivery.ts";
import type { JobEvent, RunEvent, RunStatus } from "../../wire/events.ts";
import type { TallyChange } from "../../wire/live.ts";
import { compareKeys, orderedAtOf, type Run, rankOf, runFromEvent } from "./model.ts";
import { addTally, bucketStart, emptyTally, isEmptyTally, tallyOf } from "./tally.ts";

/** An attempt that is no longer a run's newest one. */
export type Attempt = {
	runId: string;
	attempt: number;
	status: RunStatus;
	conclusionRaw: string | null;
	startedAt: number | null;
	finishedAt: number | null;
	durationMs: number | null;
	updatedAt: number;
};

/** A job as stored: without what it knew of its run. */
export type Job = Omit<JobEvent, "run" | "type"> & { runId: string };

/**
 * The runs and jobs that a group of deliveries touches: as stored before it, and as they are after what has been applied
 * so far. Applying is order-free: whatever the order and however often, the greatest key wins.
 */
export type RunBook = {
	before: ReadonlyMap<string, Run>;
	now: Map<string, Run>;
	attempts: Map<string, Attempt>;
	jobs: Map<string, Job>;
	changedJobs: Set<string>;
};

/** A job's key in the book: job ids are unique within their run. */
export function jobKey(runId: string, jobId: string): string {
	return `${runId}\n${jobId}`;
}

/** Open a book on what is stored of the runs and jobs that a group speaks of. */
export function openRunBook(runs: readonly Run[], jobs: readonly Job[]): RunBook {
	const before = new Map(runs.map((run) => [run.id, run]));
	return {
		before,
		now: new Map(before),
		attempts: new Map(),
		jobs: new Map(jobs.map((job) => [jobKey(job.runId, job.id), job])),
		changedJobs: new Set(),
	};
}

function keepAttempt(book: RunBook, run: Run): void {
	if (run.stub) return;
	const key = `${run.id}\n${run.attempt}`;
	const known = book.attempts.get(key);
	const asRun = (a: Attempt) => ({ ...a, stub: false });
	if (known && compareKeys(asRun(known), run) >= 0) return;
	book.attempts.set(key, {
		runId: run.id,
		attempt: run.attempt,
		status: run.status,
		conclusionRaw: run.conclusionRaw,
		startedAt: run.startedAt,
		finishedAt: run.finishedAt,
		durationMs: run.durationMs,
		updatedAt: run.updatedAt,
	});
}

/** What a sender could have changed; used to tell a repeat from a contradiction. */
function sameContent(a: Run, b: Run): boolean {
	const content = ({ firstReceivedAt: _f, orderedAt: _o, integrationId: _i, ...rest }: Run) => JSON.stringify(sortKeys(rest));
	return content(a) === content(b);
}

function sortKeys(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([key, inner]) => [key, sortKeys(inner)]),
	);
}

function merge(book: RunBook, incoming: Run, isStrict = false): Effect {
	const current = book.now.get(incoming.id);
	if (!current) {
		book.now.set(incoming.id, incoming);
		return "created";
	}
	// Two words for one moment: for a sender that is told about clashes neither is newer, whatever the alphabet says.
	const order = compareKeys(isStrict ? { ...incoming, conclusionRaw: current.conclusionRaw } : incoming, current);
	if (order > 0) {
		if (incoming.attempt > current.attempt) keepAttempt(book, current);
		// The earliest arrival decides where a run without a believable start is listed, so that arrivals in any order agree.
		const firstReceivedAt = Math.min(incoming.firstReceivedAt, current.firstReceivedAt);
		book.now.set(incoming.id, { ...incoming, firstReceivedAt, orderedAt: orderedAtOf(incoming.startedAt, firstReceivedAt) });
		return "updated";
	}
	if (order === 0 && sameContent(incoming, current)) return "same";
	if (incoming.attempt < current.attempt) keepAttempt(book, incoming);
	return "older";
}

/** Apply a run's event. `isStrict`: between two events of the same moment and rank the first stays, whatever they say. */
export function applyRun(book: RunBook, event: RunEvent, integrationId: string, receivedAt: number, isStrict = false): Effect {
	return merge(book, runFromEvent(event, integrationId, receivedAt), isStrict);
}

/** Apply a job's event; a run that has not been heard of yet begins as a stub made of what its job knows. */
export function applyJob(book: RunBook, event: JobEvent, integrationId: string, receivedAt: number): Effect {
	const { run: facts, type: _type, ...rest } = event;
	const startedAt = event.startedAt;
	merge(book, {
		...facts,
		integrationId,
		stub: true,
		status: event.status === "queued" ? "queued" : "running",
		conclusionRaw: null,
		startedAt,
		finishedAt: null,
		durationMs: null,
		updatedAt: event.updatedAt,
		coverage: null,
		error: null,
		meta: {},
		orderedAt: orderedAtOf(startedAt, receivedAt),
		firstReceivedAt: receivedAt,
	});
	const job: Job = { ...rest, runId: facts.id };
	const key = jobKey(job.runId, job.id);
	const known = book.jobs.get(key);
	const asKey = (j: Job) => ({ ...j, stub: false });
	if (known && compareKeys(asKey(job), asKey(known)) <= 0) return "older";
	book.jobs.set(key, job);
	book.changedJobs.add(key);
	return known ? "updated" : "created";
}

/** The runs a group changed, in the state after it. */
export function changedRuns(book: RunBook): Run[] {
	return [...book.now.values()].filter((run) => book.before.get(run.id) !== run);
}

/** The runs a group changed themselves or by one of their jobs, in the state after it: those whose pages have news. */
export function touchedRuns(book: RunBook): Run[] {
	const ids = new Set(changedRuns(book).map(({ id }) => id));
	for (const key of book.changedJobs) {
		const job = book.jobs.get(key);
		if (job) ids.add(job.runId);
	}
	return [...ids].flatMap((id) => book.now.get(id) ?? []);
}

/** What the group changes in the hourly figures: each changed run leaves its old bucket and enters its new one. */
export function tallyChanges(book: RunBook): TallyChange[] {
	const changes = new Map<string, TallyChange>();
	const count = (run: Run, sign: 1 | -1) => {
		const hour = bucketStart(run.orderedAt, "hour");
		const key = `${hour}\n${run.repo}\n${run.workflow}`;
		let change = changes.get(key);
		if (!change) {
			change = { hour, repo: run.repo, workflow: run.workflow, tally: emptyTally() };
			changes.set(key, change);
		}
		addTally(change.tally, tallyOf(run), sign);
	};
	for (const run of changedRuns(book)) {
		const before = book.before.get(run.id);
		if (before) count(before, -1);
		count(run, 1);
	}
	return [...changes.values()].filter((change) => !isEmptyTally(change.tally));
}

/** Stub < queued < running < final, for storing beside a job or an earlier attempt. */
export function storedRank(item: { status: RunStatus }): number {
	return rankOf({ status: item.status, stub: false });
}
