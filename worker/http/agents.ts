import { z } from "zod";
import { actorOfToken, agentOfToken, touchToken } from "../domains/auth/store.server.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { decodeUtf8, parseObject } from "../pipeline/parse.ts";
import { AGENT_MESSAGE_MAX, AgentPoll, AgentPost } from "../wire/agent.ts";
import { checkContentType, readCapped } from "./body.ts";
import type { Context } from "./context.ts";
import { answers, type Door, parseBody, parseQuery, refusals } from "./door.ts";
import { bearerToken, noteUse } from "./middleware.ts";
import { brakeAgent } from "./rate-limit.ts";

/** The longest a poll is kept waiting, and how long where nobody says. */
const WAIT_MAX_S = 25;
/** A post is a list of messages, each of up to `AGENT_MESSAGE_MAX` characters; two full ones and their envelope. */
const POST_BYTES_MAX = 3 * AGENT_MESSAGE_MAX;

const unstored = { "cache-control": "no-store" };

type Agent = { tokenId: string; teamId: string; clusterId: string };

const ClusterQuery = z.object({ cluster: z.string().max(253).optional() });

/**
 * The agent that a request comes from, by its token, which names its cluster.
 * @throws AppError unauthenticated: no token, or one that does not hold; forbidden: another kind's, or another cluster's
 */
async function agentOf(c: Context, claimed: string | undefined): Promise<Agent> {
	brakeAgent(c.get("address"), c.get("now"));
	const token = bearerToken(c);
	if (token === null) throw new AppError("unauthenticated", "Send the cluster's agent token as bearer token, in the header Authorization.");
	const [db, now, hash] = [c.get("db"), c.get("now"), await sha256Hex(token)];
	const agent = await agentOfToken(db, hash, now);
	if (!agent) {
		const other = await actorOfToken(db, hash, now);
		if (other && other.kind === "token" && other.scopes.length > 0) throw new AppError("forbidden", "This is not the token of an agent.");
		throw new AppError("unauthenticated", "This token is unknown, expired or revoked. Get a new one under Settings, Agents.");
	}
	if (claimed !== undefined && claimed !== agent.clusterId && claimed !== agent.cluster) {
		throw new AppError("forbidden", "This token is another cluster's.");
	}
	noteUse(c, hash, touchToken(hash, now));
	return agent;
}

const linkOf = (c: Context, { teamId, clusterId }: Agent) => c.env.CLUSTER_LINK.getByName(`${teamId}:${clusterId}`);

async function connect(c: Context): Promise<Response> {
	const agent = await agentOf(c, parseQuery(c, ClusterQuery).cluster);
	if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
		throw new AppError("invalid", "This address speaks WebSocket. Without one, poll `/agent/commands` and post to `/agent/report`.", {
			fields: { upgrade: "must be websocket" },
		});
	}
	// An agent is no browser: what comes from a page is somebody else.
	if (c.req.header("origin") !== undefined) throw new AppError("forbidden", "An agent's socket is not opened by a page.");
	const { teamId, clusterId, tokenId } = agent;
	const inside = `https://link.internal/?${new URLSearchParams({ team: teamId, cluster: clusterId, token: tokenId })}`;
	return await linkOf(c, agent).fetch(inside, c.req.raw);
}

const PollQuery = ClusterQuery.extend({
	agent: z.string().min(8, "must be the process's name, as in its hello").max(100),
	wait: z
		.string()
		.regex(/^\d{1,3}$/, "must be seconds")
		.transform((text) => Math.min(WAIT_MAX_S, Number(text)))
		.default(WAIT_MAX_S),
});

async function getCommands(c: Context): Promise<Response> {
	const from = await agentOf(c, c.req.query("cluster"));
	const { agent, wait } = parseQuery(c, PollQuery);
	const { teamId, clusterId, tokenId } = from;
	const messages = await linkOf(c, from).poll(teamId, clusterId, { tokenId, agent, waitMs: wait * 1000 });
	return c.json({ messages: JSON.parse(messages) }, 200, unstored);
}

async function postReport(c: Context): Promise<Response> {
	const from = await agentOf(c, c.req.query("cluster"));
	checkContentType(c.req.raw.headers, ["application/json"]);
	const { agent, messages } = parseBody(parseObject(decodeUtf8(await readCapped(c.req.raw, POST_BYTES_MAX))), AgentPost);
	if (messages.some((message) => message.type === "hello" && message.agent !== agent)) {
		throw new AppError("invalid", "A hello speaks for another process than its post.", { fields: { agent: "must be the hello's" } });
	}
	const { teamId, clusterId, tokenId } = from;
	await linkOf(c, from).post(teamId, clusterId, { tokenId, agent }, JSON.stringify(messages));
	return c.json({ accepted: messages.length }, 202, unstored);
}

const tags = ["Agents"];
const policy = { public: "an agent's token proves itself, and opens nothing else" } as const;
const security: Record<string, string[]>[] = [{ bearer: [] }];

/** Where agents dial in: one socket, or the same messages by asking and posting. */
export const agentDoors: Door[] = [
	{
		route: {
			...{
				method: "get",
				path: "/agent/connect",
				tags,
				security,
				summary: "WebSocket of a cluster's agent: hello, then commands down, reports up",
			},
			request: { query: ClusterQuery },
			responses: { 101: { description: "Upgraded" }, ...refusals(401, 403, 422, 429, 503) },
		},
		policy,
		handle: connect,
	},
	{
		route: {
			...{ method: "get", path: "/agent/commands", tags, security, summary: "Long poll: the messages that wait for this agent process" },
			request: { query: PollQuery },
			responses: {
				200: answers(AgentPoll, "At once when there are some, else after `wait` seconds"),
				...refusals(401, 403, 422, 429, 503),
			},
		},
		policy,
		handle: getCommands,
	},
	{
		route: {
			...{
				method: "post",
				path: "/agent/report",
				tags,
				security,
				summary: "What an agent says, in order; the answers wait at `/agent/commands`",
			},
			request: { query: ClusterQuery, body: { required: true, content: { "application/json": { schema: AgentPost } } } },
			responses: {
				202: answers(z.object({ accepted: z.int() }), "Taken"),
				...refusals(400, 401, 403, 413, 415, 422, 429, 503),
			},
		},
		policy,
		handle: postReport,
	},
];
