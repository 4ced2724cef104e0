import { formatAge, formatClock, formatFullMoment, formatMoment } from "../format/time.ts";
import { useNow, useZone } from "./clock.tsx";

/**
 * A moment: absolute in tables ("table"), how long ago in lists ("ago"), to the second in banners ("clock");
 * always with the full date and UTC behind it.
 */
export function TimeText({ at, as = "table", className }: { at: number; as?: "table" | "ago" | "clock"; className?: string }) {
	const now = useNow();
	const zone = useZone();
	const text = as === "ago" ? formatAge(at, now) : as === "clock" ? formatClock(at, zone) : formatMoment(at, { now, zone });
	return (
		<time dateTime={new Date(at).toISOString()} title={formatFullMoment(at, zone)} className={className}>
			{text}
		</time>
	);
}
