import type { Database, Statement } from "../database.ts";
import {
	addCounts,
	type Head,
	insertBodies,
	insertCommit,
	insertDeliveries,
	type KnownDelivery,
	readHead,
	selectHead,
	selectKnown,
	touchDeliveries,
} from "../domains/deliveries/store.server.ts";
import { insertPushes } from "../domains/git/store.server.ts";
import { openRunBook, type RunBook, tallyChanges, touchedRuns } from "../domains/runs/apply.ts";
import { bookFromRecords, selectJobs, selectRuns, writeBook } from "../domains/runs/book.server.ts";
import type { ListedRun, Run } from "../domains/runs/model.ts";
import { rollupFromRecord, selectRollups, upsertRollups } from "../domains/runs/rollup.server.ts";
import { type RollupRow, rollupChanges, rollupKey, rollupsAfter } from "../domains/runs/rollup.ts";
import { selectFailedSteps } from "../domains/runs/store.server.ts";
import { withPatience } from "../patience.ts";
import type { Delivery, Receipt } from "../wire/delivery.ts";
import type { TallyChange } from "../wire/live.ts";
import { type Decision, decideGroup } from "./group.ts";

/** One shard until a team needs more: an object takes about a thousand requests a second. */
const SHARD = 0;
/** How long D1 may take before the ledger stops waiting and keeps the group itself. @source reliability fault 17 */
const D1_PATIENCE_MS = 2000;
const FENCE_TRIES = 5;
const CACHED_ROLLUPS_MAX = 20_000;

/** What one writer remembers between commits: only ever a copy of what D1 holds, dropped whenever an outcome is in doubt. */
export type WriterMemory = {
	head: Head | null;
	hours: Map<string, RollupRow>;
	days: Map<string, RollupRow>;
};

/** A writer that has yet to read where the stream stands. */
export function freshMemory(): WriterMemory {
	return { head: null, hours: new Map(), days: new Map() };
}

/** What a commit changed, for the sockets. */
export type Committed = {
	receipts: Receipt[];
	change: { prev: number; seq: number; at: number; runs: ListedRun[]; tallies: TallyChange[] };
};

/** D1 did not take the group; nothing is known to be stored. The ledger keeps it and tries again. */
export class D1Unavailable extends Error {}

type Commit = { db: Database; teamId: string; deliveries: readonly Delivery[]; memory: WriterMemory; now: number };

/**
 * Commit a group of deliveries in one fenced D1 batch.
 * @throws D1Unavailable when D1 fails or takes longer than two seconds; any other error is the group's own fault
 */
export async function commitGroup({ db, teamId, deliveries, memory, now }: Commit): Promise<Committed> {
	for (let attempt = 0; ; attempt++) {
		try {
			return await attemptCommit({ db, teamId, deliveries, memory, now }, attempt > 0);
		} catch (error) {
			// Whatever failed, another writer or a late batch may have moved the stream: read everything anew.
			Object.assign(memory, freshMemory());
			if (isFenceViolation(error) && attempt < FENCE_TRIES) continue;
			throw isOwnFault(error) ? error : new D1Unavailable(String(error), { cause: error });
		}
	}
}

async function attemptCommit({ db, teamId, deliveries, memory, now }: Commit, isRetry: boolean): Promise<Committed> {
	const { known, book } = await readTouched(db, teamId, deliveries, memory);
	const head = memory.head;
	if (!head) throw new D1Unavailable(`team ${teamId} is not in D1`);
	const decision = decideGroup(deliveries, known, book, { isRetry });
	const tallies = tallyChanges(book);
	const hours = rollupChanges(tallies, "hour");
	const days = rollupChanges(tallies, "day");
	await readRollups(db, teamId, memory, hours, days);
	const hoursAfter = rollupsAfter(hours, memory.hours);
	const daysAfter = rollupsAfter(days, memory.days);

	const no = head.no + 1;
	const touched = touchedRuns(book);
	// Their jobs may know why they failed.
	const failed = touched.filter(({ status, error }) => status === "failure" && error === null).map(({ id }) => id);
	const answers = await patiently(
		db.batch([
			insertCommit({ teamId, shard: SHARD, no, at: now, size: deliveries.length }),
			...writeDeliveries(teamId, no, decision),
			...writeBook(teamId, book),
			...insertPushes(teamId, decision.pushes),
			...(hoursAfter.length > 0 ? [upsertRollups("rollup_hours", teamId, hoursAfter)] : []),
			...(daysAfter.length > 0 ? [upsertRollups("rollup_days", teamId, daysAfter)] : []),
			...(failed.length > 0 ? [selectFailedSteps(teamId, failed)] : []),
		]),
	);
	memory.head = { ...head, no, at: now };
	for (const row of hoursAfter) memory.hours.set(rollupKey(row), row);
	for (const row of daysAfter) memory.days.set(rollupKey(row), row);
	return {
		receipts: decision.receipts,
		change: { prev: head.no, seq: no, at: now, runs: listedRuns(touched, failed.length > 0 ? answers.at(-1) : []), tallies },
	};
}

/** What the pages are told of the runs that have news; `reasons` is what their jobs say of those that failed without one. */
function listedRuns(touched: readonly Run[], reasons: unknown): ListedRun[] {
	const steps = new Map((reasons as Pick<ListedRun, "id" | "failedStep">[]).map(({ id, failedStep }) => [id, failedStep]));
	return touched.map((run) => ({ ...run, failedStep: steps.get(run.id) ?? null }));
}

async function readTouched(db: Database, teamId: string, deliveries: readonly Delivery[], memory: WriterMemory) {
	const runIds = new Set<string>();
	const jobs: [string, string][] = [];
	for (const { events } of deliveries)
		for (const event of events) {
			if (event.type === "run") runIds.add(event.id);
			if (event.type === "job") {
				runIds.add(event.run.id);
				jobs.push([event.run.id, event.id]);
			}
		}
	const statements: Statement[] = [selectKnown(teamId, deliveries)];
	const runsAt = runIds.size > 0 ? statements.push(selectRuns(teamId, [...runIds])) - 1 : -1;
	const jobsAt = jobs.length > 0 ? statements.push(selectJobs(teamId, jobs)) - 1 : -1;
	const headAt = memory.head ? -1 : statements.push(selectHead(teamId, SHARD)) - 1;
	const answers = await patiently(db.batch(statements));
	if (headAt >= 0) memory.head = (answers[headAt] as Head[])[0] ?? null;
	const book: RunBook = runsAt < 0 ? openRunBook([], []) : bookFromRecords(answers[runsAt], jobsAt < 0 ? [] : answers[jobsAt]);
	return { known: answers[0] as KnownDelivery[], book };
}

/** Bring the rollup rows that a commit touches into memory; in steady state they are there. */
async function readRollups(
	db: Database,
	teamId: string,
	memory: WriterMemory,
	hours: ReadonlyMap<string, RollupRow>,
	days: ReadonlyMap<string, RollupRow>,
): Promise<void> {
	if (memory.hours.size + memory.days.size > CACHED_ROLLUPS_MAX) {
		memory.hours.clear();
		memory.days.clear();
	}
	const missing = (wanted: ReadonlyMap<string, RollupRow>, have: Map<string, RollupRow>) =>
		[...wanted].filter(([key]) => !have.has(key)).map(([, row]) => row);
	const missingHours = missing(hours, memory.hours);
	const missingDays = missing(days, memory.days);
	const statements: Statement[] = [];
	if (missingHours.length > 0) statements.push(selectRollups("rollup_hours", teamId, missingHours));
	if (missingDays.length > 0) statements.push(selectRollups("rollup_days", teamId, missingDays));
	if (statements.length === 0) return;
	const answers = await patiently(db.batch(statements));
	let next = 0;
	const keep = (rows: RollupRow[], into: Map<string, RollupRow>) => {
		if (rows.length === 0) return;
		for (const record of answers[next++] as unknown[]) {
			const row = rollupFromRecord(record);
			into.set(rollupKey(row), row);
		}
	};
	keep(missingHours, memory.hours);
	keep(missingDays, memory.days);
}

function writeDeliveries(teamId: string, no: number, { rows, repeats, counts }: Decision): Statement[] {
	return [
		...(rows.length > 0 ? [insertDeliveries(teamId, no, rows)] : []),
		...(rows.some(({ delivery }) => delivery.body !== null) ? [insertBodies(teamId, no, rows)] : []),
		...(repeats.length > 0 ? [touchDeliveries(teamId, repeats)] : []),
		...(counts.size > 0 ? [addCounts(teamId, [...counts.values()])] : []),
	];
}

/**
 * File a delivery that could not be applied as dead, with its reason, under the fence.
 * @throws D1Unavailable
 */
export async function commitDead(
	{ db, teamId, memory, now }: Omit<Commit, "deliveries">,
	delivery: Delivery,
	reason: string,
): Promise<void> {
	try {
		memory.head ??= await patiently(readHead(db, teamId));
		if (!memory.head) throw new Error(`team ${teamId} is not in D1`);
		const no = memory.head.no + 1;
		const { integrationId, source, receivedAt } = delivery;
		await patiently(
			db.batch([
				insertCommit({ teamId, shard: SHARD, no, at: now, size: 1 }),
				insertDeliveries(teamId, no, [{ delivery, result: "dead", reason, runId: null }]),
				...(delivery.body === null ? [] : [insertBodies(teamId, no, [{ delivery, result: "dead", reason, runId: null }])]),
				addCounts(teamId, [{ integrationId, source, result: "dead", n: 1, at: receivedAt }]),
			]),
		);
		memory.head = { ...memory.head, no, at: now };
	} catch (error) {
		Object.assign(memory, freshMemory());
		throw new D1Unavailable(String(error), { cause: error });
	}
}

/** Wait for D1, but not for ever. */
function patiently<T>(work: Promise<T>): Promise<T> {
	return withPatience(work, D1_PATIENCE_MS, () => new D1Unavailable("D1 did not answer within 2 s"));
}

/** The whole message of an error and its causes: drizzle wraps D1's own. */
function fullMessage(error: unknown): string {
	let text = "";
	for (let e: unknown = error; e instanceof Error; e = e.cause) text += `${e.message}\n`;
	return text;
}

function isFenceViolation(error: unknown): boolean {
	return /UNIQUE constraint failed: commits\./.test(fullMessage(error));
}

/** Whether trying the same group again can't help: SQLite refuses what is in it. */
function isOwnFault(error: unknown): boolean {
	return /constraint failed|datatype mismatch|malformed JSON|string or blob too big|SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/i.test(
		fullMessage(error),
	);
}
