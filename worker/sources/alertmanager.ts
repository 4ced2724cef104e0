import type { Normalised } from "../wire/events.ts";
import { type Json, missing, readName } from "./read.ts";
import { presentsSecret } from "./secrets.ts";
import type { WebhookSource } from "./source.ts";

const MIB = 2 ** 20;

/** What Alertmanager posts: version 4 of its webhook, a group of alerts. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
function normaliseGroup(body: Json): Normalised {
	const fields = missing({ status: readName(body.status), alerts: Array.isArray(body.alerts) ? body.alerts : null });
	if (Object.keys(fields).length > 0) return { kind: "invalid", fields };
	return { kind: "ignored", reason: "alerts are kept as they came; nothing is made of them yet" };
}

/**
 * Prometheus' Alertmanager, which cannot sign and presents the secret instead. Its notifications are verified, redacted and kept, so
 * that they can be replayed once alerts are shown; until then no figure moves.
 */
export const alertmanager: WebhookSource = {
	id: "alertmanager",
	label: "Alertmanager",
	maxBytes: () => MIB,
	contentTypes: ["application/json"],
	verify: presentsSecret,
	// It numbers nothing: a notification that is repeated word for word is the same one.
	deliveryId: () => null,
	eventHeader: "x-opssight-event",
	event: (headers, body) => readName(headers.get("x-opssight-event")) ?? readName(body.status) ?? "unknown",
	normalise: (body, headers) => {
		if (alertmanager.event(headers, body) === "ping") return { kind: "ignored", reason: "ping" };
		return normaliseGroup(body);
	},
};
