/**
 * A Kubernetes API server with its controllers in one process, for tests: what it says and does was recorded from a real 1.20.
 *
 *     const cluster = await startKubeDouble();                        // https on a free port of loopback, its clock runs
 *     cluster.addToken("agent-token", agentUser(["shop"]));           // "admin-token" may do everything
 *     await cluster.deploy("checkout", "1.4.1");                      // made where it is missing; waits until it is rolled out
 *     await cluster.deploy("checkout", "1.4.2", { changeCause: "deploy checkout 1.4.2 (sha 59b20b8)" });
 *     await cluster.break("checkout", "1.5.0");                       // waits until ProgressDeadlineExceeded
 *     … a client against { server: cluster.url, ca: cluster.ca (PEM), token: "agent-token" } …
 *     cluster.patchesOf("checkout");                                  // what was patched, dry runs not counted
 *     cluster.failNext(1, "lost", isPatch); cluster.hold(isPatch); cluster.dropWatches(); cluster.expire();
 *     await cluster.stop();
 *
 * Time is the cluster's own: each step of its controllers is `stepMs` of it. With `everyMs: 0` nothing moves until `step()`.
 */
import type { Server } from "node:https";
import { agentUser, type User } from "./access.ts";
import { setDefaults } from "./defaults.ts";
import { syncDeployment } from "./deployment-controller.ts";
import { type Fault, Hooks, type Matches, type Request } from "./hooks.ts";
import { type Json, type KubeObject, timestamp } from "./objects.ts";
import { syncPod, type Trouble } from "./pods.ts";
import { syncReplicaSet } from "./replica-sets.ts";
import { resource } from "./resources.ts";
import { everyoneKnown, serve } from "./server.ts";
import { syncDaemonSet, syncStatefulSet } from "./set-controllers.ts";
import { Store, type StoreDump } from "./store.ts";

export type { Fault, Json, KubeObject, Request, Trouble };
export { agentUser, type User };

/** What controllers, kubelets and doors share. */
export type World = {
	store: Store;
	hooks: Hooks;
	users: Map<string, User>;
	requests: Request[];
	/** Images that do not run, how, and which of their pods that hits. */
	troubles: Map<string, { how: Trouble; hits: (pod: KubeObject) => boolean }>;
	/** Whether an expired watch is refused with HTTP 410 instead of an ERROR event. */
	expiresWithStatus: boolean;
	now: () => number;
	/** A number nobody had before. */
	next: () => number;
	/** Write an event about an object; the same one again counts up. */
	record: (about: KubeObject, type: "Normal" | "Warning", reason: string, message: string, component: string) => void;
};

export type Options = {
	/** Real time between two steps; 0: only `step()` moves anything. */
	everyMs?: number;
	/** What a step is on the cluster's clock. */
	stepMs?: number;
	/** The cluster's time at the start. */
	startAt?: number;
	nodes?: number;
	port?: number;
};

export type Dump = { now: number; numbers: number; store: StoreDump };

export const isPatch: Matches = ({ method }) => method === "PATCH";

export const ADMIN_TOKEN = "admin-token";
const REGISTRY = "registry.example.com";
const STEPS_MAX = 2_000;

type Kind = "deployments" | "statefulsets" | "daemonsets";
export type DeployOptions = {
	namespace?: string;
	kind?: Kind;
	replicas?: number;
	image?: string;
	changeCause?: string;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	/** Default 20 s; Kubernetes' is 600. */
	progressDeadlineSeconds?: number;
	/** Whether to wait for the outcome; true where nothing is said. */
	wait?: boolean;
};

/** A cluster that runs until it is stopped. */
export async function startKubeDouble(options: Options = {}): Promise<KubeDouble> {
	const double = new KubeDouble(options);
	await double.listen(options.port);
	return double;
}

export class KubeDouble {
	readonly world: World;
	url = "";
	/** The certificate authority, in PEM. */
	ca = "";
	readonly #everyMs: number;
	readonly #stepMs: number;
	#now: number;
	#numbers = 0;
	#server: Server | null = null;
	#drop: (matches?: Matches) => number = () => 0;
	#timer: NodeJS.Timeout | undefined;

	constructor({ everyMs = 10, stepMs = 500, startAt = Date.now(), nodes = 2 }: Options = {}) {
		this.#everyMs = everyMs;
		this.#stepMs = stepMs;
		this.#now = startAt;
		const now = () => this.#now;
		const store = new Store(() => timestamp(now()));
		this.world = {
			store,
			hooks: new Hooks(),
			users: everyoneKnown(),
			requests: [],
			troubles: new Map(),
			expiresWithStatus: false,
			now,
			next: () => ++this.#numbers,
			record: (...event) => this.#record(...event),
		};
		for (const name of ["default", "kube-system"]) this.addNamespace(name);
		for (let i = 1; i <= nodes; i++) this.addNode(`hollow-${i}`);
	}

	async listen(port?: number): Promise<void> {
		const { url, ca, server, dropWatches } = await serve(this.world, port);
		Object.assign(this, { url, ca });
		this.#server = server;
		this.#drop = dropWatches;
		this.start();
	}

	/** Let the clock run again after `pause()`. */
	start(): void {
		clearInterval(this.#timer);
		if (this.#everyMs) this.#timer = setInterval(() => this.step(), this.#everyMs);
	}

	/** Stop the controllers and the clock; requests are still answered. */
	pause(): void {
		clearInterval(this.#timer);
	}

	async stop(): Promise<void> {
		this.pause();
		this.#drop();
		this.#server?.closeAllConnections();
		await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
	}

	/** The cluster's time. */
	now(): number {
		return this.#now;
	}

	/** Move the clock, and nothing else. */
	advance(ms: number): void {
		this.#now += ms;
	}

	/** Everything that there is, as JSON can hold it; what is in trouble is not in it. */
	dump(): Dump {
		return { now: this.#now, numbers: this.#numbers, store: this.world.store.dump() };
	}

	/** What was dumped, instead of what is there. */
	restore({ now, numbers, store }: Dump): void {
		this.#now = now;
		this.#numbers = numbers;
		this.world.store.restore(store);
	}

	/** One round of every controller and kubelet; with `matches` of those that have to do with some objects only. */
	step(times = 1, matches?: (object: KubeObject) => boolean): void {
		const { store } = this.world;
		for (let i = 0; i < times; i++) {
			this.#now += this.#stepMs;
			for (const one of store.list("deployments", "", matches)) syncDeployment(this.world, one);
			for (const one of store.list("statefulsets", "", matches)) syncStatefulSet(this.world, one);
			for (const one of store.list("daemonsets", "", matches)) syncDaemonSet(this.world, one);
			for (const one of store.list("pods", "", matches)) syncPod(this.world, one);
			for (const one of store.list("replicasets", "", matches)) syncReplicaSet(this.world, one);
		}
	}

	/** Step until `done`; for tests that do not want to wait for the clock. @throws where it never is */
	stepUntil(done: () => boolean, what = "what was waited for"): void {
		for (let i = 0; i < STEPS_MAX; i++) {
			if (done()) return;
			this.step();
		}
		throw new Error(`kube-double: ${what} did not happen in ${STEPS_MAX} steps`);
	}

	// ---- who may do what

	addToken(token: string, user: User): void {
		this.world.users.set(token, user);
	}

	removeToken(token: string): void {
		this.world.users.delete(token);
	}

	/** A kubeconfig for kubectl. */
	kubeconfig(token = ADMIN_TOKEN, namespace = "shop"): string {
		const cluster = { server: this.url, "certificate-authority-data": Buffer.from(this.ca).toString("base64") };
		return JSON.stringify({
			apiVersion: "v1",
			kind: "Config",
			clusters: [{ name: "double", cluster }],
			users: [{ name: "double", user: { token } }],
			contexts: [{ name: "double", context: { cluster: "double", user: "double", namespace } }],
			"current-context": "double",
		});
	}

	// ---- what runs

	addNamespace(name: string, labels: Record<string, string> = {}): void {
		const { store } = this.world;
		if (store.find(resource("namespaces"), "", name)) return;
		store.create(resource("namespaces"), setDefaults({ kind: "Namespace", apiVersion: "v1", metadata: { name, labels } as Json }));
	}

	addNode(name: string): void {
		const isTrue = { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };
		const now = timestamp(this.#now);
		const capacity = { cpu: "1", memory: "3840Mi", pods: "110" };
		this.world.store.create(resource("nodes"), {
			metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" } },
			spec: { providerID: `kubemark://${name}` },
			status: {
				capacity,
				allocatable: capacity,
				conditions: [{ type: "Ready", ...isTrue, lastHeartbeatTime: now, lastTransitionTime: now }],
				addresses: [{ type: "InternalIP", address: "192.0.2.2" }],
				nodeInfo: { kubeletVersion: "v1.20.2", operatingSystem: "linux", architecture: "amd64" },
			},
		});
	}

	/** A node whose kubelet vanished: Ready is Unknown, and its pods go on saying Running. */
	loseNode(name: string): void {
		const node = this.world.store.get(resource("nodes"), "", name);
		const [ready] = node.status.conditions;
		const lost = {
			...ready,
			status: "Unknown",
			reason: "NodeStatusUnknown",
			message: "Kubelet stopped posting node status.",
			lastTransitionTime: timestamp(this.#now),
		};
		this.world.store.update(resource("nodes"), { ...node, status: { ...node.status, conditions: [lost] } });
	}

	/** An object as it is, or null. */
	find(plural: string, name: string, namespace = "shop"): KubeObject | null {
		return this.world.store.find(resource(plural), namespace, name);
	}

	/** Hear of everything that is written of a kind. @returns how to stop */
	onChange(plural: string, heard: (object: KubeObject) => void): () => void {
		return this.world.store.listen(
			resource(plural),
			"",
			() => true,
			({ object }) => heard(object),
		);
	}

	/** Put any object there, defaulted as the API server would; or replace its fields. */
	put(plural: string, object: Json): KubeObject {
		const what = resource(plural);
		const { namespace = "", name } = object.metadata;
		const was = this.world.store.find(what, namespace, name);
		const full = setDefaults({ kind: what.kind, apiVersion: "", ...was, ...object, metadata: { ...was?.metadata, ...object.metadata } });
		return was ? this.world.store.update(what, full) : this.world.store.create(what, full);
	}

	/** Take an object away, as a client's DELETE would. */
	remove(plural: string, name: string, namespace = "shop"): void {
		this.world.store.remove(resource(plural), namespace, name);
	}

	/** Roll out a version, and wait until it runs. The first one makes the workload. */
	async deploy(name: string, version: string, options: DeployOptions = {}): Promise<void> {
		this.#rollOut(name, version, options, undefined);
		if (options.wait ?? true) await this.until(() => this.isRolledOut(name, options), `the rollout of ${name} ${version}`);
	}

	/** Roll out a version whose readiness probe cannot pass, and wait until the rollout failed (a Deployment's progress deadline). */
	async break(name: string, version: string, options: DeployOptions = {}): Promise<void> {
		this.#rollOut(name, version, options, { httpGet: { host: "127.0.0.1", port: 1, path: "/healthz" }, periodSeconds: 1 });
		if (options.wait ?? true) await this.until(() => this.isFailed(name, options), `the failure of ${name} ${version}`);
	}

	/** From now on an image does not run, or runs again. `hits`: which of its pods. */
	trouble(image: string, how: Trouble | null, hits: (pod: KubeObject) => boolean = () => true): void {
		if (how) this.world.troubles.set(image, { how, hits });
		else this.world.troubles.delete(image);
	}

	isRolledOut(name: string, { kind = "deployments", namespace = "shop" }: DeployOptions = {}): boolean {
		const { metadata, spec, status = {} } = this.world.store.get(resource(kind), namespace, name);
		if (status.observedGeneration !== metadata.generation) return false;
		if (kind === "statefulsets") return status.updateRevision === status.currentRevision && status.readyReplicas === spec.replicas;
		if (kind === "daemonsets") return [status.updatedNumberScheduled, status.numberReady].every((n) => n === status.desiredNumberScheduled);
		return [status.updatedReplicas, status.availableReplicas, status.replicas].every((count) => count === spec.replicas);
	}

	isFailed(name: string, { kind = "deployments", namespace = "shop" }: DeployOptions = {}): boolean {
		const { metadata, status = {} } = this.world.store.get(resource(kind), namespace, name);
		if (status.observedGeneration !== metadata.generation) return false;
		if (kind !== "deployments") return !this.isRolledOut(name, { kind, namespace });
		return status.conditions?.some((one: Json) => one.reason === "ProgressDeadlineExceeded") ?? false;
	}

	/** Wait for the running clock, or step where it stands still. */
	async until(done: () => boolean, what: string): Promise<void> {
		if (!this.#everyMs) return this.stepUntil(done, what);
		const last = this.#now + STEPS_MAX * this.#stepMs;
		while (!done()) {
			if (this.#now > last) throw new Error(`kube-double: ${what} did not happen`);
			await new Promise((resolve) => setTimeout(resolve, this.#everyMs));
		}
	}

	// ---- what a test does to the answers

	/** Make the next `count` matching requests go wrong. */
	failNext(count: number, fault: Fault, matches?: Matches): void {
		this.world.hooks.failNext(count, fault, matches);
	}

	/** Hold matching requests until the gate is opened. */
	hold(matches: Matches): ReturnType<Hooks["hold"]> {
		return this.world.hooks.hold(matches);
	}

	/** Cut watches that are open. @returns how many there were */
	dropWatches(matches?: Matches): number {
		return this.#drop(matches);
	}

	/** Forget the past: a watch from an older version, or the rest of a list, is told 410 Expired. */
	expire({ as = "event", drop = true }: { as?: "event" | "status"; drop?: boolean } = {}): void {
		this.world.store.forget();
		this.world.expiresWithStatus = as === "status";
		if (drop) this.#drop();
	}

	get requests(): readonly Request[] {
		return this.world.requests;
	}

	/** PATCH requests for an object, in order; dry runs are not counted. `applied`: only those that were answered 200. */
	patchesOf(name: string, { applied = false }: { applied?: boolean } = {}): Request[] {
		return this.world.requests.filter((one) => isPatch(one) && one.name === name && !one.dryRun && (!applied || one.status === 200));
	}

	#rollOut(name: string, version: string, options: DeployOptions, readinessProbe: Json): void {
		const {
			kind = "deployments",
			namespace = "shop",
			replicas = kind === "statefulsets" ? 2 : 3,
			changeCause,
			annotations,
			progressDeadlineSeconds = 20,
		} = options;
		const what = resource(kind);
		const was = this.world.store.find(what, namespace, name);
		const labels = { app: name };
		const template = {
			metadata: { labels: { ...labels, ...options.labels } },
			spec: {
				containers: [
					{
						name: "app",
						image: options.image ?? `${REGISTRY}/${namespace}/${name}:${version}`,
						ports: [{ containerPort: 8080 }],
						...(readinessProbe ? { readinessProbe } : {}),
					},
				],
			},
		};
		this.addNamespace(namespace);
		this.put(kind, {
			metadata: {
				name,
				namespace,
				labels: was?.metadata.labels ?? { ...labels, ...options.labels },
				annotations: {
					...was?.metadata.annotations,
					...annotations,
					...(changeCause ? { "kubernetes.io/change-cause": changeCause } : {}),
				},
			},
			spec: {
				...(kind === "daemonsets" ? {} : { replicas }),
				...(kind === "deployments" ? { progressDeadlineSeconds, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } : {}),
				...(kind === "statefulsets" ? { serviceName: name } : {}),
				selector: { matchLabels: labels },
				...was?.spec,
				template,
			},
		});
	}

	#record(about: KubeObject, type: "Normal" | "Warning", reason: string, message: string, component: string): void {
		const events = resource("events");
		const { kind, apiVersion } = about;
		const { name, namespace = "default", uid, resourceVersion } = about.metadata;
		const now = timestamp(this.#now);
		const again = (one: KubeObject) => one.involvedObject.uid === uid && one.reason === reason && one.message === message;
		const [was] = this.world.store.list(events, namespace, again);
		if (was) return void this.world.store.update(events, { ...was, count: was.count + 1, lastTimestamp: now });
		this.world.store.create(events, {
			metadata: { name: `${name}.${(++this.#numbers).toString(16).padStart(16, "0")}`, namespace },
			involvedObject: { kind, namespace, name, uid, apiVersion, resourceVersion },
			reason,
			message,
			source: { component },
			firstTimestamp: now,
			lastTimestamp: now,
			count: 1,
			type,
			eventTime: null,
			reportingComponent: "",
			reportingInstance: "",
		});
	}
}
