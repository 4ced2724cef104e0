import { useFetcher, useLocation, useNavigate, useRevalidator } from "@remix-run/react";
import { createContext, useContext } from "react";
import { carriedSearch, type Range, readFilters, searchForRange, searchToShare, searchWith } from "../../format/view.ts";
import { type Preferences, preferencePath, type Theme } from "../../preferences.ts";
import { usePreference, useTheme } from "../../root.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { usePageHandle } from "./handle.ts";
import { openPopover } from "./Popover.tsx";

/** What the frame can do, for its buttons, its keys and its palette. */
export type Commands = {
	/** Go to a page of this team; filters and range follow. */
	goTo: (path: string) => void;
	/** Change what is shown on this page. */
	show: (changes: Parameters<typeof searchWith>[1]) => void;
	showRange: (range: Range) => void;
	setTheme: (theme: Theme) => void;
	toggleTheme: () => void;
	setNav: (nav: Preferences["nav"]) => void;
	toggleNav: () => void;
	openRange: () => boolean;
	openZone: () => boolean;
	refresh: () => void;
	copyLink: () => Promise<void>;
	toggleFailed: () => boolean;
	find: () => boolean;
	signOut: () => void;
	openPalette: (query?: string) => void;
	openSheet: () => void;
};

const CommandsContext = createContext<Commands | null>(null);

/** Gives the frame's parts what the frame can do. */
export const CommandsProvider = CommandsContext.Provider;

/** What the frame can do. @throws outside the frame, which is a mistake in the site map */
export function useCommands(): Commands {
	const commands = useContext(CommandsContext);
	if (!commands) throw new Error("Commands belong to a team's frame.");
	return commands;
}

type Opens = Pick<Commands, "openPalette" | "openSheet">;

/** Make them, once, for the frame. */
export function useMakeCommands(team: string, opens: Opens): Commands {
	const { pathname, search } = useLocation();
	const params = new URLSearchParams(search);
	const navigate = useNavigate();
	const { revalidate } = useRevalidator();
	const toast = useToast();
	const { statuses } = usePageHandle();
	const [theme, nav] = [useTheme(), usePreference("nav")];
	const themes = useFetcher({ key: "theme" });
	const navs = useFetcher({ key: "nav" });

	const show: Commands["show"] = (changes) => navigate({ pathname, search: searchWith(params, changes) }, { preventScrollReset: true });
	const setTheme = (chosen: Theme) => themes.submit({ theme: chosen }, { method: "post", action: preferencePath("theme") });
	const setNav = (chosen: Preferences["nav"]) => navs.submit({ nav: chosen }, { method: "post", action: preferencePath("nav") });
	return {
		...opens,
		show,
		showRange: (range) => navigate({ pathname, search: searchForRange(params, range) }, { preventScrollReset: true }),
		setTheme,
		setNav,
		goTo: (path) => navigate(`/t/${team}/${path}${carriedSearch(params)}`),
		toggleTheme: () => {
			const isDark = theme === "system" ? window.matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
			setTheme(isDark ? "light" : "dark");
		},
		toggleNav: () => setNav(nav === "wide" ? "narrow" : "wide"),
		openRange: () => openPopover("range"),
		// On narrow windows the zone is chosen from the bar at the bottom, or by the palette.
		openZone: () => openPopover("zone"),
		refresh: revalidate,
		copyLink: async () => {
			const shared = pathname + searchToShare(params, Date.now());
			try {
				await navigator.clipboard.writeText(location.origin + shared);
				toast({ text: "Link copied. It shows the same time tomorrow." });
			} catch {
				// Without https, or with the clipboard denied, the address bar is the next best place.
				navigate(shared, { replace: true, preventScrollReset: true });
				toast({ text: "The link is in the address bar: this browser does not allow copying." });
			}
		},
		toggleFailed: () => {
			if (!statuses) return false;
			const isOn = readFilters(params).statuses.join() === "failure";
			show({ status: isOn ? null : "failure" });
			return true;
		},
		find: () => {
			const field = [...document.querySelectorAll<HTMLElement>("main input[type=search]")].find((each) => each.checkVisibility());
			field?.focus();
			return field ? true : openPopover("repo") || openPopover("range");
		},
		signOut: () => document.querySelector<HTMLFormElement>('form[action="/sign-out"]')?.requestSubmit(),
	};
}
