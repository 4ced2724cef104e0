import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import type { DrillFigures, EnvironmentState, Hold, RollbackRow } from "../../wire/deployments.ts";
import { type Binding, isAgentConnected } from "../clusters/model.ts";
import { selectWorkloads, storedWorkloadFromRecord } from "../clusters/store.server.ts";
import type { StoredWorkload } from "../clusters/workload.ts";
import {
	rollbacksFromRecords,
	type Standing,
	selectRecentRollbacks,
	selectStanding,
	standingFromRecords,
} from "../deployments/store.server.ts";
import { quantileOf } from "../stats/quantile.ts";
import { componentStates } from "./components.ts";
import { environmentIdOf, lockNow, type StoredEnvironment } from "./model.ts";
import { environmentFromRecord, holdFromRecord, selectEnvironments, selectHolds } from "./store.server.ts";

/** Environments, whole: read in one consistent batch, however many there are. */

/** The newest rollback stays beside its environment for so long after its end. */
const ROLLBACK_SHOWN_MS = 3600_000;
/** Rollbacks and drills that the figures are made of. */
const FIGURES_OF = 500;
const FIGURES_SINCE_MS = 90 * 24 * 3600_000;

type ReadState = Omit<EnvironmentState, "viewers">;
type Command = { environmentId: string; kind: string; state: string; tookMs: number | null; finishedAt: number };
type BoundCluster = { id: string; name: string; bindings: string; connectedAt: number | null; lastSeenAt: number | null };

/** One environment with everything its page shows but who looks at it; null when the team has no such one. */
export async function readEnvironmentState(db: Database, teamId: string, environmentId: string, now: number): Promise<ReadState | null> {
	return (await readStates(db, teamId, environmentId, now))[0] ?? null;
}

/** All environments of a team, production first. */
export async function readBoard(db: Database, teamId: string, now: number): Promise<ReadState[]> {
	return await readStates(db, teamId, null, now);
}

async function readStates(db: Database, teamId: string, environmentId: string | null, now: number): Promise<ReadState[]> {
	const own = environmentId === null ? sql`` : sql` AND environment_id = ${environmentId}`;
	const [environments, standing, workloads, holds, rollbacks, commands, clusters] = (await db.batch([
		selectEnvironments(teamId, environmentId === null ? null : [environmentId]),
		selectStanding(teamId, environmentId),
		selectWorkloads(teamId, environmentId === null ? sql`w.environment_id IS NOT NULL` : sql`w.environment_id = ${environmentId}`),
		selectHolds(teamId, environmentId, now),
		selectRecentRollbacks(teamId, now - ROLLBACK_SHOWN_MS, environmentId),
		sql`SELECT environment_id AS environmentId, kind, state, took_ms AS tookMs, finished_at AS finishedAt FROM rollbacks
			WHERE team_id = ${teamId}${own} AND requested_at >= ${now - FIGURES_SINCE_MS} AND finished_at IS NOT NULL
			ORDER BY requested_at DESC LIMIT ${FIGURES_OF}`,
		sql`SELECT id, name, bindings, connected_at AS connectedAt, last_seen_at AS lastSeenAt FROM clusters
			WHERE team_id = ${teamId} AND removed_at IS NULL ORDER BY name, id`,
	])) as [unknown[], unknown[], unknown[], unknown[], unknown[], Command[], BoundCluster[]];
	const all = {
		...{ teamId, now, commands, clusters },
		standing: standingFromRecords(standing),
		workloads: workloads.map(storedWorkloadFromRecord),
		holds: holds.map(holdFromRecord),
		rollbacks: rollbacksFromRecords(rollbacks),
	};
	return environments.map(environmentFromRecord).map((environment) => stateOf(environment, all));
}

type All = {
	teamId: string;
	now: number;
	standing: Standing[];
	workloads: StoredWorkload[];
	holds: (Hold & { environmentId: string; images: string[] })[];
	rollbacks: RollbackRow[];
	commands: Command[];
	clusters: BoundCluster[];
};

function stateOf(environment: StoredEnvironment, all: All): ReadState {
	const { teamId, now } = all;
	const { id, name, settings } = environment;
	const isOwn = ({ environmentId }: { environmentId: string | null }) => environmentId === id;
	const rollbacks = all.rollbacks.filter((one) => isOwn(one) && one.kind === "rollback");
	const rollback = rollbacks.find(({ finishedAt }) => finishedAt === null) ?? rollbacks[0] ?? null;
	const holds = all.holds.filter(isOwn).map(({ environmentId: _, images: __, ...hold }) => hold);
	const workloads = all.workloads.filter(isOwn);
	return {
		...{ id, name, settings, holds, rollback },
		components: componentStates({ environment, deployments: all.standing.filter(isOwn), workloads, holds, rollback, now }),
		lock: lockNow(environment.lock, now),
		drills: figuresOf(all.commands.filter(isOwn)),
		clusters: all.clusters
			.filter(({ bindings }) => (JSON.parse(bindings) as Binding[]).some((one) => environmentIdOf(teamId, one.environment) === id))
			.map((cluster) => ({
				...{ id: cluster.id, name: cluster.name, lastSeenAt: cluster.lastSeenAt },
				isConnected: isAgentConnected(cluster, now),
			})),
	};
}

/** How long rollbacks and their rehearsals took; newest first in, and only those that came to an end. */
function figuresOf(commands: readonly Command[]): DrillFigures {
	const times = commands.flatMap(({ state, tookMs }) => (state === "succeeded" && tookMs !== null ? [tookMs] : []));
	const last = commands.find(({ kind }) => kind === "dry-run");
	return {
		n: times.length,
		p50Ms: quantileOf(times, 0.5),
		p95Ms: quantileOf(times, 0.95),
		lastAt: last?.finishedAt ?? null,
		lastOk: last ? last.state === "succeeded" : null,
	};
}
