// The Deployment controller, step by step as the real one does it (pkg/controller/deployment): ReplicaSets for templates, revisions,
// a rolling update within maxSurge and maxUnavailable, conditions, the progress deadline, history.
import type { World } from "./index.ts";
import { canonical, controllerReference, hashOf, isControlledBy, type Json, type KubeObject, omitEmpty, timestamp } from "./objects.ts";
import { resource } from "./resources.ts";

const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
const DESIRED = "deployment.kubernetes.io/desired-replicas";
const MAX = "deployment.kubernetes.io/max-replicas";
// Annotations that stay the Deployment's own; every other one is copied to its ReplicaSet.
const NOT_COPIED = new Set([
	"kubectl.kubernetes.io/last-applied-configuration",
	REVISION,
	REVISION_HISTORY,
	DESIRED,
	MAX,
	"deprecated.deployment.rollback.to",
]);

const revisionOf = (object: KubeObject) => Number(object.metadata.annotations?.[REVISION] ?? 0);
const sum = (sets: KubeObject[], count: (set: KubeObject) => number | undefined) =>
	sets.reduce((total, set) => total + (count(set) ?? 0), 0);

/** A template without the label that only ReplicaSets carry. */
function templateText(template: Json): string {
	const { "pod-template-hash": _hash, ...labels } = template.metadata?.labels ?? {};
	return canonical({ ...template, metadata: { ...template.metadata, labels } });
}

/** "25%" or 1, of so many. */
const amount = (value: string | number | undefined, of: number, round: (n: number) => number) =>
	typeof value === "string" && value.endsWith("%") ? round((Number.parseInt(value, 10) * of) / 100) : Number(value ?? 0);

function limits(deployment: KubeObject): { surge: number; unavailable: number } {
	const { replicas, strategy } = deployment.spec;
	if (strategy.type !== "RollingUpdate") return { surge: 0, unavailable: replicas };
	const surge = amount(strategy.rollingUpdate?.maxSurge, replicas, Math.ceil);
	const unavailable = amount(strategy.rollingUpdate?.maxUnavailable, replicas, Math.floor);
	return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

/** One round for one Deployment. */
export function syncDeployment(world: World, deployment: KubeObject): void {
	const owned = () =>
		world.store
			.list("replicasets", deployment.metadata.namespace, (set) => isControlledBy(set, deployment))
			.sort((a, b) => revisionOf(a) - revisionOf(b));
	const find = (sets: KubeObject[]) => sets.find((set) => templateText(set.spec.template) === templateText(deployment.spec.template));

	notePause(world, deployment);
	const before = owned();
	let current = find(before);
	const old = before.filter((set) => set !== current);
	if (!current && !deployment.spec.paused) current = createReplicaSet(world, deployment, old);
	else if (current) current = renumber(world, deployment, current, old);

	if (current && !deployment.spec.paused) {
		if (deployment.spec.strategy.type === "Recreate") recreate(world, deployment, current, old);
		else roll(world, deployment, current, old);
	} else if (current ?? old.at(-1)) scale(world, (current ?? old.at(-1)) as KubeObject, deployment.spec.replicas);

	const after = owned();
	report(world, deployment, after, find(after));
}

/** The revision of a template that runs again is a new number; the old one stays in its history. */
function renumber(world: World, deployment: KubeObject, set: KubeObject, old: KubeObject[]): KubeObject {
	const next = Math.max(0, ...old.map(revisionOf)) + 1;
	const annotations: Record<string, string> = { ...set.metadata.annotations };
	for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!NOT_COPIED.has(key)) annotations[key] = value;
	if (revisionOf(set) < next) {
		const past = annotations[REVISION_HISTORY];
		annotations[REVISION_HISTORY] = past ? `${past},${annotations[REVISION]}` : (annotations[REVISION] as string);
		annotations[REVISION] = String(next);
	}
	const changed = world.store.update(resource("replicasets"), { ...set, metadata: { ...set.metadata, annotations } });
	setRevision(world, deployment, revisionOf(changed));
	setCondition(
		world,
		deployment,
		"Progressing",
		(was) => was ?? ["True", "FoundNewReplicaSet", `Found new replica set "${set.metadata.name}"`],
	);
	return changed;
}

function createReplicaSet(world: World, deployment: KubeObject, old: KubeObject[]): KubeObject {
	const { namespace, name, annotations = {} } = deployment.metadata;
	const { template, selector, replicas } = deployment.spec;
	const hash = hashOf(templateText(template));
	const { surge } = limits(deployment);
	const labels = { ...template.metadata.labels, "pod-template-hash": hash };
	const created = world.store.create(resource("replicasets"), {
		metadata: {
			name: `${name}-${hash}`,
			namespace,
			labels,
			annotations: {
				...Object.fromEntries(Object.entries(annotations).filter(([key]) => !NOT_COPIED.has(key))),
				[REVISION]: String(Math.max(0, ...old.map(revisionOf)) + 1),
				[DESIRED]: String(replicas),
				[MAX]: String(replicas + surge),
			},
			ownerReferences: [controllerReference(deployment)],
		},
		spec: {
			replicas: 0,
			selector: { matchLabels: { ...selector.matchLabels, "pod-template-hash": hash } },
			template: { ...template, metadata: { ...template.metadata, labels } },
		},
		status: { replicas: 0 },
	});
	setRevision(world, deployment, revisionOf(created));
	const message = `Created new replica set "${created.metadata.name}"`;
	setCondition(world, deployment, "Progressing", () => ["True", "NewReplicaSetCreated", message]);
	return created;
}

function setRevision(world: World, deployment: KubeObject, revision: number): void {
	save(world, deployment, {
		metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [REVISION]: String(revision) } },
	});
}

/** Write a change of the Deployment, and go on with what was written. */
function save(world: World, deployment: KubeObject, change: Partial<KubeObject>): void {
	Object.assign(deployment, world.store.update(resource("deployments"), { ...deployment, ...change }));
}

function scale(world: World, set: KubeObject, replicas: number, deployment?: KubeObject): void {
	if (set.spec.replicas === replicas) return;
	const direction = set.spec.replicas < replicas ? "up" : "down";
	const message = `Scaled ${direction} replica set ${set.metadata.name} to ${replicas}`;
	if (deployment) world.record(deployment, "Normal", "ScalingReplicaSet", message, "deployment-controller");
	Object.assign(set, world.store.update(resource("replicasets"), { ...set, spec: { ...set.spec, replicas } }));
}

/** Up as far as maxSurge allows, then down as far as the pods that are available allow. */
function roll(world: World, deployment: KubeObject, current: KubeObject, old: KubeObject[]): void {
	const wanted: number = deployment.spec.replicas;
	const { surge, unavailable } = limits(deployment);
	const all = [...old, current];
	const asked = sum(all, (set) => set.spec.replicas);
	const more = Math.min(wanted + surge - asked, wanted - current.spec.replicas);
	if (current.spec.replicas > wanted) scale(world, current, wanted, deployment);
	else if (more > 0) {
		scale(world, current, current.spec.replicas + more, deployment);
		return;
	}

	const minimum = wanted - unavailable;
	const notReady = current.spec.replicas - (current.status?.availableReplicas ?? 0);
	let spare = asked - minimum - notReady;
	// What does not work of the old ones goes first: it takes nothing away from anybody.
	for (const set of old) {
		const broken = set.spec.replicas - (set.status?.availableReplicas ?? 0);
		const fewer = Math.min(spare, broken);
		if (fewer > 0) scale(world, set, set.spec.replicas - fewer, deployment);
		spare -= Math.max(0, fewer);
	}
	let surplus = sum(all, (set) => set.status?.availableReplicas) - minimum;
	for (const set of old) {
		const fewer = Math.min(surplus, set.spec.replicas, Math.max(0, spare));
		if (fewer <= 0) continue;
		scale(world, set, set.spec.replicas - fewer, deployment);
		surplus -= fewer;
		spare -= fewer;
	}
}

function recreate(world: World, deployment: KubeObject, current: KubeObject, old: KubeObject[]): void {
	for (const set of old) scale(world, set, 0, deployment);
	const labels = (pod: KubeObject) => old.some((set) => isControlledBy(pod, set));
	if (!world.store.list("pods", deployment.metadata.namespace, labels).length) scale(world, current, deployment.spec.replicas, deployment);
}

type Condition = { type: string; status: string; lastUpdateTime: string; lastTransitionTime: string; reason: string; message: string };
type News = [status: string, reason: string, message: string];

/** A condition replaces one of its type when status or reason differ; `always` renews even the time of the same one. */
function withCondition(conditions: Condition[], type: string, [status, reason, message]: News, now: string, always = false): Condition[] {
	const was = conditions.find((one) => one.type === type);
	if (was && was.status === status && was.reason === reason && !always) return conditions;
	const lastTransitionTime = was?.status === status ? was.lastTransitionTime : now;
	return [...conditions.filter((one) => one !== was), { type, status, lastUpdateTime: now, lastTransitionTime, reason, message }];
}

const conditionOf = (deployment: KubeObject, type: string): Condition | undefined =>
	deployment.status?.conditions?.find((one: Condition) => one.type === type);

function setCondition(world: World, deployment: KubeObject, type: string, decide: (was: News | null) => News): void {
	if (deployment.spec.progressDeadlineSeconds === undefined) return;
	const was = conditionOf(deployment, type);
	const news = decide(was ? [was.status, was.reason, was.message] : null);
	const conditions = withCondition(deployment.status?.conditions ?? [], type, news, timestamp(world.now()));
	save(world, deployment, { status: { ...deployment.status, conditions } });
}

function notePause(world: World, deployment: KubeObject): void {
	const reason = conditionOf(deployment, "Progressing")?.reason;
	if (reason === "ProgressDeadlineExceeded") return;
	const { paused } = deployment.spec;
	if (paused && reason !== "DeploymentPaused") {
		setCondition(world, deployment, "Progressing", () => ["Unknown", "DeploymentPaused", "Deployment is paused"]);
	} else if (!paused && reason === "DeploymentPaused") {
		setCondition(world, deployment, "Progressing", () => ["Unknown", "DeploymentResumed", "Deployment is resumed"]);
	}
}

/** The status: counts, Available, and how the rollout goes. */
function report(world: World, deployment: KubeObject, sets: KubeObject[], current: KubeObject | undefined): void {
	const wanted: number = deployment.spec.replicas;
	const was = deployment.status ?? {};
	const available = sum(sets, (set) => set.status?.availableReplicas);
	const counts = {
		replicas: sum(sets, (set) => set.status?.replicas),
		updatedReplicas: current?.status?.replicas ?? 0,
		readyReplicas: sum(sets, (set) => set.status?.readyReplicas),
		availableReplicas: available,
		unavailableReplicas: Math.max(0, sum(sets, (set) => set.spec.replicas) - available),
	};
	const now = timestamp(world.now());
	const enough = available >= wanted - limits(deployment).unavailable;
	let conditions = withCondition(
		was.conditions ?? [],
		"Available",
		enough
			? ["True", "MinimumReplicasAvailable", "Deployment has minimum availability."]
			: ["False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."],
		now,
	);

	const progressing = conditionOf(deployment, "Progressing");
	const isOver = counts.replicas === counts.updatedReplicas && progressing?.reason === "NewReplicaSetAvailable";
	const isComplete = [counts.updatedReplicas, counts.replicas, available].every((count) => count === wanted);
	const isProgress =
		counts.updatedReplicas > (was.updatedReplicas ?? 0) ||
		counts.replicas - counts.updatedReplicas < (was.replicas ?? 0) - (was.updatedReplicas ?? 0) ||
		counts.readyReplicas > (was.readyReplicas ?? 0) ||
		available > (was.availableReplicas ?? 0);
	const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
	if (deployment.spec.progressDeadlineSeconds !== undefined && !deployment.spec.paused && !isOver) {
		const deadlineMs = deployment.spec.progressDeadlineSeconds * 1000;
		// One that was complete has no deadline until it is seen to move: going back to an old ReplicaSet does not start the clock anew.
		if (isComplete) {
			const message = `${subject} has successfully progressed.`;
			conditions = withCondition(conditions, "Progressing", ["True", "NewReplicaSetAvailable", message], now);
		} else if (isProgress) {
			conditions = withCondition(conditions, "Progressing", ["True", "ReplicaSetUpdated", `${subject} is progressing.`], now, true);
		} else if (
			progressing &&
			progressing.reason !== "NewReplicaSetAvailable" &&
			world.now() > Date.parse(progressing.lastUpdateTime) + deadlineMs
		) {
			const message = `${subject} has timed out progressing.`;
			conditions = withCondition(conditions, "Progressing", ["False", "ProgressDeadlineExceeded", message], now);
		}
	}
	save(world, deployment, {
		status: { observedGeneration: deployment.metadata.generation, ...omitEmpty(counts), conditions },
	});
	if (isComplete) forgetOldSets(world, deployment, sets, current);
}

/** Keep as many empty ReplicaSets as revisionHistoryLimit says. */
function forgetOldSets(world: World, deployment: KubeObject, sets: KubeObject[], current: KubeObject | undefined): void {
	const empty = sets.filter((set) => set !== current && set.spec.replicas === 0);
	for (const set of empty.slice(0, Math.max(0, empty.length - deployment.spec.revisionHistoryLimit))) {
		world.store.remove(resource("replicasets"), set.metadata.namespace ?? "", set.metadata.name);
	}
}
