import { randomUUID } from "node:crypto";
import { once, setMaxListeners } from "node:events";
import { AGENT_PROTOCOL, type AgentMessage } from "#worker/wire/agent";
import { knowNothing } from "./collectors/known.ts";
import { collectors } from "./collectors/registry.ts";
import { openDesk } from "./commands/desk.ts";
import { listenTo } from "./commands/listening.ts";
import type { Around, Step } from "./commands/work.ts";
import type { Figure } from "./health.ts";
import { connectKube } from "./kube.ts";
import { makeLink } from "./link.ts";
import type { Log } from "./log.ts";
import { makeReporter } from "./reports.ts";
import { keepResults } from "./results.ts";
import { makeRights } from "./rights.ts";
import { type Settings, serviceAccount } from "./settings.ts";
import { words } from "./text.ts";
import { type Following, follow } from "./watch.ts";

/** What comes from outside: the clock, chance, the files. Tests bring their own. */
export type Outside = {
	settings: Pick<Settings, "url" | "kubeUrl" | "kubeDir" | "stateDir">;
	version: string;
	readToken: () => string;
	readKubeToken: () => string;
	log: Log;
	/** Epoch milliseconds, whole, of a clock that never goes back. */
	now: () => number;
	random: () => number;
	/** Called where a process may die. */
	step?: (name: Step) => Promise<void>;
	/** Shortens the waits of the connection, for tests. */
	pace?: number;
};

export type RunningAgent = {
	/** This process. */
	id: string;
	state: () => { ok: boolean; why: string };
	figures: () => Figure[];
	stop: () => Promise<void>;
};

const REPEAT_MS = 10_000;

/** The whole program: follow the cluster, tell the edge, carry out what it asks for. */
export function startAgent({ settings, version, readToken, readKubeToken, log, now, random, step, pace }: Outside): RunningAgent {
	const id = randomUUID();
	const stopping = new AbortController();
	const { signal } = stopping;
	// Each watch and each request listens for the end: more than ten of them is no leak.
	setMaxListeners(0, signal);
	const kube = connectKube({ url: settings.kubeUrl, readToken: readKubeToken, caFile: serviceAccount(settings.kubeDir).ca });
	const known = knowNothing();
	const ears = new Map<string, Set<() => void>>();
	let kubernetes: string | null = null;

	const rights = makeRights({
		kube,
		log,
		*namespaces() {
			for (const { namespace } of known.workloads.values()) yield namespace;
		},
		onChange({ namespaces }) {
			const moved = new Set(namespaces);
			reporter.verbs();
			for (const [key, { namespace }] of known.workloads) if (moved.has(namespace)) reporter.heard.workload(key);
		},
	});
	const reporter = makeReporter({
		known,
		rights,
		now,
		send: (report) => link.send(report),
		isBusy: () => link.isBusy(),
		later: (run, ms) => void setTimeout(() => !signal.aborted && run(), ms),
	});
	const heard = {
		...reporter.heard,
		workload(key: string) {
			reporter.heard.workload(key);
			for (const hear of ears.get(key) ?? []) hear();
			const namespace = known.workloads.get(key)?.namespace;
			if (namespace !== undefined) rights.noticed(namespace);
		},
	};
	const followed = collectors(known, heard).map(({ collector, isNeeded }) => ({
		collector,
		isNeeded,
		following: { name: collector.name, isSynced: false, lists: 0, watches: 0, events: 0, error: null } as Following,
	}));
	const around: Around = {
		kube,
		agent: id,
		now,
		log,
		signal,
		say: (message) => void link.send(message),
		snapshot: () => Promise.race([reporter.snapshot(), once(signal, "abort").then(() => {})]),
		listen: (ref) => listenTo(ears, ref, signal),
		wasRefused: () => rights.wasRefused(),
		step: step ?? (async () => {}),
	};
	const results = keepResults(settings.stateDir, log);
	const desk = openDesk({ around, results, send: (message) => void link.send(message), pace: pace ?? 1 });
	const link = makeLink(
		{
			...{ url: settings.url, agent: id, readToken, log, now, random, signal, ...(pace !== undefined && { pace }) },
			hello: (): AgentMessage => ({
				type: "hello",
				protocol: AGENT_PROTOCOL,
				agent: id,
				version,
				kubernetes,
				verbs: rights.verbs(),
				at: now(),
			}),
		},
		{
			onWelcome(have) {
				reporter.welcomed(have);
				desk.repeatResults({ olderThanMs: 0 });
			},
			onMessage(message) {
				switch (message.type) {
					case "offer":
						return desk.offered(message.commandId);
					case "granted":
						return desk.granted(message.command);
					case "declined":
						log("info", "claim declined", { command: message.commandId, reason: message.reason });
						return desk.declined(message.commandId);
					case "cancel":
						return desk.cancelled(message.commandId);
					case "resultAck":
						return desk.acknowledged(message.commandId, message.fence);
					case "reportAck":
						return reporter.acknowledged(message.seq);
					case "resync":
						return reporter.resync();
				}
			},
		},
	);

	const isSynced = () => followed.every(({ isNeeded, following }) => !isNeeded || following.isSynced);
	let hasBegun = false;
	const onSynced = () => {
		if (hasBegun || !isSynced()) return;
		hasBegun = true;
		// The first report already says what may be done.
		void rights.refresh().finally(() => reporter.known());
	};
	const run = async () => {
		kubernetes = await kubernetesVersion(kube, log);
		if (signal.aborted) return;
		rights.run(signal);
		for (const { collector, following } of followed) void follow({ kube, collector, following, log, random, signal, onSynced });
		await link.run();
	};
	// A result may be lost between the socket and the disk of the other side: it is said until it is acknowledged.
	const repeating = setInterval(() => desk.repeatResults({ olderThanMs: REPEAT_MS * (pace ?? 1) }), REPEAT_MS * (pace ?? 1));
	signal.addEventListener("abort", () => clearInterval(repeating));
	const running = run().catch((error) => log("error", "the agent stopped", { error: words(error) }));

	return {
		id,
		state() {
			const state = link.state();
			const silent = followed.filter(({ isNeeded, following }) => isNeeded && !following.isSynced).map(({ following }) => following.name);
			if (silent.length > 0) return { ok: false, why: `not listed yet: ${silent.join(", ")}` };
			return { ok: state === "holder" || state === "standby", why: state };
		},
		figures: () => figuresOf({ followed, state: link.state(), desk: desk.figures(), reports: reporter.figures(), known }),
		async stop() {
			stopping.abort();
			kube.close();
			await running;
			await desk.idle();
		},
	};
}

async function kubernetesVersion(kube: ReturnType<typeof connectKube>, log: Log): Promise<string | null> {
	try {
		const { gitVersion } = await kube.get<{ gitVersion?: string }>("/version");
		return gitVersion?.slice(0, 50) ?? null;
	} catch (error) {
		log("warn", "the version of Kubernetes is not known", { error: words(error) });
		return null;
	}
}

function figuresOf({
	followed,
	state,
	desk,
	reports,
	known,
}: {
	followed: readonly { following: Following }[];
	state: string;
	desk: { inWork: number; unacknowledged: number; finished: number };
	reports: { seq: number; acknowledged: number; waiting: number };
	known: ReturnType<typeof knowNothing>;
}): Figure[] {
	const one = (name: string, help: string, type: Figure["type"], value: number): Figure => ({ name, help, type, values: [{ value }] });
	const each = (name: string, help: string, type: Figure["type"], value: (following: Following) => number): Figure => ({
		name,
		help,
		type,
		values: followed.map(({ following }) => ({ labels: { resource: following.name }, value: value(following) })),
	});
	return [
		one(
			"opssight_agent_connected",
			"1 while connected, as holder or standing by.",
			"gauge",
			state === "holder" || state === "standby" ? 1 : 0,
		),
		one("opssight_agent_holder", "1 while this is the one agent of its cluster.", "gauge", state === "holder" ? 1 : 0),
		one("opssight_agent_workloads", "Workloads that are known.", "gauge", known.workloads.size),
		one("opssight_agent_pods", "Pods that are known.", "gauge", known.pods.size),
		one("opssight_agent_bad_pods", "Pods that are not well.", "gauge", known.badPodCount),
		one("opssight_agent_reports_total", "Reports that were sent.", "counter", reports.seq),
		one("opssight_agent_reports_unacknowledged", "Reports that are not durable yet.", "gauge", reports.seq - reports.acknowledged),
		one("opssight_agent_changes_waiting", "Workloads whose change is not told yet.", "gauge", reports.waiting),
		one("opssight_agent_commands_in_work", "Commands that are being carried out.", "gauge", desk.inWork),
		one("opssight_agent_commands_total", "Commands that ended here with a result.", "counter", desk.finished),
		one("opssight_agent_results_unacknowledged", "Results that are not durable yet.", "gauge", desk.unacknowledged),
		each("opssight_agent_synced", "1 once a resource was listed.", "gauge", ({ isSynced }) => (isSynced ? 1 : 0)),
		each("opssight_agent_lists_total", "Lists of a resource.", "counter", ({ lists }) => lists),
		each("opssight_agent_watches_total", "Watches of a resource that were begun.", "counter", ({ watches }) => watches),
		each("opssight_agent_events_total", "Changes of a resource that were seen.", "counter", ({ events }) => events),
		one("process_resident_memory_bytes", "Resident memory.", "gauge", process.memoryUsage.rss()),
		one("process_cpu_seconds_total", "CPU time.", "counter", (process.cpuUsage().user + process.cpuUsage().system) / 1e6),
	];
}
