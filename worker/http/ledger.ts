import type { Env } from "../env.ts";
import type { Ledger } from "../live/ledger-port.ts";
import { forgetCredentials } from "../pipeline/credentials.ts";

/** The ledgers behind a binding. */
export function ledgerPort(env: Env): Ledger {
	const of = (teamId: string) => env.TEAM_LEDGER.getByName(teamId);
	return {
		syncCredentials: async (teamId) => {
			await of(teamId).syncCredentials(teamId);
			forgetCredentials(teamId);
		},
		endSessions: async (teamId, holders) => await of(teamId).endSessions(teamId, [...holders]),
		removeDemo: async (teamId, limit, by) => {
			const answer = await of(teamId).removeDemo(teamId, limit, by);
			// Its integration is gone: nothing that still sends may bring a run back.
			if (answer.left === 0) forgetCredentials(teamId);
			return answer;
		},
		replay: async (teamId, deliveries, by) => await of(teamId).replay(teamId, [...deliveries], by),
	};
}
