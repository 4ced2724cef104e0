import type { ComponentHealth } from "#worker/wire/deployments";
import { Badge } from "../../ui/Status.tsx";
import { HEALTH_LOOKS, healthWord, type Progress } from "./health.ts";

/** How something stands: shape, word, tint. What is stale has no colour. */
export function HealthBadge({
	health,
	progress = null,
	isStale = false,
}: {
	health: ComponentHealth;
	progress?: Progress | null;
	isStale?: boolean;
}) {
	const { tint, Icon } = HEALTH_LOOKS[isStale ? "unknown" : health];
	return <Badge word={isStale ? "Stale" : healthWord(health, progress)} tint={tint} Icon={Icon} />;
}
