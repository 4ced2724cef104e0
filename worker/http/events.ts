import { z } from "zod";
import { actorOfToken, touchToken } from "../domains/auth/store.server.ts";
import { redact } from "../domains/redaction/mask.ts";
import { toRunBody } from "../domains/runs/api.ts";
import { readRun } from "../domains/runs/store.server.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { withPatience } from "../patience.ts";
import { activeSecrets, findIngestToken, findIntegration } from "../pipeline/credentials.ts";
import { handToLedger } from "../pipeline/hand-over.ts";
import { decodeUtf8, parseObject } from "../pipeline/parse.ts";
import { eventDelivery } from "../pipeline/receive.ts";
import { countRejected } from "../pipeline/rejections.ts";
import { EventRequest, toRunEvent, verifyTimestamped } from "../sources/generic.ts";
import { AcceptedBody, RunBody } from "../wire/api.ts";
import { fieldsOf } from "../wire/fields.ts";
import { checkContentType, readCapped } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, refusals } from "./door.ts";
import { bearerToken, databaseSilent, noteUse } from "./middleware.ts";
import { brakeWebhook, limitIngest } from "./rate-limit.ts";
import { integrationOff } from "./webhooks.ts";

const BODY_BYTES_MAX = 2 ** 20; // the HTTP contract

const READ_BACK_MS = 2000;

type Sender = {
	teamId: string;
	integrationId: string /** Checks the signature over the body, where the sender signs. */;
	prove: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
};

/** Who posts, from the ledger's copy of credentials alone: events are taken while D1 is down. */
async function senderOf(c: Context): Promise<Sender> {
	const token = bearerToken(c);
	if (token !== null) return await senderOfToken(c, token);
	const integrationId = c.req.header("x-opssight-integration");
	if (integrationId === undefined) {
		throw new AppError(
			"unauthenticated",
			"Send a bearer token with the ingest scope in the header Authorization, or sign the body (see /api/docs).",
		);
	}
	const now = c.get("now");
	const integration = await findIntegration(c.env, integrationId, now);
	const refuse = () =>
		new AppError("unauthenticated", "The signature does not match. Check integration, secret, timestamp (±300 s) and body.");
	if (integration?.source !== "generic") throw refuse();
	const { teamId } = integration;
	brakeWebhook(integrationId, c.get("address"), now);
	const prove = async (rawBody: Uint8Array) => {
		const timestamp = c.req.header("x-opssight-timestamp") ?? null;
		const signature = c.req.header("x-opssight-signature") ?? null;
		const proven = await verifyTimestamped({ timestamp, signature, rawBody, secrets: activeSecrets(integration, now), now });
		// Only who holds the secret is told.
		if (proven && integration.isDisabled) throw integrationOff();
		if (proven) return;
		c.executionCtx.waitUntil(countRejected(c.env, { teamId, integrationId, source: "generic" }).catch(() => {}));
		throw refuse();
	};
	return { teamId, integrationId, prove };
}

async function senderOfToken(c: Context, token: string): Promise<Sender> {
	const now = c.get("now");
	const hash = await sha256Hex(token);
	const known = await findIngestToken(c.env, token, hash, now);
	if (known) {
		await limitIngest(c.env, known.id, known.teamId, now);
		noteUse(c, hash, touchToken(hash, now));
		return { teamId: known.teamId, integrationId: `token:${known.id}`, prove: async () => {} };
	}
	// Not an ingest token: D1 knows whether it is a token at all, which decides between 401 and 403.
	const looking = actorOfToken(c.get("db"), hash, now);
	if (!(await withPatience(looking, READ_BACK_MS, databaseSilent)))
		throw new AppError("unauthenticated", "This token is unknown, expired or revoked.");
	throw new AppError("forbidden", "This needs a token with the ingest scope.");
}

/** POST /api/events: 201 created, 200 known or updated, 409 when it contradicts what is stored, 202 while D1 is down. */
async function postEvent(c: Context): Promise<Response> {
	const sender = await senderOf(c);
	checkContentType(c.req.raw.headers, ["application/json"]);
	const bytes = await readCapped(c.req.raw, BODY_BYTES_MAX);
	await sender.prove(bytes);
	const sent = decodeUtf8(bytes);
	const { text, count } = redact(sent);
	const parsed = EventRequest.safeParse(parseObject(text));
	// A masked id would make one run of many.
	if (count > 0 && parsed.success && parseObject(sent).id !== parsed.data.id) {
		throw new AppError("invalid", "The id looks like it holds a secret. See `fields`.", {
			fields: { id: "This reads like a secret, which is never stored: choose another id." },
		});
	}
	if (!parsed.success)
		throw new AppError("invalid", "The body parses, but does not hold. See `fields`.", { fields: fieldsOf(parsed.error) });

	const event = toRunEvent(parsed.data);
	const { teamId, integrationId } = sender;
	const receivedAt = c.get("now");
	const delivery = await eventDelivery(c.env, teamId, { source: "generic", integrationId, bytes, text, event, receivedAt });
	const receipt = await handToLedger(c.env, c.executionCtx, teamId, delivery);
	if (receipt.result === "conflict") {
		throw new AppError("conflict", `Run ${event.id} is already known with other content, and this is not newer: the first stays.`);
	}
	if (receipt.result === "dead") throw new AppError("invalid", "The event could not be applied; it is kept and can be replayed.");
	if (!receipt.visible) return c.json({ delivery_id: delivery.deliveryId, result: "accepted" }, 202);
	// It is durable whatever reading it back comes to.
	const reading = withPatience(readRun(c.get("db"), teamId, event.id), READ_BACK_MS, () => new Error("no answer"));
	const stored = await reading.catch(() => null);
	if (!stored) return c.json({ delivery_id: delivery.deliveryId, result: "accepted" }, 202);
	return c.json(toRunBody(stored.run), receipt.effect === "created" ? 201 : 200, { "cache-control": "no-store" });
}

/** Runs from anything that can POST JSON. */
export const eventDoors: Door[] = [
	{
		route: {
			...{ method: "post", path: "/api/events", tags: ["Runs"], summary: "Send a run; idempotent by its id" },
			description:
				"Bearer token with the ingest scope, or X-OpsSight-Integration, X-OpsSight-Timestamp (seconds) and X-OpsSight-Signature: " +
				'`v1=` + hex HMAC-SHA256 of "<timestamp>.<raw body>". Posting the same again changes nothing.',
			security: [{ bearer: [] }, {}],
			request: {
				headers: z.object({
					"x-opssight-integration": z.string().optional(),
					"x-opssight-timestamp": z.string().optional(),
					"x-opssight-signature": z.string().optional(),
				}),
				body: { required: true, content: { "application/json": { schema: EventRequest } } },
			},
			responses: {
				200: answers(RunBody, "Known already, or updated"),
				201: answers(RunBody, "Created"),
				202: answers(AcceptedBody, "Durable, visible once the database is back"),
				...refusals(400, 401, 403, 409, 413, 415, 422, 429, 503),
			},
		},
		policy: { public: "an ingest token or a signature proves the sender; both are checked without D1" },
		handle: postEvent,
	},
];
