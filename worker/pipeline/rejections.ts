import type { Env } from "../env.ts";

/** A forged delivery costs one addition here; its ledger hears of them a few seconds later, in one call. */
const FLUSH_MS = 5_000;
const counts = new Map<string, { teamId: string; integrationId: string; source: string; n: number }>();
let isFlushDue = false;

/** Count a delivery whose signature failed; the first of each five seconds waits for the others and hands the sums to the ledgers. */
export async function countRejected(env: Env, what: { teamId: string; integrationId: string; source: string }): Promise<void> {
	const entry = counts.get(what.integrationId) ?? { ...what, n: 0 };
	entry.n += 1;
	counts.set(what.integrationId, entry);
	if (isFlushDue) return;
	isFlushDue = true;
	try {
		await scheduler.wait(FLUSH_MS);
	} finally {
		isFlushDue = false;
	}
	const due = [...counts.values()];
	counts.clear();
	await Promise.all(
		due.map(({ teamId, integrationId, source, n }) => env.TEAM_LEDGER.getByName(teamId).countRejected(teamId, integrationId, source, n)),
	);
}
