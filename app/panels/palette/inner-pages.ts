import { RocketIcon, ScreenIcon, SettingsIcon, TableIcon } from "../../ui/icons.tsx";
import { AppearanceIcon, IntegrationsIcon, LockIcon, PersonIcon, ServerIcon } from "../../ui/icons-more.tsx";
import type { NavPage } from "../shell/pages.ts";

/** Pages inside others, which the palette finds by name. */
export const INNER_PAGES: Omit<NavPage, "key">[] = [
	{ path: "settings/integrations", word: "Integrations", Icon: IntegrationsIcon },
	{ path: "settings/integrations/new", word: "Add integration", Icon: IntegrationsIcon },
	{ path: "settings/agents", word: "Agents and clusters", Icon: ServerIcon },
	{ path: "deployments/new", word: "Deploy…", Icon: RocketIcon },
	{ path: "settings/members", word: "Members", Icon: PersonIcon },
	{ path: "settings/tokens", word: "Tokens", Icon: LockIcon },
	{ path: "settings/sessions", word: "Sessions", Icon: ScreenIcon },
	{ path: "settings/audit", word: "Audit", Icon: TableIcon },
	{ path: "settings/appearance", word: "Appearance", Icon: AppearanceIcon },
];

/** There while there is something on it. */
export const DEMO_PAGE: Omit<NavPage, "key"> = { path: "settings/demo", word: "Demo data", Icon: SettingsIcon };
