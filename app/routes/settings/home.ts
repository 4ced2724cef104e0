import { redirect } from "@remix-run/cloudflare";
import { publicPage } from "../../access.server.ts";

/** The settings begin with what is connected. Filters follow, for the way back. */
export const loader = publicPage("leads on to a page that asks", ({ params, request }): never => {
	const search = new URL(request.url).searchParams;
	// Remix's own parameter.
	search.delete("_data");
	const text = search.toString();
	throw redirect(`/t/${encodeURIComponent(params.team ?? "")}/settings/integrations${text === "" ? "" : `?${text}`}`);
});

/** Never drawn: the loader always redirects. */
export default function SettingsHome() {
	return null;
}
