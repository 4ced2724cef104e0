import type { Waterfall } from "#worker/domains/runs/report";
import { formatDuration } from "../../format/duration.ts";
import { THIN } from "../../format/number.ts";

/** One run in words. */

type Usual = { n: number; p50Ms: number | null };

/**
 * How long a run took, or has been going, beside the usual: `46 % over the usual 5m 12s (p50 of 50 runs)`.
 * @param ms so far, for a run that goes on; null where nothing is known
 */
export function againstUsual(ms: number | null, { n, p50Ms }: Usual, isOver: boolean): string {
	if (p50Ms === null) return "No earlier runs to compare with";
	const basis = `(p50 of ${n} ${n === 1 ? "run" : "runs"})`;
	const usual = `the usual ${formatDuration(p50Ms)} ${basis}`;
	if (ms === null || p50Ms === 0) return `${usual.replace("the usual", "usually")}`;
	const share = Math.round((Math.abs(ms - p50Ms) / p50Ms) * 100);
	// What still runs is not early yet.
	if (!isOver && ms <= p50Ms) return `of ${usual}`;
	if (share === 0) return `as long as ${usual}`;
	if (ms > p50Ms && share >= 200) return `${(ms / p50Ms).toFixed(1).replace(/\.0$/, "")} times ${usual}`;
	return `${share}${THIN}% ${ms > p50Ms ? "over" : "under"} ${usual}`;
}

/** What decided how long a run took: `Critical path: lint → test → build, 6m 10s; 48 s waiting for runners`. Null without jobs. */
export function pathWords({ bars, criticalMs, queuedMs }: Waterfall, isOver: boolean): string | null {
	const names = bars.filter(({ isCritical }) => isCritical).map(({ name }) => name);
	if (names.length === 0) return null;
	// A long path is told by its ends; the waterfall shows all of it.
	const path = names.length <= 5 ? names : [...names.slice(0, 2), "…", ...names.slice(-2)];
	const waited = queuedMs >= 1000 ? `; ${formatDuration(queuedMs)} waiting for runners` : "";
	return `Critical path: ${path.join(" → ")}, ${formatDuration(criticalMs)}${isOver ? "" : " so far"}${waited}`;
}

type Timed = { queuedAt: number | null; startedAt: number | null; finishedAt: number | null; isCritical: boolean };

/** One bar as a sentence, for whoever can't see it: `Waited 12 s, ran 2m 03s; on the critical path`. */
export function barWords({ queuedAt, startedAt, finishedAt, isCritical }: Timed, now: number): string {
	const end = isCritical ? "; on the critical path" : "";
	if (startedAt === null) return queuedAt === null ? "Not started" : `Waiting for ${formatDuration(now - queuedAt)}`;
	const waited = queuedAt === null || startedAt - queuedAt < 1000 ? "" : `Waited ${formatDuration(startedAt - queuedAt)}, `;
	const ran = finishedAt === null ? `running for ${formatDuration(now - startedAt)}` : `ran ${formatDuration(finishedAt - startedAt)}`;
	const words = `${waited}${ran}${end}`;
	return words.charAt(0).toUpperCase() + words.slice(1);
}
