import { type Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/**
 * One way to ask over HTTP. `node:http` and not `fetch`: a custom certificate authority and a kept-alive connection need no package with
 * it, and `fetch` brings about 8 MB of resident memory that this program otherwise does not use.
 */

export type Ask = {
	method: "GET" | "POST" | "PATCH";
	url: URL;
	headers: Record<string, string>;
	body?: string;
	agent: Agent | undefined;
	/** Of the whole answer; for a stream, of its beginning. */
	timeoutMs: number;
	signal?: AbortSignal | undefined;
};

export type Answer = { status: number; headers: IncomingMessage["headers"]; text: string };

// A page of 200 pods is about 2 MB; a hundred times that is no page.
const ANSWER_BYTES_MAX = 64 * 2 ** 20;

/** A connection failed, or an answer did not come in time: nobody knows whether the request was carried out. */
export class Unreachable extends Error {}

/** Begin a request. The body of its answer is the caller's to read. */
export function open({ method, url, headers, body, agent, timeoutMs, signal }: Ask): Promise<IncomingMessage> {
	return new Promise((done, fail) => {
		const make = url.protocol === "https:" ? requestHttps : requestHttp;
		const all = body === undefined ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
		const request: ClientRequest = make(url, { method, headers: all, agent, signal });
		const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
		request.on("response", (response) => {
			clearTimeout(timer);
			done(response);
		});
		request.on("error", (error) => {
			clearTimeout(timer);
			fail(new Unreachable(`${method} ${url.pathname}: ${error.message}`));
		});
		request.end(body);
	});
}

/** Ask, and read the whole answer. @throws Unreachable */
export async function ask(asked: Ask): Promise<Answer> {
	const response = await open(asked);
	const timer = setTimeout(() => response.destroy(new Error(`the answer took more than ${asked.timeoutMs} ms`)), asked.timeoutMs);
	try {
		const chunks: Buffer[] = [];
		let size = 0;
		for await (const chunk of response as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > ANSWER_BYTES_MAX) throw new Error("the answer is too large");
			chunks.push(chunk);
		}
		return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString("utf8") };
	} catch (error) {
		response.destroy();
		throw new Unreachable(`${asked.method} ${asked.url.pathname}: ${error instanceof Error ? error.message : String(error)}`);
	} finally {
		clearTimeout(timer);
	}
}
