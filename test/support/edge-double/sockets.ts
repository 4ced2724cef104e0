// The server's half of a WebSocket, as far as an agent needs one. @source RFC 6455
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export type ServerSocket = { send(text: string): void; close(code: number, reason: string): void /** Cut the line. */; cut(): void };

/** Accept an upgrade. */
export function accept(
	request: IncomingMessage,
	socket: Duplex,
	head: Buffer,
	{ onText, onClose }: { onText: (text: string) => void; onClose: () => void },
): ServerSocket {
	const key = request.headers["sec-websocket-key"];
	const answer = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`);
	let rest = Buffer.from(head);
	const write = (opcode: number, payload: Buffer) => {
		if (!socket.writable) return;
		const { length } = payload;
		const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
		header[0] = 0x80 | opcode;
		header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
		if (header.length === 4) header.writeUInt16BE(length, 2);
		if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
		socket.write(Buffer.concat([header, payload]));
	};
	const read = () => {
		while (rest.length >= 2) {
			const opcode = (rest[0] as number) & 0x0f;
			const short = (rest[1] as number) & 0x7f;
			const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
			if (rest.length < 6 + extra) return;
			const length = extra === 0 ? short : extra === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
			if (rest.length < 6 + extra + length) return;
			const mask = rest.subarray(2 + extra, 6 + extra);
			const payload = Buffer.from(rest.subarray(6 + extra, 6 + extra + length));
			for (let n = 0; n < length; n++) payload[n] = (payload[n] as number) ^ (mask[n & 3] as number);
			rest = rest.subarray(6 + extra + length);
			if (opcode === 1) onText(payload.toString("utf8"));
			if (opcode === 8) {
				write(8, payload.subarray(0, 2));
				socket.end();
			}
			if (opcode === 9) write(10, payload);
		}
	};
	socket.on("data", (chunk: Buffer) => {
		rest = Buffer.concat([rest, chunk]);
		read();
	});
	socket.on("error", () => socket.destroy());
	socket.on("close", onClose);
	queueMicrotask(read);
	return {
		send: (text) => write(1, Buffer.from(text, "utf8")),
		close(code, reason) {
			const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
			payload.writeUInt16BE(code, 0);
			payload.write(reason, 2);
			write(8, payload);
			socket.end();
		},
		cut: () => socket.destroy(),
	};
}
