import { Outlet, type ShouldRevalidateFunctionArgs, useLoaderData } from "@remix-run/react";
import { readHead } from "#worker/domains/deliveries/store.server";
import { teamPage } from "../../access.server.ts";
import { useLive } from "../../live/use-live.ts";
import { foldPosition } from "../../panels/settings/fold-position.ts";
import { SettingsNav } from "../../panels/settings/SettingsNav.tsx";
import type { PageHandle } from "../../panels/shell/handle.ts";
import { isPreferenceForm } from "../../preferences.ts";

/** Settings are the same whatever is filtered. */
export const handle: PageHandle = { filters: [] };

/** Where the team's stream stands: the settings listen to it, though they fold nothing. */
export const loader = teamPage("live:watch", async ({ context, team }) => {
	const head = await readHead(context.db, team.id);
	return { epoch: head?.epoch ?? "", seq: head?.no ?? 0 };
});

/** The pages inside ask again often; where the stream stands they need only once. */
export function shouldRevalidate({ currentParams, nextParams, formAction }: ShouldRevalidateFunctionArgs) {
	return currentParams.team !== nextParams.team || (formAction !== undefined && !isPreferenceForm(formAction));
}

/** The settings of a team, with their own small nav. */
export default function Settings() {
	useLive(useLoaderData<typeof loader>(), { fold: foldPosition, viewKey: "", isOld: false });
	return (
		<div className="flex flex-col gap-3.5 pt-6 lg:flex-row lg:gap-6">
			<SettingsNav />
			<div className="min-w-0 flex-1">
				<Outlet />
			</div>
		</div>
	);
}
