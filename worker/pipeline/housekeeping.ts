import { sql } from "drizzle-orm";
import type { Database, Statement } from "../database.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import type { AuditEntry } from "../domains/audit/model.ts";
import { type Head, insertCommit, selectHead } from "../domains/deliveries/store.server.ts";
import { demoIntegration } from "../domains/integrations/store.server.ts";
import { RUN_COLUMNS, runFromRecord } from "../domains/runs/book.server.ts";
import { hoursKeptSince } from "../domains/runs/range.ts";
import { rollupFromRecord, selectRollups, upsertRollups } from "../domains/runs/rollup.server.ts";
import { type RollupRow, rollupChanges, rollupKey, rollupsAfter } from "../domains/runs/rollup.ts";
import { addTally, bucketStart, DAY_MS, emptyTally, tallyOf } from "../domains/runs/tally.ts";
import { restartStream } from "../domains/teams/store.server.ts";
import type { TallyChange } from "../wire/live.ts";
import { freshMemory, type WriterMemory } from "./commit.ts";

/** What the ledger does to its own rows besides committing: taking the demo out, and retention. All of it in small fenced steps. */

const RAW_BODIES_KEPT_MS = 14 * DAY_MS;
const COMMITS_KEPT_MS = 14 * DAY_MS;
/** Deletes go by key, a few hundred rows a statement. @source reliability rules, Storage hygiene */
const ROWS_PER_STATEMENT = 500;
const STATEMENTS_MAX = 200;

type By = { actor: string; role: string | null; requestId: string | null };
type RemoveDemo = { db: Database; teamId: string; memory: WriterMemory; limit: number; by: By; now: number; newEpoch: string };

/** Whoever has to hear that the demo is gone: the links of its clusters, by the tokens that are over, and environments. */
export type DemoGone = { clusters: { id: string; tokenIds: string[] }[]; environmentIds: string[] };

/** Take up to `limit` runs of the demo out of runs and rollups in one fenced batch; with the last ones goes the rest of it. */
export async function removeDemoChunk({ db, teamId, memory, limit, by, now, newEpoch }: RemoveDemo): Promise<{ left: number } & DemoGone> {
	const none = { clusters: [], environmentIds: [] };
	const integrationId = await demoIntegration(db, teamId);
	if (integrationId === null) return { left: 0, ...none };
	const [heads, records, [count], clusters, environments] = (await db.batch([
		selectHead(teamId, 0),
		sql`SELECT ${RUN_COLUMNS} FROM runs r WHERE r.team_id = ${teamId} AND r.integration_id = ${integrationId}
			ORDER BY r.ordered_at LIMIT ${limit}`,
		sql`SELECT count(*) AS n FROM runs r WHERE r.team_id = ${teamId} AND r.integration_id = ${integrationId}`,
		sql`SELECT c.id, (SELECT json_group_array(k.id) FROM tokens k WHERE k.team_id = c.team_id AND k.cluster_id = c.id) AS tokenIds
			FROM clusters c WHERE c.team_id = ${teamId} AND c.created_by = ${integrationId}`,
		sql`SELECT id FROM environments WHERE team_id = ${teamId}`,
	])) as [Head[], unknown[], [{ n: number }], { id: string; tokenIds: string }[], { id: string }[]];
	const head = heads[0];
	if (!head) return { left: 0, ...none };
	const runs = records.map(runFromRecord);
	const changes: TallyChange[] = runs.map((run) => {
		const tally = emptyTally();
		addTally(tally, tallyOf(run), -1);
		return { hour: bucketStart(run.orderedAt, "hour"), repo: run.repo, workflow: run.workflow, tally };
	});
	const ids = JSON.stringify(runs.map((run) => run.id));
	const left = count.n - runs.length;
	const own = sql`team_id = ${teamId} AND integration_id = ${integrationId}`;
	const among = sql`IN (SELECT value FROM json_each(${ids}))`;
	// Whatever the writer remembered of the figures is about to be wrong.
	Object.assign(memory, freshMemory());
	const hours = await rollupsWithout(db, "rollup_hours", teamId, changes);
	const days = await rollupsWithout(db, "rollup_days", teamId, changes);
	const statements = [
		insertCommit({ teamId, shard: 0, no: head.no + 1, at: now, size: 0 }),
		sql`DELETE FROM jobs WHERE team_id = ${teamId} AND run_id ${among}`,
		sql`DELETE FROM run_attempts WHERE team_id = ${teamId} AND run_id ${among}`,
		sql`DELETE FROM deliveries WHERE ${own} AND run_id ${among}`,
		sql`DELETE FROM runs WHERE team_id = ${teamId} AND id ${among}`,
		...(runs.length > 0 ? [upsertRollups("rollup_hours", teamId, hours), upsertRollups("rollup_days", teamId, days)] : []),
		...(left > 0
			? []
			: [
					...["rollup_hours", "rollup_days"].map(
						(table) =>
							sql`DELETE FROM ${sql.raw(table)} WHERE team_id = ${teamId} AND queued + running + success + failure + cancelled = 0`,
					),
					// Bodies are packed by commit: those that hold nothing but the demo's go now, mixed ones with their retention.
					sql`DELETE FROM delivery_bodies WHERE team_id = ${teamId} AND commit_no NOT IN
						(SELECT commit_no FROM deliveries WHERE team_id = ${teamId} AND integration_id <> ${integrationId})`,
					...["deliveries", "pushes", "git_commits", "integration_counts", "deployments"].map(
						(table) => sql`DELETE FROM ${sql.raw(table)} WHERE ${own}`,
					),
					...removeDemoClusters(teamId, integrationId),
					...removeEmptyEnvironments(teamId),
					sql`DELETE FROM integration_secrets WHERE integration_id = ${integrationId}`,
					sql`DELETE FROM integrations WHERE team_id = ${teamId} AND id = ${integrationId}`,
					restartStream(teamId, newEpoch),
				]),
	];
	const entry: AuditEntry = { at: now, ...by, act: "demo.remove", object: integrationId, outcome: "done" };
	await commitAudited(db, teamId, statements, left > 0 ? [] : [entry]);
	if (left > 0) return { left, ...none };
	return {
		left,
		clusters: clusters.map(({ id, tokenIds }) => ({ id, tokenIds: JSON.parse(tokenIds) as string[] })),
		environmentIds: environments.map(({ id }) => id),
	};
}

/** The clusters that the demo made, with what their agents told and what was rolled back there. */
function removeDemoClusters(teamId: string, integrationId: string): Statement[] {
	const clusters = sql`(SELECT id FROM clusters WHERE team_id = ${teamId} AND created_by = ${integrationId})`;
	const rollbacks = sql`(SELECT id FROM rollbacks WHERE team_id = ${teamId} AND target ->> 'clusterId' IN ${clusters})`;
	const remove = (table: string, where: Statement) => sql`DELETE FROM ${sql.raw(table)} WHERE team_id = ${teamId} AND ${where}`;
	return [
		sql`UPDATE environments SET locked_by = NULL, locked_by_name = NULL, locked_at = NULL, locked_until = NULL, lock_reason = NULL,
			lock_rollback_id = NULL WHERE team_id = ${teamId} AND lock_rollback_id IN ${rollbacks}`,
		remove("holds", sql`rollback_id IN ${rollbacks}`),
		remove("deployments", sql`rollback_id IN ${rollbacks}`),
		remove("rollbacks", sql`target ->> 'clusterId' IN ${clusters}`),
		...["deliveries", "integration_counts", "deployments"].map((table) => remove(table, sql`integration_id IN ${clusters}`)),
		...["workloads", "workload_templates", "tokens"].map((table) => remove(table, sql`cluster_id IN ${clusters}`)),
		remove("clusters", sql`created_by = ${integrationId}`),
	];
}

/** Components of which nothing is left, and environments that held nothing else and that nobody has to do with. */
function removeEmptyEnvironments(teamId: string): Statement[] {
	const has = (table: string, column = "id", more = "") =>
		`EXISTS (SELECT 1 FROM ${table} o WHERE o.team_id = e.team_id AND o.environment_id = e.${column}${more})`;
	const ofComponent = " AND o.component = e.component";
	return [
		sql`DELETE FROM environment_components AS e WHERE e.team_id = ${teamId}
			AND NOT ${sql.raw(has("deployments", "environment_id", ofComponent))} AND NOT ${sql.raw(has("workloads", "environment_id", ofComponent))}`,
		sql`DELETE FROM environments AS e WHERE e.team_id = ${teamId} AND e.locked_at IS NULL
			AND NOT ${sql.raw(["environment_components", "rollbacks", "deploy_requests", "dispatchers", "workloads"].map((table) => has(table)).join(" AND NOT "))}
			AND NOT EXISTS (SELECT 1 FROM clusters c, json_each(c.bindings) b WHERE c.team_id = e.team_id
				AND lower(trim(b.value ->> 'environment')) = lower(trim(e.name)))`,
	];
}

async function rollupsWithout(db: Database, table: "rollup_hours" | "rollup_days", teamId: string, changes: readonly TallyChange[]) {
	const wanted = rollupChanges(changes, table === "rollup_hours" ? "hour" : "day");
	const before = new Map<string, RollupRow>();
	for (const record of await db.all(selectRollups(table, teamId, wanted.values()))) {
		const row = rollupFromRecord(record);
		before.set(rollupKey(row), row);
	}
	return rollupsAfter(wanted, before);
}

/** An agent reports every few seconds; what its reports came to is in its workloads, and a repeat comes within minutes. */
const AGENT_DELIVERIES_KEPT_MS = DAY_MS;
/** Templates that no workload remembers any more. */
const TEMPLATES_KEPT_MS = 92 * DAY_MS;

/** Delete what is older than its retention: raw bodies after 14 days, hourly figures after 92, the fence's old numbers, agents' reports. */
export async function pruneTeam({ db, teamId, now }: { db: Database; teamId: string; now: number }): Promise<void> {
	const steps = [
		sql`DELETE FROM delivery_bodies WHERE rowid IN (SELECT rowid FROM delivery_bodies WHERE team_id = ${teamId} AND commit_no <=
			(SELECT max(no) FROM commits WHERE team_id = ${teamId} AND at < ${now - RAW_BODIES_KEPT_MS}) LIMIT ${ROWS_PER_STATEMENT})`,
		sql`DELETE FROM rollup_hours WHERE rowid IN (SELECT rowid FROM rollup_hours
			WHERE team_id = ${teamId} AND at < ${hoursKeptSince(now)} LIMIT ${ROWS_PER_STATEMENT})`,
		// The newest number is the stream's position: it stays however old it is.
		sql`DELETE FROM commits WHERE rowid IN (SELECT rowid FROM commits WHERE team_id = ${teamId} AND at < ${now - COMMITS_KEPT_MS}
			AND no < (SELECT max(no) FROM commits WHERE team_id = ${teamId} AND shard = commits.shard) LIMIT ${ROWS_PER_STATEMENT})`,
		sql`DELETE FROM deliveries WHERE rowid IN (SELECT d.rowid FROM clusters c CROSS JOIN deliveries d ON d.team_id = c.team_id AND d.integration_id = c.id
			WHERE c.team_id = ${teamId} AND d.source = 'agent' AND d.received_at < ${now - AGENT_DELIVERIES_KEPT_MS} LIMIT ${ROWS_PER_STATEMENT})`,
		sql`DELETE FROM workload_templates WHERE rowid IN (SELECT t.rowid FROM workload_templates t WHERE t.team_id = ${teamId}
			AND max(t.first_seen_at, coalesce(t.healthy_until, 0), coalesce(t.failed_at, 0)) < ${now - TEMPLATES_KEPT_MS}
			AND NOT EXISTS (SELECT 1 FROM workloads w, json_each(w.revisions) r WHERE w.team_id = t.team_id AND w.cluster_id = t.cluster_id
				AND w.namespace = t.namespace AND w.kind = t.kind AND w.name = t.name AND r.value ->> 'hash' = t.hash) LIMIT ${ROWS_PER_STATEMENT})`,
	];
	for (const step of steps) {
		for (let n = 0; n < STATEMENTS_MAX; n++) {
			if ((await db.run(step)) < ROWS_PER_STATEMENT) break;
		}
	}
}
