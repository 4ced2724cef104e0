/**
 * One pass over a text that tells which of many literal anchors occur in it. Almost every payload has none, so this is what redaction
 * costs: each three characters, folded to 5 bits each, index a table of flags; only where a flag is set are the anchors compared.
 */
export type Anchored = { anchors: readonly string[]; anyCase?: boolean };

/** `bytes` may be given beside a text of nothing but ASCII: the same codes, twice as fast to read. */
export type Probe<T> = (text: string, bytes?: Uint8Array) => Set<T>;

type Entry<T> = { anchor: string; first: number; anyCase: boolean; owner: T };

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
 * Only every other position is looked at: each anchor is entered under its first three characters and under the three after its
 * first, so that it is met wherever it begins. (For an anchor of three the third of those may be anything.)
 * @throws RangeError for an anchor of fewer than three characters
 */
export function makeProbe<T extends Anchored>(owners: readonly T[]): Probe<T> {
	const flags = new Uint8Array(SIZE);
	// Every index has a list: a sparse array would be looked up by hash, in the middle of the loop. Most share the empty one, which saves a megabyte.
	const none: (Entry<T> & { offset: 0 | 1 })[] = [];
	const entries = Array.from({ length: SIZE }, () => none);
	const enter = (entry: Entry<T>, offset: 0 | 1, codes: readonly number[]) => {
		const index = codes.reduce(next, 0);
		flags[index] = 1;
		entries[index] = [...(entries[index] ?? none), { ...entry, offset }];
	};
	for (const owner of owners) {
		for (const anchor of owner.anchors) {
			if (anchor.length < 3) throw new RangeError(`The anchor "${anchor}" is too short to look for.`);
			const entry: Entry<T> = { anchor, first: anchor.charCodeAt(0), anyCase: owner.anyCase === true, owner };
			const codes = Array.from(anchor.slice(0, 4), (char) => char.charCodeAt(0));
			enter(entry, 0, codes.slice(0, 3));
			const after = codes.length > 3 ? [codes[3] as number] : Array.from({ length: 32 }, (_, folded) => folded);
			for (const third of after) enter(entry, 1, [codes[1] as number, codes[2] as number, third]);
		}
	}
	const check = (text: string, at: number, index: number, found: Set<T>) => {
		for (const entry of entries[index] as (Entry<T> & { offset: 0 | 1 })[]) {
			// The folded letters agree by chance far more often than the first one does as it is.
			if (!entry.anyCase && text.charCodeAt(at - entry.offset) !== entry.first) continue;
			if (at >= entry.offset && occursAt(text, at - entry.offset, entry)) found.add(entry.owner);
		}
	};
	const scanBytes = (text: string, bytes: Uint8Array, found: Set<T>): number => {
		const table = flags;
		const end = bytes.length - 2;
		let last = (bytes[0] as number) & 31;
		let at = 0;
		for (; at < end; at += 2) {
			const third = (bytes[at + 2] as number) & 31;
			const index = (last << 10) | (((bytes[at + 1] as number) & 31) << 5) | third;
			if (table[index] !== 0) check(text, at, index, found);
			last = third;
		}
		return at;
	};
	const scanText = (text: string, found: Set<T>): number => {
		const table = flags;
		const end = text.length - 2;
		let last = text.charCodeAt(0) & 31;
		let at = 0;
		for (; at < end; at += 2) {
			const third = text.charCodeAt(at + 2) & 31;
			const index = (last << 10) | ((text.charCodeAt(at + 1) & 31) << 5) | third;
			if (table[index] !== 0) check(text, at, index, found);
			last = third;
		}
		return at;
	};
	return (text, bytes) => {
		const found = new Set<T>();
		if (text.length < 3) return found;
		const isAscii = bytes !== undefined && bytes.length === text.length;
		const at = isAscii ? scanBytes(text, bytes, found) : scanText(text, found);
		// The last two characters may end an anchor of three that began between two looks: its third is the end of the text.
		check(text, at, ((text.charCodeAt(at) & 31) << 10) | ((text.charCodeAt(at + 1) & 31) << 5), found);
		return found;
	};
}
