import type { RolloutState, WorkloadRef } from "../../wire/agent.ts";
import type { Check, DeploymentStatus, Hold, Lock } from "../../wire/deployments.ts";
import { confirmWord, LOCK_AFTER_ROLLBACK_MS } from "../environments/model.ts";
import { spanInWords } from "./words.ts";

/** What is said before the button of a rollback, as sentences; all of it from our own data. */

/** Something that changed between two versions and that going back does not undo: what other domains know of goes here. */
export type ChangeBetween = { kind: "terraform" | "ansible" | "migration"; title: string; at: number };

export type PreflightFacts = {
	now: number;
	environment: { name: string; isProduction: boolean };
	component: string;
	/** Who asks; a lock of their own is none. */
	askerId: string | null;
	/** Null where no agent speaks of the component. */
	workload:
		| (WorkloadRef & {
				isPaused: boolean;
				owner: { tool: "argocd" | "flux" | "helm"; name: string } | null;
				canPatch: boolean;
				state: RolloutState;
				/** Since when it is in this state. */
				stateSince: number;
		  })
		| null;
	/** The latest attempt. */
	latest: { status: DeploymentStatus; version: string; startedAt: number; actor: string | null };
	/** Null: there is nothing to go back to. */
	target: {
		version: string;
		revision: number | null;
		/** Only its place in the history says that it is this revision. */
		isGuessed?: boolean;
		hasRunWell: boolean;
		ran: string;
		hold: Hold | null;
	} | null;
	goodMinutes: number;
	changesBetween: readonly ChangeBetween[];
	agent: { cluster: string; isConnected: boolean; lastSeenAt: number | null } | null;
	lock: Lock | null;
};

const TOOLS = { argocd: "Argo CD", flux: "Flux", helm: "Helm" } as const;
/** Pods that were in trouble this much before a deployment were not brought into it by that. */
const OLDER_MS = 60_000;

const ok = (id: string, title: string, detail: string | null = null): Check => ({ id, tone: "ok", title, detail });
const warn = (id: string, title: string, detail: string | null = null): Check => ({ id, tone: "warn", title, detail });
const stop = (id: string, title: string, detail: string | null = null): Check => ({ id, tone: "stop", title, detail });

/** The checks, the reddest first. */
export function preflight(facts: PreflightFacts): Check[] {
	const checks = [
		imageCheck(facts),
		agentCheck(facts),
		pausedCheck(facts),
		ownerCheck(facts),
		flightCheck(facts),
		lockCheck(facts),
		holdCheck(facts),
		ranCheck(facts),
		...betweenChecks(facts),
		olderCheck(facts),
		lockAfterCheck(facts),
	].filter((check) => check !== null);
	const rank = { stop: 0, warn: 1, ok: 2 };
	return checks.sort((a, b) => rank[a.tone] - rank[b.tone]);
}

function imageCheck({ target, workload }: PreflightFacts): Check | null {
	if (!target || !workload) return null;
	if (target.revision === null) return stop("image", `The cluster no longer has a revision that is ${target.version}`);
	if (target.isGuessed) {
		return warn(
			"image",
			`Revision ${target.revision} of ${workload.name} is taken for ${target.version}`,
			"No tag, label or commit says so: it is the one that ran then.",
		);
	}
	return ok("image", `${target.version} is still in the cluster, as revision ${target.revision} of ${workload.name}`);
}

function agentCheck({ agent, workload, now }: PreflightFacts): Check {
	if (!agent || !workload) return stop("agent", "No agent speaks of this component", "Connect its cluster under Settings, Agents.");
	if (!agent.isConnected) {
		const since = agent.lastSeenAt === null ? "never" : `not for ${spanInWords(now - agent.lastSeenAt)}`;
		return stop("agent", `The agent of ${agent.cluster} is away`, `It was heard ${since}.`);
	}
	if (!workload.canPatch) {
		return stop(
			"agent",
			`The agent may not change ${workload.name} in ${workload.namespace}`,
			"Apply the overlay that lets it patch in this namespace.",
		);
	}
	return ok("agent", `The agent of ${agent.cluster} is connected and may change ${workload.name}`);
}

function pausedCheck({ workload }: PreflightFacts): Check | null {
	if (!workload?.isPaused) return null;
	const { namespace, kind, name } = workload;
	const way = `kubectl -n ${namespace} rollout resume ${kind.toLowerCase()}/${name}`;
	return stop("paused", `${name} is paused: Kubernetes would roll nothing out`, `Resume it first: ${way}`);
}

function ownerCheck({ workload }: PreflightFacts): Check | null {
	if (!workload?.owner) return null;
	const { tool, name } = workload.owner;
	if (tool === "helm") {
		return warn("owner", `Helm release ${name} owns it`, "The next helm upgrade brings its own version again: roll the release back too.");
	}
	return stop(
		"owner",
		`${TOOLS[tool]} owns it, as ${name}, and will undo this at its next sync`,
		"The agent may not pause it. Pause auto-sync yourself, or revert in the repository.",
	);
}

function flightCheck({ latest, workload, now }: PreflightFacts): Check | null {
	if (latest.status !== "running" && latest.status !== "queued") return null;
	const title = `A deployment of ${latest.version} is under way, for ${spanInWords(now - latest.startedAt)}`;
	const by = latest.actor === null ? "" : ` ${latest.actor} began it.`;
	// One that hangs is the commonest reason to go back.
	if (workload?.state === "degraded") return warn("inFlight", title, `Its pods do not come up.${by}`);
	return stop("inFlight", title, `What it does next may undo this.${by}`);
}

function lockCheck({ lock, askerId, now }: PreflightFacts): Check | null {
	if (!lock || (lock.until !== null && lock.until <= now)) return null;
	const until = lock.until === null ? "until somebody releases it" : `for ${spanInWords(lock.until - now)} more`;
	if (lock.by.id === askerId) return ok("lock", `You hold the lock, ${until}`);
	return stop("lock", `${lock.by.name} has locked this environment, ${until}`, lock.reason);
}

function holdCheck({ target, now }: PreflightFacts): Check | null {
	if (!target?.hold) return null;
	const { by, until, reason } = target.hold;
	return stop("hold", `${target.version} was rolled back by ${by.name} and is held for ${spanInWords(until - now)} more`, reason);
}

function ranCheck({ target, goodMinutes }: PreflightFacts): Check | null {
	if (!target) return null;
	if (target.hasRunWell) return ok("ran", `${target.version} ${target.ran} before`);
	return warn("ran", `Whether ${target.version} runs well is not proven: it did not run for ${goodMinutes} minutes`, target.ran);
}

const KINDS = { terraform: "A Terraform apply", ansible: "An Ansible change", migration: "A database migration" } as const;

function betweenChecks({ changesBetween, now }: PreflightFacts): Check[] {
	return changesBetween.map(({ kind, title, at }) =>
		stop(
			`between-${kind}`,
			`${KINDS[kind]} lies between the two versions, ${spanInWords(now - at)} ago`,
			`${title}. Going back leaves it as it is.`,
		),
	);
}

function olderCheck({ workload, latest }: PreflightFacts): Check | null {
	if (workload?.state !== "degraded" || workload.stateSince >= latest.startedAt - OLDER_MS) return null;
	return warn(
		"older",
		`The trouble is older than ${latest.version}, by ${spanInWords(latest.startedAt - workload.stateSince)}`,
		"The deployment may not be its cause, and going back may not help.",
	);
}

function lockAfterCheck({ environment }: PreflightFacts): Check {
	return ok("lockAfter", `Afterwards ${environment.name} is locked for ${spanInWords(LOCK_AFTER_ROLLBACK_MS)}, and the version held`);
}

/** What a rollback leaves as it is. */
export function notUndone({ workload, changesBetween }: Pick<PreflightFacts, "workload" | "changesBetween">): string[] {
	return [
		"Data in databases and queues, and feature flags.",
		"ConfigMaps and Secrets: a revision only names them.",
		...(workload?.kind === "StatefulSet" ? ["What the new version wrote to its volumes."] : []),
		...changesBetween.map(({ title }) => title),
	];
}

/** How much it takes to confirm, and whom. */
export function confirmation(environment: { name: string; isProduction: boolean }, checks: readonly Check[]) {
	const isRed = checks.some(({ tone }) => tone === "stop");
	return {
		confirm: environment.isProduction || isRed ? ("word" as const) : ("button" as const),
		word: confirmWord(environment),
		needs: isRed ? ("manager" as const) : ("member" as const),
	};
}

/** What to run by hand where the agent can't. */
export function manualCommand({ namespace, kind, name }: WorkloadRef, revision: number | null): string {
	const to = revision === null ? "" : ` --to-revision=${revision}`;
	return `kubectl -n ${namespace} rollout undo ${kind.toLowerCase()}/${name}${to}`;
}

/** The same where no agent says where a component runs; null for a name that is none in Kubernetes: it is pasted into a shell. */
export function manualCommandUnseen(component: string): string | null {
	if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(component)) return null;
	return `kubectl -n NAMESPACE rollout undo deployment/${component} --to-revision=REVISION`;
}
