import { openDatabase } from "./dev/faults.ts";
import { allTeams } from "./domains/teams/store.server.ts";
import type { Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { log } from "./log.ts";

export { TeamLedger } from "./live/team-ledger.ts";

const app = createApp();

/** Wiring only: requests go to the doors, the nightly cron to each team's ledger. */
export default {
	fetch: app.fetch,
	async scheduled(controller, env, _ctx) {
		if (controller.cron !== "0 3 * * *") return;
		for (const { id: teamId } of await allTeams(openDatabase(env.DB))) {
			await env.TEAM_LEDGER.getByName(teamId)
				.prune(teamId)
				.catch((error: unknown) => log("error", "retention failed", { team: teamId, error: String(error) }));
		}
	},
} satisfies ExportedHandler<Env>;
