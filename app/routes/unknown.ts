import { json, type LoaderFunctionArgs } from "@remix-run/cloudflare";

/** An address nothing answers to. */
export function loader({ context }: LoaderFunctionArgs): never {
	throw json({ message: "There is nothing at this address.", requestId: context.requestId }, { status: 404 });
}

/** Never drawn: the loader always throws. Without a component the answer would be data instead of a page. */
export default function Unknown() {
	return null;
}
