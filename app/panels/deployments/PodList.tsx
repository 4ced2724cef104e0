import type { ComponentState } from "#worker/wire/deployments";
import { plural } from "../../format/number.ts";
import { formatAge } from "../../format/time.ts";
import { useNow } from "../../ui/clock.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { DashedRingIcon, StopIcon } from "../../ui/icons.tsx";
import { Meter } from "../../ui/Meter.tsx";
import { HealthBadge } from "./HealthBadge.tsx";

/** What the cluster shows of a component: how many pods are ready, and why the others are not, in Kubernetes' words and in ours. */
export function PodList({ component, isStale }: { component: ComponentState | null; isStale: boolean }) {
	const now = useNow();
	const observed = component?.observed ?? null;
	if (!component || !observed) {
		return (
			<Empty title="No cluster tells of it" Icon={DashedRingIcon}>
				<p>{component?.sentence ?? "It is not in its environment any more."}</p>
			</Empty>
		);
	}
	const { version, images, revision, desired, ready, badPods, cluster, namespace, kind, name, reportedAt, owner, isPaused } = observed;
	return (
		<div className="flex flex-col gap-2.5 px-3.5 pb-3.5">
			<div className="flex flex-wrap items-center gap-2">
				<span className="font-mono text-body font-medium break-all">{version}</span>
				<HealthBadge health={component.health} isStale={isStale} />
				<span className="text-sec text-t3">revision {revision}</span>
			</div>
			<p className="text-body break-words">{observed.sentence}</p>
			<div className="flex items-center gap-2.5">
				<Meter
					share={desired === 0 ? null : ready / desired}
					tone={isStale ? "idle" : ready < desired ? "warn" : "ok"}
					label={`${ready} of ${desired} pods ready`}
				/>
				<span className="shrink-0 text-sec text-t2">
					{ready} of {plural(desired, "pod")} ready
				</span>
			</div>
			{badPods.length > 0 && (
				<ul aria-label="Pods that are not well" className="divide-y divide-line border-y border-line">
					{badPods.map((pod) => (
						<li key={pod.name} className="flex items-start gap-2 py-1.5 text-sec">
							<StopIcon className="mt-0.5 size-3.5 text-bad" />
							<span className="min-w-0">
								<code className="font-mono break-all">{pod.name}</code>
								<span className="block break-words text-t2">
									<span className="font-medium">{pod.reason}</span>: {pod.sentence}
									{pod.restarts > 0 && ` (${plural(pod.restarts, "restart")})`}
								</span>
							</span>
						</li>
					))}
				</ul>
			)}
			<p className="text-sec break-all text-t3">
				{kind} {namespace}/{name} in {cluster}, told {formatAge(reportedAt, now)} ago
				{isPaused && ", paused"}
				{owner !== null && `, owned by ${owner.tool} ${owner.name}`}
			</p>
			<ul aria-label="Images" className="text-sec text-t3">
				{images.map((image) => (
					<li key={image} className="font-mono break-all">
						{image}
					</li>
				))}
			</ul>
		</div>
	);
}
