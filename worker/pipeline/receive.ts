import { redact } from "../domains/redaction/mask.ts";
import type { Env } from "../env.ts";
import { AppError } from "../errors.ts";
import { bodyFingerprint } from "../ids.ts";
import { log } from "../log.ts";
import type { Incoming, WebhookSource } from "../sources/source.ts";
import type { Delivery, Receipt } from "../wire/delivery.ts";
import type { NormalEvent } from "../wire/events.ts";
import { parseObject } from "./parse.ts";
import { packBody } from "./raw-body.ts";

/** Bodies up to this travel with the group; larger ones go to BLOBS first. @source architecture, section 0 */
const ROW_BYTES_MAX = 64 * 1024;

type Verified = { env: Env; source: WebhookSource; teamId: string; integrationId: string; incoming: Incoming; receivedAt: number };

/**
 * Turn a verified body into a delivery: mask secrets, parse, normalise. Nothing has been stored when this throws.
 * @throws AppError malformed | invalid
 */
export async function toDelivery({ env, source, teamId, integrationId, incoming, receivedAt }: Verified): Promise<Delivery> {
	const { headers } = incoming;
	const text = source.unwrap ? source.unwrap(incoming.text, headers) : incoming.text;
	// Masking comes before parsing, so that nothing derived from the body can hold what the body must not.
	const redacted = redact(text);
	const body = parseObject(redacted.text);
	const normalised = source.normalise(body, headers);
	if (normalised.kind === "invalid") {
		throw new AppError("invalid", "The body parses, but does not hold. See `fields`.", { fields: normalised.fields });
	}
	const bodyHash = bodyFingerprint(incoming.bytes);
	const delivery: Delivery = {
		source: source.id,
		integrationId,
		deliveryId: source.deliveryId(headers)?.slice(0, 200) || bodyHash,
		bodyHash,
		event: source.event(headers, body).slice(0, 100),
		receivedAt,
		events: normalised.kind === "events" ? normalised.events : [],
		ignored: normalised.kind === "ignored" ? normalised.reason : null,
		body: null,
		bodyAt: "none",
		strict: false,
	};
	return normalised.kind === "events" ? await withBody(env, teamId, delivery, redacted.text) : delivery;
}

/** A delivery of events that a door has already validated. */
export async function eventDelivery(
	env: Env,
	teamId: string,
	what: { source: string; integrationId: string; bytes: Uint8Array; text: string; event: NormalEvent; receivedAt: number },
): Promise<Delivery> {
	const bodyHash = bodyFingerprint(what.bytes);
	const { source, integrationId, receivedAt } = what;
	const delivery: Delivery = {
		...{ source, integrationId, deliveryId: bodyHash, bodyHash, event: what.event.type, receivedAt },
		...{ events: [what.event], ignored: null, body: null, bodyAt: "none", strict: true },
	};
	return await withBody(env, teamId, delivery, what.text);
}

/** Where a delivery's large body is kept. */
export function blobKey(teamId: string, source: string, deliveryId: string): string {
	return `${teamId}/deliveries/${source}/${encodeURIComponent(deliveryId)}`;
}

async function withBody(env: Env, teamId: string, delivery: Delivery, text: string): Promise<Delivery> {
	if (text.length <= ROW_BYTES_MAX) return { ...delivery, body: packBody(text), bodyAt: "row" };
	try {
		await env.BLOBS.put(blobKey(teamId, delivery.source, delivery.deliveryId), text);
		return { ...delivery, bodyAt: "blob" };
	} catch (error) {
		// The facts matter more than the raw text: they go on without it.
		log("warn", "a large body could not be kept", { delivery: delivery.deliveryId, error: String(error) });
		return delivery;
	}
}

/**
 * Call a ledger's `ingest`. What goes and comes is JSON text: the platform's structured clone of the same objects costs three
 * times as much as everything else in the call.
 */
export async function ingest(env: Env, teamId: string, deliveries: readonly Delivery[]): Promise<Receipt[]> {
	return JSON.parse(await env.TEAM_LEDGER.getByName(teamId).ingest(teamId, JSON.stringify(deliveries))) as Receipt[];
}

/** Hand a delivery to its team's ledger. @throws AppError unavailable when the ledger can't make it durable */
export async function handToLedger(env: Env, teamId: string, delivery: Delivery): Promise<Receipt> {
	let receipts: Receipt[];
	try {
		receipts = await ingest(env, teamId, [delivery]);
	} catch (error) {
		// Never tried again from here: an overloaded object would only be loaded more. The sender is told when to.
		log("warn", "the ledger did not take a delivery", { team: teamId, error: String(error) });
		throw new AppError("unavailable", "The delivery could not be stored. Send it again in a few seconds.");
	}
	const [receipt] = receipts;
	if (!receipt) throw new AppError("unavailable", "The delivery could not be stored. Send it again in a few seconds.");
	return receipt;
}
