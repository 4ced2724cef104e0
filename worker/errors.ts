/** Every way a request can be refused. `http/error-response.ts` maps each to its status, once. */
export type ErrorCode =
	| "malformed"
	| "unauthenticated"
	| "forbidden"
	| "notFound"
	| "conflict"
	| "tooLarge"
	| "unsupportedType"
	| "invalid"
	| "rateLimited"
	| "unavailable"
	| "internal";

/** Where a body or a query does not hold: field path → what to do about it. */
export type Fields = Record<string, string>;

/**
 * A request that cannot be served. The message is shown to the person: what happened and what to do next.
 * `retryAfterSeconds` becomes the `Retry-After` header of `rateLimited` and `unavailable`.
 */
export class AppError extends Error {
	readonly code: ErrorCode;
	readonly fields: Fields | undefined;
	readonly retryAfterSeconds: number | undefined;

	constructor(code: ErrorCode, message: string, more: { fields?: Fields; retryAfterSeconds?: number } = {}) {
		super(message);
		this.name = "AppError";
		this.code = code;
		this.fields = more.fields;
		this.retryAfterSeconds = more.retryAfterSeconds;
	}
}
