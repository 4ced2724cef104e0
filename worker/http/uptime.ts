/** When this instance had its first request: at global scope the clock stands at zero. */
let firstRequestAt: number | null = null;

/** Note the first request of this instance. */
export function noteRequest(now: number): void {
	firstRequestAt ??= now;
}

/** Whole seconds since this instance's first request. */
export function uptimeSeconds(now: number): number {
	return Math.max(0, Math.floor((now - (firstRequestAt ?? now)) / 1000));
}
