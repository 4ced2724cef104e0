import { json, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { statusOf, toAppError } from "#worker/http/error-response";
import { log } from "#worker/log";

/** What an error page knows: a sentence, and the id under which the log has the rest. */
export type Failure = { message: string; requestId: string };

/**
 * A loader whose failures a person can act on: a refusal keeps its sentence, everything else is logged under the request's id
 * and shown as that id only. Responses (redirects, 404) pass through.
 */
export function page<T>(load: (args: LoaderFunctionArgs) => Promise<T>): (args: LoaderFunctionArgs) => Promise<T> {
	return async (args) => {
		try {
			return await load(args);
		} catch (error) {
			if (error instanceof Response) throw error;
			const { requestId } = args.context;
			const known = toAppError(error);
			const { code, message } = known;
			if (code === "internal") {
				log("error", "page failed", {
					request_id: requestId,
					error: String(error),
					stack: error instanceof Error ? error.stack : undefined,
				});
			}
			throw json({ message, requestId } satisfies Failure, { status: statusOf(known) });
		}
	};
}
