import type { MetaFunction } from "@remix-run/cloudflare";
import { useActionData, useLoaderData } from "@remix-run/react";
import { createToken, endToken, rotateToken } from "#worker/domains/auth/actions.server";
import { scopesToGive, type TokenReport } from "#worker/domains/auth/model";
import { listTokens } from "#worker/domains/auth/store.server";
import { mayAct, mayDo, teamAction, teamPage } from "../../access.server.ts";
import { depsOf, outcomeOf, unknownAct } from "../../acting.server.ts";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { TokenList } from "../../panels/settings/TokenList.tsx";
import { unlessPreference } from "../../preferences.ts";

export const meta: MetaFunction = () => [{ title: "Tokens · OpsSight" }];

/** One's own tokens, and for admins the machines'. */
export const loader = teamPage("tokens:own", async ({ context: { db, now }, person, team }) => {
	const refusal = mayDo(team, "tokens:manage");
	const none: TokenReport[] = [];
	const [own, machine] = await Promise.all([
		listTokens(db, team.id, { ownerId: person.userId }, now),
		refusal === null ? listTokens(db, team.id, { kind: "machine" }, now) : none,
	]);
	const ownRefusal = mayAct(person, team, "tokens:own");
	return { own, machine, refusal, ownRefusal, scopes: scopesToGive(person, team.id) };
});

/** Make, exchange, end. */
export const action = teamAction("tokens:own", async ({ request, context, person, team, need }) => {
	const deps = depsOf(context, person);
	const { requestId } = deps;
	const form = await request.formData();
	const act = String(form.get("act"));
	const kind = form.get("kind") === "machine" ? "machine" : "personal";
	if (kind === "machine") await need("tokens:manage");
	const id = String(form.get("id") ?? "");
	switch (act) {
		case "create":
			return await outcomeOf(requestId, { act, id: kind }, async () => {
				const days = String(form.get("days") ?? "90");
				const asked = { kind, name: form.get("name"), scopes: form.getAll("scope"), expiresInDays: days === "never" ? null : Number(days) };
				const { token: value, name } = await createToken(deps, team.id, asked);
				return { told: `${name} is made. Copy it now: it is shown this once.`, secret: { label: "New token", value } };
			});
		case "rotate":
			return await outcomeOf(requestId, { act, id: kind }, async () => {
				const { token: value, name } = await rotateToken(deps, team.id, { id });
				const told = `${name} has a new value, shown this once. The one before works up to 24 hours longer.`;
				return { told, secret: { label: "New token", value } };
			});
		case "revoke":
			return await outcomeOf(requestId, { act, id: kind }, async () => {
				await endToken(deps, team.id, { id });
				return { told: "Revoked. It is refused from now on." };
			});
		default:
			throw unknownAct(requestId);
	}
});

export { actOrTold as clientAction } from "../../panels/settings/act-or-told.ts";

export const shouldRevalidate = unlessPreference;

/** What can speak to the API of this team? */
export default function Tokens() {
	const { own, machine, refusal, ownRefusal, scopes } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>() ?? null;
	const of = (kind: string) => (outcome?.id === kind ? outcome : null);
	return (
		<>
			<SettingsHead title="Tokens" about="What may speak to the API of this team. Only a hash of each is kept." />
			<div className="flex flex-col gap-3.5">
				<TokenList title="Your tokens" kind="personal" tokens={own} scopes={scopes} refusal={ownRefusal} outcome={of("personal")} />
				<TokenList title="Machine tokens" kind="machine" tokens={machine} scopes={scopes} refusal={refusal} outcome={of("machine")} />
			</div>
		</>
	);
}
