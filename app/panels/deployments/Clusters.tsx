import { Link, useParams } from "@remix-run/react";
import type { EnvironmentState } from "#worker/wire/deployments";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { RingTickIcon } from "../../ui/icons.tsx";
import { PlugOffIcon } from "../../ui/icons-more.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

/** The clusters an environment lies in, and whether their agents can act. */
export function Clusters({ clusters }: { clusters: EnvironmentState["clusters"] }) {
	const { team = "-" } = useParams();
	return (
		<Card title="Clusters">
			{clusters.length === 0 ? (
				<Empty title="No cluster is bound to it" Icon={PlugOffIcon}>
					<p>Without an agent nothing can be rolled back from here.</p>
					<Link to={`/t/${team}/settings/agents`} className="hit text-acc hover:underline">
						Connect a cluster
					</Link>
				</Empty>
			) : (
				<ul className="divide-y divide-line border-t border-line">
					{clusters.map(({ id, name, isConnected, lastSeenAt }) => (
						<li key={id} className="flex items-center gap-2 px-3.5 py-2 text-body">
							{isConnected ? <RingTickIcon className="size-4 text-ok" /> : <PlugOffIcon className="size-4 text-idle" />}
							<span className="min-w-0 flex-1 truncate font-medium">{name}</span>
							<span className="text-sec text-t3">
								{isConnected ? "agent connected" : lastSeenAt === null ? "never seen" : "silent, last seen "}
								{!isConnected && lastSeenAt !== null && <TimeText at={lastSeenAt} />}
							</span>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}
