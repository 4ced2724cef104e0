// The zod of this package is the ordinary one, taught to describe itself (`.openapi`).
import { type RouteConfig, z } from "@hono/zod-openapi";
import type { Policy } from "../domains/auth/model.ts";
import { AppError } from "../errors.ts";
import { ErrorBody } from "../wire/api.ts";
import { fieldsOf } from "../wire/fields.ts";
import type { Context } from "./context.ts";

/**
 * One route of the API: what it promises (the OpenAPI document is made of this), who may use it, what it does.
 * There is no way to mount a handler without saying who may use it.
 */
export type Door = { route: RouteConfig; policy: Policy; handle: (c: Context) => Response | Promise<Response> };

/** `/api/runs/{id}` as the router writes it: `/api/runs/:id`. */
export function routerPath(path: string): string {
	return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

const json = (schema: z.ZodType, description: string) => ({ description, content: { "application/json": { schema } } });

/** A JSON answer in a route's promise. */
export const answers = json;

const REFUSALS: Record<number, string> = {
	400: "The body does not parse",
	401: "No valid credentials",
	403: "Not allowed",
	404: "Unknown here, or another team's",
	409: "Clashes with what is stored",
	413: "Too large",
	415: "A content type or encoding that is not read",
	422: "Parses, but does not hold; `fields` says where",
	429: "Too many requests; see Retry-After",
	503: "The database or the ledger does not answer; see Retry-After",
};

/** The refusals a route may answer with, all in the one error shape. */
export function refusals(...statuses: (keyof typeof REFUSALS)[]) {
	return Object.fromEntries(statuses.map((status) => [status, json(ErrorBody, REFUSALS[status] as string)]));
}

/**
 * The query of a request, through the schema its promise is made of.
 * @throws AppError invalid with the parameters that do not hold
 */
export function parseQuery<T extends z.ZodType>(c: Context, schema: T): z.infer<T> {
	const values = Object.entries(c.req.queries()).map(([name, all]) => [name, REPEATABLE.has(name) ? all : all[0]]);
	const parsed = schema.safeParse(Object.fromEntries(values));
	if (!parsed.success) throw new AppError("invalid", "A parameter does not hold. See `fields`.", { fields: fieldsOf(parsed.error) });
	return parsed.data;
}

/** A body through the schema its promise is made of. @throws AppError invalid with the fields that do not hold */
export function parseBody<T extends z.ZodType>(body: unknown, schema: T): z.infer<T> {
	const parsed = schema.safeParse(body);
	if (!parsed.success)
		throw new AppError("invalid", "The body parses, but does not hold. See `fields`.", { fields: fieldsOf(parsed.error) });
	return parsed.data;
}

const ISO_FORM = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** An ISO 8601 time as epoch ms; without a zone it is UTC. A `+` that a query string turned into a space is understood. */
export const TimeParameter = z
	.string()
	.transform((text, ctx) => {
		const parts = ISO_FORM.exec(text.replace(/ (?=\d{2}:?\d{2}$)/, (space, at: number) => (text.slice(0, at).includes("T") ? "+" : space)));
		const zone = parts?.[3]?.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2") ?? "Z";
		const at = parts ? Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}${zone}`) : Number.NaN;
		if (Number.isNaN(at)) {
			ctx.addIssue({ code: "custom", message: "must be an ISO 8601 time like 2026-11-20T10:00:00Z" });
			return z.NEVER;
		}
		return at;
	})
	.openapi({ type: "string", format: "date-time" });

/** How many items: a whole number in 1–200. */
export const limitParameter = (fallback: number) =>
	z
		.string()
		.regex(/^\d{1,6}$/, "must be a whole number from 1 to 200")
		.transform(Number)
		.refine((n) => n >= 1 && n <= 200, "must be a whole number from 1 to 200")
		.default(fallback)
		.openapi({ type: "integer", minimum: 1, maximum: 200, default: fallback });

/** Parameters that may stand several times. Names may hold any character, so nothing separates them but the parameter itself. */
const REPEATABLE = new Set(["repo", "workflow"]);
export const NamesParameter = z
	.array(z.string().max(255))
	.max(50)
	.transform((names) => names.filter((name) => name !== ""))
	.openapi({ type: "array", items: { type: "string" }, description: "one name; repeat the parameter for several" });

/** One word or several, separated by commas. */
export const ListParameter = z
	.string()
	.max(200)
	.transform((text) => text.split(",").filter((part) => part !== ""))
	.openapi({ type: "string", description: "one word, or several separated by commas" });

const CURSOR_FORM = /^(\d{1,15})~(.{1,2000})$/s;

/** Where a keyset page ended, opaque to callers. */
export function toCursor(at: number, id: string): string {
	return btoa(String.fromCharCode(...new TextEncoder().encode(`${at}~${id}`)))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}

/** @see toCursor */
export const CursorParameter = z
	.string()
	.max(10_000)
	.transform((text, ctx) => {
		try {
			const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
			const parts = CURSOR_FORM.exec(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
			if (parts) return { at: Number(parts[1]), id: parts[2] as string };
		} catch {
			// Falls through to the complaint.
		}
		ctx.addIssue({ code: "custom", message: "is not a cursor of this list: take `next_cursor` as it came" });
		return z.NEVER;
	})
	.openapi({ type: "string" });
