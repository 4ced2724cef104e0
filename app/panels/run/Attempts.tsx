import type { Attempt } from "#worker/domains/runs/apply";
import { formatRunDuration } from "../../format/duration.ts";
import { Card } from "../../ui/Card.tsx";
import { RunStatusBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

/** How often it was tried and how each went, newest first. */
export function Attempts({ attempts, current, now }: { attempts: readonly Attempt[]; current: number; now: number }) {
	return (
		<Card title="Attempts" note={String(attempts.length)}>
			<ol className="pb-1.5">
				{attempts.toReversed().map((attempt) => (
					<li key={attempt.attempt} className="flex min-h-9 flex-wrap items-center gap-x-3 border-line px-3.5 py-1 not-last:border-b">
						<span className={attempt.attempt === current ? "font-medium" : "text-t2"}>Attempt {attempt.attempt}</span>
						<RunStatusBadge status={attempt.status} />
						<span className="ml-auto flex items-center gap-3 whitespace-nowrap">
							{attempt.startedAt !== null && <TimeText at={attempt.startedAt} className="text-sec text-t3" />}
							<span className="min-w-16 text-right">{formatRunDuration(attempt, now) ?? "—"}</span>
						</span>
					</li>
				))}
			</ol>
		</Card>
	);
}
