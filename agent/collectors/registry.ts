import type { Collector } from "../watch.ts";
import { eventCollector } from "./events.ts";
import { controllerRevisionCollector, replicaSetCollector } from "./history.ts";
import type { Heard, Known } from "./known.ts";
import { nodeCollector } from "./nodes.ts";
import { podCollector } from "./pods.ts";
import { workloadCollectors } from "./workloads.ts";

/** Everything that is followed, and what a first report waits for: nodes before pods, whose health depends on them. */
export function collectors(known: Known, heard: Heard): { collector: Collector; isNeeded: boolean }[] {
	const needed = [...workloadCollectors(known, heard), replicaSetCollector(known, heard), controllerRevisionCollector(known, heard)];
	const others = [nodeCollector(known, heard), podCollector(known, heard), eventCollector(known, heard)];
	return [
		// Each collector is only ever given objects of the resource it names, so what it expects is what it gets.
		...needed.map((collector) => ({ collector: collector as Collector, isNeeded: true })),
		...others.map((collector) => ({ collector: collector as Collector, isNeeded: false })),
	];
}
