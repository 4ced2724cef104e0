import { Link, useLocation } from "@remix-run/react";
import { placeOf } from "../../format/time.ts";
import { carriedSearch } from "../../format/view.ts";
import { useZone } from "../../ui/clock.tsx";
import { LinkIcon, MoreIcon, RefreshIcon, ZoneIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useCommands } from "./commands.ts";
import { Avatar, SignOut } from "./Person.tsx";
import { Popover } from "./Popover.tsx";
import { isWithin, PAGES, SETTINGS_PAGE } from "./pages.ts";
import { PanelForm } from "./panel-form.tsx";
import type { ShellFacts } from "./Shell.tsx";
import { roleWord, TeamList } from "./SideNav.tsx";
import { ThemeChoice } from "./ThemeSwitch.tsx";

const TAB = "flex h-14 w-full flex-col items-center justify-center gap-0.5 text-min font-medium text-t2";

const ROW = "target flex h-8 w-full items-center gap-2.5 rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1";

/** The nav of phones, where the thumb is. */
export function BottomBar({ facts: { team, teams, person } }: { facts: ShellFacts }) {
	const { pathname, search: here } = useLocation();
	const search = carriedSearch(new URLSearchParams(here));
	const { refresh, copyLink } = useCommands();
	const zone = useZone();
	return (
		<nav
			aria-label="Pages"
			className="no-print fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-s1 pb-[env(safe-area-inset-bottom)] sm:hidden"
		>
			{[...PAGES, SETTINGS_PAGE].map(({ path, word, short = word, Icon }) => (
				<Link
					key={path}
					to={{ pathname: `/t/${team.slug}/${path}`, search }}
					aria-current={isWithin(pathname, path) ? "page" : undefined}
					className={`${TAB} flex-1 aria-[current=page]:text-acc`}
				>
					<Icon className="size-5" />
					{short}
				</Link>
			))}
			<div className="flex-1">
				<Menu
					opener={
						<>
							<MoreIcon className="size-5" />
							More
						</>
					}
					openerClass={TAB}
					panelClass="right-2 bottom-full mb-2 w-64"
				>
					<div className="flex items-center gap-2.5 px-2.5 py-2">
						<Avatar name={person.name} />
						<div className="min-w-0">
							<div className="truncate text-body font-medium">{person.name}</div>
							<div className="truncate text-sec text-t3">
								{roleWord(team.role)} in {team.name}
							</div>
						</div>
					</div>
					{teams.length > 1 && (
						<div className="border-t border-line py-1">
							<TeamList team={team} teams={teams} />
						</div>
					)}
					<div className="border-t border-line py-1">
						<ThemeChoice />
					</div>
					<div className="border-t border-line py-1">
						<Popover
							opens="zone"
							isSheet
							openerClass={ROW}
							panelClass="fixed inset-x-0 bottom-0 z-40 max-h-[85dvh] overflow-y-auto overscroll-contain rounded-t-sheet border-t pb-[env(safe-area-inset-bottom)]"
							opener={
								<>
									<ZoneIcon />
									<span className="truncate">Time zone: {placeOf(zone)}</span>
								</>
							}
						>
							{(close) => <PanelForm kind="zone" close={close} />}
						</Popover>
						<button type="button" onClick={refresh} className={`needs-script ${ROW}`}>
							<RefreshIcon />
							Refresh
						</button>
						<button type="button" onClick={copyLink} className={`needs-script ${ROW}`}>
							<LinkIcon />
							Copy link
						</button>
					</div>
					<div className="border-t border-line pt-1">
						<SignOut />
					</div>
				</Menu>
			</div>
		</nav>
	);
}
