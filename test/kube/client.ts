// A small client for the double's own tests: requests, and watches as the lines they are made of.
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { Json, KubeDouble } from "../support/kube-double/index.ts";

export type Answer = { status: number; body: Json };
type Options = { token?: string | null; body?: Json; type?: string; accept?: string };

const optionsFor = (
	double: KubeDouble,
	method: string,
	path: string,
	{ token = "admin-token", type, accept }: Options,
): RequestOptions & { path: string } => {
	const { hostname, port } = new URL(double.url);
	const headers = {
		...(token ? { authorization: `Bearer ${token}` } : {}),
		"content-type": type ?? "application/json",
		accept: accept ?? "application/json",
	};
	return { hostname, port, method, path, ca: double.ca, headers, agent: false };
};

/** One request. @throws where the connection was cut */
export function ask(double: KubeDouble, method: string, path: string, options: Options = {}): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const request = httpsRequest(optionsFor(double, method, path, options), (response) => {
			let text = "";
			response.on("data", (chunk) => {
				text += chunk;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
			response.on("error", reject);
		});
		request.on("error", reject);
		request.end(options.body === undefined ? undefined : JSON.stringify(options.body));
	});
}

export type Watch = {
	status: number;
	events: { type: string; object: Json }[];
	/** Resolves when an event of this description has come, or the watch is over. */
	until: (seen: (event: { type: string; object: Json }) => boolean) => Promise<void>;
	ended: Promise<void>;
	stop: () => void;
};

/** An open watch. */
export function watch(double: KubeDouble, path: string, options: Options = {}): Promise<Watch> {
	return new Promise((resolve, reject) => {
		const request = httpsRequest(optionsFor(double, "GET", path, options), (response) => {
			let [rest, heard] = ["", () => {}];
			let over = false;
			const events: Watch["events"] = [];
			const ended = new Promise<void>((end) => response.on("close", end));
			response.on("error", () => {});
			response.on("data", (chunk) => {
				const lines = (rest + chunk).split("\n");
				rest = lines.pop() as string;
				for (const line of lines) events.push(JSON.parse(line));
				heard();
			});
			ended.then(() => {
				over = true;
				heard();
			});
			const until: Watch["until"] = async (seen) => {
				while (!over && !events.some(seen)) {
					await new Promise<void>((next) => {
						heard = next;
					});
				}
			};
			resolve({ status: response.statusCode ?? 0, events, until, ended, stop: () => request.destroy() });
		});
		request.on("error", reject);
		request.end();
	});
}
