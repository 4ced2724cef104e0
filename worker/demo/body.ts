import type { JobEvent, PushEvent, RunEvent } from "../wire/events.ts";

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function repository(name: string) {
	return { full_name: name, html_url: `https://github.com/${name}`, private: true };
}

/** A small body in GitHub's shape, as it looks after redaction: what "raw payload" shows in the demo. */
export function bodyOf(event: RunEvent | PushEvent, jobs: readonly JobEvent[]): string {
	if (event.type === "push") {
		const commits = event.commits.map((commit) => ({
			id: commit.sha,
			message: commit.message,
			timestamp: iso(commit.at),
			author: { name: commit.author },
		}));
		const { before, after, forced, deleted } = event;
		const pusher = { name: event.pusher };
		return JSON.stringify({
			ref: `refs/heads/${event.ref}`,
			before,
			after,
			forced,
			deleted,
			repository: repository(event.repo),
			pusher,
			commits,
		});
	}
	const over = event.finishedAt !== null;
	return JSON.stringify({
		action: over ? "completed" : event.status === "queued" ? "requested" : "in_progress",
		workflow_run: {
			id: Number(event.externalId),
			name: event.workflow,
			head_branch: event.branch,
			head_sha: event.commit,
			event: event.triggeredBy,
			status: over ? "completed" : event.conclusionRaw,
			conclusion: over ? event.conclusionRaw : null,
			run_attempt: event.attempt,
			run_started_at: iso(event.startedAt),
			updated_at: iso(event.updatedAt),
			html_url: event.url,
			actor: { login: event.actor },
			jobs: jobs.length,
		},
		repository: repository(event.repo),
		sender: { login: event.actor },
	});
}
