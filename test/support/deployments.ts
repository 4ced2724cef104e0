import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { Database } from "#worker/database";
import { environmentIdOf } from "#worker/domains/environments/model";
import { randomId } from "#worker/ids";
import { ingest } from "#worker/pipeline/hand-over";
import type { Revision, WorkloadReport } from "#worker/wire/agent";
import type { Delivery, Receipt } from "#worker/wire/delivery";
import type { ClusterEvent, DeploymentEvent, NormalEvent } from "#worker/wire/events";
import type { TestTeam } from "./team.ts";

/** The database as stores see it. */
export const testDb = () => new Database(env.DB as never);

/** A minute of the day on which these stories happen. */
export const minute = (n: number) => Date.parse("2026-11-20T10:00:00Z") + n * 60_000;

/** A deployment of checkout to production, as GitHub would tell it. */
export function deployed(more: Partial<DeploymentEvent> & { id: string }): DeploymentEvent {
	const status = more.status === undefined ? "success" : more.status;
	const at = more.updatedAt ?? minute(0);
	return {
		...{ type: "deployment", source: "github", externalId: more.id, environment: "production", component: "checkout", version: "1.4.2" },
		...{ commit: null, ref: "main", repo: "acme/checkout", statusRaw: status, startedAt: status === "running" ? at : null },
		...{ finishedAt: status === "success" || status === "failure" ? at : null, updatedAt: at, inactiveAt: null, actor: "maya" },
		...{ isRollback: false, rollbackId: null, reason: null, title: null, url: null, images: [] },
		...more,
		status,
	};
}

/** A revision of checkout: number and tag. */
export function revision(n: number, tag: string, more: Partial<Revision> = {}): Revision {
	return {
		revision: n,
		images: [`registry.example.com/shop/checkout:${tag}`],
		hash: `hash-${tag}`,
		createdAt: minute(n),
		changeCause: null,
		label: null,
		...more,
	};
}

/** A workload as an agent reports it: healthy, three pods, its newest revision. */
export function reported(more: Partial<WorkloadReport> & { environment?: string | null } = {}): ClusterEvent["workloads"][number] {
	const revisions = more.revisions ?? [revision(1, "1.4.2")];
	const [newest] = revisions;
	return {
		...{
			namespace: "shop",
			kind: "Deployment",
			name: "checkout",
			component: "checkout",
			images: newest!.images,
			revision: newest!.revision,
		},
		...{
			generation: 1,
			desired: 3,
			updated: 3,
			ready: 3,
			available: 3,
			total: 3,
			state: "healthy",
			reason: null,
			sentence: "All 3 pods are ready.",
		},
		...{ isPaused: false, owner: null, commandId: null, revisions, badPods: [], canPatch: true, environment: "production" },
		...more,
	};
}

/** An agent's report. */
export function report(
	clusterId: string,
	seq: number,
	workloads: ClusterEvent["workloads"],
	more: Partial<ClusterEvent> = {},
): ClusterEvent {
	return {
		...{
			type: "cluster",
			clusterId,
			agent: "process-1",
			seq,
			at: minute(seq),
			isSnapshot: false,
			workloads,
			gone: [],
			cluster: null,
			verbs: null,
		},
		...more,
	};
}

let n = 0;
/** Events as deliveries to the team's ledger, all in one call. */
export async function tell(
	team: TestTeam,
	events: readonly (NormalEvent | NormalEvent[])[],
	more: Partial<Delivery> = {},
): Promise<Receipt[]> {
	const deliveries = events.map((event): Delivery => {
		const list = [event].flat();
		const source = list[0]?.type === "cluster" ? "agent" : "github";
		n += 1;
		return {
			...{
				source,
				integrationId: "test",
				deliveryId: `d-${n}-${randomId(6)}`,
				bodyHash: "1-0",
				event: list[0]?.type ?? "",
				receivedAt: minute(30),
			},
			...{ events: list, ignored: null, body: null, bodyAt: "none", strict: false },
			...more,
		};
	});
	return await ingest(env, team.id, deliveries);
}

/** A cluster that is bound to the team, all of its namespaces to production. */
export async function makeCluster(team: TestTeam, id = `c-${randomId(6)}`): Promise<string> {
	await testDb().run(
		sql`INSERT INTO clusters (team_id, id, name, bindings, created_by, created_at, connected_at, last_seen_at)
			VALUES (${team.id}, ${id}, ${id}, '[{"namespace":"*","environment":"production"}]', 'u', 0, ${minute(0)}, ${Date.now()})`,
	);
	return id;
}

/** The id of a team's environment of this name. */
export const environmentOf = (team: TestTeam, name = "production") => environmentIdOf(team.id, name);
