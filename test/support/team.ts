import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newIntegrationId, newTeamId, newToken, randomId, randomSecret } from "#worker/ids";
import worker from "#worker/index";

/** What a test holds of one team: the same as the principals of a development installation. */
export type TestTeam = {
	id: string;
	slug: string;
	webhooks: Record<string, { path: string; secret: string }>;
	ingestToken: string;
	metricsToken: string;
	sessions: Record<"viewer" | "member" | "manager" | "admin", string>;
	tokens: Record<"viewer" | "member" | "manager" | "admin", string>;
	/** Agent tokens by the name of their cluster. */
	agents: Record<string, string>;
};

export const ORIGIN = "http://127.0.0.1";
export const SECRET = "corpus-secret";
const ROLES = ["viewer", "member", "manager", "admin"] as const;

/** Ask the Worker, in this very isolate: a loop through the pool costs more with each request of a file. */
export async function ask(path: string, init?: RequestInit): Promise<Response> {
	const request = new Request(path.startsWith("http") ? path : `${ORIGIN}${path}`, init);
	return await worker.fetch(request as Parameters<typeof worker.fetch>[0], env, createExecutionContext());
}

/** A new team with one member per role, tokens and one integration per source, made through the development door. */
export async function makeTeam(): Promise<TestTeam> {
	const id = newTeamId();
	const each = <T>(make: () => T) => Object.fromEntries(ROLES.map((role) => [role, make()])) as Record<(typeof ROLES)[number], T>;
	const team: TestTeam = {
		id,
		slug: `team-${randomId(8)}`,
		webhooks: Object.fromEntries(
			["github", "gitlab", "argocd", "cdevents", "alertmanager", "generic"].map((source) => [
				source,
				{ path: `/webhooks/${source}/${newIntegrationId(id)}`, secret: SECRET },
			]),
		),
		ingestToken: newToken(id),
		metricsToken: newToken(id),
		sessions: each(() => `__Host-opssight=${randomSecret()}`),
		tokens: each(() => newToken(id)),
		agents: { "main-cluster": newToken(id) },
	};
	const answer = await ask("/dev/setup", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ teams: { a: team } }),
	});
	if (!answer.ok) throw new Error(`setup answered ${answer.status}: ${await answer.text()}`);
	return team;
}

/** GET as JSON with a role's token. */
export async function getJson<T = Record<string, unknown>>(
	team: TestTeam,
	path: string,
	token = team.tokens.viewer,
): Promise<{ status: number; body: T }> {
	const answer = await ask(path, { headers: { authorization: `Bearer ${token}` } });
	return { status: answer.status, body: (await answer.json()) as T };
}

/** The team's ledger. */
export function ledgerOf(team: TestTeam) {
	return env.TEAM_LEDGER.getByName(team.id);
}

/** Hex HMAC-SHA256, as GitHub signs. */
export async function hmacHex(secret: string, data: string | Uint8Array<ArrayBuffer>): Promise<string> {
	const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
	const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
	const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
	return Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a body to the team's GitHub webhook, signed. */
export async function sendGitHub(
	team: TestTeam,
	event: string,
	body: unknown,
	more: { delivery?: string; secret?: string; headers?: Record<string, string>; raw?: Uint8Array<ArrayBuffer> } = {},
): Promise<Response> {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	const bytes = more.raw ?? text;
	return await ask(team.webhooks.github!.path, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			"x-github-event": event,
			"x-github-delivery": more.delivery ?? crypto.randomUUID(),
			"x-hub-signature-256": `sha256=${await hmacHex(more.secret ?? SECRET, bytes)}`,
			...more.headers,
		},
		body: bytes,
	});
}

/** A workflow_run as GitHub sends it, as small as it may be. */
export function workflowRun(run: {
	id: number;
	status?: string;
	conclusion?: string | null;
	attempt?: number;
	startedAt?: number;
	updatedAt?: number;
	repo?: string;
	workflow?: string;
	branch?: string;
}) {
	const iso = (at: number) => new Date(at).toISOString();
	const startedAt = run.startedAt ?? Date.now() - 60_000;
	const status = run.status ?? "completed";
	return {
		action: status === "completed" ? "completed" : status,
		workflow_run: {
			id: run.id,
			name: run.workflow ?? "ci",
			head_branch: run.branch ?? "main",
			head_sha: "a".repeat(40),
			run_attempt: run.attempt ?? 1,
			event: "push",
			status,
			conclusion: status === "completed" ? (run.conclusion ?? "success") : null,
			html_url: `https://github.com/acme/web/actions/runs/${run.id}`,
			created_at: iso(startedAt),
			run_started_at: iso(startedAt),
			updated_at: iso(run.updatedAt ?? startedAt + 30_000),
			actor: { login: "mruiz" },
		},
		workflow: { name: run.workflow ?? "ci" },
		repository: { id: 77, full_name: run.repo ?? "acme/web" },
		sender: { login: "mruiz" },
	};
}
