import { type Binding, environmentOfNamespace } from "../domains/clusters/model.ts";
import { bodyFingerprint } from "../ids.ts";
import type { AgentMessage, WorkloadRef } from "../wire/agent.ts";
import type { Delivery } from "../wire/delivery.ts";

/** Turning what an agent reports into what the ledger takes. */

type Report = Extract<AgentMessage, { type: "report" }>;

/** From whom a report came, when, what its namespaces are, and what it shows to be gone besides what it names. */
export type Heard = { clusterId: string; agent: string; bindings: readonly Binding[]; at: number; gone: WorkloadRef[] };

/** A report as a delivery: the same one is the same delivery, however often it comes. */
export function deliveryOfReport(report: Report, { clusterId, agent, bindings, at, gone }: Heard): Delivery {
	return {
		source: "agent",
		integrationId: clusterId,
		deliveryId: `${agent}-${report.seq}`,
		bodyHash: bodyFingerprint(new TextEncoder().encode(JSON.stringify(report))),
		event: "report",
		receivedAt: at,
		events: [
			{
				...{ type: "cluster", clusterId, agent, seq: report.seq, at },
				// A part of one does not name everything there is: what is gone is worked out when all parts were there.
				isSnapshot: report.isSnapshot && report.parts === 1,
				workloads: report.workloads.map((workload) => ({ ...workload, environment: environmentOfNamespace(bindings, workload.namespace) })),
				gone: [...report.gone, ...gone],
				...{ cluster: report.cluster, verbs: report.verbs },
			},
		],
		ignored: null,
		body: null,
		bodyAt: "none",
		strict: false,
	};
}

const keyOf = ({ namespace, kind, name }: WorkloadRef) => `${namespace}\n${kind}\n${name}`;

/** The names in the parts of a snapshot so far. In memory: after a restart of the object a part does not follow on. */
export class SnapshotParts {
	#named = new Set<string>();
	#next = 1;

	/** Begin anew. */
	forget(): void {
		this.#named.clear();
		this.#next = 1;
	}

	/**
	 * What a report shows to be gone: with the last part of a snapshot, whatever is known and no part named.
	 * @returns null when the part does not follow on: the snapshot has to begin anew
	 */
	async goneAfter(report: Report, readKnown: () => Promise<WorkloadRef[]>): Promise<WorkloadRef[] | null> {
		if (!report.isSnapshot || report.parts === 1) return [];
		if (report.part === 1) this.forget();
		if (report.part !== this.#next) return null;
		for (const workload of report.workloads) this.#named.add(keyOf(workload));
		this.#next += 1;
		if (report.part !== report.parts) return [];
		const named = this.#named;
		const gone = (await readKnown()).filter((known) => !named.has(keyOf(known)));
		this.#named = new Set();
		return gone;
	}
}
