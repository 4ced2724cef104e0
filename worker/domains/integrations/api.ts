import type { IntegrationBody } from "../../wire/api.ts";
import type { DeadDelivery, IntegrationReport } from "./model.ts";

/** Integrations as the public API speaks of them. */

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/** An integration in a list. */
export function toIntegrationBody(report: IntegrationReport): IntegrationBody {
	const { id, source, name, path, isDemo: demo, isDisabled: disabled, counts, lastEvent } = report;
	return {
		...{ id, source, name, path, demo, disabled, counts, last_event: lastEvent },
		created_at: iso(report.createdAt),
		last_at: isoOrNull(report.lastAt),
		last_rejected_at: isoOrNull(report.lastRejectedAt),
		per_hour: report.perHour === null ? null : Math.round(report.perHour * 10) / 10,
		lag_seconds: report.lagMs === null ? null : report.lagMs / 1000,
		secrets: report.secretSlots.map(({ slot, createdAt, expiresAt }) => ({
			...{ slot, created_at: iso(createdAt), expires_at: isoOrNull(expiresAt) },
		})),
	};
}

/** A dead delivery in a list. */
export function toDeadBody({ source, deliveryId, integrationId, event, reason, receivedAt, canReplay }: DeadDelivery) {
	return {
		source,
		delivery_id: deliveryId,
		integration: integrationId,
		event,
		reason,
		received_at: iso(receivedAt),
		can_replay: canReplay,
	};
}
