import { json, type MetaFunction, redirect } from "@remix-run/cloudflare";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { acceptInvitation, readInvitation } from "#worker/domains/teams/actions.server";
import { ownPage, type Person } from "../access.server.ts";
import type { PageContext } from "../context.ts";
import { Button, buttonClass } from "../ui/Button.tsx";
import { MarkIcon } from "../ui/icons.tsx";
import { TimeText } from "../ui/TimeText.tsx";

export const meta: MetaFunction = () => [{ title: "Invitation · OpsSight" }];

function depsOf({ context, person: actor }: { context: PageContext; person: Person }) {
	const { db, ledger, requestId, address, now } = context;
	return { db, ledger, actor, requestId, address, now };
}

/** What the link invites to; who is not signed in does that first and comes back. */
export const loader = ownPage(async (args) => json(await readInvitation(depsOf(args), args.params.token ?? "")));

/** Join the team. */
export const action = ownPage(async (args) => {
	const slug = await acceptInvitation(depsOf(args), args.params.token ?? "");
	return redirect(`/t/${slug}/overview`);
});

/** Do I want to be in this team? */
export default function Invitation() {
	const { team, slug, role, createdBy, expiresAt, isMember, refusal } = useLoaderData<typeof loader>();
	return (
		<main id="main" tabIndex={-1} className="grid min-h-dvh place-items-center px-4 py-10 outline-none">
			<section className="w-full max-w-sm rounded-dialog border border-line bg-s1 p-6">
				<div className="flex items-center gap-2.5">
					<MarkIcon className="size-7" />
					<h1 className="text-verdict font-[650]">Join {team}?</h1>
				</div>
				{refusal === null ? (
					<Form method="post" className="mt-4">
						<p className="text-body text-t2">
							{createdBy} invites you as {role}. The invitation ends <TimeText at={expiresAt} />.
						</p>
						<Button type="submit" tone="primary" className="mt-4 w-full">
							Join as {role}
						</Button>
					</Form>
				) : (
					<>
						<p className="mt-4 text-body text-t2">{refusal}</p>
						<Link to={isMember ? `/t/${slug}/overview` : "/"} className={`${buttonClass({})} mt-4`}>
							Go to OpsSight
						</Link>
					</>
				)}
			</section>
		</main>
	);
}
