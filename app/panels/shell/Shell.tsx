import type { ReactNode } from "react";
import type { Role } from "#worker/domains/auth/model";
import type { Theme } from "../../preferences.ts";
import { BottomBar } from "./BottomBar.tsx";
import { LiveBanner } from "./LiveBanner.tsx";
import { SideNav } from "./SideNav.tsx";
import { TopBar } from "./TopBar.tsx";

export type ShellTeam = { slug: string; name: string; role: Role };

/** What the frame around a team's pages needs to know. */
export type ShellFacts = {
	team: ShellTeam;
	/** Every team of the person, for the switch. */
	teams: { slug: string; name: string }[];
	person: { name: string; login: string };
	hasDemo: boolean;
	environment: string;
	theme: Theme;
};

/** The frame around a team's pages: nav at the left, an icon rail on tablets, a bar at the bottom on phones. */
export function Shell({ facts, children }: { facts: ShellFacts; children: ReactNode }) {
	return (
		<div className="sm:flex">
			{facts.environment !== "production" && <div aria-hidden="true" className="fixed inset-x-0 top-0 z-50 h-1 bg-warn-fill" />}
			<SideNav facts={facts} />
			<div className="min-w-0 flex-1">
				<div className="no-print sticky top-0 z-30">
					<TopBar facts={facts} />
					<LiveBanner />
				</div>
				<main id="main" tabIndex={-1} className="mx-auto max-w-[1760px] px-4 pt-3 pb-24 outline-none sm:px-5 sm:pb-8">
					{children}
				</main>
			</div>
			<BottomBar facts={facts} />
		</div>
	);
}
