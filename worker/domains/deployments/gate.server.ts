import type { Database } from "../../database.ts";
import { environmentIdOf, type StoredEnvironment } from "../environments/model.ts";
import { environmentFromRecord, holdFromRecord, selectEnvironments, selectHolds } from "../environments/store.server.ts";
import { decideGate, type GateAnswer, type GateReason } from "./gate.ts";
import { rollbacksFromRecords, selectRecentRollbacks, selectStanding, standingFromRecords } from "./store.server.ts";

/** A first deployment is no mistake, a misspelt name is: both are let through, and neither without a word. */
const unheardOf = (name: string): GateReason => ({
	...{ code: "unknown", tone: "warn", until: null },
	message: `Nothing was ever deployed to an environment called ${name}. If it is not new, its name is misspelt, and nothing was checked.`,
});

export type GateAsk = {
	/** Its id, or what it is called. */
	environment: string;
	component: string | null;
	version: string | null;
	commit: string | null;
	askerId: string | null;
	now: number;
};

/** What stands against bringing a version into an environment; `environment` is null where the team has no such one. */
export async function readGate(
	db: Database,
	teamId: string,
	{ environment: named, component, version, commit, askerId, now }: GateAsk,
): Promise<{ environment: StoredEnvironment | null; answer: GateAnswer }> {
	const ids = [named, environmentIdOf(teamId, named)];
	const first = await db.all(selectEnvironments(teamId, ids));
	const found = first.map(environmentFromRecord);
	const environment = found.find(({ id }) => id === named) ?? found[0] ?? null;
	if (environment === null) return { environment, answer: { decision: "warn", reasons: [unheardOf(named)] } };
	const [standing, holds, rollbacks] = (await db.batch([
		selectStanding(teamId, environment.id),
		selectHolds(teamId, environment.id, now),
		selectRecentRollbacks(teamId, now, environment.id),
	])) as [unknown[], unknown[], unknown[]];
	const { name, settings, lock } = environment;
	const answer = decideGate({
		environment: { name, freezes: settings.freezes, needsApprover: settings.needsApprover },
		...{ component, version, commit, lock, askerId, now },
		holds: holds.map(holdFromRecord),
		latest: standingFromRecords(standing).flatMap(({ latest }) => latest ?? []),
		rollback: rollbacksFromRecords(rollbacks).find(({ kind, finishedAt }) => kind === "rollback" && finishedAt === null) ?? null,
	});
	return { environment, answer };
}
