import { isRouteErrorResponse } from "@remix-run/react";
import type { RollbackOffer, RollbackRow } from "#worker/wire/deployments";

/** Asking for a rollback: what the form's page answers, and what is needed before it may be sent. Pure. */

/** What the form's page loads. */
export type RollbackForm = {
	offer: RollbackOffer | null;
	/** Why there is no offer. */
	refused: string | null;
	/** What the person's role lacks; null where it may. */
	refusal: string | null;
	mayForce: boolean;
	/** Who asks. */
	me: string;
	/** For the form without scripts: the same key is the same command. */
	key: string;
};

/** What sending it answers. */
export type RollbackAnswer =
	| { ok: true; rollback: RollbackRow; isRepeat: boolean }
	| { ok: false; code: string; told: string; requestId: string };

/** Whether two readings of the truth would lead to the same act. */
export function isSameOffer(a: RollbackOffer, b: RollbackOffer): boolean {
	const stops = ({ checks }: RollbackOffer) =>
		checks
			.filter(({ tone }) => tone === "stop")
			.map(({ id }) => id)
			.sort()
			.join();
	return (
		a.seen === b.seen &&
		a.from.version === b.from.version &&
		a.to?.deploymentId === b.to?.deploymentId &&
		a.blocked === b.blocked &&
		stops(a) === stops(b)
	);
}

/** What changed under an open dialog, in a sentence; null where nothing that matters did. */
export function changedUnder(shown: RollbackOffer, truth: RollbackOffer): string | null {
	if (isSameOffer(shown, truth)) return null;
	if (shown.from.version !== truth.from.version) return `${truth.environment.name} changed to ${truth.from.version} while this was open.`;
	if (shown.blocked !== truth.blocked) return truth.blocked ?? "What stood in the way is gone.";
	return `Something changed in ${truth.environment.name} while this was open.`;
}

/** Whether a reason has to be given: production, and nothing there is failing. */
export function needsReason({ environment, from }: RollbackOffer): boolean {
	return environment.isProduction && from.health !== "failing" && from.health !== "degraded";
}

/** The reason as it is proposed: what is wrong now, as far as it is known. */
export function proposedReason(offer: RollbackOffer): string {
	return needsReason(offer) || offer.from.health === "healthy" || offer.from.health === "unknown" ? "" : offer.from.sentence.slice(0, 300);
}

/** How it is confirmed: a plain button, a typed word, or by holding where there are fingers. A red check is always typed. */
export function confirmationOf(offer: RollbackOffer, isTouch: boolean): "button" | "word" | "hold" {
	const isStopped = offer.checks.some(({ tone }) => tone === "stop");
	if (offer.confirm === "button" && !isStopped) return "button";
	return isTouch && !isStopped ? "hold" : "word";
}

/** Why it can't be sent however it is confirmed; null where only the confirmation is missing. */
export function whyNotNow({
	offer,
	refusal,
	mayForce,
}: Pick<RollbackForm, "refusal" | "mayForce"> & { offer: RollbackOffer }): string | null {
	if (refusal !== null) return refusal;
	if (offer.blocked !== null) return offer.blocked;
	if (offer.to === null) return "There is no version to go back to.";
	if (offer.needs === "manager" && !mayForce)
		return "A red check stands before it: this needs the manager role. Ask a manager of this team.";
	return null;
}

/** A word typed as it was asked for; case and outer space do not count. */
export function isWord(typed: string, word: string): boolean {
	return typed.trim().toLowerCase() === word.trim().toLowerCase();
}

/** A key of its own for one opening of the dialog. */
export function newKey(): string {
	// Over plain HTTP there is no randomUUID; getRandomValues there is everywhere.
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return `ask-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** What a fetch that failed says. */
export function toldOfFailure(error: unknown): string {
	if (isRouteErrorResponse(error) && typeof error.data?.message === "string") return error.data.message;
	return "The server did not answer. Check the connection and try again.";
}
