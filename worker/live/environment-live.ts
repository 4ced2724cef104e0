import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

/** One per environment: the single writer of its lock, its holds and its commands. */
export class EnvironmentLive extends DurableObject<Env> {}
