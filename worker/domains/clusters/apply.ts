import type { ClusterReport, Revision, Verbs, WorkloadRef, WorkloadReport } from "../../wire/agent.ts";
import type { DeploymentStatus } from "../../wire/deployments.ts";
import type { ClusterEvent, DeploymentEvent } from "../../wire/events.ts";
import { applyDeployment, type DeploymentBook, noteComponent, noteEnvironment } from "../deployments/apply.ts";
import { versionOfImages } from "../deployments/matching.ts";
import { environmentIdOf } from "../environments/model.ts";

/** Where a cluster stands in the reports of its agent. */
export type ClusterHead = { id: string; agent: string | null; seq: number; connectedAt: number | null; lastSeenAt: number | null };

/** What the next report of a workload is compared with. */
export type KnownWorkload = WorkloadRef & {
	clusterId: string;
	environmentId: string | null;
	component: string;
	state: WorkloadReport["state"];
	revision: number;
	/** Of the template it runs. */
	hash: string | null;
	images: string[];
	since: number;
	stateSince: number;
	/** Everything that pages show of it, to tell news from a repeat. */
	content: string;
};

export type StoredReport = WorkloadReport & {
	clusterId: string;
	environmentId: string | null;
	since: number;
	stateSince: number;
	reportedAt: number;
	agent: string;
	seq: number;
};

/** A template that was seen to run. */
export type Template = WorkloadRef & {
	clusterId: string;
	hash: string;
	firstSeenAt: number;
	healthyFrom: number | null;
	healthyUntil: number | null;
	failedAt: number | null;
};

/** What of a cluster's own row a report brings. */
export type ClusterNews = ClusterHead & { summary: ClusterReport | null; verbs: Verbs[] | null };

/** The clusters, workloads and templates that a group of deliveries speaks of. */
export type ClusterBook = {
	clusters: Map<string, ClusterHead>;
	workloads: Map<string, KnownWorkload>;
	templates: Map<string, Template>;
	news: Map<string, ClusterNews>;
	upserts: Map<string, StoredReport>;
	gone: Map<string, WorkloadRef & { clusterId: string }>;
	changedTemplates: Set<string>;
};

/** A workload's key in the book. */
export function workloadKey(clusterId: string, { namespace, kind, name }: WorkloadRef): string {
	return `${clusterId}\n${namespace}\n${kind}\n${name}`;
}

/** A template's key in the book. */
export function templateKey(template: WorkloadRef & { clusterId: string; hash: string }): string {
	return `${workloadKey(template.clusterId, template)}\n${template.hash}`;
}

/** The deployment that a revision of a workload is, where nobody but its cluster tells of it. */
export function observedDeploymentId(clusterId: string, { namespace, kind, name, revision }: WorkloadRef & { revision: number }): string {
	return `cluster-${clusterId}-${namespace}-${kind}-${name}-${revision}`;
}

/** Open a book on what is stored of the clusters that a group speaks of. A cluster that is not in it is not listened to. */
export function openClusterBook(
	stored: { clusters?: readonly ClusterHead[]; workloads?: readonly KnownWorkload[]; templates?: readonly Template[] } = {},
): ClusterBook {
	return {
		clusters: new Map((stored.clusters ?? []).map((cluster) => [cluster.id, cluster])),
		workloads: new Map((stored.workloads ?? []).map((workload) => [workloadKey(workload.clusterId, workload), workload])),
		templates: new Map((stored.templates ?? []).map((template) => [templateKey(template), template])),
		news: new Map(),
		upserts: new Map(),
		gone: new Map(),
		changedTemplates: new Set(),
	};
}

/** What of a report a page shows; a repeat of it is no news. */
export function contentOf(w: WorkloadReport & { environmentId: string | null }): string {
	return JSON.stringify([
		...[w.environmentId, w.component, w.images, w.revision, w.generation, w.desired, w.updated, w.ready, w.available, w.total, w.state],
		...[w.reason, w.sentence, w.isPaused, w.owner, w.commandId, w.revisions, w.badPods, w.canPatch],
	]);
}

/** A new process is heard while the last words of the one before are still being written down. */
const OVERLAP_MS = 60_000;

/** Reports of one process count up; one of another process is late when it was heard before this one connected. */
function isStale({ agent, seq, connectedAt, lastSeenAt }: ClusterHead, event: ClusterEvent): boolean {
	if (agent === event.agent) return event.seq <= seq;
	return agent !== null && event.at < Math.max(connectedAt ?? 0, (lastSeenAt ?? 0) - OVERLAP_MS);
}

/**
 * Apply an agent's report: workloads as they are now, those that are gone, how long their templates ran well, and the deployments that
 * can be seen in them. A report that is older than what is known of the cluster changes nothing, so reports are handed over in order.
 */
export function applyCluster(
	book: ClusterBook,
	deployments: DeploymentBook,
	event: ClusterEvent,
	integrationId: string,
	receivedAt: number,
) {
	const head = book.clusters.get(event.clusterId);
	if (!head || isStale(head, event)) return "older" as const;
	const now: ClusterHead = { ...head, agent: event.agent, seq: event.seq, lastSeenAt: Math.max(event.at, head.lastSeenAt ?? 0) };
	book.clusters.set(head.id, now);
	const before = book.news.get(head.id);
	book.news.set(head.id, { ...now, summary: event.cluster ?? before?.summary ?? null, verbs: event.verbs ?? before?.verbs ?? null });

	for (const workload of event.workloads) applyWorkload(book, deployments, event, workload, integrationId, receivedAt);
	const named = new Set(event.workloads.map((workload) => workloadKey(event.clusterId, workload)));
	for (const ref of event.gone) remove(book, deployments, workloadKey(event.clusterId, ref));
	if (event.isSnapshot) {
		const rest = [...book.workloads].filter(([key, { clusterId }]) => clusterId === event.clusterId && !named.has(key));
		for (const [key] of rest) remove(book, deployments, key);
	}
	return "updated" as const;
}

function remove(book: ClusterBook, { touched }: DeploymentBook, key: string): void {
	const known = book.workloads.get(key);
	if (!known) return;
	const { clusterId, namespace, kind, name, environmentId } = known;
	book.workloads.delete(key);
	book.upserts.delete(key);
	book.gone.set(key, { clusterId, namespace, kind, name });
	if (environmentId !== null) touched.add(environmentId);
}

function applyWorkload(
	book: ClusterBook,
	deployments: DeploymentBook,
	{ clusterId, agent, seq, at }: ClusterEvent,
	reported: ClusterEvent["workloads"][number],
	integrationId: string,
	receivedAt: number,
): void {
	const { environment, ...workload } = reported;
	const environmentId = environment === null ? null : environmentIdOf(deployments.teamId, environment);
	const key = workloadKey(clusterId, workload);
	const known = book.workloads.get(key);
	const running = workload.revisions.find(({ revision }) => revision === workload.revision) ?? null;
	const sameImages = known !== undefined && JSON.stringify(known.images) === JSON.stringify(workload.images);
	const since = sameImages ? known.since : known === undefined && running !== null && !isReturn(workload, running) ? running.createdAt : at;
	const stateSince = known?.state === workload.state && known.hash === (running?.hash ?? null) ? known.stateSince : at;
	const content = contentOf({ ...workload, environmentId });
	const { namespace, kind, name, component, state, revision, images } = workload;
	book.workloads.set(key, {
		...{ clusterId, namespace, kind, name, environmentId, component, state, revision, hash: running?.hash ?? null, images },
		...{ since, stateSince, content },
	});
	book.gone.delete(key);
	book.upserts.set(key, { ...workload, clusterId, environmentId, since, stateSince, reportedAt: at, agent, seq });
	if (known?.content !== content) {
		for (const id of [known?.environmentId ?? null, environmentId]) if (id !== null) deployments.touched.add(id);
	}

	if (known?.hash && known.state === "healthy" && (known.hash !== running?.hash || state !== "healthy")) {
		// It ran well until now: nothing else was said of it.
		const ended = book.templates.get(templateKey({ ...known, hash: known.hash }));
		if (ended) putTemplate(book, { ...ended, healthyUntil: Math.max(at, ended.healthyUntil ?? at) });
	}
	const observedId = observedDeploymentId(clusterId, workload);
	const seen = deployments.now.get(observedId)?.status;
	if (running !== null) seeTemplate(book, workload, { clusterId, hash: running.hash, at });
	if (environment === null || environmentId === null) return;
	noteEnvironment(deployments, { id: environmentId, name: environment }, receivedAt);
	noteComponent(deployments, { environmentId, component }, false, receivedAt);
	// A revision that one of our commands made is told of by the command.
	if (running === null || workload.commandId !== null) return;
	const status = observedStatus(workload, seen ?? null);
	if (status === null) return;
	const observed = observedDeployment({
		...workload,
		environment,
		clusterId,
		observedId,
		running,
		status,
		at,
		isNew: known === undefined && seen === undefined,
	});
	applyDeployment(deployments, observed, integrationId, receivedAt);
}

/** What Kubernetes gives a rollout where nobody says otherwise: `progressDeadlineSeconds`. */
const ROLLOUT_MS = 600_000;

/** Whether the running revision is an older template that came back: Kubernetes gives it a new number and keeps its age. */
function isReturn({ revisions }: WorkloadReport, running: Revision): boolean {
	return revisions.some(({ revision, createdAt }) => revision < running.revision && createdAt > running.createdAt);
}

/** What a workload's state says of the rollout of its newest revision; null when it says nothing new. */
function observedStatus({ state }: WorkloadReport, known: DeploymentStatus | null): DeploymentStatus | null {
	// Once all its pods were ready a rollout has succeeded, whatever becomes of them later.
	if (known === "success" || state === "scaledDown") return null;
	if (state === "healthy") return "success";
	if (state === "degraded") return known === "failure" ? null : "failure";
	return known === null ? "running" : null;
}

function observedDeployment(
	what: WorkloadReport & {
		environment: string;
		clusterId: string;
		observedId: string;
		running: Revision;
		status: DeploymentStatus;
		at: number;
		isNew: boolean;
	},
): DeploymentEvent {
	const { running, status, at, revisions } = what;
	const returned = isReturn(what, running);
	// Whoever comes long after a rollout finds how it ended, and not when: it is told of as of the day of its template, without a length.
	const wasMissed = what.isNew && status !== "running" && !returned && at - running.createdAt > ROLLOUT_MS;
	// A cause is copied on to every later revision until somebody writes another: only where it is new does it speak of this one.
	const isOwnCause = running.changeCause !== null && revisions.every((one) => one === running || one.changeCause !== running.changeCause);
	return {
		type: "deployment",
		id: what.observedId,
		source: "cluster",
		externalId: `${what.namespace}/${what.kind}/${what.name}@${running.revision}`,
		environment: what.environment,
		component: what.component,
		version: versionOfImages(what.images, what.component),
		commit: null,
		ref: null,
		repo: null,
		status,
		statusRaw: what.reason ?? what.state,
		startedAt: wasMissed ? null : returned ? at : Math.min(running.createdAt, at),
		finishedAt: status === "running" ? null : wasMissed ? running.createdAt : at,
		updatedAt: at,
		inactiveAt: null,
		actor: null,
		isRollback: returned,
		rollbackId: null,
		reason: status === "failure" ? what.sentence : null,
		title: isOwnCause ? running.changeCause : null,
		url: null,
		images: what.images,
	};
}

/** Note how a template is doing: since and until when all its pods were available, and when its rollout failed. */
function seeTemplate(
	book: ClusterBook,
	workload: WorkloadReport,
	{ clusterId, hash, at }: { clusterId: string; hash: string; at: number },
): void {
	const { namespace, kind, name, state, reason } = workload;
	const ref = { clusterId, namespace, kind, name, hash };
	const known = book.templates.get(templateKey(ref));
	const isHealthy = state === "healthy";
	const hasFailed = state === "degraded" && (reason === "ProgressDeadlineExceeded" || (known?.healthyFrom ?? null) === null);
	putTemplate(book, {
		...ref,
		firstSeenAt: Math.min(at, known?.firstSeenAt ?? at),
		healthyFrom: known?.healthyFrom ?? (isHealthy ? at : null),
		healthyUntil: isHealthy ? Math.max(at, known?.healthyUntil ?? at) : (known?.healthyUntil ?? null),
		failedAt: hasFailed ? at : (known?.failedAt ?? null),
	});
}

function putTemplate(book: ClusterBook, template: Template): void {
	const key = templateKey(template);
	book.templates.set(key, template);
	book.changedTemplates.add(key);
}
