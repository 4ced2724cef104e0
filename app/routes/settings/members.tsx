import type { MetaFunction } from "@remix-run/cloudflare";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { ROLES } from "#worker/domains/auth/model";
import { changeRole, createInvitation, removeMember, revokeInvitation } from "#worker/domains/teams/actions.server";
import type { Holdings, InvitationReport } from "#worker/domains/teams/model";
import { listHoldings, listInvitations, listMembers } from "#worker/domains/teams/store.server";
import { mayDo, teamAction, teamPage } from "../../access.server.ts";
import { depsOf, outcomeOf, unknownAct } from "../../acting.server.ts";
import { InvitationRow } from "../../panels/settings/InvitationRow.tsx";
import { MemberRow } from "../../panels/settings/MemberRow.tsx";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { Told, WhyNot } from "../../panels/settings/Told.tsx";
import { FIELD } from "../../panels/shell/fields.ts";
import { roleWord } from "../../panels/shell/SideNav.tsx";
import { unlessPreference } from "../../preferences.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";

const WHY_ID = "why-not";

export const meta: MetaFunction = () => [{ title: "Members · OpsSight" }];

/** Everybody in the team; for who may invite also who is invited. */
export const loader = teamPage("members:read", async ({ context: { db, now }, person, team }) => {
	const refusal = mayDo(team, "members:manage");
	const [members, invitations, holdings] = await Promise.all([
		listMembers(db, team.id),
		refusal === null ? listInvitations(db, team.id, now) : ([] as InvitationReport[]),
		refusal === null ? listHoldings(db, team.id, now) : ([] as Holdings[]),
	]);
	return { members, invitations, holdings, refusal, me: person.userId };
});

/** Roles, leaving, invitations. */
export const action = teamAction("members:manage", async ({ request, context, person, team }) => {
	const deps = depsOf(context, person);
	const { requestId } = deps;
	const form = await request.formData();
	const id = String(form.get("id") ?? "");
	const role = form.get("role");
	const act = String(form.get("act"));
	switch (act) {
		case "role":
			return await outcomeOf(requestId, { act, id }, async () => {
				await changeRole(deps, team.id, { userId: id, role });
				return { told: `The role is ${role} now, from the next request on.` };
			});
		case "remove":
			return await outcomeOf(requestId, { act, id }, async () => {
				await removeMember(deps, team.id, { userId: id });
				return { told: "Removed. Their tokens of this team are revoked and their open pages are signed out." };
			});
		case "invite":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				const login = String(form.get("login") ?? "").trim() || null;
				const { path } = await createInvitation(deps, team.id, { role, login });
				const value = new URL(path, request.url).href;
				return {
					told: "Send this link. It is shown this once, works once and ends in seven days.",
					secret: { label: "Invitation link", value },
				};
			});
		case "uninvite":
			return await outcomeOf(requestId, { act, id: null }, async () => {
				await revokeInvitation(deps, team.id, { id });
				return { told: "The invitation is taken back." };
			});
		default:
			throw unknownAct(requestId);
	}
});

export { actOrTold as clientAction } from "../../panels/settings/act-or-told.ts";

export const shouldRevalidate = unlessPreference;

/** Who is in this team, and what may they do? */
export default function Members() {
	const { members, invitations, holdings, refusal, me } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>() ?? null;
	const whyId = refusal === null ? undefined : WHY_ID;
	const isAboutMember = outcome !== null && members.some(({ userId }) => userId === outcome.id);
	return (
		<>
			<SettingsHead title="Members" about="Who is in this team, and what each of them may do." />
			<div className="flex flex-col gap-3.5">
				<WhyNot id={WHY_ID} refusal={refusal} />
				{!isAboutMember && outcome?.act !== "invite" && <Told outcome={outcome} />}
				<Card title="Members" note={`${members.length}`}>
					<ul className="divide-y divide-line border-t border-line">
						{members.map((member) => (
							<MemberRow
								key={member.userId}
								member={member}
								holdings={holdings.find(({ userId }) => userId === member.userId) ?? null}
								isMe={member.userId === me}
								whyId={whyId}
								outcome={outcome?.id === member.userId ? outcome : null}
							/>
						))}
					</ul>
				</Card>
				<Card title="Invite somebody">
					<div className="flex flex-col gap-3 px-3.5 pb-3.5">
						<Form method="post" preventScrollReset className="flex flex-wrap items-end gap-3">
							<input type="hidden" name="act" value="invite" />
							<label className="block">
								<span className="mb-1 block text-sec font-medium text-t2">Role</span>
								<select name="role" defaultValue="member" disabled={whyId !== undefined} aria-describedby={whyId} className={FIELD}>
									{ROLES.map((role) => (
										<option key={role} value={role}>
											{roleWord(role)}
										</option>
									))}
								</select>
							</label>
							<label className="block min-w-0 basis-56">
								<span className="mb-1 block text-sec font-medium text-t2">Only for this GitHub login, if you like</span>
								<input
									name="login"
									maxLength={39}
									autoComplete="off"
									spellCheck={false}
									disabled={whyId !== undefined}
									aria-describedby={whyId}
									className={FIELD}
								/>
							</label>
							<Button type="submit" tone="primary" disabled={whyId !== undefined} aria-describedby={whyId}>
								Create invitation link
							</Button>
						</Form>
						{outcome?.act === "invite" && <Told outcome={outcome} />}
						{invitations.length > 0 && (
							<ul aria-label="Open invitations" className="divide-y divide-line border-t border-line">
								{invitations.map((invitation) => (
									<InvitationRow key={invitation.id} invitation={invitation} />
								))}
							</ul>
						)}
					</div>
				</Card>
			</div>
		</>
	);
}
