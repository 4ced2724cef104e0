import { isRouteErrorResponse, useRouteError } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button } from "./Button.tsx";
import { StopIcon } from "./icons.tsx";

/** What went wrong, as far as a person can be told. `requestId` is what the log knows it by. */
export type Told = { title: string; message: string; requestId: string | null };

const TITLES: Record<number, string> = { 403: "You need another role for this", 404: "Not found", 503: "Not available at the moment" };

/** Reads the error of a route. */
export function useToldError(fallbackId: string | null): Told {
	return toldOf(useRouteError(), fallbackId);
}

/** What a person can be told of an error. Only our own server's answers are shown; other texts may name what is nobody's business. */
export function toldOf(error: unknown, fallbackId: string | null): Told {
	const refusal = error instanceof Error ? refusalOf(error.message) : null;
	if (refusal) {
		const title = refusal.code === "unavailable" ? "Not available at the moment" : "This page could not be loaded";
		return { title, message: refusal.message, requestId: refusal.requestId };
	}
	if (!isRouteErrorResponse(error)) {
		// From the browser itself: the server was not reached, or drawing failed. Its text is for developers.
		return {
			title: "This page could not be shown",
			message: "The server did not answer, or something broke on the way. Try again in a moment.",
			// What Remix makes of an error on the server while this document was made. Other failures have no id, and a wrong one misleads.
			requestId: error instanceof Error && error.message === "Unexpected Server Error" ? fallbackId : null,
		};
	}
	const data: unknown = error.data;
	const told = typeof data === "object" && data !== null ? (data as { message?: unknown; requestId?: unknown }) : {};
	return {
		title: TITLES[error.status] ?? "This page could not be loaded",
		message: typeof told.message === "string" ? told.message : "There is nothing at this address.",
		requestId: typeof told.requestId === "string" ? told.requestId : fallbackId,
	};
}

/** An answer that was made before any loader ran: Remix hands over its text as the message of an error. */
function refusalOf(text: string): { code: string; message: string; requestId: string } | null {
	if (!text.startsWith("{")) return null;
	try {
		const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown; request_id?: unknown } };
		const { code, message, request_id: requestId } = error ?? {};
		if (typeof code !== "string" || typeof message !== "string" || typeof requestId !== "string") return null;
		return { code, message, requestId };
	} catch {
		return null;
	}
}

/** An error as a card: what failed, what to do, the request id to quote. */
export function ErrorCard({ told: { title, message, requestId }, children }: { told: Told; children?: ReactNode }) {
	return (
		<section className="rounded-card border border-line bg-s1 p-4">
			<h1 className="flex items-center gap-2 text-body font-semibold">
				<StopIcon className="size-4 text-bad" />
				{title}
			</h1>
			<p className="mt-1 text-body text-t2">{message}</p>
			<div className="mt-3 flex flex-wrap items-center gap-3">
				{children}
				{requestId !== null && <code className="font-mono text-sec text-t3 select-all">req {requestId}</code>}
			</div>
		</section>
	);
}

/** One panel's own error: what could not be shown, and another try. The panels beside it stay. */
export function ErrorPanel({ what, requestId, onRetry }: { what: string; requestId: string | null; onRetry: () => void }) {
	return (
		<section aria-label={what} className="min-w-0 rounded-card border border-line bg-s1 p-3.5">
			<h2 className="flex items-center gap-2 text-body font-semibold">
				<StopIcon className="size-4 text-bad" />
				{what} could not be shown
			</h2>
			<p className="mt-1 text-body text-t2">Everything else on this page works.</p>
			<div className="mt-3 flex flex-wrap items-center gap-3">
				<Button onClick={onRetry}>Try again</Button>
				{requestId !== null && <code className="font-mono text-sec text-t3 select-all">req {requestId}</code>}
			</div>
		</section>
	);
}

/** How links and buttons look that are not the page's main act. */
export const PLAIN_BUTTON =
	"target inline-flex h-8 items-center rounded-ctl border border-ctl bg-s1 px-3 text-body font-medium hover:bg-s2";
