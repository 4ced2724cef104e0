import type { EdgeMessage } from "../wire/agent.ts";

/** Who is at the other end: by which token, and which process once it has said hello. */
export type Speaker = { tokenId: string; agent: string | null };

/** What waits for an agent that polls. */
type Mailbox = { tokenId: string; messages: EdgeMessage[]; wake: (() => void) | null; askedAt: number };

const MAILBOXES_MAX = 20;
const WAITING_MAX = 200;
/** An agent that polls comes back at once; one that does not for this long has gone. */
const POLLED_MS = 45_000;
const CODES = { revoked: 4401, protocol: 1008, shutdown: 1001, replaced: 4409 } as const;

type Bye = Extract<EdgeMessage, { type: "bye" }>;

/** The lines to the agents of one cluster: sockets, which hibernate, and mailboxes for those that can only ask. */
export class AgentLines {
	readonly #ctx: DurableObjectState;
	readonly #mailboxes = new Map<string, Mailbox>();

	constructor(ctx: DurableObjectState) {
		this.#ctx = ctx;
	}

	/** Accept a socket whose token the door has checked. */
	accept(tokenId: string): Response {
		const { 0: client, 1: server } = new WebSocketPair();
		this.#ctx.acceptWebSocket(server);
		server.serializeAttachment({ tokenId, agent: null } satisfies Speaker);
		return new Response(null, { status: 101, webSocket: client });
	}

	/** Who speaks through a socket. */
	speakerOf(socket: WebSocket): Speaker {
		return { tokenId: "", agent: null, ...(socket.deserializeAttachment() as Speaker | null) };
	}

	/** A socket has said which process it is; one that this process had before is closed. */
	identify(socket: WebSocket, agent: string): void {
		for (const other of this.#sockets()) {
			if (other !== socket && this.speakerOf(other).agent === agent) {
				this.close(other, { type: "bye", reason: "replaced", message: "This process has connected again." });
			}
		}
		socket.serializeAttachment({ ...this.speakerOf(socket), agent } satisfies Speaker);
	}

	/** Everybody who can be told something. */
	present(now: number): { tokenId: string; agent: string }[] {
		const bySocket = this.#sockets().map((socket) => this.speakerOf(socket));
		const byMail = [...this.#mailboxes]
			.filter(([, { wake, askedAt }]) => wake !== null || now - askedAt < POLLED_MS)
			.map(([agent, { tokenId }]) => ({ tokenId, agent }));
		return [...bySocket, ...byMail].flatMap(({ tokenId, agent }) => (agent === null ? [] : [{ tokenId, agent }]));
	}

	/** Every token that holds a line open. */
	tokens(): string[] {
		const tokens = [...this.#sockets().map((socket) => this.speakerOf(socket)), ...this.#mailboxes.values()];
		return [...new Set(tokens.map(({ tokenId }) => tokenId))];
	}

	/** Tell an agent something; whether there is a line to it. */
	say(agent: string, message: EdgeMessage): boolean {
		for (const socket of this.#sockets()) if (this.speakerOf(socket).agent === agent) return this.sayTo(socket, message);
		const mailbox = this.#mailboxes.get(agent);
		if (!mailbox) return false;
		mailbox.messages.push(message);
		if (mailbox.messages.length > WAITING_MAX) mailbox.messages.shift();
		mailbox.wake?.();
		return true;
	}

	/** Tell whoever is at a socket. */
	sayTo(socket: WebSocket, message: EdgeMessage): boolean {
		try {
			socket.send(JSON.stringify(message));
			return true;
		} catch {
			return false;
		}
	}

	/** An agent that can only ask: open its mailbox, so that something can be put there. */
	know(agent: string, tokenId: string, now: number): Mailbox {
		const known = this.#mailboxes.get(agent);
		if (known) return Object.assign(known, { tokenId, askedAt: now });
		if (this.#mailboxes.size >= MAILBOXES_MAX) {
			const [oldest] = [...this.#mailboxes].sort(([, a], [, b]) => a.askedAt - b.askedAt);
			if (oldest) this.#forget(oldest[0]);
		}
		const mailbox: Mailbox = { tokenId, messages: [], wake: null, askedAt: now };
		this.#mailboxes.set(agent, mailbox);
		return mailbox;
	}

	/** What waits for an agent, as soon as there is something, at the latest after `waitMs`. A newer question ends an older one. */
	async take(agent: string, tokenId: string, { waitMs, now }: { waitMs: number; now: number }): Promise<EdgeMessage[]> {
		const mailbox = this.know(agent, tokenId, now);
		mailbox.wake?.();
		if (mailbox.messages.length === 0 && waitMs > 0) {
			await new Promise<void>((done) => {
				const timer = setTimeout(done, waitMs);
				const wake = () => {
					clearTimeout(timer);
					done();
				};
				mailbox.wake = wake;
			});
			mailbox.wake = null;
		}
		return mailbox.messages.splice(0);
	}

	/** End the lines of those whom `isOver` names. */
	end(isOver: (tokenId: string) => boolean, bye: Bye): void {
		for (const socket of this.#sockets()) if (isOver(this.speakerOf(socket).tokenId)) this.close(socket, bye);
		for (const [agent, mailbox] of this.#mailboxes) {
			if (!isOver(mailbox.tokenId)) continue;
			mailbox.messages = [bye];
			mailbox.wake?.();
			this.#forget(agent);
		}
	}

	/** End one line, saying why. */
	close(socket: WebSocket, bye: Bye): void {
		try {
			socket.send(JSON.stringify(bye));
			socket.close(CODES[bye.reason], bye.reason);
		} catch {
			// Already closed by the other side.
		}
	}

	#forget(agent: string): void {
		this.#mailboxes.get(agent)?.wake?.();
		this.#mailboxes.delete(agent);
	}

	#sockets(): WebSocket[] {
		return this.#ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
	}
}
