import type { AppLoadContext, EntryContext, HandleDataRequestFunction, HandleErrorFunction } from "@remix-run/cloudflare";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
// Not "react-dom/server": only the browser build has renderToReadableStream under every bundler this is built with.
import { renderToReadableStream } from "react-dom/server.browser";
import { log } from "#worker/log";
import { setDataHeaders, setPageHeaders } from "./page-headers.ts";
import { ServerPageContext } from "./server-page.ts";

/** Render a page whole: nothing here suspends, so waiting for the shell is waiting for everything. */
export default async function handleRequest(
	request: Request,
	status: number,
	headers: Headers,
	remixContext: EntryContext,
	{ nonce, requestId }: AppLoadContext,
): Promise<Response> {
	let failed = false;
	const body = await renderToReadableStream(
		<ServerPageContext.Provider value={{ nonce }}>
			<RemixServer context={remixContext} url={request.url} nonce={nonce} />
		</ServerPageContext.Provider>,
		{
			nonce,
			signal: request.signal,
			onError(error) {
				failed = true;
				logError(error, requestId);
			},
		},
	);
	await body.allReady;
	setPageHeaders(headers, { url: new URL(request.url), nonce });
	return new Response(body, { headers, status: failed ? 500 : status });
}

/** The data behind a page is as personal as the page. */
export const handleDataRequest: HandleDataRequestFunction = (response) => {
	setDataHeaders(response.headers);
	return response;
};

/** An error no loader foresaw: the person sees the request id, the log has the rest. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
	// A browser that left in the middle is nobody's mistake, and what was asked wrongly is none of ours.
	const isAskedWrongly = isRouteErrorResponse(error) && error.status < 500;
	if (!request.signal.aborted && !isAskedWrongly) logError(error, context.requestId);
};

function logError(error: unknown, requestId: string): void {
	log("error", "page failed", { request_id: requestId, error: String(error), stack: error instanceof Error ? error.stack : undefined });
}
