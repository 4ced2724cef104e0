import { type ActionFunctionArgs, json, redirect } from "@remix-run/cloudflare";
import { readRange } from "../format/range-input.ts";
import { isTimeZone } from "../format/time.ts";
import { searchForRange } from "../format/view.ts";
import { localPath } from "../preferences.ts";

/** A typed range from a form without scripts: leads back to the page, with the range in its address. */
export async function action({ request, context }: ActionFunctionArgs) {
	const form = await request.formData();
	const [from, to, zone] = ["from", "to", "zone"].map((name) => String(form.get(name) ?? ""));
	const read = readRange({ from: from ?? "", to: to ?? "" }, { now: context.now, zone: zone && isTimeZone(zone) ? zone : "UTC" });
	if (!read.ok) {
		const message = [read.fields.from && `From: ${read.fields.from}`, read.fields.to && `To: ${read.fields.to}`].filter(Boolean).join(" ");
		throw json({ message: `${message} Go back to correct it.`, requestId: context.requestId }, { status: 422 });
	}
	// Taken apart by hand: a URL would read the path "/.//elsewhere" as "//elsewhere", which leads away from here.
	const [path = "/", query] = localPath(form.get("next"), "/").split("#", 1)[0]?.split("?") ?? [];
	return redirect(path + searchForRange(new URLSearchParams(query), read.range));
}

/** Nothing to see here: someone opened the form's address. */
export function loader() {
	return redirect("/");
}
