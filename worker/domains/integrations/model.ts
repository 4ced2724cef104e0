import { quantileOf } from "../stats/quantile.ts";

/** What people connect, and how it is going with each. */

/** What a person can connect by themselves, in the order it is offered. */
export const CONNECTABLE = ["github", "gitlab", "argocd", "cdevents", "alertmanager", "generic"] as const;
export type Connectable = (typeof CONNECTABLE)[number];

/** What becomes of what is sent to an integration. */
export type DeliveryCounts = {
	accepted: number;
	duplicate: number;
	ignored: number;
	/** As of now: one that was replayed is dead no longer. */
	dead: number;
	conflict: number;
	/** The signature failed. */
	rejected: number;
};

export type IntegrationReport = {
	id: string;
	source: string;
	name: string;
	isDemo: boolean;
	isDisabled: boolean;
	createdAt: number;
	/** Where its sender delivers: `/webhooks/github/<id>`. */
	path: string;
	counts: DeliveryCounts;
	/** The newest delivery that was taken, a repeat too; null before the first. */
	lastAt: number | null;
	/** The sender's name for what the newest delivery told. */
	lastEvent: string | null;
	lastRejectedAt: number | null;
	/** From the newest 100 deliveries; null without any. */
	perHour: number | null;
	/** Median of received − happened over the newest 100 that say when; null where none does. */
	lagMs: number | null;
	/** The secrets that are accepted now. */
	secretSlots: { slot: 0 | 1; createdAt: number; expiresAt: number | null }[];
};

/** A delivery that was taken and could not be applied. */
export type DeadDelivery = {
	source: string;
	deliveryId: string;
	integrationId: string;
	event: string;
	reason: string | null;
	receivedAt: number;
	/** Whether its body is still kept, so that it can be tried again. */
	canReplay: boolean;
};

/** After a rotation the secret before stays valid this long, so that no delivery is refused while the sender is told. */
export const SECRET_OVERLAP_MS = 24 * 3600_000;

/** Where an integration's sender delivers. */
export function deliveryPath(source: string, id: string): string {
	return `/webhooks/${source}/${id}`;
}

const HOUR_MS = 3600_000;

/**
 * Deliveries an hour from the newest ones, given when each came. Counted up to now and over an hour at least, so that silence
 * lowers it and a first delivery is not a flood.
 */
export function perHourOf(receivedAt: readonly number[], now: number): number | null {
	if (receivedAt.length === 0) return null;
	const oldest = receivedAt.reduce((a, b) => Math.min(a, b));
	return receivedAt.length / (Math.max(HOUR_MS, now - oldest) / HOUR_MS);
}

/** How late deliveries usually come. A sender whose clock is ahead is not early. */
export function lagOf(deliveries: readonly { receivedAt: number; eventAt: number | null }[]): number | null {
	const lags = deliveries.flatMap(({ receivedAt, eventAt }) => (eventAt === null ? [] : Math.max(0, receivedAt - eventAt)));
	return quantileOf(lags, 0.5);
}
