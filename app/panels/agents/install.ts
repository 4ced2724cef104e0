/** How an agent is installed, with the token in it. Pure. */

/** The commands for a machine with kubectl and a checkout of this repository: the namespace, the token, the agent. */
export function installLines(origin: string, token: string): string {
	return [
		"kubectl create namespace opssight --dry-run=client -o yaml | kubectl apply -f -",
		`kubectl -n opssight create secret generic opssight-agent --from-literal=token=${token} --dry-run=client -o yaml | kubectl apply -f -`,
		"kubectl apply -k agent/deploy/base",
		`kubectl -n opssight set env deployment/opssight-agent OPSSIGHT_URL=${origin}`,
	].join("\n");
}

/** What lets an agent roll back in one namespace: the overlay that adds `patch` there. */
export function overlayLines(): string {
	return [
		"cp -r agent/deploy/overlays/example agent/deploy/overlays/mine   # name your namespaces in it",
		"kubectl apply -k agent/deploy/overlays/mine",
	].join("\n");
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
