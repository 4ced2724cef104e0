import type { ComponentType } from "react";
import type { RunStatus } from "#worker/wire/events";
import { BanIcon, DashedRingIcon, type IconProps, RingTickIcon, SpokesIcon, StopIcon } from "./icons.tsx";

type Look = { word: string; tint: string; Icon: ComponentType<IconProps> };

/** `ink` is the colour where there is no tint. */
type StatusLook = Look & { ink: string };

/** How each status looks: shape first, word second, colour third. */
export const LOOKS: Record<RunStatus, StatusLook> = {
	success: { word: "Passed", tint: "bg-ok-bg text-ok", ink: "text-ok", Icon: RingTickIcon },
	failure: { word: "Failed", tint: "bg-bad-bg text-bad", ink: "text-bad", Icon: StopIcon },
	running: { word: "Running", tint: "bg-run-bg text-run", ink: "text-run", Icon: SpokesIcon },
	queued: { word: "Queued", tint: "bg-idle-bg text-idle", ink: "text-idle", Icon: DashedRingIcon },
	cancelled: { word: "Cancelled", tint: "bg-idle-bg text-idle", ink: "text-idle", Icon: BanIcon },
};

/** A run's status as a badge: shape, word, tint. */
export function RunStatusBadge({ status }: { status: RunStatus }) {
	const { word, tint, Icon } = LOOKS[status];
	return <Badge word={word} tint={tint} Icon={Icon} />;
}

/** A badge: 20 px high, icon and word on a tint. */
export function Badge({ word, tint, Icon }: Look) {
	return (
		<span className={`badge inline-flex h-5 items-center gap-1 rounded-badge px-1.5 text-sec font-medium whitespace-nowrap ${tint}`}>
			<Icon className="size-3" />
			{word}
		</span>
	);
}

/** How long a panel has been without news, where that is too long. */
export function StaleBadge({ age }: { age: string }) {
	return <Badge word={`Stale · ${age}`} tint="bg-idle-bg text-idle" Icon={DashedRingIcon} />;
}
