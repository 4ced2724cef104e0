/** The last good answer per address, in this browser's memory only. */
const kept = new Map<string, unknown>();

/**
 * Load, and where that fails for a reason that may pass (no network, the server or its database away) repeat the last answer
 * to the same question. Redirects and refusals go through: they say something about the person, not about the weather.
 */
export async function keepLast<T>(url: string, load: () => Promise<T>, repeat: (last: T) => T): Promise<T> {
	try {
		const fresh = await load();
		kept.clear();
		kept.set(url, fresh);
		return fresh;
	} catch (error) {
		const isLasting = error instanceof Response ? error.status < 500 : isErrorResponse(error) && error.status < 500;
		const last = kept.get(url);
		if (isLasting || last === undefined) throw error;
		return repeat(last as T);
	}
}

function isErrorResponse(error: unknown): error is { status: number } {
	return typeof error === "object" && error !== null && "status" in error && typeof error.status === "number";
}
