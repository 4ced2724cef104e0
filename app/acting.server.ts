import { type AppLoadContext, json } from "@remix-run/cloudflare";
import type { Deps } from "#worker/domains/auth/acting.server";
import { type Membership, nameInAudit } from "#worker/domains/auth/model";
import { redact } from "#worker/domains/redaction/mask";
import { AppError } from "#worker/errors";
import { statusOf, toAppError } from "#worker/http/error-response";
import type { Answered, Asker } from "#worker/live/environment-port";
import { log } from "#worker/log";
import { mayDo, type Person } from "./access.server.ts";
import type { Outcome } from "./panels/settings/outcome.ts";

/** An act that was refused or failed, as the form that asked for it says it. */
export type Refused = { ok: false; told: string; requestId: string; status: number };

/** What a domain's verbs need to know of who asks, and when. */
export function depsOf({ db, ledger, requestId, address, now }: AppLoadContext, actor: Person): Deps {
	return { db, ledger, actor, requestId, address, now };
}

/** Who asks an environment's object for something. */
export function askerOf({ requestId, address }: AppLoadContext, person: Person, team: Membership): Asker {
	return {
		...{ actor: nameInAudit(person), name: person.name, role: team.role, requestId, address },
		mayForce: mayDo(team, "rollbacks:force") === null,
	};
}

/** What an environment's object answered; where it refused, as an error with its own words. @throws AppError */
export function answered<T>(answer: Answered<T>): { ok: true } & T {
	if (answer.ok) return answer;
	const { code, message, fields, retryAfterSeconds } = answer;
	throw new AppError(code, message, { ...(fields && { fields }), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

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

/** What came of an act, as its page tells it beside what was asked; a secret that was made is in the answer, this once. */
export async function outcomeOf(
	requestId: string,
	asked: Pick<Outcome, "act" | "id">,
	act: () => Promise<{ told: string; secret?: { label: string; value: string } }>,
) {
	// An id is as its sender wrote it.
	const about = { ...asked, id: asked.id === null ? null : redact(asked.id).text };
	const outcome = await acting(requestId, async () => ({ ok: true as const, secret: null, ...(await act()) }));
	if (outcome.ok) return json<Outcome>({ ...about, ...outcome });
	const { status, ...refused } = outcome;
	return json<Outcome>({ ...about, ...refused }, { status });
}

/** There is no such button. @throws 422 */
export function unknownAct(requestId: string): Response {
	return json({ message: "There is no such thing to do.", requestId }, { status: 422 });
}
