import { DAY_MS, instantIn, PUSH_DAYS, troubleOf } from "./calendar.ts";
import { BRANCHES, PEOPLE, RENOVATE, RENOVATE_BRANCHES, REPOSITORIES, type Repository, type WorkflowName } from "./cast.ts";
import { type Random, randomFrom } from "./random.ts";
import { endingOf, factsOf, type RunPlan, type Told, tellPush, tellRun } from "./tell.ts";

const QUIET_MS = 170 * 60_000;

type Telling = { anchor: number; day: number; teamSalt: string; random: Random };

/** One activity is told as a whole: what a push or a schedule set off, in order. */
type Activity = { repo: Repository; startedAt: number; told: Told[] };

/** A run that ends, and after a failure often a second attempt that does. Answers when it was over and whether it passed. */
function addRun(telling: Telling, activity: Activity, plan: RunPlan): { over: number; passed: boolean } {
	const { day, teamSalt, random } = telling;
	const trouble = troubleOf(teamSalt, day, plan.repo.name);
	const first = tellRun(factsOf(plan, teamSalt), plan.startedAt, endingOf(plan, day, trouble, random));
	activity.told.push(first);
	const failed = first.event.type === "run" && first.event.status === "failure";
	if (!failed || !random.chance(0.3)) return { over: first.at, passed: first.event.type === "run" && first.event.status === "success" };
	// A second attempt is the same run: same id, a later start. Most failures that are worth a second try were flaky.
	const startedAt = first.at + 30_000 + random.below(240_000);
	const second = tellRun(factsOf(plan, teamSalt, 2), startedAt, endingOf(plan, day, trouble * 1.5, random));
	activity.told.push(second);
	return { over: second.at, passed: second.event.type === "run" && second.event.status === "success" };
}

function addChecks(telling: Telling, activity: Activity, base: Omit<RunPlan, "name">): { over: number; passed: boolean } {
	const { random } = telling;
	let main = { over: base.startedAt, passed: true };
	for (const [n, name] of activity.repo.checks.entries()) {
		// Browser tests are only run where they were asked for.
		if (name === "e2e" && base.branch !== "main" && random.chance(0.55)) continue;
		const result = addRun(telling, activity, { ...base, name, startedAt: base.startedAt + n * 1000 + random.below(3000) });
		if (n === 0) main = result;
	}
	return main;
}

function addRelease(telling: Telling, activity: Activity, base: Omit<RunPlan, "name">, built: { over: number; passed: boolean }): void {
	let before = built;
	for (const name of activity.repo.release) {
		if (!before.passed) return;
		const startedAt = before.over + 4000 + telling.random.below(20_000);
		before = addRun(telling, activity, { ...base, name, triggeredBy: "workflow_run", startedAt });
	}
}

/** Somebody, or the bot, pushes; checks run; main goes on to production. */
function pushActivity(telling: Telling): Activity {
	const { anchor, day, random } = telling;
	const repo = random.weighted(REPOSITORIES);
	const startedAt = instantIn(anchor, day, random);
	const activity: Activity = { repo, startedAt, told: [] };
	const kind = random.weighted([
		{ kind: "main", weight: 30 },
		{ kind: "feature", weight: 54 },
		{ kind: "renovate", weight: 16 },
	] as const).kind;
	const branch = kind === "main" ? "main" : kind === "feature" ? random.pick(BRANCHES) : random.pick(RENOVATE_BRANCHES);
	const login = kind === "renovate" ? RENOVATE : random.weighted(PEOPLE).login;
	const commit = random.hex(40);
	if (day < PUSH_DAYS) activity.told.push(tellPush({ repo, branch, after: commit, at: startedAt, login, random }));
	const base = { repo, branch, commit, triggeredBy: kind === "main" ? "push" : "pull_request", actor: login, startedAt: startedAt + 2000 };
	const built = addChecks(telling, activity, base);
	if (kind === "main") addRelease(telling, activity, base, built);
	return activity;
}

/** The night's long runs, one for each repository that has any. */
function nightlyActivity(telling: Telling, repo: Repository): Activity {
	const { anchor, day, random } = telling;
	const end = anchor - day * DAY_MS;
	// The last 02:00 UTC before the day's end, a few minutes apart by repository.
	const night = Math.floor((end - 2 * 3600_000) / DAY_MS) * DAY_MS + 2 * 3600_000;
	const startedAt = night + (repo.id % 100) * 180_000 + random.below(20_000);
	const activity: Activity = { repo, startedAt, told: [] };
	const name: WorkflowName = "nightly";
	addRun(telling, activity, {
		repo,
		name,
		branch: "main",
		commit: random.hex(40),
		triggeredBy: "schedule",
		actor: "github-actions[bot]",
		startedAt,
	});
	return activity;
}

/** Move what would reach beyond the day's end back into it, so that days never overlap and nothing lies after the anchor. */
function fitInto(activity: Activity, from: number, end: number, random: Random): Told[] {
	const last = Math.max(...activity.told.map((told) => told.at));
	const first = Math.min(...activity.told.map((told) => told.at));
	const late = last >= end ? last - end + 1000 + random.below(20 * 60_000) : 0;
	const early = first < from ? from - first : 0;
	return late - early === 0 ? activity.told : activity.told.map((told) => shift(told, early - late));
}

function shift(told: Told, byMs: number): Told {
	const { event } = told;
	if (event.type === "push") {
		const commits = event.commits.map((commit) => ({ ...commit, at: commit.at === null ? null : commit.at + byMs }));
		return { at: told.at + byMs, event: { ...event, commits } };
	}
	const moved = (at: number | null) => (at === null ? null : at + byMs);
	return {
		at: told.at + byMs,
		event: { ...event, startedAt: moved(event.startedAt), finishedAt: moved(event.finishedAt), updatedAt: event.updatedAt + byMs },
	};
}

/**
 * Exactly `count` things that happened on a story day, newest first. `quiet` names a repository about which nothing is told
 * in the day's last hours: there the incident speaks.
 */
export function tellDay(input: { anchor: number; day: number; teamSalt: string; count: number; quiet?: string }): Told[] {
	const { anchor, day, teamSalt, count, quiet } = input;
	const telling: Telling = { anchor, day, teamSalt, random: randomFrom(`${teamSalt}/day/${day}`) };
	const end = anchor - day * DAY_MS;
	const told: Told[] = [];
	const add = (activity: Activity) => {
		const fitted = fitInto(activity, end - DAY_MS, end, telling.random);
		if (activity.repo.name === quiet && fitted.some((one) => one.at > end - QUIET_MS)) return;
		told.push(...fitted);
	};
	for (const repo of REPOSITORIES) if (repo.nightly) add(nightlyActivity(telling, repo));
	while (told.length < count) add(pushActivity(telling));
	// The last activity may be one too many; its end (a deployment, say) is then simply not told.
	return told.slice(0, count).sort((a, b) => b.at - a.at);
}
