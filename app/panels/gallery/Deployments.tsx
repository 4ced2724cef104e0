import { useRef, useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DeploymentsTable } from "../deployments/DeploymentsTable.tsx";
import { nextOf } from "../deployments/deployments-page.ts";
import { EnvironmentCard } from "../deployments/EnvironmentCard.tsx";
import { VersionsTable } from "../deployments/VersionsTable.tsx";
import { HoldButton } from "../rollback/HoldButton.tsx";
import { OfferView } from "../rollback/OfferView.tsx";
import { ProgressView } from "../rollback/ProgressView.tsx";
import { titleOf } from "../rollback/rollback-words.ts";
import { sampleBoard, sampleHistory, sampleOffer, sampleRollbacks } from "./deployment-samples.ts";
import { Part } from "./Part.tsx";

const MAY = { rollback: null, deploy: null };
const MAY_NOT = {
	rollback: { why: "This needs the member role. Ask an admin of this team.", id: "gallery-viewer" },
	deploy: { why: "This needs the member role. Ask an admin of this team.", id: "gallery-viewer" },
};

/** Environments, their deployments, and rollbacks in every state. */
export function Deployments({ now }: { now: number }) {
	const board = sampleBoard(now);
	const [held, setHeld] = useState(0);
	const target = useRef<HTMLDivElement>(null);
	return (
		<>
			{board.map((state, index) => (
				<Part key={state.id} name={`Environment ${state.name}${index === 2 ? ", seen by a viewer" : ""}`}>
					<EnvironmentCard state={state} next={nextOf(state, board)} refusals={index === 2 ? MAY_NOT : MAY} staleFor={null} />
				</Part>
			))}
			<Part name="Environment without news">
				<EnvironmentCard state={{ ...board[0]!, id: "e-stale", name: "prod-eu" }} next={null} refusals={MAY} staleFor="4 min" />
				<p id="gallery-viewer" className="mt-2 text-sec text-t2">
					{MAY_NOT.rollback.why}
				</p>
			</Part>
			<Part name="History" span={3}>
				<Card title="History" note="42 deployments in 30 days">
					<DeploymentsTable rows={sampleHistory(now)} failing={new Set(["d-2310"])} hasComponents refusal={null} />
				</Card>
			</Part>
			<Part name="Versions" span={2}>
				<VersionsTable environments={board} isStale={false} />
			</Part>
			<Part name="Hold">
				<div className="rounded-card border border-line bg-s1 p-3.5">
					<HoldButton
						words="Hold to roll back prod"
						word="prod"
						disabled={false}
						onHeld={() => setHeld(held + 1)}
						onType={() => setHeld(0)}
					/>
					<Button size="sm" className="mt-2" onClick={() => setHeld(0)}>
						Held {held} times
					</Button>
				</div>
			</Part>
			<Part name="What a rollback changes" span={2}>
				<div className="rounded-card border border-line bg-s1 p-3.5">
					<OfferView offer={sampleOffer(now)} target={target} />
				</div>
			</Part>
			<Part name="A rollback that is blocked">
				<div className="rounded-card border border-line bg-s1 p-3.5">
					<OfferView
						offer={sampleOffer(now, {
							changes: [],
							compared: "nothing",
							blocked: "Agent eks-prod-1 has been silent for 3 min: nothing can be changed there from here.",
						})}
					/>
				</div>
			</Part>
			{sampleRollbacks(now).map((row) => (
				<Part key={row.id} name={titleOf(row)}>
					<div className="rounded-card border border-line bg-s1 p-3.5">
						<ProgressView row={row} refusal={null} />
					</div>
				</Part>
			))}
		</>
	);
}
