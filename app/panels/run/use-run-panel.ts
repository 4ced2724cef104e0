import { useCallback, useMemo, useRef, useState } from "react";
import type { RunPanel } from "#worker/domains/runs/report.server";
import type { LiveMessage, RunRow } from "#worker/wire/live";
import { useRefetch } from "./use-refetch.ts";

/** How far apart a page asks for the jobs of its run. */
export const JOBS_APART_MS = 1000;

/** What a page's loader answers about the open panel: which run was asked for, and what is known of it; null without a panel. */
export type OpenRun = { id: string; found: RunPanel | null } | null;

/** A loaded run as a newer row of a frame tells it. Jobs come with fresh page data only. */
export function withRow(found: RunPanel, row: RunRow | null): RunPanel {
	if (row === null) return found;
	const { status, attempt, startedAt, finishedAt, durationMs, error } = row;
	return { ...found, run: { ...found.run, ...{ status, attempt, startedAt, finishedAt, durationMs }, error: error ?? found.run.error } };
}

/**
 * The open run, kept true by frames: its row at once, and its jobs through fresh page data. `hear` is to be called with each frame
 * the page folds.
 */
export function useRunPanel(open: OpenRun): { open: OpenRun; hear: (message: LiveMessage) => void } {
	const refetch = useRefetch();
	const [heard, setHeard] = useState<{ of: OpenRun; row: RunRow } | null>(null);
	const newest = useRef(open);
	newest.current = open;
	const hear = useCallback(
		(message: LiveMessage) => {
			const { current } = newest;
			if (message.type !== "change" || current === null) return;
			const row = message.runs.find(({ id }) => id === current.id);
			if (!row) return;
			setHeard({ of: current, row });
			refetch(JOBS_APART_MS);
		},
		[refetch],
	);
	const row = heard !== null && heard.of === open ? heard.row : null;
	return { open: useMemo(() => (open?.found ? { ...open, found: withRow(open.found, row) } : open), [open, row]), hear };
}
