import type { Verbs, WorkloadRef } from "#worker/wire/agent";
import { type Kube, KubeError } from "./kube.ts";
import type { Log } from "./log.ts";
import { RESOURCES } from "./objects.ts";
import { cut, words } from "./text.ts";

/** What this agent may do, as the API server itself answers; nothing is concluded from what was installed. */

type Rule = { apiGroups?: string[]; resources?: string[]; verbs?: string[]; resourceNames?: string[] };
type RulesReview = { status?: { resourceRules?: Rule[]; incomplete?: boolean } };
type AccessReview = { status?: { allowed?: boolean } };

const REFRESH_MS = 5 * 60_000;
/** After a refusal something may have been granted or taken: asked again soon, and not for each refusal. */
const REFRESH_SOON_MS = 2000;
const NAMESPACES_MAX = 500;
/** @source worker/wire/agent: AgentMessage, verbs */
const VERBS_MAX = 100;
/** Nobody binds a Role in a namespace that does not exist, so rules that hold there hold in all namespaces. */
const ANY_NAMESPACE = "opssight-any-namespace";
const REVIEWS = "/apis/authorization.k8s.io/v1";
/** Reviews of oneself are everybody's. */
const UNTOLD = /^selfsubject/;

export type Rights = {
	canPatch(ref: Pick<WorkloadRef, "kind" | "namespace">): boolean;
	verbs(): Verbs[];
	/** Ask for all namespaces anew. */
	refresh(): Promise<void>;
	/** A call was refused. */
	wasRefused(): void;
	/** Ask now and then, and soon when there is a namespace that was not asked about. */
	run(signal: AbortSignal): void;
	noticed(namespace: string): void;
};

export function makeRights({
	kube,
	namespaces,
	onChange,
	log,
}: {
	kube: Kube;
	/** Those with workloads. */
	namespaces: () => Iterable<string>;
	/** `namespaces`: where patching is possible now and was not, or the other way round. */
	onChange: (changed: { namespaces: string[] }) => void;
	log: Log;
}): Rights {
	let patchable = new Map<string, Set<string>>();
	let told: Verbs[] = [];
	const known = new Set<string>();
	let timer: NodeJS.Timeout | null = null;
	let isRunning = false;
	let isStopped = true;

	const plan = (ms: number) => {
		if (isStopped) return;
		if (timer) clearTimeout(timer);
		timer = setTimeout(() => void refresh(), ms);
	};

	const refresh = async () => {
		if (isRunning) return;
		isRunning = true;
		try {
			const everywhere = await rulesIn(kube, ANY_NAMESPACE);
			const wanted = [...new Set(namespaces())].slice(0, NAMESPACES_MAX);
			const found: Verbs[] = verbsOf("*", everywhere.rules);
			const next = new Map<string, Set<string>>();
			for (const namespace of wanted) {
				const { rules, isIncomplete } = await rulesIn(kube, namespace);
				known.add(namespace);
				found.push(...beyond(verbsOf(namespace, rules), found));
				const allowed = new Set<string>();
				for (const resource of Object.values(RESOURCES)) {
					const isListed = rules.some((rule) => allows(rule, resource));
					if (isListed || (isIncomplete && (await mayPatch(kube, namespace, resource)))) allowed.add(resource);
				}
				next.set(namespace, allowed);
			}
			const moved = wanted.filter((namespace) => written(patchable.get(namespace)) !== written(next.get(namespace)));
			const isNew = JSON.stringify(told) !== JSON.stringify(found.slice(0, VERBS_MAX));
			patchable = next;
			told = found.slice(0, VERBS_MAX);
			if (isNew || moved.length > 0) onChange({ namespaces: moved });
		} catch (error) {
			log("warn", "rights could not be asked for", { error: words(error), status: error instanceof KubeError ? error.status : null });
		} finally {
			isRunning = false;
			plan(REFRESH_MS);
		}
	};

	return {
		canPatch: ({ kind, namespace }) => patchable.get(namespace)?.has(RESOURCES[kind]) ?? false,
		verbs: () => told,
		refresh,
		wasRefused: () => plan(REFRESH_SOON_MS),
		run(signal) {
			isStopped = false;
			signal.addEventListener("abort", () => {
				isStopped = true;
				if (timer) clearTimeout(timer);
			});
		},
		noticed(namespace) {
			if (known.has(namespace)) return;
			known.add(namespace);
			plan(REFRESH_SOON_MS);
		},
	};
}

async function rulesIn(kube: Kube, namespace: string): Promise<{ rules: Rule[]; isIncomplete: boolean }> {
	const body = { kind: "SelfSubjectRulesReview", apiVersion: "authorization.k8s.io/v1", spec: { namespace } };
	const { status } = await kube.review<RulesReview>(`${REVIEWS}/selfsubjectrulesreviews`, body);
	return { rules: status?.resourceRules ?? [], isIncomplete: status?.incomplete === true };
}

/** Asked where the rules are not all that decides: a webhook may allow more. */
async function mayPatch(kube: Kube, namespace: string, resource: string): Promise<boolean> {
	const spec = { resourceAttributes: { namespace, verb: "patch", group: "apps", resource } };
	const body = { kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1", spec };
	const { status } = await kube.review<AccessReview>(`${REVIEWS}/selfsubjectaccessreviews`, body);
	return status?.allowed === true;
}

/** Whether a rule allows to patch any object of a resource of apps. One for named objects does not: it is not known which will be. */
function allows({ apiGroups = [], resources = [], verbs = [], resourceNames = [] }: Rule, resource: string): boolean {
	const has = (list: string[], item: string) => list.includes(item) || list.includes("*");
	return resourceNames.length === 0 && has(apiGroups, "apps") && has(resources, resource) && has(verbs, "patch");
}

/** The rules as verbs of each resource. */
function verbsOf(namespace: string, rules: readonly Rule[]): Verbs[] {
	const byResource = new Map<string, Set<string>>();
	for (const { apiGroups = [], resources = [], verbs = [], resourceNames = [] } of rules) {
		for (const resource of resources) {
			if (UNTOLD.test(resource)) continue;
			for (const group of apiGroups) {
				const named = resourceNames.length > 0 ? ` (${resourceNames.join(", ")})` : "";
				const name = `${group === "" || group === "apps" ? resource : `${resource}.${group}`}${named}`;
				const set = byResource.get(name) ?? new Set();
				for (const verb of verbs) set.add(verb);
				byResource.set(name, set);
			}
		}
	}
	return [...byResource]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([resource, verbs]) => ({
			namespace: cut(namespace, 253),
			resource: cut(resource, 253),
			verbs: [...verbs].slice(0, 20).map((verb) => cut(verb, 30)),
		}));
}

/** What a namespace allows beyond what holds everywhere. */
function beyond(verbs: readonly Verbs[], everywhere: readonly Verbs[]): Verbs[] {
	return verbs.flatMap(({ namespace, resource, verbs }) => {
		const already = everywhere.find((one) => one.namespace === "*" && one.resource === resource)?.verbs ?? [];
		const more = verbs.filter((verb) => !already.includes(verb));
		return more.length > 0 ? [{ namespace, resource, verbs: more }] : [];
	});
}

function written(set: Set<string> | undefined): string {
	return [...(set ?? [])].sort().join();
}
