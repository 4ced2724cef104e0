import type { ComponentType } from "react";
import type { ComponentHealth, ComponentState, DeploymentRow, EnvironmentState } from "#worker/wire/deployments";
import { THIN } from "../../format/number.ts";
import { DashedRingIcon, type IconProps, RingTickIcon, SpokesIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";

/** How components and environments stand, in shapes, words and colours. */

type Look = { word: string; tint: string; ink: string; Icon: ComponentType<IconProps> };

/** Shape first, word second, colour third. Design brief, 3.2. */
export const HEALTH_LOOKS: Record<ComponentHealth, Look> = {
	failing: { word: "Failing", tint: "bg-bad-bg text-bad", ink: "text-bad", Icon: StopIcon },
	degraded: { word: "Degraded", tint: "bg-warn-bg text-warn", ink: "text-warn", Icon: TriangleIcon },
	deploying: { word: "Deploying", tint: "bg-run-bg text-run", ink: "text-run", Icon: SpokesIcon },
	unknown: { word: "No data", tint: "bg-idle-bg text-idle", ink: "text-idle", Icon: DashedRingIcon },
	healthy: { word: "Healthy", tint: "bg-ok-bg text-ok", ink: "text-ok", Icon: RingTickIcon },
};

/** Worst first: what an environment is called by. */
const WORST_FIRST: readonly ComponentHealth[] = ["failing", "degraded", "deploying", "unknown", "healthy"];

/** An environment stands as its worst component does; one without any says nothing. */
export function healthOfAll(components: readonly Pick<ComponentState, "health">[]): ComponentHealth {
	return WORST_FIRST.find((health) => components.some((one) => one.health === health)) ?? "unknown";
}

/**
 * The version that a component runs, as far as anyone says: what was declared last with success, else what its cluster shows. Where it
 * fails by a deployment that failed, that one's: it is what people meet.
 */
export function versionOf({
	current,
	observed,
	latest,
	health,
}: Pick<ComponentState, "current" | "observed" | "latest" | "health">): string | null {
	if (health === "failing" && latest?.status === "failure") return latest.version;
	return current?.version ?? observed?.version ?? latest?.version ?? null;
}

/** The deployment that `versionOf` speaks of, where one does. */
export function toldOf({ current, latest, health }: Pick<ComponentState, "current" | "latest" | "health">): DeploymentRow | null {
	return health === "failing" && latest?.status === "failure" ? latest : (current ?? latest);
}

/** How far a deployment that is under way has come: the words of its stage, and its share where pods can be counted. */
export type Progress = { words: string; share: number | null; version: string | null };

/** The deployment under way in a component; null where none is. */
export function progressOf({ health, latest, observed }: ComponentState): Progress | null {
	if (health !== "deploying") return null;
	const version = latest && latest.finishedAt === null ? latest.version : (observed?.version ?? null);
	if (observed && observed.desired > 0 && observed.state === "progressing") {
		const share = observed.updated < observed.desired ? observed.updated / observed.desired : observed.available / observed.desired;
		const isVerifying = observed.updated >= observed.desired && observed.ready >= observed.desired;
		const words = isVerifying ? "Verifying" : `Rolling ${Math.min(observed.updated, observed.ready)}/${observed.desired} pods`;
		return { words, share: Math.min(1, share), version };
	}
	if (latest?.status === "queued") return { words: "Queued", share: null, version };
	return { words: "Under way", share: null, version };
}

/** `Deploying 62 %` where that is known, else the plain word. */
export function healthWord(health: ComponentHealth, progress: Progress | null): string {
	const { word } = HEALTH_LOOKS[health];
	return health === "deploying" && progress?.share != null ? `${word} ${Math.round(progress.share * 100)}${THIN}%` : word;
}

/** The board's first sentence: the worst that is known, and where. */
export function boardVerdict(environments: readonly EnvironmentState[]): { sentence: string; tone: "quiet" | "failing" | "unknown" } {
	const all = environments.flatMap((environment) => environment.components.map((component) => ({ environment, component })));
	if (all.length === 0) return { sentence: "Nothing has been deployed yet", tone: "unknown" };
	const bad = all.filter(({ component }) => component.health === "failing");
	const first = bad.find(({ environment }) => environment.settings.isProduction) ?? bad[0];
	if (first) {
		const more = bad.length - 1;
		const others = more === 0 ? "" : `, and ${more} more ${more === 1 ? "component is" : "components are"} failing`;
		return { sentence: `${first.component.component} is failing in ${first.environment.name}${others}`, tone: "failing" };
	}
	const weak = all.find(({ component }) => component.health === "degraded");
	if (weak) return { sentence: `${weak.component.component} is degraded in ${weak.environment.name}`, tone: "failing" };
	const moving = all.filter(({ component }) => component.health === "deploying");
	if (moving[0]) {
		const words = moving.length === 1 ? `${moving[0].component.component} is being deployed to ${moving[0].environment.name}` : null;
		return { sentence: words ?? `${moving.length} deployments are under way`, tone: "quiet" };
	}
	const silent = all.filter(({ component }) => component.health === "unknown").length;
	if (silent === all.length) return { sentence: "Versions are known; no cluster says how they run", tone: "unknown" };
	if (silent > 0)
		return { sentence: `${all.length - silent} of ${all.length} components are healthy; no cluster tells of the others`, tone: "quiet" };
	const other = all.filter(({ component }) => component.mismatch !== null).length;
	if (other > 0) {
		if (all.length === 1) return { sentence: "The only component is healthy, in another version than was deployed", tone: "quiet" };
		const runs = other === 1 ? "one runs" : `${other} run`;
		return { sentence: `All ${all.length} components are healthy; ${runs} another version than was deployed`, tone: "quiet" };
	}
	return {
		sentence: all.length === 1 ? "The only component is healthy" : `All quiet: ${all.length} components run as deployed`,
		tone: "quiet",
	};
}
