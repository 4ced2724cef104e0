import {
	isRouteErrorResponse,
	Link,
	Outlet,
	type ShouldRevalidateFunctionArgs,
	useParams,
	useRevalidator,
	useRouteError,
	useRouteLoaderData,
} from "@remix-run/react";
import type { ReactNode } from "react";
import { teamPage } from "../../access.server.ts";
import { SettingsNav } from "../../panels/settings/SettingsNav.tsx";
import type { PageHandle } from "../../panels/shell/handle.ts";
import { Listening } from "../../panels/shell/Listening.tsx";
import { loadPosition } from "../../panels/shell/load-position.server.ts";
import { isPreferenceForm } from "../../preferences.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorCard, PLAIN_BUTTON, useToldError } from "../../ui/ErrorCard.tsx";

/** Settings are the same whatever is filtered. */
export const handle: PageHandle = { filters: [] };

/** Where the team's stream stands: the settings listen to it, though they fold nothing. */
export const loader = teamPage("live:watch", async ({ context, team }) => {
	return await loadPosition(context.db, team.id);
});

/** The pages inside ask again often; where the stream stands they need only once. */
export function shouldRevalidate({ currentParams, nextParams, formAction }: ShouldRevalidateFunctionArgs) {
	return currentParams.team !== nextParams.team || (formAction !== undefined && !isPreferenceForm(formAction));
}

/** The settings of a team, with their own small nav. */
export default function Settings() {
	return (
		<Frame>
			<Outlet />
		</Frame>
	);
}

/** A page of the settings that failed, or is for others: the other pages stay in reach. */
export function ErrorBoundary() {
	const error = useRouteError();
	const told = useToldError(null);
	const { team } = useParams();
	const { revalidate } = useRevalidator();
	return (
		<Frame>
			<title>{`${told.title} · OpsSight`}</title>
			<ErrorCard told={told}>
				{isRouteErrorResponse(error) && error.status === 403 ? (
					<Link to={`/t/${team}/settings/members`} className={PLAIN_BUTTON}>
						See who is admin
					</Link>
				) : (
					<Button onClick={revalidate} className="needs-script">
						Try again
					</Button>
				)}
			</ErrorCard>
		</Frame>
	);
}

function Frame({ children }: { children: ReactNode }) {
	// Not of this route alone: where a page failed, the frame is drawn by the boundary.
	const loaded = useRouteLoaderData<typeof loader>("routes/settings/layout");
	return (
		<div className="flex flex-col gap-3.5 pt-1 sm:pt-3 lg:flex-row lg:gap-6">
			{loaded && <Listening loaded={loaded} />}
			<SettingsNav />
			<div className="min-w-0 flex-1">{children}</div>
		</div>
	);
}
