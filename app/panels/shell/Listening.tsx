import { useLive } from "../../live/use-live.ts";
import { foldPosition } from "../settings/fold-position.ts";

/** Attaches a page that folds nothing to the team's live link; there is nothing to draw. */
export function Listening({ loaded }: { loaded: { epoch: string; seq: number } }) {
	useLive(loaded, { fold: foldPosition, viewKey: "", isOld: false });
	return null;
}
