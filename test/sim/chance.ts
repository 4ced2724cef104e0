/** Chance from a seed, and the order of events: the same seed is the same story, to the last message. */
export type Chance = {
	/** 0 ≤ x < 1 */
	next: () => number;
	is: (probability: number) => boolean;
	/** A whole number, both ends included. */
	between: (from: number, to: number) => number;
	one: <T>(of: readonly T[]) => T;
};

/** @source mulberry32 by Tommy Ettinger, public domain */
export function chance(seed: number): Chance {
	// Neighbouring seeds would begin alike.
	let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
	return {
		next,
		is: (probability) => next() < probability,
		between,
		one: (of) => of[between(0, of.length - 1)] as (typeof of)[number],
	};
}

type Event = { at: number; order: number; run: () => void };

/** What happens when, earliest first; what is due at the same moment in the order in which it was planned. A binary heap. */
export class Timeline {
	now = 0;
	ran = 0;
	#order = 0;
	readonly #heap: Event[] = [];

	/** Plan something for a time from now on. */
	after(ms: number, run: () => void): void {
		const heap = this.#heap;
		const event = { at: this.now + ms, order: this.#order++, run };
		let at = heap.push(event) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!isBefore(event, heap[parent] as Event)) break;
			heap[at] = heap[parent] as Event;
			at = parent;
		}
		heap[at] = event;
	}

	/** Let the next thing happen; false when there is none before `until`. */
	step(until: number): boolean {
		const heap = this.#heap;
		const first = heap[0];
		if (!first || first.at > until) return false;
		const last = heap.pop() as Event;
		if (heap.length > 0) {
			let at = 0;
			for (;;) {
				let child = at * 2 + 1;
				if (child >= heap.length) break;
				if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
				if (!isBefore(heap[child] as Event, last)) break;
				heap[at] = heap[child] as Event;
				at = child;
			}
			heap[at] = last;
		}
		this.now = first.at;
		this.ran++;
		first.run();
		return true;
	}
}

const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order);
