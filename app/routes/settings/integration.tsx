import { json, type MetaFunction } from "@remix-run/cloudflare";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { readIntegrations } from "#worker/domains/integrations/report.server";
import { mayDo, teamAction, teamPage } from "../../access.server.ts";
import { acting } from "../../acting.server.ts";
import { SetupSteps, type Tested } from "../../panels/integrations/SetupSteps.tsx";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { unlessPreference } from "../../preferences.ts";
import { buttonClass } from "../../ui/Button.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
	{ title: `${data && "report" in data ? data.report.name : "Integration"} · OpsSight` },
];

/** One integration as its set-up steps need it. A page that waits for the first event asks for this every few seconds. */
export const loader = teamPage("integrations:read", async ({ request, context, params, team }) => {
	const { db, now, requestId } = context;
	const integrations = await readIntegrations(db, team.id, now);
	const report = integrations.find(({ id }) => id === params.integration);
	if (!report) throw json({ message: "There is no such integration in this team.", requestId }, { status: 404 });
	return {
		...{ report, refusal: mayDo(team, "integrations:manage"), origin: new URL(request.url).origin },
	};
});

/** Sends a test: a ping, signed with the integration's own secret, through the door that its sender uses. */
export const action = teamAction("integrations:manage", async ({ context, params, team }) => {
	const outcome = await acting(context.requestId, async () => ({
		ok: true as const,
		...(await context.sendTest(team.id, params.integration ?? "")),
	}));
	const tested: Tested = outcome.ok ? { ok: outcome.isTaken, told: outcome.told } : { ok: false, told: outcome.told };
	return json(tested, { status: outcome.ok ? 200 : outcome.status });
});

export const shouldRevalidate = unlessPreference;

/** The set-up steps of an integration that exists. Its secret is not shown again. */
export default function Integration() {
	const { report, refusal, origin } = useLoaderData<typeof loader>();
	const tested = useActionData<typeof action>() ?? null;
	return (
		<>
			<SettingsHead
				title={report.name}
				about="What to do on the sender's side."
				aside={
					<Link to=".." relative="path" className={buttonClass()}>
						All integrations
					</Link>
				}
			/>
			<SetupSteps report={report} origin={origin} secret={null} refusal={refusal} tested={tested} />
		</>
	);
}
