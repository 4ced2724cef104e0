import { NavLink } from "@remix-run/react";
import { ChooseIcon, MarkIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Avatar, SignOut } from "./Person.tsx";
import { PAGES } from "./pages.ts";
import type { ShellFacts } from "./Shell.tsx";

/** The nav of wide windows; between 640 and 1023 px only its icons. */
export function SideNav({ facts }: { facts: ShellFacts }) {
	const { team, person } = facts;
	return (
		<header className="no-print sticky top-0 hidden h-dvh w-14 shrink-0 flex-col border-r border-line bg-bg px-2 pb-3 sm:flex lg:w-[212px] lg:px-2.5">
			<div className="flex h-13 items-center justify-center gap-2 lg:justify-start lg:pl-2">
				<MarkIcon />
				<span className="hidden text-[0.875rem] font-bold tracking-tight lg:inline">OpsSight</span>
				<div className="ml-auto hidden min-w-0 lg:block">
					<TeamSwitch facts={facts} />
				</div>
			</div>
			<nav aria-label="Pages" className="mt-1 flex flex-col gap-0.5">
				{PAGES.map(({ path, word, Icon }) => (
					<NavLink
						key={path}
						to={`/t/${team.slug}/${path}`}
						prefetch="intent"
						title={word}
						className="target flex h-8 items-center justify-center gap-2.5 rounded-ctl text-body text-t2 hover:bg-s2 hover:text-t1 aria-[current=page]:bg-on aria-[current=page]:font-semibold aria-[current=page]:text-t1 lg:justify-start lg:px-2.5"
					>
						<Icon />
						<span className="sr-only lg:not-sr-only">{word}</span>
					</NavLink>
				))}
			</nav>
			<div className="mt-auto border-t border-line pt-3 lg:flex lg:items-center lg:gap-2.5 lg:px-2">
				<div className="hidden lg:block">
					<Avatar name={person.name} />
				</div>
				<div className="hidden min-w-0 flex-1 lg:block">
					<div className="truncate text-body font-medium">{person.name}</div>
					<div className="truncate text-min text-t3">{roleWord(team.role)}</div>
				</div>
				<SignOut compact />
			</div>
		</header>
	);
}

/** The name of the team; a list of them where the person is in several. */
export function TeamSwitch({ facts: { team, teams } }: { facts: ShellFacts }) {
	if (teams.length < 2) return <span className="block truncate text-sec text-t2">{team.name}</span>;
	return (
		<Menu
			opener={
				<>
					<span className="truncate">{team.name}</span>
					<ChooseIcon className="size-3.5" />
				</>
			}
			openerClass="target flex h-7 items-center gap-0.5 rounded-ctl px-1 text-sec text-t2 hover:bg-s2 hover:text-t1"
			panelClass="top-full left-0 mt-1 min-w-44"
		>
			<TeamList team={team} teams={teams} />
		</Menu>
	);
}

/** Links to the overviews of all teams. */
export function TeamList({ team, teams }: Pick<ShellFacts, "team" | "teams">) {
	return (
		<ul>
			{teams.map(({ slug, name }) => (
				<li key={slug}>
					{/* A full load: another team is another live connection and another frame. */}
					<a
						href={`/t/${slug}/overview`}
						aria-current={slug === team.slug ? "true" : undefined}
						className="target flex h-8 items-center rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1 aria-[current=true]:font-semibold aria-[current=true]:text-t1"
					>
						{name}
					</a>
				</li>
			))}
		</ul>
	);
}

/** A role as a word on screen. */
export function roleWord(role: string): string {
	return role.charAt(0).toUpperCase() + role.slice(1);
}
