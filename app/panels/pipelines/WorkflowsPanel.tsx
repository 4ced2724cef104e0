import { Link, useLocation } from "@remix-run/react";
import { memo, useRef } from "react";
import type { WorkflowSummary } from "#worker/domains/runs/workflows";
import { searchWith } from "../../format/view.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { RefreshIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { WORKFLOWS_FOLDED, WORKFLOWS_OPEN, workflowsShownBy } from "./pipelines-page.ts";
import { useHeldOrder } from "./use-held-order.ts";
import { WorkflowsTable } from "./WorkflowsTable.tsx";
import { workflowKey } from "./workflow-words.ts";

const LINK = "hit rounded-badge text-sec text-t2 hover:text-t1 hover:underline";

type Props = { workflows: readonly WorkflowSummary[]; total: number; staleFor: string | null };

/** The workflows of the view, worst first: a few, then 25, then all. */
export const WorkflowsPanel = memo(function WorkflowsPanel({ workflows, total, staleFor }: Props) {
	const asked = new URLSearchParams(useLocation().search);
	const panel = useRef<HTMLDivElement>(null);
	const { items, isFrozen, refresh } = useHeldOrder(panel, workflows, workflowKey);
	const shown = workflowsShownBy(asked);
	const next =
		total <= WORKFLOWS_OPEN || shown >= WORKFLOWS_OPEN
			? { show: "all", words: `Show all ${total}` }
			: { show: "more", words: `Show ${WORKFLOWS_OPEN} of ${total}` };
	return (
		<div ref={panel}>
			<Card
				title="Workflows"
				note="worst first"
				aside={
					<>
						{staleFor !== null && <StaleBadge age={staleFor} />}
						{isFrozen && (
							<Button tone="quiet" size="sm" onClick={refresh}>
								<RefreshIcon className="size-3.5" />
								Order frozen · refresh
							</Button>
						)}
						{total > shown && (
							<Link to={{ search: searchWith(asked, { show: next.show }) }} preventScrollReset className={LINK}>
								{next.words}
							</Link>
						)}
						{shown > WORKFLOWS_FOLDED && total > WORKFLOWS_FOLDED && (
							<Link to={{ search: searchWith(asked, { show: null }) }} preventScrollReset className={LINK}>
								Show fewer
							</Link>
						)}
					</>
				}
			>
				<WorkflowsTable workflows={items.slice(0, shown)} isStale={staleFor !== null} />
			</Card>
		</div>
	);
});
