import type { JobEvent, RunEvent, RunStatus, Step } from "../wire/events.ts";
import { type JobPlan, type Workflow, type WorkflowName, workflow } from "./cast.ts";
import { hashOf, type Random, randomFrom } from "./random.ts";

const RAW: Record<RunStatus, string> = {
	success: "success",
	failure: "failure",
	cancelled: "cancelled",
	running: "in_progress",
	queued: "queued",
};

/** How long the steps before the work take, beside a step that does it. */
const PREPARATION: Record<string, number> = { "Set up job": 0.06, Checkout: 0.08, "Install dependencies": 0.4 };
/** Working steps that take less than the job's main one. */
const SHORTER: Record<string, number> = {
	...{ "Upload artifact": 0.12, "Download artifact": 0.15, Coverage: 0.2, "Start services": 0.3, "Start app": 0.2 },
	...{ "Push image": 0.35, "Apply manifests": 0.2, "GET /healthz": 0.3 },
};
/** How far a step strays from its usual length, as the spread of its logarithm. */
const STEP_SIGMA = 0.3;

type Span = { startedAt: number; finishedAt: number };

/** The steps of a job that is over. What failed or was called off did so in one of its working steps; the rest was skipped. */
function stepsOf(plan: JobPlan, status: RunStatus, { startedAt, finishedAt }: Span, random: Random): Step[] {
	const working = plan.steps.flatMap((name, n) => (name in PREPARATION ? [] : n));
	const last = status === "success" ? plan.steps.length - 1 : (working[random.below(working.length)] ?? plan.steps.length - 1);
	const usual = (name: string) => PREPARATION[name] ?? SHORTER[name] ?? 1;
	const weights = plan.steps.map((name, n) => (n > last ? 0 : random.logNormal(usual(name), STEP_SIGMA)));
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	let done = 0;
	const moment = () => Math.round(startedAt + ((finishedAt - startedAt) * done) / total);
	return plan.steps.map((name, n) => {
		const began = moment();
		done += weights[n] ?? 0;
		const conclusion = n > last ? "skipped" : n === last ? RAW[status] : "success";
		return { name, status: "completed", conclusion, startedAt: began, finishedAt: moment() };
	});
}

/** A job as it went: its state, and when; null for one that has not begun, or never did. */
type Course = { status: RunStatus; queuedMs: number | null; span: { startedAt: number; finishedAt: number | null } | null };

/** How job `n` of a run ended: all passed but one that failed, or everything from one on cancelled. */
function statusOf(run: RunEvent, n: number, culprit: number): RunStatus {
	if (run.status === "failure") return n === culprit ? "failure" : "success";
	if (run.status === "cancelled") return n < culprit ? "success" : "cancelled";
	if (run.status === "running") return n === 0 ? "running" : "queued";
	return run.status;
}

/** Where each job ends in shares of the run, along what it had to wait for; null for one whose turn never came. */
function endsOf(plans: readonly JobPlan[], statuses: readonly RunStatus[]): (number | null)[] {
	const ends: (number | null)[] = [];
	for (const plan of plans) {
		const before = (plan.after ?? []).map((name) => plans.findIndex((other) => other.name === name));
		const isReached = before.every((n) => statuses[n] === "success" && ends[n] !== null);
		ends.push(isReached ? Math.max(0, ...before.map((n) => ends[n] ?? 0)) + plan.share : null);
	}
	return ends;
}

function coursesOf(run: RunEvent, plans: readonly JobPlan[], random: Random): Course[] {
	const culprit = random.below(plans.length);
	const statuses = plans.map((_plan, n) => statusOf(run, n, culprit));
	const began = run.startedAt ?? run.updatedAt;
	const ends = endsOf(plans, statuses);
	// The jobs that were carried out fill the run's time, however many of them there were.
	const whole = Math.max(...ends.map((end) => end ?? 0));
	return plans.map((plan, n): Course => {
		const status = statuses[n] ?? "queued";
		const wait = Math.round(random.logNormal(7000, 0.9));
		if (status === "queued") return { status, queuedMs: null, span: null };
		if (status === "running") {
			const queuedMs = Math.min(wait, 8000);
			return { status, queuedMs, span: { startedAt: began + queuedMs, finishedAt: null } };
		}
		const end = ends[n] ?? null;
		const room = run.durationMs ?? 0;
		if (end === null) return { status: "cancelled", queuedMs: null, span: null };
		const readyAt = began + Math.round((room * (end - plan.share)) / whole);
		const finishedAt = began + Math.round((room * end) / whole);
		const queuedMs = Math.min(wait, Math.round((finishedAt - readyAt) * 0.3));
		return { status, queuedMs, span: { startedAt: readyAt + queuedMs, finishedAt } };
	});
}

/** The jobs of a run with their steps and the time each waited for a runner. */
export function tellJobs(run: RunEvent): JobEvent[] {
	const random = randomFrom(`${run.id}/${run.attempt}/jobs`);
	const plans: Workflow["jobs"] = workflow(run.workflow as WorkflowName).jobs;
	const { id, source, externalId: runExternalId, attempt, repo, workflow: name, branch, commit, triggeredBy, actor, url } = run;
	return coursesOf(run, plans, random).map(({ status, queuedMs, span }, n): JobEvent => {
		const plan = plans[n] as JobPlan;
		const externalId = String(31_000_000_000 + hashOf(`${run.id}/${run.attempt}/${n}`));
		const { startedAt = null, finishedAt = null } = span ?? {};
		return {
			type: "job",
			run: { id, source, externalId: runExternalId, attempt, repo, workflow: name, branch, commit, triggeredBy, actor, url },
			// As the GitHub source names them: `github-<repository id>-job-<job id>`.
			id: run.id.replace(/[^-]+$/, `job-${externalId}`),
			...{ externalId, attempt, name: plan.name, stage: null, status },
			conclusionRaw: span === null && status === "cancelled" ? "skipped" : RAW[status],
			startedAt,
			finishedAt,
			durationMs: startedAt === null || finishedAt === null ? null : finishedAt - startedAt,
			queuedMs,
			updatedAt: finishedAt ?? startedAt ?? run.updatedAt,
			runner: span === null ? null : `ubuntu-24.04-${1 + random.below(12)}`,
			labels: ["ubuntu-24.04"],
			steps: startedAt !== null && finishedAt !== null ? stepsOf(plan, status, { startedAt, finishedAt }, random) : null,
		};
	});
}
