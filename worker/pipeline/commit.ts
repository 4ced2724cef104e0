import type { Database, Statement } from "../database.ts";
import { observedDeploymentId, openClusterBook } from "../domains/clusters/apply.ts";
import {
	clusterRecords,
	selectClusterHeads,
	selectKnownWorkloads,
	selectTemplates,
	writeClusterBook,
} from "../domains/clusters/book.server.ts";
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
import { type Component, changedDeploymentRows, openDeploymentBook } from "../domains/deployments/apply.ts";
import {
	deploymentFromRecord,
	selectComponents,
	selectDeployments,
	selectEnvironmentNames,
	writeDeploymentBook,
} from "../domains/deployments/book.server.ts";
import { environmentIdOf } from "../domains/environments/model.ts";
import { insertPushes } from "../domains/git/store.server.ts";
import { tallyChanges, touchedRuns } from "../domains/runs/apply.ts";
import { bookFromRecords, selectJobs, selectRuns, writeBook } from "../domains/runs/book.server.ts";
import type { ListedRun, Run } from "../domains/runs/model.ts";
import { rollupFromRecord, selectRollups, upsertRollups } from "../domains/runs/rollup.server.ts";
import { type RollupRow, rollupChanges, rollupKey, rollupsAfter } from "../domains/runs/rollup.ts";
import { selectFailedSteps } from "../domains/runs/store.server.ts";
import { withPatience } from "../patience.ts";
import type { Delivery, Receipt } from "../wire/delivery.ts";
import type { DeploymentRow, RollbackRow } from "../wire/deployments.ts";
import type { ClusterEvent, NormalEvent } from "../wire/events.ts";
import type { TallyChange } from "../wire/live.ts";
import { type Books, type Decision, decideGroup } from "./group.ts";

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
	change: {
		prev: number;
		seq: number;
		at: number;
		runs: ListedRun[];
		tallies: TallyChange[];
		deployments: DeploymentRow[];
		rollbacks: RollbackRow[];
		environments: string[];
	};
	/** Environments whose objects have yet to hear of what was committed. */
	moved: string[];
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
	const { known, books } = await readTouched(db, teamId, deliveries, memory);
	const head = memory.head;
	if (!head) throw new D1Unavailable(`team ${teamId} is not in D1`);
	const decision = decideGroup(deliveries, known, books, { isRetry });
	const tallies = tallyChanges(books.runs);
	const hours = rollupChanges(tallies, "hour");
	const days = rollupChanges(tallies, "day");
	await readRollups(db, teamId, memory, hours, days);
	const hoursAfter = rollupsAfter(hours, memory.hours);
	const daysAfter = rollupsAfter(days, memory.days);

	const no = head.no + 1;
	const touched = touchedRuns(books.runs);
	// Their jobs may know why they failed.
	const failed = touched.filter(({ status, error }) => status === "failure" && error === null).map(({ id }) => id);
	const answers = await patiently(
		db.batch([
			insertCommit({ teamId, shard: SHARD, no, at: now, size: deliveries.length }),
			...writeDeliveries(teamId, no, decision),
			...writeBook(teamId, books.runs),
			...writeDeploymentBook(books.deployments),
			...writeClusterBook(teamId, books.clusters),
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
		change: {
			...{ prev: head.no, seq: no, at: now, runs: listedRuns(touched, failed.length > 0 ? answers.at(-1) : []), tallies },
			deployments: changedDeploymentRows(books.deployments),
			...{ rollbacks: [...decision.rollbacks.values()], environments: [...decision.environments] },
		},
		moved: [...decision.moved],
	};
}

/** What the pages are told of the runs that have news; `reasons` is what their jobs say of those that failed without one. */
function listedRuns(touched: readonly Run[], reasons: unknown): ListedRun[] {
	const steps = new Map((reasons as Pick<ListedRun, "id" | "failedStep">[]).map(({ id, failedStep }) => [id, failedStep]));
	return touched.map((run) => ({ ...run, failedStep: steps.get(run.id) ?? null }));
}

/** What a group speaks of: the keys of everything that has to be read before it can be applied. */
function keysOf(teamId: string, deliveries: readonly Delivery[]) {
	const keys = {
		runs: new Set<string>(),
		jobs: [] as [string, string][],
		deployments: new Set<string>(),
		components: new Map<string, [string, string]>(),
		reports: [] as ClusterEvent[],
	};
	const component = (environment: string, name: string) => {
		const id = environmentIdOf(teamId, environment);
		keys.components.set(`${id}\n${name}`, [id, name]);
	};
	const note = (event: NormalEvent) => {
		switch (event.type) {
			case "run":
				keys.runs.add(event.id);
				break;
			case "job":
				keys.runs.add(event.run.id);
				keys.jobs.push([event.run.id, event.id]);
				break;
			case "deployment":
				keys.deployments.add(event.id);
				component(event.environment, event.component);
				break;
			case "cluster":
				keys.reports.push(event);
				for (const workload of event.workloads) {
					if (workload.environment === null) continue;
					keys.deployments.add(observedDeploymentId(event.clusterId, workload));
					component(workload.environment, workload.component);
				}
				break;
		}
	};
	for (const { events } of deliveries) for (const event of events) note(event);
	return keys;
}

async function readTouched(db: Database, teamId: string, deliveries: readonly Delivery[], memory: WriterMemory) {
	const keys = keysOf(teamId, deliveries);
	const statements: Statement[] = [selectKnown(teamId, deliveries)];
	/** Ask only for what there is to ask for; how to find the answer. */
	const ask = (isNeeded: boolean, statement: () => Statement) => {
		const at = isNeeded ? statements.push(statement()) - 1 : -1;
		return (answers: unknown[][]): unknown[] => answers[at] ?? [];
	};
	const environments = new Set([...keys.components.values()].map(([id]) => id));
	const runs = ask(keys.runs.size > 0, () => selectRuns(teamId, [...keys.runs]));
	const jobs = ask(keys.jobs.length > 0, () => selectJobs(teamId, keys.jobs));
	const stored = ask(keys.deployments.size > 0, () => selectDeployments(teamId, [...keys.deployments]));
	const names = ask(environments.size > 0, () => selectEnvironmentNames(teamId, [...environments]));
	const components = ask(environments.size > 0, () => selectComponents(teamId, [...keys.components.values()]));
	const hasReports = keys.reports.length > 0;
	const heads = ask(hasReports, () => selectClusterHeads(teamId, [...new Set(keys.reports.map(({ clusterId }) => clusterId))]));
	const workloads = ask(hasReports, () => selectKnownWorkloads(teamId, keys.reports));
	const templates = ask(hasReports, () => selectTemplates(teamId, keys.reports));
	const head = ask(!memory.head, () => selectHead(teamId, SHARD));
	const answers = await patiently(db.batch(statements));
	memory.head ??= (head(answers) as Head[])[0] ?? null;
	const books: Books = {
		runs: bookFromRecords(runs(answers), jobs(answers)),
		deployments: openDeploymentBook(teamId, {
			deployments: stored(answers).map(deploymentFromRecord),
			environments: names(answers) as { id: string; name: string }[],
			components: components(answers) as Component[],
		}),
		clusters: openClusterBook(clusterRecords(heads(answers), workloads(answers), templates(answers))),
	};
	return { known: answers[0] as KnownDelivery[], books };
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
