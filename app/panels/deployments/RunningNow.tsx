import { Link, useParams } from "@remix-run/react";
import { memo } from "react";
import type { EnvironmentState } from "#worker/wire/deployments";
import { Card } from "../../ui/Card.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { environmentAddress } from "./addresses.ts";
import { HEALTH_LOOKS, healthWord, progressOf, versionOf } from "./health.ts";

/** Rows of the card; the board has the others. */
const SHOWN = 8;

/** Which version runs where, as lines; what fails first, production before the others. */
export const RunningNow = memo(function RunningNow({
	environments,
	staleFor,
}: {
	environments: readonly EnvironmentState[];
	staleFor: string | null;
}) {
	const { team = "-" } = useParams();
	const rows = environments
		.flatMap((environment) => environment.components.map((component) => ({ environment, component })))
		.sort((a, b) => Number(b.component.health === "failing") - Number(a.component.health === "failing"));
	if (rows.length === 0) return null;
	return (
		<Card
			title="Running now"
			aside={
				<>
					{staleFor !== null && <StaleBadge age={staleFor} />}
					<Link to={`/t/${team}/deployments`} className="hit rounded-badge text-sec text-t2 hover:text-t1 hover:underline">
						Deployments
					</Link>
				</>
			}
		>
			<ul className="pb-1.5">
				{rows.slice(0, SHOWN).map(({ environment, component }) => {
					const look = HEALTH_LOOKS[staleFor === null ? component.health : "unknown"];
					return (
						<li
							key={`${environment.id} ${component.component}`}
							className="flex items-center gap-2 border-t border-line px-3.5 py-2 text-body first:border-t-0"
						>
							<Link
								to={environmentAddress(team, environment.id)}
								title={environment.name}
								className="hit max-w-20 shrink-0 rounded-badge text-sec text-t2 hover:text-t1 hover:underline"
							>
								<span className="truncate">{environment.name}</span>
							</Link>
							<span className="min-w-0 flex-1 truncate font-medium" title={component.component}>
								{component.component}
							</span>
							<span className="max-w-28 truncate font-mono text-sec text-t2" title={versionOf(component) ?? undefined}>
								{versionOf(component) ?? "—"}
							</span>
							<span className={`inline-flex shrink-0 items-center gap-1 text-sec font-medium ${look.ink}`}>
								<look.Icon className="size-3.5" />
								{staleFor === null ? healthWord(component.health, progressOf(component)) : "Stale"}
							</span>
						</li>
					);
				})}
			</ul>
		</Card>
	);
});
