import { redirect } from "@remix-run/cloudflare";
import { publicPage } from "../access.server.ts";

/** A team's own address leads to its overview. */
export const loader = publicPage("leads on to a page that asks", ({ params }): never => {
	throw redirect(`/t/${encodeURIComponent(params.team ?? "")}/overview`);
});

/** Never drawn: the loader always redirects. */
export default function TeamHome() {
	return null;
}
