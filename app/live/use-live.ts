import { useRevalidator } from "@remix-run/react";
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { HOUR_MS } from "#worker/domains/runs/tally";
import type { LiveMessage } from "#worker/wire/live";
import { every } from "../ui/clock.tsx";
import type { Fold, Position } from "./adopt.ts";
import type { LiveLink, LiveStatus } from "./live-link.ts";
import { createPageState } from "./live-page.ts";

/** The link of the team whose pages these are, made by the team's layout. */
export const LiveLinkContext = createContext<LiveLink | null>(null);

/** The link of this team. @throws outside a team's layout, which is a mistake in the site map */
export function useLiveLink(): LiveLink {
	const link = useContext(LiveLinkContext);
	if (!link) throw new Error("A live page needs the team's layout around it.");
	return link;
}

/** How the connection stands, for those who draw it. */
export function useLiveStatus(): LiveStatus {
	const link = useLiveLink();
	return useSyncExternalStore(link.subscribe, link.status, link.status);
}

type UseLive<S> = {
	fold: Fold<S>;
	/** What the person looks at; when it changes the loader's data replaces everything. */
	viewKey: string;
	/** The loader could not be reached and repeats its last answer. */
	isOld: boolean;
	/** Hears each frame with the states around it, for announcements. */
	told?: (before: S, after: S, message: LiveMessage) => void;
};

/** Page data that stays true: begins as the loader's, changes with each frame through `fold`, and takes over newer loader data. */
export function useLive<S extends Position>(loaded: S, { fold, viewKey, isOld, told }: UseLive<S>): S {
	const link = useLiveLink();
	const { revalidate } = useRevalidator();
	// The page state lives longer than one render; it reaches the newest functions through here.
	const newest = useRef({ revalidate, told });
	newest.current = { revalidate, told };
	const [page] = useState(() =>
		createPageState(loaded, {
			fold,
			refetch: () => newest.current.revalidate(),
			told: (...frame) => newest.current.told?.(...frame),
		}),
	);
	const initial = useRef(loaded).current;
	const state = useSyncExternalStore(page.subscribe, page.get, () => initial);

	const last = useRef({ loaded, viewKey });
	useEffect(() => {
		if (last.current.loaded === loaded) return;
		const isOtherView = last.current.viewKey !== viewKey;
		last.current = { loaded, viewKey };
		page.load(loaded, { replace: isOtherView, isOld });
	}, [page, loaded, viewKey, isOld]);

	useEffect(() => link.attach(page), [link, page]);

	// A range that ends "now" moves on with the hours; frames alone would only ever lengthen it.
	useEffect(() => {
		let hour = Math.floor(Date.now() / HOUR_MS);
		return every(10_000, () => {
			const current = Math.floor(Date.now() / HOUR_MS);
			if (current === hour || document.visibilityState !== "visible" || link.status().phase !== "live") return;
			hour = current;
			newest.current.revalidate();
		});
	}, [link]);

	return state;
}

/** A value that changes at most once per `ms`: the first change at once, the last one always. */
export function useThrottled<T>(value: T, ms: number): T {
	const [shown, setShown] = useState(value);
	const changedAt = useRef(0);
	useEffect(() => {
		if (Object.is(value, shown)) return;
		const wait = Math.max(0, changedAt.current + ms - Date.now());
		const timer = setTimeout(() => {
			changedAt.current = Date.now();
			setShown(value);
		}, wait);
		return () => clearTimeout(timer);
	}, [value, shown, ms]);
	return shown;
}
