import { type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";

/** The settings begin with what is connected. Filters follow, for the way back. */
export function loader({ params, request }: LoaderFunctionArgs): never {
	const search = new URL(request.url).searchParams;
	// Remix's own parameter.
	search.delete("_data");
	const text = search.toString();
	throw redirect(`/t/${encodeURIComponent(params.team ?? "")}/settings/integrations${text === "" ? "" : `?${text}`}`);
}

/** Never drawn: the loader always redirects. */
export default function SettingsHome() {
	return null;
}
