import { type ReactNode, useRef, useState } from "react";
import type { Role } from "#worker/domains/auth/model";
import type { RollbackRow } from "#worker/wire/deployments";
import { Button } from "../../ui/Button.tsx";
import { ProgressLine } from "../../ui/ProgressLine.tsx";
import { RollbackHost } from "../rollback/RollbackHost.tsx";
import { Attention } from "./Attention.tsx";
import { BottomBar } from "./BottomBar.tsx";
import { CommandsProvider, useMakeCommands } from "./commands.ts";
import type { Name } from "./filter-words.ts";
import { LiveBanner } from "./LiveBanner.tsx";
import { later } from "./later.tsx";
import { PrintHead } from "./PrintHead.tsx";
import { useReturnToRow } from "./return-to-row.ts";
import { SideNav } from "./SideNav.tsx";
import { TopBar } from "./TopBar.tsx";
import { useKeyboard } from "./use-keyboard.ts";

// Nobody searches before the page is there: both come when first asked for.
const Palette = later(
	() => import("../palette/Palette.tsx"),
	({ isOpen, close }) => isOpen && <NotLoaded close={() => close(false)} />,
);
const KeySheet = later(
	() => import("./KeySheet.tsx"),
	({ isOpen, onOpenChange }) => isOpen && <NotLoaded close={() => onOpenChange(false)} />,
);

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
	/** Those under way, and those that ended a moment ago. */
	rollbacks: readonly RollbackRow[];
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
	useReturnToRow();
	useKeyboard({
		palette: () => commands.openPalette(),
		sheet: commands.openSheet,
		find: commands.find,
		close: closeTopmost,
		nav: commands.toggleNav,
		theme: commands.toggleTheme,
		overview: () => commands.goTo("overview"),
		pipelines: () => commands.goTo("pipelines"),
		deployments: () => commands.goTo("deployments"),
		settings: () => commands.goTo("settings"),
		range: commands.openRange,
		zone: commands.openZone,
		failed: commands.toggleFailed,
	});
	return (
		<CommandsProvider value={commands}>
			<RollbackHost loaded={facts.rollbacks}>
				<div className="sm:flex">
					{facts.environment !== "production" && (
						<div aria-hidden="true" className="no-print fixed inset-x-0 top-0 z-50 h-1 bg-warn-fill" />
					)}
					<SideNav facts={facts} />
					<div className="min-w-0 flex-1">
						<PrintHead team={facts.team.name} />
						<section aria-label="Filters and connection" className="no-print sticky top-0 z-40">
							<TopBar facts={facts} />
							<ProgressLine />
							<LiveBanner />
						</section>
						<main id="main" tabIndex={-1} className="mx-auto max-w-[1760px] px-4 pt-3 pb-24 outline-none sm:px-5 sm:pb-8">
							{children}
						</main>
					</div>
					<BottomBar facts={facts} />
				</div>
				<Attention />
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
						hasDemo={facts.hasDemo}
						isMac={facts.isMac}
						commands={commands}
					/>
				)}
				{sheet.wasOpen && (
					<KeySheet isOpen={sheet.isOpen} isMac={facts.isMac} onOpenChange={(isOpen) => setSheet({ isOpen, wasOpen: true })} />
				)}
			</RollbackHost>
		</CommandsProvider>
	);
}

/** Esc closes what has no focus in it as well: the last opened panel of the frame. What has the focus hears the key itself. */
function closeTopmost(): boolean {
	const open = [...document.querySelectorAll<HTMLDetailsElement>("details[data-opens][open]")].at(-1);
	if (open) open.open = false;
	return open !== undefined;
}

function NotLoaded({ close }: { close: () => void }) {
	return (
		<div
			role="alert"
			className="fixed inset-x-3 top-16 z-50 mx-auto flex max-w-sm items-center gap-3 rounded-card border border-line2 bg-s3 p-3 shadow-float"
		>
			<p className="flex-1 text-body">This could not be loaded. Check the connection and try again.</p>
			<Button onClick={close}>Close</Button>
		</div>
	);
}
