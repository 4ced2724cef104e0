import type { Database } from "../../database.ts";
import { log } from "../../log.ts";
import { readAuditHead } from "./chain.server.ts";

/** As much of an R2 bucket as is used here. */
type Bucket = { put: (key: string, value: string) => Promise<unknown> };

/**
 * Note a team's audit head outside of the database, in the log and in the bucket: whoever rewrites a whole chain, head included,
 * can't make it end in the hash that was noted.
 * @returns the key it was written to, or null for a team without a chain
 */
export async function exportAuditHead(
	db: Database,
	bucket: Bucket,
	{ teamId, now }: { teamId: string; now: number },
): Promise<string | null> {
	const head = await readAuditHead(db, teamId);
	if (head === null) return null;
	const at = new Date(now).toISOString();
	const key = `audit/${teamId}/${at.slice(0, 10)}.json`;
	log("info", "audit head", { team: teamId, no: head.no, hash: head.hash });
	await bucket.put(key, JSON.stringify({ team: teamId, at, no: head.no, hash: head.hash }));
	return key;
}
