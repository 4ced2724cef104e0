import type { ComponentHealth, ComponentState, DeploymentRow, Hold, RollbackRow } from "../../wire/deployments.ts";
import { isAgentConnected } from "../clusters/model.ts";
import type { StoredWorkload } from "../clusters/workload.ts";
import { areComparable, isSameVersion } from "../deployments/matching.ts";
import type { StoredDeployment } from "../deployments/model.ts";
import { pastVersions, pickWorkload } from "../deployments/offer.ts";
import { spanInWords } from "../deployments/words.ts";
import type { StoredEnvironment } from "./model.ts";

/** How the components of an environment stand: what was declared, what runs, and what that means for somebody who was just woken. */

export type ComponentFacts = {
	environment: StoredEnvironment;
	/** Of each component its newest success and its newest attempt. */
	deployments: readonly { component: string; current: StoredDeployment | null; latest: StoredDeployment | null }[];
	workloads: readonly StoredWorkload[];
	holds: readonly Hold[];
	/** The one under way, else the newest of the last hour. */
	rollback: RollbackRow | null;
	now: number;
};

type Facts = {
	current: StoredDeployment | null;
	latest: StoredDeployment | null;
	workload: StoredWorkload | null;
	/** Whether what runs is what was declared to be there, where that can be told. */
	runs: Running;
	rollback: RollbackRow | null;
	hold: Hold | null;
	now: number;
};
type Running = "current" | "latest" | "other" | "unknown";
type Verdict = { health: ComponentHealth; sentence: string; since: number | null };

/** The components of an environment, by name. */
export function componentStates(facts: ComponentFacts): ComponentState[] {
	const { deployments, workloads, rollback, holds, now } = facts;
	const names = new Set([...deployments.map(({ component }) => component), ...workloads.map(({ component }) => component)]);
	return [...names].sort().map((component) => {
		const { current = null, latest = null } = deployments.find((one) => one.component === component) ?? {};
		const workload = pickWorkload(workloads, component);
		const runs = runningOf({ current, latest, workload });
		const own = rollback?.component === component && rollback.kind === "rollback" ? rollback : null;
		const hold = holds.find((one) => one.component === component && one.version === workload?.version) ?? null;
		const known: Facts = { current, latest, workload, runs, rollback: own, hold, now };
		return {
			component,
			current: current && rowOf(current),
			latest: latest && rowOf(latest),
			observed: workload && observedOf(workload),
			mismatch: mismatchOf(known),
			...verdictOf(known),
			canRollBack: canRollBack(known),
		};
	});
}

function rowOf({ images: _i, inactiveAt: _a, ref: _r, statusRaw: _s, updatedAt: _u, ...row }: StoredDeployment): DeploymentRow {
	return row;
}

function observedOf(w: StoredWorkload): ComponentState["observed"] {
	return {
		...{ clusterId: w.clusterId, cluster: w.cluster, namespace: w.namespace, kind: w.kind, name: w.name, version: w.version },
		...{ images: w.images, revision: w.revision, state: w.state, reason: w.reason, sentence: w.sentence, desired: w.desired },
		...{ updated: w.updated, ready: w.ready, available: w.available, isPaused: w.isPaused, owner: w.owner, badPods: w.badPods },
		...{ canPatch: w.canPatch, since: w.since, reportedAt: w.reportedAt },
	};
}

function runningOf({ current, latest, workload }: Pick<Facts, "current" | "latest" | "workload">): Running {
	if (!workload) return "unknown";
	const declared = [latest, ...(current && current.id !== latest?.id ? [current] : [])].filter((one) => one !== null);
	const versions = pastVersions(declared, workload);
	const revisionFor = (one: StoredDeployment | null) => versions.find(({ deployment }) => deployment.id === one?.id)?.revision ?? null;
	const [ofCurrent, ofLatest] = [revisionFor(current), revisionFor(latest)];
	if (ofCurrent?.revision === workload.revision) return "current";
	if (ofLatest?.revision === workload.revision) return "latest";
	if (
		current &&
		ofCurrent === null &&
		!(areComparable(current.version, workload.version) && !isSameVersion(current.version, workload.version))
	)
		return "unknown";
	return current ? "other" : "unknown";
}

const isUnderWay = (deployment: DeploymentRow | null) => deployment?.status === "queued" || deployment?.status === "running";
const isActive = (rollback: RollbackRow | null) =>
	rollback !== null && ["pending", "claimed", "cancelling", "unknown"].includes(rollback.state);

/** Declared and observed disagree: how, in a sentence. While something is on its way they may. */
function mismatchOf({ current, latest, workload, runs, rollback, hold }: Facts): string | null {
	if (hold && workload) return `${workload.version} runs although it is held: it was rolled back, and came again.`;
	if (!current || !workload || runs !== "other" || isUnderWay(latest) || isActive(rollback) || workload.state === "progressing")
		return null;
	return `${current.version} was deployed, but ${workload.cluster} runs ${workload.version} (revision ${workload.revision} of ${workload.name}).`;
}

const ago = (at: number, now: number) => `${spanInWords(now - at)} ago`;
const by = (deployment: DeploymentRow) => (deployment.actor === null ? "" : ` by ${deployment.actor}`);
const pods = (n: number) => `${n} ${n === 1 ? "pod" : "pods"}`;
/** Somebody else's words as a sentence of ours. */
const asSentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** A version by the name under which it was deployed, where what runs is known to be that. */
function nameOf({ current, latest, workload, runs }: Facts): string {
	if (runs === "current" && current) return current.version;
	if (runs === "latest" && latest) return latest.version;
	return workload?.version ?? latest?.version ?? "unknown";
}

/** What still answers while the newest template does not come up. */
function stillServes({ current, latest, workload }: Facts): string {
	if (!workload) return "";
	if (workload.available === 0) return " Nothing serves.";
	const isOld = workload.total > workload.updated || workload.updated === 0;
	const version = current && current.id !== latest?.id ? current.version : null;
	if (isOld && version !== null) return ` ${version} still serves.`;
	return isOld ? " The version before still serves." : ` ${workload.available} of ${pods(workload.desired)} still serve.`;
}

function verdictOf(facts: Facts): Verdict {
	const { rollback, workload, now } = facts;
	if (rollback && isActive(rollback)) {
		const sentence = `Rolling back from ${rollback.from.version} to ${rollback.to.version}, since ${spanInWords(now - rollback.requestedAt)}.`;
		return { health: "deploying", sentence, since: rollback.requestedAt };
	}
	if (!workload) return declaredVerdict(facts);
	if (!isAgentConnected(workload, now)) {
		const heard = workload.lastSeenAt === null ? "never heard" : `last heard ${ago(workload.lastSeenAt, now)}`;
		const { sentence } = observedVerdict(facts, workload);
		return {
			health: "unknown",
			sentence: `The agent of ${workload.cluster} is away, ${heard}. Before that: ${sentence}`,
			since: workload.lastSeenAt,
		};
	}
	return observedVerdict(facts, workload);
}

/** Where nobody sees the cluster there is only the word of who deployed. */
function declaredVerdict({ current, latest, now }: Facts): Verdict {
	if (!latest) return { health: "unknown", sentence: "Nothing was ever deployed here.", since: null };
	const serves = current && current.id !== latest.id ? ` ${current.version} was the last to succeed.` : "";
	if (isUnderWay(latest)) {
		const doing = latest.status === "queued" ? "waits to be deployed" : "is being deployed";
		return {
			health: "deploying",
			sentence: `${latest.version} ${doing}, since ${spanInWords(now - latest.startedAt)}.${serves}`,
			since: latest.startedAt,
		};
	}
	const endedAt = latest.finishedAt ?? latest.startedAt;
	if (latest.status === "failure") {
		const reason = latest.reason === null ? "" : ` ${asSentence(latest.reason)}`;
		return {
			health: "failing",
			sentence: `Deployment of ${latest.version} failed ${ago(endedAt, now)}.${reason}${serves}`,
			since: endedAt,
		};
	}
	if (!current)
		return { health: "unknown", sentence: `Deployment of ${latest.version} was cancelled. Nothing ever succeeded here.`, since: endedAt };
	const cancelled = latest.id === current.id ? "" : ` A deployment of ${latest.version} was cancelled ${ago(endedAt, now)}.`;
	const since = current.finishedAt ?? current.startedAt;
	return {
		health: "unknown",
		sentence: `${current.version} was deployed ${ago(since, now)}${by(current)}. No agent tells how it runs.${cancelled}`,
		since,
	};
}

function observedVerdict(facts: Facts, workload: StoredWorkload): Verdict {
	const { latest, runs, now } = facts;
	const name = nameOf(facts);
	const hasFailed = latest?.status === "failure";
	const failedAt = latest?.finishedAt ?? latest?.startedAt ?? workload.stateSince;
	switch (workload.state) {
		case "healthy": {
			if (hasFailed && runs === "latest") {
				const reason = latest.reason === null ? "" : ` ${asSentence(latest.reason)}`;
				const sentence = `Deployment of ${latest.version} failed ${ago(failedAt, now)}, and it runs all the same.${reason}`;
				return { health: "failing", sentence, since: failedAt };
			}
			if (isUnderWay(latest) && latest && runs !== "latest") {
				const sentence = `${latest.version} is being deployed, since ${spanInWords(now - latest.startedAt)}. ${name} runs on ${pods(workload.available)}.`;
				return { health: "deploying", sentence, since: latest.startedAt };
			}
			const failed = hasFailed ? ` Deployment of ${latest.version} failed ${ago(failedAt, now)} and changed nothing.` : "";
			const running = `${name} runs on ${pods(workload.available)}, all ready, for ${spanInWords(now - workload.since)}.`;
			return { health: "healthy", sentence: running + failed, since: workload.since };
		}
		case "progressing": {
			if (hasFailed && runs !== "current") {
				const sentence = `Deployment of ${latest.version} failed ${ago(failedAt, now)}: ${workload.updated} of ${pods(workload.desired)} are of it.${stillServes(facts)}`;
				return { health: "failing", sentence, since: failedAt };
			}
			const sentence = `${name} is rolling out, since ${spanInWords(now - workload.stateSince)}: ${workload.updated} of ${pods(workload.desired)} updated, ${workload.available} available.`;
			return { health: "deploying", sentence, since: workload.stateSince };
		}
		case "degraded": {
			if (hasRolledOut(workload)) {
				const down = Math.max(0, workload.desired - workload.available);
				const sentence = `${down} of ${pods(workload.desired)} of ${name} ${down === 1 ? "is" : "are"} down, since ${spanInWords(now - workload.stateSince)}. ${asSentence(workload.sentence)}`;
				return { health: workload.available === 0 ? "failing" : "degraded", sentence, since: workload.stateSince };
			}
			// An agent that came later than the failure knows since when it has seen it, not since when it is so.
			const since = hasFailed && runs === "latest" ? Math.min(failedAt, workload.stateSince) : workload.stateSince;
			const sentence = `Rollout of ${name} failed ${ago(since, now)}: ${whyNot(workload)}${stillServes(facts)}`;
			return { health: "failing", sentence, since };
		}
		case "paused":
			return {
				health: "deploying",
				sentence: `Its rollout is paused: ${workload.updated} of ${pods(workload.desired)} run ${name}.`,
				since: workload.stateSince,
			};
		case "scaledDown":
			return { health: "unknown", sentence: `${name} is scaled to zero: no pod runs.`, since: workload.stateSince };
	}
}

/** Whether the newest template was once completely there, so that its trouble came later. */
function hasRolledOut({ revisions, revision, templates, reason }: StoredWorkload): boolean {
	const hash = revisions.find((one) => one.revision === revision)?.hash;
	return reason !== "ProgressDeadlineExceeded" && (templates.find((one) => one.hash === hash)?.healthyFrom ?? null) !== null;
}

function whyNot(workload: StoredWorkload): string {
	const worst = workload.badPods[0];
	if (worst) return asSentence(worst.sentence);
	return workload.reason === "ProgressDeadlineExceeded" ? "its pods never got ready." : asSentence(workload.sentence);
}

function canRollBack({ workload, rollback, latest, now }: Facts): ComponentState["canRollBack"] {
	const no = (why: string) => ({ ok: false as const, why });
	if (rollback && isActive(rollback)) return no(`A rollback to ${rollback.to.version} is under way.`);
	if (!workload) return no(latest ? "No agent runs in its cluster, so nobody could carry it out." : "Nothing was ever deployed here.");
	if (!isAgentConnected(workload, now)) return no(`The agent of ${workload.cluster} is away.`);
	if (!workload.canPatch) return no(`The agent may not change ${workload.name}: apply the overlay for ${workload.namespace}.`);
	if (workload.isPaused) return no(`The rollout of ${workload.name} is paused in the cluster.`);
	if (!workload.revisions.some(({ revision }) => revision !== workload.revision)) return no("The cluster holds no earlier version of it.");
	return { ok: true };
}
