// Who may do what: bearer tokens with the rules that RBAC would have given them.

export type Rule = { verbs: string[]; groups: string[]; resources: string[] /** absent: everywhere */; namespaces?: string[] };
export type User = { name: string; rules: Rule[] };
export type Asked = { verb: string; group: string; resource: string; namespace: string; name: string };

export const ADMIN: User = { name: "double-admin", rules: [{ verbs: ["*"], groups: ["*"], resources: ["*"] }] };
export const ANONYMOUS: User = { name: "system:anonymous", rules: [] };

const READ = ["get", "list", "watch"];
export const WORKLOADS = ["deployments", "statefulsets", "daemonsets"];

/** What the in-cluster agent's ServiceAccount holds: it reads everywhere and patches workloads in the namespaces given. */
export const agentUser = (patchable: string[], name = "system:serviceaccount:opssight:opssight-agent"): User => ({
	name,
	rules: [
		{ verbs: READ, groups: [""], resources: ["nodes", "pods", "events", "namespaces"] },
		{ verbs: READ, groups: ["apps"], resources: [...WORKLOADS, "replicasets", "controllerrevisions"] },
		{ verbs: READ, groups: ["autoscaling"], resources: ["horizontalpodautoscalers"] },
		{ verbs: ["create"], groups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"] },
		...(patchable.length ? [{ verbs: ["patch"], groups: ["apps"], resources: WORKLOADS, namespaces: patchable }] : []),
	],
});

const includes = (list: string[], value: string) => list.includes("*") || list.includes(value);

export const isAllowed = (user: User, asked: Asked): boolean =>
	user.rules.some(
		(rule) =>
			includes(rule.verbs, asked.verb) &&
			includes(rule.groups, asked.group) &&
			includes(rule.resources, asked.resource) &&
			(!rule.namespaces || rule.namespaces.includes(asked.namespace)),
	);

// What Kubernetes lets every authenticated user read.
const OPEN_PATHS = [
	"/api",
	"/api/*",
	"/apis",
	"/apis/*",
	"/healthz",
	"/livez",
	"/openapi",
	"/openapi/*",
	"/readyz",
	"/version",
	"/version/",
];

/** Addresses that are no resource: discovery, version, health. Anonymous people see only the last two. */
export function mayReadPath(user: User, path: string): boolean {
	const open = user.name === ANONYMOUS.name ? ["/healthz", "/livez", "/readyz", "/version", "/version/"] : OPEN_PATHS;
	return user === ADMIN || open.some((one) => (one.endsWith("*") ? path.startsWith(one.slice(0, -1)) : path === one));
}

/** The answer to `SelfSubjectRulesReview`. */
export const rulesOf = (user: User, namespace: string) => ({
	resourceRules: user.rules
		.filter((rule) => !rule.namespaces || rule.namespaces.includes(namespace))
		.map((rule) => ({ verbs: rule.verbs, apiGroups: rule.groups, resources: rule.resources })),
	nonResourceRules: [{ verbs: ["get"], nonResourceURLs: OPEN_PATHS }],
	incomplete: false,
});
