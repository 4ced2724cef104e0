import { json, type MetaFunction, redirect } from "@remix-run/cloudflare";
import { isRouteErrorResponse, useRouteError } from "@remix-run/react";
import { redact } from "#worker/domains/redaction/mask";
import { publicPage } from "../access.server.ts";
import { readRange } from "../format/range-input.ts";
import { isTimeZone } from "../format/time.ts";
import { searchForRange } from "../format/view.ts";
import { RangeFields, type TypedRange } from "../panels/shell/RangeFields.tsx";
import { localPath } from "../preferences.ts";
import { ErrorBoundary as RootErrorBoundary } from "../root.tsx";
import { buttonClass } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";

/** No moment that is understood is longer. */
const TYPED_MAX = 60;

type WrongRange = { message: string; wrong: { from?: string; to?: string }; typed: TypedRange };

export const meta: MetaFunction = () => [{ title: "Time range · OpsSight" }];

/** A typed range from a form without scripts: leads back to the page, with the range in its address. */
export const action = publicPage("it changes nothing but the address in this browser", async ({ request, context }) => {
	const form = await request.formData();
	const text = (name: string) => redact(String(form.get(name) ?? "")).text;
	const [from, to, zone] = [text("from"), text("to"), text("zone")];
	const known = isTimeZone(zone) ? zone : "UTC";
	const read = readRange({ from, to }, { now: context.now, zone: known });
	if (!read.ok) {
		const typed = { from: from.slice(0, TYPED_MAX), to: to.slice(0, TYPED_MAX), zone: known, next: localPath(form.get("next"), "/") };
		throw json({ message: "This range cannot be shown.", wrong: read.fields, typed } satisfies WrongRange, { status: 422 });
	}
	// Taken apart by hand: a URL would read the path "/.//elsewhere" as "//elsewhere", which leads away from here.
	const [path = "/", query] = localPath(form.get("next"), "/").split("#", 1)[0]?.split("?") ?? [];
	return redirect(path + searchForRange(new URLSearchParams(query), read.range));
});

/** Nothing to see here: someone opened the form's address. */
export const loader = publicPage("leads on to a page that asks", () => redirect("/"));

/** Never drawn: the loader always redirects. */
export default function RangePage() {
	return null;
}

/** What was typed once more, with what is wrong beside it. */
export function ErrorBoundary() {
	const error = useRouteError();
	if (!isRouteErrorResponse(error) || error.status !== 422) return <RootErrorBoundary />;
	const { message, wrong, typed } = error.data as WrongRange;
	return (
		<main id="main" tabIndex={-1} className="mx-auto max-w-md px-4 pt-[20vh] outline-none">
			<h1 className="mb-3 text-verdict font-semibold">{message}</h1>
			<Card title="Custom range">
				<form method="post" action="/settings/range" noValidate aria-label="Custom range" className="px-3.5 pb-3.5">
					<RangeFields typed={typed} wrong={wrong} />
				</form>
			</Card>
			<p className="mt-3">
				<a href={typed.next} className={buttonClass()}>
					Back without it
				</a>
			</p>
		</main>
	);
}
