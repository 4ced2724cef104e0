import { useRevalidator } from "@remix-run/react";
import { useState } from "react";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { ErrorCard, ErrorPanel } from "../../ui/ErrorCard.tsx";
import { InfoIcon, RingTickIcon } from "../../ui/icons.tsx";
import { LockIcon, PlusIcon } from "../../ui/icons-more.tsx";
import { PanelBoundary } from "../../ui/PanelBoundary.tsx";
import { ProgressLine } from "../../ui/ProgressLine.tsx";
import { Skeleton, SkeletonAfter } from "../../ui/Skeleton.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { Part } from "./Part.tsx";

const COURSE = [12, 14, 11, 13, 12, 15, 14, 12, 13, 12, 14, 13];

/** What a panel shows when it does not show its data: the states of design brief 2.4. */
export function PanelStates({ now }: { now: number }) {
	const { revalidate } = useRevalidator();
	return (
		<>
			<Part name="Loading (after 200 ms)">
				<Card title="Recent runs">
					<SkeletonAfter>
						<div className="flex flex-col gap-3 px-3.5 pt-1 pb-4">
							<Skeleton className="h-3 w-24" />
							<Skeleton className="h-8 w-2/5" />
							<Skeleton className="h-3 w-full" />
							<Skeleton className="h-3 w-4/5" />
						</div>
					</SkeletonAfter>
				</Card>
			</Part>
			<Part name="Empty, never connected">
				<Card title="Runs">
					<Empty title="No runs yet">
						Add the webhook and the next push appears here.
						<CopyField label="Webhook" value="https://ops.example.dev/hooks/github" />
						<Button tone="primary" size="sm">
							<PlusIcon className="size-3.5" />
							Add webhook
						</Button>
					</Empty>
				</Card>
			</Part>
			<Part name="Empty, good">
				<Card title="Alerts" note="last 24 h">
					<Empty title="No active alerts" Icon={RingTickIcon}>
						Last one resolved 3 d 4 h ago.
					</Empty>
				</Card>
			</Part>
			<Part name="Error of a panel">
				<ErrorPanel what="Costs" requestId="7f3a91" onRetry={revalidate} />
			</Part>
			<Part name="Error in drawing one">
				<PanelBoundary name="Pipelines">
					<Breakable />
				</PanelBoundary>
			</Part>
			<Part name="Error of a page">
				<ErrorCard
					told={{
						title: "Not available at the moment",
						message: "The database does not answer. Try again in a moment.",
						requestId: "7f3a92",
					}}
				>
					<a href="/dev/ui" className={buttonClass()}>
						Try again
					</a>
				</ErrorCard>
			</Part>
			<Part name="Stale">
				<Card title="ledger-db" aside={<StaleBadge age="4 min" />}>
					<div className="flex items-end justify-between gap-4 px-3.5 pb-3.5">
						<div>
							<p className="text-big font-semibold text-t3">—</p>
							<p className="text-sec text-t3">
								last 99.97{"\u202f"}% at <TimeText at={now - 240_000} as="clock" />
							</p>
						</div>
						<div className="h-9 w-28">
							<Sparkline points={COURSE} minSpan={2} tone="stale" label="Availability: level, ends 4 min ago" />
						</div>
					</div>
				</Card>
			</Part>
			<Part name="Permission denied">
				<Card title="Roll back checkout-api in prod">
					<div className="px-3.5 pb-3.5">
						<Button aria-disabled="true" aria-describedby="gallery-why">
							<LockIcon className="size-3.5" />
							Roll back…
						</Button>
						<p id="gallery-why" className="mt-2 flex gap-2 text-body text-t2">
							<InfoIcon className="mt-0.5 size-4" />
							Needs Deployer on prod. You are Viewer.
						</p>
					</div>
				</Card>
			</Part>
			<Part name="Loading again">
				<Card title="Overview">
					<ProgressLine />
					<div className="border-t border-line p-3.5">
						<Button onClick={revalidate}>Load again</Button>
					</div>
				</Card>
			</Part>
		</>
	);
}

function Breakable() {
	const [isBroken, setIsBroken] = useState(false);
	if (isBroken) throw new Error("broken on purpose");
	return (
		<Card title="Pipelines">
			<div className="px-3.5 pb-3.5">
				<Button onClick={() => setIsBroken(true)}>Break this panel</Button>
			</div>
		</Card>
	);
}
