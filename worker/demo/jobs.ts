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

function stepsOf(plan: JobPlan, job: { status: RunStatus; startedAt: number; finishedAt: number }): Step[] {
	const length = (job.finishedAt - job.startedAt) / plan.steps.length;
	const last = plan.steps.length - 1;
	return plan.steps.map((name, n) => {
		// What failed or was cancelled is the last step that did anything.
		const conclusion = n === last ? RAW[job.status] : "success";
		const startedAt = Math.round(job.startedAt + n * length);
		return { name, status: "completed", conclusion, startedAt, finishedAt: Math.round(startedAt + length) };
	});
}

function tellJob(run: RunEvent, plan: JobPlan, n: number, status: RunStatus, random: Random): JobEvent {
	const began = run.startedAt ?? run.updatedAt;
	const queuedMs = status === "queued" ? null : Math.min(Math.round(random.logNormal(7000, 0.9)), 180_000);
	const room = run.durationMs ?? 0;
	const wait = Math.min(queuedMs ?? 0, room * 0.3);
	const over = status !== "running" && status !== "queued";
	const startedAt = status === "queued" ? null : Math.round(began + (run.durationMs === null ? 0 : wait));
	const durationMs = over ? Math.max(1000, Math.round((room - wait) * plan.share)) : null;
	const finishedAt =
		startedAt === null || durationMs === null ? null : Math.min(startedAt + durationMs, run.finishedAt ?? Number.POSITIVE_INFINITY);
	const externalId = String(31_000_000_000 + hashOf(`${run.id}/${run.attempt}/${n}`));
	const { id, source, externalId: runExternalId, attempt, repo, workflow: name, branch, commit, triggeredBy, actor, url } = run;
	return {
		type: "job",
		run: { id, source, externalId: runExternalId, attempt, repo, workflow: name, branch, commit, triggeredBy, actor, url },
		// As the GitHub source names them: `github-<repository id>-job-<job id>`.
		id: run.id.replace(/[^-]+$/, `job-${externalId}`),
		externalId,
		attempt,
		name: plan.name,
		stage: null,
		status,
		conclusionRaw: RAW[status],
		startedAt,
		finishedAt,
		durationMs: startedAt === null || finishedAt === null ? null : finishedAt - startedAt,
		queuedMs,
		updatedAt: finishedAt ?? startedAt ?? run.updatedAt,
		runner: status === "queued" ? null : `ubuntu-24.04-${1 + random.below(12)}`,
		labels: ["ubuntu-24.04"],
		steps: startedAt !== null && finishedAt !== null ? stepsOf(plan, { status, startedAt, finishedAt }) : null,
	};
}

/** How job `n` of a run ended: all passed but one that failed, or everything from one on cancelled. */
function statusOf(run: RunEvent, n: number, culprit: number): RunStatus {
	if (run.status === "failure") return n === culprit ? "failure" : "success";
	if (run.status === "cancelled") return n < culprit ? "success" : "cancelled";
	if (run.status === "running") return n === 0 ? "running" : "queued";
	return run.status;
}

/** The jobs of a run with their steps and the time each waited for a runner. */
export function tellJobs(run: RunEvent): JobEvent[] {
	const random = randomFrom(`${run.id}/${run.attempt}/jobs`);
	const of: Workflow = workflow(run.workflow as WorkflowName);
	const culprit = random.below(of.jobs.length);
	return of.jobs.map((plan, n) => tellJob(run, plan, n, statusOf(run, n, culprit), random));
}
