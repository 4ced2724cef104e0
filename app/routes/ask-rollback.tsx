import { json, type MetaFunction, redirect } from "@remix-run/cloudflare";
import {
	type ClientActionFunctionArgs,
	type ClientLoaderFunctionArgs,
	Form,
	Link,
	useActionData,
	useLoaderData,
	useParams,
} from "@remix-run/react";
import { mayDo, teamAction, teamPage } from "../access.server.ts";
import { acting, answered, askerOf } from "../acting.server.ts";
import { answerOrTold } from "../live/answer-or-told.ts";
import { rollbackPage } from "../panels/deployments/addresses.ts";
import { needsReason, newKey, proposedReason, type RollbackAnswer, type RollbackForm, whyNotNow } from "../panels/rollback/ask.ts";
import { OfferView } from "../panels/rollback/OfferView.tsx";
import { FIELD } from "../panels/shell/fields.ts";
import type { PageHandle } from "../panels/shell/handle.ts";
import { Listening } from "../panels/shell/Listening.tsx";
import { loadPosition } from "../panels/shell/load-position.server.ts";
import { PlainHead } from "../panels/shell/PlainHead.tsx";
import { Button, buttonClass } from "../ui/Button.tsx";
import { InfoIcon, StopIcon } from "../ui/icons.tsx";
import { UndoIcon } from "../ui/icons-more.tsx";
import { Labelled } from "../ui/Labelled.tsx";

const WHY_ID = "why-not";

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction = () => [{ title: "Roll back · OpsSight" }];

/** What the dialog draws, and this page for windows without scripts: one snapshot. */
export const loader = teamPage("deployments:read", async ({ request, context, params, person, team }) => {
	const { searchParams } = new URL(request.url);
	const component = searchParams.get("component") ?? "";
	const to = searchParams.get("to") ?? "";
	const answer = await context.environments.offer(team.id, params.id ?? "", {
		...{ askerId: person.userId, ...(component !== "" && { component }), ...(to !== "" && { to }) },
	});
	if (!answer.ok && answer.code === "notFound") throw json({ message: answer.message, requestId: context.requestId }, { status: 404 });
	const form: RollbackForm = {
		offer: answer.ok ? answer.offer : null,
		refused: answer.ok ? null : answer.message,
		refusal: mayDo(team, "rollbacks:request"),
		mayForce: mayDo(team, "rollbacks:force") === null,
		...{ me: person.name, key: newKey() },
	};
	return json({ ...form, position: await loadPosition(context.db, team.id) });
});

/** Asks for it. The dialog is answered in place; a form without scripts is led to the rollback's own page. */
export const action = teamAction("rollbacks:request", async ({ request, context, params, person, team }) => {
	const { requestId } = context;
	const form = await request.formData();
	const text = (name: string) => String(form.get(name) ?? "").trim();
	const given = (name: string) => (text(name) === "" ? {} : { [name]: text(name) });
	const outcome = await acting(requestId, async () => {
		const asked = { seen: text("seen"), key: text("key"), ...given("component"), ...given("to"), ...given("reason"), ...given("confirm") };
		return answered(await context.environments.rollBack(team.id, params.id ?? "", askerOf(context, person, team), asked));
	});
	if (!outcome.ok) {
		const { told, status } = outcome;
		return json<RollbackAnswer>({ ok: false, code: status === 409 ? "conflict" : "refused", told, requestId }, { status });
	}
	if (text("via") !== "dialog") throw redirect(rollbackPage(team.slug, outcome.rollback.id));
	return json<RollbackAnswer>({ ok: true, rollback: outcome.rollback, isRepeat: outcome.isRepeat }, { status: 202 });
});

/** The dialog lies over another page, which must not go because this one could not be read. */
export async function clientLoader({ serverLoader }: ClientLoaderFunctionArgs) {
	const loaded = await answerOrTold(() => serverLoader<typeof loader>());
	if (!("ok" in loaded)) return loaded;
	const nothing: RollbackForm = { offer: null, refused: loaded.told, refusal: null, mayForce: false, me: "", key: "" };
	return { ...nothing, position: null };
}

/** @see clientLoader */
export async function clientAction({ serverAction }: ClientActionFunctionArgs) {
	return await answerOrTold(() => serverAction<typeof action>());
}

/** The rollback's form as a page of its own: for windows without scripts, and for whoever opens it in a tab. */
export default function AskRollback() {
	const { position, ...form } = useLoaderData<typeof loader>();
	const answer = useActionData<typeof action>() as RollbackAnswer | undefined;
	const { team = "-" } = useParams();
	const { offer } = form;
	if (!offer) {
		return (
			<div className="mx-auto max-w-3xl pt-3">
				{position && <Listening loaded={position} />}
				<PlainHead title="Roll back" />
				<p className="text-body">{form.refused}</p>
				<Back team={team} />
			</div>
		);
	}
	const why = whyNotNow({ ...form, offer });
	const isRequired = needsReason(offer);
	const mustType = offer.confirm === "word" || offer.checks.some(({ tone }) => tone === "stop");
	return (
		<div className="mx-auto flex max-w-3xl flex-col gap-3.5">
			{position && <Listening loaded={position} />}
			<PlainHead title="Roll back" />
			<h2 className="text-verdict font-semibold">
				Roll back {offer.component} in {offer.environment.name}?
			</h2>
			<OfferView offer={offer} />
			<Form method="post" className="flex flex-col gap-3.5 border-t border-line pt-3.5">
				<input type="hidden" name="key" value={form.key} />
				<input type="hidden" name="seen" value={offer.seen} />
				<input type="hidden" name="component" value={offer.component} />
				{offer.to && <input type="hidden" name="to" value={offer.to.deploymentId} />}
				<Labelled words={isRequired ? "Reason (nothing is failing: say why)" : "Reason (goes to the audit log)"}>
					<input
						name="reason"
						defaultValue={proposedReason(offer)}
						maxLength={300}
						required={isRequired}
						autoComplete="off"
						className={FIELD}
					/>
				</Labelled>
				{mustType && (
					<Labelled words={`Type ${offer.word} to confirm`} className="sm:max-w-56">
						<input name="confirm" required autoComplete="off" autoCapitalize="off" spellCheck={false} className={FIELD} />
					</Labelled>
				)}
				{answer && !answer.ok && (
					<p role="alert" className="flex items-start gap-1.5 text-body text-bad">
						<StopIcon className="mt-0.5 size-4" />
						<span>
							{answer.told} <code className="font-mono text-sec text-t3">req {answer.requestId}</code>
						</span>
					</p>
				)}
				{why !== null && (
					<p id={WHY_ID} className="flex items-start gap-1.5 text-body text-t2">
						<InfoIcon className="mt-0.5 size-4" />
						{why}
					</p>
				)}
				<div className="flex flex-wrap gap-2">
					<Button
						type="submit"
						tone="danger"
						disabled={why !== null}
						aria-describedby={why === null ? undefined : WHY_ID}
						className="max-sm:h-12 max-sm:w-full"
					>
						<UndoIcon />
						Roll back {offer.environment.name}
					</Button>
					<Back team={team} />
				</div>
			</Form>
		</div>
	);
}

function Back({ team }: { team: string }) {
	return (
		<Link to={`/t/${team}/deployments`} className={buttonClass()}>
			Cancel
		</Link>
	);
}
