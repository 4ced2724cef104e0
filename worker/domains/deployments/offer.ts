import type { Revision } from "../../wire/agent.ts";
import type { RollbackOffer } from "../../wire/deployments.ts";
import type { StoredWorkload } from "../clusters/workload.ts";
import type { StoredEnvironment } from "../environments/model.ts";
import { revisionOf, versionOfImages } from "./matching.ts";
import type { StoredDeployment } from "./model.ts";
import { cardOfFailing, type PastVersion, planRollback, type RollbackPlan, type Running } from "./plan.ts";
import {
	type ChangeBetween,
	confirmation,
	manualCommand,
	manualCommandUnseen,
	notUndone,
	type PreflightFacts,
	preflight,
} from "./preflight.ts";

/** Putting the offer of a rollback together; pure, so that request and dialog can't come to different answers. */

export type OfferFacts = {
	environment: StoredEnvironment;
	component: string;
	/** Newest attempt first; never empty. */
	history: readonly StoredDeployment[];
	workload: StoredWorkload | null;
	holds: PreflightHolds;
	lock: PreflightFacts["lock"];
	agent: RollbackOffer["agent"];
	changesBetween: readonly ChangeBetween[];
	commits: RollbackOffer["commits"];
	usuallyMs: number | null;
	lockMinutes: number;
	askerId: string | null;
	now: number;
	to: string | undefined;
};
type PreflightHolds = Parameters<typeof planRollback>[0]["holds"];

/**
 * The workload that a component's rollback acts on: one called like it before one that only carries its label, and of those that are
 * equally named (one in each of two clusters, say) the one in trouble.
 */
export function pickWorkload(workloads: readonly StoredWorkload[], component: string): StoredWorkload | null {
	const own = workloads.filter((workload) => workload.component === component);
	const named = own.filter(({ name }) => name === component);
	const deployments = own.filter(({ kind }) => kind === "Deployment");
	const inTrouble = (some: readonly StoredWorkload[]) => some.find(({ state }) => state === "degraded");
	return inTrouble(named) ?? named[0] ?? inTrouble(deployments) ?? deployments[0] ?? own[0] ?? null;
}

/** What there is to go back to, from the facts of an offer. */
export function planOf({ history, workload, holds, environment, now, to }: OfferFacts): RollbackPlan {
	return planRollback({
		history: pastVersions(history, workload),
		running: workload ? runningOf(workload) : null,
		...{ holds, goodMinutes: environment.settings.goodMinutes, now, to },
	});
}

function runningOf({ revision, revisions, state, desired, updated, available, total }: StoredWorkload): Running {
	const hash = revisions.find((one) => one.revision === revision)?.hash ?? "";
	return { revision, hash, state, isComplete: state === "healthy" && updated >= desired && available >= desired && total <= updated };
}

/** The revision that a deployment is, and whether that is only guessed from when it was made. */
type Match = { revision: Revision; isGuess: boolean } | null;

function matchOf(deployment: StoredDeployment, { namespace, kind, name, revisions }: StoredWorkload): Match {
	if (deployment.source === "cluster") {
		// Named by its revision, as long as Kubernetes has not numbered that anew; and by nothing else than what was seen of it.
		const own = revisions.find(({ revision }) => deployment.externalId === `${namespace}/${kind}/${name}@${revision}`);
		const same = own ?? revisions.find(({ images }) => JSON.stringify(images) === JSON.stringify(deployment.images));
		return same ? { revision: same, isGuess: false } : null;
	}
	const outOfTime = { ...deployment, startedAt: Number.MAX_SAFE_INTEGER, finishedAt: null };
	const proven = revisionOf(outOfTime, revisions);
	const revision = proven ?? revisionOf(deployment, revisions);
	return revision && { revision, isGuess: proven === null };
}

/** A component's history with the revisions that its cluster still has, and with those of them that no deployment tells of. */
export function pastVersions(history: readonly StoredDeployment[], workload: StoredWorkload | null): PastVersion[] {
	if (!workload) return history.map((deployment) => ({ deployment, images: deployment.images, revision: null, seen: null }));
	const healthOf = (hash: string | undefined) => workload.templates.find((template) => template.hash === hash) ?? null;
	const signs = history.map((deployment) => ({ deployment, match: matchOf(deployment, workload) }));
	const matches = withOrder(signs, workload, healthOf);
	const told = matches.map(({ deployment, match }): PastVersion => {
		// One revision is one version: a guess gives way to a proof, and two guesses to each other.
		const isContested =
			match?.isGuess === true &&
			matches.some((other) => other.match?.revision === match.revision && other.deployment.version !== deployment.version);
		const revision = isContested ? null : (match?.revision ?? null);
		return { deployment, images: deployment.images, revision, seen: healthOf(revision?.hash), isGuessed: match?.isGuess === true };
	});
	const untold = workload.revisions.filter(({ hash }) => matches.every(({ match }) => match?.revision.hash !== hash));
	const all = [...told, ...untold.map((revision) => untoldVersion(revision, workload, healthOf(revision.hash)))];
	return all.sort((a, b) => b.deployment.orderedAt - a.deployment.orderedAt || (b.revision?.revision ?? 0) - (a.revision?.revision ?? 0));
}

type Matched = { deployment: StoredDeployment; match: Match };

/**
 * Where no sign tells which revision the last good version is, their order does: while a newer rollout is in trouble, it is the one
 * just below, which is what still serves.
 */
function withOrder(
	signs: readonly Matched[],
	workload: StoredWorkload,
	healthOf: (hash: string) => PastVersion["seen"],
): readonly Matched[] {
	const good = signs.findIndex(({ deployment }) => deployment.status === "success");
	const isOpen = good > 0 && signs[good]?.match === null && (workload.state === "degraded" || workload.state === "progressing");
	if (!isOpen) return signs;
	const below = workload.revisions.filter(({ revision }) => revision < workload.revision);
	const before = below.reduce<Revision | null>((a, b) => (a === null || b.revision > a.revision ? b : a), null);
	const isTaken = signs.some(({ match }) => match?.revision.hash === before?.hash);
	const hasFailed = before !== null && healthOf(before.hash)?.healthyFrom === null && healthOf(before.hash)?.failedAt !== null;
	if (before === null || isTaken || hasFailed) return signs;
	return signs.map((sign, n) => (n === good ? { ...sign, match: { revision: before, isGuess: true } } : sign));
}

/** When a revision began at the earliest: one that was returned to keeps the age of its template, and a number above what came between. */
function begunAt(revision: Revision, revisions: readonly Revision[]): number {
	return Math.max(...revisions.filter((one) => one.revision <= revision.revision).map(({ createdAt }) => createdAt));
}

/** A revision that was there before anybody told of it. Whether it ran well is not known, but that it ran is likely. */
function untoldVersion(revision: Revision, workload: StoredWorkload, seen: PastVersion["seen"]): PastVersion {
	const { clusterId, namespace, kind, name, component } = workload;
	const status = seen && seen.healthyFrom === null && seen.failedAt !== null ? ("failure" as const) : ("success" as const);
	const at = begunAt(revision, workload.revisions);
	return {
		deployment: {
			...{ id: `cluster-${clusterId}-${namespace}-${kind}-${name}-${revision.revision}`, status, isRollback: false, actor: null },
			...{ version: versionOfImages(revision.images, component), commit: null, startedAt: at, finishedAt: at, orderedAt: at },
		},
		...{ images: revision.images, revision, seen, isUntold: true },
	};
}

/** The checks of an offer. */
export function checksOf(facts: OfferFacts, plan: RollbackPlan) {
	const { environment, component, workload, history, agent, lock, askerId, now, changesBetween } = facts;
	const [latest] = history as [StoredDeployment];
	return preflight({
		...{ now, component, askerId, workload, latest, agent, lock, changesBetween },
		environment: { name: environment.name, isProduction: environment.settings.isProduction },
		goodMinutes: environment.settings.goodMinutes,
		target: plan.ok
			? {
					...{ version: plan.card.version, revision: plan.card.revision, ran: plan.card.ran },
					...{ hasRunWell: plan.hasRunWell, hold: plan.hold, isGuessed: plan.to.isGuessed === true },
				}
			: null,
	});
}

/** The offer as dialog and sheet draw it. */
export function assembleOffer(facts: OfferFacts): RollbackOffer {
	const { environment, component, history, workload, agent, now, commits, usuallyMs, lockMinutes } = facts;
	const plan = planOf(facts);
	const checks = checksOf(facts, plan);
	const [latest] = history as [StoredDeployment];
	const revision = plan.ok ? plan.card.revision : null;
	const isFailing = workload ? workload.state === "degraded" : latest.status === "failure";
	const from = plan.from ?? pastVersions(history, workload)[0];
	if (!from) throw new Error("an offer needs a history");
	return {
		environment: { id: environment.id, name: environment.name, isProduction: environment.settings.isProduction },
		component,
		seen: latest.id,
		from: {
			...cardOfFailing(from, now),
			health: isFailing ? "failing" : workload?.state === "progressing" ? "deploying" : workload ? "healthy" : "unknown",
			sentence: workload?.sentence ?? latest.reason ?? "Nothing but its deployments is known of it.",
		},
		to: plan.ok ? plan.card : null,
		choices: plan.choices,
		checks,
		notUndone: notUndone(facts),
		commits,
		...changesOf(plan, from.revision?.images ?? workload?.images ?? from.images),
		agent,
		manual: workload ? manualCommand(workload, revision) : manualCommandUnseen(component),
		usuallyMs,
		lockMinutes,
		...confirmation({ name: environment.name, isProduction: environment.settings.isProduction }, checks),
		blocked: plan.ok ? blockedBy(facts, checks) : plan.message,
	};
}

/** What no role gets past: there is nobody to carry it out, or Kubernetes would do nothing. */
function blockedBy({ agent, workload }: OfferFacts, checks: RollbackOffer["checks"]): string | null {
	if (!workload || !agent?.isConnected || !workload.canPatch) return checks.find(({ id }) => id === "agent")?.title ?? null;
	if (workload.isPaused) return checks.find(({ id }) => id === "paused")?.title ?? null;
	return null;
}

/** What going back changes: as the agent compared the templates, else in the images alone. */
function changesOf(plan: RollbackPlan, from: readonly string[]): Pick<RollbackOffer, "changes" | "compared"> {
	if (!plan.ok) return { changes: [], compared: "nothing" };
	const { differs } = plan.to.revision ?? {};
	if (differs !== undefined) return { changes: differs, compared: "templates" };
	const changes = imageChanges(from, plan.card.images);
	return { changes, compared: changes.length > 0 ? "images" : "nothing" };
}

function imageChanges(from: readonly string[], to: readonly string[]): string[] {
	const gone = from.filter((image) => !to.includes(image)).map((image) => `- image: ${image}`);
	return [...gone, ...to.filter((image) => !from.includes(image)).map((image) => `+ image: ${image}`)];
}
