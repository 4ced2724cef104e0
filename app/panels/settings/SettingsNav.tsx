import { NavLink, useLocation, useParams } from "@remix-run/react";
import type { ComponentType } from "react";
import { carriedSearch } from "../../format/view.ts";
import { AppearanceIcon, type IconProps, IntegrationsIcon } from "../../ui/icons.tsx";

const PAGES: { path: string; word: string; Icon: ComponentType<IconProps> }[] = [
	{ path: "integrations", word: "Integrations", Icon: IntegrationsIcon },
	{ path: "appearance", word: "Appearance", Icon: AppearanceIcon },
];

/** The settings among themselves: beside the page where there is room, above it elsewhere. */
export function SettingsNav() {
	const { team } = useParams();
	// The range follows through the settings too, for the way back.
	const search = carriedSearch(new URLSearchParams(useLocation().search));
	return (
		<nav aria-label="Settings" className="flex gap-1 lg:w-44 lg:shrink-0 lg:flex-col">
			{PAGES.map(({ path, word, Icon }) => (
				<NavLink
					key={path}
					to={{ pathname: `/t/${team}/settings/${path}`, search }}
					prefetch="intent"
					className="target flex h-8 items-center gap-2 rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1 aria-[current=page]:bg-on aria-[current=page]:font-semibold aria-[current=page]:text-t1"
				>
					<Icon />
					{word}
				</NavLink>
			))}
		</nav>
	);
}
