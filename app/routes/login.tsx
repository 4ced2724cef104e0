import { json, type MetaFunction, redirect } from "@remix-run/cloudflare";
import { useLoaderData } from "@remix-run/react";
import { wordsOfProblem } from "#worker/domains/auth/problems";
import { publicPage } from "../access.server.ts";
import { SignInCard } from "../panels/shell/SignInCard.tsx";
import { localPath } from "../preferences.ts";

export const meta: MetaFunction = () => [{ title: "Sign in · OpsSight" }];

/**
 * What ways in exist here, why the last try failed, and where to go afterwards. Someone who is signed in goes there at once,
 * unless this installation waits for its first admin: that may be them.
 */
export const loader = publicPage("this is how somebody comes to be somebody", ({ request, context }) => {
	const { searchParams } = new URL(request.url);
	const next = localPath(searchParams.get("next"), "/");
	const { actor, signIn } = context;
	const person = actor?.kind === "person" ? actor : null;
	if (person && !signIn.setup) throw redirect(next);
	return json({
		next,
		...signIn,
		problem: wordsOfProblem(searchParams.get("problem")),
		signedInAs: person?.name ?? null,
		demo: context.demoSignIn ? (context.demoTeams ?? []) : null,
	});
});

/** How do I get in? */
export default function Login() {
	return (
		<main id="main" tabIndex={-1} className="grid min-h-dvh place-items-center px-4 py-10 outline-none">
			<SignInCard {...useLoaderData<typeof loader>()} />
		</main>
	);
}
