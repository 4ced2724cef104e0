import { json, type MetaFunction, redirect } from "@remix-run/cloudflare";
import { useActionData, useLoaderData } from "@remix-run/react";
import { hasDemo } from "#worker/domains/deliveries/store.server";
import { mayDo, teamAction, teamPage } from "../../access.server.ts";
import { acting } from "../../acting.server.ts";
import { formatCount } from "../../format/number.ts";
import { DemoRemover } from "../../panels/settings/DemoRemover.tsx";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { StopIcon } from "../../ui/icons.tsx";

/** Runs of one step; the ledger takes deliveries between two of them. */
const STEP = 400;
/** As long as browsers and people wait for an answer without a doubt. What is left then goes with the next press. */
const WORK_MS = 20_000;

export const meta: MetaFunction = () => [{ title: "Demo data · OpsSight" }];

/** Whether there is a demo to remove, for who comes here without scripts. */
export const loader = teamPage("runs:read", async ({ context, team }) => {
	return { hasDemo: await hasDemo(context.db, team.id), refusal: mayDo(team, "demo:remove"), team: team.slug };
});

/** Takes the demo out, as much as fits into one request. */
export const action = teamAction("demo:remove", async ({ request, context, person, team }) => {
	const { ledger, requestId, address } = context;
	const by = { actor: person.userId, role: team.role, requestId, address };
	const until = Date.now() + WORK_MS;
	const outcome = await acting(requestId, async () => {
		let left = 1;
		while (left > 0 && Date.now() < until) ({ left } = await ledger.removeDemo(team.id, STEP, by));
		return { ok: true as const, left };
	});
	// Without scripts the answer is a page of its own; the mark in the bar stays where it is.
	const isDocument = (await request.formData()).get("stay") === null;
	if (outcome.ok && outcome.left === 0 && isDocument) return redirect(`/t/${team.slug}/settings/demo`, 303);
	return json(outcome, { status: outcome.ok ? 200 : outcome.status });
});

/** The demo data, where there are no scripts to remove it from the bar. */
export default function Demo() {
	const { hasDemo, refusal, team } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>();
	const left = outcome?.ok ? outcome.left : null;
	return (
		<>
			<SettingsHead title="Demo data" about="Made-up runs that show the product." />
			<div className="max-w-xl">
				<Card title={hasDemo ? "Some of what this team sees is made up" : "There is no demo data"}>
					<div className="flex flex-col items-start gap-3 px-3.5 pb-3.5 text-body text-t2">
						{hasDemo ? (
							<>
								<p>
									{left === null || left === 0
										? "Removing it leaves real runs as they are, and it does not come back at the next start."
										: `Some of it is removed; ${formatCount(left)} runs are left. Press once more to go on.`}
								</p>
								{outcome?.ok === false && (
									<p role="alert" className="flex items-start gap-1.5 text-t1">
										<StopIcon className="mt-0.5 size-4 text-bad" />
										{outcome.told} req {outcome.requestId}
									</p>
								)}
								<DemoRemover team={team} refusal={refusal} />
							</>
						) : (
							<>
								<p>What this team sees is its own.</p>
								<a href={`/t/${team}/overview`} className={buttonClass()}>
									Open the Overview
								</a>
							</>
						)}
					</div>
				</Card>
			</div>
		</>
	);
}
