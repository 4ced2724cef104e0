import { json } from "@remix-run/cloudflare";
import { Outlet, type ShouldRevalidateFunctionArgs, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { hasDemo } from "#worker/domains/deliveries/store.server";
import { rollbacksFromRecords, selectRecentRollbacks } from "#worker/domains/deployments/store.server";
import { readNames } from "#worker/domains/runs/pipelines.server";
import { teamPage } from "../access.server.ts";
import { createLiveLink } from "../live/live-link.ts";
import { LiveLinkContext } from "../live/use-live.ts";
import { Shell } from "../panels/shell/Shell.tsx";
import { isPreferenceForm, readCookie, rememberCookie } from "../preferences.ts";

/** Rollbacks that ended a moment ago are still told of. */
const ENDED_WITHIN_MS = 120_000;

/** Who is looking at which team, and what frames every page of it. */
export const loader = teamPage("runs:read", async ({ request, context, person, team }) => {
	const { db, now } = context;
	const [demo, names, rollbacks] = await Promise.all([
		hasDemo(db, team.id),
		readNames(db, team.id),
		db.all(selectRecentRollbacks(team.id, now - ENDED_WITHIN_MS)),
	]);
	const facts = {
		team: { slug: team.slug, name: team.name, role: team.role },
		teams: person.teams.map(({ slug, name }) => ({ slug, name })),
		person: { name: person.name, login: person.login },
		hasDemo: demo,
		names,
		rollbacks: rollbacksFromRecords(rollbacks),
		environment: context.environment,
		isMac: /Mac|iPhone|iPad/.test(request.headers.get("User-Agent") ?? ""),
		now,
	};
	const headers = new Headers();
	if (readCookie(request.headers.get("Cookie"), "team") !== team.slug) {
		headers.set("Set-Cookie", rememberCookie("team", team.slug, new URL(request.url).protocol === "https:"));
	}
	return json(facts, { headers });
});

/** The frame does not depend on the query, and a live page asks for fresh data often enough. */
export function shouldRevalidate({ currentParams, nextParams, formAction }: ShouldRevalidateFunctionArgs) {
	return currentParams.team !== nextParams.team || (formAction !== undefined && !isPreferenceForm(formAction));
}

/** The frame around a team's pages, and the one live connection they share. */
export default function Team() {
	const { now, ...facts } = useLoaderData<typeof loader>();
	const [link] = useState(() => createLiveLink(`/live/${encodeURIComponent(facts.team.slug)}`, now));
	return (
		<LiveLinkContext.Provider value={link}>
			<Shell facts={facts}>
				<Outlet />
			</Shell>
		</LiveLinkContext.Provider>
	);
}
