import type { Change, LiveMessage } from "#worker/wire/live";
import { adopt, type Fold, type Position, RECENT_FRAMES } from "./adopt.ts";
import type { LivePage } from "./live-link.ts";

/** The wait before asking for page data again, doubled each time the answer was of no use. */
const REFETCH_FIRST_MS = 1000;
const REFETCH_MAX_MS = 30_000;

/** A page's live state: what the loader brought, changed by frames, outside React so that a frame is folded the moment it comes. */
export type PageState<S extends Position> = LivePage & {
	get: () => S;
	subscribe: (listener: () => void) => () => void;
	/**
	 * Loader data. `replace` takes it whatever its number: the person asked for another view. `isOld` says that the loader
	 * could not be reached and repeats itself.
	 */
	load: (fresh: S, how: { replace: boolean; isOld: boolean }) => void;
};

/** Make a page's live state. `refetch` asks the loader for fresh data; `told` hears each frame with the states around it. */
export function createPageState<S extends Position>(
	loaded: S,
	{ fold, refetch, told }: { fold: Fold<S>; refetch: () => void; told?: (before: S, after: S, message: LiveMessage) => void },
): PageState<S> {
	let state = loaded;
	let recent: Change[] = [];
	let isRefetching = false;
	let useless = 0;
	const listeners = new Set<() => void>();

	function set(next: S): void {
		if (next === state) return;
		state = next;
		for (const listener of listeners) listener();
	}

	function askAgain(): void {
		if (isRefetching) return;
		isRefetching = true;
		refetch();
	}

	return {
		get: () => state,
		position: () => state,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		receive(message) {
			// A snapshot older than what is shown would undo frames that were already folded.
			if (message.type === "snapshot" && message.epoch === state.epoch && message.seq < state.seq) return "ok";
			if (message.type === "change") recent = [...recent, message].slice(-RECENT_FRAMES);
			const before = state;
			const { state: next, needs } = fold(state, message);
			set(next);
			told?.(before, next, message);
			if (needs === "refetch") askAgain();
			return needs === "hello" ? "gap" : "ok";
		},
		load(fresh, { replace, isOld }) {
			isRefetching = false;
			const next = isOld ? null : adopt(state, fresh, recent, fold);
			if (next || replace) {
				useless = 0;
				return set(next ?? fresh);
			}
			setTimeout(askAgain, Math.min(REFETCH_MAX_MS, REFETCH_FIRST_MS * 2 ** useless));
			useless += 1;
		},
	};
}
