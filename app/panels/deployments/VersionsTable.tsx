import { Link, useParams } from "@remix-run/react";
import type { ComponentState, EnvironmentState } from "#worker/wire/deployments";
import { Card } from "../../ui/Card.tsx";
import { deploymentAddress, environmentAddress } from "./addresses.ts";
import { HEALTH_LOOKS, toldOf, versionOf } from "./health.ts";

/** Which version of each component runs where; versions that differ from the one before stand out. */
export function VersionsTable({ environments, isStale }: { environments: readonly EnvironmentState[]; isStale: boolean }) {
	const { team = "-" } = useParams();
	const names = [...new Set(environments.flatMap(({ components }) => components.map(({ component }) => component)))].sort((a, b) =>
		a.localeCompare(b, "en"),
	);
	if (environments.length < 2 || names.length === 0) return null;
	return (
		<Card
			title="Versions"
			note={`${names.length} ${names.length === 1 ? "component" : "components"} in ${environments.length} environments`}
		>
			<section
				aria-label="Versions, to scroll sideways"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
				tabIndex={0}
				// What only screen readers see is laid out within it, else the page would be as wide as the table.
				className="relative overflow-x-auto pb-1"
			>
				<table className="w-full border-collapse">
					<thead className="border-b border-line">
						<tr>
							<th scope="col" className="sticky left-0 h-9 bg-s1 px-3.5 text-left text-sec font-medium text-t3">
								Component
							</th>
							{environments.map(({ id, name }) => (
								<th key={id} scope="col" className="h-9 px-3.5 text-left text-sec font-medium whitespace-nowrap text-t3">
									<Link to={environmentAddress(team, id)} className="hit rounded-badge hover:text-t1 hover:underline">
										{name}
									</Link>
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{names.map((name) => (
							<tr key={name} className="border-line not-last:border-b">
								<th scope="row" className="sticky left-0 h-[38px] bg-s1 px-3.5 text-left text-body font-medium whitespace-nowrap">
									{name}
								</th>
								{environments.map(({ id, components }) => (
									<td key={id} className="h-[38px] px-3.5 whitespace-nowrap">
										<Version team={team} component={components.find(({ component }) => component === name)} isStale={isStale} />
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</section>
		</Card>
	);
}

function Version({ team, component, isStale }: { team: string; component: ComponentState | undefined; isStale: boolean }) {
	if (!component) return <span className="text-t3">—</span>;
	const { word, ink, Icon } = HEALTH_LOOKS[isStale ? "unknown" : component.health];
	const version = versionOf(component) ?? "—";
	const told = toldOf(component);
	return (
		<span className="inline-flex items-center gap-1.5">
			<Icon className={`size-3.5 ${ink}`} />
			<span className="sr-only">{word}: </span>
			{told ? (
				<Link to={deploymentAddress(team, told.id)} className="hit rounded-badge font-mono text-sec hover:underline">
					{version}
				</Link>
			) : (
				<span className="font-mono text-sec">{version}</span>
			)}
			{component.mismatch !== null && <span className="text-sec text-warn">, mismatch</span>}
		</span>
	);
}
