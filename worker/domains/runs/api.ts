import type { MetricsBody, RunBody, WorkflowListBody } from "../../wire/api.ts";
import type { Bucket, Tally } from "../../wire/live.ts";
import type { Attempt, Job } from "./apply.ts";
import { errorOf, type Run } from "./model.ts";
import { totalTally } from "./overview.ts";
import { figuresOf, type Range } from "./range.ts";
import type { WorkflowSummary } from "./workflows.ts";

/** Runs and their figures as the public API speaks of them: snake case, ISO times, whole seconds, fractions. */

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const seconds = (ms: number | null) => (ms === null ? null : Math.round(ms / 1000));
const round = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);

/** A run, as every list shows it. */
export function toRunBody(run: Run & { failedStep?: string | null }): RunBody {
	return {
		id: run.id,
		source: run.source,
		external_id: run.externalId,
		attempt: run.attempt,
		workflow: run.workflow,
		status: run.status,
		conclusion_raw: run.conclusionRaw,
		duration_seconds: seconds(run.durationMs),
		started_at: iso(run.startedAt),
		finished_at: iso(run.finishedAt),
		repo: run.repo,
		branch: run.branch,
		triggered_by: run.triggeredBy,
		actor: run.actor,
		commit: run.commit,
		url: run.url,
		coverage: run.coverage,
		error: errorOf(run),
	};
}

/** A run with its attempts (newest last) and jobs. */
export function toRunDetailBody(run: Run & { failedStep?: string | null }, earlier: readonly Attempt[], jobs: readonly Job[]) {
	const attempt = (a: Pick<Attempt, "attempt" | "status" | "conclusionRaw" | "startedAt" | "finishedAt" | "durationMs">) => ({
		attempt: a.attempt,
		status: a.status,
		conclusion_raw: a.conclusionRaw,
		started_at: iso(a.startedAt),
		finished_at: iso(a.finishedAt),
		duration_seconds: seconds(a.durationMs),
	});
	return {
		...toRunBody(run),
		attempts: [...earlier.filter((a) => a.attempt !== run.attempt).map(attempt), attempt(run)],
		jobs: jobs.map((job) => ({
			id: job.id,
			external_id: job.externalId,
			attempt: job.attempt,
			name: job.name,
			stage: job.stage,
			status: job.status,
			conclusion_raw: job.conclusionRaw,
			started_at: iso(job.startedAt),
			finished_at: iso(job.finishedAt),
			duration_seconds: seconds(job.durationMs),
			queued_seconds: seconds(job.queuedMs),
			runner: job.runner,
			labels: job.labels,
			steps:
				job.steps?.map((step) => ({
					name: step.name,
					status: step.status,
					conclusion: step.conclusion,
					started_at: iso(step.startedAt),
					finished_at: iso(step.finishedAt),
				})) ?? null,
		})),
		meta: run.meta,
	};
}

function countsOf(tally: Tally) {
	const figures = figuresOf(tally);
	return {
		total_runs: figures.total,
		success_rate: figures.successRate,
		p50_duration_seconds: round(figures.p50Seconds),
		p95_duration_seconds: round(figures.p95Seconds),
		success: tally.success,
		failure: tally.failure,
		cancelled: tally.cancelled,
		running: tally.running,
		queued: tally.queued,
	};
}

/** The answer of `GET /api/workflows`. */
export function toWorkflowListBody(what: {
	workflows: readonly WorkflowSummary[];
	total: number;
	range: { from: number; to: number };
}): WorkflowListBody {
	return {
		workflows: what.workflows.map(({ repo, workflow, tally, course, last }) => ({
			...{ repo, workflow, ...countsOf(tally), course: course.map(countsOf) },
			last: last.map(({ id, status, orderedAt }) => ({ id, status, at: new Date(orderedAt).toISOString() })),
		})),
		total: what.total,
		range: { from: new Date(what.range.from).toISOString(), to: new Date(what.range.to).toISOString() },
	};
}

function summaryOf(tally: Tally, lastUpdated: number | null) {
	return { ...countsOf(tally), avg_duration_seconds: round(figuresOf(tally).averageSeconds), last_updated: iso(lastUpdated) };
}

/** The answer of `GET /api/metrics`. */
export function toMetricsBody(what: {
	range: Range;
	buckets: readonly Bucket[];
	previous: Tally;
	runs: readonly Run[];
	at: number | null;
}): MetricsBody {
	return {
		summary: summaryOf(totalTally(what.buckets), what.at),
		time_series: what.buckets.map(({ at, tally }) => {
			const figures = figuresOf(tally);
			return {
				timestamp: new Date(at).toISOString(),
				success: tally.success,
				failure: tally.failure,
				avg_duration: round(figures.averageSeconds),
				cancelled: tally.cancelled,
				p50_duration: round(figures.p50Seconds),
				p95_duration: round(figures.p95Seconds),
			};
		}),
		recent_runs: what.runs.map((run) => {
			const { id, workflow, status, duration_seconds, started_at, finished_at, repo, branch, triggered_by } = toRunBody(run);
			return { id, workflow, status, duration_seconds, started_at, finished_at, repo, branch, triggered_by };
		}),
		range: { from: new Date(what.range.from).toISOString(), to: new Date(what.range.to).toISOString(), group_by: what.range.groupBy },
		previous: summaryOf(what.previous, what.at),
	};
}
