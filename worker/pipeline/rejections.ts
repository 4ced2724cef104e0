import type { Env } from "../env.ts";

/** A forged delivery costs one addition here; the ledger hears of them at most every ten seconds. */
const FLUSH_MS = 10_000;
const counts = new Map<string, { teamId: string; integrationId: string; source: string; n: number }>();
let flushedAt = 0;

/** Count a delivery whose signature failed; now and then hand the sums to the ledgers. */
export async function countRejected(env: Env, what: { teamId: string; integrationId: string; source: string }, now: number): Promise<void> {
	const entry = counts.get(what.integrationId) ?? { ...what, n: 0 };
	entry.n += 1;
	counts.set(what.integrationId, entry);
	if (now - flushedAt < FLUSH_MS) return;
	flushedAt = now;
	const due = [...counts.values()];
	counts.clear();
	await Promise.all(
		due.map(({ teamId, integrationId, source, n }) => env.TEAM_LEDGER.getByName(teamId).countRejected(teamId, integrationId, source, n)),
	);
}
