import {
	AGENT_MESSAGE_MAX,
	type AgentMessage,
	type BadPod,
	type ClusterReport,
	type Revision,
	type Verbs,
	WORKLOADS_PER_REPORT,
	type WorkloadRef,
	type WorkloadReport,
} from "#worker/wire/agent";
import type { Known, KnownRevision, KnownWorkload } from "./collectors/known.ts";
import { rolloutOf } from "./rollout.ts";
import { differenceOf } from "./template.ts";

/** What a report says of the cluster, made of what is known of it. All lists are cut to what the message holds, the worst first. */

const REVISIONS_MAX = 30;
/** The newest revisions come with what returning to them would change; nobody goes further back in a hurry. */
const DIFFERENCES_MAX = 10;
/** For all revisions of a workload together, the first that differs aside. Most differ in an image, which is some 150 characters. */
const DIFFERENCES_CHARS_MAX = 3000;
const BAD_PODS_MAX = 20;
const NODES_MAX = 500;
const WARNINGS_MAX = 50;
const WARNING_AGE_MS = 3600_000;
/** @source worker/wire/agent: AgentMessage, report */
const GONE_MAX = 1000;
/** One workload with a history of many images must leave room for the next. */
const WORKLOAD_CHARS_MAX = 60_000;
/** The rest of a report: the cluster with 500 nodes is 60,000 characters. */
const WORKLOADS_CHARS_MAX = AGENT_MESSAGE_MAX - 120_000;

/** Names that no message can carry are not Kubernetes' own. */
function isSayable({ namespace, name }: WorkloadRef): boolean {
	const isName = (text: string) => text.length > 0 && text.length <= 253 && text.isWellFormed() && !/[\0-\x1f]/.test(text);
	return isName(namespace) && isName(name);
}

/** What there is to say of one workload. */
export function reportOf(known: Known, workload: KnownWorkload, canPatch: boolean): WorkloadReport {
	const { kind, namespace, name, images, component, owner, by, rollout: input } = workload;
	const history = historyOf(known, workload.uid);
	const revision = revisionOf(workload, history);
	const badPods = badPodsOf(known, workload.uid);
	const { state, reason, sentence, desired, updated, ready, available, total } = rolloutOf(kind, input, badPods[0]?.reason ?? null);
	const report: WorkloadReport = {
		...{ namespace, kind, name, images, component, revision },
		generation: input.metadata.generation ?? 0,
		...{ desired, updated, ready, available, total, state, reason, sentence },
		isPaused: input.spec.paused === true && kind === "Deployment",
		owner,
		commandId: by !== null && by.revision === revision ? by.id : null,
		revisions: withDifferences(history.slice(0, REVISIONS_MAX), revision),
		badPods: badPods.slice(0, BAD_PODS_MAX),
		canPatch,
	};
	while (report.revisions.length > 1 && JSON.stringify(report).length > WORKLOAD_CHARS_MAX) {
		report.revisions = report.revisions.slice(0, Math.ceil(report.revisions.length / 2));
		report.badPods = report.badPods.slice(0, 5);
	}
	return report;
}

function historyOf(known: Known, uid: string): KnownRevision[] {
	return [...(known.historyOf.get(uid) ?? [])]
		.flatMap((key) => known.history.get(key) ?? [])
		.sort((a, b) => b.revision.revision - a.revision.revision);
}

/** The newest revisions with what returning to each would change, as long as that fits. */
function withDifferences(history: readonly KnownRevision[], running: number): Revision[] {
	const from = history.find(({ revision }) => revision.revision === running);
	let chars = 0;
	return history.map(({ revision, lines }, n) => {
		if (from === undefined || n >= DIFFERENCES_MAX) return revision;
		const differs = differenceOf(from.lines, lines);
		const more = differs.length > 0 ? JSON.stringify(differs).length : 0;
		// The newest that differs is what a rollback most likely returns to: it is told whatever its length.
		if (chars > 0 && chars + more > DIFFERENCES_CHARS_MAX) return revision;
		chars += more;
		return { ...revision, differs };
	});
}

function revisionOf({ revision }: KnownWorkload, history: readonly KnownRevision[]): number {
	if (typeof revision === "number") return revision;
	const named = history.find(({ name }) => name === revision.named) ?? history[0];
	return named?.revision.revision ?? 0;
}

/** Its pods that are not well, those that fail before those that only wait, and the restless first. */
function badPodsOf(known: Known, uid: string): BadPod[] {
	const controllers = [uid, ...[...(known.historyOf.get(uid) ?? [])].flatMap((key) => known.history.get(key)?.uid ?? [])];
	const found: BadPod[] = [];
	for (const controller of controllers) {
		for (const key of known.badPodsOf.get(controller) ?? []) {
			const pod = known.pods.get(key);
			if (pod) found.push(pod.bad);
		}
	}
	const rank = ({ reason }: BadPod) => (reason === "NotReady" ? 1 : 0);
	return found.sort((a, b) => rank(a) - rank(b) || b.restarts - a.restarts || (a.name < b.name ? -1 : 1));
}

/** The cluster around the workloads. */
export function clusterOf(known: Known, now: number): ClusterReport {
	const rank = ({ isReady, isCordoned }: { isReady: boolean | null; isCordoned: boolean }) => (isReady === true ? (isCordoned ? 1 : 2) : 0);
	return {
		nodes: [...known.nodes.values()].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)).slice(0, NODES_MAX),
		nodeCount: known.nodes.size,
		podCount: known.pods.size,
		badPodCount: known.badPodCount,
		warnings: [...known.events.values()]
			.filter(({ at }) => at > now - WARNING_AGE_MS)
			// Nothing has happened in the future, whatever a clock in the cluster says.
			.map((warning) => ({ ...warning, at: Math.min(warning.at, now) }))
			.sort((a, b) => b.at - a.at)
			.slice(0, WARNINGS_MAX),
	};
}

export type Report = Extract<AgentMessage, { type: "report" }>;

export type ReporterOptions = {
	known: Known;
	/** Whether a workload may be patched, and all verbs that are held. */
	rights: { canPatch(ref: WorkloadRef): boolean; verbs(): Verbs[] };
	now: () => number;
	send: (report: Report) => boolean;
	/** A report is on its way, or nothing can be said now. */
	isBusy: () => boolean;
	/** Set to run a function later, once; returns how to call it off. */
	later: (run: () => void, ms: number) => void;
};

/** Changes within this time are told together. */
const GATHER_MS = 250;
/** Pods come and go all the time; figures of the whole cluster are told no more often. */
const CLUSTER_MS = 2000;
/** Reports that are not durable yet; more changes wait, and become one. */
const UNACKNOWLEDGED_MAX = 4;

/**
 * Tells the edge what changed, numbered from 1, and everything after a break. What has changed is kept as a set of names, so that a
 * cluster in turmoil, or an edge that is slow, makes reports larger and not more.
 */
export function makeReporter({ known, rights, now, send, isBusy, later }: ReporterOptions) {
	let seq = 0;
	let acknowledged = 0;
	let isWelcome = false;
	let isKnown = false;
	/** Keys of a snapshot that are still to be told, and which part comes next. */
	let snapshot: { keys: string[]; part: number; parts: number } | null = null;
	const changed = new Set<string>();
	const gone = new Set<string>();
	let clusterChanged = false;
	let clusterAt = 0;
	let verbsChanged = false;
	let isPlanned = false;
	const snapshotWaiters: (() => void)[] = [];

	const plan = (ms = GATHER_MS) => {
		if (isPlanned || !isWelcome || !isKnown) return;
		isPlanned = true;
		later(() => {
			isPlanned = false;
			flush();
		}, ms);
	};

	/** Reports of some workloads, as many as fit. @returns the keys that did not */
	const describe = (keys: Iterable<string>, most = WORKLOADS_PER_REPORT): { workloads: WorkloadReport[]; told: string[] } => {
		const workloads: WorkloadReport[] = [];
		const told: string[] = [];
		let chars = 0;
		for (const key of keys) {
			const workload = known.workloads.get(key);
			if (workload && isSayable(workload)) {
				const report = reportOf(known, workload, rights.canPatch(workload));
				const size = JSON.stringify(report).length;
				if (workloads.length >= most || (chars + size > WORKLOADS_CHARS_MAX && workloads.length > 0)) break;
				chars += size;
				workloads.push(report);
			}
			told.push(key);
		}
		return { workloads, told };
	};

	const flush = () => {
		if (!isWelcome || !isKnown) return;
		if (isBusy() || seq - acknowledged >= UNACKNOWLEDGED_MAX) return plan();
		if (snapshot) sendPart(snapshot);
		else sendChanges();
	};

	const sendPart = (taken: NonNullable<typeof snapshot>) => {
		// How many parts there will be is known only at the last one where workloads are large: then there are more of fewer.
		const most = Math.ceil(taken.keys.length / Math.max(1, taken.parts - taken.part + 1));
		const { workloads, told } = describe(taken.keys, Math.min(WORKLOADS_PER_REPORT, most));
		const rest = taken.keys.slice(told.length);
		const parts = Math.min(1000, Math.max(taken.parts, taken.part + (rest.length > 0 ? 1 : 0)));
		const isSent = send({
			type: "report",
			seq: seq + 1,
			isSnapshot: true,
			part: taken.part,
			parts,
			workloads,
			gone: [],
			cluster: taken.part === 1 ? clusterOf(known, now()) : null,
			verbs: taken.part === 1 ? rights.verbs() : null,
			at: now(),
		});
		if (!isSent) return;
		seq += 1;
		for (const key of told) changed.delete(key);
		const isLast = taken.part >= parts;
		snapshot = isLast ? null : { keys: rest, part: taken.part + 1, parts };
		if (isLast) for (const done of snapshotWaiters.splice(0)) done();
		if (!isLast || changed.size > 0 || gone.size > 0) plan(0);
	};

	const sendChanges = () => {
		const sayCluster = clusterChanged && now() - clusterAt >= CLUSTER_MS;
		if (changed.size === 0 && gone.size === 0 && !sayCluster && !verbsChanged) {
			if (clusterChanged) plan(CLUSTER_MS);
			return;
		}
		const { workloads, told } = describe(changed);
		const lost = [...gone].slice(0, GONE_MAX);
		const isSent = send({
			type: "report",
			seq: seq + 1,
			isSnapshot: false,
			part: 1,
			parts: 1,
			workloads,
			gone: lost.map(refOf).filter(isSayable),
			cluster: sayCluster ? clusterOf(known, now()) : null,
			verbs: verbsChanged ? rights.verbs() : null,
			at: now(),
		});
		if (!isSent) return;
		seq += 1;
		for (const key of told) changed.delete(key);
		for (const key of lost) gone.delete(key);
		if (sayCluster) {
			clusterChanged = false;
			clusterAt = now();
		}
		verbsChanged = false;
		if (changed.size > 0 || gone.size > 0 || clusterChanged) plan(changed.size > 0 ? 0 : GATHER_MS);
	};

	const startSnapshot = () => {
		const keys = [...known.workloads.keys()];
		snapshot = { keys, part: 1, parts: Math.max(1, Math.ceil(keys.length / WORKLOADS_PER_REPORT)) };
		changed.clear();
		gone.clear();
		clusterChanged = false;
		clusterAt = now();
		verbsChanged = false;
		plan(0);
	};

	return {
		/** Accepted by the edge, which has our reports up to `have`. After a break it gets everything, else what changed since. */
		welcomed(have: number) {
			isWelcome = true;
			const isWhole = have === seq && seq > 0 && snapshot === null;
			acknowledged = seq;
			if (isWhole) plan(0);
			else startSnapshot();
		},
		/** Everything that is listed has been listed once: there is something to say. */
		known() {
			if (isKnown) return;
			isKnown = true;
			startSnapshot();
		},
		left() {
			isWelcome = false;
		},
		resync: startSnapshot,
		/** @returns when a whole snapshot was sent */
		snapshot(): Promise<void> {
			return new Promise((done) => {
				snapshotWaiters.push(done);
				startSnapshot();
			});
		},
		acknowledged(upTo: number) {
			acknowledged = Math.max(acknowledged, Math.min(upTo, seq));
			if (snapshot || changed.size > 0 || gone.size > 0) plan(0);
		},
		heard: {
			workload(key: string) {
				gone.delete(key);
				changed.add(key);
				plan();
			},
			gone(key: string) {
				changed.delete(key);
				gone.add(key);
				plan();
			},
			cluster() {
				clusterChanged = true;
				plan();
			},
		},
		verbs() {
			verbsChanged = true;
			plan();
		},
		figures: () => ({ seq, acknowledged, waiting: changed.size + gone.size }),
	};
}

function refOf(key: string): WorkloadRef {
	const [kind, namespace = "", name = ""] = key.split("/");
	return { kind: kind as WorkloadRef["kind"], namespace, name };
}
