import { type SQL, sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { type Head, selectHead } from "../deliveries/store.server.ts";
import { quantileOf } from "../stats/quantile.ts";
import type { Attempt, Job } from "./apply.ts";
import { JOB_COLUMNS, jobFromRecord } from "./book.server.ts";
import type { ListedRun } from "./model.ts";
import { type StepReport, stepReports } from "./report.ts";
import { runFromDetails, selectDetails } from "./store.server.ts";

/** How long the runs beside this one took. */
export type Peers = { n: number; p50Ms: number | null; p95Ms: number | null };

export type RunPanel = { run: ListedRun; attempts: Attempt[]; jobs: Job[]; peers: Peers };
export type RunReport = RunPanel & {
	epoch: string;
	seq: number;
	at: number | null;
	steps: { slowest: StepReport[]; mostFailed: StepReport[] };
};

const PEERS = 50;
/** Jobs looked at for the steps: 50 runs of 20 jobs each. A workflow of hundreds of jobs is told by its newest runs. */
const JOBS_MAX = 1000;

/** The newest finished runs of the workflow that a run is of: one seek in `idx_runs_repo` and a short walk. */
function finishedOf(teamId: string, id: string, columns: SQL): SQL {
	return sql`SELECT ${columns} FROM runs own CROSS JOIN runs r ON r.team_id = own.team_id AND r.repo = own.repo AND r.workflow = own.workflow
		WHERE own.team_id = ${teamId} AND own.id = ${id} AND r.status IN ('success', 'failure')`;
}

/** Durations of the last 50 finished runs beside this one, which is to be compared with them. */
function selectPeers(teamId: string, id: string): Statement {
	return sql`${finishedOf(teamId, id, sql`r.duration_ms AS ms`)} AND r.id <> ${id} AND r.duration_ms IS NOT NULL
		ORDER BY r.ordered_at DESC LIMIT ${PEERS}`;
}

function selectJobsOfPeers(teamId: string, id: string): Statement {
	return sql`SELECT ${JOB_COLUMNS} FROM (${finishedOf(teamId, id, sql`r.id, r.ordered_at`)} ORDER BY r.ordered_at DESC LIMIT ${PEERS}) p
		CROSS JOIN jobs j ON j.team_id = ${teamId} AND j.run_id = p.id ORDER BY p.ordered_at DESC LIMIT ${JOBS_MAX}`;
}

function peersOf(records: unknown): Peers {
	const durations = (records as { ms: number }[]).map(({ ms }) => ms);
	return { n: durations.length, p50Ms: quantileOf(durations, 0.5), p95Ms: quantileOf(durations, 0.95) };
}

/** What the side panel shows of a run, or null when the team has no such run. */
export async function readRunPanel(db: Database, teamId: string, id: string): Promise<RunPanel | null> {
	const details = selectDetails(teamId, id);
	const answers = await db.batch([...details, selectPeers(teamId, id)]);
	const found = runFromDetails(answers);
	return found && { ...found, peers: peersOf(answers[details.length]) };
}

/** A run with everything its page shows, read in one consistent batch, or null when the team has no such run. */
export async function readRunReport(db: Database, teamId: string, id: string): Promise<RunReport | null> {
	const details = selectDetails(teamId, id);
	const answers = await db.batch([...details, selectPeers(teamId, id), selectJobsOfPeers(teamId, id), selectHead(teamId, 0)]);
	const found = runFromDetails(answers);
	if (!found) return null;
	const [peers, jobs, heads] = answers.slice(details.length) as [unknown, unknown[], Head[]];
	const [head] = heads;
	return {
		...found,
		...{ epoch: head?.epoch ?? "", seq: head?.no ?? 0, at: head?.at ?? null },
		peers: peersOf(peers),
		steps: stepReports(jobs.map(jobFromRecord)),
	};
}
