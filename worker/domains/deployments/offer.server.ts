import { sql } from "drizzle-orm";
import type { Database } from "../../database.ts";
import type { RollbackOffer } from "../../wire/deployments.ts";
import { type StoredWorkload, selectWorkloads, storedWorkloadFromRecord } from "../clusters/store.server.ts";
import { LOCK_AFTER_ROLLBACK_MS, lockNow, type StoredEnvironment } from "../environments/model.ts";
import { environmentFromRecord, holdFromRecord, selectEnvironments, selectHolds } from "../environments/store.server.ts";
import { readCommitsBetween } from "../git/store.server.ts";
import { quantileOf } from "../stats/quantile.ts";
import { assembleOffer, type OfferFacts, pickWorkload, planOf } from "./offer.ts";
import { historyOf, type Standing, selectStanding, standingFromRecords } from "./store.server.ts";

/** Attempts that are looked through for a version to return to. */
const HISTORY_MAX = 200;
const USUAL_OF = 20;

export type Ask = {
	component?: string | undefined;
	to?: string | undefined;
	/** Who asks: a lock of their own does not stand in their way. */
	askerId: string | null;
	now: number;
	/** It is to be looked at, commits included; a request decides without them. */
	isDrawn?: boolean;
	/** Whether a cluster's agent is there, as its link knows. */
	agentOf: (clusterId: string) => Promise<{ isConnected: boolean; lastSeenAt: number | null }>;
};

/** What a rollback of a component would be: everything the decision is made of, and the offer as it is drawn. */
export type Situation = OfferFacts & { offer: RollbackOffer };

/**
 * Everything about going back in an environment, read in two rounds.
 * @returns why not, where there is no such environment, or nothing that could be rolled back
 */
export async function readSituation(
	db: Database,
	teamId: string,
	environmentId: string,
	ask: Ask,
): Promise<{ ok: true; situation: Situation } | { ok: false; reason: "noEnvironment" | "noComponent" }> {
	const [environments, holds, standing, workloads, took] = await db.batch([
		selectEnvironments(teamId, [environmentId]),
		selectHolds(teamId, environmentId, ask.now),
		selectStanding(teamId, environmentId),
		selectWorkloads(teamId, sql`w.environment_id = ${environmentId}`),
		sql`SELECT took_ms AS ms FROM rollbacks WHERE team_id = ${teamId} AND environment_id = ${environmentId} AND kind = 'rollback'
			AND took_ms IS NOT NULL ORDER BY requested_at DESC LIMIT ${USUAL_OF}`,
	]);
	if (!environments?.[0]) return { ok: false, reason: "noEnvironment" };
	const environment: StoredEnvironment = environmentFromRecord(environments[0]);
	const running = (workloads ?? []).map(storedWorkloadFromRecord);
	const component = ask.component ?? worst(standingFromRecords(standing ?? []), running);
	if (component === null) return { ok: false, reason: "noComponent" };
	const workload = pickWorkload(running, component);
	const [history, agent] = await Promise.all([
		historyOf(db, teamId, { environmentId, component, limit: HISTORY_MAX }),
		workload ? ask.agentOf(workload.clusterId) : null,
	]);
	if (history.length === 0) return { ok: false, reason: "noComponent" };
	const facts: OfferFacts = {
		...{ environment, component, history, workload, now: ask.now, askerId: ask.askerId, to: ask.to },
		holds: (holds ?? []).map(holdFromRecord).filter((hold) => hold.component === component),
		lock: lockNow(environment.lock, ask.now),
		agent: workload && agent ? { cluster: workload.cluster, ...agent } : null,
		// Nothing here knows of Terraform, Ansible or migrations yet.
		changesBetween: [],
		commits: null,
		usuallyMs: quantileOf(
			(took as { ms: number }[]).map(({ ms }) => ms),
			0.5,
		),
		lockMinutes: LOCK_AFTER_ROLLBACK_MS / 60_000,
	};
	const whole = ask.isDrawn ? { ...facts, commits: await undoneCommits(db, teamId, facts) } : facts;
	return { ok: true, situation: { ...whole, offer: assembleOffer(whole) } };
}

/** The commits that going back would undo, newest first; null where the pushes that are known do not lead from one to the other. */
async function undoneCommits(db: Database, teamId: string, facts: OfferFacts): Promise<OfferFacts["commits"]> {
	const plan = planOf(facts);
	if (!plan.ok) return null;
	const [base, head] = [plan.to.deployment.commit, plan.from.deployment.commit];
	const repo = facts.history.find(({ id }) => id === plan.from.deployment.id)?.repo ?? null;
	if (base === null || head === null || repo === null) return null;
	const between = await readCommitsBetween(db, teamId, { repo, base, head });
	// The other way round nothing is undone: what is gone back to is newer.
	return between && !between.isReversed ? between.commits : null;
}

/** The component that is most likely meant: one that is in trouble, else the one that changed last. */
function worst(standing: readonly Standing[], workloads: readonly StoredWorkload[]): string | null {
	const isFailing = ({ component, latest }: Standing) =>
		latest?.status === "failure" || workloads.some((one) => one.component === component && one.state === "degraded");
	const newest = [...standing].sort((a, b) => (b.latest?.orderedAt ?? 0) - (a.latest?.orderedAt ?? 0));
	return (newest.find(isFailing) ?? newest[0])?.component ?? null;
}
