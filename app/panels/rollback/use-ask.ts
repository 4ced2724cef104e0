import { useEffect, useState } from "react";
import type { RollbackOffer } from "#worker/wire/deployments";
import { useRefusal } from "../shell/use-refusal.ts";
import { confirmationOf, isWord, needsReason, proposedReason, type RollbackForm, whyNotNow } from "./ask.ts";

/** The form of a rollback while it is filled in. */
export type Ask = {
	form: RollbackForm & { offer: RollbackOffer };
	reason: string;
	setReason: (reason: string) => void;
	typed: string;
	setTyped: (typed: string) => void;
	/** Button, word or hold, as it is confirmed now. */
	confirmation: "button" | "word" | "hold";
	/** Whether holding was left for typing. */
	typeInstead: () => void;
	/** Why it can't be sent at all; null where only the confirmation is missing. */
	why: string | null;
	/** Everything is there. For a hold: but for the holding. */
	isReady: boolean;
};

type Args = { form: RollbackForm & { offer: RollbackOffer }; changed: string | null; others: string | null };

/** Keeps what is typed, and knows what is missing. `changed` and `others` are what stands against the snapshot by now. */
export function useAsk({ form, changed, others }: Args): Ask {
	const { offer } = form;
	const [reason, setReason] = useState(() => proposedReason(offer));
	const [typed, setTyped] = useState("");
	const [isTyping, setIsTyping] = useState(false);
	const isTouch = useIsTouch();
	const offline = useRefusal(null);
	const usual = confirmationOf(offer, isTouch);
	const confirmation = usual === "hold" && isTyping ? "word" : usual;
	const missing = needsReason(offer) && reason.trim() === "" ? "Say why: nothing is failing here." : null;
	const why = others ?? changed ?? whyNotNow(form) ?? offline ?? missing;
	return {
		...{ form, reason, setReason, typed, setTyped, confirmation, why },
		typeInstead: () => setIsTyping(true),
		isReady: why === null && (confirmation !== "word" || isWord(typed, offer.word)),
	};
}

/** Whether fingers are what presses here. */
function useIsTouch(): boolean {
	const [isTouch, setIsTouch] = useState(false);
	useEffect(() => {
		const query = window.matchMedia("(pointer: coarse)");
		const read = () => setIsTouch(query.matches);
		read();
		query.addEventListener("change", read);
		return () => query.removeEventListener("change", read);
	}, []);
	return isTouch;
}
