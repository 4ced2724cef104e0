// What `kubectl get` prints: the server makes the table.
import type { World } from "./index.ts";
import type { Json, KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";

type Column = { name: string; type?: string; priority?: number; cell: (object: KubeObject, now: number) => Json };

/** An age in kubectl's units: 45s, 2m4s, 3h20m, 5d. */
function ageSince(time: string, now: number): string {
	const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
	if (seconds < 120) return `${seconds}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
	if (minutes < 180) return `${minutes}m`;
	const hours = Math.floor(minutes / 60);
	if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`;
	return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

const ageOf = (object: KubeObject, now: number) => ageSince(object.metadata.creationTimestamp, now);

function podStatus(pod: KubeObject): string {
	if (pod.metadata.deletionTimestamp) return "Terminating";
	const { containerStatuses = [], phase, reason } = pod.status ?? {};
	const waiting = containerStatuses.map((one: Json) => one.state?.waiting?.reason ?? one.state?.terminated?.reason).find(Boolean);
	if (waiting) return waiting;
	// Scheduled, and its kubelet has not reported yet.
	return reason ?? (phase === "Pending" && pod.spec?.nodeName ? "ContainerCreating" : phase);
}

const containersOf = (object: KubeObject): Json[] => (object.spec.template?.spec ?? object.spec).containers ?? [];
const selectorOf = (object: KubeObject) =>
	Object.entries(object.spec.selector?.matchLabels ?? {})
		.map((pair) => pair.join("="))
		.sort()
		.join(",");

const NAME: Column = { name: "Name", cell: (o) => o.metadata.name };
const AGE: Column = { name: "Age", cell: ageOf };
const TEMPLATE: Column[] = [
	{
		name: "Containers",
		priority: 1,
		cell: (o) =>
			containersOf(o)
				.map((one) => one.name)
				.join(","),
	},
	{
		name: "Images",
		priority: 1,
		cell: (o) =>
			containersOf(o)
				.map((one) => one.image)
				.join(","),
	},
];
const SELECTOR: Column = { name: "Selector", priority: 1, cell: selectorOf };
const count = (name: string, read: (object: KubeObject) => number | undefined): Column => ({
	name,
	type: "integer",
	cell: (o) => read(o) ?? 0,
});

const COLUMNS: Record<string, Column[]> = {
	deployments: [
		NAME,
		{ name: "Ready", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` },
		{ name: "Up-to-date", cell: ({ status }) => status?.updatedReplicas ?? 0 },
		{ name: "Available", cell: ({ status }) => status?.availableReplicas ?? 0 },
		AGE,
		...TEMPLATE,
		SELECTOR,
	],
	replicasets: [
		NAME,
		count("Desired", ({ spec }) => spec.replicas),
		count("Current", ({ status }) => status?.replicas),
		count("Ready", ({ status }) => status?.readyReplicas),
		AGE,
		...TEMPLATE,
		SELECTOR,
	],
	statefulsets: [NAME, { name: "Ready", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` }, AGE, ...TEMPLATE],
	daemonsets: [
		NAME,
		count("Desired", ({ status }) => status?.desiredNumberScheduled),
		count("Current", ({ status }) => status?.currentNumberScheduled),
		count("Ready", ({ status }) => status?.numberReady),
		count("Up-to-date", ({ status }) => status?.updatedNumberScheduled),
		count("Available", ({ status }) => status?.numberAvailable),
		{
			name: "Node Selector",
			cell: ({ spec }) =>
				Object.entries(spec.template.spec.nodeSelector ?? {})
					.map((pair) => pair.join("="))
					.join(",") || "<none>",
		},
		AGE,
		...TEMPLATE,
		SELECTOR,
	],
	controllerrevisions: [
		NAME,
		{
			name: "Controller",
			cell: (o) => o.metadata.ownerReferences?.map((one) => `${one.kind.toLowerCase()}.apps/${one.name}`)[0] ?? "<none>",
		},
		count("Revision", (o) => o.revision),
		AGE,
	],
	pods: [
		NAME,
		{
			name: "Ready",
			cell: ({ spec, status }) => `${(status?.containerStatuses ?? []).filter((one: Json) => one.ready).length}/${spec.containers.length}`,
		},
		{ name: "Status", cell: podStatus },
		count("Restarts", ({ status }) => (status?.containerStatuses ?? []).reduce((total: number, one: Json) => total + one.restartCount, 0)),
		AGE,
		{ name: "IP", priority: 1, cell: ({ status }) => status?.podIP ?? "<none>" },
		{ name: "Node", priority: 1, cell: ({ spec }) => spec.nodeName ?? "<none>" },
		{ name: "Nominated Node", priority: 1, cell: () => "<none>" },
		{ name: "Readiness Gates", priority: 1, cell: () => "<none>" },
	],
	nodes: [
		NAME,
		{
			name: "Status",
			cell: ({ status }) => (status?.conditions?.find((one: Json) => one.type === "Ready")?.status === "True" ? "Ready" : "NotReady"),
		},
		{ name: "Roles", cell: () => "<none>" },
		AGE,
		{ name: "Version", cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? "" },
	],
	events: [
		{ name: "Last Seen", cell: (o, now) => ageSince(o.lastTimestamp ?? o.metadata.creationTimestamp, now) },
		{ name: "Type", cell: (o) => o.type },
		{ name: "Reason", cell: (o) => o.reason },
		{ name: "Object", cell: (o) => `${o.involvedObject.kind.toLowerCase()}/${o.involvedObject.name}` },
		{ name: "Message", cell: (o) => o.message },
	],
	namespaces: [NAME, { name: "Status", cell: ({ status }) => status?.phase ?? "Active" }, AGE],
};
// Every other kind.
const PLAIN: Column[] = [NAME, { name: "Created At", cell: (o) => o.metadata.creationTimestamp }];

/** Whether the client asked for a table. */
export const wantsTable = (accept: string): boolean => /as=Table/.test(accept);

/** Objects as rows. */
export function tableOf(world: World, resource: Resource, objects: KubeObject[], resourceVersion: string): Json {
	const columns = COLUMNS[resource.plural] ?? PLAIN;
	return {
		kind: "Table",
		apiVersion: "meta.k8s.io/v1",
		metadata: { resourceVersion },
		columnDefinitions: columns.map(({ name, type = "string", priority = 0 }) => {
			return { name, type, format: name === "Name" ? "name" : "", description: "", priority };
		}),
		rows: objects.map((object) => ({
			cells: columns.map(({ cell }) => cell(object, world.now())),
			object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
		})),
	};
}
