import type { ClusterRow } from "#worker/domains/clusters/report.server";
import { plural } from "../../format/number.ts";
import { BanIcon, RingTickIcon, TriangleIcon } from "../../ui/icons.tsx";
import { PlugOffIcon } from "../../ui/icons-more.tsx";
import { Badge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { verbsByNamespace } from "./install.ts";

/** Whether a cluster's agent is there. */
export function AgentBadge({ cluster: { isConnected, lastSeenAt } }: { cluster: Pick<ClusterRow, "isConnected" | "lastSeenAt"> }) {
	if (isConnected) return <Badge word="Connected" tint="bg-ok-bg text-ok" Icon={RingTickIcon} />;
	return <Badge word={lastSeenAt === null ? "Never connected" : "Silent"} tint="bg-idle-bg text-idle" Icon={PlugOffIcon} />;
}

/** A cluster as its agent tells of it: version, when it was heard, and exactly what it may do where. */
export function ClusterFacts({ cluster }: { cluster: ClusterRow }) {
	const { agentVersion, kubernetes, lastSeenAt, conflictAt, verbs, bindings, summary } = cluster;
	return (
		<div className="flex flex-col gap-2.5">
			{conflictAt !== null && (
				<p className="flex items-start gap-1.5 rounded-ctl border border-warn-fill bg-warn-bg px-3 py-2 text-body">
					<TriangleIcon className="mt-0.5 size-4 text-warn" />
					<span>
						A second agent came with this cluster’s token <TimeText at={conflictAt} />. Only one acts at a time; end the other, or rotate
						the token.
					</span>
				</p>
			)}
			<p className="text-body text-t2">
				{agentVersion === null ? "No agent has connected yet." : `Agent ${agentVersion}`}
				{kubernetes !== null && `, Kubernetes ${kubernetes}`}
				{lastSeenAt !== null && (
					<>
						, last seen <TimeText at={lastSeenAt} />
					</>
				)}
				{summary !== null && `, ${plural(summary.nodeCount, "node")}, ${plural(summary.podCount, "pod")}`}
			</p>
			<ul aria-label="Environments" className="flex flex-wrap gap-x-4 gap-y-1 text-sec">
				{bindings.map(({ namespace, environment }) => (
					<li key={namespace}>
						<code className="font-mono">{namespace === "*" ? "other namespaces" : namespace}</code> <span className="text-t3">is</span>{" "}
						{environment}
					</li>
				))}
			</ul>
			<section>
				<h3 className="text-sec font-medium text-t2">What it may do, as the API server answers</h3>
				{verbs.length === 0 ? (
					<p className="text-sec text-t3">Not known yet.</p>
				) : (
					<ul className="mt-1 divide-y divide-line border-t border-line">
						{verbsByNamespace(verbs).map(({ namespace, lines, canRollBack }) => (
							<li key={namespace} className="flex flex-wrap items-start gap-x-3 gap-y-0.5 py-1.5 text-sec">
								<span className="min-w-28 font-mono">{namespace === "" || namespace === "*" ? "whole cluster" : namespace}</span>
								<ul className="min-w-0 flex-1 basis-52 font-mono text-t2">
									{lines.map((line) => (
										<li key={line} className="break-words">
											{line}
										</li>
									))}
								</ul>
								<span className={canRollBack ? "inline-flex items-center gap-1 text-ok" : "inline-flex items-center gap-1 text-t3"}>
									{canRollBack ? <RingTickIcon className="size-3.5" /> : <BanIcon className="size-3.5" />}
									{canRollBack ? "can roll back" : "reads only"}
								</span>
							</li>
						))}
					</ul>
				)}
			</section>
		</div>
	);
}
