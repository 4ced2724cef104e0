import { openDatabase } from "../dev/faults.ts";
import { silentClusters } from "../domains/clusters/link.server.ts";
import { environmentsDue } from "../domains/environments/lock.server.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { SYSTEM } from "./environment-commands.ts";

/** An agent of which nothing was written for so long is gone, or its link's alarm is. */
const SILENT_MS = 2 * 60_000;
/** A drill is not begun anew for this long. */
const DRILL_MS = 7 * 24 * 3600_000;

/**
 * Every few minutes: wake the links of agents that fell silent, and the environments that have something due, a rehearsal among it.
 * Each has an alarm of its own; this is for those that lost it.
 */
export async function sweep(env: Env, now: number): Promise<void> {
	const db = openDatabase(env.DB);
	const [silent, due] = await Promise.all([
		silentClusters(db, now - SILENT_MS),
		environmentsDue(db, { now, drilledBefore: now - DRILL_MS }),
	]);
	const work = [
		...silent.map(({ teamId, id }) => env.CLUSTER_LINK.getByName(`${teamId}:${id}`).check(teamId, id)),
		...due.map(async ({ teamId, id, wantsDrill }) => {
			const environment = env.ENVIRONMENT_LIVE.getByName(`${teamId}:${id}`);
			await environment.moved(teamId, id);
			if (wantsDrill) await environment.drill(teamId, id, SYSTEM);
		}),
	];
	for (const done of await Promise.allSettled(work)) {
		if (done.status === "rejected") log("warn", "something could not be swept", { error: String(done.reason) });
	}
}
