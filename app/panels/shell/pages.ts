import type { ComponentType } from "react";
import { type IconProps, OverviewIcon, PipelinesIcon, RocketIcon, SettingsIcon } from "../../ui/icons.tsx";

export type NavPage = {
	path: string;
	word: string;
	Icon: ComponentType<IconProps> /** After G, this key goes there. */;
	key: string;
	/** Where there is little room. */
	short?: string;
};

/** The pages the nav leads to. A page is listed once it exists: no link here is ever dead. */
export const PAGES: NavPage[] = [
	{ path: "overview", word: "Overview", Icon: OverviewIcon, key: "O" },
	{ path: "pipelines", word: "Pipelines", Icon: PipelinesIcon, key: "P" },
	{ path: "deployments", word: "Deployments", short: "Deploys", Icon: RocketIcon, key: "D" },
];

/** The page of another team that shows the same as this one; what is one team's alone leads to where its kind is listed. */
export function pageInAnyTeam(pathname: string): string {
	const [page = "overview", inner] = pathname.split("/").slice(3).filter(Boolean);
	if (page === "runs") return "pipelines";
	if (page === "environments" || page === "rollbacks") return "deployments";
	return page === "settings" && inner ? `settings/${inner}` : page;
}

/** Whether a page of the nav is where this address is listed: itself, or the page of one thing of its kind. */
export function isWithin(pathname: string, path: string): boolean {
	return pageInAnyTeam(pathname).split("/")[0] === path;
}

/** Stands apart, at the nav's foot. */
export const SETTINGS_PAGE: NavPage = { path: "settings", word: "Settings", Icon: SettingsIcon, key: "S" };
