import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { NormalEvent } from "../../wire/events.ts";
import { packBodies, unpackBody } from "./packing.server.ts";

/** A delivery that is already stored, as far as telling repeats needs. */
export type KnownDelivery = { source: string; deliveryId: string; bodyHash: string; result: "accepted" | "ignored" | "dead" };

/** One delivery about to be stored. */
export type DeliveryRow = {
	delivery: Delivery;
	result: "accepted" | "ignored" | "dead";
	reason: string | null;
	runId: string | null;
};

/** The fence: takes number `no`, or fails the whole batch. */
export function insertCommit(commit: { teamId: string; shard: number; no: number; at: number; size: number }): Statement {
	return sql`INSERT INTO commits (team_id, shard, no, at, size) VALUES (${commit.teamId}, ${commit.shard}, ${commit.no}, ${commit.at}, ${commit.size})`;
}

/** The team's epoch and the number of its newest commit. */
export function selectHead(teamId: string, shard: number): Statement {
	return sql`SELECT t.epoch, coalesce((SELECT max(no) FROM commits WHERE team_id = ${teamId} AND shard = ${shard}), 0) AS no,
			(SELECT at FROM commits WHERE team_id = ${teamId} AND shard = ${shard} ORDER BY no DESC LIMIT 1) AS at
			FROM teams t WHERE t.id = ${teamId}`;
}

/** Where a team's stream stands: epoch, newest commit and when it landed; null for an unknown team. */
export type Head = { epoch: string; no: number; at: number | null };

/** @see selectHead */
export async function readHead(db: Database, teamId: string): Promise<Head | null> {
	return (await db.all<Head>(selectHead(teamId, 0)))[0] ?? null;
}

/** Which of these deliveries are stored already. */
export function selectKnown(teamId: string, deliveries: readonly Delivery[]): Statement {
	const keys = JSON.stringify(deliveries.map((d) => [d.source, d.deliveryId]));
	return sql`SELECT d.source, d.delivery_id AS deliveryId, d.body_hash AS bodyHash, d.result FROM json_each(${keys}) k
			CROSS JOIN deliveries d ON d.team_id = ${teamId} AND d.source = k.value->>0 AND d.delivery_id = k.value->>1`;
}

/** The newest moment that events speak of, epoch ms; null where none does. A push does not: its commits may be days old. */
function eventAtOf(events: readonly NormalEvent[]): number | null {
	const moments = events.flatMap((event) => ("updatedAt" in event ? event.updatedAt : []));
	return moments.length === 0 ? null : moments.reduce((a, b) => Math.max(a, b));
}

/** Store deliveries; one that was dead and came again is re-armed in place. */
export function insertDeliveries(teamId: string, commitNo: number, rows: readonly DeliveryRow[]): Statement {
	const tuples = rows.map(({ delivery: d, result, reason, runId }, position) => [
		...[d.source, d.deliveryId, d.integrationId, d.event, d.bodyHash, result, reason, runId, d.receivedAt, d.bodyAt, position],
		eventAtOf(d.events),
	]);
	return sql`INSERT INTO deliveries (team_id, commit_no, source, delivery_id, integration_id, event, body_hash, result, reason, run_id,
				received_at, body_at, position, last_seen_at, event_at)
			SELECT ${teamId}, ${commitNo}, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
				value->>9, value->>10, value->>8, value->>11
			FROM json_each(${JSON.stringify(tuples)}) WHERE true
			ON CONFLICT(team_id, source, delivery_id) DO UPDATE SET commit_no = excluded.commit_no, position = excluded.position,
				body_at = excluded.body_at, event_at = excluded.event_at, result = excluded.result,
				reason = excluded.reason, run_id = excluded.run_id, last_seen_at = excluded.last_seen_at
			WHERE deliveries.result = 'dead'`;
}

/** Store the bodies of the same rows, packed. */
export function insertBodies(teamId: string, commitNo: number, rows: readonly DeliveryRow[]): Statement {
	const { lengths, packed } = packBodies(rows.map(({ delivery }) => delivery.body ?? ""));
	return sql`INSERT INTO delivery_bodies (team_id, commit_no, lengths, packed)
			VALUES (${teamId}, ${commitNo}, ${JSON.stringify(lengths)}, ${packed})`;
}

/** A repeat refreshes "last seen" and changes nothing else. */
export function touchDeliveries(teamId: string, repeats: readonly Delivery[]): Statement {
	const tuples = JSON.stringify(repeats.map((d) => [d.source, d.deliveryId, d.receivedAt]));
	return sql`UPDATE deliveries SET last_seen_at = max(last_seen_at, k.at)
			FROM (SELECT value->>0 AS source, value->>1 AS id, value->>2 AS at FROM json_each(${tuples})) k
			WHERE deliveries.team_id = ${teamId} AND deliveries.source = k.source AND deliveries.delivery_id = k.id`;
}

export type StoredPayload = {
	deliveryId: string;
	source: string;
	event: string;
	receivedAt: number;
	bodyAt: "row" | "blob" | "none";
	/** The redacted text, when it is still kept here. */
	body: string | null;
};

/** The newest 50 deliveries that spoke of a run, with their redacted bodies where they are still kept. */
export async function payloadsOfRun(db: Database, teamId: string, runId: string): Promise<StoredPayload[]> {
	const rows = await db.all<Omit<StoredPayload, "body"> & PackedAt>(
		sql`SELECT d.delivery_id AS deliveryId, d.source, d.event, d.received_at AS receivedAt, d.body_at AS bodyAt, d.position, b.lengths,
				b.packed
			FROM deliveries d LEFT JOIN delivery_bodies b ON d.body_at = 'row' AND b.team_id = d.team_id AND b.commit_no = d.commit_no
			WHERE d.team_id = ${teamId} AND d.run_id = ${runId} ORDER BY d.received_at DESC LIMIT 50`,
	);
	return rows.map(withBody);
}

/** What names a delivery within a team. */
export type DeliveryRef = { source: string; deliveryId: string };

/** A dead delivery with what is still kept of it. */
export type StoredDead = DeliveryRef & {
	integrationId: string;
	event: string;
	bodyHash: string;
	receivedAt: number;
	bodyAt: "row" | "blob" | "none";
	/** The redacted text, when it is kept here. */
	body: string | null;
};

/** Those of these deliveries that are dead. */
export async function deadDeliveries(db: Database, teamId: string, refs: readonly DeliveryRef[]): Promise<StoredDead[]> {
	const keys = JSON.stringify(refs.map(({ source, deliveryId }) => [source, deliveryId]));
	const rows = await db.all<Omit<StoredDead, "body"> & PackedAt>(
		sql`SELECT d.source, d.delivery_id AS deliveryId, d.integration_id AS integrationId, d.event, d.body_hash AS bodyHash,
				d.received_at AS receivedAt, d.body_at AS bodyAt, d.position, b.lengths, b.packed
			FROM json_each(${keys}) k
			CROSS JOIN deliveries d ON d.team_id = ${teamId} AND d.source = k.value->>0 AND d.delivery_id = k.value->>1 AND d.result = 'dead'
			LEFT JOIN delivery_bodies b ON d.body_at = 'row' AND b.team_id = d.team_id AND b.commit_no = d.commit_no`,
	);
	return rows.map(withBody);
}

type PackedAt = { position: number; lengths: string | null; packed: string | null };

function withBody<T extends PackedAt>({ position, lengths, packed, ...row }: T): Omit<T, keyof PackedAt> & { body: string | null } {
	const isKept = lengths !== null && packed !== null;
	return { ...row, body: isKept ? unpackBody({ lengths: JSON.parse(lengths) as number[], packed }, position) : null };
}

/** Whether a team shows demo data. */
export async function hasDemo(db: Database, teamId: string): Promise<boolean> {
	const rows = await db.all<{ found: number }>(
		sql`SELECT EXISTS (SELECT 1 FROM integrations i JOIN deliveries d ON d.team_id = i.team_id AND d.integration_id = i.id
			WHERE i.team_id = ${teamId} AND i.is_demo = 1) AS found`,
	);
	return rows[0]?.found === 1;
}

/** How many deliveries are of each result and source, for `GET /metrics`. */
export async function deliveryCounts(db: Database, teamId: string): Promise<{ source: string; result: string; n: number }[]> {
	return await db.all(
		sql`SELECT source, result, sum(n) AS n FROM integration_counts WHERE team_id = ${teamId} GROUP BY source, result ORDER BY 1, 2`,
	);
}

/** Number of commits, deliveries in them, and how many commits fit each size. */
export async function commitSizes(db: Database, teamId: string): Promise<{ le: number; n: number; sum: number }[]> {
	return await db.all(
		sql`SELECT b.value AS le, count(c.no) AS n, coalesce(sum(c.size), 0) AS sum FROM json_each('[1,2,5,10,20,50,100,1000]') b
			LEFT JOIN commits c ON c.team_id = ${teamId} AND c.size <= b.value GROUP BY b.value ORDER BY b.value`,
	);
}

/** Add to an integration's counts; `rejected` is flushed by the ledger, the others travel with their commit. */
export function addCounts(
	teamId: string,
	counts: readonly { integrationId: string; source: string; result: string; n: number; at: number }[],
): Statement {
	const tuples = JSON.stringify(counts.map((c) => [c.integrationId, c.source, c.result, c.n, c.at]));
	return sql`INSERT INTO integration_counts (team_id, integration_id, source, result, n, last_at)
			SELECT ${teamId}, value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(${tuples}) WHERE true
			ON CONFLICT(team_id, integration_id, result) DO UPDATE SET n = n + excluded.n, last_at = max(last_at, excluded.last_at)`;
}
