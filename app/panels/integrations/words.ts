import type { IntegrationReport } from "#worker/domains/integrations/model";
import { formatDuration } from "../../format/duration.ts";
import { formatCount, plural, THIN } from "../../format/number.ts";
import { formatAge } from "../../format/time.ts";

/** How an integration is doing, in words. Pure: `now` comes in. */

/** A weekend without a push is no news; longer than that somebody should look. */
export const SILENT_AFTER_MS = 3 * 24 * 3600_000;

export type IntegrationState = "receiving" | "waiting" | "silent" | "refusing" | "disabled";

/** What is the matter with an integration: a word for its badge, and a sentence that says what to do. */
export type Health = { state: IntegrationState; word: string; sentence: string };

const SENDERS: Record<string, string> = {
	github: "GitHub",
	gitlab: "GitLab",
	argocd: "Argo CD",
	cdevents: "CDEvents",
	alertmanager: "Alertmanager",
	generic: "Any other CI",
};

/** What people call a source. */
export function senderOf(source: string): string {
	return SENDERS[source] ?? source;
}

/** A name for an integration nobody named: its sender's, with a number where that is taken already. */
export function freeName(source: string, taken: readonly string[]): string {
	const used = new Set(taken.map((name) => name.toLowerCase()));
	const base = senderOf(source);
	for (let n = 1; ; n++) {
		const name = n === 1 ? base : `${base} ${n}`;
		if (!used.has(name.toLowerCase())) return name;
	}
}

/** How an integration is doing. What needs a person comes before what is merely so. */
export function healthOf(report: IntegrationReport, now: number): Health {
	const { counts, lastAt, lastRejectedAt, secretSlots } = report;
	if (report.isDisabled) return { state: "disabled", word: "Disabled", sentence: "Every delivery is refused until it is enabled again." };
	if (secretSlots.length === 0)
		return { state: "refusing", word: "Refusing", sentence: "It has no active secret, so every delivery is refused. Rotate the secret." };
	if (lastRejectedAt !== null && lastRejectedAt > (lastAt ?? 0)) {
		const refused = plural(counts.rejected, "delivery", "deliveries");
		const sentence = `${refused} with a wrong signature, the last ${formatAge(lastRejectedAt, now)} ago. Check the secret on both sides.`;
		return { state: "refusing", word: "Refusing", sentence };
	}
	if (lastAt === null) return { state: "waiting", word: "Waiting", sentence: "Waiting for the first event." };
	const age = formatAge(lastAt, now);
	if (now - lastAt >= SILENT_AFTER_MS) {
		const sentence = `Nothing has come for ${age}. Look at the recent deliveries on the sender's side.`;
		return { state: "silent", word: `Silent for ${Math.floor((now - lastAt) / (24 * 3600_000))}${THIN}d`, sentence };
	}
	return { state: "receiving", word: "Receiving", sentence: `${lastEventWords(report)}, ${age} ago.` };
}

/** The newest delivery by its sender's name for it: `Last event: workflow_run`. */
function lastEventWords({ lastEvent }: Pick<IntegrationReport, "lastEvent">): string {
	return lastEvent === null ? "Last event" : `Last event: ${lastEvent}`;
}

/** The line under the steps of a new integration, which becomes true by itself. */
export function arrivalOf(report: IntegrationReport, now: number): { isHere: boolean; sentence: string } {
	const { counts, lastAt, lastEvent } = report;
	if (lastAt === null) return { isHere: false, sentence: "Waiting for the first event…" };
	const taken = counts.accepted + counts.ignored + counts.duplicate + counts.dead;
	const which = taken > 1 ? "Connected. Last event" : "First event";
	return { isHere: true, sentence: `${which} received ${formatAge(lastAt, now)} ago${lastEvent === null ? "" : `: ${lastEvent}`}` };
}

const RESULTS = [
	["accepted", "accepted", "Applied to runs, pushes and deployments"],
	["ignored", "not used", "Well signed, but of a kind that is not shown, such as GitHub's ping"],
	["duplicate", "repeated", "Came again and changed nothing"],
	["dead", "not applied", "Taken, but could not be applied: see below"],
	["conflict", "contradicting", "Came under a known id with another body; the first stays"],
	["rejected", "refused", "The signature was wrong"],
] as const;

/** Counts by result, those above zero; accepted always. */
export function resultsOf(counts: IntegrationReport["counts"]): { key: string; words: string; meaning: string }[] {
	return RESULTS.flatMap(([key, word, meaning]) =>
		counts[key] > 0 || key === "accepted" ? { key, words: `${formatCount(counts[key])} ${word}`, meaning } : [],
	);
}

/** Deliveries an hour: `4.2 per hour`, `under 1 per hour`. */
export function rateWords(perHour: number | null): string {
	if (perHour === null) return "—";
	if (perHour < 1) return `under 1 per${THIN}hour`;
	return `${perHour < 10 ? perHour.toFixed(1).replace(/\.0$/, "") : formatCount(Math.round(perHour))} per${THIN}hour`;
}

/** How late deliveries come. */
export function lagWords(lagMs: number | null): string {
	return lagMs === null ? "—" : formatDuration(lagMs);
}

/** What is known of one secret without its value. */
export function slotWords(slot: IntegrationReport["secretSlots"][number], now: number): string {
	const made = `Made ${formatAge(slot.createdAt, now)} ago`;
	return slot.expiresAt === null ? `${made}, current` : `${made}, works ${formatDuration(slot.expiresAt - now)} longer`;
}

/** What removing an integration means, in numbers. */
export function removalOf({ counts, secretSlots }: IntegrationReport): string[] {
	const taken = counts.accepted + counts.ignored;
	return [
		"Deliveries to its address are refused from then on.",
		`${plural(secretSlots.length, "secret")} ${secretSlots.length === 1 ? "stops" : "stop"} working.`,
		taken === 0
			? "It has taken no deliveries."
			: `It has taken ${plural(taken, "delivery", "deliveries")}; the runs ${taken === 1 ? "it" : "they"} brought stay.`,
	];
}

/** What disabling an integration means, in numbers. */
export function disablingOf(sender: string, perHour: number | null): string {
	const until = `Every delivery from ${sender} is refused until you enable it again`;
	return perHour === null
		? `${until}. None has come lately.`
		: `${until}: lately there were ${rateWords(perHour)}. They are not sent again by themselves.`;
}

/** What a new secret means for those that work now. At most two work at once: the older of two ends with the rotation. */
export function rotationOf(slots: IntegrationReport["secretSlots"]): string {
	const made = "A new secret is made and shown once.";
	if (!slots.some(({ expiresAt }) => expiresAt === null)) return `${made} No other works.`;
	const rest = "The present one works 24 hours longer, so nothing is lost meanwhile.";
	return slots.length > 1 ? `${made} ${rest} The one before that ends now: 2 work at a time.` : `${made} ${rest}`;
}

/** What became of a replay. */
export function replayWords({ replayed, failed }: { replayed: number; failed: readonly { reason: string }[] }): string {
	const done = replayed === 0 ? "" : `${plural(replayed, "delivery", "deliveries")} applied.`;
	const [first] = failed;
	if (!first) return done === "" ? "There was nothing to replay." : done;
	const rest = `${plural(failed.length, "delivery", "deliveries")} could not be applied: ${first.reason.replace(/\.?$/, ".")}`;
	return done === "" ? rest : `${done} ${rest}`;
}
