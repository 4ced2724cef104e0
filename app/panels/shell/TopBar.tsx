import { useRevalidator } from "@remix-run/react";
import clsx from "clsx";
import { IconButton } from "../../ui/Button.tsx";
import { LinkIcon, MarkIcon, RefreshIcon, SearchIcon } from "../../ui/icons.tsx";
import { Kbd } from "../../ui/Kbd.tsx";
import { useCommands } from "./commands.ts";
import { FilterBar } from "./FilterBar.tsx";
import { paletteKeys } from "./fields.ts";
import { LiveChip } from "./LiveChip.tsx";
import { DemoMark, EnvironmentMark } from "./Marks.tsx";
import type { ShellFacts } from "./Shell.tsx";
import { ThemeSwitch } from "./ThemeSwitch.tsx";
import { ZoneMenu } from "./ZoneMenu.tsx";

/** The bar over every page: what is looked at on the left, whether it is true now on the right. */
export function TopBar({ facts }: { facts: ShellFacts }) {
	const { copyLink, openPalette } = useCommands();
	return (
		<div data-topbar className="flex h-14 items-center gap-2 border-b border-line bg-bg px-3 pt-1 sm:h-13 sm:px-5 sm:pt-0">
			<span className="max-[22.5rem]:hidden sm:hidden">
				<MarkIcon className="size-6" />
			</span>
			<FilterBar names={facts.names} />
			<IconButton name="Copy link" data-tip="Copy link to exactly this" onClick={copyLink} className="needs-script max-md:hidden">
				<LinkIcon />
			</IconButton>
			<div className="hidden shrink-0 items-center gap-2 xl:flex">
				<EnvironmentMark environment={facts.environment} />
				{facts.hasDemo && <DemoMark />}
			</div>
			<div className="ml-auto flex shrink-0 items-center gap-1.5 sm:gap-2">
				<LiveChip />
				<Refresh />
				<button
					type="button"
					data-tip={`Search and commands\n${paletteKeys(facts.isMac)}`}
					// What it opens is on its way before it is pressed.
					onPointerEnter={() => void import("../palette/Palette.tsx")}
					onFocus={() => void import("../palette/Palette.tsx")}
					onClick={() => openPalette()}
					className="needs-script target flex h-8 items-center justify-center gap-2 rounded-ctl border-line2 px-2 text-body text-t2 hover:bg-s2 hover:text-t1 sm:border sm:bg-s1"
				>
					<SearchIcon className="size-5 sm:size-4" />
					<span className="max-[87.4375rem]:sr-only">Search</span>
					<span className="hidden min-[87.5rem]:block">
						<Kbd keys={paletteKeys(facts.isMac)} />
					</span>
				</button>
				<ZoneMenu />
				<div className="hidden sm:block">
					<ThemeSwitch />
				</div>
			</div>
		</div>
	);
}

/** Ask for everything again. It turns while the answer is on its way, unless motion is unwelcome. */
function Refresh() {
	const { refresh } = useCommands();
	const isBusy = useRevalidator().state !== "idle";
	return (
		<IconButton name="Refresh" aria-busy={isBusy} onClick={refresh} className="needs-script max-sm:hidden">
			<RefreshIcon className={clsx("size-4", isBusy && "spokes")} />
		</IconButton>
	);
}
