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

/** What the verbs of deployments need, as a request has it. @throws AppError unauthenticated */
export async function deployDepsOf(c: Context): Promise<Deps> {
	const actor = await c.get("actor")();
	if (!actor) throw new AppError("unauthenticated", "Sign in, or send `Authorization: Bearer <token>`.");
	const reach = reachOf(c.env);
	const asked = { actor, requestId: c.get("requestId"), address: c.get("address"), now: c.get("now") };
	return { db: c.get("db"), ...asked, reach, send: sender(reach) };
}
