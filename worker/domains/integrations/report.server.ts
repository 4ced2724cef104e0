import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import { type DeadDelivery, type DeliveryCounts, deliveryPath, type IntegrationReport, lagOf, perHourOf } from "./model.ts";

const NEWEST = 100;

type Row = {
	id: string;
	source: string;
	name: string;
	isDemo: number;
	createdAt: number;
	disabledAt: number | null;
	dead: number;
	secrets: string;
	counts: string;
	newest: string;
};
type Count = { result: keyof DeliveryCounts; n: number; lastAt: number };
type Newest = { event: string; receivedAt: number; eventAt: number | null };

/**
 * Every integration of a team with how it is going: counts as kept beside each commit, rate and lag from the newest 100
 * deliveries by index. What it costs depends on how many integrations there are, not on how much they sent.
 */
export async function readIntegrations(db: Database, teamId: string, now: number): Promise<IntegrationReport[]> {
	const rows = await db.all<Row>(
		sql`SELECT i.id, i.source, i.name, i.is_demo AS isDemo, i.created_at AS createdAt, i.disabled_at AS disabledAt,
			(SELECT count(*) FROM deliveries d INDEXED BY idx_deliveries_dead WHERE d.team_id = i.team_id AND d.integration_id = i.id AND d.result = 'dead') AS dead,
			(SELECT json_group_array(json_object('slot', s.slot, 'createdAt', s.created_at, 'expiresAt', s.expires_at))
				FROM integration_secrets s WHERE s.integration_id = i.id AND (s.expires_at IS NULL OR s.expires_at > ${now})) AS secrets,
			(SELECT json_group_array(json_object('result', c.result, 'n', c.n, 'lastAt', c.last_at))
				FROM integration_counts c WHERE c.team_id = i.team_id AND c.integration_id = i.id) AS counts,
			(SELECT json_group_array(json_object('event', event, 'receivedAt', received_at, 'eventAt', event_at)) FROM (
				SELECT d.event, d.received_at, d.event_at FROM deliveries d WHERE d.team_id = i.team_id AND d.integration_id = i.id
				ORDER BY d.received_at DESC LIMIT ${NEWEST})) AS newest
			FROM integrations i WHERE i.team_id = ${teamId} ORDER BY i.created_at, i.id`,
	);
	return rows.map((row) => reportOf(row, now));
}

function reportOf(row: Row, now: number): IntegrationReport {
	const { id, source, name, createdAt } = row;
	const counted = JSON.parse(row.counts) as Count[];
	const newest = JSON.parse(row.newest) as Newest[];
	const lastOf = (results: readonly (keyof DeliveryCounts)[]) =>
		counted.reduce<number | null>((last, { result, lastAt }) => (results.includes(result) ? Math.max(last ?? lastAt, lastAt) : last), null);
	const counts = { accepted: 0, duplicate: 0, ignored: 0, dead: 0, conflict: 0, rejected: 0 };
	for (const { result, n } of counted) counts[result] = n;
	const latest = newest.reduce<Newest | null>((best, one) => (best === null || one.receivedAt > best.receivedAt ? one : best), null);
	const slots = JSON.parse(row.secrets) as IntegrationReport["secretSlots"];
	return {
		...{ id, source, name, createdAt, isDemo: row.isDemo === 1, isDisabled: row.disabledAt !== null, path: deliveryPath(source, id) },
		counts: { ...counts, dead: row.dead },
		lastAt: lastOf(["accepted", "duplicate", "ignored", "dead"]),
		lastEvent: latest?.event ?? null,
		lastRejectedAt: lastOf(["rejected"]),
		perHour: perHourOf(
			newest.map(({ receivedAt }) => receivedAt),
			now,
		),
		lagMs: lagOf(newest),
		secretSlots: slots.sort((a, b) => b.createdAt - a.createdAt),
	};
}

/** Dead deliveries of a team, newest first. */
export async function readDead(
	db: Database,
	teamId: string,
	{ integrationId, limit }: { integrationId?: string; limit: number },
): Promise<DeadDelivery[]> {
	const own = integrationId === undefined ? sql`` : sql` AND d.integration_id = ${integrationId}`;
	const rows = await db.all<Omit<DeadDelivery, "canReplay"> & { canReplay: number }>(
		sql`SELECT d.source, d.delivery_id AS deliveryId, d.integration_id AS integrationId, d.event, d.reason, d.received_at AS receivedAt,
				d.body_at = 'blob' OR (d.body_at = 'row' AND EXISTS (
					SELECT 1 FROM delivery_bodies b WHERE b.team_id = d.team_id AND b.commit_no = d.commit_no)) AS canReplay
			FROM deliveries d WHERE d.team_id = ${teamId} AND d.result = 'dead'${own} ORDER BY d.received_at DESC, d.delivery_id LIMIT ${limit}`,
	);
	return rows.map((row) => ({ ...row, canReplay: row.canReplay === 1 }));
}
