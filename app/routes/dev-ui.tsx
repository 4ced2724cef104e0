import { json, type MetaFunction } from "@remix-run/cloudflare";
import { useLoaderData } from "@remix-run/react";
import { publicPage, requireDevelopment } from "../access.server.ts";
import { Gallery } from "../panels/gallery/Gallery.tsx";

export const meta: MetaFunction = () => [{ title: "States and parts · OpsSight" }];

/** Only where the product is being developed; elsewhere this address does not exist. */
export const loader = publicPage("only where the product is being developed", ({ context }) => {
	requireDevelopment(context);
	return json({ now: context.now });
});

/** Every part of app/ui in every state: what screenshots and accessibility checks look at. */
export default function DevUi() {
	return <Gallery now={useLoaderData<typeof loader>().now} />;
}
