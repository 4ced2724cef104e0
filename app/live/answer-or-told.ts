import { isRouteErrorResponse } from "@remix-run/react";

/** Why something that was sent got no answer of its own, as it is told beside what was pressed. */
export type NotAnswered = { ok: false; code: string; told: string; requestId: string };

/**
 * Send something; where no answer comes, say so instead of failing: a form in a page must not take the page away. Redirects go through.
 */
export async function answerOrTold<T>(send: () => Promise<T>): Promise<T | NotAnswered> {
	try {
		return await send();
	} catch (error) {
		if (error instanceof Response && error.status < 400) throw error;
		const data: unknown = isRouteErrorResponse(error) ? error.data : null;
		const told = typeof data === "object" && data !== null ? (data as { message?: unknown; requestId?: unknown }) : {};
		return {
			...{ ok: false, code: "unavailable" },
			told: typeof told.message === "string" ? told.message : "The server did not answer. Check the connection and try again.",
			requestId: typeof told.requestId === "string" ? told.requestId : "",
		};
	}
}
