import { formatAge } from "../../format/time.ts";
import type { Phase } from "../../live/connection.ts";
import type { LiveStatus } from "../../live/live-link.ts";

/** The live chip's words. Design brief, law 8. */
export function chipWords({ phase, heardAt, isWatched }: LiveStatus, now: number): string {
	if (!isWatched) return "Not live";
	switch (phase) {
		case "live":
			return `Live · ${formatAge(heardAt, now)} ago`;
		case "reconnecting":
			return "Reconnecting";
		case "polling":
			return "Updating every 15 s";
		case "offline":
			return "Offline";
		case "signedOut":
			return "Signed out";
		case "catchingUp":
			return "Catching up…";
	}
}

/** Whether what is on screen may be out of date because nobody tells us. */
export function isCutOff(phase: Phase): boolean {
	return phase === "reconnecting" || phase === "offline" || phase === "signedOut";
}

/** How much a panel without news may still claim: after 30 s it is stale, after two and a half minutes its values are history. */
export type Freshness = "fresh" | "stale" | "history";

/** Twice and ten times the 15 s within which a live connection is heard. Design brief, law 7. */
export function freshnessOf({ phase, heardAt }: LiveStatus, now: number): Freshness {
	const age = now - heardAt;
	if (!isCutOff(phase) || age <= 30_000) return "fresh";
	return age <= 150_000 ? "stale" : "history";
}
