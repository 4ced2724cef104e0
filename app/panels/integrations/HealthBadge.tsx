import type { ComponentType } from "react";
import { BanIcon, DashedRingIcon, type IconProps, RingTickIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { Badge } from "../../ui/Status.tsx";
import type { Health, IntegrationState } from "./words.ts";

const LOOKS: Record<IntegrationState, { tint: string; Icon: ComponentType<IconProps> }> = {
	receiving: { tint: "bg-ok-bg text-ok", Icon: RingTickIcon },
	waiting: { tint: "bg-idle-bg text-idle", Icon: DashedRingIcon },
	silent: { tint: "bg-warn-bg text-warn", Icon: TriangleIcon },
	refusing: { tint: "bg-bad-bg text-bad", Icon: StopIcon },
	disabled: { tint: "bg-idle-bg text-idle", Icon: BanIcon },
};

/** How an integration is doing: shape, word, tint. */
export function HealthBadge({ health: { state, word } }: { health: Health }) {
	return <Badge word={word} {...LOOKS[state]} />;
}
