import type { MetaFunction } from "@remix-run/cloudflare";
import { useActionData, useLoaderData } from "@remix-run/react";
import { endOtherSessions, endSession } from "#worker/domains/auth/actions.server";
import { listSessions } from "#worker/domains/auth/store.server";
import { teamAction, teamPage } from "../../access.server.ts";
import { depsOf, outcomeOf, unknownAct } from "../../acting.server.ts";
import { plural } from "../../format/number.ts";
import { SureButton } from "../../panels/settings/ActButton.tsx";
import { endingOf } from "../../panels/settings/consequences.ts";
import { SessionRow } from "../../panels/settings/SessionRow.tsx";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { Told } from "../../panels/settings/Told.tsx";
import { unlessPreference } from "../../preferences.ts";
import { Card } from "../../ui/Card.tsx";

export const meta: MetaFunction = () => [{ title: "Sessions · OpsSight" }];

/** Where this person is signed in. */
export const loader = teamPage("settings:own", async ({ context: { db, now }, person: { userId, sessionId: currentId } }) => {
	return { sessions: await listSessions(db, userId, { currentId, now }) };
});

/** End one, or all others. */
export const action = teamAction("settings:own", async ({ request, context, person }) => {
	const deps = depsOf(context, person);
	const { requestId } = deps;
	const form = await request.formData();
	const act = String(form.get("act"));
	switch (act) {
		case "end":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				await endSession(deps, { id: form.get("id") });
				return { told: "Ended. What it had open is signed out." };
			});
		case "endOthers":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				const ended = await endOtherSessions(deps);
				return { told: ended === 0 ? "There was no other session." : `${plural(ended, "session")} ended.` };
			});
		default:
			throw unknownAct(requestId);
	}
});

export { actOrTold as clientAction } from "../../panels/settings/act-or-told.ts";

export const shouldRevalidate = unlessPreference;

/** Where am I signed in, and is all of that me? */
export default function Sessions() {
	const { sessions } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>() ?? null;
	const others = sessions.filter(({ isCurrent }) => !isCurrent);
	return (
		<>
			<SettingsHead title="Sessions" about="Where you are signed in. A session ends after 12 hours without use, and after 7 days." />
			<div className="flex flex-col gap-3.5">
				<Told outcome={outcome} />
				<Card
					title="Your sessions"
					note={`${sessions.length}`}
					aside={
						others.length > 0 && <SureButton act="endOthers" name="End all others" words="End all others" consequence={endingOf(others)} />
					}
				>
					<ul className="divide-y divide-line border-t border-line">
						{sessions.map((session) => (
							<SessionRow key={session.id} session={session} />
						))}
					</ul>
				</Card>
			</div>
		</>
	);
}
