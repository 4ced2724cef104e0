// What people type when a rollout goes wrong, in one order, each command on what the last ones left. `{…}` is filled in per cluster.

export type Command = {
	args: string[];
	/** Standard input. */
	input?: string;
	/** `last`: which lines come before the last one depends on who was faster. `sorted`: the order of hashes and map keys differs. */
	compare?: "last" | "sorted";
	/** Run with the agent's token. */
	asAgent?: true;
	/** Typed by somebody else while the command watches. */
	meanwhile?: string[][];
};

const IMAGE = "registry.example.com/shop";

const container = (image: string, extra: object = {}) => ({ name: "app", image: `${IMAGE}/${image}`, ...extra });
const workload = (kind: string, name: string, image: string, spec: object) => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name, labels: { app: name }, annotations: { "kubernetes.io/change-cause": `deploy ${name} ${image.split(":")[1]}` } },
	spec: {
		selector: { matchLabels: { app: name } },
		template: {
			metadata: { labels: { app: name } },
			spec: {
				automountServiceAccountToken: false,
				terminationGracePeriodSeconds: 1,
				containers: [container(image, { ports: [{ containerPort: 8080 }] })],
			},
		},
		...spec,
	},
});

export const WORKLOADS = JSON.stringify({
	apiVersion: "v1",
	kind: "List",
	items: [
		workload("Deployment", "checkout", "checkout:1.4.0", {
			replicas: 3,
			progressDeadlineSeconds: 20,
			strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
		}),
		workload("Deployment", "idle", "idle:1", { replicas: 0 }),
		workload("StatefulSet", "ledger", "ledger:15.3", { replicas: 2, serviceName: "ledger" }),
		workload("DaemonSet", "logship", "logship:2.1", {}),
	],
});

const patch = (target: string, image: string, extra: object = {}): Command => ({
	args: [
		"patch",
		target,
		"-p",
		JSON.stringify({
			metadata: { annotations: { "kubernetes.io/change-cause": `deploy ${image.replace(":", " ")}` } },
			spec: { template: { spec: { containers: [container(image, extra)] } } },
		}),
	],
});
const run = (line: string, more: Omit<Command, "args"> = {}): Command => ({ args: line.split(" "), ...more });
const status = (target: string): Command => run(`rollout status ${target} --timeout=40s`, { compare: "last" });
const asAgent = (line: string): Command => run(line, { asAgent: true });
const json = (operations: object[]): Command => ({
	args: ["patch", "deployment/checkout", "--type=json", "-p", JSON.stringify(operations)],
});
const templateImage = "jsonpath={.spec.template.spec.containers[0].image}";
const inLines = (plural: string, jsonpath: string): Command => ({
	args: [...`get ${plural} -o`.split(" "), `jsonpath=${jsonpath}`],
	compare: "sorted",
});
const CONDITIONS = '{range .status.conditions[*]}{.type}={.status}:{.reason}:{.message}{"\\n"}{end}';
const REVISIONS = ["revision", "revision-history", "desired-replicas", "max-replicas"]
	.map((name) => `{.metadata.annotations.deployment\\.kubernetes\\.io/${name}} `)
	.join("");
const replicaSets = inLines(
	"replicasets -l app=checkout",
	`{range .items[*]}{.spec.template.spec.containers[0].image} ${REVISIONS}{"\\n"}{end}`,
);

export const COMMANDS: Command[] = [
	run("apply --validate=false -f -", { input: WORKLOADS }),
	...["deployment/checkout", "statefulset/ledger", "daemonset/logship"].map(status),
	patch("deployment/checkout", "checkout:1.4.1"),
	status("deployment/checkout"),
	patch("deployment/checkout", "checkout:1.4.2"),
	status("deployment/checkout"),
	run("get deployment checkout"),
	run("get deployment checkout -o wide"),
	run("get pods -l app=checkout", { compare: "sorted" }),
	run("rollout history deployment/checkout"),
	run("rollout history deployment/checkout --revision=2"),
	run("rollout history deployment/checkout --revision=99"),

	// What changes nothing.
	run("rollout undo deployment/checkout --to-revision=3"),
	run("rollout undo deployment/checkout --to-revision=99"),
	run("rollout undo deployment/nope"),
	run("rollout undo deployment/checkout --dry-run=client"),
	run("rollout undo deployment/checkout --dry-run=server"),
	run(`rollout undo deployment/checkout --dry-run=server -o ${templateImage}`),
	run(`get deployment checkout -o ${templateImage}`),
	json([
		{ op: "test", path: "/metadata/resourceVersion", value: "1" },
		{ op: "replace", path: "/spec/paused", value: true },
	]),
	json([{ op: "replace", path: "/spec/nothing/here", value: true }]),
	{ args: ["patch", "deployment/checkout", "--type=merge", "-p", '{"metadata":{"resourceVersion":"1"},"spec":{"paused":true}}'] },
	{ args: ["patch", "deployment/checkout", "--type=merge", "-p", '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}'] },
	{
		args: ["replace", "--validate=false", "-f", "-"],
		input: JSON.stringify({
			...workload("Deployment", "idle", "idle:2", { replicas: 0 }),
			metadata: { name: "idle", resourceVersion: "1", labels: { app: "idle" } },
		}),
	},
	run("get deployment checkout -o jsonpath={.metadata.generation}/{.status.observedGeneration}"),
	run("rollout pause deployment/checkout"),
	run("rollout undo deployment/checkout"),
	run("rollout undo deployment/checkout --dry-run=client"),
	run("rollout pause deployment/checkout"),
	run("rollout resume deployment/checkout"),
	run("rollout resume deployment/checkout"),

	// A rollout that cannot succeed, and back.
	patch("deployment/checkout", "checkout:1.5.0", {
		readinessProbe: { httpGet: { host: "127.0.0.1", port: 1, path: "/healthz" }, periodSeconds: 1 },
	}),
	status("deployment/checkout"),
	run("get deployment checkout"),
	run("get replicasets -l app=checkout", { compare: "sorted" }),
	run("get pods -l app=checkout", { compare: "sorted" }),
	inLines("deployment checkout", CONDITIONS),
	run("rollout undo deployment/checkout"),
	status("deployment/checkout"),
	run(`get deployment checkout -o ${templateImage}`),
	run("rollout history deployment/checkout"),
	replicaSets,
	// The trap: another plain undo would go back to what was broken.
	run("rollout undo deployment/checkout --dry-run=client"),
	run("rollout undo deployment/checkout --to-revision=1"),
	status("deployment/checkout"),
	run("rollout history deployment/checkout"),
	replicaSets,
	run(`get deployment checkout -o ${templateImage}`),

	// The kinds whose history is ControllerRevisions.
	...[
		["statefulset/ledger", "ledger:16.0"],
		["daemonset/logship", "logship:2.2"],
	].flatMap(([target, image]) => [
		patch(target as string, image as string),
		status(target as string),
		run(`rollout history ${target}`),
		run(`rollout undo ${target} --to-revision=99`),
		run(`rollout undo ${target} --to-revision=2`),
		run(`rollout undo ${target} --dry-run=server`),
		run(`rollout undo ${target}`),
		status(target as string),
		run(`get ${target} -o ${templateImage}`),
		run(`rollout history ${target}`),
		run(`get ${target}`),
	]),
	run("get controllerrevisions -l app=ledger", { compare: "sorted" }),

	run("get deployment idle -w --request-timeout=4s", {
		meanwhile: ["1", "2"].map((step) => ["label", "deployment", "idle", `step=${step}`, "--overwrite"]),
	}),
	run("scale deployment/checkout --replicas=4"),
	status("deployment/checkout"),
	run("get deployment checkout"),
	run("delete deployment idle"),
	run("get deployment idle"),

	// Who may not.
	run("get pods --token=wrong"),
	run("rollout undo deployment/checkout --token=wrong"),
	asAgent("get deployment checkout"),
	asAgent("rollout undo deployment/checkout --to-revision=99"),
	asAgent("rollout undo deployment/checkout --dry-run=server"),
	asAgent("get secrets"),
	asAgent("get secrets -n kube-system"),
	asAgent("scale deployment/checkout --replicas=1"),
	asAgent("delete deployment checkout"),
	asAgent("delete pod -l app=ledger"),
	asAgent("exec ledger-0 -- id"),
	asAgent("create deployment x --image=y"),
	asAgent("get pods -n kube-system"),
];
