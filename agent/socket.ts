import { createHash, randomBytes } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";

/**
 * The client's half of a WebSocket: text frames, pings and closing. Written here because Node's own one can't send a ping, without which a
 * dead connection is noticed only minutes later, and costs 8 MB of resident memory, as the customary package does; this one costs next to
 * nothing.
 * @source RFC 6455
 */

export type ClientSocket = {
	send(text: string): void;
	close(code: number, reason: string): void;
	/** Bytes that wait to be sent. */
	waiting(): number;
};

export type SocketEvents = { onText(text: string): void; onClose(why: string): void };

/** An upgrade that was refused, with the status of the refusal. */
export class Refused extends Error {
	readonly status: number;
	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

const OPEN_TIMEOUT_MS = 10_000;
/** Each is answered with a pong. Two that are not: the other side is gone. */
const PING_MS = 10_000;
const SILENT_MS = 25_000;
const FRAME_MAX = 1024 * 1024;
const TEXT = 1;
const CONTINUATION = 0;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** @throws Refused, or what the connection failed with */
export function openSocket(
	{ url, headers, signal }: { url: URL; headers: Record<string, string>; signal?: AbortSignal },
	events: SocketEvents,
): Promise<ClientSocket> {
	return new Promise((done, fail) => {
		const key = randomBytes(16).toString("base64");
		const expected = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
		const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
			headers: { ...headers, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": key },
			// Its own connection, and one that speaks HTTP/1.1.
			agent: false,
			signal,
			...(url.protocol === "https:" && { ALPNProtocols: ["http/1.1"] }),
		});
		const timer = setTimeout(() => request.destroy(new Error(`not open within ${OPEN_TIMEOUT_MS} ms`)), OPEN_TIMEOUT_MS);
		request.on("error", (error) => {
			clearTimeout(timer);
			fail(error);
		});
		request.on("response", (response) => {
			clearTimeout(timer);
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				if (text.length < 500) text += chunk;
			});
			response.on("close", () => fail(new Refused(response.statusCode ?? 0, `${response.statusCode}: ${text.slice(0, 300)}`)));
		});
		request.on("upgrade", (response, socket: Socket, head) => {
			clearTimeout(timer);
			if (response.headers["sec-websocket-accept"] !== expected) {
				socket.destroy();
				fail(new Error("the answer to the upgrade is not that of a WebSocket"));
				return;
			}
			done(talk(socket, head, events));
		});
		request.end();
	});
}

function talk(socket: Socket, head: Buffer, { onText, onClose }: SocketEvents): ClientSocket {
	let heardAt = performance.now();
	let why: string | null = null;
	const read = frameReader();
	const write = (opcode: number, payload: Buffer) => {
		if (!socket.destroyed && socket.writable) socket.write(frame(opcode, payload));
	};
	const end = (reason: string) => {
		why ??= reason;
		socket.destroy();
	};
	const heartbeat = setInterval(() => {
		if (performance.now() - heardAt > SILENT_MS) end("the other side fell silent");
		else write(PING, Buffer.alloc(0));
	}, PING_MS);
	const onData = (chunk: Buffer) => {
		heardAt = performance.now();
		try {
			for (const { opcode, payload } of read(chunk)) {
				if (opcode === TEXT) onText(payload.toString("utf8"));
				else if (opcode === PING) write(PONG, payload);
				else if (opcode === CLOSE) {
					write(CLOSE, payload.subarray(0, 2));
					const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
					end(`closed by the other side: ${code} ${payload.subarray(2).toString("utf8")}`.trim());
				}
			}
		} catch (error) {
			end(error instanceof Error ? error.message : String(error));
		}
	};
	socket.setNoDelay(true);
	socket.on("data", onData);
	socket.on("error", (error) => end(error.message));
	socket.on("end", () => end("the connection ended"));
	socket.on("close", () => {
		clearInterval(heartbeat);
		onClose(why ?? "the connection was lost");
	});
	if (head.length > 0) queueMicrotask(() => onData(head));
	return {
		send: (text) => write(TEXT, Buffer.from(text, "utf8")),
		close(code, reason) {
			const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
			payload.writeUInt16BE(code, 0);
			payload.write(reason, 2, "utf8");
			write(CLOSE, payload);
			why ??= reason;
			socket.end();
			setTimeout(() => socket.destroy(), 500).unref();
		},
		waiting: () => socket.writableLength,
	};
}

/** A frame as a client sends it: whole, and masked. */
function frame(opcode: number, payload: Buffer): Buffer {
	const { length } = payload;
	const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
	const bytes = Buffer.allocUnsafe(2 + extra + 4 + length);
	bytes[0] = 0x80 | opcode;
	bytes[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
	if (extra === 2) bytes.writeUInt16BE(length, 2);
	if (extra === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
	const mask = randomBytes(4);
	mask.copy(bytes, 2 + extra);
	const start = 6 + extra;
	for (let n = 0; n < length; n++) bytes[start + n] = (payload[n] as number) ^ (mask[n & 3] as number);
	return bytes;
}

/** Puts together the frames, and the messages in several frames, that arrive in pieces. */
function frameReader(): (chunk: Buffer) => Generator<{ opcode: number; payload: Buffer }> {
	let rest: Buffer = Buffer.alloc(0);
	let parts: Buffer[] = [];
	let size = 0;
	let opcode = TEXT;
	return function* (chunk) {
		rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
		while (rest.length >= 2) {
			const kind = (rest[0] as number) & 0x0f;
			const isLast = ((rest[0] as number) & 0x80) !== 0;
			const short = (rest[1] as number) & 0x7f;
			const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
			if (((rest[1] as number) & 0x80) !== 0) throw new Error("a server's frames are not masked");
			if (rest.length < 2 + extra) return;
			const length = extra === 0 ? short : extra === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
			if (length + size > FRAME_MAX) throw new Error("the message is too large");
			if (rest.length < 2 + extra + length) return;
			const payload = rest.subarray(2 + extra, 2 + extra + length);
			rest = rest.subarray(2 + extra + length);
			if (kind >= CLOSE) {
				yield { opcode: kind, payload };
				continue;
			}
			if (kind !== CONTINUATION) opcode = kind;
			parts.push(payload);
			size += length;
			if (!isLast) continue;
			const whole = parts.length === 1 ? payload : Buffer.concat(parts);
			parts = [];
			size = 0;
			yield { opcode, payload: whole };
		}
	};
}
