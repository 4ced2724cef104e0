/**
 * One pass over a text that tells which of many literal anchors occur in it. Almost every payload has none, so this is what redaction
 * costs: each three characters, folded to 5 bits each, index a table of flags; only where a flag is set are the anchors compared.
 */
export type Anchored = { anchors: readonly string[]; anyCase?: boolean };

export type Probe<T> = (text: string) => Set<T>;

type Entry<T> = { anchor: string; anyCase: boolean; owner: T };

const SIZE = 2 ** 15; // three characters of 5 bits, and it fits the first-level cache

/** The index after one more character; & 31 folds upper and lower case together. */
function next(index: number, code: number): number {
	return ((index & 1023) << 5) | (code & 31);
}

function occursAt<T>(text: string, at: number, { anchor, anyCase }: Entry<T>): boolean {
	if (!anyCase) return text.startsWith(anchor, at);
	for (let offset = 3; offset < anchor.length; offset++) {
		const code = text.charCodeAt(at + offset);
		const isUpper = code >= 65 && code <= 90;
		if ((isUpper ? code + 32 : code) !== anchor.charCodeAt(offset)) return false;
	}
	return text.slice(at, at + 3).toLowerCase() === anchor.slice(0, 3);
}

/**
 * Make a probe for these owners. Anchors of an `anyCase` owner are given in lower case.
 * @throws RangeError for an anchor of fewer than three characters
 */
export function makeProbe<T extends Anchored>(owners: readonly T[]): Probe<T> {
	const flags = new Uint8Array(SIZE);
	const entries: Entry<T>[][] = [];
	for (const owner of owners) {
		for (const anchor of owner.anchors) {
			if (anchor.length < 3) throw new RangeError(`The anchor "${anchor}" is too short to look for.`);
			let index = 0;
			for (let at = 0; at < 3; at++) index = next(index, anchor.charCodeAt(at));
			flags[index] = 1;
			(entries[index] ??= []).push({ anchor, anyCase: owner.anyCase === true, owner });
		}
	}
	const check = (text: string, at: number, index: number, found: Set<T>) => {
		for (const entry of entries[index] ?? []) {
			if (occursAt(text, at, entry)) found.add(entry.owner);
		}
	};
	return (text) => {
		const found = new Set<T>();
		if (text.length < 3) return found;
		let index = next(next(0, text.charCodeAt(0)), text.charCodeAt(1));
		for (let at = 2; at < text.length; at++) {
			index = next(index, text.charCodeAt(at));
			if (flags[index] !== 0) check(text, at - 2, index, found);
		}
		return found;
	};
}
