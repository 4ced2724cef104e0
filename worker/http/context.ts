import type { Context as HonoContext } from "hono";
import type { Database } from "../database.ts";
import type { Actor } from "../domains/auth/model.ts";
import type { Env } from "../env.ts";

/** The team a request is about, once its permission has been checked. */
export type Team = { id: string; slug: string };

/** What a request carries along: made once, by the middleware. */
export type Variables = {
	requestId: string;
	now: number;
	db: Database;
	/** The first part of the sender's address: all that is kept of it. */
	address: string;
	/** Who asks; resolved on first use, because webhooks and health have no credentials to look up. */
	actor: () => Promise<Actor | null>;
	team: Team;
};

export type AppEnv = { Bindings: Env; Variables: Variables };
export type Context = HonoContext<AppEnv>;
