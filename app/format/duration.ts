import { THIN } from "./number.ts";

/**
 * A length of time in at most two units: `48 s`, `5m 12s`, `2 h 04 m`, `3 d 4 h`. By hand, because `Intl.DurationFormat`
 * does not exist everywhere this is rendered, and server and browser must agree.
 * @param ms milliseconds; below zero counts as zero
 */
export function formatDuration(ms: number): string {
	if (ms > 0 && ms < 1000) return `<${THIN}1${THIN}s`;
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 60) return `${seconds}${THIN}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
	const hours = Math.floor(minutes / 60);
	if (hours < 24) return `${hours}${THIN}h ${two(minutes % 60)}${THIN}m`;
	return `${Math.floor(hours / 24)}${THIN}d ${hours % 24}${THIN}h`;
}

// What a length below the first figure is rounded to: about what a histogram's bins know, 9 %.
const ABOUT_STEPS: readonly [number, number][] = [
	[60, 1],
	[600, 10],
	[3600, 60],
	[36_000, 600],
	[Number.POSITIVE_INFINITY, 3600],
];

/**
 * A length that is known from bins, as roughly as it is known: `≈ 5m 10s`, `≈ 33m`. A single run's is exact.
 * @param runs how many runs it was taken from
 */
export function formatAbout(ms: number, runs: number): string {
	if (runs === 1) return formatDuration(ms);
	if (ms < 1000) return formatDuration(ms);
	const step = (ABOUT_STEPS.find(([below]) => ms / 1000 < below)?.[1] ?? 1) * 1000;
	const text = formatDuration(Math.round(ms / step) * step);
	return `≈${THIN}${text.replace(/ 00?(s|\u202fm|\u202fh)$/, "")}`;
}

/** How long a run took; a run that is not over has `+` behind what it took so far. Null where nothing is known. */
export function formatRunDuration(
	run: { status: string; startedAt: number | null; durationMs: number | null },
	now: number,
): string | null {
	if (run.durationMs !== null) return formatDuration(run.durationMs);
	if (run.status === "running" && run.startedAt !== null) return `${formatDuration(Math.max(0, now - run.startedAt))}+`;
	return null;
}

function two(n: number): string {
	return String(n).padStart(2, "0");
}
