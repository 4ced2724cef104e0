import { Link, useParams } from "@remix-run/react";
import type { ComponentState, EnvironmentState } from "#worker/wire/deployments";
import { Card } from "../../ui/Card.tsx";
import { TriangleIcon } from "../../ui/icons.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { RollBackButton } from "../rollback/RollBackButton.tsx";
import { deploymentAddress } from "./addresses.ts";
import type { Refusal } from "./EnvironmentCard.tsx";
import { HealthBadge } from "./HealthBadge.tsx";
import { progressOf, versionOf } from "./health.ts";
import { byWords, outcomeOf } from "./outcome-words.ts";
import { PodList } from "./PodList.tsx";

type Props = { environment: EnvironmentState; component: ComponentState; refusal: Refusal; staleFor: string | null };

/** A component of an environment: what was declared, what runs, and the way back. */
export function ComponentPanel({ environment, component, refusal, staleFor }: Props) {
	const { team = "-" } = useParams();
	const { component: name, health, sentence, current, latest, mismatch, observed } = component;
	const isBad = health === "failing" && staleFor === null;
	return (
		<div data-environment={environment.id}>
			<Card title={name} aside={<HealthBadge health={health} progress={progressOf(component)} isStale={staleFor !== null} />}>
				<div className="flex flex-col gap-2 px-3.5 pb-3">
					<p className="text-[1.25rem]/7 font-semibold tracking-[-0.015em] break-all">{versionOf(component) ?? "—"}</p>
					<p className={isBad ? "text-body break-words text-bad" : "text-body break-words text-t2"}>{sentence}</p>
					<ul className="text-sec text-t3">
						{[
							{ words: "Last success", row: current },
							{ words: "Last attempt", row: latest?.id === current?.id ? null : latest },
						].map(
							({ words, row }) =>
								row && (
									<li key={words} className="break-words">
										{words}:{" "}
										<Link to={deploymentAddress(team, row.id)} className="hit font-mono text-acc hover:underline">
											{row.version}
										</Link>{" "}
										{outcomeOf(row).word.toLowerCase()}, {byWords(row)}, <TimeText at={row.startedAt} />
									</li>
								),
						)}
					</ul>
					{mismatch !== null && (
						<p className="flex items-start gap-1.5 text-sec text-warn">
							<TriangleIcon className="mt-0.5 size-3.5" />
							<span className="min-w-0 break-words">{mismatch}</span>
						</p>
					)}
					<RollBackButton
						asked={{ environmentId: environment.id, component: name }}
						name={`${name} in ${environment.name}`}
						isUrgent={isBad}
						refusal={refusal}
						className="w-fit max-sm:h-12 max-sm:w-full max-sm:text-body"
					/>
				</div>
				{observed !== null && (
					<div className="border-t border-line pt-3">
						<h3 className="sr-only">In the cluster</h3>
						<PodList component={component} isStale={staleFor !== null} />
					</div>
				)}
			</Card>
		</div>
	);
}
