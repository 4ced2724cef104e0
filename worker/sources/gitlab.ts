import type { JobEvent, Normalised, RunEvent, RunFacts } from "../wire/events.ts";
import { normaliseDeployment } from "./gitlab-deployment.ts";
import { gitlabStatus, isFinal } from "./gitlab-status.ts";
import { isZeroSha, makePush } from "./push.ts";
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
	readSecondsAsMs,
	readTime,
	readUrl,
} from "./read.ts";
import { isOneOf } from "./secrets.ts";
import type { WebhookSource } from "./source.ts";

const MIB = 2 ** 20;
const JOBS_MAX = 500; // as many as a pipeline may reasonably have; keeps one delivery from filling a commit group

/** The branch: merge request pipelines run on a ref of their own, and are shown under the branch they come from. */
function branchOf(ref: string | null, mergeRequest: Json): string | null {
	if (ref === null || !ref.startsWith("refs/merge-requests/")) return ref;
	return readName(mergeRequest.source_branch) ?? ref;
}

/** A job's times: a duration or a wait counts only once the job has run, whatever stands there before (GitLab's own example has both). */
function timesOf(
	job: {
		createdAt: number | null;
		startedAt: number | null;
		finishedAt: number | null;
		durationMs: number | null;
		queuedMs: number | null;
	},
	isOver: boolean,
) {
	const { createdAt, startedAt } = job;
	const finishedAt = isOver ? job.finishedAt : null;
	return {
		startedAt,
		finishedAt,
		durationMs: isOver && startedAt !== null ? (job.durationMs ?? between(startedAt, finishedAt)) : null,
		queuedMs: startedAt === null ? null : (job.queuedMs ?? between(createdAt, startedAt)),
		updatedAt: Math.max(finishedAt ?? 0, startedAt ?? 0, createdAt ?? 0),
	};
}

function runnerOf(runner: Json) {
	return {
		runner: readName(runner.description),
		labels: readArray(runner.tags)
			.flatMap((tag) => readName(tag) ?? [])
			.slice(0, 20),
	};
}

function buildToJob(build: Json, run: RunFacts, projectId: string): JobEvent[] {
	const id = readId(build.id);
	if (id === null) return [];
	const rawStatus = readName(build.status);
	const status = gitlabStatus(rawStatus, readTime(build.finished_at));
	const times = {
		createdAt: readTime(build.created_at),
		startedAt: readTime(build.started_at),
		finishedAt: readTime(build.finished_at),
		durationMs: readSecondsAsMs(build.duration),
		queuedMs: readSecondsAsMs(build.queued_duration),
	};
	return [
		{
			type: "job",
			run,
			id: `gitlab-${projectId}-job-${id}`,
			externalId: id,
			attempt: run.attempt,
			name: readName(build.name) ?? `job ${id}`,
			stage: readName(build.stage),
			status,
			conclusionRaw: rawStatus,
			...timesOf(times, isFinal(status)),
			...runnerOf(child(build, "runner")),
			steps: null,
		},
	];
}

/** Why a pipeline failed: its failed jobs with GitLab's reason, those that may fail only when there is no other. */
function failureOf(builds: readonly Json[]): string | null {
	const failed = builds.filter((build) => build.status === "failed");
	const decisive = failed.filter((build) => build.allow_failure !== true);
	const reasons = (decisive.length > 0 ? decisive : failed).slice(0, 5).map((build) => {
		const reason = readName(build.failure_reason);
		return `${readName(build.name) ?? "job"}${reason ? `: ${reason}` : ""}`;
	});
	return readLine(reasons.join(", "));
}

function normalisePipeline(body: Json): Normalised {
	const pipeline = child(body, "object_attributes");
	const project = child(body, "project");
	const mergeRequest = child(body, "merge_request");
	const [id, projectId, repo] = [readId(pipeline.id), readId(project.id), readName(project.path_with_namespace)];
	const createdAt = readTime(pipeline.created_at);
	if (id === null || projectId === null || repo === null || createdAt === null) {
		return {
			kind: "invalid",
			fields: missing({
				"object_attributes.id": id,
				"project.id": projectId,
				"project.path_with_namespace": repo,
				"object_attributes.created_at": createdAt,
			}),
		};
	}
	const rawStatus = readName(pipeline.status);
	const endedAt = readTime(pipeline.finished_at);
	const status = gitlabStatus(rawStatus, endedAt);
	const finishedAt = isFinal(status) ? endedAt : null;
	const builds = children(body, "builds").slice(0, JOBS_MAX);
	const queuedMs = readSecondsAsMs(pipeline.queued_duration);
	const webUrl = readUrl(project.web_url);
	const facts: RunFacts = {
		id: `gitlab-${projectId}-${id}`,
		source: "gitlab",
		externalId: id,
		attempt: 1, // a retried pipeline keeps its id and has no number for the retry; its newer end replaces the older one
		repo,
		workflow: readName(pipeline.name) ?? "pipeline",
		branch: branchOf(readName(pipeline.ref), mergeRequest),
		commit: readName(pipeline.sha),
		triggeredBy: readName(pipeline.source),
		actor: readName(child(body, "user").username) ?? readName(child(body, "user").name),
		url: readUrl(pipeline.url) ?? (webUrl === null ? null : `${webUrl}/-/pipelines/${id}`),
	};
	const jobs = builds.flatMap((build) => buildToJob(build, facts, projectId));
	const event: RunEvent = {
		type: "run",
		...facts,
		status,
		conclusionRaw: rawStatus,
		startedAt: createdAt,
		finishedAt,
		durationMs: isFinal(status) ? (readSecondsAsMs(pipeline.duration) ?? between(createdAt, finishedAt)) : null,
		// GitLab does not say when it last changed a pipeline; the newest stamp of it and its jobs is as near as it gets.
		updatedAt: Math.max(createdAt, endedAt ?? 0, ...jobs.map((job) => job.updatedAt)),
		coverage: null,
		error: status === "failure" ? failureOf(builds) : null,
		meta: present({
			pipeline_iid: readInt(pipeline.iid),
			detailed_status: readName(pipeline.detailed_status),
			queued_seconds: queuedMs === null ? null : Math.round(queuedMs / 1000),
			commit_message: readLine(child(body, "commit").message),
			merge_request: readInt(mergeRequest.iid),
			tag: pipeline.tag === true ? true : null,
		}),
	};
	return { kind: "events", events: [event, ...jobs] };
}

/** A job event has the project's path only in newer versions; older ones have a name that may be the path or only looks like it. */
function repoOfJob(body: Json): string | null {
	const path = readName(child(body, "project").path_with_namespace);
	if (path !== null) return path;
	const name = readName(body.project_name);
	if (name !== null && /^[\w.-]+(?:\/[\w.-]+)+$/.test(name)) return name;
	const sshPath = /^[^:\s]+@[^:\s]+:(?:\/)?(.+?)(?:\.git)?$/.exec(readName(child(body, "repository").git_ssh_url) ?? "")?.[1];
	return sshPath ?? name;
}

function normaliseJob(body: Json): Normalised {
	const [id, runId, projectId] = [
		readId(body.build_id),
		readId(body.pipeline_id),
		readId(body.project_id) ?? readId(child(body, "project").id),
	];
	const repo = repoOfJob(body);
	if (id === null || runId === null || projectId === null || repo === null) {
		return { kind: "invalid", fields: missing({ build_id: id, pipeline_id: runId, project_id: projectId, project_name: repo }) };
	}
	const commit = child(body, "commit"); // in this event the pipeline goes by the name of "commit"
	const facts: RunFacts = {
		id: `gitlab-${projectId}-${runId}`,
		source: "gitlab",
		externalId: runId,
		attempt: 1,
		repo,
		workflow: (readId(commit.id) === runId ? readName(commit.name) : null) ?? "pipeline",
		branch: branchOf(readName(body.ref), {}),
		commit: readName(body.sha),
		triggeredBy: null,
		actor: readName(child(body, "user").username),
		url: null,
	};
	const build: Json = {
		id,
		name: body.build_name,
		stage: body.build_stage,
		status: body.build_status,
		created_at: body.build_created_at,
		started_at: body.build_started_at,
		finished_at: body.build_finished_at,
		duration: body.build_duration,
		queued_duration: body.build_queued_duration,
		runner: body.runner,
	};
	return { kind: "events", events: buildToJob(build, facts, projectId) };
}

function normalisePush(body: Json): Normalised {
	const project = child(body, "project");
	const [projectId, repo] = [readId(body.project_id) ?? readId(project.id), readName(project.path_with_namespace)];
	const [fullRef, before, after] = [readName(body.ref), readName(body.before), readName(body.after)];
	if (projectId === null || repo === null || fullRef === null || before === null || after === null) {
		return {
			kind: "invalid",
			fields: missing({ project_id: projectId, "project.path_with_namespace": repo, ref: fullRef, before, after }),
		};
	}
	// A tag names commits that were counted when their branch was pushed.
	const isTag = fullRef.startsWith("refs/tags/");
	const commits = (isTag ? [] : children(body, "commits")).map((commit) => ({
		sha: readName(commit.id) ?? "",
		author: readName(child(commit, "author").name) ?? "unknown",
		message: readLine(commit.message) ?? "",
		at: readTime(commit.timestamp),
	}));
	const push = makePush({
		source: "gitlab",
		repoId: projectId,
		repo,
		fullRef,
		before,
		after,
		forced: false, // GitLab does not say
		deleted: isZeroSha(after),
		commitCount: isTag ? 0 : (readInt(body.total_commits_count) ?? commits.length), // at most 20 are listed
		commits,
		pusher: readName(body.user_username) ?? readName(body.user_name),
	});
	return { kind: "events", events: [push] };
}

const KINDS: Record<string, (body: Json) => Normalised> = {
	pipeline: normalisePipeline,
	build: normaliseJob,
	push: normalisePush,
	tag_push: normalisePush,
	deployment: normaliseDeployment,
};

const KIND_OF_HEADER = new Map<string, string>(
	Object.entries({
		"Pipeline Hook": "pipeline",
		"Job Hook": "build",
		"Build Hook": "build",
		"Push Hook": "push",
		"Tag Push Hook": "tag_push",
		"Deployment Hook": "deployment",
	}),
);

/** GitLab's webhooks: pipelines with their jobs, single jobs, pushes, and deployments. */
export const gitlab: WebhookSource = {
	id: "gitlab",
	label: "GitLab CI",
	maxBytes: () => MIB,
	contentTypes: ["application/json"],
	verify: ({ headers }, secrets) => isOneOf(headers.get("x-gitlab-token"), secrets),
	deliveryId: (headers) => readName(headers.get("idempotency-key")) ?? readName(headers.get("x-gitlab-event-uuid")),
	eventHeader: "x-gitlab-event",
	event: (headers, body) => readName(headers.get("x-gitlab-event")) ?? readName(body.object_kind) ?? "unknown",
	normalise: (body, headers) => {
		// A system hook has its own header for every event, so the body's own word goes first.
		const event = gitlab.event(headers, body);
		const kind = readName(body.object_kind) ?? KIND_OF_HEADER.get(event) ?? "";
		const normalise = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
		return normalise ? normalise(body) : { kind: "ignored", reason: `event type ${event} is not used` };
	},
};
