import { MESSAGES, REPOSITORIES, type Repository, type WorkflowName } from "./cast.ts";
import { type Random, randomFrom } from "./random.ts";
import { type Ending, factsOf, type Told, tellPush, tellRun } from "./tell.ts";

const MINUTE = 60_000;
/** What the story ends in. */
export const INCIDENT = { repo: "acme/checkout-api", version: "v2.31.0", previous: "v2.30.4", error: "assert 500 != 200" } as const;

type Line = {
	repo?: string;
	name: WorkflowName;
	/** Minutes before the anchor, and how long it took (null: it is still going on). */
	begins: number;
	minutes: number | null;
	status: Ending["status"];
	branch?: string;
	triggeredBy?: string;
	actor?: string;
	meta?: Record<string, unknown>;
	error?: string;
};

// checkout-api's build usually takes about five and a half minutes.
const LINES: readonly Line[] = [
	{
		...{ name: "deploy-prod", begins: 160, minutes: 2.6, status: "success", branch: INCIDENT.previous, triggeredBy: "release" },
		meta: { version: INCIDENT.previous, environment: "prod" },
	},
	{ name: "build-and-test", begins: 118, minutes: 7.4, status: "success" },
	{ name: "build-and-test", begins: 71, minutes: 7.9, status: "success", branch: "feat/3ds-retry", triggeredBy: "pull_request" },
	{ name: "build-and-test", begins: 24.6, minutes: 8.1, status: "success" },
	{ name: "lint", begins: 24.5, minutes: 1.4, status: "success" },
	{
		name: "deploy-prod",
		begins: 14.7,
		minutes: 2.7,
		status: "success",
		branch: INCIDENT.version,
		triggeredBy: "release",
		meta: { version: INCIDENT.version, previous: INCIDENT.previous, environment: "prod" },
	},
	// Begins and takes, in minutes: the first of them has failed 8 minutes before the anchor.
	...[
		[9, 1],
		[7.4, 0.9],
		[5.9, 1.2],
		[4.3, 0.8],
		[2.9, 1.1],
	].map(
		([begins, minutes]): Line => ({
			name: "smoke-prod",
			begins: begins!,
			minutes: minutes!,
			status: "failure",
			triggeredBy: "schedule",
			actor: "github-actions[bot]",
			error: INCIDENT.error,
		}),
	),
	{ name: "smoke-prod", begins: 0.7, minutes: null, status: "running", triggeredBy: "schedule", actor: "github-actions[bot]" },
	{
		name: "build-and-test",
		begins: 2.2,
		minutes: null,
		status: "running",
		branch: "fix/orders-500",
		triggeredBy: "pull_request",
		actor: "jlee",
	},
	{
		repo: "acme/web",
		name: "build-and-test",
		begins: 1.1,
		minutes: null,
		status: "running",
		branch: "feat/wallet",
		triggeredBy: "pull_request",
		actor: "hyamada",
	},
	{
		repo: "acme/fraud-score",
		name: "build-and-test",
		begins: 3.4,
		minutes: null,
		status: "running",
		branch: "renovate/numpy",
		triggeredBy: "pull_request",
		actor: "renovate[bot]",
	},
	{
		repo: "acme/web",
		name: "e2e",
		begins: 0.5,
		minutes: null,
		status: "queued",
		branch: "feat/wallet",
		triggeredBy: "pull_request",
		actor: "hyamada",
	},
	{ repo: "acme/infra", name: "plan-apply", begins: 0.2, minutes: null, status: "queued", branch: "main", actor: "ebakker" },
];

const RAW: Record<Ending["status"], string> = {
	success: "success",
	failure: "failure",
	cancelled: "cancelled",
	running: "in_progress",
	queued: "queued",
};

function repository(name: string): Repository {
	const found = REPOSITORIES.find((repo) => repo.name === name);
	if (!found) throw new Error(`The story knows no repository ${name}.`);
	return found;
}

function tellLine(line: Line, anchor: number, commit: string, teamSalt: string): Told {
	const startedAt = anchor - Math.round(line.begins * MINUTE);
	const plan = {
		repo: repository(line.repo ?? INCIDENT.repo),
		name: line.name,
		branch: line.branch ?? "main",
		commit,
		triggeredBy: line.triggeredBy ?? "push",
		actor: line.actor ?? "mruiz",
		startedAt,
	};
	return tellRun(factsOf(plan, teamSalt), startedAt, {
		status: line.status,
		conclusionRaw: RAW[line.status],
		durationMs: line.minutes === null ? null : Math.round(line.minutes * 60) * 1000,
		error: line.error ?? null,
		meta: line.meta,
	});
}

function tellPushes(anchor: number, released: string, fix: string, random: Random): Told[] {
	const repo = repository(INCIDENT.repo);
	const push = (branch: string, after: string, minutes: number, login: string, messages: readonly string[]) =>
		tellPush({ repo, branch, after, at: anchor - minutes * MINUTE, login, messages, random });
	return [
		push("main", released, 25, "mruiz", [MESSAGES[0], "orders: write the tax lines in one statement", `release ${INCIDENT.version}`]),
		push("fix/orders-500", fix, 2.5, "jlee", ["orders: a basket without tax lines is not an error"]),
	];
}

/**
 * How the story ends: v2.31.0 goes to production 12 minutes before the anchor, the smoke test fails from 8 minutes before it
 * on, a fix is being built, and builds take longer than they used to. Newest first.
 */
export function tellIncident(anchor: number, teamSalt: string): Told[] {
	const random = randomFrom(`${teamSalt}/incident`);
	const released = random.hex(40);
	const fix = random.hex(40);
	const told = LINES.map((line) => {
		const commit = line.branch === undefined || line.branch === INCIDENT.version ? released : line.actor === "jlee" ? fix : random.hex(40);
		return tellLine(line, anchor, commit, teamSalt);
	});
	return [...told, ...tellPushes(anchor, released, fix, random)].sort((a, b) => b.at - a.at);
}
