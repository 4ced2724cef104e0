import { setTimeout as sleep } from "node:timers/promises";
import type { WorkloadRef } from "#worker/wire/agent";
import { workloadKey } from "../collectors/known.ts";
import type { Listening } from "./work.ts";

/** Listen to what the collectors hear of one workload. `ears` are called with each change, by the workload's key. */
export function listenTo(ears: Map<string, Set<() => void>>, { kind, namespace, name }: WorkloadRef, signal: AbortSignal): Listening {
	const key = workloadKey(kind, namespace, name);
	let hasNews = false;
	let wake: (() => void) | null = null;
	const hear = () => {
		hasNews = true;
		wake?.();
	};
	const all = ears.get(key) ?? new Set();
	ears.set(key, all.add(hear));
	return {
		async next(withinMs) {
			if (!hasNews) {
				const heard = new AbortController();
				wake = () => heard.abort();
				await sleep(withinMs, undefined, { signal: AbortSignal.any([signal, heard.signal]) }).catch(() => {});
				wake = null;
			}
			hasNews = false;
		},
		close() {
			all.delete(hear);
			if (all.size === 0) ears.delete(key);
		},
	};
}
