import { Link, useParams } from "@remix-run/react";
import type { EnvironmentState, RollbackRow } from "#worker/wire/deployments";
import { formatDuration } from "../../format/duration.ts";
import { plural } from "../../format/number.ts";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { ToneIcon } from "../rollback/ProgressView.tsx";
import { useRollbackRow } from "../rollback/rollback-book.ts";
import { standOf, TARGET_MS } from "../rollback/rollback-words.ts";
import { isUnderWay } from "../rollback/under-way.ts";
import { ActButton } from "../settings/ActButton.tsx";
import type { Outcome } from "../settings/outcome.ts";
import { Told, WhyNot } from "../settings/Told.tsx";
import { rollbackPage } from "./addresses.ts";

type DrillProps = { environment: EnvironmentState; refusal: string | null; outcome: Outcome | null };

/** How long going back takes here, against two minutes, and a rehearsal to find out. */
export function Drills({ environment, refusal, outcome }: DrillProps) {
	const { drills, components, settings } = environment;
	const whyId = refusal === null ? undefined : "why-not-drill";
	const able = components.filter(({ observed }) => observed !== null);
	return (
		<Card
			title="How fast is the way back"
			note={drills.n === 0 ? undefined : `${plural(drills.n, "rollback or rehearsal", "rollbacks and rehearsals")}`}
		>
			<div className="flex flex-col gap-3 px-3.5 pb-3.5">
				{drills.n === 0 ? (
					<p className="text-body text-t2">Nothing was rolled back or rehearsed here yet.</p>
				) : (
					<>
						<Quantile words="Half of them" ms={drills.p50Ms} />
						<Quantile words="95 of 100" ms={drills.p95Ms} />
					</>
				)}
				<p className="text-sec text-t3">
					{drills.lastAt === null ? "Never rehearsed" : drills.lastOk ? "Last rehearsed with success " : "Last rehearsal failed "}
					{drills.lastAt !== null && <TimeText at={drills.lastAt} />}
					{settings.drills ? ". Rehearsed every week." : ". No weekly rehearsal."}
				</p>
				<WhyNot id="why-not-drill" refusal={refusal} />
				<Told outcome={outcome?.act === "rehearse" ? outcome : null} />
				{able.length > 0 && (
					<div className="flex flex-wrap gap-2">
						{able.map(({ component }) => (
							<ActButton
								key={component}
								act="rehearse"
								id={component}
								name={able.length === 1 ? `Rehearse now: ${component}` : `Rehearse ${component}`}
								words={able.length === 1 ? "Rehearse now" : `Rehearse ${component}`}
								whyId={whyId}
							/>
						))}
					</div>
				)}
			</div>
		</Card>
	);
}

function Quantile({ words, ms }: { words: string; ms: number | null }) {
	if (ms === null) return null;
	return (
		<div>
			<p className="mb-1 flex justify-between gap-3 text-body">
				<span>{words} took at most</span>
				<span className="font-medium">
					{formatDuration(ms)} <span className="font-normal text-t3">of {formatDuration(TARGET_MS)}</span>
				</span>
			</p>
			<Meter
				share={Math.min(1, ms / TARGET_MS)}
				tone={ms > TARGET_MS ? "bad" : "ok"}
				label={`${words}: ${formatDuration(ms)} of ${formatDuration(TARGET_MS)}`}
			/>
		</div>
	);
}

/** What was rolled back and rehearsed, newest first. */
export function RollbackHistory({ rows }: { rows: readonly RollbackRow[] }) {
	const { team = "-" } = useParams();
	return (
		<Card title="Rollbacks" note={rows.length === 0 ? undefined : "newest first"}>
			{rows.length === 0 ? (
				<Empty title="Nothing was rolled back here" />
			) : (
				<ul className="divide-y divide-line border-t border-line">
					{rows.map((row) => (
						<HistoryLine key={row.id} loaded={row} team={team} />
					))}
				</ul>
			)}
		</Card>
	);
}

/** A rollback of the list, as the newest that was told of it. */
function HistoryLine({ loaded, team }: { loaded: RollbackRow; team: string }) {
	const row = useRollbackRow(loaded);
	return (
		<li className="flex items-start gap-2.5 px-3.5 py-2">
			<ToneIcon row={row} className="mt-0.5 size-4" />
			<span className="min-w-0 flex-1">
				<Link to={rollbackPage(team, row.id)} className="hit max-w-full rounded-badge font-medium hover:underline">
					<span className="truncate">
						{row.kind === "dry-run" ? "Rehearsal: " : ""}
						{row.component} {row.from.version} → {row.to.version}
					</span>
				</Link>
				<span className="block text-sec break-words text-t3">
					{standOf(row)}
					{row.tookMs !== null && !isUnderWay(row) && ` in ${formatDuration(row.tookMs)}`}, by{" "}
					{row.isAutomatic ? "OpsSight" : row.requestedBy.name}
					{row.reason !== null && `: ${row.reason}`}
				</span>
			</span>
			<TimeText at={row.requestedAt} className="shrink-0 text-sec text-t3" />
		</li>
	);
}
