import type { NormalEvent } from "./events.ts";

/** One verified, normalised, redacted delivery on its way from the Worker to the team's ledger. */
export type Delivery = {
	source: string;
	integrationId: string;
	/** The sender's own id where it has one, else the SHA-256 of the body. */
	deliveryId: string;
	/** Fingerprint of the body as it came: tells a repeat from another body under the same id. */
	bodyHash: string;
	/** The sender's name for what happened: `workflow_run`, `Pipeline Hook`. */
	event: string;
	/** When this Worker had the whole body, epoch ms. Retention and display lean on it, never on the sender's stamps. */
	receivedAt: number;
	events: NormalEvent[];
	/** Why nothing is made of it; null when `events` count. */
	ignored: string | null;
	/** The redacted body, or null when it is not kept; `blob` when it went to BLOBS. */
	body: string | null;
	bodyAt: "row" | "blob" | "none";
	/** A sender that must be told about a clash (`POST /api/events`) rather than silently out-ordered. */
	strict: boolean;
};

/** What became of one event in the run it speaks of. */
export type Effect = "created" | "updated" | "same" | "older";

/** What the ledger answers for one delivery, in the order they were handed over. */
export type Receipt =
	/** Durable; `visible` tells whether D1 has it already or the ledger keeps it until D1 answers again. */
	| { result: "accepted" | "ignored"; visible: boolean; effect: Effect | null }
	| { result: "duplicate"; visible: boolean; effect: null }
	/** Same delivery id with another body, or (strict) an older event with other content: nothing was stored. */
	| { result: "conflict"; reason: "delivery" | "content" }
	/** It could not be applied; it is kept, visible, with its reason, and can be replayed. */
	| { result: "dead"; reason: string };
