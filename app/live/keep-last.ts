import { useEffect } from "react";

/** The last good answer and the address it answered, in this browser's memory only. */
let kept: { address: string; data: unknown } | null = null;

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
		return await load();
	} catch (error) {
		const { pathname, search } = new URL(url);
		if (isLasting(error) || kept?.address !== pathname + search) throw error;
		return repeat(kept.data as T);
	}
}

function isLasting(error: unknown): boolean {
	return typeof error === "object" && error !== null && "status" in error && typeof error.status === "number" && error.status < 500;
}
