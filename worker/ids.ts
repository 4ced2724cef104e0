import { crc32 } from "node:zlib";

const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** A random id of `length` characters without look-alikes; 5 bits a character. */
export function randomId(length: number): string {
	const bytes = crypto.getRandomValues(new Uint8Array(length));
	return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** 256 random bits as base64url: sessions, tokens, secrets. */
export function randomSecret(): string {
	return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** SHA-256 of a text as base64url: a PKCE challenge. */
export async function sha256Base64Url(text: string): Promise<string> {
	return base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

function base64Url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** SHA-256 as lower-case hex. */
export async function sha256Hex(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
	const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
	let hex = "";
	for (const byte of digest) hex += HEX[byte];
	return hex;
}

/**
 * What tells two bodies under one delivery id apart: length and CRC-32. Not a proof of anything, and it need not be one: both
 * bodies carry a valid signature, so the only one who could make them collide is the sender, to no end.
 */
export function bodyFingerprint(bytes: Uint8Array): string {
	return `${bytes.byteLength}-${crc32(bytes).toString(16)}`;
}

/** The team that an integration id or a token names, so that its ledger is found without D1; null when it names none. */
export function teamOf(idOrToken: string): string | null {
	return /^(t[a-z2-9]{11})-[a-z2-9]{12}$/.exec(idOrToken)?.[1] ?? /^opst_(t[a-z2-9]{11})_[\w-]{43}$/.exec(idOrToken)?.[1] ?? null;
}

/** A new team's id. */
export function newTeamId(): string {
	return `t${randomId(11)}`;
}

/** A new integration's id: it carries its team's. */
export function newIntegrationId(teamId: string): string {
	return `${teamId}-${randomId(12)}`;
}

/** A new API token: it carries its team's id, and 256 random bits. */
export function newToken(teamId: string): string {
	return `opst_${teamId}_${randomSecret()}`;
}

/** A new session's public name: what lists show and addresses revoke, worth nothing to who finds it. */
export function newSessionId(): string {
	return `s${randomId(12)}`;
}

/** What stands in an invitation's link. */
export function newInvitationToken(): string {
	return `opsi_${randomSecret()}`;
}
