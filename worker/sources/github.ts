import { verify as verifySignature } from "@octokit/webhooks-methods";
import type { JobEvent, Normalised, RunEvent, RunFacts } from "../wire/events.ts";
import { normaliseDeployment } from "./github-deployment.ts";
import { githubStatus } from "./github-status.ts";
import { makePush } from "./push.ts";
import {
	between,
	child,
	children,
	type Json,
	missing,
	present,
	readArray,
	readId,
	readInt,
	readLine,
	readName,
	readTime,
	readUrl,
} from "./read.ts";
import { fromHex, isSignedBy } from "./secrets.ts";
import type { Incoming, WebhookSource } from "./source.ts";

const MIB = 2 ** 20;
const SIGNATURE = /^sha256=([0-9a-f]{64})$/; // two headers arrive joined by a comma, and fail this
const FORM = "application/x-www-form-urlencoded";

async function verify({ headers, bytes, text }: Incoming, secrets: readonly string[]): Promise<boolean> {
	const hex = SIGNATURE.exec(headers.get("x-hub-signature-256") ?? "")?.[1];
	if (hex === undefined) return false;
	for (const secret of secrets) {
		if (secret !== "" && text !== "" && (await verifySignature(secret, text, `sha256=${hex}`))) return true;
	}
	// Text that the library does not verify (none, a byte order mark, bytes that are not UTF-8) has another signature than the bytes, and a
	// sender who signed such a body must hear that it is malformed, not that the secret is wrong.
	const isFaithful = text !== "" && !text.includes("\uFFFD") && !(bytes[0] === 0xef && bytes[1] === 0xbb);
	const signature = isFaithful ? null : fromHex(hex, 32);
	return signature !== null && isSignedBy(signature, [bytes], secrets);
}

function unwrap(text: string, headers: Headers): string {
	if (!(headers.get("content-type") ?? "").toLowerCase().startsWith(FORM)) return text;
	return new URLSearchParams(text).get("payload") ?? "";
}

function normaliseRun(body: Json): Normalised {
	const run = child(body, "workflow_run");
	const repository = child(body, "repository");
	const [id, repoId, repo] = [readId(run.id), readId(repository.id), readName(repository.full_name)];
	const createdAt = readTime(run.created_at);
	const updatedAt = readTime(run.updated_at) ?? readTime(run.run_started_at) ?? createdAt;
	if (id === null || repoId === null || repo === null || updatedAt === null) {
		return {
			kind: "invalid",
			fields: missing({
				"workflow_run.id": id,
				"repository.id": repoId,
				"repository.full_name": repo,
				"workflow_run.updated_at": updatedAt,
			}),
		};
	}
	const rawStatus = readName(run.status) ?? readName(body.action);
	const conclusion = readName(run.conclusion);
	const isCompleted = rawStatus === "completed";
	const startedAt = readTime(run.run_started_at) ?? createdAt;
	const finishedAt = isCompleted ? updatedAt : null;
	const status = githubStatus(rawStatus, conclusion);
	const title = readLine(run.display_title);
	const event: RunEvent = {
		type: "run",
		id: `github-${repoId}-${id}`,
		source: "github",
		externalId: id,
		attempt: readInt(run.run_attempt, 1) ?? 1,
		repo,
		// GitHub's `workflow_run.name` is the workflow's name (the run's own title is `display_title`), and is sometimes empty.
		workflow: readName(run.name) ?? readName(child(body, "workflow").name) ?? readName(run.path) ?? "workflow",
		branch: readName(run.head_branch),
		commit: readName(run.head_sha),
		triggeredBy: readName(run.event),
		actor: readName(child(run, "triggering_actor").login) ?? readName(child(run, "actor").login),
		url: readUrl(run.html_url),
		status,
		conclusionRaw: conclusion ?? rawStatus,
		startedAt,
		finishedAt,
		durationMs: between(startedAt, finishedAt),
		updatedAt,
		coverage: null,
		error: null, // GitHub's run events do not say why; the job's failed step does
		meta: present({
			run_number: readInt(run.run_number),
			display_title: title,
			commit_message: readLine(child(run, "head_commit").message),
			workflow_path: readName(run.path),
			pull_requests: children(run, "pull_requests")
				.flatMap((pull) => readInt(pull.number) ?? [])
				.slice(0, 20),
		}),
	};
	return { kind: "events", events: [event] };
}

function normaliseJob(body: Json): Normalised {
	const job = child(body, "workflow_job");
	const repository = child(body, "repository");
	const [id, runId] = [readId(job.id), readId(job.run_id)];
	const [repoId, repo] = [readId(repository.id), readName(repository.full_name)];
	if (id === null || runId === null || repoId === null || repo === null) {
		return {
			kind: "invalid",
			fields: missing({ "workflow_job.id": id, "workflow_job.run_id": runId, "repository.id": repoId, "repository.full_name": repo }),
		};
	}
	const rawStatus = readName(job.status) ?? readName(body.action);
	const conclusion = readName(job.conclusion);
	const status = githubStatus(rawStatus, conclusion);
	const createdAt = readTime(job.created_at);
	const sentStart = readTime(job.started_at);
	// GitHub stamps a start on a job that still waits for its runner.
	const startedAt = status === "queued" ? null : sentStart;
	const finishedAt = rawStatus === "completed" ? readTime(job.completed_at) : null;
	const attempt = readInt(job.run_attempt, 1) ?? 1;
	const run: RunFacts = {
		id: `github-${repoId}-${runId}`,
		source: "github",
		externalId: runId,
		attempt,
		repo,
		workflow: readName(job.workflow_name) ?? "workflow",
		branch: readName(job.head_branch),
		commit: readName(job.head_sha),
		triggeredBy: null,
		actor: null,
		url: null,
	};
	const event: JobEvent = {
		type: "job",
		run,
		id: `github-${repoId}-job-${id}`,
		externalId: id,
		attempt,
		name: readName(job.name) ?? `job ${id}`,
		stage: null,
		status,
		conclusionRaw: conclusion ?? rawStatus,
		startedAt,
		finishedAt,
		durationMs: between(startedAt, finishedAt),
		queuedMs: between(createdAt, startedAt),
		updatedAt: Math.max(finishedAt ?? 0, startedAt ?? 0, createdAt ?? 0),
		runner: readName(job.runner_name),
		labels: readArray(job.labels)
			.flatMap((label) => readName(label) ?? [])
			.slice(0, 20),
		steps: Array.isArray(job.steps) ? children(job, "steps").slice(0, 200).map(readStep) : null,
	};
	return { kind: "events", events: [event] };
}

function readStep(step: Json) {
	return {
		name: readName(step.name) ?? "step",
		status: readName(step.status) ?? "queued",
		conclusion: readName(step.conclusion),
		startedAt: readTime(step.started_at),
		finishedAt: readTime(step.completed_at),
	};
}

function normalisePush(body: Json): Normalised {
	const repository = child(body, "repository");
	const [repoId, repo, fullRef] = [readId(repository.id), readName(repository.full_name), readName(body.ref)];
	const [before, after] = [readName(body.before), readName(body.after)];
	if (repoId === null || repo === null || fullRef === null || before === null || after === null) {
		return { kind: "invalid", fields: missing({ "repository.id": repoId, "repository.full_name": repo, ref: fullRef, before, after }) };
	}
	// A merge or a new branch lists commits that were counted where they were first pushed; "distinct" are the new ones.
	const distinct = children(body, "commits").filter((commit) => commit.distinct !== false);
	const commits = distinct.map((commit) => ({
		sha: readName(commit.id) ?? "",
		author: readName(child(commit, "author").username) ?? readName(child(commit, "author").name) ?? "unknown",
		message: readLine(commit.message) ?? "",
		at: readTime(commit.timestamp),
	}));
	const push = makePush({
		source: "github",
		repoId,
		repo,
		fullRef,
		pushedAt: readId(repository.pushed_at) ?? readName(repository.pushed_at),
		before,
		after,
		forced: body.forced === true,
		deleted: body.deleted === true,
		commitCount: commits.length,
		commits,
		pusher: readName(child(body, "pusher").name) ?? readName(child(body, "sender").login),
	});
	return { kind: "events", events: [push] };
}

const EVENTS: Record<string, (body: Json) => Normalised> = {
	workflow_run: normaliseRun,
	workflow_job: normaliseJob,
	push: normalisePush,
	deployment: normaliseDeployment,
	deployment_status: normaliseDeployment,
	ping: () => ({ kind: "ignored", reason: "ping" }),
};

/** GitHub's webhooks: workflow runs, their jobs, pushes, and deployments. */
export const github: WebhookSource = {
	id: "github",
	label: "GitHub Actions",
	// A push lists up to 2,048 commits with their files; everything else stays far below 1 MiB.
	maxBytes: (headers) => (headers.get("x-github-event") === "push" ? 5 * MIB : MIB),
	contentTypes: ["application/json", FORM],
	verify,
	deliveryId: (headers) => readName(headers.get("x-github-delivery")),
	eventHeader: "x-github-event",
	event: (headers) => readName(headers.get("x-github-event")) ?? "unknown",
	unwrap,
	normalise: (body, headers) => {
		const event = github.event(headers, body);
		const normalise = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
		if (!normalise) return { kind: "ignored", reason: `event type ${event} is not used` };
		return normalise(body);
	},
};
