import type { Lock } from "#worker/wire/deployments";
import { formatUntil } from "../../format/time.ts";
import { useNow, useZone } from "../../ui/clock.tsx";
import { LockIcon, UnlockIcon } from "../../ui/icons-more.tsx";

/** Whether deployments may come in: open, or locked by whom and until when. */
export function LockChip({ lock }: { lock: Lock | null }) {
	const [now, zone] = [useNow(), useZone()];
	if (lock === null || (lock.until !== null && lock.until <= now)) {
		return (
			<span className="inline-flex items-center gap-1 text-sec whitespace-nowrap text-t3">
				<UnlockIcon className="size-3.5" />
				Unlocked
			</span>
		);
	}
	const until = lock.until === null ? "until it is released" : `until ${formatUntil(lock.until, { now, zone })}`;
	return (
		<span
			data-tip={[`Locked by ${lock.by.name}`, until, lock.reason].filter(Boolean).join("\n")}
			className="inline-flex min-w-0 items-center gap-1 text-sec font-medium text-warn"
		>
			<LockIcon className="size-3.5" />
			<span className="truncate">
				Locked by {lock.by.name}
				<span className="font-normal max-sm:sr-only"> {until}</span>
			</span>
		</span>
	);
}
