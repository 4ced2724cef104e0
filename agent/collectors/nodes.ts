import type { Node } from "../objects.ts";
import { cut } from "../text.ts";
import type { Collector } from "../watch.ts";
import { type Heard, isEqual, type Known, type KnownNode } from "./known.ts";

/** Nodes. A node whose kubelet has vanished is neither ready nor not: its condition is Unknown. */
export function nodeCollector(known: Known, heard: Heard): Collector<Node> {
	return {
		name: "nodes",
		path: "/api/v1/nodes",
		put(object) {
			const node = keepNode(object);
			if (isEqual(known.nodes.get(object.metadata.name), node)) return;
			known.nodes.set(object.metadata.name, node);
			heard.cluster();
		},
		drop(name) {
			if (known.nodes.delete(name)) heard.cluster();
		},
		keys: () => known.nodes.keys(),
	};
}

/** What its report needs of a node. */
export function keepNode({ metadata, spec, status }: Node): KnownNode {
	const ready = status?.conditions?.find(({ type }) => type === "Ready");
	const isReady = ready?.status === "True" ? true : ready?.status === "False" ? false : null;
	return {
		name: cut(metadata.name, 253),
		isReady,
		reason: isReady === true ? null : cut(ready?.reason ?? "NodeStatusNeverUpdated", 255),
		isCordoned: spec?.unschedulable === true,
	};
}
