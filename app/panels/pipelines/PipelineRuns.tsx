import { Link, useLocation, useParams } from "@remix-run/react";
import { forwardRef, type MouseEvent, useImperativeHandle, useRef } from "react";
import type { LiveMessage } from "#worker/wire/live";
import { plural } from "../../format/number.ts";
import { searchWith } from "../../format/view.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { ArrowUpIcon, RefreshIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { useRunFocus } from "../runs/use-run-focus.ts";
import { sortWords } from "./filter-words.ts";
import { NothingFound } from "./NothingFound.tsx";
import { listKeyOf, type PipelinesPage } from "./pipelines-page.ts";
import { RunRows } from "./RunRows.tsx";
import { isInOrder, without } from "./run-list.ts";
import { SortMenu } from "./SortMenu.tsx";
import { StatusChips } from "./StatusChips.tsx";
import { TextFilter } from "./TextFilter.tsx";
import { useHeldRuns } from "./use-held-runs.ts";
import { useMoreRuns } from "./use-more-runs.ts";

type Props = { pipelines: PipelinesPage; staleFor: string | null; refresh: () => void };

/** What the page tells its list: each frame, for the rows that the page's own data no longer hold. */
export type RunsHandle = { hear: (message: LiveMessage) => void };

/** The runs of the view: filters, order, pages; new ones wait behind a pill. */
export const PipelineRuns = forwardRef<RunsHandle, Props>(function PipelineRuns({ pipelines, staleFor, refresh }, handle) {
	const { runs, nextCursor, view, listKey } = pipelines;
	const asked = new URLSearchParams(useLocation().search);
	const { team } = useParams();
	const panel = useRef<HTMLElement>(null);
	const held = useHeldRuns(panel, runs, listKey);
	const focusRun = useRunFocus(panel);
	const addressOf = (cursor: string) => {
		const next = new URLSearchParams(listKeyOf(asked));
		next.set("cursor", cursor);
		return `/t/${team}/pipelines/runs?${next}`;
	};
	const appended = useMoreRuns({ first: runs, nextCursor, sort: view.sort, listKey, addressOf });
	useImperativeHandle(handle, () => ({ hear: appended.hear }), [appended.hear]);
	const rows = [...held.rows, ...without(appended.more, held.rows)];
	const isNewestFirst = view.sort.by === "started" && view.sort.isDescending;
	const isFrozen = !isNewestFirst && !isInOrder(rows, view.sort);
	return (
		<section
			ref={panel}
			aria-label="Runs"
			onPointerLeave={held.onPointerLeave}
			onTouchStart={held.onTouchStart}
			className="min-w-0 rounded-card border border-line bg-s1"
		>
			<header className="flex min-h-11 flex-wrap items-center gap-2 px-3.5 py-1.5">
				<h2 className="mr-1 text-body font-semibold">Runs</h2>
				<StatusChips />
				<div className="flex min-w-0 flex-wrap items-center gap-2 max-sm:w-full sm:ml-auto">
					{staleFor !== null && <StaleBadge age={staleFor} />}
					{held.waiting.length > 0 && (
						<button
							type="button"
							onClick={(event) => {
								held.show();
								focusRun(event, held.waiting[0]?.id ?? null);
							}}
							className="target inline-flex h-6 items-center gap-1 rounded-badge bg-acc-bg px-2 text-sec font-medium text-acc"
						>
							<ArrowUpIcon className="size-3" />
							{plural(held.waiting.length, "new run")}
						</button>
					)}
					{isFrozen && (
						<Button tone="quiet" size="sm" onClick={refresh}>
							<RefreshIcon className="size-3.5" />
							Order frozen · refresh
						</Button>
					)}
					{/* Elsewhere the heads of the columns sort. */}
					<div className="sm:hidden">
						<SortMenu />
					</div>
					<TextFilter />
				</div>
			</header>
			{view.after !== null && (
				<p className="border-t border-line px-3.5 py-2 text-sec text-t2">
					The list goes on from an earlier page.{" "}
					<Link to={{ search: searchWith(asked, { cursor: null }) }} preventScrollReset className="hit text-acc hover:underline">
						Back to its beginning
					</Link>
				</p>
			)}
			{rows.length === 0 ? <NothingFound /> : <RunRows runs={rows} sort={view.sort} />}
			{rows.length > 0 && (
				<footer className="no-print flex min-h-12 flex-wrap items-center gap-3 border-t border-line px-3.5 py-2 text-sec text-t3">
					<p>
						{plural(rows.length, "run")} shown, {sortWords(view.sort).toLowerCase()}
						{appended.cursor === null && ". That is all of them"}
					</p>
					<span className="ml-auto" />
					{appended.state === "failed" && (
						<p role="alert" className="text-t2">
							More runs could not be loaded.
						</p>
					)}
					{appended.cursor !== null && (
						<Link
							to={{ search: `?${withCursor(asked, appended.cursor)}` }}
							// With scripts the list grows where it is; without them the next page takes its place.
							onClick={(event: MouseEvent) => {
								if (event.metaKey || event.ctrlKey || event.shiftKey) return;
								event.preventDefault();
								appended.load();
							}}
							aria-busy={appended.state === "loading"}
							className={buttonClass()}
						>
							{appended.state === "loading" ? "Loading…" : appended.state === "failed" ? "Try again" : "Load 50 more"}
						</Link>
					)}
				</footer>
			)}
		</section>
	);
});

function withCursor(search: URLSearchParams, cursor: string): URLSearchParams {
	const next = new URLSearchParams(search);
	next.delete("panel");
	next.set("cursor", cursor);
	next.sort();
	return next;
}
