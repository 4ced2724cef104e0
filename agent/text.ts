/** Text from a cluster as a message may carry it: well formed, without NUL, cut to what its field holds. */
export function cut(text: string, max: number): string {
	const clean = text.replaceAll("\0", "").toWellFormed();
	return clean.length <= max ? clean : `${clean.slice(0, max - 1)}…`.toWellFormed();
}

/** `1 pod`, `2 pods`. */
export function count(n: number, noun: string): string {
	return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** An error in words. */
export function words(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** Milliseconds until the next attempt: full jitter, so that a thousand agents do not come back at the same moment. */
export function backOff(attempt: number, { firstMs, mostMs }: { firstMs: number; mostMs: number }, random: () => number): number {
	return Math.round(random() * Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 20)));
}
