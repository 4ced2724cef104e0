import type { Database } from "../database.ts";
import { type DeliveryRef, deadDeliveries, type StoredDead } from "../domains/deliveries/store.server.ts";
import type { Env } from "../env.ts";
import { findSource } from "../sources/registry.ts";
import type { Delivery } from "../wire/delivery.ts";
import { parseObject } from "./parse.ts";
import { blobKey } from "./receive.ts";

export type NotReplayed = { deliveryId: string; reason: string };

/**
 * Dead deliveries as they would be handed over today: what is stored of each, its redacted body normalised again by its source.
 * The ledger applies them like any other; storing them re-arms their rows in place.
 */
export async function rebuildDead(
	{ db, blobs, teamId }: { db: Database; blobs: Env["BLOBS"]; teamId: string },
	refs: readonly DeliveryRef[],
): Promise<{ ready: Delivery[]; failed: NotReplayed[] }> {
	const ready: Delivery[] = [];
	const stored = await deadDeliveries(db, teamId, refs);
	const known = new Set(stored.map(({ source, deliveryId }) => `${source}\n${deliveryId}`));
	const failed: NotReplayed[] = refs
		.filter(({ source, deliveryId }) => !known.has(`${source}\n${deliveryId}`))
		.map(({ deliveryId }) => ({ deliveryId, reason: "It is not dead: it was applied meanwhile, or it was never here." }));
	for (const dead of stored) {
		const { deliveryId } = dead;
		const text = dead.bodyAt === "blob" ? await (await blobs.get(blobKey(teamId, dead.source, deliveryId)))?.text() : dead.body;
		const outcome = text ? rebuild(dead, text) : GONE;
		if (typeof outcome === "string") failed.push({ deliveryId, reason: outcome });
		else ready.push(outcome);
	}
	return { ready, failed };
}

const GONE = "Its body is no longer kept: ask the sender to deliver it again.";

/** The delivery, or why it can't be made of what is stored. */
function rebuild(dead: StoredDead, text: string): Delivery | string {
	const source = findSource(dead.source);
	if (!source) return `Deliveries of ${dead.source} are not read any more.`;
	try {
		// A source reads nothing but the event's name from the headers of a delivery it has verified.
		const normalised = source.normalise(parseObject(text), new Headers({ [source.eventHeader]: dead.event }));
		if (normalised.kind === "invalid") return `The body does not hold: ${Object.entries(normalised.fields).flat().join(" ")}`;
		const { body: _body, ...facts } = dead;
		return {
			...facts,
			events: normalised.kind === "events" ? normalised.events : [],
			ignored: normalised.kind === "ignored" ? normalised.reason : null,
			body: dead.bodyAt === "row" ? text : null,
			strict: false,
		};
	} catch (error) {
		return error instanceof Error ? error.message.slice(0, 300) : "The body can't be read.";
	}
}
