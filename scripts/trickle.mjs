// A slow trickle of signed deliveries, so that the demo's page breathes. They take the same road as a real forge's.
import { createHmac, randomUUID } from "node:crypto";

const REPOS = [
	{ id: 910001, name: "acme/web", workflow: "build-and-test", seconds: 210 },
	{ id: 910002, name: "acme/checkout-api", workflow: "build-and-test", seconds: 300 },
	{ id: 910003, name: "acme/gateway", workflow: "lint", seconds: 60 },
	{ id: 910004, name: "acme/search", workflow: "build-and-test", seconds: 260 },
];
const PEOPLE = ["mruiz", "jlee", "aokafor", "vlind"];

const pick = (list) => list[Math.floor(Math.random() * list.length)];

function payload({ repo, runId, branch, actor, action, status, conclusion, startedAt, at }) {
	const iso = (ms) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
	return {
		action,
		workflow_run: {
			id: runId,
			name: repo.workflow,
			head_branch: branch,
			head_sha: randomUUID().replaceAll("-", "").padEnd(40, "0"),
			run_number: runId % 10_000,
			run_attempt: 1,
			event: "push",
			status,
			conclusion,
			html_url: `https://github.com/${repo.name}/actions/runs/${runId}`,
			created_at: iso(startedAt),
			run_started_at: iso(startedAt),
			updated_at: iso(at),
			actor: { login: actor },
			triggering_actor: { login: actor },
		},
		workflow: { name: repo.workflow },
		repository: { id: repo.id, full_name: repo.name },
		sender: { login: actor },
	};
}

/** Send one delivery as GitHub would; says whether the webhook is still there. */
async function deliver({ baseUrl, path, secret }, body) {
	const text = JSON.stringify(body);
	const answer = await fetch(`${baseUrl}${path}`, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			"x-github-event": "workflow_run",
			"x-github-delivery": randomUUID(),
			"x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`,
		},
		body: text,
	}).catch(() => null);
	return answer?.status !== 404;
}

/** A new run every 20 s or so: requested, in progress, and a while later finished. */
export function startTrickle(where) {
	let next = 7_900_000_000 + Math.floor(Date.now() / 1000);
	const tell = async () => {
		const repo = pick(REPOS);
		const startedAt = Date.now();
		const run = { repo, runId: next++, branch: pick(["main", "main", "feat/wallet", "fix/timeout"]), actor: pick(PEOPLE), startedAt };
		const isThere = await deliver(where, payload({ ...run, action: "requested", status: "queued", conclusion: null, at: startedAt }));
		// The demo has been removed: nothing is left to breathe.
		if (!isThere) return;
		const soon = setTimeout(
			() => void deliver(where, payload({ ...run, action: "in_progress", status: "in_progress", conclusion: null, at: Date.now() })),
			4000,
		);
		const later = setTimeout(
			() => {
				const conclusion = Math.random() < 0.1 ? "failure" : "success";
				void deliver(where, payload({ ...run, action: "completed", status: "completed", conclusion, at: Date.now() }));
			},
			20_000 + Math.random() * 40_000,
		);
		const again = setTimeout(tell, 12_000 + Math.random() * 16_000);
		for (const timer of [soon, later, again]) timer.unref();
	};
	setTimeout(tell, 3000).unref();
}
