/** A seeded stream of numbers: the demo story must be the same at every telling, so nothing here knows a clock or Math.random. */
export type Random = {
	/** Uniform in [0, 1). */
	next: () => number;
	/** Whole number in [0, n). */
	below: (n: number) => number;
	/** True with this probability. */
	chance: (probability: number) => boolean;
	/** One of the items. */
	pick: <T>(items: readonly T[]) => T;
	/** One of the items, by its weight. */
	weighted: <T extends { weight: number }>(items: readonly T[]) => T;
	/** Log-normal with this median; `sigma` is the spread of its logarithm. */
	logNormal: (median: number, sigma: number) => number;
	/** `length` lower-case hex digits. */
	hex: (length: number) => string;
};

/** A 32-bit number from a text. @source FNV-1a, with the final mix of MurmurHash3 so that near texts land far apart */
export function hashOf(text: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/** 64 hex digits that depend on the text alone; stands where a real delivery has its body's SHA-256. */
export function stableHex(text: string): string {
	return randomFrom(text).hex(64);
}

/** The stream that begins at this text. @source mulberry32, public domain */
export function randomFrom(seed: string): Random {
	let state = hashOf(seed);
	const next = () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	const below = (n: number) => Math.floor(next() * n);
	return {
		next,
		below,
		chance: (probability) => next() < probability,
		pick: (items) => items[below(items.length)]!,
		weighted: (items) => {
			let rest = next() * items.reduce((sum, item) => sum + item.weight, 0);
			for (const item of items) {
				rest -= item.weight;
				if (rest < 0) return item;
			}
			return items[items.length - 1]!;
		},
		// Box–Muller; 1 - next() keeps the logarithm away from 0.
		logNormal: (median, sigma) => median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
		hex: (length) => {
			let text = "";
			while (text.length < length)
				text += Math.floor(next() * 0x1000000)
					.toString(16)
					.padStart(6, "0");
			return text.slice(0, length);
		},
	};
}
