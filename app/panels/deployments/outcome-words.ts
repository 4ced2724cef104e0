import type { ComponentType } from "react";
import type { DeploymentRow, DeploymentStatus } from "#worker/wire/deployments";
import { formatDuration } from "../../format/duration.ts";
import { BanIcon, DashedRingIcon, type IconProps, RingTickIcon, SpokesIcon, StopIcon } from "../../ui/icons.tsx";
import { UndoIcon } from "../../ui/icons-more.tsx";

type Look = { word: string; tint: string; ink: string; Icon: ComponentType<IconProps> };

/** How the end, or the course, of a deployment looks. */
export const OUTCOMES: Record<DeploymentStatus, Look> = {
	success: { word: "Succeeded", tint: "bg-ok-bg text-ok", ink: "text-ok", Icon: RingTickIcon },
	failure: { word: "Failed", tint: "bg-bad-bg text-bad", ink: "text-bad", Icon: StopIcon },
	running: { word: "Deploying", tint: "bg-run-bg text-run", ink: "text-run", Icon: SpokesIcon },
	queued: { word: "Queued", tint: "bg-idle-bg text-idle", ink: "text-idle", Icon: DashedRingIcon },
	cancelled: { word: "Cancelled", tint: "bg-idle-bg text-idle", ink: "text-idle", Icon: BanIcon },
};

/** A deployment's outcome; a rollback that worked has its own word and shape. */
export function outcomeOf({ status, isRollback }: Pick<DeploymentRow, "status" | "isRollback">): Look {
	if (isRollback && status === "success") return { word: "Rolled back", tint: "bg-warn-bg text-warn", ink: "text-warn", Icon: UndoIcon };
	if (isRollback && status === "running") return { ...OUTCOMES.running, word: "Rolling back" };
	return OUTCOMES[status];
}

/** How long it took; what is under way has `+` behind what it took so far. A dash where nothing is known. */
export function tookOf({ status, durationMs, startedAt }: Pick<DeploymentRow, "status" | "durationMs" | "startedAt">, now: number): string {
	if (durationMs !== null) return formatDuration(durationMs);
	return status === "running" ? `${formatDuration(Math.max(0, now - startedAt))}+` : "—";
}

/** What a deployment brings, in a line: of a rollback its reason, of a failure what its sender says, else its title. */
export function changeOf({ isRollback, reason, title, status, commit }: DeploymentRow): string {
	if (isRollback) return reason === null ? "Rolled back" : `Rolled back: ${reason}`;
	if (status === "failure" && reason !== null) return reason;
	return title ?? (commit === null ? "—" : `commit ${commit.slice(0, 7)}`);
}

/** Who stands behind it, by name; a pipeline, or the cluster, where nobody is named. */
export function actorOf({ actor, source }: Pick<DeploymentRow, "actor" | "source">): string {
	return actor ?? (source === "cluster" ? "seen in the cluster" : "CI");
}

/** The same after something that is said of it: `by D. Kim`, `seen in the cluster`. */
export function byWords(row: Pick<DeploymentRow, "actor" | "source">): string {
	return row.actor === null && row.source === "cluster" ? actorOf(row) : `by ${actorOf(row)}`;
}

const SOURCES: Record<string, string> = {
	github: "GitHub",
	gitlab: "GitLab",
	argocd: "Argo CD",
	cdevents: "CDEvents",
	generic: "the API",
	cluster: "the cluster",
	opssight: "OpsSight",
};

/** Who told of it, as people write it. */
export function sourceWord(source: string): string {
	return SOURCES[source] ?? source;
}
