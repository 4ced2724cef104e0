import { createContext, useContext, useSyncExternalStore } from "react";
import type { RollbackRow } from "#worker/wire/deployments";
import type { LiveMessage } from "#worker/wire/live";
import { newerOf } from "./under-way.ts";

/** What is asked to be rolled back: a component of an environment, to the best version or to a certain one. */
export type AskedRollback = { environmentId: string; component: string; to?: string };

/** The rollbacks that this window has heard of, by whatever way; outside React, so that a frame is taken the moment it comes. */
export type RollbackBook = {
	all: () => readonly RollbackRow[];
	subscribe: (listener: () => void) => () => void;
	put: (rows: readonly RollbackRow[]) => void;
	hear: (message: LiveMessage) => void;
};

/** Make a book that begins with what the page came with. */
export function createRollbackBook(loaded: readonly RollbackRow[]): RollbackBook {
	let rows = loaded;
	const listeners = new Set<() => void>();
	const put = (told: readonly RollbackRow[]) => {
		if (told.length === 0) return;
		const byId = new Map(rows.map((row) => [row.id, row]));
		for (const row of told) byId.set(row.id, newerOf(byId.get(row.id), row));
		rows = [...byId.values()].sort((a, b) => b.requestedAt - a.requestedAt);
		for (const listener of listeners) listener();
	};
	return {
		all: () => rows,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		put,
		hear(message) {
			if (message.type !== "bye") put(message.rollbacks ?? []);
		},
	};
}

/** What a team's frame offers its pages about rollbacks. */
export type RollbackDesk = {
	book: RollbackBook;
	/** Open the dialog, or the sheet. */
	ask: (asked: AskedRollback) => void;
	/** What it will draw is on its way: someone points at a button that opens it. */
	prepare: () => void;
};

/** Given by the team's frame; absent outside of it, as in the gallery. */
export const RollbackDeskContext = createContext<RollbackDesk | null>(null);

/** What the frame offers about rollbacks, or null outside of it. */
export function useRollbackDesk(): RollbackDesk | null {
	return useContext(RollbackDeskContext);
}

const NONE: readonly RollbackRow[] = [];
const nothing = () => () => {};

/** Every rollback this window knows, newest first. */
export function useRollbackRows(): readonly RollbackRow[] {
	const book = useContext(RollbackDeskContext)?.book;
	const read = book?.all ?? (() => NONE);
	return useSyncExternalStore(book?.subscribe ?? nothing, read, read);
}

/** What is known of one rollback: what the page came with, or what came since. */
export function useRollbackRow(loaded: RollbackRow): RollbackRow {
	const known = useRollbackRows().find(({ id }) => id === loaded.id);
	return newerOf(known, loaded) === known && known ? known : loaded;
}
