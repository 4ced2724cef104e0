import { Link, useParams } from "@remix-run/react";
import type { EnvironmentState } from "#worker/wire/deployments";
import { formatAge } from "../../format/time.ts";
import { useNow } from "../../ui/clock.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { useRollbackRows } from "../rollback/rollback-book.ts";
import { shareOf, standOf } from "../rollback/rollback-words.ts";
import { isUnderWay, newerOf } from "../rollback/under-way.ts";
import { rollbackPage } from "./addresses.ts";

/** Somebody is rolling back here: who, since when, and where to watch. Nothing where nobody is. */
export function ActiveRollback({ environment }: { environment: Pick<EnvironmentState, "id" | "rollback"> }) {
	const { team = "-" } = useParams();
	const rows = useRollbackRows();
	const now = useNow(1000);
	const loaded = environment.rollback;
	const known = rows.find((row) => row.environmentId === environment.id && row.kind === "rollback");
	const row = known && loaded && known.id === loaded.id ? newerOf(known, loaded) : (known ?? loaded);
	if (row?.kind !== "rollback" || !(isUnderWay(row) || row.state === "unknown")) return null;
	return (
		<div className="mt-3 rounded-ctl border border-run-fill bg-run-bg px-3 py-2">
			<p className="flex flex-wrap items-center gap-x-2 text-sec">
				<span className="min-w-0 flex-1 basis-40">
					<strong className="font-semibold">{row.isAutomatic ? "OpsSight" : row.requestedBy.name}</strong>{" "}
					{row.state === "unknown" ? "asked to roll this back" : "is rolling this back"} ({formatAge(row.requestedAt, now)} ago):{" "}
					{standOf(row)}.
				</span>
				<Link to={rollbackPage(team, row.id)} className="hit font-medium text-acc hover:underline">
					Watch
				</Link>
			</p>
			{isUnderWay(row) && (
				<div className="mt-1.5">
					<Meter share={shareOf(row, now)} tone="run" label="Share of the two minutes that are used" />
				</div>
			)}
		</div>
	);
}
