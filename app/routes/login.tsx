import { json, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/cloudflare";
import { useLoaderData } from "@remix-run/react";
import { SignInCard } from "../panels/shell/SignInCard.tsx";
import { localPath } from "../preferences.ts";

export const meta: MetaFunction = () => [{ title: "Sign in · OpsSight" }];

/** What ways in exist here, and where to go afterwards. Someone who is signed in goes there at once. */
export async function loader({ request, context }: LoaderFunctionArgs) {
	const next = localPath(new URL(request.url).searchParams.get("next"), "/");
	if (context.actor?.kind === "person") throw redirect(next);
	return json({ next, demo: context.demoSignIn ? (context.demoTeams ?? []) : null });
}

/** How do I get in? */
export default function Login() {
	const { next, demo } = useLoaderData<typeof loader>();
	return (
		<main id="main" tabIndex={-1} className="grid min-h-dvh place-items-center px-4 py-10 outline-none">
			<SignInCard next={next} demo={demo} />
		</main>
	);
}
