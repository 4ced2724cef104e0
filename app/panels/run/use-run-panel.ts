import { useRevalidator } from "@remix-run/react";
import { useCallback, useRef, useState } from "react";
import type { RunPanel } from "#worker/domains/runs/report.server";
import type { LiveMessage, RunRow } from "#worker/wire/live";

/** What a page's loader answers about the open panel: which run was asked for, and what is known of it; null without a panel. */
export type OpenRun = { id: string; found: RunPanel | null } | null;

/** A loaded run as a newer row of a frame tells it. Jobs come with fresh page data only. */
export function withRow(found: RunPanel, row: RunRow | null): RunPanel {
	if (row === null) return found;
	const { status, attempt, startedAt, finishedAt, durationMs, error } = row;
	return { ...found, run: { ...found.run, ...{ status, attempt, startedAt, finishedAt, durationMs }, error: error ?? found.run.error } };
}

/**
 * The open run, kept true by frames: its row at once, and its jobs through fresh page data when it has moved on.
 * `hear` is to be called with each frame the page folds.
 */
export function useRunPanel(open: OpenRun): { open: OpenRun; hear: (message: LiveMessage) => void } {
	const { revalidate } = useRevalidator();
	const [heard, setHeard] = useState<{ of: OpenRun; row: RunRow } | null>(null);
	const newest = useRef({ open, status: "" });
	newest.current.open = open;
	const row = heard !== null && heard.of === open ? heard.row : null;
	newest.current.status = row?.status ?? open?.found?.run.status ?? "";

	const hear = useCallback(
		(message: LiveMessage) => {
			const { open: current, status } = newest.current;
			if (message.type !== "change" || current === null) return;
			const changed = message.runs.find(({ id }) => id === current.id);
			if (!changed) return;
			setHeard({ of: current, row: changed });
			if (changed.status !== status) revalidate();
		},
		[revalidate],
	);
	return { open: open?.found ? { ...open, found: withRow(open.found, row) } : open, hear };
}
