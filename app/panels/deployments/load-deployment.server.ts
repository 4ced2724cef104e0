import type { Database } from "#worker/database";
import type { StoredDeployment } from "#worker/domains/deployments/model";
import { readRollback } from "#worker/domains/deployments/one-rollback.server";
import { historyOf, listDeployments, readDeploymentRow } from "#worker/domains/deployments/store.server";
import { readEnvironmentState } from "#worker/domains/environments/state.server";
import { type CommitLine, commitsBetween } from "#worker/domains/git/between.server";
import type { DeploymentRow, EnvironmentState, RollbackRow } from "#worker/wire/deployments";
import { loadPosition } from "../shell/load-position.server.ts";
import { imageChanges } from "./image-changes.ts";

/** How many deployments of the same component the page compares with. */
const NEIGHBOURS = 40;

/** Everything a deployment's page draws. */
export type DeploymentReport = {
	epoch: string;
	seq: number;
	deployment: StoredDeployment;
	/** What it is compared with: the success before it, or what was chosen; null where there is none. */
	before: StoredDeployment | null;
	/** What came after it in its place. */
	after: DeploymentRow | null;
	/** What else it can be compared with, other environments first. */
	others: DeploymentRow[];
	/** Newest first; null where the repository's pushes are not known. */
	commits: CommitLine[] | null;
	/** Images as lines of a diff. */
	changes: string[];
	environment: EnvironmentState | null;
	/** The rollback that it was, or the newest that took it back. */
	rollback: RollbackRow | null;
};

/** A deployment with what stands around it; null when the team has no such one. */
export async function loadDeployment(
	db: Database,
	teamId: string,
	{ id, withId, now }: { id: string; withId: string | null; now: number },
): Promise<DeploymentReport | null> {
	const position = await loadPosition(db, teamId);
	const deployment = await readDeploymentRow(db, teamId, id);
	if (!deployment) return null;
	const { environmentId, component } = deployment;
	const [history, chosen, elsewhere, environment, own] = await Promise.all([
		historyOf(db, teamId, { environmentId, component, limit: NEIGHBOURS }),
		withId === null ? null : readDeploymentRow(db, teamId, withId),
		listDeployments(db, teamId, { component, status: "success", limit: NEIGHBOURS }),
		readEnvironmentState(db, teamId, environmentId, now),
		deployment.rollbackId === null ? null : readRollback(db, teamId, deployment.rollbackId),
	]);
	const isEarlier = (one: DeploymentRow) => one.orderedAt < deployment.orderedAt || (one.orderedAt === deployment.orderedAt && one.id < id);
	const before = chosen ?? history.find((one) => isEarlier(one) && one.status === "success" && one.id !== id) ?? null;
	const after = history.findLast((one) => !isEarlier(one) && one.id !== id) ?? null;
	const takenBack = environment?.rollback?.from.deploymentId === id ? environment.rollback : null;
	return {
		...position,
		...{ deployment, before, after, rollback: own ?? takenBack },
		others: othersOf(deployment, [...elsewhere, ...history.filter(({ status }) => status === "success")]),
		commits: await commitsOf(db, teamId, before, deployment),
		changes: imageChanges(before?.images ?? [], deployment.images),
		environment: environment && { ...environment, viewers: [] },
	};
}

/** Each once: the newest of every other environment, then the earlier ones here. */
function othersOf(deployment: DeploymentRow, known: readonly DeploymentRow[]): DeploymentRow[] {
	const seen = new Set([deployment.id]);
	const newest = new Set<string>();
	const others = known.filter((one) => {
		if (seen.has(one.id) || (one.environmentId !== deployment.environmentId && newest.has(one.environmentId))) return false;
		seen.add(one.id);
		if (one.environmentId !== deployment.environmentId) newest.add(one.environmentId);
		return true;
	});
	return others
		.sort((a, b) => Number(a.environmentId === deployment.environmentId) - Number(b.environmentId === deployment.environmentId))
		.slice(0, 20);
}

async function commitsOf(db: Database, teamId: string, before: StoredDeployment | null, deployment: StoredDeployment) {
	const repo = deployment.repo ?? before?.repo ?? null;
	if (!before || repo === null || before.commit === null || deployment.commit === null) return null;
	// Going back undoes what the way forward brought.
	const forward = await commitsBetween(db, teamId, { repo, from: before.commit, to: deployment.commit });
	return forward ?? (await commitsBetween(db, teamId, { repo, from: deployment.commit, to: before.commit }));
}
