import { openDatabase } from "./dev/faults.ts";
import { exportAuditHead } from "./domains/audit/export.server.ts";
import { allTeams } from "./domains/teams/store.server.ts";
import type { Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { sweep } from "./live/sweep.ts";
import { log } from "./log.ts";

export { ClusterLink } from "./live/cluster-link.ts";
export { EnvironmentLive } from "./live/environment-live.ts";
export { TeamLedger } from "./live/team-ledger.ts";

const app = createApp();

/**
 * Wiring only: requests go to the doors, the nightly cron notes each team's audit head and lets its ledger prune, the other one pokes
 * environments and clusters whose own alarms should have, and begins rehearsals that are due.
 */
export default {
	fetch: app.fetch,
	async scheduled(controller, env, _ctx) {
		if (controller.cron !== "0 3 * * *") return await sweep(env, controller.scheduledTime);
		const db = openDatabase(env.DB);
		for (const { id: teamId } of await allTeams(db)) {
			await exportAuditHead(db, env.BLOBS, { teamId, now: controller.scheduledTime }).catch((error: unknown) =>
				log("error", "audit head not exported", { team: teamId, error: String(error) }),
			);
			await env.TEAM_LEDGER.getByName(teamId)
				.prune(teamId)
				.catch((error: unknown) => log("error", "retention failed", { team: teamId, error: String(error) }));
		}
	},
} satisfies ExportedHandler<Env>;
