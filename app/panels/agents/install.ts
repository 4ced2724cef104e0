import { AGENT_IMAGE, installManifest, isNamespaceName } from "#worker/domains/clusters/install";

/** How an agent is installed, and what it says it may do. Pure. */

type Installed = { origin: string; cluster: string; token: string; bindings: readonly { namespace: string }[] };

/** One command that puts the agent into a cluster, with its token in it; it may roll back in the namespaces that are named. */
export function installCommand({ origin, cluster, token, bindings }: Installed): string {
	const namespaces = bindings.map(({ namespace }) => namespace).filter(isNamespaceName);
	const manifest = installManifest({ url: origin, cluster, token, namespaces, image: `${AGENT_IMAGE}:latest` });
	return `kubectl apply -f - <<'OPSSIGHT'\n${manifest.trimEnd()}\nOPSSIGHT`;
}

type Verbs = { namespace: string; resource: string; verbs: readonly string[] };

/** The namespaces an agent spoke of, each with its resources and verbs, exactly as the API server answered. */
export function verbsByNamespace(verbs: readonly Verbs[]): { namespace: string; lines: string[]; canRollBack: boolean }[] {
	const names = [...new Set(verbs.map(({ namespace }) => namespace))].sort();
	return names.map((namespace) => {
		const own = verbs.filter((one) => one.namespace === namespace);
		return {
			namespace,
			lines: own.map(({ resource, verbs: may }) => `${resource}: ${may.length === 0 ? "nothing" : may.join(", ")}`),
			canRollBack: own.some(({ resource, verbs: may }) => /^(deployments|statefulsets|daemonsets)/.test(resource) && may.includes("patch")),
		};
	});
}

/** `shop = prod` a line; `*` stands for the namespaces that are not named. */
export function readBindings(text: string): { namespace: string; environment: string }[] {
	return text
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter((line) => line !== "")
		.map((line) => {
			const at = line.indexOf("=");
			return at === -1
				? { namespace: line, environment: "" }
				: { namespace: line.slice(0, at).trim(), environment: line.slice(at + 1).trim() };
		});
}

/** @see readBindings */
export function writeBindings(bindings: readonly { namespace: string; environment: string }[]): string {
	return bindings.map(({ namespace, environment }) => `${namespace} = ${environment}`).join("\n");
}
