import { statusOf, toAppError } from "#worker/http/error-response";
import { log } from "#worker/log";

/** An act that was refused or failed, as the form that asked for it says it. */
export type Refused = { ok: false; told: string; requestId: string; status: number };

/** Do what a form asks for; what a person can act on becomes a sentence beside the form, and only the rest is logged. */
export async function acting<T extends { ok: true }>(requestId: string, act: () => Promise<T>): Promise<T | Refused> {
	try {
		return await act();
	} catch (error) {
		if (error instanceof Response) throw error;
		const known = toAppError(error);
		if (known.code === "internal") {
			log("error", "an act failed", {
				request_id: requestId,
				error: String(error),
				stack: error instanceof Error ? error.stack : undefined,
			});
		}
		return { ok: false, told: known.message, requestId, status: statusOf(known) };
	}
}
