import { z } from "zod";
import { AppError } from "../errors.ts";
import type { Context } from "./context.ts";
import { answers, type Door, parseQuery, refusals } from "./door.ts";
import { hasOwnOrigin } from "./middleware.ts";

/** The platform does not look at Origin on an upgrade: a foreign page with the person's cookie is refused here. */
async function upgrade(c: Context): Promise<Response> {
	if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
		throw new AppError("invalid", "This address speaks WebSocket. Without one, poll `/live/{team}/changes`.", {
			fields: { upgrade: "must be websocket" },
		});
	}
	const actor = await c.get("actor")();
	if (!hasOwnOrigin(c) && !(actor?.kind === "token" && c.req.header("origin") === undefined)) {
		throw new AppError("forbidden", "This socket was not opened by a page of this installation.");
	}
	const teamId = c.get("team").id;
	const holder = actor?.kind === "token" ? actor.tokenId : (actor?.sessionId ?? "");
	const inside = `https://ledger.internal/?${new URLSearchParams({ team: teamId, holder })}`;
	return await c.env.TEAM_LEDGER.getByName(teamId).fetch(inside, c.req.raw);
}

const ChangesQuery = z.object({
	since: z
		.string()
		.regex(/^[\w-]{1,64}\.\d{1,15}$/, "must be <epoch>.<seq>")
		.optional(),
});

async function getChanges(c: Context): Promise<Response> {
	const { since } = parseQuery(c, ChangesQuery);
	const at = since?.lastIndexOf(".") ?? -1;
	const known = since && at > 0 ? { epoch: since.slice(0, at), seq: Number(since.slice(at + 1)) } : null;
	const teamId = c.get("team").id;
	const changes = await c.env.TEAM_LEDGER.getByName(teamId).changes(teamId, known);
	return c.json(changes, 200, { "cache-control": "no-store" });
}

const params = z.object({ team: z.string() });
const tags = ["Live"];
const policy = { permission: "live:watch" } as const;

/** The team's live socket, and the same frames for those who can't have one. */
export const liveDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/live/{team}", tags, summary: "WebSocket: say hello, receive numbered frames, acknowledge" },
			request: { params },
			responses: { 101: { description: "Upgraded" }, ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy,
		handle: upgrade,
	},
	{
		route: {
			...{ method: "get", path: "/live/{team}/changes", tags, summary: "Polling fallback: the frames after `since`" },
			request: { params, query: ChangesQuery },
			responses: {
				200: answers(
					z.object({
						epoch: z.string(),
						seq: z.int(),
						frames: z.array(z.looseObject({ type: z.string(), epoch: z.string(), seq: z.int() })),
					}),
					"The same frames as on the socket",
				),
				...refusals(401, 403, 404, 422, 429, 503),
			},
		},
		policy,
		handle: getChanges,
	},
];
