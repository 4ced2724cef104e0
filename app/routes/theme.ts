import { type ActionFunctionArgs, json, redirect } from "@remix-run/cloudflare";
import { isTheme, localPath, rememberCookie } from "../preferences.ts";

/** Remembers a theme. A form without scripts says where to go back to; a script only wants to know that it is done. */
export async function action({ request, context }: ActionFunctionArgs) {
	const form = await request.formData();
	const theme = form.get("theme");
	if (!isTheme(theme)) throw json({ message: "That is no theme.", requestId: context.requestId }, { status: 422 });
	const headers = { "Set-Cookie": rememberCookie("theme", theme, new URL(request.url).protocol === "https:") };
	const next = form.get("next");
	return next === null ? json({ theme }, { headers }) : redirect(localPath(next, "/"), { headers });
}

/** Nothing to see here: someone opened the form's address. */
export function loader() {
	return redirect("/");
}
