import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./context.ts";

/** What holds for every answer that does not say otherwise itself: pages bring their own policy, downloads and lists their own caching. */
const DEFAULTS = {
	"x-content-type-options": "nosniff",
	"referrer-policy": "same-origin",
	"content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"cache-control": "no-store",
} as const;
/** Subdomains are somebody else's decision. */
const HSTS = "max-age=31536000";

function addDefaults(headers: Headers, isSecure: boolean): void {
	for (const [name, value] of Object.entries(DEFAULTS)) if (!headers.has(name)) headers.set(name, value);
	// Over plain http browsers must ignore it, and a developer's own machine must stay reachable.
	if (isSecure) headers.set("strict-transport-security", HSTS);
}

/** Put the headers that every answer has on those of doors, redirects and errors too. */
export const safeHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
	await next();
	// An upgraded socket has no headers to add to.
	if (c.res.status === 101) return;
	const isSecure = c.req.url.startsWith("https:");
	try {
		addDefaults(c.res.headers, isSecure);
	} catch {
		// What came from elsewhere as it is has headers that can't be added to.
		c.res = new Response(c.res.body, c.res);
		addDefaults(c.res.headers, isSecure);
	}
};
