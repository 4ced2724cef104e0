import { AppError } from "../errors.ts";

/** Containers deeper than this are refused: nobody's CI nests so deep, and recursion further down must stay safe. */
const DEPTH_MAX = 64;
/** A GitHub push lists up to 2,048 commits and their files; ten times that is an attack on the parser, not a push. */
const KEYS_MAX = 20_000;
const ITEMS_MAX = 200_000;

// A byte order mark stays in the text, so that JSON.parse refuses it like any other stray character.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const lenient = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Bytes as text, and whether they were UTF-8: who sent them is decided before that is held against them. */
export function decode(bytes: Uint8Array): { text: string; isUtf8: boolean } {
	try {
		return { text: utf8.decode(bytes), isUtf8: true };
	} catch {
		return { text: lenient.decode(bytes), isUtf8: false };
	}
}

/** Bytes as text. @throws AppError malformed when they are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
	const { text, isUtf8 } = decode(bytes);
	if (!isUtf8) throw notUtf8();
	return text;
}

/** What is answered to bytes that are not text. */
export function notUtf8(): AppError {
	return new AppError("malformed", "The body is not UTF-8 text.");
}

/** Text as one JSON object of a sane shape. @throws AppError malformed */
export function parseObject(text: string): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new AppError("malformed", text.length === 0 ? "The body is empty." : "The body is not valid JSON.");
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new AppError("malformed", "The body must be a JSON object.");
	checkShape(value);
	return value as Record<string, unknown>;
}

/** Walk the containers. The recursion ends where the depth does, so it is never an attacker's to choose. */
function checkShape(container: object, depth = 1): void {
	if (depth > DEPTH_MAX) throw new AppError("malformed", `The body nests deeper than ${DEPTH_MAX} levels.`);
	if (Array.isArray(container)) {
		if (container.length > ITEMS_MAX) throw new AppError("malformed", `The body has a list of more than ${ITEMS_MAX} items.`);
		for (const item of container) if (typeof item === "object" && item !== null) checkShape(item, depth + 1);
		return;
	}
	let keys = 0;
	for (const key in container) {
		if (++keys > KEYS_MAX) throw new AppError("malformed", `The body has an object of more than ${KEYS_MAX} fields.`);
		if (key === "__proto__") throw new AppError("malformed", "The body has a field named __proto__.");
		const item = (container as Record<string, unknown>)[key];
		if (typeof item === "object" && item !== null) checkShape(item, depth + 1);
	}
}
