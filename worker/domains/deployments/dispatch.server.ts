import { type Sent, safePost } from "../../safe-fetch.ts";
import { callOf, type Dispatcher, type Wanted, webhookBody } from "./dispatch.ts";

/** What this installation may call, and where GitHub's API is. */
export type Reach = { mayLoopback: boolean; gitHubApi: string; gitLabHosts: readonly string[] };

/** Sends what is asked for to whoever carries it out. */
export type Send = (dispatcher: Dispatcher, wanted: Wanted, now: number) => Promise<Sent>;

/** The hosts that a kind may call; null: any public one. */
export function hostsFor(kind: Dispatcher["kind"], { gitHubApi, gitLabHosts }: Reach): string[] | null {
	if (kind === "webhook") return null;
	return kind === "gitlab-trigger" ? ["gitlab.com", ...gitLabHosts] : [new URL(gitHubApi).hostname];
}

/** @see Send */
export function sender(reach: Reach): Send {
	return async (dispatcher, wanted, now) => {
		const call = callOf(dispatcher, wanted, reach) ?? (await signedCall(dispatcher, wanted, now));
		const { kind } = dispatcher;
		return await safePost({ ...call, hosts: hostsFor(kind, reach), mayLoopback: reach.mayLoopback });
	};
}

/** A webhook as Standard Webhooks has it. @source https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
async function signedCall({ settings, secret }: Dispatcher, wanted: Wanted, now: number) {
	const body = webhookBody(wanted, now);
	const timestamp = String(Math.floor(now / 1000));
	const signature = await hmacBase64(keyOf(secret), `${wanted.requestId}.${timestamp}.${body}`);
	const headers = {
		...{ "content-type": "application/json", "user-agent": "OpsSight" },
		...{ "webhook-id": wanted.requestId, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` },
	};
	return { url: settings.url ?? "", headers, body };
}

/** The bytes of a `whsec_…` secret; another one is taken as it is written. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
	const encoded = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret)?.[1];
	if (encoded === undefined) return new Uint8Array(new TextEncoder().encode(secret));
	return Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
}

async function hmacBase64(key: Uint8Array<ArrayBuffer>, text: string): Promise<string> {
	const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
	const signature = new Uint8Array(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text)));
	return btoa(String.fromCharCode(...signature));
}

/** A new secret for a webhook: 24 random bytes. */
export function newWebhookSecret(): string {
	return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))}`;
}
