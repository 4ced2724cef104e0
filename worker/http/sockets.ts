import { z } from "zod";
import { nameInAudit } from "../domains/auth/model.ts";
import { readEnvironment } from "../domains/environments/store.server.ts";
import { AppError } from "../errors.ts";
import type { Context } from "./context.ts";
import { answers, type Door, parseQuery, refusals } from "./door.ts";
import { hasOwnOrigin } from "./middleware.ts";

type Watch = { holder: string; who: { id: string; name: string } };

/** The platform does not look at Origin on an upgrade: a foreign page with the person's cookie is refused here. */
async function watcherOf(c: Context, polled: string): Promise<Watch> {
	if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
		throw new AppError("invalid", `This address speaks WebSocket. Without one, poll \`${polled}\`.`, {
			fields: { upgrade: "must be websocket" },
		});
	}
	const actor = await c.get("actor")();
	if (!hasOwnOrigin(c) && !(actor?.kind === "token" && c.req.header("origin") === undefined)) {
		throw new AppError("forbidden", "This socket was not opened by a page of this installation.");
	}
	const holder = actor?.kind === "token" ? actor.tokenId : (actor?.sessionId ?? "");
	return { holder, who: actor ? { id: nameInAudit(actor), name: actor.name } : { id: "", name: "" } };
}

async function upgrade(c: Context): Promise<Response> {
	const { holder } = await watcherOf(c, "/live/{team}/changes");
	const teamId = c.get("team").id;
	const inside = `https://ledger.internal/?${new URLSearchParams({ team: teamId, holder })}`;
	return await c.env.TEAM_LEDGER.getByName(teamId).fetch(inside, c.req.raw);
}

async function environmentOf(c: Context): Promise<{ teamId: string; id: string }> {
	const teamId = c.get("team").id;
	const environment = await readEnvironment(c.get("db"), teamId, c.req.param("id") ?? "");
	if (!environment) throw new AppError("notFound", "There is no such environment in this team.");
	return { teamId, id: environment.id };
}

async function upgradeEnvironment(c: Context): Promise<Response> {
	const { teamId: team, id: environment } = await environmentOf(c);
	const { holder, who } = await watcherOf(c, "/live/{team}/environments/{id}/changes");
	const inside = `https://environment.internal/?${new URLSearchParams({ team, environment, holder, ...who })}`;
	return await c.env.ENVIRONMENT_LIVE.getByName(`${team}:${environment}`).fetch(inside, c.req.raw);
}

const ChangesQuery = z.object({
	since: z
		.string()
		.regex(/^[\w-]{1,64}\.\d{1,15}$/, "must be <epoch>.<seq>")
		.optional(),
});

/** What a reader without a socket knows already. */
function knownOf(c: Context): { epoch: string; seq: number } | null {
	const { since } = parseQuery(c, ChangesQuery);
	const at = since?.lastIndexOf(".") ?? -1;
	return since && at > 0 ? { epoch: since.slice(0, at), seq: Number(since.slice(at + 1)) } : null;
}

async function getChanges(c: Context): Promise<Response> {
	const known = knownOf(c);
	const teamId = c.get("team").id;
	const changes = await c.env.TEAM_LEDGER.getByName(teamId).changes(teamId, known);
	return c.json(changes, 200, { "cache-control": "no-store" });
}

async function getEnvironmentChanges(c: Context): Promise<Response> {
	const known = knownOf(c);
	const { teamId, id } = await environmentOf(c);
	const changes = await c.env.ENVIRONMENT_LIVE.getByName(`${teamId}:${id}`).changes(teamId, id, known);
	return c.json(changes as unknown as Record<string, unknown>, 200, { "cache-control": "no-store" });
}

const FramesBody = z.object({
	epoch: z.string(),
	seq: z.int(),
	frames: z.array(z.looseObject({ type: z.string(), epoch: z.string(), seq: z.int() })),
});
const params = z.object({ team: z.string() });
const environmentParams = params.extend({ id: z.string() });
const tags = ["Live"];
const policy = { permission: "live:watch" } as const;

/** The live sockets of a team and of its environments, and the same frames for those who can't have one. */
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
				200: answers(FramesBody, "The same frames as on the socket"),
				...refusals(401, 403, 404, 422, 429, 503),
			},
		},
		policy,
		handle: getChanges,
	},
	{
		route: {
			...{
				method: "get",
				path: "/live/{team}/environments/{id}",
				tags,
				summary: "WebSocket of one environment: who looks at it, and every change",
			},
			request: { params: environmentParams },
			responses: { 101: { description: "Upgraded" }, ...refusals(401, 403, 404, 422, 429, 503) },
		},
		policy,
		handle: upgradeEnvironment,
	},
	{
		route: {
			...{ method: "get", path: "/live/{team}/environments/{id}/changes", tags, summary: "Polling fallback of one environment" },
			request: { params: environmentParams, query: ChangesQuery },
			responses: {
				200: answers(FramesBody, "The same frames as on the socket"),
				...refusals(401, 403, 404, 422, 429, 503),
			},
		},
		policy,
		handle: getEnvironmentChanges,
	},
];
