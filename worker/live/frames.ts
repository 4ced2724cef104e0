import { type ListedRun, toRow } from "../domains/runs/model.ts";
import { addTally, emptyTally, isEmptyTally } from "../domains/runs/tally.ts";
import type { DeploymentRow, RollbackRow } from "../wire/deployments.ts";
import type { Change, RunRow, TallyChange } from "../wire/live.ts";

/** What one commit changed, as the ring of recent changes keeps it. */
export type CommitChange = {
	prev: number;
	seq: number;
	at: number;
	runs: RunRow[];
	tallies: TallyChange[];
	deployments: DeploymentRow[];
	rollbacks: RollbackRow[];
	environments: string[];
};

/** Narrow a commit to what readers are sent. */
export function toCommitChange(change: Omit<CommitChange, "runs"> & { runs: ListedRun[] }): CommitChange {
	return { ...change, runs: change.runs.map(toRow) };
}

/**
 * One frame for several commits in a row: the newest state of each run, deployment and rollback, the sum of the tallies. Coalescing
 * is exact because tallies are additive.
 */
export function mergeChanges(epoch: string, changes: readonly CommitChange[]): Change | null {
	const [first] = changes;
	const last = changes.at(-1);
	if (!first || !last) return null;
	const runs = new Map<string, RunRow>();
	const tallies = new Map<string, TallyChange>();
	const deployments = new Map<string, DeploymentRow>();
	const rollbacks = new Map<string, RollbackRow>();
	const environments = new Set<string>();
	for (const change of changes) {
		for (const run of change.runs) runs.set(run.id, run);
		for (const deployment of change.deployments) deployments.set(deployment.id, deployment);
		for (const rollback of change.rollbacks) rollbacks.set(rollback.id, rollback);
		for (const id of change.environments) environments.add(id);
		for (const { hour, repo, workflow, tally } of change.tallies) {
			const key = `${hour}\n${repo}\n${workflow}`;
			const sum = tallies.get(key) ?? { hour, repo, workflow, tally: emptyTally() };
			addTally(sum.tally, tally);
			tallies.set(key, sum);
		}
	}
	return {
		type: "change",
		epoch,
		prev: first.prev,
		seq: last.seq,
		at: last.at,
		runs: [...runs.values()],
		tallies: [...tallies.values()].filter((change) => !isEmptyTally(change.tally)),
		// Most frames have nothing to say of these.
		...(deployments.size > 0 ? { deployments: [...deployments.values()] } : {}),
		...(rollbacks.size > 0 ? { rollbacks: [...rollbacks.values()] } : {}),
		...(environments.size > 0 ? { environments: [...environments] } : {}),
	};
}

/** A step of a stream: what it was at before, and what it is at now. */
export type Step = { prev: number; seq: number };

/** Commits kept for readers that were away for a moment. */
const RING_MAX = 256;

/** The newest commits of a stream, contiguous; in memory only: a reader that needs more is sent a snapshot. */
export class ChangeRing<C extends Step> {
	#changes: C[] = [];

	/** Take one more commit; one that does not follow on (another writer committed) starts the ring anew. */
	push(change: C): void {
		if (this.#changes.at(-1)?.seq !== change.prev) this.#changes = [];
		this.#changes.push(change);
		if (this.#changes.length > RING_MAX) this.#changes.shift();
	}

	/** Everything after `seq`, or null when the ring does not reach back that far. */
	since(seq: number): C[] | null {
		const first = this.#changes[0];
		if (!first || seq < first.prev) return null;
		return this.#changes.filter((change) => change.seq > seq);
	}

	/** Forget everything: the stream begins anew. */
	clear(): void {
		this.#changes = [];
	}
}

/**
 * When to send: at once while there is little traffic, otherwise together with what comes within the window.
 * A bucket of five sends refilled every 25 ms keeps a page at 20–40 changes a second immediate; above that 50 ms of
 * coalescing cost nobody anything and save the object's thread.
 */
export class Pacer {
	#tokens = 5;
	#at = 0;

	/** Milliseconds to wait before the next send; 0 means now (and counts it). */
	delay(now: number): number {
		this.#tokens = Math.min(5, this.#tokens + (now - this.#at) / 25);
		this.#at = now;
		if (this.#tokens < 1) return 50;
		this.#tokens -= 1;
		return 0;
	}
}
