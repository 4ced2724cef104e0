import type { Effect } from "../../wire/delivery.ts";
import type { DeploymentRow } from "../../wire/deployments.ts";
import type { DeploymentEvent } from "../../wire/events.ts";
import { compareDeployments, type Deployment, deploymentFromEvent, isDeclaration, mergeDeployments, toDeploymentRow } from "./model.ts";

/** A component of an environment: whether and since when anybody but a cluster tells of its deployments. */
export type Component = { environmentId: string; component: string; declaredAt: number | null; firstSeenAt: number };

/** An environment that the ledger has heard of. `createdAt` is null for those that have a row already. */
export type KnownEnvironment = { id: string; name: string; createdAt: number | null };

/**
 * The deployments that a group of deliveries touches, with their environments and components: as stored before it, and as they are
 * after what has been applied so far. Applying is order-free: whatever the order and however often, the greatest key wins.
 */
export type DeploymentBook = {
	teamId: string;
	before: ReadonlyMap<string, Deployment>;
	now: Map<string, Deployment>;
	environments: Map<string, KnownEnvironment>;
	components: Map<string, Component>;
	changedComponents: Set<string>;
	/** Environments in which something is different since this was last emptied. */
	touched: Set<string>;
};

/** A component's key in the book. */
export function componentKey(environmentId: string, component: string): string {
	return `${environmentId}\n${component}`;
}

/** Open a book on what is stored of the deployments that a group speaks of. */
export function openDeploymentBook(
	teamId: string,
	stored: {
		deployments?: readonly Deployment[];
		environments?: readonly { id: string; name: string }[];
		components?: readonly Component[];
	} = {},
): DeploymentBook {
	const before = new Map((stored.deployments ?? []).map((deployment) => [deployment.id, deployment]));
	return {
		teamId,
		before,
		now: new Map(before),
		environments: new Map((stored.environments ?? []).map(({ id, name }) => [id, { id, name, createdAt: null }])),
		components: new Map((stored.components ?? []).map((one) => [componentKey(one.environmentId, one.component), one])),
		changedComponents: new Set(),
		touched: new Set(),
	};
}

/** Note that an environment exists, and what runs in it. */
export function noteEnvironment(book: DeploymentBook, environment: { id: string; name: string }, receivedAt: number): void {
	if (!book.environments.has(environment.id)) {
		book.environments.set(environment.id, { id: environment.id, name: environment.name.trim(), createdAt: receivedAt });
	}
}

/** Note that a component runs in an environment; `declares` says that its history is told by others than its cluster. */
export function noteComponent(book: DeploymentBook, of: { environmentId: string; component: string }, declares: boolean, at: number): void {
	const key = componentKey(of.environmentId, of.component);
	const known = book.components.get(key);
	const declaredAt = declares ? Math.min(at, known?.declaredAt ?? at) : (known?.declaredAt ?? null);
	const firstSeenAt = Math.min(at, known?.firstSeenAt ?? at);
	if (known && known.declaredAt === declaredAt && known.firstSeenAt === firstSeenAt) return;
	book.components.set(key, { ...of, declaredAt, firstSeenAt });
	book.changedComponents.add(key);
}

const isSame = (a: Deployment, b: Deployment) => JSON.stringify(a) === JSON.stringify(b);
/** What may not be different under one id where its sender is told about clashes. */
const identity = ({ environmentId, component, version, commit }: Deployment) => JSON.stringify([environmentId, component, version, commit]);

/**
 * Apply a deployment's event. `isStrict`: its sender is told about clashes, so that one id never comes to mean another version, and
 * between two events of the same moment and rank the first stays.
 */
export function applyDeployment(
	book: DeploymentBook,
	event: DeploymentEvent,
	integrationId: string,
	receivedAt: number,
	isStrict = false,
): Effect {
	const incoming = deploymentFromEvent(event, book.teamId, integrationId, receivedAt);
	const known = book.now.get(incoming.id);
	if (isStrict && known && identity(known) !== identity(incoming)) return "older";
	noteEnvironment(book, { id: incoming.environmentId, name: event.environment }, receivedAt);
	noteComponent(book, incoming, isDeclaration(incoming.source), receivedAt);
	if (!known) {
		book.now.set(incoming.id, incoming);
		book.touched.add(incoming.environmentId);
		return "created";
	}
	const merged = mergeDeployments(known, incoming);
	if (isSame(merged, known)) return isRepeat(incoming, known) ? "same" : "older";
	const isNewer = compareDeployments(incoming, known) > 0;
	if (isStrict && !isNewer) return isRepeat(incoming, known) ? "same" : "older";
	book.now.set(incoming.id, merged);
	for (const id of [known.environmentId, merged.environmentId]) book.touched.add(id);
	return isNewer ? "updated" : "older";
}

/** Whether an event says what is known already. */
function isRepeat(incoming: Deployment, known: Deployment): boolean {
	const { startedAt, finishedAt, reason, title, url, actor } = incoming;
	return (
		compareDeployments(incoming, known) === 0 &&
		JSON.stringify([finishedAt, reason, title, url, actor, incoming.images]) ===
			JSON.stringify([known.finishedAt, known.reason, known.title, known.url, known.actor, known.images]) &&
		(startedAt === null || startedAt === known.startedAt)
	);
}

/** The deployments a group changed, in the state after it. */
export function changedDeployments(book: DeploymentBook): Deployment[] {
	return [...book.now.values()].filter((deployment) => {
		const before = book.before.get(deployment.id);
		return !before || !isSame(before, deployment);
	});
}

/** Whether a deployment is part of its component's history: what a cluster shows is, until somebody declares. */
export function isCounted(book: DeploymentBook, { source, environmentId, component }: Deployment): boolean {
	return source !== "cluster" || (book.components.get(componentKey(environmentId, component))?.declaredAt ?? null) === null;
}

/** What the pages are told of the deployments that a group changed. */
export function changedDeploymentRows(book: DeploymentBook): DeploymentRow[] {
	return changedDeployments(book)
		.filter((deployment) => isCounted(book, deployment))
		.map((deployment) => toDeploymentRow(deployment, book.environments.get(deployment.environmentId)?.name ?? ""));
}
