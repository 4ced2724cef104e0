import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

/** One per cluster: its agent's connection. */
export class ClusterLink extends DurableObject<Env> {}
