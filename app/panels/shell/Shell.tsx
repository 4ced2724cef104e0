import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import type { Role } from "#worker/domains/auth/model";
import { ProgressLine } from "../../ui/ProgressLine.tsx";
import { Attention } from "./Attention.tsx";
import { BottomBar } from "./BottomBar.tsx";
import { CommandsProvider, useMakeCommands } from "./commands.ts";
import type { Name } from "./filter-words.ts";
import { LiveBanner } from "./LiveBanner.tsx";
import { PrintHead } from "./PrintHead.tsx";
import { openRowActions, openRowPage, openRowPanel, walkRows } from "./rows.ts";
import { SideNav } from "./SideNav.tsx";
import { TopBar } from "./TopBar.tsx";
import { useKeyboard } from "./use-keyboard.ts";

// Nobody searches before the page is there: both come when first asked for.
const Palette = lazy(() => import("../palette/Palette.tsx"));
const KeySheet = lazy(() => import("./KeySheet.tsx"));

export type ShellTeam = { slug: string; name: string; role: Role };

/** What the frame around a team's pages needs to know. */
export type ShellFacts = {
	team: ShellTeam;
	/** Every team of the person, for the switch. */
	teams: { slug: string; name: string }[];
	person: { name: string; login: string };
	/** What the filters offer. */
	names: readonly Name[];
	hasDemo: boolean;
	environment: string;
	/** Whether keys are written as on a Mac. */
	isMac: boolean;
};

/** The frame around a team's pages: nav at the left, an icon rail on tablets, a bar at the bottom on phones. */
export function Shell({ facts, children }: { facts: ShellFacts; children: ReactNode }) {
	const [palette, setPalette] = useState({ isOpen: false, wasOpen: false, query: null as string | null });
	const [sheet, setSheet] = useState({ isOpen: false, wasOpen: false });
	const opener = useRef<Element | null>(null);
	const commands = useMakeCommands(facts.team.slug, {
		openPalette: (query) => {
			opener.current = document.activeElement;
			setPalette({ isOpen: true, wasOpen: true, query: query ?? null });
		},
		openSheet: () => setSheet({ isOpen: true, wasOpen: true }),
	});
	useKeyboard({
		palette: () => commands.openPalette(),
		sheet: commands.openSheet,
		find: commands.find,
		close: closeTopmost,
		nav: commands.toggleNav,
		theme: commands.toggleTheme,
		overview: () => commands.goTo("overview"),
		pipelines: () => commands.goTo("pipelines"),
		settings: () => commands.goTo("settings"),
		range: commands.openRange,
		zone: commands.openZone,
		failed: commands.toggleFailed,
		nextRow: () => walkRows(1),
		previousRow: () => walkRows(-1),
		rowPanel: openRowPanel,
		rowPage: openRowPage,
		rowActions: openRowActions,
	});
	return (
		<CommandsProvider value={commands}>
			<div className="sm:flex">
				{facts.environment !== "production" && <div aria-hidden="true" className="no-print fixed inset-x-0 top-0 z-50 h-1 bg-warn-fill" />}
				<SideNav facts={facts} />
				<div className="min-w-0 flex-1">
					<PrintHead team={facts.team.name} />
					<div className="no-print sticky top-0 z-40">
						<TopBar facts={facts} />
						<ProgressLine />
						<LiveBanner />
					</div>
					<main id="main" tabIndex={-1} className="mx-auto max-w-[1760px] px-4 pt-3 pb-24 outline-none sm:px-5 sm:pb-8">
						{children}
					</main>
				</div>
				<BottomBar facts={facts} />
			</div>
			<Attention />
			<Suspense fallback={null}>
				{palette.wasOpen && (
					<Palette
						isOpen={palette.isOpen}
						query={palette.query}
						close={(goesOn) => {
							setPalette({ isOpen: false, wasOpen: true, query: null });
							if (!goesOn && opener.current instanceof HTMLElement) opener.current.focus();
						}}
						team={facts.team.slug}
						names={facts.names}
						isMac={facts.isMac}
						commands={commands}
					/>
				)}
				{sheet.wasOpen && (
					<KeySheet isOpen={sheet.isOpen} isMac={facts.isMac} onOpenChange={(isOpen) => setSheet({ isOpen, wasOpen: true })} />
				)}
			</Suspense>
		</CommandsProvider>
	);
}

/** Esc closes what has no focus in it as well: the last opened panel of the frame. What has the focus hears the key itself. */
function closeTopmost(): boolean {
	const open = [...document.querySelectorAll<HTMLDetailsElement>("details[data-opens][open]")].at(-1);
	if (open) open.open = false;
	return open !== undefined;
}
