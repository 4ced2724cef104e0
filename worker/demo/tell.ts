import type { PushEvent, RunEvent, RunFacts, RunStatus } from "../wire/events.ts";
import { DAY_MS, DAYS } from "./calendar.ts";
import { MESSAGES, PEOPLE, type Repository, type Workflow, type WorkflowName, workflow } from "./cast.ts";
import { hashOf, type Random } from "./random.ts";

/** One thing the story tells: a run in its final state, or a push. `at` is when GitHub said so, epoch ms. */
export type Told = { at: number; event: RunEvent | PushEvent };

/** What a run of the story is before anyone knows how it ended. */
export type RunPlan = {
	repo: Repository;
	name: WorkflowName;
	branch: string;
	commit: string;
	triggeredBy: string;
	actor: string;
	startedAt: number;
};

export type Ending = {
	status: RunStatus;
	conclusionRaw: string;
	durationMs: number | null;
	error: string | null;
	meta?: Record<string, unknown>;
};

/** Facts of a run. Its number comes out of what it is, so that the same run has the same id at every telling. */
export function factsOf(plan: RunPlan, teamSalt: string, attempt = 1): RunFacts {
	const n = hashOf(`${teamSalt}/${plan.repo.name}/${plan.name}/${plan.commit}/${plan.startedAt}`);
	const externalId = String(11_000_000_000 + n);
	return {
		id: `github-${plan.repo.id}-${externalId}`,
		source: "github",
		externalId,
		attempt,
		repo: plan.repo.name,
		workflow: plan.name,
		branch: plan.branch,
		commit: plan.commit,
		triggeredBy: plan.triggeredBy,
		actor: plan.actor,
		url: `https://github.com/${plan.repo.name}/actions/runs/${externalId}`,
	};
}

/** A run with its ending, told when it ended; one that has not ended is told when it began. */
export function tellRun(facts: RunFacts, startedAt: number, ending: Ending): Told {
	const finishedAt = ending.durationMs === null ? null : startedAt + ending.durationMs;
	const at = finishedAt ?? startedAt;
	return {
		at,
		event: {
			type: "run",
			...facts,
			status: ending.status,
			conclusionRaw: ending.conclusionRaw,
			startedAt,
			finishedAt,
			durationMs: ending.durationMs,
			updatedAt: at,
			coverage: null,
			error: ending.error,
			meta: ending.meta ?? {},
		},
	};
}

/** How long a workflow takes on a story day: log-normal, drifting slowly, with a wave of about three weeks. Whole seconds in ms. */
export function durationOf(of: Workflow, repo: Repository, day: number, random: Random): number {
	const drift = 1 + of.drift * (1 - day / DAYS) + 0.04 * Math.sin((day / 21) * 2 * Math.PI);
	const minutes = Math.min(random.logNormal(of.minutes * repo.pace * drift, of.sigma), 44);
	return Math.max(8, Math.round(minutes * 60)) * 1000;
}

/** How a run ends on a day with this much trouble. */
export function endingOf(plan: RunPlan, day: number, trouble: number, random: Random): Ending {
	const of = workflow(plan.name);
	const durationMs = durationOf(of, plan.repo, day, random);
	// What reaches main has been tried on a branch before.
	const failing = Math.min(0.6, of.failing * trouble * (plan.branch === "main" ? 0.7 : 1.15));
	if (random.chance(failing)) {
		// A failing run often stops early.
		const durationShare = 0.3 + 0.7 * random.next();
		const timedOut = random.chance(0.04);
		return {
			status: "failure",
			conclusionRaw: timedOut ? "timed_out" : "failure",
			durationMs: Math.max(5, Math.round((durationMs * durationShare) / 1000)) * 1000,
			error: timedOut ? "The job has exceeded its maximum execution time" : random.pick(of.errors),
		};
	}
	if (plan.branch !== "main" && random.chance(0.03)) {
		const durationShare = 0.1 + 0.6 * random.next();
		return {
			status: "cancelled",
			conclusionRaw: "cancelled",
			durationMs: Math.max(2, Math.round((durationMs * durationShare) / 1000)) * 1000,
			error: null,
		};
	}
	return { status: "success", conclusionRaw: "success", durationMs, error: null };
}

/** A push of a few commits; the last one is `after`. */
export function tellPush(input: {
	repo: Repository;
	branch: string;
	after: string;
	at: number;
	login: string;
	messages?: readonly string[];
	random: Random;
}): Told {
	const { repo, branch, after, at, login, random } = input;
	const person = PEOPLE.find((p) => p.login === login) ?? { name: login };
	const count = input.messages?.length ?? 1 + random.below(5);
	const commits = Array.from({ length: count }, (_, n) => ({
		sha: n === count - 1 ? after : random.hex(40),
		// Now and then a colleague's commit rides along.
		author: random.chance(0.12) ? random.weighted(PEOPLE).name : person.name,
		message: input.messages?.[n] ?? random.pick(MESSAGES),
		at: at - (count - n) * (60_000 + random.below(DAY_MS / 200)),
	}));
	const before = random.hex(40);
	return {
		at,
		event: {
			type: "push",
			id: `github-${repo.id}-refs/heads/${branch}-${before}-${after}`,
			source: "github",
			repo: repo.name,
			ref: branch,
			refType: "branch",
			before,
			after,
			forced: branch !== "main" && random.chance(0.08),
			deleted: false,
			commitCount: count,
			commits,
			authors: [...new Set(commits.map((commit) => commit.author))],
			pusher: login,
		},
	};
}
