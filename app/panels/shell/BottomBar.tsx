import { NavLink } from "@remix-run/react";
import { MoreIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Avatar, SignOut } from "./Person.tsx";
import { PAGES } from "./pages.ts";
import type { ShellFacts } from "./Shell.tsx";
import { roleWord, TeamList } from "./SideNav.tsx";
import { ThemeChoice } from "./ThemeSwitch.tsx";

const TAB = "flex h-14 w-full flex-col items-center justify-center gap-0.5 text-min font-medium text-t2";

/** The nav of phones, where the thumb is. */
export function BottomBar({ facts: { team, teams, person, theme } }: { facts: ShellFacts }) {
	return (
		<nav
			aria-label="Pages"
			className="no-print fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-s1 pb-[env(safe-area-inset-bottom)] sm:hidden"
		>
			{PAGES.map(({ path, word, Icon }) => (
				<NavLink key={path} to={`/t/${team.slug}/${path}`} className={`${TAB} flex-1 aria-[current=page]:text-acc`}>
					<Icon className="size-5" />
					{word}
				</NavLink>
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
						<ThemeChoice theme={theme} />
					</div>
					<div className="border-t border-line pt-1">
						<SignOut />
					</div>
				</Menu>
			</div>
		</nav>
	);
}
