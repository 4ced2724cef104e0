// A slow trickle of signed deliveries, so that the demo's page breathes. They take the same road as a real forge's.
import { createHmac, randomUUID } from "node:crypto";

const REPOS = [
	{ id: 910001, name: "acme/web", workflow: "build-and-test" },
	{ id: 910002, name: "acme/checkout-api", workflow: "build-and-test" },
	{ id: 910003, name: "acme/gateway", workflow: "lint" },
	{ id: 910004, name: "acme/search", workflow: "build-and-test" },
];
const PEOPLE = ["mruiz", "jlee", "aokafor", "vlind"];

const SETUP = [
	["Set up job", 1],
	["Checkout", 1],
	["Install dependencies", 4],
];
/** Jobs by workflow: when each is queued and when it ends, in shares of the run, and its steps by weight. */
const JOBS = {
	"build-and-test": [
		{ name: "build", from: 0, to: 0.4, steps: [...SETUP, ["Compile", 7], ["Upload artifact", 1]] },
		{ name: "unit", from: 0.4, to: 0.8, steps: [...SETUP, ["Unit tests", 9]] },
		{ name: "integration", from: 0.4, to: 1, steps: [...SETUP, ["Start services", 3], ["Integration tests", 12]] },
	],
	lint: [
		{ name: "lint", from: 0, to: 0.7, steps: [...SETUP, ["Lint", 5]] },
		{ name: "types", from: 0, to: 1, steps: [...SETUP, ["Type check", 8]] },
	],
};
const FIRST_WAIT_MS = 4000;

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const iso = (ms) => (ms === null ? null : new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z"));

function runPayload({ repo, runId, sha, branch, actor, startedAt }, { action, status, conclusion }) {
	return {
		action,
		workflow_run: {
			id: runId,
			name: repo.workflow,
			head_branch: branch,
			head_sha: sha,
			run_number: runId % 10_000,
			run_attempt: 1,
			event: "push",
			status,
			conclusion,
			html_url: `https://github.com/${repo.name}/actions/runs/${runId}`,
			created_at: iso(startedAt),
			run_started_at: iso(startedAt),
			updated_at: iso(Date.now()),
			actor: { login: actor },
			triggering_actor: { login: actor },
		},
		workflow: { name: repo.workflow },
		repository: { id: repo.id, full_name: repo.name },
		sender: { login: actor },
	};
}

/** A job's steps between its begin and its end: all over but the last, which ends as the job does. */
function stepsOf({ steps }, { startedAt, finishedAt, conclusion }) {
	const total = steps.reduce((sum, [, weight]) => sum + weight, 0);
	let done = 0;
	const moment = () => iso(startedAt + ((finishedAt - startedAt) * done) / total);
	return steps.map(([name, weight], n) => {
		const began = moment();
		done += weight;
		const own = n === steps.length - 1 ? conclusion : "success";
		return { name, number: n + 1, status: "completed", conclusion: own, started_at: began, completed_at: moment() };
	});
}

function jobPayload({ repo, runId, sha, branch, actor }, job, { action, queuedAt, startedAt, finishedAt, conclusion }) {
	const isOver = action === "completed";
	return {
		action,
		workflow_job: {
			id: job.id,
			run_id: runId,
			run_attempt: 1,
			name: job.name,
			workflow_name: repo.workflow,
			head_branch: branch,
			head_sha: sha,
			status: action,
			conclusion: isOver ? conclusion : null,
			created_at: iso(queuedAt),
			started_at: iso(startedAt),
			completed_at: isOver ? iso(finishedAt) : null,
			labels: ["ubuntu-24.04"],
			runner_name: action === "queued" ? null : `ubuntu-24.04-${1 + (job.id % 12)}`,
			steps: isOver ? stepsOf(job, { startedAt, finishedAt, conclusion }) : [],
		},
		repository: { id: repo.id, full_name: repo.name },
		sender: { login: actor },
	};
}

/** Send one delivery as GitHub would; says whether the webhook is still there. */
async function deliver({ baseUrl, path, secret }, event, body) {
	const text = JSON.stringify(body);
	const answer = await fetch(`${baseUrl}${path}`, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			"x-github-event": event,
			"x-github-delivery": randomUUID(),
			"x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`,
		},
		body: text,
	}).catch(() => null);
	return answer?.status !== 404;
}

/** Something to do later, which keeps no process alive. */
const after = (ms, act) => setTimeout(act, ms).unref();

/** Tell of the jobs of a run while it goes on: each queued, then in progress, then completed with its steps. */
function tellJobs(where, run, { lengthMs, conclusion }) {
	for (const [n, job] of JOBS[run.repo.workflow].entries()) {
		// What is last decides how the run ends.
		const own = job.to === 1 ? conclusion : "success";
		const queuedAt = run.startedAt + job.from * lengthMs;
		const startedAt = queuedAt + (job.from === 0 ? FIRST_WAIT_MS : 1000 + Math.random() * 2000);
		const times = { queuedAt, startedAt, finishedAt: run.startedAt + job.to * lengthMs, conclusion: own };
		const numbered = { ...job, id: run.runId * 10 + n };
		for (const [action, at] of [
			["queued", queuedAt],
			["in_progress", startedAt],
			["completed", times.finishedAt],
		]) {
			after(at - Date.now(), () => void deliver(where, "workflow_job", jobPayload(run, numbered, { ...times, action })));
		}
	}
}

/** A new run every 20 s or so: requested, in progress, and a while later finished, with its jobs. */
export function startTrickle(where) {
	let next = 7_900_000_000 + Math.floor(Date.now() / 1000);
	const tell = async () => {
		const run = {
			...{ repo: pick(REPOS), runId: next++, sha: randomUUID().replaceAll("-", "").padEnd(40, "0") },
			...{ branch: pick(["main", "main", "feat/wallet", "fix/timeout"]), actor: pick(PEOPLE), startedAt: Date.now() },
		};
		const say = (action, status, conclusion = null) => deliver(where, "workflow_run", runPayload(run, { action, status, conclusion }));
		// The demo has been removed: nothing is left to breathe.
		if (!(await say("requested", "queued"))) return;
		const conclusion = Math.random() < 0.1 ? "failure" : "success";
		const lengthMs = 20_000 + Math.random() * 40_000;
		tellJobs(where, run, { lengthMs, conclusion });
		after(FIRST_WAIT_MS, () => void say("in_progress", "in_progress"));
		// After the last of its jobs, as GitHub does.
		after(lengthMs + 300, () => void say("completed", "completed", conclusion));
		after(12_000 + Math.random() * 16_000, tell);
	};
	after(3000, tell);
}
