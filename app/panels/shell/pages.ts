import type { ComponentType } from "react";
import { AppearanceIcon, type IconProps, IntegrationsIcon, OverviewIcon, PipelinesIcon, SettingsIcon } from "../../ui/icons.tsx";

export type NavPage = { path: string; word: string; Icon: ComponentType<IconProps> /** After G, this key goes there. */; key: string };

/** The pages the nav leads to. A page is listed once it exists: no link here is ever dead. */
export const PAGES: NavPage[] = [
	{ path: "overview", word: "Overview", Icon: OverviewIcon, key: "O" },
	{ path: "pipelines", word: "Pipelines", Icon: PipelinesIcon, key: "P" },
];

/** Stands apart, at the nav's foot. */
export const SETTINGS_PAGE: NavPage = { path: "settings", word: "Settings", Icon: SettingsIcon, key: "S" };

/** Pages inside others, which the palette finds by name. */
export const INNER_PAGES: Omit<NavPage, "key">[] = [
	{ path: "settings/integrations", word: "Integrations", Icon: IntegrationsIcon },
	{ path: "settings/integrations/new", word: "Add integration", Icon: IntegrationsIcon },
	{ path: "settings/appearance", word: "Appearance", Icon: AppearanceIcon },
];

/** There while there is something on it. */
export const DEMO_PAGE: Omit<NavPage, "key"> = { path: "settings/demo", word: "Demo data", Icon: SettingsIcon };
