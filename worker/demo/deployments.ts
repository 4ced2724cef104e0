import type { DeploymentStatus } from "../wire/deployments.ts";
import type { DeploymentEvent, PushEvent, RunEvent } from "../wire/events.ts";
import { MESSAGES, REPOSITORIES } from "./cast.ts";
import { INCIDENT } from "./incident.ts";
import { hashOf } from "./random.ts";
import type { Told } from "./tell.ts";

/** What the runs of the story bring where: deployments to staging and production, as GitHub tells of them beside the runs. */

/** Story days of which deployments are told. */
export const DEPLOYMENT_DAYS = 30;
const SHIPPED: ReadonlySet<string> = new Set(
	REPOSITORIES.filter(({ release }) => (release as readonly string[]).includes("deploy-prod")).map(({ name }) => name),
);
/** Going back takes less than a minute, and is the last thing that a failed release does. */
const BACK_MS = 45_000;

type Where = { environment: string; status: DeploymentStatus; startedAt: number; finishedAt: number | null; reason?: string | null };

/** A release carries its tag; everything else is called by its commit, as GitHub does. */
const versionOf = ({ branch, commit }: RunEvent) => (branch?.startsWith("v") ? branch : (commit ?? "").slice(0, 7));

function deployment(run: RunEvent, { environment, status, startedAt, finishedAt, reason = null }: Where): DeploymentEvent {
	const externalId = String(2_000_000_000 + hashOf(`${run.id}/${run.attempt}/${environment}`));
	return {
		type: "deployment",
		id: `github-${run.id.split("-")[1]}-${externalId}`,
		source: "github",
		externalId,
		environment,
		component: run.repo.split("/").at(-1) ?? run.repo,
		version: versionOf(run),
		commit: run.commit,
		ref: run.branch,
		repo: run.repo,
		status,
		statusRaw: status === "running" ? "in_progress" : status,
		startedAt,
		finishedAt,
		updatedAt: finishedAt ?? startedAt,
		inactiveAt: null,
		actor: run.actor,
		isRollback: false,
		rollbackId: null,
		reason,
		title: MESSAGES[hashOf(run.commit ?? "") % MESSAGES.length] ?? null,
		url: run.url,
		images: [],
	};
}

/** The newest release of a repository that went well before the n-th of what was told, which is newest first. */
function releaseBefore(told: readonly Told[], n: number, repo: string): RunEvent | null {
	for (const { event } of told.slice(n + 1)) {
		if (event.type === "run" && event.repo === repo && event.workflow === "deploy-prod" && event.status === "success") return event;
	}
	return null;
}

/** The deployments that belong to the n-th of what was told of a day. */
export function tellDeployments(told: readonly Told[], n: number): DeploymentEvent[] {
	const run: RunEvent | PushEvent | undefined = told[n]?.event;
	if (run?.type !== "run" || !SHIPPED.has(run.repo) || run.startedAt === null) return [];
	const { startedAt, finishedAt, status } = run;
	if (run.workflow === "build-and-test" && run.branch === "main" && status === "success" && finishedAt !== null) {
		return [deployment(run, { environment: "staging", status, startedAt: finishedAt - BACK_MS, finishedAt })];
	}
	if (run.workflow === "smoke-prod" && run.repo === INCIDENT.repo && run.error === INCIDENT.error) return failedBySmoke(told, n, run);
	if (run.workflow !== "deploy-prod" || finishedAt === null) return [];
	if (status !== "failure") return [deployment(run, { environment: "production", status, startedAt, finishedAt })];
	const before = releaseBefore(told, n, run.repo);
	const failed = {
		environment: "production",
		status,
		startedAt,
		finishedAt: before ? Math.max(startedAt, finishedAt - BACK_MS) : finishedAt,
		reason: run.error,
	};
	return [deployment(run, failed), ...(before ? [wentBack(run, before, finishedAt)] : [])];
}

/** A failed release returns to the one before it. */
function wentBack(run: RunEvent, before: RunEvent, finishedAt: number): DeploymentEvent {
	const back = deployment(
		{ ...before, attempt: before.attempt + 100 + (hashOf(run.id) % 1000) },
		{
			...{ environment: "production", status: "success", startedAt: finishedAt - BACK_MS + 1000, finishedAt },
		},
	);
	return {
		...back,
		actor: run.actor,
		isRollback: true,
		reason: `${versionOf(run)} failed: ${run.error ?? "no reason given"}`,
		url: run.url,
	};
}

/** The release of the incident had gone well, until the smoke test says otherwise. */
function failedBySmoke(told: readonly Told[], n: number, smoke: RunEvent): DeploymentEvent[] {
	const isSame = ({ event }: Told) => event.type === "run" && event.workflow === smoke.workflow && event.error === smoke.error;
	// The first of them says so.
	if (told.slice(n + 1).some(isSame)) return [];
	const release = releaseBefore(told, n, smoke.repo);
	if (!release || release.startedAt === null || release.branch !== INCIDENT.version) return [];
	const said = {
		status: "failure" as const,
		startedAt: release.startedAt,
		finishedAt: smoke.finishedAt,
		reason: `smoke-prod: ${smoke.error}`,
	};
	return [deployment(release, { environment: "production", ...said })];
}
