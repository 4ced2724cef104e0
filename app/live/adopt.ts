import type { FoldNeeds } from "#worker/domains/runs/overview";
import type { Change, LiveMessage } from "#worker/wire/live";

/** Where a page stands in its team's stream. */
export type Position = { epoch: string; seq: number };

/** A page's own pure fold. */
export type Fold<S> = (state: S, message: LiveMessage) => { state: S; needs: FoldNeeds };

/** Frames kept to bring fresh page data up to date. At one frame per 50 ms, ten seconds' worth. */
export const RECENT_FRAMES = 200;

/**
 * Take over fresh page data without losing what arrived while it was on its way: the frames after it are folded onto it again.
 * @returns null when they do not connect and taking it would go backwards; the caller asks for page data once more
 */
export function adopt<S extends Position>(current: S, fresh: S, recent: readonly Change[], fold: Fold<S>): S | null {
	let state = fresh;
	for (const frame of recent) {
		if (frame.epoch !== state.epoch || frame.seq <= state.seq) continue;
		const { state: next, needs } = fold(state, frame);
		if (needs !== "nothing") break;
		state = next;
	}
	const isBehind = state.epoch === current.epoch && state.seq < current.seq;
	return isBehind ? null : state;
}
