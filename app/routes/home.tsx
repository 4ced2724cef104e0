import { redirect } from "@remix-run/cloudflare";
import { ownPage } from "../access.server.ts";
import { readCookie } from "../preferences.ts";
import { ErrorCard } from "../ui/ErrorCard.tsx";

/** Leads on to the team looked at last, or the first one. */
export const loader = ownPage(async ({ request, person: { teams } }) => {
	const last = readCookie(request.headers.get("Cookie"), "team");
	const team = teams.find(({ slug }) => slug === last) ?? teams[0];
	if (team) throw redirect(`/t/${team.slug}/overview`);
	return null;
});

/** Someone who is in no team yet. */
export default function Home() {
	return (
		<main id="main" tabIndex={-1} className="mx-auto max-w-lg px-4 pt-[20vh] outline-none">
			<ErrorCard
				told={{ title: "You are in no team yet", message: "Ask an admin to add you to one, then reload this page.", requestId: null }}
			/>
		</main>
	);
}
