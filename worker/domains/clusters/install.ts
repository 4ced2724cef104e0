/**
 * What a person applies to a cluster to put an agent there, as one text for `kubectl apply -f -`. The documents are those of
 * `agent/deploy`, which a test compares; here the address, the token and the namespaces are filled in.
 */

/** Where everything of the agent lives. */
export const AGENT_NAMESPACE = "opssight";
/** Where its image is published. @source .github/workflows/agent-image.yml */
export const AGENT_IMAGE = "ghcr.io/opssight/opssight-agent";

export type InstallOptions = {
	/** The product's own address. */
	url: string;
	/** The cluster's name, said in a comment. */
	cluster: string;
	/** Shown once, like every token. */
	token: string;
	/** Where rollbacks are wanted: the agent gets `patch` there, and only reads elsewhere. */
	namespaces: readonly string[];
	image: string;
};

/** Whether a text may be the name of a namespace. @source RFC 1123, DNS label */
export function isNamespaceName(name: string): boolean {
	return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

/** The whole manifest. Every value from outside is written as a quoted string. @throws RangeError for a name that is no namespace's */
export function installManifest({ url, cluster, token, namespaces, image }: InstallOptions): string {
	const wanted = [...new Set(namespaces)].sort();
	for (const name of wanted) if (!isNamespaceName(name)) throw new RangeError(`"${name}" is not the name of a namespace.`);
	const documents = [
		NAMESPACE,
		SERVICE_ACCOUNT,
		secret(token),
		READ_ROLE,
		READ_BINDING,
		deployment({ url, image }),
		...wanted.flatMap((name) => [rollbackRole(name), rollbackBinding(name)]),
	];
	// Comments end with their line, and nothing from outside may begin another.
	const title = `# OpsSight agent of ${JSON.stringify(cluster)}. It reads; it may patch workloads in: ${wanted.join(", ") || "no namespace"}.`;
	return `${title}\n${documents.join("---\n")}`;
}

/** A string as YAML reads it, whatever is in it: JSON's strings are YAML's. */
const quoted = (text: string) => JSON.stringify(text);

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata: { name: ${AGENT_NAMESPACE} }
`;

const SERVICE_ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata: { name: opssight-agent, namespace: ${AGENT_NAMESPACE} }
automountServiceAccountToken: false
`;

const secret = (token: string) => `apiVersion: v1
kind: Secret
metadata: { name: opssight-agent, namespace: ${AGENT_NAMESPACE} }
stringData: { token: ${quoted(token)} }
`;

const READ_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: opssight-agent-read }
rules:
  - { apiGroups: [""], resources: [nodes, pods, events, namespaces], verbs: [get, list, watch] }
  - { apiGroups: [apps], resources: [deployments, replicasets, statefulsets, daemonsets, controllerrevisions], verbs: [get, list, watch] }
  - { apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [get, list, watch] }
  - { apiGroups: [metrics.k8s.io], resources: [nodes, pods], verbs: [get, list] }
`;

const READ_BINDING = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: opssight-agent-read }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: opssight-agent-read }
subjects: [{ kind: ServiceAccount, name: opssight-agent, namespace: ${AGENT_NAMESPACE} }]
`;

const rollbackRole = (namespace: string) => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: opssight-agent-rollback, namespace: ${quoted(namespace)} }
rules:
  - { apiGroups: [apps], resources: [deployments, statefulsets, daemonsets], verbs: [patch] }
`;

const rollbackBinding = (namespace: string) => `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: opssight-agent-rollback, namespace: ${quoted(namespace)} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: opssight-agent-rollback }
subjects: [{ kind: ServiceAccount, name: opssight-agent, namespace: ${AGENT_NAMESPACE} }]
`;

const deployment = ({ url, image }: { url: string; image: string }) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: opssight-agent, namespace: ${AGENT_NAMESPACE}, labels: { app.kubernetes.io/name: opssight-agent } }
spec:
  replicas: 1
  # Two agents would do no harm, one of them stands by; but one is enough.
  strategy: { type: Recreate }
  selector: { matchLabels: { app.kubernetes.io/name: opssight-agent } }
  template:
    metadata: { labels: { app.kubernetes.io/name: opssight-agent } }
    spec:
      serviceAccountName: opssight-agent
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: agent
          image: ${quoted(image)}
          env:
            - { name: OPSSIGHT_URL, value: ${quoted(url)} }
            - { name: OPSSIGHT_TOKEN_FILE, value: /etc/opssight/token }
            - { name: OPSSIGHT_STATE_DIR, value: /state }
            - { name: OPSSIGHT_HEALTH_PORT, value: "8080" }
          ports: [{ name: health, containerPort: 8080 }]
          livenessProbe: { httpGet: { path: /healthz, port: health }, periodSeconds: 20, timeoutSeconds: 5 }
          readinessProbe: { httpGet: { path: /readyz, port: health }, periodSeconds: 5, timeoutSeconds: 5 }
          resources: { requests: { cpu: 10m, memory: 80Mi }, limits: { memory: 256Mi } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          volumeMounts:
            - { name: opssight-token, mountPath: /etc/opssight, readOnly: true }
            - { name: kubernetes, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true }
            - { name: state, mountPath: /state }
      volumes:
        - { name: opssight-token, secret: { secretName: opssight-agent, defaultMode: 0440 } }
        - { name: state, emptyDir: { sizeLimit: 16Mi } }
        - name: kubernetes
          projected:
            defaultMode: 0440
            sources:
              - { serviceAccountToken: { path: token, expirationSeconds: 3600 } }
              - { configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] } }
              - { downwardAPI: { items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }] } }
`;
