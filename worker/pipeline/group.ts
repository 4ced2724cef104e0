import { applyCluster, type ClusterBook } from "../domains/clusters/apply.ts";
import type { DeliveryRow, KnownDelivery } from "../domains/deliveries/store.server.ts";
import { applyDeployment, type DeploymentBook } from "../domains/deployments/apply.ts";
import { applyJob, applyRun, type RunBook } from "../domains/runs/apply.ts";
import type { Delivery, Effect, Receipt } from "../wire/delivery.ts";
import type { RollbackRow } from "../wire/deployments.ts";
import type { NormalEvent, PushEvent } from "../wire/events.ts";

/** What a group of deliveries comes to: an answer for each, and what is to be stored. */
export type Decision = {
	receipts: Receipt[];
	rows: DeliveryRow[];
	repeats: Delivery[];
	pushes: { event: PushEvent; integrationId: string; receivedAt: number }[];
	counts: Map<string, { integrationId: string; source: string; result: string; n: number; at: number }>;
	/** Rollbacks that have moved on, the newest state of each. */
	rollbacks: Map<string, RollbackRow>;
	/** Environments with news of any kind. */
	environments: Set<string>;
	/** Those of them of which their own objects do not know yet. */
	moved: Set<string>;
};

/** What is known of everything that a group speaks of, filled with what it brings. */
export type Books = { runs: RunBook; deployments: DeploymentBook; clusters: ClusterBook };

/** The source under which environments' objects hand over what they have done themselves. */
const OWN_SOURCE = "opssight";

/** The run a delivery is filed under. */
function runIdOf(events: readonly NormalEvent[]): string | null {
	for (const event of events) {
		if (event.type === "run") return event.id;
		if (event.type === "job") return event.run.id;
	}
	return null;
}

function apply(books: Books, delivery: Delivery, { pushes, rollbacks, environments }: Decision): Effect | null {
	let first: Effect | null = null;
	const { integrationId, receivedAt } = delivery;
	for (const event of delivery.events) {
		let effect: Effect;
		switch (event.type) {
			case "run":
				effect = applyRun(books.runs, event, integrationId, receivedAt, delivery.strict);
				break;
			case "job":
				effect = applyJob(books.runs, event, integrationId, receivedAt);
				break;
			case "push":
				pushes.push({ event, integrationId, receivedAt });
				effect = "created";
				break;
			case "deployment":
				effect = applyDeployment(books.deployments, event, integrationId, receivedAt, delivery.strict);
				break;
			case "cluster":
				effect = applyCluster(books.clusters, books.deployments, event, integrationId, receivedAt);
				break;
			case "rollback":
				rollbacks.set(event.row.id, event.row);
				environments.add(event.row.environmentId);
				effect = "updated";
				break;
			case "environment":
				environments.add(event.environmentId);
				effect = "updated";
				break;
		}
		first ??= effect;
	}
	return first;
}

/** Apply a delivery, and note the environments that have news of it. */
function applyNoting(books: Books, delivery: Delivery, decision: Decision): Effect | null {
	const { touched } = books.deployments;
	touched.clear();
	const effect = apply(books, delivery, decision);
	for (const id of touched) {
		decision.environments.add(id);
		// What an object has done itself it knows.
		if (delivery.source !== OWN_SOURCE) decision.moved.add(id);
	}
	return effect;
}

/**
 * Decide what becomes of each delivery of a group, in order, and apply the new ones to the books.
 * Pure but for the books it fills. `known` are the deliveries of the group that are stored already; `isRetry` says that this
 * very group may have been stored by an attempt whose outcome is unknown, so that finding it there is no repeat.
 */
export function decideGroup(
	deliveries: readonly Delivery[],
	known: readonly KnownDelivery[],
	books: Books,
	{ isRetry }: { isRetry: boolean },
): Decision {
	const decision: Decision = {
		...{ receipts: [], rows: [], repeats: [], pushes: [], counts: new Map() },
		...{ rollbacks: new Map(), environments: new Set<string>(), moved: new Set<string>() },
	};
	const seen = new Map<string, { bodyHash: string; result: string; isStored: boolean }>();
	for (const { source, deliveryId, bodyHash, result } of known) seen.set(`${source}\n${deliveryId}`, { bodyHash, result, isStored: true });

	for (const delivery of deliveries) {
		const count = (result: string) => {
			const key = `${delivery.integrationId}\n${result}`;
			const entry = decision.counts.get(key) ?? {
				integrationId: delivery.integrationId,
				source: delivery.source,
				result,
				n: 0,
				at: 0,
			};
			decision.counts.set(key, { ...entry, n: entry.n + 1, at: Math.max(entry.at, delivery.receivedAt) });
		};
		const key = `${delivery.source}\n${delivery.deliveryId}`;
		const before = seen.get(key);
		if (before && before.bodyHash !== delivery.bodyHash) {
			count("conflict");
			decision.receipts.push({ result: "conflict", reason: "delivery" });
			continue;
		}
		if (before && before.result !== "dead") {
			if (isRetry && before.isStored) {
				decision.receipts.push({ result: "accepted", visible: true, effect: "created" });
				continue;
			}
			count("duplicate");
			decision.repeats.push(delivery);
			decision.receipts.push({ result: "duplicate", visible: true, effect: null });
			continue;
		}
		const result = delivery.ignored === null ? "accepted" : "ignored";
		const effect = delivery.ignored === null ? applyNoting(books, delivery, decision) : null;
		if (delivery.strict && effect === "older") {
			// The sender of `POST /api/events` is told; nothing of it is kept, the first stays.
			count("conflict");
			decision.receipts.push({ result: "conflict", reason: "content" });
			continue;
		}
		count(result);
		seen.set(key, { bodyHash: delivery.bodyHash, result, isStored: false });
		decision.rows.push({ delivery, result, reason: delivery.ignored, runId: runIdOf(delivery.events) });
		decision.receipts.push({ result, visible: true, effect });
	}
	return decision;
}
