import { type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";

/** A team's own address leads to its overview. */
export function loader({ params }: LoaderFunctionArgs): never {
	throw redirect(`/t/${encodeURIComponent(params.team ?? "")}/overview`);
}

/** Never drawn: the loader always redirects. */
export default function TeamHome() {
	return null;
}
