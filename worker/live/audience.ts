import type { Bye } from "../wire/live.ts";
import { ChangeRing, Pacer, type Step } from "./frames.ts";

/** Larger frames make phones stutter and snapshots cheaper: beyond this a reader is sent a snapshot. */
const FRAME_BYTES_MAX = 64 * 1024;
/** What may be under way to one reader without an acknowledgement. @source reliability rules, Live */
const UNACKED_BYTES_MAX = 256 * 1024;
const UNACKED_MS_MAX = 30_000;
/** A reader has little to say: a hello, an ack every 5 s, pings that never get here. */
const MESSAGES_MAX_PER_10S = 50;

/** After hibernation nobody remembers what a reader was sent last; it will tell if a frame does not follow on. */
const UNKNOWN_SEQ = -1;

type Reader = { seq: number; unackedBytes: number; unackedSince: number | null; messages: number; windowAt: number };

/** What survives hibernation with a socket; `more` is what whoever let it in wants to know of it. */
type Attachment<More> = { greeted: boolean; holder: string; more: More | null };

type Numbered = { epoch: string; seq: number };

/** What the audience needs of whose stream it tells: where that stands, and how its changes are said. */
export type Stage<C extends Step, Frame extends Numbered & Step, Snapshot extends Numbered> = {
	head: () => Promise<Numbered>;
	snapshot: () => Promise<Snapshot>;
	/** One frame for several changes in a row; null for none. */
	merge: (epoch: string, changes: readonly C[]) => Frame | null;
	/** The frame for who is up to date. */
	nothing: (head: Numbered) => Frame;
	now: () => number;
	/** A reader said something else than hello and ack: whether that is understood. */
	said?: (socket: WebSocket, request: object) => boolean;
	/** Readers came, went, or are not what they were. */
	changed?: () => void;
};

/**
 * The sockets of one stream: hello, numbered frames, coalescing, slow readers. Sockets hibernate; what is kept here per reader
 * is a convenience that may be lost at any time, because each reader checks `prev` and says hello again when it does not fit.
 */
export class Audience<C extends Step, Frame extends Numbered & Step, Snapshot extends Numbered, More = never> {
	readonly #ctx: DurableObjectState;
	readonly #stage: Stage<C, Frame, Snapshot>;
	readonly #ring = new ChangeRing<C>();
	readonly #pacer = new Pacer();
	readonly #readers = new Map<WebSocket, Reader>();
	#waiting: C[] = [];
	#timer: ReturnType<typeof setTimeout> | null = null;
	#epoch: string | null = null;

	constructor(ctx: DurableObjectState, stage: Stage<C, Frame, Snapshot>) {
		this.#ctx = ctx;
		this.#stage = stage;
		// Answered without waking the object: a page may ping every five seconds for nothing.
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
	}

	/**
	 * Accept a socket whose session, team and Origin the door has checked. Nothing is sent before its hello.
	 * `holder` is the session or token it was opened with.
	 */
	accept(holder: string, more: More | null = null): Response {
		const { 0: client, 1: server } = new WebSocketPair();
		this.#ctx.acceptWebSocket(server);
		server.serializeAttachment({ greeted: false, holder, more } satisfies Attachment<More>);
		return new Response(null, { status: 101, webSocket: client });
	}

	/** A commit landed: send it, now or with the next ones. */
	publish(epoch: string, change: C): void {
		this.#epoch = epoch;
		this.#ring.push(change);
		this.#waiting.push(change);
		if (this.#timer !== null) return;
		const delay = this.#pacer.delay(this.#stage.now());
		if (delay === 0) this.#flush();
		else
			this.#timer = setTimeout(() => {
				this.#timer = null;
				this.#flush();
			}, delay);
	}

	/** The stream began anew: everyone is sent a snapshot of it. */
	async restart(): Promise<void> {
		this.#ring.clear();
		this.#waiting = [];
		const snapshot = await this.#stage.snapshot();
		this.#epoch = snapshot.epoch;
		for (const socket of this.#greeted()) this.#send(socket, snapshot);
	}

	/** The frames after `since`, for readers without a socket. */
	async framesSince(since: Numbered | null): Promise<Numbered & { frames: (Frame | Snapshot)[] }> {
		const head = await this.#stage.head();
		if (!since || since.epoch !== head.epoch || since.seq > head.seq) return { ...head, frames: [await this.#stage.snapshot()] };
		if (since.seq === head.seq) return { ...head, frames: [] };
		const changes = this.#ring.since(since.seq);
		const frame = changes && this.#frameFor(head.epoch, since.seq, changes);
		return { ...head, frames: [frame ?? (await this.#stage.snapshot())] };
	}

	/** A reader spoke. */
	async message(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
		const reader = this.#reader(socket);
		const now = this.#stage.now();
		if (now - reader.windowAt > 10_000) Object.assign(reader, { windowAt: now, messages: 0 });
		if (++reader.messages > MESSAGES_MAX_PER_10S) return this.#close(socket, 1008, "protocol");
		if (typeof data !== "string") return this.#close(socket, 1003, "protocol");
		if (data.length > FRAME_BYTES_MAX) return this.#close(socket, 1009, "protocol");
		let request: unknown;
		try {
			request = JSON.parse(data);
		} catch {
			return this.#close(socket, 1003, "protocol");
		}
		if (typeof request !== "object" || request === null) return this.#close(socket, 1008, "protocol");
		if ("ack" in request && typeof request.ack === "number") {
			Object.assign(reader, { unackedBytes: 0, unackedSince: null });
			return;
		}
		if ("hello" in request && typeof request.hello === "object" && request.hello !== null) {
			const { epoch, seq } = request.hello as { epoch?: unknown; seq?: unknown };
			await this.#greet(socket, typeof epoch === "string" && typeof seq === "number" ? { epoch, seq } : null);
			return;
		}
		if (this.#stage.said?.(socket, request) === true) return;
		// Commands go through authorised requests, never through the socket.
		this.#close(socket, 1008, "protocol");
	}

	/** A reader is gone. */
	gone(socket: WebSocket): void {
		this.#readers.delete(socket);
		this.#stage.changed?.();
	}

	/** What is known of the sockets that are open and have said hello. */
	present(): More[] {
		const open = this.#greeted().filter((socket) => socket.readyState === WebSocket.OPEN);
		return open.flatMap((socket) => this.#attachment(socket).more ?? []);
	}

	/** Know something else of a socket from now on. */
	note(socket: WebSocket, change: (more: More) => More): void {
		const attachment = this.#attachment(socket);
		if (attachment.more === null) return;
		socket.serializeAttachment({ ...attachment, more: change(attachment.more) } satisfies Attachment<More>);
		this.#stage.changed?.();
	}

	/** The sessions and tokens that hold a socket open. */
	holders(): string[] {
		return [...new Set(this.#ctx.getWebSockets().map((socket) => this.#attachment(socket).holder))];
	}

	/** Close the sockets of those whom `isOver` names: they are told that they were signed out. */
	end(isOver: (holder: string) => boolean): void {
		for (const socket of this.#ctx.getWebSockets()) {
			if (isOver(this.#attachment(socket).holder)) this.#close(socket, 4401, "signedOut");
		}
	}

	/** How many sockets are open. */
	get size(): number {
		return this.#ctx.getWebSockets().length;
	}

	async #greet(socket: WebSocket, known: { epoch: string; seq: number } | null): Promise<void> {
		let answer: Numbered & { frames: (Frame | Snapshot)[] };
		try {
			answer = await this.framesSince(known);
		} catch {
			// D1 is away: nothing true can be said. The page keeps its data, marked as stale, and tries again.
			return this.#close(socket, 1013, "unavailable");
		}
		const { frames, ...head } = answer;
		const reader = this.#reader(socket);
		reader.seq = head.seq;
		socket.serializeAttachment({ ...this.#attachment(socket), greeted: true } satisfies Attachment<More>);
		this.#epoch = head.epoch;
		for (const frame of frames.length > 0 ? frames : [this.#stage.nothing(head)]) this.#send(socket, frame);
		// What was committed while the snapshot was read.
		const missed = this.#ring.since(reader.seq);
		const frame = missed && this.#frameFor(head.epoch, reader.seq, missed);
		if (frame) this.#send(socket, frame);
		this.#stage.changed?.();
	}

	#frameFor(epoch: string, seq: number, changes: readonly C[]): Frame | null {
		const frame = this.#stage.merge(epoch, changes);
		// The reader may have loaded its page in the middle of a coalesced frame: number it from where the reader stands.
		return frame ? { ...frame, prev: seq } : null;
	}

	#flush(): void {
		const changes = this.#waiting;
		this.#waiting = [];
		const readers = this.#greeted();
		if (readers.length === 0) return;
		const frame = this.#stage.merge(this.#epoch ?? "", changes);
		if (!frame) return;
		const shared = JSON.stringify(frame);
		if (shared.length > FRAME_BYTES_MAX) {
			this.#ctx.waitUntil(this.restart());
			return;
		}
		for (const socket of readers) {
			const seq = this.#readers.get(socket)?.seq;
			if (seq === undefined || seq === UNKNOWN_SEQ || seq === frame.prev) this.#sendText(socket, shared, frame.seq);
			else if (seq < frame.seq) {
				const rest = this.#ring.since(seq);
				const own = rest && this.#frameFor(frame.epoch, seq, rest);
				if (own) this.#send(socket, own);
				else this.#sendText(socket, shared, frame.seq);
			}
		}
	}

	#greeted(): WebSocket[] {
		return this.#ctx.getWebSockets().filter((socket) => this.#attachment(socket).greeted);
	}

	/** A socket of before this was kept holds nothing, and is closed at the next look. */
	#attachment(socket: WebSocket): Attachment<More> {
		return { greeted: false, holder: "", more: null, ...(socket.deserializeAttachment() as Attachment<More> | null) };
	}

	#reader(socket: WebSocket): Reader {
		let reader = this.#readers.get(socket);
		if (!reader) {
			reader = { seq: UNKNOWN_SEQ, unackedBytes: 0, unackedSince: null, messages: 0, windowAt: this.#stage.now() };
			this.#readers.set(socket, reader);
		}
		return reader;
	}

	#send(socket: WebSocket, message: Numbered): void {
		this.#sendText(socket, JSON.stringify(message), message.seq);
	}

	#sendText(socket: WebSocket, text: string, seq: number): void {
		const reader = this.#reader(socket);
		const now = this.#stage.now();
		const waitedMs = reader.unackedSince === null ? 0 : now - reader.unackedSince;
		// `send` never tells about a reader that does not read: without this budget one phone in a tunnel fills the memory.
		if (reader.unackedBytes + text.length > UNACKED_BYTES_MAX || waitedMs > UNACKED_MS_MAX) {
			this.#close(socket, 1013, "slow");
			return;
		}
		try {
			socket.send(text);
			reader.seq = seq;
			reader.unackedBytes += text.length;
			reader.unackedSince ??= now;
		} catch {
			this.gone(socket);
		}
	}

	#close(socket: WebSocket, code: number, reason: Bye["reason"]): void {
		const bye: Bye = { type: "bye", epoch: this.#epoch ?? "", seq: Math.max(0, this.#readers.get(socket)?.seq ?? 0), reason };
		try {
			socket.send(JSON.stringify(bye));
			socket.close(code, reason);
		} catch {
			// Already closed by the other side.
		}
		this.gone(socket);
	}
}
