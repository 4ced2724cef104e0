import { z } from "zod";
import { AppError } from "../errors.ts";
import { activeSecrets, findIntegration } from "../pipeline/credentials.ts";
import { handToLedger } from "../pipeline/hand-over.ts";
import { decode, notUtf8 } from "../pipeline/parse.ts";
import { toDelivery } from "../pipeline/receive.ts";
import { countRejected } from "../pipeline/rejections.ts";
import { findSource, sources } from "../sources/registry.ts";
import type { Incoming } from "../sources/source.ts";
import { AcceptedBody } from "../wire/api.ts";
import { checkContentType, readCapped } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, refusals } from "./door.ts";
import { brakeWebhook } from "./rate-limit.ts";

/** What is answered to deliveries of an integration that somebody has switched off. */
export const integrationOff = () =>
	new AppError("forbidden", "This integration is switched off. Switch it on again on the Integrations page.");

/** A new secret must work at once, so a failing signature asks the ledger anew; but not more than once a second. */
const RECHECK_MS = 1000;

/**
 * POST /webhooks/:source/:integration. Size and type, then the signature over the raw bytes, and only then what is inside.
 * 202 once the delivery is durable; a signature that fails is 401 and leaves nothing but a count.
 */
export async function receiveWebhook(c: Context): Promise<Response> {
	const { env } = c;
	const now = c.get("now");
	const source = findSource(c.req.param("source") ?? "");
	const integrationId = c.req.param("integration") ?? "";
	brakeWebhook(integrationId, c.get("address"), now);
	const integration = source && (await findIntegration(env, integrationId, now));
	if (!source || !integration || integration.source !== source.id) {
		throw new AppError("notFound", "There is no such webhook. Copy its address from the Integrations page.");
	}
	const { headers } = c.req.raw;
	checkContentType(headers, source.contentTypes);
	const bytes = await readCapped(c.req.raw, source.maxBytes(headers));
	const { text, isUtf8 } = decode(bytes);
	const incoming: Incoming = { headers, bytes, text };

	const secrets = activeSecrets(integration, now);
	// An integration without a secret can't prove anything: refuse, never skip the check.
	if (secrets.length === 0) throw new AppError("unavailable", "This webhook has no active secret. Set one on the Integrations page.");
	if (!(await source.verify(incoming, secrets, now))) {
		const fresh = await findIntegration(env, integrationId, now, RECHECK_MS);
		const anew = fresh ? activeSecrets(fresh, now).filter((secret) => !secrets.includes(secret)) : [];
		if (anew.length === 0 || !(await source.verify(incoming, anew, now))) {
			c.executionCtx.waitUntil(countRejected(env, { teamId: integration.teamId, integrationId, source: source.id }).catch(() => {}));
			throw new AppError("unauthenticated", "The signature does not match. Check the secret on both sides.");
		}
	}

	// Only who holds the secret is told.
	if (integration.isDisabled) throw integrationOff();
	if (!isUtf8) throw notUtf8();
	const delivery = await toDelivery({ env, source, teamId: integration.teamId, integrationId, incoming, receivedAt: now });
	const receipt = await handToLedger(env, c.executionCtx, integration.teamId, delivery);
	if (receipt.result === "conflict") {
		throw new AppError("conflict", "A delivery with this id and another body is already stored; the first stays.");
	}
	const result = receipt.result === "dead" ? "accepted" : receipt.result;
	return Response.json({ delivery_id: delivery.deliveryId, result }, { status: 202, headers: { "x-request-id": c.get("requestId") } });
}

/** Where senders deliver. */
export const webhookDoors: Door[] = [
	{
		route: {
			...{ method: "post", path: "/webhooks/{source}/{integration}", tags: ["Webhooks"], summary: "A signed delivery of an integration" },
			request: { params: z.object({ source: z.enum(Object.keys(sources)), integration: z.string() }) },
			responses: {
				202: answers(AcceptedBody, "Durable; its facts are visible, unless the database is down"),
				...refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
			},
		},
		policy: { public: "the signature proves the sender" },
		handle: receiveWebhook,
	},
];
