import type { DeploymentStatus } from "../wire/deployments.ts";
import type { DeploymentEvent, Normalised } from "../wire/events.ts";
import { componentOf, timesOf, versionOf } from "./deployment.ts";
import { asObject, child, type Json, missing, readId, readLine, readName, readTime, readUrl } from "./read.ts";

const STATUSES = new Map<string, DeploymentStatus | null>([
	["queued", "queued"],
	["pending", "queued"],
	["waiting", "queued"], // for somebody's approval
	["in_progress", "running"],
	["success", "success"],
	["failure", "failure"],
	["error", "failure"],
	["inactive", null],
]);

/** Free text or an object, as whoever made the deployment liked. */
function payloadOf(deployment: Json): Json {
	const { payload } = deployment;
	if (typeof payload !== "string") return asObject(payload) ?? {};
	try {
		return asObject(JSON.parse(payload)) ?? {};
	} catch {
		return {};
	}
}

/** GitHub's `deployment` and `deployment_status`: both carry the whole deployment, the second what became of it. */
export function normaliseDeployment(body: Json): Normalised {
	const deployment = child(body, "deployment");
	const status = asObject(body.deployment_status);
	const repository = child(body, "repository");
	const [id, repoId, repo] = [readId(deployment.id), readId(repository.id), readName(repository.full_name)];
	const environment = readName(status?.environment) ?? readName(deployment.environment) ?? readName(deployment.original_environment);
	const at = status
		? (readTime(status.updated_at) ?? readTime(status.created_at))
		: (readTime(deployment.updated_at) ?? readTime(deployment.created_at));
	if (id === null || repoId === null || repo === null || environment === null || at === null) {
		return {
			kind: "invalid",
			fields: missing({
				"deployment.id": id,
				"repository.id": repoId,
				"repository.full_name": repo,
				"deployment.environment": environment,
				[status ? "deployment_status.created_at" : "deployment.created_at"]: at,
			}),
		};
	}
	const raw = status ? readName(status.state) : "pending";
	const known = STATUSES.get(raw ?? "");
	// A state that GitHub may add one day: it goes on.
	const state = known === undefined ? "running" : known;
	const payload = payloadOf(deployment);
	const run = child(body, "workflow_run");
	const commit = readName(deployment.sha);
	const ref = readName(deployment.ref);
	const event: DeploymentEvent = {
		type: "deployment",
		id: `github-${repoId}-${id}`,
		source: "github",
		externalId: id,
		environment,
		component: readName(payload.component) ?? componentOf(repo),
		version: versionOf({ said: readName(payload.version), ref, commit }),
		commit,
		ref,
		repo,
		status: state,
		statusRaw: raw,
		// The deployment's own stamps say when it was asked for; it begins when a status says so.
		...timesOf(state, at),
		updatedAt: at,
		inactiveAt: state === null ? at : null,
		actor:
			readName(child(run, "triggering_actor").login) ?? readName(child(run, "actor").login) ?? readName(child(deployment, "creator").login),
		isRollback: readName(deployment.task) === "rollback" || payload.rollback === true,
		rollbackId: null,
		reason: state === "failure" ? readLine(status?.description) : null,
		title: readLine(deployment.description) ?? readLine(run.display_title) ?? readLine(child(run, "head_commit").message),
		url: readUrl(status?.log_url) ?? readUrl(status?.target_url) ?? readUrl(run.html_url),
		images: [],
	};
	return { kind: "events", events: [event] };
}
