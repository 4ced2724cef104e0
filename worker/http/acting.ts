import type { Deps } from "../domains/auth/acting.server.ts";
import { AppError } from "../errors.ts";
import type { Context } from "./context.ts";
import { ledgerPort } from "./ledger.ts";

/** What an act needs, as a request has it. @throws AppError unauthenticated */
export async function depsOf(c: Context): Promise<Deps> {
	const actor = await c.get("actor")();
	if (!actor) throw new AppError("unauthenticated", "Sign in, or send a bearer token in the header Authorization.");
	const { env } = c;
	return { db: c.get("db"), ledger: ledgerPort(env), actor, requestId: c.get("requestId"), address: c.get("address"), now: c.get("now") };
}
