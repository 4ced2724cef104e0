import { Outlet } from "@remix-run/react";
import { SettingsNav } from "../../panels/settings/SettingsNav.tsx";
import type { PageHandle } from "../../panels/shell/handle.ts";
import { PanelBoundary } from "../../ui/PanelBoundary.tsx";

/** Settings are the same whatever is filtered. */
export const handle: PageHandle = { filters: [] };

/** The settings of a team, with their own small nav. */
export default function Settings() {
	return (
		<div className="flex flex-col gap-3.5 lg:flex-row lg:gap-6">
			<SettingsNav />
			<div className="min-w-0 flex-1">
				<PanelBoundary name="Settings">
					<Outlet />
				</PanelBoundary>
			</div>
		</div>
	);
}
