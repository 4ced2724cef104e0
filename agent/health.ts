import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One figure of `/metrics`. */
export type Figure = {
	name: string;
	help: string;
	type: "gauge" | "counter";
	values: { labels?: Record<string, string>; value: number }[];
};

/** What the program says of itself. `isReady`: it follows the cluster and is connected, as holder or standing by. */
export type Health = { isReady: () => { ok: boolean; why: string }; figures: () => Figure[] };

/** `/healthz`, `/readyz`, `/metrics`: for the kubelet and a Prometheus in the cluster. Says nothing that a stranger may not know. */
export async function serveHealth(port: number, { isReady, figures }: Health): Promise<{ port: number; close: () => void }> {
	const server: Server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8192 }, (request, response) => {
		const answer = (status: number, text: string, type = "text/plain; charset=utf-8") => {
			response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
			response.end(request.method === "HEAD" ? undefined : text);
		};
		if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "Only GET.\n");
		const path = (request.url ?? "/").split("?")[0];
		if (path === "/healthz") return answer(200, "ok\n");
		if (path === "/readyz") {
			const { ok, why } = isReady();
			return answer(ok ? 200 : 503, `${why}\n`);
		}
		if (path === "/metrics") return answer(200, metrics(figures()), "text/plain; version=0.0.4; charset=utf-8");
		return answer(404, "There are /healthz, /readyz and /metrics.\n");
	});
	server.maxConnections = 20;
	await new Promise<void>((done, fail) => {
		server.once("error", fail);
		server.listen(port, done);
	});
	return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Figures in the text format of Prometheus. */
export function metrics(figures: readonly Figure[]): string {
	const lines = figures.flatMap(({ name, help, type, values }) => [
		`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
		`# TYPE ${name} ${type}`,
		...values.map(({ labels = {}, value }) => {
			const written = Object.entries(labels).map(([key, text]) => `${key}="${quoted(text)}"`);
			return `${name}${written.length > 0 ? `{${written.join(",")}}` : ""} ${Number.isFinite(value) ? value : "NaN"}`;
		}),
	]);
	return `${lines.join("\n")}\n`;
}

function quoted(text: string): string {
	return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
