import type { Database } from "#worker/database";
import { readHead } from "#worker/domains/deliveries/store.server";

/** Where the team's stream stands: what a page that listens begins with. */
export async function loadPosition(db: Database, teamId: string): Promise<{ epoch: string; seq: number }> {
	const head = await readHead(db, teamId);
	return { epoch: head?.epoch ?? "", seq: head?.no ?? 0 };
}
