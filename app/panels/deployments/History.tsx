import { Link, useLocation, useParams } from "@remix-run/react";
import { type MouseEvent, useRef } from "react";
import { formatDuration } from "../../format/duration.ts";
import { formatPercent, plural } from "../../format/number.ts";
import { searchWith } from "../../format/view.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { ArrowUpIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { DeploymentsTable } from "./DeploymentsTable.tsx";
import { type DeploymentsPage, FIGURES_DAYS, failingRows } from "./deployments-page.ts";
import type { Refusal } from "./EnvironmentCard.tsx";
import { HistoryFilters } from "./HistoryFilters.tsx";
import { NoneFound } from "./NoDeployments.tsx";
import { useHeldDeployments } from "./use-held-deployments.ts";
import { useMoreDeployments } from "./use-more-deployments.ts";

/** What was deployed when, by whom, and what came of it. New ones wait behind a pill where they would move something. */
export function History({ page, refusal, staleFor }: { page: DeploymentsPage; refusal: Refusal; staleFor: string | null }) {
	const { environments, rows, filters, figures, nextCursor } = page;
	const { search } = useLocation();
	const { team = "-" } = useParams();
	const asked = new URLSearchParams(search);
	const panel = useRef<HTMLElement>(null);
	// What these rows were asked with: the address is a moment ahead of them.
	const listKey = JSON.stringify(filters);
	const held = useHeldDeployments(panel, rows, listKey);
	const more = useMoreDeployments({
		...{ first: rows, nextCursor, listKey },
		address: (cursor) => `/t/${encodeURIComponent(team)}/deployments/rows${withCursor(asked, cursor)}`,
	});
	const shown = [...held.rows, ...more.rows.filter(({ id }) => !held.rows.some((row) => row.id === id))];
	const components = [...new Set(environments.flatMap((one) => one.components.map(({ component }) => component)))].sort((a, b) =>
		a.localeCompare(b, "en"),
	);
	return (
		<section
			ref={panel}
			aria-label="History"
			onPointerLeave={held.onPointerLeave}
			onTouchStart={held.onTouchStart}
			className="min-w-0 rounded-card border border-line bg-s1"
		>
			<header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-2 px-3.5 py-2">
				<h2 className="text-body font-semibold">History</h2>
				<HistoryFilters environments={environments.map(({ name }) => name)} components={components} />
				<div className="flex flex-wrap items-center gap-2 lg:ml-auto">
					{staleFor !== null && <StaleBadge age={staleFor} />}
					{held.waiting.length > 0 && (
						<button
							type="button"
							onClick={held.show}
							className="target inline-flex h-6 items-center gap-1 rounded-badge bg-acc-bg px-2 text-sec font-medium text-acc"
						>
							<ArrowUpIcon className="size-3" />
							{plural(held.waiting.length, "new deployment")}
						</button>
					)}
					<p className="text-sec text-t3">{figuresInWords(figures)}</p>
				</div>
			</header>
			{filters.cursor !== null && (
				<p className="border-t border-line px-3.5 py-2 text-sec text-t2">
					The list goes on from an earlier page.{" "}
					<Link to={{ search: searchWith(asked, { cursor: null }) }} preventScrollReset className="hit text-acc hover:underline">
						Back to its beginning
					</Link>
				</p>
			)}
			{shown.length === 0 ? (
				<NoneFound filters={filters} />
			) : (
				<DeploymentsTable
					rows={shown}
					failing={failingRows(environments)}
					hasComponents={filters.component === null && components.length > 1}
					refusal={refusal}
				/>
			)}
			{shown.length > 0 && (
				<footer className="no-print flex min-h-12 flex-wrap items-center gap-3 border-t border-line px-3.5 py-2 text-sec text-t3">
					<p>
						{plural(shown.length, "deployment")} shown, newest first{more.cursor === null && ". That is all of them"}
					</p>
					<span className="ml-auto" />
					{more.state === "failed" && (
						<p role="alert" className="text-t2">
							More could not be loaded.
						</p>
					)}
					{more.cursor !== null && (
						<Link
							to={{ search: withCursor(asked, more.cursor) }}
							// With scripts the list grows where it is; without them the next page takes its place.
							onClick={(event: MouseEvent) => {
								if (event.metaKey || event.ctrlKey || event.shiftKey) return;
								event.preventDefault();
								more.load();
							}}
							aria-busy={more.state === "loading"}
							className={buttonClass()}
						>
							{more.state === "loading" ? "Loading…" : more.state === "failed" ? "Try again" : "Load 50 more"}
						</Link>
					)}
				</footer>
			)}
		</section>
	);
}

/** `42 deployments in 30 days · change failure rate 7.1 % · median restore 1m 04s`. */
function figuresInWords({ n, failureRate, medianRestoreMs }: DeploymentsPage["figures"]): string {
	return [
		`${plural(n, "deployment")} in ${FIGURES_DAYS} days`,
		failureRate === null ? null : `change failure rate ${formatPercent(failureRate)}`,
		medianRestoreMs === null ? null : `median restore ${formatDuration(medianRestoreMs)}`,
	]
		.filter(Boolean)
		.join(" · ");
}

function withCursor(search: URLSearchParams, cursor: string): string {
	const next = new URLSearchParams(search);
	next.set("cursor", cursor);
	next.sort();
	return `?${next}`;
}
