import { useEffect, useRef, useState } from "react";
import { whyNotFolded } from "#worker/domains/runs/overview";
import type { LiveMessage } from "#worker/wire/live";
import type { Fold, Position } from "../../live/adopt.ts";
import { useLive, useLiveLink } from "../../live/use-live.ts";
import { every } from "../../ui/clock.tsx";

/** A page that folds nothing still stands somewhere in the stream, so that the link has what to catch up from. */
const foldPosition: Fold<Position> = (state, message) => {
	if (message.type === "bye") return { state, needs: "nothing" };
	const obstacle = message.type === "change" ? whyNotFolded(state, message) : null;
	// A frame that overlaps counts nothing twice here.
	if (obstacle !== null && obstacle !== "refetch") return { state, needs: obstacle };
	return { state: { epoch: message.epoch, seq: message.seq }, needs: "nothing" };
};

/**
 * Ask again when something happened in the team: soon after a frame, at most once per `apartMs`; and every `everyMs` for what no
 * frame tells of (0: not at all). Not while nobody looks.
 */
export function useNews(position: Position, ask: () => void, { apartMs, everyMs }: { apartMs: number; everyMs: number }): void {
	const link = useLiveLink();
	useLive<Position>(position, { fold: foldPosition, viewKey: "", isOld: false });
	const newest = useRef(ask);
	newest.current = ask;

	const [heard, setHeard] = useState(0);
	const askedAt = useRef(0);
	useEffect(() => link.hear((message: LiveMessage) => message.type === "change" && setHeard((n) => n + 1)), [link]);
	useEffect(() => {
		if (heard === 0) return;
		const wait = Math.max(100, askedAt.current + apartMs - Date.now());
		const timer = setTimeout(() => {
			askedAt.current = Date.now();
			if (document.visibilityState === "visible") newest.current();
		}, wait);
		return () => clearTimeout(timer);
	}, [heard, apartMs]);

	useEffect(() => {
		if (everyMs === 0) return;
		return every(everyMs, () => {
			if (document.visibilityState === "visible") newest.current();
		});
	}, [everyMs]);
}
