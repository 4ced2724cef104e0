import { redact } from "../domains/redaction/mask.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import { log } from "../log.ts";
import type { ErrorBody } from "../wire/api.ts";

/** The only map from what went wrong to a status. */
const STATUS: Record<ErrorCode, number> = {
	malformed: 400,
	unauthenticated: 401,
	forbidden: 403,
	notFound: 404,
	conflict: 409,
	tooLarge: 413,
	unsupportedType: 415,
	invalid: 422,
	rateLimited: 429,
	internal: 500,
	unavailable: 503,
};

/** The status of an error, for answers made elsewhere (pages). */
export function statusOf(error: AppError): number {
	return STATUS[error.code];
}

const RETRY_AFTER_SECONDS = 5;

/** Whatever was thrown, as an AppError: D1 that does not answer is `unavailable`, anything unknown is `internal`. */
export function toAppError(error: unknown): AppError {
	if (error instanceof AppError) return error;
	// Between a Durable Object and its caller an error keeps its name and properties, and loses its class.
	if (isOneOfOurs(error)) return new AppError(error.code, error.message, error);
	let text = "";
	for (let e: unknown = error; e instanceof Error; e = e.cause) text += `${e.message}\n`;
	if (
		/D1_ERROR|D1 DB|D1 did not answer|Network connection lost|overloaded|storage operation exceeded timeout/i.test(text) &&
		!/constraint|syntax|no such/i.test(text)
	) {
		return new AppError("unavailable", "The database does not answer at the moment. Try again in a few seconds.");
	}
	return new AppError("internal", "Something went wrong here. It has been logged under the request id.");
}

function isOneOfOurs(error: unknown): error is AppError {
	return error instanceof Error && error.name === "AppError" && "code" in error && Object.hasOwn(STATUS, String(error.code));
}

/** The answer to an error: JSON, or a small page for a person. An unknown error's detail goes to the log only. */
export function errorResponse(error: unknown, requestId: string, { asPage = false } = {}): Response {
	const known = toAppError(error);
	if (known.code === "internal")
		log("error", "request failed", { request_id: requestId, error: String(error), stack: (error as Error)?.stack });
	const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
	if (known.code === "unauthenticated") headers.set("www-authenticate", 'Bearer realm="opssight"');
	if (known.code === "unavailable" || known.code === "rateLimited") {
		headers.set("retry-after", String(known.retryAfterSeconds ?? RETRY_AFTER_SECONDS));
	}
	const init = { status: STATUS[known.code], headers };
	if (asPage) {
		headers.set("content-type", "text/html; charset=utf-8");
		headers.set("content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
		return new Response(errorPage(redact(known.message).text, requestId), init);
	}
	const body: ErrorBody = {
		error: { code: known.code, message: known.message, request_id: requestId, ...(known.fields ? { fields: known.fields } : {}) },
	};
	headers.set("content-type", "application/json; charset=utf-8");
	// A complaint may quote what it complains of.
	return new Response(redact(JSON.stringify(body)).text, init);
}

/** An answer that leads a person on to a page with the words, under a status that tells programs the same. */
export function problemPage(message: string, { status, to, requestId }: { status: number; to: string; requestId: string }): Response {
	const headers = {
		...{ "cache-control": "no-store", "content-type": "text/html; charset=utf-8", "x-request-id": requestId },
		"content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	};
	const path = escapeHtml(to);
	const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="0;url=${path}"><title>OpsSight</title></head>
<body><main><h1>OpsSight</h1><p>${escapeHtml(message)}</p><p><a href="${path}">Go on</a></p></main></body></html>`;
	return new Response(html, { status, headers });
}

const escapeHtml = (text: string) =>
	text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** What a person sees when not even the pages can be reached: one sentence, and the id that the log knows. */
function errorPage(message: string, requestId: string): string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>OpsSight</title></head><body><main><h1>OpsSight</h1><p>${escapeHtml(message)}</p>
<p>Request id: <code>${escapeHtml(requestId)}</code></p><p><a href="">Try again</a></p></main></body></html>`;
}
