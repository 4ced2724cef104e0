// The kinds this API server knows: enough for kubectl's rollout commands and for an agent that watches and patches.

export type Resource = {
	/** As RBAC and addresses name it. */
	plural: string;
	/** "" for the core group. */
	group: string;
	version: string;
	kind: string;
	namespaced: boolean;
	shortNames?: string[];
	categories?: string[];
	/** Whether a changed spec raises metadata.generation. */
	hasGeneration?: boolean;
	/** Verbs that discovery announces; what is only created (a review) is kept nowhere. */
	verbs: string[];
	subresources?: { name: string; kind: string; group?: string; version?: string; verbs: string[] }[];
};

const KEPT = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const STATUS = ["get", "patch", "update"];

const workload = (plural: string, kind: string, shortName: string, scales = true): Resource => ({
	plural,
	group: "apps",
	version: "v1",
	kind,
	namespaced: true,
	shortNames: [shortName],
	categories: ["all"],
	hasGeneration: true,
	verbs: KEPT,
	subresources: [
		...(scales ? [{ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: STATUS }] : []),
		{ name: "status", kind, verbs: STATUS },
	],
});

const core = (plural: string, kind: string, shortName: string | null, namespaced = true): Resource => ({
	plural,
	group: "",
	version: "v1",
	kind,
	namespaced,
	...(shortName ? { shortNames: [shortName] } : {}),
	verbs: KEPT,
});

export const RESOURCES: Resource[] = [
	core("namespaces", "Namespace", "ns", false),
	core("nodes", "Node", "no", false),
	{
		...core("pods", "Pod", "po"),
		categories: ["all"],
		subresources: [
			{ name: "exec", kind: "PodExecOptions", verbs: ["create", "get"] },
			{ name: "log", kind: "Pod", verbs: ["get"] },
			{ name: "status", kind: "Pod", verbs: STATUS },
		],
	},
	core("events", "Event", "ev"),
	core("secrets", "Secret", null),
	{ plural: "controllerrevisions", group: "apps", version: "v1", kind: "ControllerRevision", namespaced: true, verbs: KEPT },
	workload("daemonsets", "DaemonSet", "ds", false),
	workload("deployments", "Deployment", "deploy"),
	workload("replicasets", "ReplicaSet", "rs"),
	workload("statefulsets", "StatefulSet", "sts"),
	{
		plural: "horizontalpodautoscalers",
		group: "autoscaling",
		version: "v1",
		kind: "HorizontalPodAutoscaler",
		namespaced: true,
		shortNames: ["hpa"],
		categories: ["all"],
		verbs: KEPT,
	},
	...["SelfSubjectAccessReview", "SelfSubjectRulesReview"].map((kind) => ({
		plural: `${kind.toLowerCase()}s`,
		group: "authorization.k8s.io",
		version: "v1",
		kind,
		namespaced: false,
		verbs: ["create"],
	})),
];

export const apiVersionOf = ({ group, version }: { group: string; version: string }): string => (group ? `${group}/${version}` : version);

/** `deployments.apps`, `pods`: a resource in an error's words, and the key of its objects. */
export const qualified = ({ plural, group }: { plural: string; group: string }): string => (group ? `${plural}.${group}` : plural);

/** The resource of an address or a kind. */
export const resourceOf = (group: string, version: string, plural: string): Resource | undefined =>
	RESOURCES.find((one) => one.group === group && one.version === version && one.plural === plural);

/** A resource that is certainly there, by the name a test or a controller uses. */
export function resource(plural: string): Resource {
	const found = RESOURCES.find((one) => one.plural === plural);
	if (!found) throw new Error(`the double knows no ${plural}`);
	return found;
}
