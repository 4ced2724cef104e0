import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Below this, packing costs more than it saves. */
const PACK_FROM = 1024;
const PACKED = "z:";

/**
 * A raw body as it is stored: deflated and in base64. A forge's JSON shrinks to a fifth of its size, on every station between
 * here and the disk; level 1, because a better one costs more time than it saves bytes.
 */
export function packBody(text: string): string {
	if (text.length < PACK_FROM) return text;
	return PACKED + deflateRawSync(text, { level: 1 }).toString("base64");
}

/** The text of a stored body. */
export function unpackBody(stored: string): string {
	if (!stored.startsWith(PACKED)) return stored;
	return inflateRawSync(Buffer.from(stored.slice(PACKED.length), "base64")).toString("utf8");
}
