import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { AGENT_MESSAGE_MAX, type AgentMessage, AgentPoll, EdgeMessage } from "#worker/wire/agent";
import { type Answer, ask } from "./http.ts";
import type { Log } from "./log.ts";
import { openSocket, Refused } from "./socket.ts";
import { words } from "./text.ts";

/** A way to the edge that is open. */
export type Transport = {
	name: "socket" | "poll";
	send(message: AgentMessage): void;
	close(reason: string): void;
	/** Bytes or messages are still on their way: nothing large should be added. */
	isBusy(): boolean;
};

export type TransportEvents = { onMessage(message: EdgeMessage): void; onClose(why: string): void };

export type Dial = {
	/** The product's address. */
	url: URL;
	agent: string;
	readToken: () => string;
	log: Log;
	signal: AbortSignal;
	hello: AgentMessage;
};

const BUSY_BYTES = 512 * 1024;
/** How long the edge may keep a poll, seconds; and what is added for the way. */
const POLL_SECONDS = 25;
const POLL_SLACK_MS = 10_000;
/** @source worker/wire/agent: AgentPost */
const POST_MESSAGES_MAX = 50;
/** Two reports and what is small; a post that is refused for its size would be refused again. */
const POST_BYTES_MAX = 1.5 * AGENT_MESSAGE_MAX;
const POST_TRIES = 3;

/** Over one WebSocket; each text frame is one message. */
export async function dialSocket(
	{ url, readToken, log, signal, hello }: Dial,
	{ onMessage, onClose }: TransportEvents,
): Promise<Transport> {
	const target = new URL("/agent/connect", url);
	const socket = await openSocket(
		{ url: target, headers: { authorization: `Bearer ${readToken()}`, "user-agent": "opssight-agent" }, signal },
		{
			onText(text) {
				const message = parse(text, log);
				if (message) onMessage(message);
			},
			onClose,
		},
	);
	const send = (message: AgentMessage) => socket.send(written(message));
	send(hello);
	return { name: "socket", send, close: (reason) => socket.close(1000, reason), isBusy: () => socket.waiting() > BUSY_BYTES };
}

/**
 * Over HTTPS alone, for networks whose proxies break sockets: one request waits for messages, others carry them up, in order.
 * @throws Refused when the first report, the hello, is not taken
 */
export async function dialPoll({ url, agent, readToken, log, signal, hello }: Dial, events: TransportEvents): Promise<Transport> {
	const connections = url.protocol === "https:" ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
	const ended = new AbortController();
	const both = AbortSignal.any([signal, ended.signal]);
	const headers = () => ({ authorization: `Bearer ${readToken()}`, "user-agent": "opssight-agent", accept: "application/json" });
	const hear = (text: string) => {
		const answer = AgentPoll.safeParse(json(text));
		if (answer.success) for (const message of answer.data.messages) events.onMessage(message);
	};
	const queue: AgentMessage[] = [];
	let isPosting = false;
	let isClosed = false;
	const close = (why: string) => {
		if (isClosed) return;
		isClosed = true;
		ended.abort();
		connections.destroy();
		events.onClose(why);
	};
	const post = async (messages: AgentMessage[]) => {
		const target = new URL("/agent/report", url);
		const body = JSON.stringify({ agent, messages });
		for (let tried = 1; ; tried++) {
			try {
				const sent = { ...headers(), "content-type": "application/json" };
				const answer = await ask({
					method: "POST",
					url: target,
					headers: sent,
					body,
					agent: connections,
					timeoutMs: POLL_SLACK_MS,
					signal: both,
				});
				return accepted(answer);
			} catch (error) {
				// The same messages again are no new ones: reports are numbered, results and claims may be repeated.
				if (error instanceof Refused || tried >= POST_TRIES || both.aborted) throw error;
			}
		}
	};
	const drain = async () => {
		if (isPosting) return;
		isPosting = true;
		try {
			while (queue.length > 0 && !isClosed) hear(await post(queue.splice(0, fitting(queue))));
		} catch (error) {
			close(words(error));
		} finally {
			isPosting = false;
		}
	};
	const poll = async () => {
		const target = new URL("/agent/commands", url);
		target.searchParams.set("agent", agent);
		target.searchParams.set("wait", String(POLL_SECONDS));
		try {
			while (!isClosed) {
				const timeoutMs = POLL_SECONDS * 1000 + POLL_SLACK_MS;
				hear(accepted(await ask({ method: "GET", url: target, headers: headers(), agent: connections, timeoutMs, signal: both })));
			}
		} catch (error) {
			if (!isClosed) log("warn", "poll failed", { error: words(error) });
			close(words(error));
		}
	};
	hear(
		accepted(
			await ask({
				method: "POST",
				url: new URL("/agent/report", url),
				headers: { ...headers(), "content-type": "application/json" },
				body: JSON.stringify({ agent, messages: [hello] }),
				agent: connections,
				timeoutMs: POLL_SLACK_MS,
				signal: both,
			}),
		),
	);
	void poll();
	return {
		name: "poll",
		send(message) {
			queue.push(message);
			void drain();
		},
		close,
		isBusy: () => queue.length > 4,
	};
}

/** How many of the messages that wait go into one post. */
function fitting(queue: readonly AgentMessage[]): number {
	let bytes = 0;
	const over = queue.findIndex((message) => (bytes += Buffer.byteLength(JSON.stringify(message))) > POST_BYTES_MAX);
	return Math.min(POST_MESSAGES_MAX, over < 0 ? queue.length : Math.max(1, over));
}

function accepted({ status, text }: Answer): string {
	if (status < 200 || status > 299) throw new Refused(status, `${status}: ${text.slice(0, 300)}`);
	return text;
}

function written(message: AgentMessage): string {
	const text = JSON.stringify(message);
	if (text.length > AGENT_MESSAGE_MAX) throw new Error(`a ${message.type} of ${text.length} characters is too large`);
	return text;
}

function parse(text: string, log: Log): EdgeMessage | null {
	const parsed = EdgeMessage.safeParse(json(text));
	if (parsed.success) return parsed.data;
	// An edge that is newer may say more than this agent knows: that is no reason to leave.
	log("warn", "a message that is not understood", { text: text.slice(0, 100) });
	return null;
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
