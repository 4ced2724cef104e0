import type { Revision, RolloutState } from "../../wire/agent.ts";
import type { Choice, DeploymentRow, Hold, VersionCard } from "../../wire/deployments.ts";
import { spanInWords } from "./words.ts";

/** What a rollback returns to, decided from what is known of a component's versions and of the revisions its cluster still has. */

/** A version a component had: its deployment, the revision of the workload that it is, and how long the cluster saw it run well. */
export type PastVersion = {
	deployment: Pick<
		DeploymentRow,
		"id" | "version" | "commit" | "status" | "startedAt" | "finishedAt" | "orderedAt" | "actor" | "isRollback"
	>;
	images: readonly string[];
	/** Null: gone from the cluster, or not to be recognised there. */
	revision: Revision | null;
	/** What the agent saw of this template; null: nothing. */
	seen: { healthyFrom: number | null; healthyUntil: number | null; failedAt: number | null } | null;
	/** Nothing but time or order says that it is this revision. */
	isGuessed?: boolean;
	/** Only its revision is known: no deployment tells of it. */
	isUntold?: boolean;
};

/** The workload as it is now; `isComplete` when all its pods are of its newest template and available. */
export type Running = { revision: number; hash: string; state: RolloutState; isComplete: boolean };

export type PlanInput = {
	/** Newest attempt first: the first is what is rolled back. */
	history: readonly PastVersion[];
	/** Null where no agent speaks of the component: then a version is named, and no revision. */
	running: Running | null;
	holds: readonly Hold[];
	/** Minutes after which a version counts as having run well. */
	goodMinutes: number;
	now: number;
	/** The deployment somebody chose. */
	to?: string | undefined;
};

export type PlanFailure = "nothingRan" | "nothingBefore" | "alreadyRunning" | "unknown" | "neverSucceeded" | "revisionGone";

export type RollbackPlan =
	| { ok: true; from: PastVersion; to: PastVersion; card: VersionCard; hold: Hold | null; hasRunWell: boolean; choices: Choice[] }
	| { ok: false; reason: PlanFailure; message: string; from: PastVersion | null; choices: Choice[] };

/** A version with what its deployments come to together. */
type Candidate = { version: PastVersion; wellMs: number | null; wasRolledBack: boolean; hold: Hold | null; why: Ineligible | null };
type Ineligible = { reason: PlanFailure | "held" | "rolledBack"; why: string };

const CHOICES_MAX = 20;

/**
 * Decide what a rollback returns to: the newest version before the failing one that succeeded, ran well and is still in the cluster;
 * where none ran for so long, the newest that was seen to run at all, else the newest that succeeded. The others come with why they can't be chosen.
 */
export function planRollback(input: PlanInput): RollbackPlan {
	const { now, to } = input;
	const { from, isUntouched } = failingOf(input);
	if (!from) return { ok: false, reason: "nothingRan", message: "Nothing was ever deployed here.", from: null, choices: [] };
	const candidates = candidatesOf(input, from);
	const choices = candidates.slice(0, CHOICES_MAX).map((candidate): Choice => {
		return { ...cardOf(candidate, now), isEligible: candidate.why === null, why: candidate.why?.why ?? null };
	});
	const no = (reason: PlanFailure, message: string): RollbackPlan => ({ ok: false, reason, message, from, choices });
	const yes = (candidate: Candidate): RollbackPlan => {
		const { version, hold } = candidate;
		return { ok: true, from, to: version, card: cardOf(candidate, now), hold, hasRunWell: ranWell(candidate, input), choices };
	};
	if (to !== undefined) {
		const chosen = chosenOf(input, candidates, to);
		if (chosen === "failing")
			return no("alreadyRunning", `${from.deployment.version} is what would be rolled back. Choose another version.`);
		if (chosen === null) return no("unknown", "There is no such deployment of this component here.");
		const { why } = chosen;
		// A hold is a red check, and who was rolled back once may be wanted back: both are a person's choice.
		return why && why.reason !== "held" && why.reason !== "rolledBack" ? no(why.reason, why.why) : yes(chosen);
	}
	// Going further back than to what runs unharmed would only do harm.
	if (isUntouched)
		return no("alreadyRunning", `${from.deployment.version} already runs completely: the failed deployment changed nothing.`);
	const eligible = candidates.filter(({ why }) => why === null);
	// What was seen to run, however shortly, before what nobody ever saw.
	const seen = eligible.find((one) => ranWell(one, input)) ?? eligible.find(({ wellMs }) => (wellMs ?? 0) > 0);
	// While all is well, what nobody ever saw run is a person's choice; where nothing works, it is a way out.
	const best = seen ?? (input.running?.isComplete ? undefined : eligible[0]);
	if (best) return yes(best);
	if (eligible.length > 0)
		return no("nothingBefore", `${from.deployment.version} runs well, and no version before it was seen to. Choose one, if it has to be.`);
	const gone = candidates.find(({ why }) => why?.reason === "revisionGone");
	if (gone?.why) return no("revisionGone", gone.why.why);
	return no("nothingBefore", `No version before ${from.deployment.version} can be returned to.`);
}

/**
 * What is rolled back: the newest attempt that came to anything. One that was called off, or a rollback that was not carried out, is
 * none; and where a deployment failed before it reached the cluster, it is the version that runs there still.
 */
function failingOf({ history, running }: PlanInput): { from: PastVersion | undefined; isUntouched: boolean } {
	const runs = ({ revision }: PastVersion) => running !== null && revision !== null && isSame(running, revision);
	const isVoid = (past: PastVersion) => {
		const { status, isRollback } = past.deployment;
		return status !== "success" && (status === "cancelled" || isRollback) && !runs(past);
	};
	const lead = history.find((past) => !isVoid(past));
	if (lead?.deployment.status !== "failure" || running?.isComplete !== true || runs(lead)) return { from: lead, isUntouched: false };
	const untouched = history.find((past) => past.deployment.status === "success" && runs(past));
	return { from: untouched ?? lead, isUntouched: untouched !== undefined };
}

/** Deployments of one version are one choice: the newest that succeeded stands for it. */
function candidatesOf({ history, running, holds, now }: PlanInput, from: PastVersion): Candidate[] {
	const byVersion = new Map<string, Candidate>();
	for (const [n, past] of history.entries()) {
		const key = keyOf(past);
		// What is rolled back is not a choice, whatever deployment of it.
		if (isSameVersion(past, from)) continue;
		const known = byVersion.get(key);
		const wellMs = wellOf(history, n, now);
		const wasRolledBack = isRolledBackBy(history[n - 1]);
		const isBetter = !known || (known.version.deployment.status !== "success" && past.deployment.status === "success");
		const version = isBetter ? past : known.version;
		byVersion.set(key, {
			version: { ...version, revision: version.revision ?? past.revision },
			wellMs: known?.wellMs === undefined || known.wellMs === null ? wellMs : Math.max(known.wellMs, wellMs ?? 0),
			wasRolledBack: known?.wasRolledBack === true || wasRolledBack,
			hold: holds.find((hold) => hold.version === past.deployment.version && hold.until > now) ?? null,
			why: null,
		});
	}
	return [...byVersion.values()].map((candidate) => ({ ...candidate, why: whyNot(candidate, running, now) }));
}

/** One version may be deployed with several templates: where the revisions are known, they tell them apart. */
const keyOf = ({ deployment, revision }: PastVersion) =>
	revision === null ? deployment.version : `${deployment.version}@${revision.hash}`;

const isSameVersion = (a: PastVersion, b: PastVersion) =>
	a.deployment.version === b.deployment.version && (a.revision === null || b.revision === null || a.revision.hash === b.revision.hash);

/** Whether the deployment after a version was a rollback, and so away from it. */
const isRolledBackBy = (next: PastVersion | undefined) => next?.deployment.isRollback === true && next.deployment.status === "success";

/** How long a version ran well after its deployment, ms; null where that is not known. */
function wellOf(history: readonly PastVersion[], n: number, now: number): number | null {
	const { deployment, seen, isUntold } = history[n] as PastVersion;
	if (deployment.status !== "success") return null;
	const seenMs = seen && seen.healthyFrom !== null && seen.healthyUntil !== null ? seen.healthyUntil - seen.healthyFrom : null;
	if (isUntold) return seenMs;
	// The cluster saw it fail and never saw it well: whatever its sender said.
	if (seen && seen.healthyFrom === null && seen.failedAt !== null) return 0;
	const endedAt = history[n - 1]?.deployment.startedAt ?? now;
	const toldMs = Math.max(0, endedAt - (deployment.finishedAt ?? deployment.startedAt));
	return Math.max(seenMs ?? 0, toldMs);
}

const ranWell = ({ wellMs, wasRolledBack }: Candidate, { goodMinutes }: Pick<PlanInput, "goodMinutes">) =>
	!wasRolledBack && wellMs !== null && wellMs >= goodMinutes * 60_000;

function whyNot({ version, hold, wasRolledBack }: Candidate, running: Running | null, now: number): Ineligible | null {
	const { deployment, revision } = version;
	if (deployment.status !== "success") return { reason: "neverSucceeded", why: `${deployment.version} was never deployed successfully.` };
	if (running && revision && isSame(running, revision)) {
		const how = running.isComplete ? "already runs completely" : "is what is being rolled out";
		return { reason: "alreadyRunning", why: `${deployment.version} ${how}: nothing would change.` };
	}
	if (running && !revision) {
		return { reason: "revisionGone", why: `The cluster no longer has a revision that is ${deployment.version}.` };
	}
	if (hold) return { reason: "held", why: `${hold.by.name} rolled it back; it is held for ${spanInWords(hold.until - now)} more.` };
	return wasRolledBack ? { reason: "rolledBack", why: "It was rolled back before." } : null;
}

/** Renumbered or not, the same template is the same revision. */
const isSame = (running: Running, revision: Revision) =>
	running.hash === "" ? running.revision === revision.revision : running.hash === revision.hash;

/** The choice that a deployment's id names, also where a newer deployment of its version stands for it; null: none of this component. */
function chosenOf({ history }: PlanInput, candidates: readonly Candidate[], id: string): Candidate | "failing" | null {
	const named = history.find(({ deployment }) => deployment.id === id);
	if (!named) return null;
	return candidates.find(({ version }) => isSameVersion(version, named)) ?? "failing";
}

function cardOf({ version, wellMs }: Candidate, now: number): VersionCard {
	const { deployment, images, revision } = version;
	const { id, version: name, commit, startedAt, finishedAt, actor, status } = deployment;
	const ran =
		status !== "success" ? "did not come up" : wellMs === null ? "for how long it ran is not known" : `ran ${spanInWords(wellMs)}`;
	return {
		...{ deploymentId: id, version: name, commit, at: Math.min(finishedAt ?? startedAt, now), by: actor, ran },
		revision: revision?.revision ?? null,
		images: revision ? [...revision.images] : [...images],
	};
}

/** The failing version as a card. */
export function cardOfFailing({ deployment, images, revision }: PastVersion, now: number): VersionCard {
	const at = deployment.finishedAt ?? deployment.startedAt;
	return {
		...{ deploymentId: deployment.id, version: deployment.version, commit: deployment.commit, at, by: deployment.actor },
		ran: `deployed ${spanInWords(now - at)} ago`,
		revision: revision?.revision ?? null,
		images: revision ? [...revision.images] : [...images],
	};
}
