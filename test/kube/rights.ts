// The agent's ServiceAccount on a real cluster.
import { kubectl, type Target } from "./kubectl.ts";

/** A ServiceAccount's token, good for an hour. */
export async function tokenOf(target: Target, namespace: string, account: string): Promise<string> {
	const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
	const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
	const answer = await kubectl(target, ["create", "--raw", path, "-f", "-"], JSON.stringify(request));
	if (answer.exit !== 0) throw new Error(answer.stderr);
	return JSON.parse(answer.stdout).status.token;
}

/** A namespace with a ServiceAccount `agent` that has the agent's rights there, as the double gives them. */
export function rights(namespace: string): string {
	const read = ["get", "list", "watch"];
	const workloads = ["deployments", "statefulsets", "daemonsets"];
	const rbac = "rbac.authorization.k8s.io/v1";
	const subjects = [{ kind: "ServiceAccount", name: "agent", namespace }];
	const bind = (kind: string, role: string, name: string, metadata: object) => ({
		apiVersion: rbac,
		kind,
		metadata: { name, ...metadata },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: role, name },
		subjects,
	});
	const items = [
		{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
		{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "agent", namespace } },
		{
			apiVersion: rbac,
			kind: "ClusterRole",
			metadata: { name: namespace },
			rules: [
				{ apiGroups: [""], resources: ["nodes", "pods", "events", "namespaces"], verbs: read },
				{ apiGroups: ["apps"], resources: [...workloads, "replicasets", "controllerrevisions"], verbs: read },
			],
		},
		bind("ClusterRoleBinding", "ClusterRole", namespace, {}),
		{
			apiVersion: rbac,
			kind: "Role",
			metadata: { name: "rollback", namespace },
			rules: [{ apiGroups: ["apps"], resources: workloads, verbs: ["patch"] }],
		},
		bind("RoleBinding", "Role", "rollback", { namespace }),
	];
	return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
