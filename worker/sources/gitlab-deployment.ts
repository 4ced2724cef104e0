import type { DeploymentStatus } from "../wire/deployments.ts";
import type { DeploymentEvent, Normalised } from "../wire/events.ts";
import { componentOf, timesOf, versionOf } from "./deployment.ts";
import { child, type Json, missing, readId, readLine, readName, readTime, readUrl } from "./read.ts";

const STATUSES = new Map<string, DeploymentStatus>([
	["created", "queued"],
	["blocked", "queued"], // for somebody's approval
	["running", "running"],
	["success", "success"],
	["failed", "failure"],
	["canceled", "cancelled"],
	["skipped", "cancelled"],
]);

/** GitLab's deployment hook. Its commit is told in full only by the address of its page. */
export function normaliseDeployment(body: Json): Normalised {
	const project = child(body, "project");
	const [id, projectId, repo] = [readId(body.deployment_id), readId(project.id), readName(project.path_with_namespace)];
	const environment = readName(body.environment);
	const at = readTime(body.status_changed_at);
	if (id === null || projectId === null || repo === null || environment === null || at === null) {
		return {
			kind: "invalid",
			fields: missing({
				deployment_id: id,
				"project.id": projectId,
				"project.path_with_namespace": repo,
				environment,
				status_changed_at: at,
			}),
		};
	}
	const raw = readName(body.status);
	const status = STATUSES.get(raw ?? "") ?? "running";
	const commit = /\/commit\/([0-9a-f]{40,64})(?:[/?#]|$)/i.exec(readUrl(body.commit_url) ?? "")?.[1] ?? readName(body.short_sha);
	const ref = readName(body.ref);
	const event: DeploymentEvent = {
		type: "deployment",
		id: `gitlab-${projectId}-${id}`,
		source: "gitlab",
		externalId: id,
		environment,
		component: componentOf(repo),
		version: versionOf({ said: null, ref, commit }),
		commit,
		ref,
		repo,
		status,
		statusRaw: raw,
		...timesOf(status, at),
		updatedAt: at,
		inactiveAt: null,
		actor: readName(child(body, "user").username) ?? readName(child(body, "user").name),
		isRollback: false, // GitLab does not say
		rollbackId: null,
		reason: null,
		title: readLine(body.commit_title),
		url: readUrl(body.deployable_url),
		images: [],
	};
	return { kind: "events", events: [event] };
}
