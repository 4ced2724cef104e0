// A real cluster to roll back in: KUBECONFIG_TEST names the kubeconfig of its administrator. What is made there is a namespace of its own.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installManifest } from "../../worker/domains/clusters/install.ts";

const run = promisify(execFile);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The first version of what a rollback is tried on: three pods whose image is a name only. */
const workload = (namespace) => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "checkout", namespace, annotations: { "kubernetes.io/change-cause": "deploy checkout 1.4.0" } },
	spec: {
		replicas: 3,
		progressDeadlineSeconds: 20,
		selector: { matchLabels: { app: "checkout" } },
		strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
		template: {
			metadata: { labels: { app: "checkout" } },
			spec: { automountServiceAccountToken: false, containers: [{ name: "app", image: "registry.example.com/shop/checkout:1.4.0" }] },
		},
	},
});

/**
 * Open the cluster: a fresh namespace with `checkout` at its second version, 1.4.2, and a directory laid out like a pod's ServiceAccount
 * with the rights that `agent/deploy` gives, patching allowed in that namespace.
 */
export async function openRig(kubeconfig, { kubectl = process.env.KUBECTL ?? "kubectl" } = {}) {
	const namespace = `opssight-${Date.now().toString(36)}`;
	const account = `opssight-agent`;
	const kc = async (...args) => (await run(kubectl, ["--kubeconfig", kubeconfig, ...args], { maxBuffer: 2 ** 26 })).stdout;
	const apply = async (text) => {
		const file = join(dir, "apply.yaml");
		writeFileSync(file, text);
		await kc("apply", "-f", file);
	};
	const dir = mkdtempSync(join(tmpdir(), "opssight-rig-"));
	const config = JSON.parse(await kc("config", "view", "--raw", "--minify", "-o", "json"));
	const { cluster } = config.clusters[0];
	const ca = cluster["certificate-authority-data"]
		? Buffer.from(cluster["certificate-authority-data"], "base64")
		: await run("cat", [cluster["certificate-authority"]]).then(({ stdout }) => stdout);
	writeFileSync(join(dir, "ca.crt"), ca);
	await kc("create", "namespace", namespace);
	// The rights as they are installed, bound to an account of this namespace; the program itself runs here and not as a pod.
	const documents = installManifest({ url: "https://opssight.test", cluster: "rig", token: "none", namespaces: [namespace], image: "none" })
		.split(/^---\n/m)
		.filter((one) => /kind: (ServiceAccount|ClusterRole|ClusterRoleBinding|Role|RoleBinding)$/m.test(one))
		.join("---\n")
		.replaceAll("namespace: opssight", `namespace: ${namespace}`)
		.replaceAll("opssight-agent-read", `${namespace}-read`);
	await apply(documents);
	const request = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 7200 } });
	const requestFile = join(dir, "request.json");
	writeFileSync(requestFile, request);
	const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
	const { status } = JSON.parse(await kc("create", "--raw", path, "-f", requestFile));
	writeFileSync(join(dir, "token"), status.token);
	await apply(JSON.stringify(workload(namespace)));

	const ns = (...args) => kc("-n", namespace, ...args);
	const rollOut = async (version, { isBroken = false, wait = true } = {}) => {
		const container = {
			name: "app",
			image: `registry.example.com/shop/checkout:${version}`,
			readinessProbe: isBroken ? { httpGet: { host: "127.0.0.1", port: 1, path: "/healthz" }, periodSeconds: 1 } : null,
		};
		const patch = {
			metadata: { annotations: { "kubernetes.io/change-cause": `deploy checkout ${version}` } },
			spec: { template: { spec: { containers: [container] } } },
		};
		await ns("patch", "deployment", "checkout", "-p", JSON.stringify(patch));
		if (wait && !isBroken) await ns("rollout", "status", "deployment/checkout", "--timeout=60s");
		while (wait && isBroken && !(await ns("get", "deployment", "checkout", "-o", "json")).includes("ProgressDeadlineExceeded"))
			await sleep(500);
	};
	await ns("rollout", "status", "deployment/checkout", "--timeout=60s");
	await rollOut("1.4.2");
	return {
		what: "real API server",
		url: cluster.server,
		dir,
		namespace,
		token: status.token,
		good: "1.4.2",
		kubectl: ns,
		/** kubectl as the agent. */
		asAgent: (...args) =>
			run(kubectl, ["--server", cluster.server, "--certificate-authority", join(dir, "ca.crt"), "--token", status.token, ...args]),
		deploy: (version) => rollOut(version),
		breakCheckout: (version, { wait = false } = {}) => rollOut(version, { isBroken: true, wait }),
		deployment: async () => JSON.parse(await ns("get", "deployment", "checkout", "-o", "json")),
		async stop() {
			await kc("delete", "clusterrole,clusterrolebinding", `${namespace}-read`, "--wait=false");
			await kc("delete", "namespace", namespace, "--wait=false");
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
