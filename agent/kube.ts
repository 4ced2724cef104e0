import { existsSync, readFileSync } from "node:fs";
import { Agent as HttpAgent, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type Answer, ask, open } from "./http.ts";
import type { Obj } from "./objects.ts";

/** Who made a change, in the managedFields of what was changed. */
export const FIELD_MANAGER = "opssight-agent";
const CALL_TIMEOUT_MS = 10_000;

/** The API server's no. `status` is its HTTP status, `reason` the reason of its Status object. */
export class KubeError extends Error {
	readonly status: number;
	readonly reason: string;
	constructor(status: number, reason: string, message: string) {
		super(message);
		this.status = status;
		this.reason = reason;
	}
}

export type PatchKind = "json" | "strategic";
const PATCH_TYPES = { json: "application/json-patch+json", strategic: "application/strategic-merge-patch+json" } as const;

/** The few calls that the agent makes of the Kubernetes API. There is none that creates, deletes or executes. */
export type Kube = {
	get<T>(path: string, query?: Record<string, string>): Promise<T>;
	patch<T>(path: string, kind: PatchKind, body: unknown, options: { isDryRun: boolean }): Promise<T>;
	/** SelfSubjectRulesReview and SelfSubjectAccessReview: questions, although they are asked with POST. */
	review<T>(path: string, body: unknown): Promise<T>;
	/** Begin a watch. Its answer is a stream of lines. */
	watch(path: string, query: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage>;
	close(): void;
};

export type KubeOptions = {
	url: URL;
	/** Read before each call: ServiceAccount tokens rotate. */
	readToken: () => string;
	caFile: string;
};

/** @throws KubeError for each answer that is not 2xx, Unreachable when there is none */
export function connectKube({ url, readToken, caFile }: KubeOptions): Kube {
	const options = { keepAlive: true, maxSockets: 32, scheduling: "lifo" } as const;
	const agent =
		url.protocol === "https:"
			? new HttpsAgent({ ...options, ...(existsSync(caFile) && { ca: readFileSync(caFile) }) })
			: new HttpAgent(options);
	const address = (path: string, query: Record<string, string>) => {
		const target = new URL(path, url);
		for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
		return target;
	};
	const headers = (more: Record<string, string> = {}) => ({
		authorization: `Bearer ${readToken()}`,
		accept: "application/json",
		"user-agent": "opssight-agent",
		...more,
	});
	const send = async <T>(method: "GET" | "POST" | "PATCH", target: URL, more: Record<string, string>, body?: unknown): Promise<T> => {
		const sent = { method, url: target, headers: headers(more), agent, timeoutMs: CALL_TIMEOUT_MS };
		const answer = await ask(body === undefined ? sent : { ...sent, body: JSON.stringify(body) });
		return readAnswer<T>(answer);
	};
	return {
		get: (path, query = {}) => send("GET", address(path, query), {}),
		patch: (path, kind, body, { isDryRun }) =>
			send(
				"PATCH",
				address(path, { fieldManager: FIELD_MANAGER, ...(isDryRun && { dryRun: "All" }) }),
				{ "content-type": PATCH_TYPES[kind] },
				body,
			),
		review: (path, body) => send("POST", address(path, {}), { "content-type": "application/json" }, body),
		async watch(path, query, signal) {
			const target = address(path, { ...query, watch: "true", allowWatchBookmarks: "true" });
			const response = await open({ method: "GET", url: target, headers: headers(), agent, timeoutMs: CALL_TIMEOUT_MS, signal });
			if (response.statusCode === 200) return response;
			let text = "";
			for await (const chunk of response) if (text.length < 10_000) text += chunk;
			throw refusal(response.statusCode ?? 0, text);
		},
		close: () => agent.destroy(),
	};
}

function readAnswer<T>({ status, text }: Answer): T {
	if (status < 200 || status > 299) throw refusal(status, text);
	try {
		return JSON.parse(text) as T;
	} catch {
		throw new KubeError(status, "NotJson", "The API server's answer is not JSON.");
	}
}

function refusal(status: number, text: string): KubeError {
	try {
		const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
		return new KubeError(status, reason ?? "Unknown", message ?? `The API server answered ${status}.`);
	} catch {
		return new KubeError(status, "Unknown", `The API server answered ${status}.`);
	}
}

/** Where an object of apps/v1 lives. Names come from outside, so they are escaped. */
export function appsPath(resource: string, namespace?: string, name?: string): string {
	const parts = ["", "apis", "apps", "v1"];
	if (namespace !== undefined) parts.push("namespaces", encodeURIComponent(namespace));
	parts.push(resource);
	if (name !== undefined) parts.push(encodeURIComponent(name));
	return parts.join("/");
}

/** All pages of a list, one after the other, so that no more than one is in memory. @returns the version to watch from */
export async function eachPage<T extends Obj>(
	kube: Kube,
	path: string,
	{ query = {}, limit, onPage }: { query?: Record<string, string>; limit: number; onPage: (items: T[]) => void },
): Promise<string> {
	let next: string | undefined;
	let version = "";
	do {
		const page = await kube.get<{ metadata: { resourceVersion?: string; continue?: string }; items: T[] | null }>(path, {
			...query,
			limit: String(limit),
			...(next && { continue: next }),
		});
		onPage(page.items ?? []);
		version = page.metadata.resourceVersion ?? version;
		next = page.metadata.continue || undefined;
	} while (next);
	return version;
}
