import { sql } from "drizzle-orm";
import type { Database, Statement } from "../database.ts";
import { insertDispatcher, insertRequest } from "../domains/deployments/requests.server.ts";
import type { RollbackRecord } from "../domains/deployments/rollback-record.ts";
import { insertRecord, updateRecord } from "../domains/deployments/rollbacks.server.ts";
import { readDeploymentRow } from "../domains/deployments/store.server.ts";
import { environmentIdOf } from "../domains/environments/model.ts";
import type { Env } from "../env.ts";
import { ingest } from "../pipeline/hand-over.ts";
import { eventDelivery } from "../pipeline/receive.ts";
import { DeploymentRequest, toDeploymentEvent } from "../sources/deployment-request.ts";

/** One of every kind of object that deployments bring, for what asks whether each can be reached, and by whom. */

/** Long before anything that a recording tells of, so that it is never the newest of its environment. */
const THEN = Date.UTC(2015, 0, 1);
const COMPONENT = "hello";

type Team = {
	id: string;
	webhooks: Record<string, { path: string }>;
	objects: { deployment?: string; dispatcher?: string; deployRequest?: string; rollback?: string; hold?: string };
};

/** A deployment, through the ordinary commit path; where such are sent, one that was asked for; a rollback that came to nothing, and a hold that is over. */
export async function setUpExamples(env: Env, db: Database, team: Team, now: number): Promise<void> {
	const { deployment: id, dispatcher, deployRequest, rollback, hold } = team.objects;
	const integrationId = team.webhooks.generic?.path.split("/").at(-1);
	if (!id || !integrationId || (await readDeploymentRow(db, team.id, id))) return;
	const environment = "production";
	const facts = { id, environment, component: COMPONENT, version: "1.0.0", status: "success" as const };
	const text = JSON.stringify({ ...facts, started_at: new Date(THEN), finished_at: new Date(THEN + 60_000) });
	const request = DeploymentRequest.parse(JSON.parse(text));
	const delivery = await eventDelivery(env, team.id, {
		...{ source: "generic", integrationId, bytes: new Uint8Array(new TextEncoder().encode(text)), text, receivedAt: now },
		event: toDeploymentEvent({ ...request, status: "success" }, { id, environment, now, startedAt: null }),
	});
	await ingest(env, team.id, [delivery]);

	const admin = { id: `u-${team.id}-admin`, name: "Admin" };
	const environmentId = environmentIdOf(team.id, environment);
	// No deployment of anything else is sent there.
	const where = { environmentId, component: "hello-of-tomorrow", settings: { url: "https://deploy.example.com/hook" } };
	const asked = { ...where, version: "2.0.0", commit: null, state: "declined" as const, message: "An example.", requestedAt: THEN };
	const record = rollback ? expiredRollback({ id: rollback, environmentId, environment, by: admin }) : null;
	await db.batch([
		...(dispatcher
			? [
					insertDispatcher(
						team.id,
						{ id: dispatcher, kind: "webhook", ...where, secret: "corpus-secret" },
						{ by: admin.id, at: THEN, max: 50 },
					),
				]
			: []),
		...(deployRequest
			? [insertRequest(team.id, { id: deployRequest, ...asked, dispatcherId: dispatcher ?? null, requestedBy: admin })]
			: []),
		...(record
			? [insertRecord(team.id, record, { key: record.row.id, requestHash: "", automaticFor: null }), updateRecord(team.id, record, record)]
			: []),
		...(hold
			? [
					sql`INSERT INTO holds (team_id, id, environment_id, component, version, images, held_by, held_by_name, held_at, until, released_at, released_by)
						VALUES (${team.id}, ${hold}, ${environmentId}, ${COMPONENT}, '0.9.0', '[]', ${admin.id}, ${admin.name}, ${THEN}, ${THEN + 1}, ${THEN + 1},
							${admin.id})`,
				]
			: []),
	]);
}

/** Beside the demo the component of the examples would be the odd one on the board: what there is of it stays where it is linked. */
export function hideExamples(teamId: string): Statement {
	return sql`DELETE FROM environment_components WHERE team_id = ${teamId} AND component = ${COMPONENT}`;
}

type Who = { id: string; name: string };

function expiredRollback(of: { id: string; environmentId: string; environment: string; by: Who }): RollbackRecord {
	const { id, environmentId, environment, by } = of;
	const ended = THEN + 120_000;
	return {
		command: {
			...{ id, state: "expired", fence: 0, claims: 0, holder: null, leaseUntil: null, deadlineAt: ended, applied: false, pods: null },
			...{ reason: "expired", message: null, revision: null, finishedAt: ended, changesCluster: true },
		},
		target: {
			...{ rev: 1, clusterId: "none", cluster: "none", workload: { namespace: "default", kind: "Deployment", name: COMPONENT } },
			...{ expectedRevision: 2, expectedHash: null, targetRevision: 1, targetHash: "" },
			bad: { version: "0.9.0", commit: null, images: [] },
			good: { commit: null, repo: null, images: [] },
			...{ failingSince: null, role: "admin" },
		},
		row: {
			...{ id, kind: "rollback", environmentId, environment, isProduction: true, component: COMPONENT, state: "expired" },
			...{ from: { deploymentId: null, version: "0.9.0" }, to: { deploymentId: null, version: "0.8.0" } },
			...{ requestedAt: THEN, requestedBy: by, isAutomatic: false, reason: "An example.", stages: [{ stage: "queued", at: THEN }] },
			...{ pods: null, message: "No agent took it on within two minutes. Nothing was changed.", why: "expired", applied: false },
			...{ deadlineAt: ended, finishedAt: ended, tookMs: null, recovery: null, recoveredAt: null, restoreMs: null, lockUntil: null },
			...{ manual: null, changes: [], note: null },
		},
	};
}
