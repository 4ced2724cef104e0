import { isPasswordName, isPlaceholder, isSecretName, maskPairs, PAIR_ANCHORS } from "./pairs.ts";
import { type Anchored, makeProbe } from "./probe.ts";
import { RULES, type Rule } from "./rules.ts";
import { mayHoldUserinfo, USERINFO_PATTERNS } from "./userinfo.ts";

/** A text without its secrets, and how many were taken out. */
export type Redacted = { text: string; count: number };

type Detector = Anchored & { mask: (text: string) => Redacted };

/** What stands in a secret's place. No quote, backslash or brace, so JSON, CSV and HTML keep their shape. */
function markerOf(rule: string): string {
	return `[masked:${rule}]`;
}

function maskPattern(text: string, pattern: RegExp, rule: string): Redacted {
	let count = 0;
	// The callback gets the capture group second, or the offset where a pattern has no group.
	const masked = text.replace(pattern, (match: string, group: unknown) => {
		const kept = typeof group === "string" ? group : "";
		if (isPlaceholder(match.slice(kept.length))) return match;
		count++;
		return kept + markerOf(rule);
	});
	return { text: masked, count };
}

function detectorOf(rule: Rule): Detector {
	return { anchors: rule.anchors, anyCase: rule.anyCase ?? false, mask: (text) => maskPattern(text, rule.pattern, rule.name) };
}

const PAIRS: Detector = { anchors: PAIR_ANCHORS, anyCase: true, mask: (text) => maskPairs(text, markerOf("secret-value")) };

// Looked for by its "@" rather than by an anchor.
const USERINFO: Detector = {
	anchors: [],
	mask: (text) => {
		let result: Redacted = { text, count: 0 };
		for (const pattern of USERINFO_PATTERNS) {
			const next = maskPattern(result.text, pattern, "url-credentials");
			result = { text: next.text, count: result.count + next.count };
		}
		return result;
	},
};

// In the order of application: what is known by name first, so that the marker says what it was.
const DETECTORS: readonly Detector[] = [...RULES.map(detectorOf), USERINFO, PAIRS];
const probe = makeProbe(DETECTORS);

/** \u0067 hides a letter from every rule; only escapes of printable ASCII that a secret may contain count, not < > & quotes. */
const HIDING = /\\u00(?:2[b-fB-F]|3[0-9aAdD]|4[0-9a-fA-F]|5[0-9aAfF]|6[0-9a-fA-F]|7[0-9aAeE])/;
const HIDING_ALL = /\\u00(2[b-fB-F]|3[0-9aAdD]|4[0-9a-fA-F]|5[0-9aAfF]|6[0-9a-fA-F]|7[0-9aAeE])/g;
/** With an even number of backslashes before it: "\\u0067" is a backslash and then text. */
const HIDING_HERE = /(?<!\\)((?:\\\\)*)\\u00(2[b-fB-F]|3[0-9aAdD]|4[0-9a-fA-F]|5[0-9aAfF]|6[0-9a-fA-F]|7[0-9aAeE])/g;

function letter(hex: string): string {
	return String.fromCharCode(Number.parseInt(hex, 16));
}

function suspectsIn(text: string, bytes?: Uint8Array): Set<Detector> {
	const seen = text.includes("\\u00") && HIDING.test(text) ? text.replace(HIDING_ALL, (_match, hex: string) => letter(hex)) : text;
	const found = probe(seen, seen === text ? bytes : undefined);
	if (mayHoldUserinfo(seen)) found.add(USERINFO);
	return found;
}

function redactPlain(text: string, suspects: Set<Detector>): Redacted {
	const plain = text.includes("\\u00") ? text.replace(HIDING_HERE, (_match, slashes: string, hex: string) => slashes + letter(hex)) : text;
	let result: Redacted = { text: plain, count: 0 };
	for (const detector of DETECTORS) {
		if (!suspects.has(detector)) continue;
		const next = detector.mask(result.text);
		result = { text: next.text, count: result.count + next.count };
	}
	return result.count === 0 ? { text, count: 0 } : result;
}

/** A field's value: known shapes first, then the whole of it when its name says that it is a secret. */
function redactField(name: string, value: unknown, nesting: number): { value: unknown; count: number } {
	if (typeof value === "number" && isPasswordName(name)) return { value: markerOf("secret-value"), count: 1 };
	if (typeof value !== "string") return { value, count: 0 };
	const inner = redactNested(value, nesting + 1);
	if (!isSecretName(name) || isPlaceholder(inner.text) || (/pwd$/i.test(name) && value.startsWith("/"))) {
		return { value: inner.text, count: inner.count };
	}
	return { value: markerOf("secret-value"), count: Math.max(1, inner.count) };
}

/** Redact every name and value of a parsed document in place. A stack of its own, so depth cannot overflow the call stack. */
function redactTree(root: object, nesting: number): number {
	let count = 0;
	const open: object[] = [root];
	for (let node = open.pop(); node !== undefined; node = open.pop()) {
		const fields = node as Record<string, unknown>; // safe because JSON.parse makes only arrays and plain objects
		// {"name": "DB_PASSWORD", "value": "…"}, as CI variables are written, is a pair too.
		const label = [fields.name, fields.key].find((one) => typeof one === "string");
		for (const [name, value] of Object.entries(fields)) {
			if (typeof value === "object" && value !== null) open.push(value);
			const pairName = name === "value" && typeof label === "string" ? label : name;
			const masked = redactField(pairName, value, nesting);
			count += masked.count;
			const safeName = Array.isArray(node) ? { text: name, count: 0 } : redactNested(name, nesting + 1);
			count += safeName.count;
			if (safeName.count > 0) delete fields[name];
			if (masked.count + safeName.count > 0) fields[safeName.text] = masked.value;
		}
	}
	return count;
}

const NESTING_MAX = 4; // JSON in a string in JSON …: beyond this it is read as plain text

function parseDocument(text: string): object | null {
	const first = text.trimStart()[0];
	if (first !== "{" && first !== "[") return null;
	try {
		const parsed: unknown = JSON.parse(text);
		return typeof parsed === "object" ? parsed : null;
	} catch {
		return null;
	}
}

function redactNested(text: string, nesting: number, bytes?: Uint8Array): Redacted {
	const suspects = suspectsIn(text, bytes);
	if (suspects.size === 0) return { text, count: 0 };
	const document = nesting < NESTING_MAX ? parseDocument(text) : null;
	if (document === null) return redactPlain(text, suspects);
	try {
		const count = redactTree(document, nesting);
		return count === 0 ? { text, count } : { text: JSON.stringify(document), count };
	} catch {
		return redactPlain(text, suspects); // JSON.stringify recurses, and thousands of levels are nobody's payload
	}
}

/**
 * Replace every known secret by `[masked:<rule>]`. JSON stays JSON: it is redacted value by value, and written anew only when
 * something was found (integers beyond 2^53 are then rounded, as in any reader of it). Text without a secret comes back as it is.
 * @param bytes the UTF-8 of the same text, where it is at hand: only makes it faster
 */
export function redact(text: string, bytes?: Uint8Array): Redacted {
	return redactNested(text, 0, bytes);
}
