import { whyNotFolded } from "#worker/domains/runs/overview";
import type { Fold, Position } from "../../live/adopt.ts";

/** A page that folds nothing still stands somewhere in the stream, so that the link knows what it has missed. */
export const foldPosition: Fold<Position> = (state, message) => {
	if (message.type === "bye") return { state, needs: "nothing" };
	const obstacle = message.type === "change" ? whyNotFolded(state, message) : null;
	// A frame that overlaps counts nothing twice here.
	if (obstacle !== null && obstacle !== "refetch") return { state, needs: obstacle };
	return { state: { epoch: message.epoch, seq: message.seq }, needs: "nothing" };
};
