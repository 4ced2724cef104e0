import type { OpenAPIHono } from "@hono/zod-openapi";
import { html } from "hono/html";
import { z } from "zod";
import { SESSION_COOKIE } from "../domains/auth/model.ts";
import type { AppEnv, Context } from "./context.ts";
import { answers, type Door } from "./door.ts";
import { version } from "./version.ts";

let app: OpenAPIHono<AppEnv> | null = null;

/** Remember the application whose routes the document describes. */
export function registerDocument(described: OpenAPIHono<AppEnv>): void {
	described.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
	described.openAPIRegistry.registerComponent("securitySchemes", "session", { type: "apiKey", in: "cookie", name: SESSION_COOKIE });
	app = described;
}

function makeDocument() {
	if (!app) throw new Error("no application registered");
	return app.getOpenAPI31Document({
		openapi: "3.1.0",
		info: {
			title: "OpsSight",
			version,
			description:
				"Times are ISO 8601 UTC, rates fractions, durations whole seconds. A token belongs to one team; a session in several teams says which one in `?team=<slug>` or `X-OpsSight-Team`.",
		},
	});
}

function getDocument(c: Context): Response {
	return c.json(makeDocument() as unknown as Record<string, unknown>, 200, { "cache-control": "no-cache" });
}

type Operation = {
	summary?: string;
	tags?: string[];
	parameters?: { name: string; in: string; required?: boolean }[];
	responses?: Record<string, { description: string }>;
};

/** A page that loads nothing from anywhere: the document as text, one section a route. */
async function getDocs(c: Context): Promise<Response> {
	const document = makeDocument();
	const sections = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
		Object.entries(methods as Record<string, Operation>).map(([method, operation]) => {
			const parameters = operation.parameters ?? [];
			return html`<section>
				<h2><code>${method.toUpperCase()} ${path}</code></h2>
				<p>${operation.summary ?? ""}</p>
				${parameters.length > 0 ? html`<p>Parameters: ${parameters.map((p) => html`<code>${p.name}</code>${p.required ? "" : "?"} `)}</p>` : ""}
				<ul>${Object.entries(operation.responses ?? {}).map(([status, response]) => html`<li><code>${status}</code> ${response.description}</li>`)}</ul>
			</section>`;
		}),
	);
	const page = html`<!doctype html>
		<html lang="en">
			<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>OpsSight API</title></head>
			<body>
				<main>
					<h1>OpsSight API ${version}</h1>
					<p>The same as JSON: <a href="/api/openapi.json">openapi.json</a>.</p>
					${sections}
				</main>
			</body>
		</html>`;
	return c.html(page, 200, {
		"content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"x-content-type-options": "nosniff",
	});
}

const policy = { public: "describes the API, nothing about anyone" };
const tags = ["Operations"];

/** The API's description of itself. */
export const documentDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/api/openapi.json", tags, summary: "This document (OpenAPI 3.1)" },
			responses: { 200: answers(z.record(z.string(), z.unknown()), "The document") },
		},
		policy,
		handle: getDocument,
	},
	{
		route: {
			...{ method: "get", path: "/api/docs", tags, summary: "The same, to read in a browser" },
			responses: { 200: { description: "HTML", content: { "text/html": { schema: z.string() } } } },
		},
		policy,
		handle: getDocs,
	},
];
