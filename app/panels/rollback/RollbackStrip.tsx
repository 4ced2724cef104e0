import { Link, useLocation, useParams } from "@remix-run/react";
import clsx from "clsx";
import { useState } from "react";
import type { RollbackRow } from "#worker/wire/deployments";
import { formatDuration } from "../../format/duration.ts";
import { IconButton } from "../../ui/Button.tsx";
import { useNow } from "../../ui/clock.tsx";
import { CloseIcon, TriangleIcon } from "../../ui/icons.tsx";
import { rollbackPage } from "../deployments/addresses.ts";
import { TargetBar, ToneIcon } from "./ProgressView.tsx";
import { alertOf, askedForIn, elapsedOf, standOf, titleOf, toneOf } from "./rollback-words.ts";
import { isUnderWay } from "./under-way.ts";

/** Follows what is rolled back now on every page of the team, and says how it ended. It floats and pushes nothing. */
export default function RollbackStrip({ rows }: { rows: readonly RollbackRow[] }) {
	const { team = "-" } = useParams();
	const { pathname } = useLocation();
	const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
	// Its own page says it already, and more.
	const shown = rows.filter((row) => !(closed.has(row.id) && !isUnderWay(row)) && pathname !== rollbackPage(team, row.id));
	return (
		<aside
			aria-label="Rollbacks"
			className={clsx(
				"no-print fixed inset-x-3 bottom-[calc(4rem+env(safe-area-inset-bottom))] z-30 flex flex-col gap-2 sm:right-5 sm:bottom-4 sm:left-auto sm:w-[27rem]",
				shown.length === 0 && "hidden",
			)}
		>
			{shown.map((row) => (
				<One key={row.id} row={row} onClose={() => setClosed(new Set([...closed, row.id]))} />
			))}
		</aside>
	);
}

const BORDERS = { run: "border-run-fill", ok: "border-ok-fill", bad: "border-bad-fill", warn: "border-warn-fill", idle: "border-line2" };

function One({ row, onClose }: { row: RollbackRow; onClose: () => void }) {
	const { team = "-" } = useParams();
	const now = useNow(1000);
	const took = formatDuration(row.tookMs ?? elapsedOf(row, now));
	const askedFor = askedForIn(row);
	return (
		<div data-rollback-strip={row.id} className={clsx("overflow-hidden rounded-card border bg-s3 shadow-float", BORDERS[toneOf(row)])}>
			<div className="flex items-center gap-2.5 py-1.5 pr-1.5 pl-3">
				<ToneIcon row={row} className="size-4.5" />
				<p className="min-w-0 flex-1 text-body">
					<span className="font-medium break-words">{titleOf(row)}</span>{" "}
					<span className="text-sec text-t2">
						{standOf(row)} <span className="whitespace-nowrap">· {took}</span>
					</span>
				</p>
				<Link
					to={rollbackPage(team, row.id)}
					className="target inline-flex h-8 items-center justify-center rounded-ctl px-2 text-sec font-medium text-acc hover:bg-s2"
				>
					Open
				</Link>
				{!isUnderWay(row) && (
					<IconButton name={`Close: ${titleOf(row)}`} onClick={onClose}>
						<CloseIcon />
					</IconButton>
				)}
			</div>
			{askedFor !== null && (
				<p className="flex items-start gap-1.5 px-3 pb-2 text-sec">
					<TriangleIcon className="mt-0.5 size-3.5 shrink-0 text-warn" />
					<span className="min-w-0 break-words">{askedFor}</span>
				</p>
			)}
			<TargetBar row={row} className="h-0.5 rounded-none" />
			<p role="alert" className="sr-only">
				{alertOf(row, now)}
			</p>
		</div>
	);
}
