// What the API server adds to what people write, and what it refuses.
import { type Cause, invalid } from "./failures.ts";
import type { Json, KubeObject } from "./objects.ts";
import { same } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { selects } from "./selectors.ts";

const withDefaults = (object: Json, defaults: Json): Json => {
	for (const [key, value] of Object.entries(defaults)) if (object[key] === undefined || object[key] === null) object[key] = value;
	return object;
};

/** The tag decides: what may move is pulled each time. */
const pullPolicyOf = (image = "") => (/[:@][^/]+$/.test(image) && !image.endsWith(":latest") ? "IfNotPresent" : "Always");

function defaultProbe(probe: Json): void {
	withDefaults(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
	if (probe.httpGet) withDefaults(probe.httpGet, { path: "/", scheme: "HTTP" });
}

function defaultPodSpec(spec: Json): void {
	for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
		for (const port of container.ports ?? []) withDefaults(port, { protocol: "TCP" });
		for (const probe of [container.readinessProbe, container.livenessProbe, container.startupProbe]) if (probe) defaultProbe(probe);
		withDefaults(container, {
			resources: {},
			terminationMessagePath: "/dev/termination-log",
			terminationMessagePolicy: "File",
			imagePullPolicy: pullPolicyOf(container.image),
		});
	}
	withDefaults(spec, {
		restartPolicy: "Always",
		terminationGracePeriodSeconds: 30,
		dnsPolicy: "ClusterFirst",
		securityContext: {},
		schedulerName: "default-scheduler",
	});
}

/** Fill in what was not said, in place. */
export function setDefaults(object: KubeObject): KubeObject {
	const { spec } = object;
	if (object.kind === "Pod" && spec) defaultPodSpec(spec);
	if (spec?.template) {
		spec.template.metadata = { creationTimestamp: null, ...spec.template.metadata };
		spec.template.spec ??= {};
		defaultPodSpec(spec.template.spec);
	}
	if (object.kind === "Deployment" && spec) {
		withDefaults(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
		withDefaults(spec.strategy, { type: "RollingUpdate" });
		if (spec.strategy.type === "RollingUpdate") {
			withDefaults(spec.strategy, { rollingUpdate: {} });
			withDefaults(spec.strategy.rollingUpdate, { maxUnavailable: "25%", maxSurge: "25%" });
		}
		if (!spec.paused) delete spec.paused;
	}
	if (object.kind === "StatefulSet" && spec) {
		withDefaults(spec, { replicas: 1, podManagementPolicy: "OrderedReady", updateStrategy: {}, revisionHistoryLimit: 10 });
		withDefaults(spec.updateStrategy, { type: "RollingUpdate" });
		if (spec.updateStrategy.type === "RollingUpdate") withDefaults(spec.updateStrategy, { rollingUpdate: { partition: 0 } });
	}
	if (object.kind === "DaemonSet" && spec) {
		withDefaults(spec, { updateStrategy: {}, revisionHistoryLimit: 10 });
		withDefaults(spec.updateStrategy, { type: "RollingUpdate" });
		if (spec.updateStrategy.type === "RollingUpdate") withDefaults(spec.updateStrategy, { rollingUpdate: { maxUnavailable: 1 } });
	}
	if (object.kind === "Namespace") {
		object.spec ??= { finalizers: ["kubernetes"] };
		object.status ??= { phase: "Active" };
	}
	if (["Deployment", "StatefulSet", "DaemonSet"].includes(object.kind)) object.status ??= {};
	return object;
}

/** Refuse what a workload may not be. @throws 422 with the causes */
export function validate(what: Resource, object: KubeObject, before: KubeObject | null): void {
	if (!object.spec?.template || what.group !== "apps") return;
	const causes: Cause[] = [];
	const { template, selector } = object.spec;
	const labels: Record<string, string> = template.metadata?.labels ?? {};
	if (!selects(selector)({ metadata: { labels } } as KubeObject)) {
		const message = `Invalid value: ${goMap(labels)}: \`selector\` does not match template \`labels\``;
		causes.push({ field: "spec.template.metadata.labels", reason: "FieldValueInvalid", message });
	}
	if (!template.spec?.containers?.length) {
		causes.push({ field: "spec.template.spec.containers", reason: "FieldValueRequired", message: "Required value" });
	}
	(template.spec?.containers ?? []).forEach((container: Json, index: number) => {
		for (const field of ["name", "image"].filter((name) => !container[name])) {
			causes.push({ field: `spec.template.spec.containers[${index}].${field}`, reason: "FieldValueRequired", message: "Required value" });
		}
	});
	if (before && !same(before.spec.selector, selector)) {
		const value = `v1.LabelSelector{MatchLabels:${goMap(selector?.matchLabels ?? {})}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
		causes.push({ field: "spec.selector", reason: "FieldValueInvalid", message: `Invalid value: ${value}: field is immutable` });
	}
	if (causes.length) throw invalid(object, what, causes);
}

/** A map of strings in Go's `%#v`. */
const goMap = (map: Record<string, string>) =>
	`map[string]string{${Object.keys(map)
		.sort()
		.map((key) => `${JSON.stringify(key)}:${JSON.stringify(map[key])}`)
		.join(", ")}}`;
