/** Comparing what a sender presents with the secrets we hold, in time that does not depend on how much of it is right. */

const encoder = new TextEncoder();

/** Whether two digests are equal; every byte is looked at. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	let difference = a.length ^ b.length;
	for (let at = 0; at < a.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
	return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

/** Whether `presented` is one of `secrets`. Digests are compared, so neither length nor prefix shows in the time; an empty secret matches nothing. */
export async function isOneOf(presented: string | null, secrets: readonly string[]): Promise<boolean> {
	const given = await digest(presented ?? "");
	let matches = false;
	for (const secret of secrets) {
		const isSame = sameBytes(given, await digest(secret));
		matches = (isSame && secret !== "" && presented !== null) || matches;
	}
	return matches;
}

/** The bytes of lower-case hex; null when it is not exactly `length` bytes of it. */
export function fromHex(hex: string, length: number): Uint8Array<ArrayBuffer> | null {
	if (hex.length !== length * 2 || !/^[0-9a-f]+$/.test(hex)) return null;
	return Uint8Array.from({ length }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}

/** Whether one of `secrets` makes this HMAC-SHA256 over the parts, in order. Constant time by `crypto.subtle.verify`. */
export async function isSignedBy(
	signature: Uint8Array<ArrayBuffer>,
	parts: readonly (string | Uint8Array)[],
	secrets: readonly string[],
): Promise<boolean> {
	const pieces = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
	const signed = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		signed.set(piece, at);
		at += piece.length;
	}
	for (const secret of secrets) {
		if (secret === "") continue; // an unset secret signs nothing
		const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
		if (await crypto.subtle.verify("HMAC", key, signature, signed)) return true;
	}
	return false;
}

/** The secret in an Authorization header: the bearer token, or the password of a sender that can only do Basic. */
export function presentedSecret(header: string | null): string | null {
	const [, scheme = "", value = ""] = /^(bearer|basic) +(\S+)$/i.exec(header ?? "") ?? [];
	if (scheme === "") return null;
	if (scheme.toLowerCase() === "bearer") return value;
	try {
		const credentials = new TextDecoder().decode(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));
		const colon = credentials.indexOf(":");
		return colon < 0 ? null : credentials.slice(colon + 1);
	} catch {
		return null; // not base64
	}
}

/** How a sender that cannot sign proves itself: it presents one of the secrets in its Authorization header. */
export function presentsSecret({ headers }: { headers: Headers }, secrets: readonly string[]): Promise<boolean> {
	return isOneOf(presentedSecret(headers.get("authorization")), secrets);
}
