import type { Env } from "../env.ts";
import type { Environments } from "../live/environment-port.ts";

/** The environments' objects behind a binding. */
export function environmentsPort(env: Env): Environments {
	const of = (teamId: string, environmentId: string) => env.ENVIRONMENT_LIVE.getByName(`${teamId}:${environmentId}`);
	return {
		state: async (team, id) => await of(team, id).state(team, id),
		offer: async (team, id, ask) => await of(team, id).offer(team, id, ask),
		rollBack: async (team, id, by, request) => await of(team, id).rollBack(team, id, by, request),
		dryRun: async (team, id, by, request) => await of(team, id).dryRun(team, id, by, request),
		cancel: async (team, id, by, rollbackId) => await of(team, id).cancel(team, id, by, rollbackId),
		note: async (team, id, by, rollbackId, text) => await of(team, id).note(team, id, by, { rollbackId, text }),
		lock: async (team, id, by, ask) => await of(team, id).lock(team, id, by, ask),
		unlock: async (team, id, by, ask) => await of(team, id).unlock(team, id, by, ask),
		releaseHold: async (team, id, by, holdId) => await of(team, id).releaseHold(team, id, by, holdId),
		configure: async (team, id, by, settings) => await of(team, id).configure(team, id, by, settings),
	};
}
