import { setTimeout as sleep } from "node:timers/promises";
import type { AgentMessage, EdgeMessage } from "#worker/wire/agent";
import { Refused } from "./socket.ts";
import { backOff, words } from "./text.ts";
import { type Dial, dialPoll, dialSocket, type Transport } from "./transports.ts";

/** Where the way to the edge is: `holder` may report and claim, `standby` waits for another agent of the cluster to go. */
export type LinkState = "connecting" | "greeting" | "holder" | "standby";

export type Link = {
	/** Say something, if it can be said now. @returns whether it was */
	send(message: AgentMessage): boolean;
	state(): LinkState;
	transport(): "socket" | "poll" | null;
	/** Nothing large should be added now. */
	isBusy(): boolean;
	/** Runs until the signal. */
	run(): Promise<void>;
};

export type LinkEvents = {
	/** Accepted as the one agent of the cluster. `have`: the newest report that is durable. */
	onWelcome(have: number): void;
	onMessage(message: Exclude<EdgeMessage, { type: "welcome" | "standby" | "bye" }>): void;
};

/** @source worker/wire/agent: every 5 s when nothing else was sent */
const BEAT_MS = 5000;
/** Somebody may be waiting to roll back, and an agent is one connection: it does not stay away long. */
const WAIT = { firstMs: 500, mostMs: 10_000 };
/** A token that is refused is not accepted a second later. */
const REFUSED_WAIT = { firstMs: 10_000, mostMs: 60_000 };
/** Sockets that failed in a row before the long poll is tried. */
const SOCKET_FAILURES_MAX = 3;
/** Nothing answered at all: that says nothing of sockets, and a long poll would not fare better. */
const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** How long the long poll is used before a socket is tried again. */
const POLL_FOR_MS = 180_000;
/** Someone who is connected and gets no answer to the hello tries another way. */
const GREETING_MS = 15_000;

export type LinkOptions = Omit<Dial, "hello" | "signal"> & {
	hello: () => AgentMessage;
	now: () => number;
	random: () => number;
	signal: AbortSignal;
	/** Tests shorten the waits. */
	pace?: number;
};

/** How a connection ended: whether it carried anything before, whether it was not let in, and whether nobody was there. */
type Ended = { wasUsed: boolean; why: string; isRefused: boolean; isUnreachable: boolean };

/** The one outgoing connection: dials, greets, stays alive, and comes back. */
export function makeLink(options: LinkOptions, events: LinkEvents): Link {
	const { log, now, random, signal, pace = 1 } = options;
	let transport: Transport | null = null;
	let state: LinkState = "connecting";
	let sentAt = 0;
	let socketFailures = 0;
	let failures = 0;
	/** How often it was not let in, which trying again soon would not change. */
	let refusals = 0;

	const send = (message: AgentMessage): boolean => {
		if (transport === null || state === "connecting") return false;
		if (state !== "holder" && message.type !== "beat") return false;
		sentAt = now();
		transport.send(message);
		return true;
	};

	const hear = (message: EdgeMessage, close: (why: string) => void) => {
		switch (message.type) {
			case "welcome":
				state = "holder";
				failures = 0;
				refusals = 0;
				if (transport?.name === "socket") socketFailures = 0;
				log("info", "connected", { cluster: message.cluster, transport: transport?.name ?? null, have: message.have });
				events.onWelcome(message.have);
				return;
			case "standby":
				if (state !== "standby") log("warn", "another agent holds this cluster; standing by", { holder: message.holder });
				state = "standby";
				failures = 0;
				refusals = 0;
				if (transport?.name === "socket") socketFailures = 0;
				return;
			case "bye":
				log("warn", "sent away", { reason: message.reason, message: message.message });
				if (message.reason === "revoked" || message.reason === "protocol") refusals += 1;
				close(message.message);
				return;
			default:
				events.onMessage(message);
		}
	};

	/** One connection, from dialling to its end. @returns why it ended */
	const connect = (kind: "socket" | "poll"): Promise<Ended> =>
		new Promise((done) => {
			const ended = new AbortController();
			const early: EdgeMessage[] = [];
			let open: Transport | null = null;
			let timers: NodeJS.Timeout[] = [];
			let isOver = false;
			const finish = (why: string, { isRefused = false, isUnreachable = false } = {}) => {
				if (isOver) return;
				isOver = true;
				for (const timer of timers) clearInterval(timer);
				timers = [];
				const wasUsed = state === "holder" || state === "standby";
				transport = null;
				state = "connecting";
				ended.abort();
				done({ wasUsed, why, isRefused, isUnreachable });
			};
			const on = {
				onMessage(message: EdgeMessage) {
					if (open === null) early.push(message);
					else hear(message, open.close);
				},
				onClose: (why: string) => finish(why),
			};
			const dial: Dial = { ...options, hello: options.hello(), signal: AbortSignal.any([signal, ended.signal]) };
			(kind === "socket" ? dialSocket : dialPoll)(dial, on)
				.then((dialled) => {
					open = dialled;
					transport = dialled;
					state = "greeting";
					sentAt = now();
					timers.push(
						setInterval(
							() => {
								if (now() - sentAt >= BEAT_MS * pace * 0.9) send({ type: "beat", at: now() });
							},
							(BEAT_MS * pace) / 2,
						),
						setTimeout(() => state === "greeting" && dialled.close("no answer to the hello"), GREETING_MS * pace),
					);
					if (kind === "poll") timers.push(setTimeout(() => dialled.close("trying a socket again"), POLL_FOR_MS * pace));
					for (const message of early) hear(message, dialled.close);
				})
				.catch((error) =>
					finish(words(error), {
						isRefused: error instanceof Refused && (error.status === 401 || error.status === 403),
						isUnreachable: error instanceof Error && "code" in error && UNREACHABLE.has(String(error.code)),
					}),
				);
		});

	return {
		send,
		state: () => state,
		transport: () => transport?.name ?? null,
		isBusy: () => transport?.isBusy() ?? false,
		async run() {
			signal.addEventListener("abort", () => transport?.close("shutting down"));
			while (!signal.aborted) {
				const kind = socketFailures >= SOCKET_FAILURES_MAX ? "poll" : "socket";
				const { wasUsed, why, isRefused, isUnreachable } = await connect(kind);
				if (signal.aborted) return;
				// After some time with the long poll, one socket is tried; if that fails, the long poll goes on at once.
				if (kind === "poll" && wasUsed) socketFailures = SOCKET_FAILURES_MAX - 1;
				else if (kind === "socket" && !wasUsed && !isRefused && !isUnreachable) socketFailures += 1;
				if (isRefused) refusals += 1;
				if (!wasUsed) failures += 1;
				const isTurn = kind === "socket" && !wasUsed && socketFailures >= SOCKET_FAILURES_MAX;
				const waitMs = isTurn ? 0 : backOff(Math.max(failures, refusals), refusals > 0 ? REFUSED_WAIT : WAIT, random) * pace;
				log("warn", "not connected", { transport: kind, why, waitMs: Math.round(waitMs), failures });
				await sleep(waitMs, undefined, { signal }).catch(() => {});
			}
		},
	};
}
