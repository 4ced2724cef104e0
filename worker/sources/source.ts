import type { Normalised } from "../wire/events.ts";

/** What a source may look at: lower-case header access and the raw bytes. */
export type Incoming = { headers: Headers; bytes: Uint8Array<ArrayBuffer>; text: string };

/** Everything an integration must say about itself to be a webhook source. One file, one line in `registry.ts`. */
export type WebhookSource = {
	id: string;
	/** What people call it. */
	label: string;
	/** Largest body that is read, bytes; anything longer is answered 413 while it streams. */
	maxBytes: (headers: Headers) => number;
	/** Content types that are read; others are answered 415. */
	contentTypes: readonly string[];
	/**
	 * Whether one of the active secrets signs these bytes. Constant-time; never throws.
	 * `now` is epoch ms, for schemes that carry a timestamp.
	 */
	verify: (incoming: Incoming, secrets: readonly string[], now: number) => Promise<boolean>;
	/** The sender's own delivery id, or null when the body's hash must serve. */
	deliveryId: (headers: Headers) => string | null;
	/** The sender's name for what happened. */
	event: (headers: Headers, body: Record<string, unknown>) => string;
	/** Where the sender names it; a replay says it there again. */
	eventHeader: string;
	/** The JSON in a body, for senders that wrap it (GitHub's form mode). */
	unwrap?: (text: string, headers: Headers) => string;
	/** Pure: one parsed, redacted body to events. Tolerant of missing and unknown fields. */
	normalise: (body: Record<string, unknown>, headers: Headers) => Normalised;
};
