import type { DeliveryRow, KnownDelivery } from "../domains/deliveries/store.server.ts";
import { applyJob, applyRun, type RunBook } from "../domains/runs/apply.ts";
import type { Delivery, Effect, Receipt } from "../wire/delivery.ts";
import type { NormalEvent, PushEvent } from "../wire/events.ts";

/** What a group of deliveries comes to: an answer for each, and what is to be stored. */
export type Decision = {
	receipts: Receipt[];
	rows: DeliveryRow[];
	repeats: Delivery[];
	pushes: { event: PushEvent; integrationId: string; receivedAt: number }[];
	counts: Map<string, { integrationId: string; source: string; result: string; n: number; at: number }>;
};

/** The run a delivery is filed under. */
function runIdOf(events: readonly NormalEvent[]): string | null {
	for (const event of events) {
		if (event.type === "run") return event.id;
		if (event.type === "job") return event.run.id;
	}
	return null;
}

function apply(book: RunBook, delivery: Delivery, pushes: Decision["pushes"]): Effect | null {
	let first: Effect | null = null;
	const { integrationId, receivedAt } = delivery;
	for (const event of delivery.events) {
		let effect: Effect;
		switch (event.type) {
			case "run":
				effect = applyRun(book, event, integrationId, receivedAt, delivery.strict);
				break;
			case "job":
				effect = applyJob(book, event, integrationId, receivedAt);
				break;
			case "push":
				pushes.push({ event, integrationId, receivedAt });
				effect = "created";
				break;
			case "deployment":
			case "cluster":
			case "rollback":
			case "environment":
				effect = "created";
				break;
		}
		first ??= effect;
	}
	return first;
}

/**
 * Decide what becomes of each delivery of a group, in order, and apply the new ones to the book.
 * Pure but for the book it fills. `known` are the deliveries of the group that are stored already; `isRetry` says that this
 * very group may have been stored by an attempt whose outcome is unknown, so that finding it there is no repeat.
 */
export function decideGroup(
	deliveries: readonly Delivery[],
	known: readonly KnownDelivery[],
	book: RunBook,
	{ isRetry }: { isRetry: boolean },
): Decision {
	const decision: Decision = { receipts: [], rows: [], repeats: [], pushes: [], counts: new Map() };
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
		const effect = delivery.ignored === null ? apply(book, delivery, decision.pushes) : null;
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
