import { redact } from "../domains/redaction/mask.ts";
import type { Env } from "../env.ts";
import { AppError } from "../errors.ts";
import { bodyFingerprint, sha256Hex } from "../ids.ts";
import { log } from "../log.ts";
import type { Incoming, WebhookSource } from "../sources/source.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { NormalEvent } from "../wire/events.ts";
import { parseObject } from "./parse.ts";

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
	const redacted = redact(text, text === incoming.text ? incoming.bytes : undefined);
	const body = parseObject(redacted.text);
	const normalised = source.normalise(body, headers);
	if (normalised.kind === "invalid") {
		throw new AppError("invalid", "The body parses, but does not hold. See `fields`.", { fields: normalised.fields });
	}
	const bodyHash = bodyFingerprint(incoming.bytes);
	const delivery: Delivery = {
		source: source.id,
		integrationId,
		deliveryId: await deliveryIdOf(source, incoming),
		bodyHash,
		event: redact(source.event(headers, body).slice(0, 1000)).text.slice(0, 100),
		receivedAt,
		events: normalised.kind === "events" ? normalised.events : [],
		// It may quote the event's name, which is a header's text.
		ignored: normalised.kind === "ignored" ? redact(normalised.reason).text : null,
		body: null,
		bodyAt: "none",
		strict: false,
	};
	return normalised.kind === "events" ? await withBody(env, teamId, delivery, redacted.text) : delivery;
}

/** The sender's own id, its hash where it holds a secret (masked, two would look like one), else the body's hash. */
async function deliveryIdOf(source: WebhookSource, { headers, bytes }: Incoming): Promise<string> {
	const sent = source.deliveryId(headers)?.slice(0, 200);
	if (!sent) return await sha256Hex(bytes);
	return redact(sent).count > 0 ? await sha256Hex(sent) : sent;
}

/** A delivery of events that a door has already validated. */
export async function eventDelivery(
	env: Env,
	teamId: string,
	what: { source: string; integrationId: string; bytes: Uint8Array<ArrayBuffer>; text: string; event: NormalEvent; receivedAt: number },
): Promise<Delivery> {
	const bodyHash = bodyFingerprint(what.bytes);
	const { source, integrationId, receivedAt } = what;
	const delivery: Delivery = {
		...{ source, integrationId, deliveryId: await sha256Hex(what.bytes), bodyHash, event: what.event.type, receivedAt },
		...{ events: [what.event], ignored: null, body: null, bodyAt: "none", strict: true },
	};
	return await withBody(env, teamId, delivery, what.text);
}

/** Where a delivery's large body is kept. */
export function blobKey(teamId: string, source: string, deliveryId: string): string {
	return `deliveries/${teamId}/${source}/${encodeURIComponent(deliveryId)}`;
}

async function withBody(env: Env, teamId: string, delivery: Delivery, text: string): Promise<Delivery> {
	if (text.length <= ROW_BYTES_MAX) return { ...delivery, body: text, bodyAt: "row" };
	try {
		await env.BLOBS.put(blobKey(teamId, delivery.source, delivery.deliveryId), text);
		return { ...delivery, bodyAt: "blob" };
	} catch (error) {
		// The facts matter more than the raw text: they go on without it.
		log("warn", "a large body could not be kept", { delivery: delivery.deliveryId, error: String(error) });
		return delivery;
	}
}
