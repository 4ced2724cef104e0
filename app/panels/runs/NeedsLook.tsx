import { Link, useLocation, useParams } from "@remix-run/react";
import { memo } from "react";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import { carriedSearch, searchWith } from "../../format/view.ts";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { DashedRingIcon, RingTickIcon } from "../../ui/icons.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { Ticks } from "../../ui/Ticks.tsx";
import { lookOf } from "../pipelines/workflow-words.ts";
import { useRunAddresses } from "./run-addresses.ts";

type Props = { workflows: readonly WorkflowSummary[]; staleFor: string | null };

/** The workflows that failed most of their runs, worst first. Those without a failure are nobody's worry. */
export const NeedsLook = memo(function NeedsLook({ workflows, staleFor }: Props) {
	const { search } = useLocation();
	const { team } = useParams();
	const { panelOf } = useRunAddresses();
	const carried = new URLSearchParams(carriedSearch(new URLSearchParams(search)));
	const worst = workflows.filter(({ tally }) => tally.failure > 0);
	return (
		<Card
			title="Workflows that need a look"
			aside={
				<>
					{staleFor !== null && <StaleBadge age={staleFor} />}
					<Link
						to={`/t/${team}/pipelines${searchWith(carried, {})}`}
						className="hit rounded-badge text-sec text-t2 hover:text-t1 hover:underline"
					>
						View all
					</Link>
				</>
			}
		>
			{workflows.length === 0 ? (
				<Empty title="No runs in this range" Icon={DashedRingIcon} />
			) : worst.length === 0 ? (
				<Empty title="No workflow failed in this range" Icon={RingTickIcon} />
			) : (
				<ul className="pb-1.5">
					{worst.map((summary) => (
						<li key={`${summary.repo}\n${summary.workflow}`} className="border-t border-line px-3.5 py-2.5 first:border-t-0 first:pt-1">
							<WorkflowRow
								summary={summary}
								isStale={staleFor !== null}
								href={`/t/${team}/pipelines${searchWith(carried, { repo: summary.repo, wf: summary.workflow })}`}
								panelOf={panelOf}
							/>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
});

type RowProps = { summary: WorkflowSummary; isStale: boolean; href: string; panelOf: (id: string) => string };

function WorkflowRow({ summary, isStale, href, panelOf }: RowProps) {
	const { repo, workflow, last } = summary;
	const { rate, percent, isFailing, tone, failed } = lookOf(summary, isStale);
	return (
		<>
			<div className="flex items-center gap-2">
				<Link to={href} title={`${workflow} in ${repo}`} className="hit rounded-badge font-medium hover:underline hover:underline-offset-2">
					<span className="truncate">{workflow}</span>
				</Link>
				<span className={`ml-auto font-medium whitespace-nowrap ${isFailing ? "text-bad" : ""}`}>{percent}</span>
			</div>
			<div className="flex items-center gap-2 text-sec text-t3">
				<span className="min-w-0 truncate">{repo}</span>
				<span className="ml-auto whitespace-nowrap">{failed}</span>
			</div>
			<div className="mt-1 flex items-center gap-3">
				<div className={isStale ? "grayscale" : ""}>
					<Ticks runs={last.toReversed().map((tick) => ({ ...tick, href: panelOf(tick.id) }))} />
				</div>
				<div className="ml-auto w-24">
					<Meter share={rate} tone={tone} label={`${percent} of its runs passed`} />
				</div>
			</div>
		</>
	);
}
