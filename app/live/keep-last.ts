import { useEffect, useSyncExternalStore } from "react";

/** The last good answer and the address it answered, in this browser's memory only. */
let kept: { address: string; data: unknown } | null = null;

/** Why the newest try to load that address failed; null since one succeeded. */
let failure: { address: string; error: unknown } | null = null;
const listeners = new Set<() => void>();

function setFailure(next: typeof failure): void {
	failure = next;
	for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** Why what is shown at an address could not be refreshed; null where it is as fresh as was asked for. */
export function useRefreshFailure(address: string): { error: unknown } | null {
	const newest = useSyncExternalStore(
		subscribe,
		() => failure,
		() => null,
	);
	return newest?.address === address ? newest : null;
}

/** Remember what a page shows, the server-rendered data too. */
export function useKept(address: string, data: unknown): void {
	useEffect(() => {
		kept = { address, data };
	}, [address, data]);
}

/**
 * Load, and where that fails for a reason that may pass (no network, the server or its database away) repeat the last answer
 * to the same address. Redirects and refusals go through: they say something about the person, not about the weather.
 */
export async function keepLast<T>(url: string, load: () => Promise<T>, repeat: (last: T) => T): Promise<T> {
	try {
		const loaded = await load();
		setFailure(null);
		return loaded;
	} catch (error) {
		const { pathname, search } = new URL(url);
		if (isLasting(error) || kept?.address !== pathname + search) throw error;
		setFailure({ address: kept.address, error });
		return repeat(kept.data as T);
	}
}

function isLasting(error: unknown): boolean {
	return typeof error === "object" && error !== null && "status" in error && typeof error.status === "number" && error.status < 500;
}
