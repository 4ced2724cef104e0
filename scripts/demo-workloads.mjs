// What the demo's cluster runs: for each component of the demo's environments a Deployment that holds the last versions that were
// declared, rolled out one after the other when they were declared, by the double's own controllers.
const REGISTRY = "ghcr.io/acme";
/** Declared versions that a Deployment's history holds. */
const VERSIONS = 6;
const PODS = { "checkout-api": 6, web: 5, gateway: 4, "payments-worker": 4, notify: 2 };
const podsOf = ({ environment, component }) => (environment === "production" ? (PODS[component] ?? 3) : 2);
/** Kubernetes' ten minutes are long to watch. */
const PROGRESS_SECONDS = 90;
/** Connections that a pod of a version keeps open. The incident's release keeps three times as many, and the database has no more. */
const POOL = { usual: "40", failing: "120" };
const PODS_WITH_CONNECTIONS = 2;
const STEP_MS = 4000;
const STEPS_MAX = 30;
/** The API server forgets events after an hour. */
export const EVENTS_KEPT_MS = 3600_000;

/** Tools that would undo what is changed beside them: what the dialog of a rollback then says. */
const OWNED = {
	"production/auth": { "meta.helm.sh/release-name": "auth", "meta.helm.sh/release-namespace": "production" },
	"production/web": { "argocd.argoproj.io/tracking-id": "web:apps/Deployment:production/web" },
};
/** Somebody went back by hand, and nobody was told. */
const CHANGED_BY_HAND = { name: "staging/notify", minutesAgo: 50 };

/** The workload that an object belongs to, itself included. */
export const workloadOf = ({ metadata }) => `${metadata.namespace}/${metadata.labels?.["app.kubernetes.io/name"]}`;

const imageOf = (component, version) => `${REGISTRY}/${component}:${version}`;

/**
 * What was declared of the demo's environments.
 * @param ask answers a path of the API with its JSON
 * @returns for each component of each environment its versions, oldest first, and since when the newest of them fails
 */
export async function readDeclared(ask) {
	const { environments } = await ask("/api/environments");
	const components = environments
		.filter(({ name }) => name === "production" || name === "staging")
		.flatMap(({ name, components }) => components.map(({ component, latest }) => ({ environment: name, component, latest })));
	return await Promise.all(
		components.map(async ({ environment, component, latest }) => {
			const { deployments } = await ask(
				`/api/deployments?${new URLSearchParams({ environment, component, status: "success", limit: VERSIONS })}`,
			);
			const hasFailed = latest?.status === "failure" && deployments.length > 0;
			const versions = [...deployments.toReversed(), ...(hasFailed ? [latest] : [])].map((one) => ({
				...{ version: one.version, actor: one.actor, at: Date.parse(one.started_at) },
			}));
			return { environment, component, versions, failsSince: hasFailed ? Date.parse(latest.finished_at ?? latest.started_at) : null };
		}),
	);
}

function templateOf({ component }, version, isFailing) {
	const labels = { "app.kubernetes.io/name": component };
	const env = [
		{ name: "LOG_LEVEL", value: "info" },
		{ name: "POOL_MAX", value: isFailing ? POOL.failing : POOL.usual },
	];
	return {
		metadata: { labels: { ...labels, "app.kubernetes.io/version": version } },
		spec: {
			containers: [
				{
					...{ name: component, image: imageOf(component, version), env, ports: [{ name: "http", containerPort: 8080 }] },
					resources: { requests: { cpu: "100m", memory: "192Mi" }, limits: { memory: "384Mi" } },
					// A service takes a few seconds to be ready, so that a rollout can be watched.
					readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, initialDelaySeconds: 2, periodSeconds: 6 },
				},
			],
		},
	};
}

/** Let a version be what a workload runs from now on. */
function rollOut(double, workload, { version, actor, replicas, isFailing = false }) {
	const { environment: namespace, component: name } = workload;
	const labels = { "app.kubernetes.io/name": name };
	const cause = `deploy ${version}${actor === null ? "" : ` by ${actor}`}`;
	double.put("deployments", {
		metadata: { name, namespace, labels, annotations: { ...OWNED[`${namespace}/${name}`], "kubernetes.io/change-cause": cause } },
		spec: {
			...{ replicas, revisionHistoryLimit: 10, progressDeadlineSeconds: PROGRESS_SECONDS, selector: { matchLabels: labels } },
			strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
			template: templateOf(workload, version, isFailing),
		},
	});
}

const isReady = ({ status }) => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

/** From now on only so many pods of an image get the connections they ask for; the others end at their start. */
export function troubleImage(double, image) {
	const has = (pod) => pod.spec.containers.some((container) => container.image === image);
	double.trouble(image, "CrashLoopBackOff", ({ metadata }) => {
		const others = double.world.store.list(
			"pods",
			metadata.namespace,
			(pod) => has(pod) && isReady(pod) && pod.metadata.uid !== metadata.uid,
		);
		return others.length >= PODS_WITH_CONNECTIONS;
	});
}

/** Forget events as the API server does. */
export function forgetEvents(double) {
	const { store } = double.world;
	const old = store.list("events", "", ({ lastTimestamp }) => Date.parse(lastTimestamp) < double.now() - EVENTS_KEPT_MS);
	for (const { metadata } of old) double.remove("events", metadata.name, metadata.namespace);
}

/**
 * Bring what was declared into an empty double whose clock stands before all of it, and leave it at `now`.
 * @returns images whose pods do not all run
 */
export function fillCluster(double, declared, now) {
	const moments = [];
	const at = (time, act) => moments.push({ time, act });
	const pass = ({ environment, component }, ms) => {
		double.advance(ms);
		double.step(1, (object) => workloadOf(object) === `${environment}/${component}`);
	};
	const settle = (workload) => {
		const { environment: namespace, component } = workload;
		for (let n = 0; n < STEPS_MAX && !double.isRolledOut(component, { namespace }); n++) pass(workload, STEP_MS);
	};
	const troubled = [];
	for (const workload of declared) {
		const { environment, component, versions, failsSince } = workload;
		double.addNamespace(environment);
		for (const [n, { version, actor, at: time }] of versions.entries()) {
			const isNewest = n === versions.length - 1;
			const what = { version, actor, replicas: isNewest ? podsOf(workload) : 0, isFailing: isNewest && failsSince !== null };
			at(time, () => {
				rollOut(double, workload, what);
				if (isNewest) settle(workload);
				else pass(workload, 0);
			});
		}
		if (failsSince !== null) {
			const image = imageOf(component, versions.at(-1).version);
			troubled.push(image);
			at(failsSince, () => {
				troubleImage(double, image);
				for (let n = 0; n < 3; n++) pass(workload, STEP_MS);
			});
		}
		const [before, newest] = versions.slice(-2);
		if (`${environment}/${component}` === CHANGED_BY_HAND.name && newest && before.version !== newest.version) {
			at(now - CHANGED_BY_HAND.minutesAgo * 60_000, () => {
				rollOut(double, workload, { ...before, replicas: podsOf(workload) });
				settle(workload);
			});
		}
	}
	for (const { time, act } of moments.sort((a, b) => a.time - b.time)) {
		double.advance(Math.max(0, time - double.now()));
		act();
	}
	double.advance(now - double.now());
	forgetEvents(double);
	return troubled;
}
