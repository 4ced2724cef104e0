import { Link, useFetcher, useLocation } from "@remix-run/react";
import type { ReactNode } from "react";
import { carriedSearch, searchForTeam } from "../../format/view.ts";
import { preferencePath } from "../../preferences.ts";
import { usePreference } from "../../root.tsx";
import { ChooseIcon, CollapseIcon, MarkIcon, TickIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Avatar, SignOut } from "./Person.tsx";
import { isWithin, type NavPage, PAGES, pageInAnyTeam, SETTINGS_PAGE } from "./pages.ts";
import type { ShellFacts } from "./Shell.tsx";

/** The nav of wide windows. Between 640 and 1023 px, and where someone narrowed it, only its icons. */
export function SideNav({ facts }: { facts: ShellFacts }) {
	const { team, person } = facts;
	const nav = usePreference("nav");
	return (
		<header
			data-nav={nav}
			className="group/nav no-print sticky top-0 hidden h-dvh w-14 shrink-0 flex-col border-r border-line bg-bg px-2 pb-3 sm:flex lg:data-[nav=wide]:w-[212px] lg:data-[nav=wide]:px-2.5"
		>
			<div className="flex h-13 items-center justify-center gap-2 lg:group-data-[nav=wide]/nav:justify-start lg:group-data-[nav=wide]/nav:pl-2">
				<MarkIcon />
				<span className="hidden text-[0.875rem] font-bold tracking-tight lg:group-data-[nav=wide]/nav:inline">OpsSight</span>
				<div className="ml-auto hidden min-w-0 lg:group-data-[nav=wide]/nav:block">
					<TeamSwitch facts={facts} />
				</div>
			</div>
			{facts.teams.length > 1 && (
				<div className="mb-1 lg:group-data-[nav=wide]/nav:hidden">
					<TeamMenu facts={facts} opener={<ChooseIcon />} name={`Team ${team.name}: switch`} openerClass={ENTRY} />
				</div>
			)}
			<nav aria-label="Pages" className="mt-1 flex min-h-0 flex-1 flex-col gap-0.5">
				{PAGES.map((page) => (
					<NavEntry key={page.path} page={page} team={team.slug} />
				))}
				<div className="mt-auto">
					<NavEntry page={SETTINGS_PAGE} team={team.slug} />
				</div>
			</nav>
			<Collapse nav={nav} />
			<div className="mt-2 border-t border-line pt-3 lg:group-data-[nav=wide]/nav:flex lg:group-data-[nav=wide]/nav:items-center lg:group-data-[nav=wide]/nav:gap-2.5 lg:group-data-[nav=wide]/nav:px-2">
				<div className="hidden lg:group-data-[nav=wide]/nav:block">
					<Avatar name={person.name} />
				</div>
				<div className="hidden min-w-0 flex-1 lg:group-data-[nav=wide]/nav:block">
					<div className="truncate text-body font-medium">{person.name}</div>
					<div className="truncate text-min text-t3">{roleWord(team.role)}</div>
				</div>
				<SignOut compact />
			</div>
		</header>
	);
}

const ENTRY =
	"target flex h-8 w-full items-center justify-center gap-2.5 rounded-ctl text-body text-t2 hover:bg-s2 hover:text-t1 lg:group-data-[nav=wide]/nav:justify-start lg:group-data-[nav=wide]/nav:px-2.5";

function NavEntry({ page: { path, word, Icon, key }, team }: { page: NavPage; team: string }) {
	const { pathname, search: here } = useLocation();
	// Filters and range follow to the other pages of the team.
	const search = carriedSearch(new URLSearchParams(here));
	return (
		<Link
			to={{ pathname: `/t/${team}/${path}`, search }}
			prefetch="intent"
			data-tip={`${word}\nG ${key}`}
			aria-current={isWithin(pathname, path) ? "page" : undefined}
			className={`${ENTRY} aria-[current=page]:bg-on aria-[current=page]:font-semibold aria-[current=page]:text-t1`}
		>
			<Icon />
			<span className="sr-only lg:group-data-[nav=wide]/nav:not-sr-only">{word}</span>
		</Link>
	);
}

/** Narrows the nav to its icons, and back. A form, remembered in a cookie, so that the server draws it right the next time. */
function Collapse({ nav }: { nav: "wide" | "narrow" }) {
	const fetcher = useFetcher({ key: "nav" });
	const { pathname, search } = useLocation();
	const next = nav === "wide" ? "narrow" : "wide";
	const words = nav === "wide" ? "Narrow the navigation" : "Widen the navigation";
	return (
		<form
			method="post"
			action={preferencePath("nav")}
			className="hidden lg:block"
			onSubmit={(event) => {
				event.preventDefault();
				fetcher.submit({ nav: next }, { method: "post", action: preferencePath("nav") });
			}}
		>
			<input type="hidden" name="next" value={pathname + search} />
			<button type="submit" name="nav" value={next} aria-label={words} data-tip={`${words}\n[`} className={ENTRY}>
				<CollapseIcon className="size-4 group-data-[nav=narrow]/nav:rotate-180" />
				<span className="hidden group-data-[nav=wide]/nav:inline">Narrow</span>
			</button>
		</form>
	);
}

/** The name of the team; a list of them where the person is in several. */
export function TeamSwitch({ facts: { team, teams } }: { facts: ShellFacts }) {
	if (teams.length < 2) return <span className="block truncate text-sec text-t2">{team.name}</span>;
	return (
		<TeamMenu
			facts={{ team, teams }}
			opener={
				<>
					<span className="truncate">{team.name}</span>
					<ChooseIcon className="size-3.5" />
				</>
			}
			openerClass="target flex h-7 items-center gap-0.5 rounded-ctl px-1 text-sec text-t2 hover:bg-s2 hover:text-t1"
		/>
	);
}

type TeamMenuProps = { facts: Pick<ShellFacts, "team" | "teams">; opener: ReactNode; name?: string; openerClass: string };

function TeamMenu({ facts, ...opener }: TeamMenuProps) {
	return (
		<Menu {...opener} panelClass="top-full left-0 mt-1 w-48">
			<TeamList {...facts} />
		</Menu>
	);
}

/** The same page of each other team. */
export function TeamList({ team, teams }: Pick<ShellFacts, "team" | "teams">) {
	const { pathname, search } = useLocation();
	const page = pageInAnyTeam(pathname) + searchForTeam(new URLSearchParams(search));
	return (
		<ul>
			{teams.map(({ slug, name }) => (
				<li key={slug}>
					{/* A full load: another team is another live connection and another frame. */}
					<a
						href={`/t/${slug}/${page}`}
						aria-current={slug === team.slug ? "true" : undefined}
						className="target flex h-8 items-center gap-2 rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1 aria-[current=true]:font-semibold aria-[current=true]:text-t1"
					>
						<span className="min-w-0 flex-1 truncate">{name}</span>
						{slug === team.slug && <TickIcon className="size-4 text-acc" />}
					</a>
				</li>
			))}
			{teams.length > 1 && (
				<li className="mt-1 border-t border-line pt-1">
					<a href="/teams" className="target flex h-8 items-center rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1">
						All teams, worst first
					</a>
				</li>
			)}
		</ul>
	);
}

/** A role as a word on screen. */
export function roleWord(role: string): string {
	return role.charAt(0).toUpperCase() + role.slice(1);
}
