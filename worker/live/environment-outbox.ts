import type { Database } from "../database.ts";
import { deploymentOfRollback } from "../domains/deployments/rollback-record.ts";
import { readRecord } from "../domains/deployments/rollbacks.server.ts";
import type { Env } from "../env.ts";
import { ingest } from "../pipeline/hand-over.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { NormalEvent } from "../wire/events.ts";
import { ENVIRONMENT_MARK, type EnvironmentStorage, type Mark } from "./environment-storage.ts";

/** The source and integration under which an environment's object tells its team's ledger what it did. */
export const OWN_SOURCE = "opssight";

type Of = { env: Env; db: Database; storage: EnvironmentStorage; teamId: string; environmentId: string };

/**
 * Tell the ledger of everything that is marked, as it stands in D1 now, so that the team's pages hear of it.
 * @throws when D1 or the ledger does not answer; what was not told stays marked
 */
export async function flushOutbox({ env, db, storage, teamId, environmentId }: Of): Promise<void> {
	const marks = storage.marks();
	if (marks.length === 0) return;
	const now = Date.now();
	const deliveries: Delivery[] = [];
	for (const mark of marks) {
		const events = await eventsOf({ db, teamId, environmentId }, mark, now);
		if (events.length > 0) deliveries.push(deliveryOf(environmentId, mark, events, now));
	}
	if (deliveries.length > 0) await ingest(env, teamId, deliveries);
	for (const mark of marks) storage.told(mark);
}

async function eventsOf(of: { db: Database; teamId: string; environmentId: string }, { about }: Mark, now: number): Promise<NormalEvent[]> {
	if (about === ENVIRONMENT_MARK) return [{ type: "environment", environmentId: of.environmentId }];
	const record = await readRecord(of.db, of.teamId, of.environmentId, about.slice("rollback:".length));
	// It was marked before it was written, and then it was not written.
	if (!record) return [];
	const moved: NormalEvent = { type: "rollback", row: record.row };
	return record.row.kind === "rollback" ? [deploymentOfRollback(record, now), moved] : [moved];
}

function deliveryOf(environmentId: string, { about, n }: Mark, events: NormalEvent[], now: number): Delivery {
	const deliveryId = `${environmentId}-${about}-${n}`;
	return {
		...{ source: OWN_SOURCE, integrationId: OWN_SOURCE, deliveryId, bodyHash: deliveryId, event: "moved", receivedAt: now, events },
		...{ ignored: null, body: null, bodyAt: "none", strict: false },
	};
}
