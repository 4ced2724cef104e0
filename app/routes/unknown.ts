import { json } from "@remix-run/cloudflare";
import { publicPage } from "../access.server.ts";

/** An address nothing answers to. */
export const loader = publicPage("there is nothing here", ({ context }): never => {
	throw json({ message: "There is nothing at this address.", requestId: context.requestId }, { status: 404 });
});

/** Never drawn: the loader always throws. Without a component the answer would be data instead of a page. */
export default function Unknown() {
	return null;
}
