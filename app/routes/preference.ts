import { json, redirect } from "@remix-run/cloudflare";
import { publicPage } from "../access.server.ts";
import { isPreference, localPath, preferenceCookie, preferenceFrom } from "../preferences.ts";

/**
 * Remembers a preference: `POST /settings/theme`, `/settings/zone`, `/settings/nav`, `/settings/keys`, each with a field of its name.
 * A form without scripts says where to go back to; a script only wants to know that it is done.
 */
export const action = publicPage("it changes nothing but a cookie of this browser", async ({ request, context, params }) => {
	const { preference: name } = params;
	if (!isPreference(name)) throw json({ message: "There is nothing at this address.", requestId: context.requestId }, { status: 404 });
	const form = await request.formData();
	// The last one counts: a list of choices may stand beside a field to type in.
	const value = preferenceFrom(name, form.getAll(name).at(-1));
	if (value === null) throw json({ message: REFUSALS[name], requestId: context.requestId }, { status: 422 });
	const headers = { "Set-Cookie": preferenceCookie(name, value, new URL(request.url).protocol === "https:") };
	const next = form.get("next");
	return next === null ? json({ [name]: value }, { headers }) : redirect(localPath(next, "/"), { headers });
});

const REFUSALS = {
	theme: "That is no theme.",
	zone: "That is no time zone known here. Go back and choose one like Europe/Berlin.",
	nav: "The navigation is either wide or narrow.",
	keys: "Single-letter shortcuts are either on or off.",
};

/** Nothing to see here: someone opened the form's address. */
export const loader = publicPage("leads on to a page that asks", () => redirect("/"));
