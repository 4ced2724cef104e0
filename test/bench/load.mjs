import net from "node:net";

/**
 * A small HTTP/1.1 client over keep-alive sockets. Requests are whole byte strings made before the clock starts, so that the
 * generator costs a fraction of what it measures (fetch and node:http top out below the hello rate on two cores).
 */

/** A request as the bytes that go over the wire. */
export function requestBytes({ method = "GET", url, path, headers = {}, body = "" }) {
	const bytes = Buffer.from(body);
	const lines = [`${method} ${path} HTTP/1.1`, `host: ${new URL(url).host}`];
	for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
	if (method !== "GET") lines.push(`content-length: ${bytes.length}`);
	return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), bytes]);
}

/** One keep-alive connection, one request at a time; reconnects when the server has closed it. */
export class Connection {
	#socket = null;
	#pending = null;
	#buffer = Buffer.alloc(0);
	#url;

	constructor(url) {
		this.#url = new URL(url);
	}

	/** Send and wait for the whole answer. @returns {Promise<{status: number, body: string}>} rejects when the connection breaks */
	send(bytes) {
		return new Promise((resolve, reject) => {
			this.#pending = { resolve, reject };
			this.#buffer = Buffer.alloc(0);
			this.#open().write(bytes);
		});
	}

	/** End the connection. */
	close() {
		this.#socket?.destroy();
		this.#socket = null;
	}

	#open() {
		if (this.#socket && !this.#socket.destroyed) return this.#socket;
		const socket = net.connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
		const broken = (error) => {
			if (this.#socket !== socket) return;
			this.#socket = null;
			const pending = this.#pending;
			this.#pending = null;
			pending?.reject(error ?? new Error("connection closed"));
		};
		socket.on("data", (chunk) => this.#read(chunk));
		socket.on("error", broken);
		socket.on("close", () => broken());
		this.#socket = socket;
		return socket;
	}

	#read(chunk) {
		this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
		const answer = parse(this.#buffer);
		if (!answer || !this.#pending) return;
		const { resolve } = this.#pending;
		this.#pending = null;
		resolve(answer);
	}
}

function parse(buffer) {
	const end = buffer.indexOf("\r\n\r\n");
	if (end < 0) return null;
	const head = buffer.latin1Slice(0, end).toLowerCase();
	const status = Number(head.slice(9, 12));
	const body = buffer.subarray(end + 4);
	const length = /content-length: (\d+)/.exec(head);
	if (length) return body.length >= Number(length[1]) ? { status, body: body.utf8Slice() } : null;
	if (status === 204 || status === 304) return { status, body: "" };
	// Chunked: one request at a time, so the last chunk is the end of what has arrived.
	return body.subarray(-5).equals(Buffer.from("0\r\n\r\n")) ? { status, body: unchunk(body) } : null;
}

function unchunk(bytes) {
	const parts = [];
	for (let at = 0; ; ) {
		const line = bytes.indexOf("\r\n", at);
		const size = Number.parseInt(bytes.latin1Slice(at, line), 16);
		if (!size) return Buffer.concat(parts).utf8Slice();
		parts.push(bytes.subarray(line + 2, line + 2 + size));
		at = line + 4 + size;
	}
}

/**
 * Send all requests as fast as `clients` connections take them.
 * @returns answers in the requests' order (status 0: the connection broke), the rate, and each latency in ms
 */
export async function runLoad({ url, requests, clients = 32 }) {
	const connections = Array.from({ length: Math.min(clients, requests.length) }, () => new Connection(url));
	const answers = new Array(requests.length);
	const latencies = new Float64Array(requests.length);
	let next = 0;
	const began = performance.now();
	await Promise.all(
		connections.map(async (connection) => {
			for (let n = next++; n < requests.length; n = next++) {
				const sent = performance.now();
				answers[n] = await connection.send(requests[n]).catch((error) => ({ status: 0, body: String(error) }));
				latencies[n] = performance.now() - sent;
			}
		}),
	);
	const ms = performance.now() - began;
	for (const connection of connections) connection.close();
	return { answers, latencies, ms, perSecond: (requests.length * 1000) / ms };
}

/** Send requests at a fixed rate whatever the answers take. `sentAt` is wall-clock ms with fractions. */
export async function runPaced({ url, requests, perSecond }) {
	const idle = [];
	const began = performance.now();
	const sending = requests.map(async (bytes, n) => {
		const due = began + (n * 1000) / perSecond;
		await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
		const connection = idle.pop() ?? new Connection(url);
		const sentAt = performance.timeOrigin + performance.now();
		const answer = await connection.send(bytes).catch((error) => ({ status: 0, body: String(error) }));
		idle.push(connection);
		return { sentAt, answeredAt: performance.timeOrigin + performance.now(), ...answer };
	});
	const results = await Promise.all(sending);
	for (const connection of idle) connection.close();
	return results;
}
