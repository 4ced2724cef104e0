import { useEffect, useRef, useState } from "react";
import type { LiveMessage } from "#worker/wire/live";
import { useLiveLink } from "../../live/use-live.ts";
import { every } from "../../ui/clock.tsx";

/**
 * Ask again when something happened in the team: soon after a frame, at most once per `apartMs`; and every `everyMs` for what no
 * frame tells of (0: not at all). Not while nobody looks.
 */
export function useNews(ask: () => void, { apartMs, everyMs }: { apartMs: number; everyMs: number }): void {
	const link = useLiveLink();
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
