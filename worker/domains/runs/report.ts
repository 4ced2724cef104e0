import type { RunStatus, Step } from "../../wire/events.ts";
import { quantileOf } from "../stats/quantile.ts";
import type { Job } from "./apply.ts";
import type { Run } from "./model.ts";

/** One run looked at closely: its jobs as bars over time, and which steps of its workflow are slow or fail. */

export type WaterfallStep = { name: string; status: RunStatus | "skipped"; startedAt: number | null; finishedAt: number | null };

export type Bar = {
	jobId: string;
	name: string;
	stage: string | null;
	status: RunStatus;
	/** When it asked for a runner; null where the sender does not say. */
	queuedAt: number | null;
	startedAt: number | null;
	finishedAt: number | null;
	/** Whether the run would have ended earlier, had this job been quicker. */
	isCritical: boolean;
	steps: WaterfallStep[];
};

export type Waterfall = {
	/** The stretch of time all bars lie in, epoch ms; `end` is after `start`. */
	start: number;
	end: number;
	/** In the order they began; those that have not begun come last. */
	bars: Bar[];
	/** From the beginning of the first critical job, its wait included, to the end of the last; 0 without jobs. */
	criticalMs: number;
	/** How much of that the critical jobs waited for a runner. */
	queuedMs: number;
};

/** Senders round to whole seconds: a job may seem to begin a little before the one it waited for has ended. */
const TOLERANCE_MS = 1500;

const STEP_STATUS: Record<string, WaterfallStep["status"]> = {
	success: "success",
	failure: "failure",
	timed_out: "failure",
	cancelled: "cancelled",
	skipped: "skipped",
	neutral: "skipped",
};

function stepStatus({ status, conclusion }: Step): WaterfallStep["status"] {
	if (conclusion !== null) return STEP_STATUS[conclusion] ?? "cancelled";
	return status === "in_progress" ? "running" : "queued";
}

/** When a job was ready to begin, as far as is known. A job that still waits was last heard of when it began to. */
function queuedAtOf(job: Job): number | null {
	if (job.startedAt !== null) return job.queuedMs === null ? null : job.startedAt - job.queuedMs;
	return job.status === "queued" ? job.updatedAt : null;
}

const placeOf = (bar: Bar) => (bar.startedAt === null ? 1 : 0);
const beginOf = (bar: Bar) => bar.queuedAt ?? bar.startedAt;
/** When a job ended, `now` for one that runs; null for one that never began. */
const endOf = (bar: Bar, now: number) => (bar.startedAt === null ? null : (bar.finishedAt ?? now));
const waitOf = ({ queuedAt, startedAt }: Bar) => (queuedAt === null || startedAt === null ? 0 : startedAt - queuedAt);

/** The jobs that decided how long it took: from the one that ended last back to those whose end let the next begin. */
function criticalPath(bars: readonly Bar[], now: number): Bar[] {
	const path: Bar[] = [];
	const latest = (among: readonly Bar[]) =>
		among.reduce<Bar | null>((best, bar) => ((endOf(bar, now) ?? -1) > (best === null ? -1 : (endOf(best, now) ?? -1)) ? bar : best), null);
	let current = latest(bars);
	while (current !== null) {
		path.unshift(current);
		const began = beginOf(current);
		const before = bars.filter((bar) => {
			const end = endOf(bar, now);
			return !path.includes(bar) && end !== null && began !== null && end <= began + TOLERANCE_MS;
		});
		current = latest(before);
	}
	return path;
}

/** The jobs of a run's newest attempt as bars. `now` is where a bar that is still growing ends, epoch ms. */
export function waterfallOf(
	run: Pick<Run, "attempt" | "startedAt" | "finishedAt" | "orderedAt">,
	jobs: readonly Job[],
	now: number,
): Waterfall {
	const bars = jobs
		.filter((job) => job.attempt === run.attempt)
		.map((job): Bar => {
			const { id: jobId, name, stage, status, startedAt, finishedAt } = job;
			const steps = (job.steps ?? []).map((step) => ({
				...{ name: step.name, status: stepStatus(step), startedAt: step.startedAt, finishedAt: step.finishedAt },
			}));
			return { jobId, name, stage, status, queuedAt: queuedAtOf(job), startedAt, finishedAt, isCritical: false, steps };
		})
		.sort((a, b) => placeOf(a) - placeOf(b) || (beginOf(a) ?? 0) - (beginOf(b) ?? 0) || (a.name < b.name ? -1 : 1));
	// A job whose end was never told ended with its run at the latest.
	const until = run.finishedAt ?? now;
	const path = criticalPath(bars, until);
	for (const bar of path) bar.isCritical = true;
	const begins = bars.flatMap((bar) => beginOf(bar) ?? []);
	const ends = bars.flatMap((bar) => endOf(bar, until) ?? []);
	const start = Math.min(run.startedAt ?? begins[0] ?? run.orderedAt, ...begins);
	const end = Math.max(start + 1, until, ...ends);
	const [first, last] = [path[0], path.at(-1)];
	const criticalMs = first && last ? (endOf(last, until) ?? start) - (beginOf(first) ?? start) : 0;
	return { start, end, bars, criticalMs, queuedMs: path.reduce((sum, bar) => sum + waitOf(bar), 0) };
}

export type StepReport = {
	job: string;
	step: string;
	/** How often it was carried out, and how often it failed. */
	n: number;
	failures: number;
	/** Of those that passed or failed and tell their times. */
	p50Ms: number | null;
	p95Ms: number | null;
};

const REPORTED = 10;

type JobFacts = Pick<Job, "name" | "status" | "durationMs" | "steps">;
type Carried = { job: string; step: string; status: WaterfallStep["status"]; ms: number | null };

function carriedOut(job: JobFacts): Carried[] {
	if (!job.steps?.length) return [{ job: job.name, step: job.name, status: job.status, ms: job.durationMs }];
	return job.steps.map((step) => {
		const ms = step.startedAt === null || step.finishedAt === null ? null : Math.max(0, step.finishedAt - step.startedAt);
		return { job: job.name, step: step.name, status: stepStatus(step), ms };
	});
}

/** The ten slowest and the ten most-failed steps of these jobs. A job without steps counts as one step of its own name. */
export function stepReports(jobs: readonly JobFacts[]): { slowest: StepReport[]; mostFailed: StepReport[] } {
	const found = new Map<string, { job: string; step: string; n: number; failures: number; durations: number[] }>();
	for (const { job, step, status, ms } of jobs.flatMap(carriedOut)) {
		// What was skipped, was called off or is still going on says nothing about how it goes.
		if (status !== "success" && status !== "failure") continue;
		const key = `${job}\n${step}`;
		const entry = found.get(key) ?? { job, step, n: 0, failures: 0, durations: [] };
		entry.n += 1;
		if (status === "failure") entry.failures += 1;
		if (ms !== null) entry.durations.push(ms);
		found.set(key, entry);
	}
	const reports = [...found.values()].map(({ durations, ...rest }): StepReport => {
		return { ...rest, p50Ms: quantileOf(durations, 0.5), p95Ms: quantileOf(durations, 0.95) };
	});
	const byName = (a: StepReport, b: StepReport) => (`${a.job}\n${a.step}` < `${b.job}\n${b.step}` ? -1 : 1);
	const slowest = reports.filter(({ p50Ms }) => p50Ms !== null).sort((a, b) => (b.p50Ms ?? 0) - (a.p50Ms ?? 0) || byName(a, b));
	const failed = reports
		.filter(({ failures }) => failures > 0)
		.sort((a, b) => b.failures - a.failures || b.failures / b.n - a.failures / a.n || byName(a, b));
	return { slowest: slowest.slice(0, REPORTED), mostFailed: failed.slice(0, REPORTED) };
}
