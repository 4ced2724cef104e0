import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { eachPage, type Kube, KubeError } from "./kube.ts";
import type { Log } from "./log.ts";
import type { Obj } from "./objects.ts";
import { backOff, words } from "./text.ts";

/** One resource that is followed: where it is listed, and what becomes of each object. An object is not kept beyond `put`. */
export type Collector<T extends Obj = Obj> = {
	/** As in messages and figures: `pods`. */
	name: string;
	path: string;
	query?: Record<string, string>;
	/** An object is there, or has changed. Called again with an equal one now and then. */
	put(object: T): void;
	/** An object is gone. */
	drop(key: string): void;
	/** The keys of all objects that were put. */
	keys(): Iterable<string>;
};

/** How a collector is doing, for readiness and figures. */
export type Following = { name: string; isSynced: boolean; lists: number; watches: number; events: number; error: string | null };

// Small pages: what is parsed at once is what stays resident, because V8 returns little of it.
const PAGE = 100;
// The API server ends a watch by itself after 5 to 10 minutes; asking for less keeps silent proxies from being mistaken for quiet clusters.
const WATCH_SECONDS = 240;
// One object; etcd itself takes no more than 1.5 MB.
const LINE_MAX = 8 * 2 ** 20;
const WAIT = { firstMs: 500, mostMs: 30_000 };
/** Without the right to list, asking often would change nothing. */
const FORBIDDEN_WAIT_MS = 60_000;

/** The name under which an object is known. */
export function keyOf({ metadata }: Obj): string {
	return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** What was watched is too old for the API server to go on from: list again. */
class Expired extends Error {}

type Follow = {
	kube: Kube;
	collector: Collector;
	following: Following;
	log: Log;
	random: () => number;
	signal: AbortSignal;
	onSynced: () => void;
};

/**
 * List, then watch from there, for ever: bookmarks move the place to go on from, `410 Gone` and everything that is not understood leads to
 * a new list. Objects that vanished while nobody watched are dropped after it.
 */
export async function follow({ kube, collector, following, log, random, signal, onSynced }: Follow): Promise<void> {
	let version: string | null = null;
	let failures = 0;
	while (!signal.aborted) {
		try {
			if (version === null) {
				version = await list(kube, collector);
				following.lists += 1;
				following.isSynced = true;
				onSynced();
			}
			following.error = null;
			await watch({ kube, collector, following, signal, from: version }, (seen) => {
				version = seen;
				failures = 0;
			});
		} catch (error) {
			if (signal.aborted) return;
			if (error instanceof Expired || (error instanceof KubeError && error.status === 410)) version = null;
			const isForbidden = error instanceof KubeError && (error.status === 403 || error.status === 404);
			if (isForbidden) version = null;
			following.error = words(error);
			if (!(error instanceof Expired) || failures > 0) {
				log("warn", "watch interrupted", { resource: collector.name, error: words(error), failures });
			}
			failures += 1;
			const waitMs = isForbidden ? FORBIDDEN_WAIT_MS * (0.5 + random() / 2) : backOff(failures, WAIT, random);
			await sleep(waitMs, undefined, { signal }).catch(() => {});
		}
	}
}

async function list(kube: Kube, collector: Collector): Promise<string> {
	const seen = new Set<string>();
	const version = await eachPage(kube, collector.path, {
		query: collector.query ?? {},
		limit: PAGE,
		onPage(items) {
			for (const object of items) {
				seen.add(keyOf(object));
				collector.put(object);
			}
		},
	});
	for (const key of [...collector.keys()]) if (!seen.has(key)) collector.drop(key);
	return version;
}

type WatchEvent =
	| { type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; object: Obj }
	| { type: "ERROR"; object: { code?: number; message?: string } };

async function watch(
	{ kube, collector, following, signal, from }: Pick<Follow, "kube" | "collector" | "following" | "signal"> & { from: string },
	onVersion: (version: string) => void,
): Promise<void> {
	following.watches += 1;
	const query = { ...collector.query, resourceVersion: from, timeoutSeconds: String(WATCH_SECONDS) };
	const response = await kube.watch(collector.path, query, signal);
	// One that says nothing for longer than it may live is not alive.
	response.socket?.setTimeout((WATCH_SECONDS + 30) * 1000, () => response.destroy(new Error("the watch fell silent")));
	for await (const line of lines(response)) {
		const event = JSON.parse(line) as WatchEvent;
		if (event.type === "ERROR") {
			if (event.object.code === 410) throw new Expired(event.object.message);
			throw new KubeError(event.object.code ?? 0, "WatchError", event.object.message ?? "The watch ended with an error.");
		}
		if (event.type === "DELETED") collector.drop(keyOf(event.object));
		else if (event.type !== "BOOKMARK") collector.put(event.object);
		if (event.type !== "BOOKMARK") following.events += 1;
		onVersion(event.object.metadata.resourceVersion);
	}
}

/** The lines of a stream, each whole. */
export async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
	const decoder = new StringDecoder("utf8");
	let rest: string[] = [];
	let size = 0;
	for await (const chunk of stream) {
		let text = decoder.write(chunk);
		for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
			const line = rest.length > 0 ? rest.join("") + text.slice(0, end) : text.slice(0, end);
			rest = [];
			size = 0;
			text = text.slice(end + 1);
			if (line.length > 0) yield line;
		}
		if (text.length > 0) {
			rest.push(text);
			size += text.length;
			if (size > LINE_MAX) throw new Error("a line of the watch is too long");
		}
	}
}
