import type { Deps } from "../domains/deployments/actions.server.ts";
import { type Reach, sender } from "../domains/deployments/dispatch.server.ts";
import { type Env, readSettings } from "../env.ts";
import { AppError } from "../errors.ts";
import type { Context } from "./context.ts";

/** What this installation may call to have something deployed. */
export function reachOf(env: Env): Reach {
	const { environment, outbound } = readSettings(env);
	return { mayLoopback: environment === "development", ...outbound };
}

/** Whom an installation may ask to deploy something, and how. */
export function deployingOf(env: Env): Pick<Deps, "reach" | "send"> {
	const reach = reachOf(env);
	return { reach, send: sender(reach) };
}

/** What the verbs of deployments need, as a request has it. @throws AppError unauthenticated */
export async function deployDepsOf(c: Context): Promise<Deps> {
	const actor = await c.get("actor")();
	if (!actor) throw new AppError("unauthenticated", "Sign in, or send a bearer token in the header Authorization.");
	const asked = { actor, requestId: c.get("requestId"), address: c.get("address"), now: c.get("now") };
	return { db: c.get("db"), ...asked, ...deployingOf(c.env) };
}
