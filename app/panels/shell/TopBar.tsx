import { placeOf } from "../../format/time.ts";
import { useZone } from "../../ui/clock.tsx";
import { MarkIcon } from "../../ui/icons.tsx";
import { LiveChip } from "./LiveChip.tsx";
import { DemoMark, EnvironmentMark } from "./Marks.tsx";
import { RangeSwitch } from "./RangeSwitch.tsx";
import type { ShellFacts } from "./Shell.tsx";
import { ThemeSwitch } from "./ThemeSwitch.tsx";

/** The bar over every page: what is looked at on the left, whether it is true now on the right. */
export function TopBar({ facts }: { facts: ShellFacts }) {
	const zone = useZone();
	return (
		<div className="flex h-14 items-center gap-2 border-b border-line bg-bg px-3 pt-1 sm:h-13 sm:gap-2.5 sm:pt-0 sm:px-5">
			<span className="sm:hidden">
				<MarkIcon className="size-6" />
			</span>
			<RangeSwitch />
			<div className="hidden items-center gap-2 sm:flex">
				<EnvironmentMark environment={facts.environment} />
				{facts.hasDemo && <DemoMark />}
			</div>
			<div className="ml-auto flex items-center gap-2.5">
				<LiveChip />
				<span title={`Times are in ${zone}`} className="hidden text-sec text-t3 sm:inline">
					{placeOf(zone)}
				</span>
				<div className="hidden sm:block">
					<ThemeSwitch theme={facts.theme} />
				</div>
			</div>
		</div>
	);
}
