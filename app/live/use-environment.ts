import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type EnvironmentView, foldEnvironment } from "#worker/domains/environments/snapshot";
import type { EnvironmentState } from "#worker/wire/deployments";
import type { EnvironmentMessage } from "#worker/wire/live";
import { createLiveLink, type LiveLink, type LiveStatus } from "./live-link.ts";

/** An environment that stays true by its own stream, and what this window says of the person before it. */
export type LiveEnvironment = {
	state: EnvironmentState;
	status: LiveStatus;
	/** Say that this person takes care of it, or does not any more. */
	handle: (isHandling: boolean) => void;
};

type Args = { team: string; loaded: EnvironmentState; now: number };

/** Follow an environment. Until its stream is heard, and whenever it is cut off, what the loader brought last is what is shown. */
export function useEnvironment({ team, loaded, now }: Args): LiveEnvironment {
	const [stream] = useState(() => createStream(team, loaded, now));
	const { link, page } = stream;
	const initial = useRef(loaded).current;
	const state = useSyncExternalStore(page.subscribe, page.get, () => initial);
	const status = useSyncExternalStore(link.subscribe, link.status, link.status);
	useEffect(() => link.attach(page), [link, page]);
	useEffect(() => page.load(loaded), [page, loaded]);
	// What was said is forgotten with its socket: it is said again by the next one.
	const isHandling = useRef(false);
	useEffect(() => {
		if (status.phase === "live" && isHandling.current) link.say({ handling: true });
	}, [link, status.phase]);
	return {
		...{ state, status },
		handle: (takes) => {
			isHandling.current = takes;
			link.say({ handling: takes });
		},
	};
}

function createStream(team: string, loaded: EnvironmentState, now: number) {
	const link: LiveLink<EnvironmentMessage> = createLiveLink(
		`/live/${encodeURIComponent(team)}/environments/${encodeURIComponent(loaded.id)}`,
		now,
	);
	let view: EnvironmentView | null = null;
	let state = loaded;
	const listeners = new Set<() => void>();
	const set = (next: EnvironmentState) => {
		if (next === state) return;
		state = next;
		for (const listener of listeners) listener();
	};
	return {
		link,
		page: {
			get: () => state,
			subscribe: (listener: () => void) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
			load: (fresh: EnvironmentState) => {
				// A stream that is heard is never older than what a loader read.
				if (link.status().phase !== "live") set(fresh);
			},
			position: () => ({ epoch: view?.epoch ?? "", seq: view?.seq ?? 0 }),
			receive: (message: EnvironmentMessage): "ok" | "gap" => {
				const { view: next, needs } = foldEnvironment(view, message);
				view = next;
				if (view) set(view.state);
				return needs === "hello" ? "gap" : "ok";
			},
		},
	};
}
