import { NavLink, useLocation, useParams, useRouteLoaderData } from "@remix-run/react";
import type { ComponentType } from "react";
import { type Permission, roleRefusal } from "#worker/domains/auth/model";
import { carriedSearch } from "../../format/view.ts";
import type { loader } from "../../routes/team.tsx";
import { BanIcon, type IconProps, ScreenIcon, TableIcon } from "../../ui/icons.tsx";
import { AppearanceIcon, IntegrationsIcon, LockIcon, PersonIcon, ServerIcon } from "../../ui/icons-more.tsx";

type SettingsPage = { path: string; word: string; Icon: ComponentType<IconProps> /** What the page asks for. */; needs: Permission };

const PAGES: SettingsPage[] = [
	{ path: "integrations", word: "Integrations", Icon: IntegrationsIcon, needs: "integrations:read" },
	{ path: "agents", word: "Agents", Icon: ServerIcon, needs: "clusters:read" },
	{ path: "members", word: "Members", Icon: PersonIcon, needs: "members:read" },
	{ path: "tokens", word: "Tokens", Icon: LockIcon, needs: "tokens:own" },
	{ path: "sessions", word: "Sessions", Icon: ScreenIcon, needs: "settings:own" },
	{ path: "audit", word: "Audit", Icon: TableIcon, needs: "audit:read" },
	{ path: "appearance", word: "Appearance", Icon: AppearanceIcon, needs: "settings:own" },
];

const ENTRY = "target flex h-8 shrink-0 items-center gap-2 rounded-ctl px-2.5 text-body";

/** The settings among themselves: beside the page where there is room, above it elsewhere. What needs another role says which. */
export function SettingsNav() {
	const { team } = useParams();
	const facts = useRouteLoaderData<typeof loader>("routes/team");
	// The range follows through the settings too, for the way back.
	const search = carriedSearch(new URLSearchParams(useLocation().search));
	return (
		<nav aria-label="Settings" className="flex flex-wrap gap-1 lg:w-44 lg:shrink-0 lg:flex-col">
			{PAGES.map(({ path, word, Icon, needs }) => {
				const why = facts ? roleRefusal(facts.team.role, needs) : null;
				return why === null ? (
					<NavLink
						key={path}
						to={{ pathname: `/t/${team}/settings/${path}`, search }}
						prefetch="intent"
						className={`${ENTRY} text-t2 hover:bg-s2 hover:text-t1 aria-[current=page]:bg-on aria-[current=page]:font-semibold aria-[current=page]:text-t1`}
					>
						<Icon />
						{word}
					</NavLink>
				) : (
					<button key={path} type="button" aria-disabled="true" data-tip={why} className={`${ENTRY} cursor-not-allowed text-t3`}>
						<Icon />
						{word}
						<span className="sr-only">: {why}</span>
						<BanIcon className="ml-auto size-3.5" />
					</button>
				);
			})}
		</nav>
	);
}
