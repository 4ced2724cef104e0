import { OpenAPIHono } from "@hono/zod-openapi";
import type { ServerBuild } from "@remix-run/cloudflare";
import { createRequestHandler } from "@remix-run/cloudflare";
import { devDoors } from "../dev/doors.ts";
import { isPolicy } from "../domains/auth/model.ts";
import { isWithoutAdmin, makeSetupToken } from "../domains/auth/sign-in.server.ts";
import { allTeams } from "../domains/teams/store.server.ts";
import { isLoopbackDevelopment, readSettings } from "../env.ts";
import { AppError } from "../errors.ts";
import { randomSecret } from "../ids.ts";
import { logSetupToken } from "../log.ts";
import { withPatience } from "../patience.ts";
import { agentDoors } from "./agents.ts";
import { auditDoors } from "./audit.ts";
import { checkForm } from "./body.ts";
import { clusterDoors } from "./clusters.ts";
import type { AppEnv, Context } from "./context.ts";
import { deploymentDoors } from "./deployments.ts";
import { dispatcherDoors } from "./dispatchers.ts";
import { documentDoors, registerDocument } from "./document.ts";
import { type Door, routerPath } from "./door.ts";
import { environmentsPort } from "./environments-port.ts";
import { errorResponse } from "./error-response.ts";
import { eventDoors } from "./events.ts";
import { integrationDoors } from "./integrations.ts";
import { ledgerPort } from "./ledger.ts";
import { linksPort } from "./links.ts";
import { memberDoors } from "./members.ts";
import { metricsDoors } from "./metrics.ts";
import { authorise, hasOwnOrigin, prepare } from "./middleware.ts";
import { operationDoors } from "./operations.ts";
import { pagesWithoutPolicy } from "./page-policies.ts";
import { limitActor } from "./rate-limit.ts";
import { rollbackDoors } from "./rollbacks.ts";
import { runDoors } from "./runs.ts";
import { safeHeaders } from "./safe-headers.ts";
import { sendTest } from "./send-test.ts";
import { signInDoors } from "./sign-in.ts";
import { liveDoors } from "./sockets.ts";
import { tokenDoors } from "./tokens.ts";
import { webhookDoors } from "./webhooks.ts";

/** Every route of the API, with its promise, its policy and its handler. */
export const doors: Door[] = [
	...operationDoors,
	...runDoors,
	...metricsDoors,
	...deploymentDoors,
	...dispatcherDoors,
	...eventDoors,
	...webhookDoors,
	...integrationDoors,
	...auditDoors,
	...memberDoors,
	...tokenDoors,
	...rollbackDoors,
	...clusterDoors,
	...agentDoors,
	...liveDoors,
	...documentDoors,
	...signInDoors,
];

/** No answer of ours takes longer than this; past it the database is as good as away. */
const PATIENCE_MS = 10_000;
/** What belongs to the doors and never falls through to a page. `/dev/ui` is one, which answers in development only. */
const DOOR_PATHS = /^\/+(api|webhooks|agent|live|dev(?!\/ui$)|health|metrics)(\/|$)/i;
/** How long the sign-in page waits to learn whether anybody is admin. */
const LOOKUP_MS = 2000;

const tookTooLong = () => new AppError("unavailable", "This took too long. Try again in a few seconds.");

/**
 * The application: doors first, pages for everything else.
 * @throws when a door does not say who may use it: the Worker does not start
 */
export function createApp(served: readonly Door[] = doors): OpenAPIHono<AppEnv> {
	const app = new OpenAPIHono<AppEnv>();
	app.use("*", safeHeaders);
	app.use("*", prepare);
	for (const { route, policy, handle } of served) {
		if (!isPolicy(policy)) throw new Error(`${route.method} ${route.path} does not say who may use it`);
		// What takes deliveries has its own patience in the ledger; a timer for each would cost as much as parsing it.
		const handler = "permission" in policy ? (c: Context) => withPatience(Promise.resolve(handle(c)), PATIENCE_MS, tookTooLong) : handle;
		const checks = "permission" in policy ? [authorise(policy.permission, policy.or)] : [];
		app.on(route.method.toUpperCase(), [routerPath(route.path)], ...checks, handler);
		const security: Record<string, string[]>[] = "permission" in policy ? [{ bearer: [] }, { session: [] }] : [];
		app.openAPIRegistry.registerPath({ security, ...route });
	}
	registerDocument(app);
	app.route("/dev", devDoors());
	app.notFound((c) => {
		if (DOOR_PATHS.test(c.req.path)) throw new AppError("notFound", "There is nothing at this address.");
		return page(c, app);
	});
	app.onError((error, c) => {
		// A page's data request wants JSON, a person's browser a page.
		const asPage = !DOOR_PATHS.test(c.req.path) && (c.req.header("accept") ?? "").includes("text/html");
		return errorResponse(error, c.get("requestId") ?? "unknown", { asPage });
	});
	return app;
}

type Pages = (request: Request, context: Record<string, unknown>) => Promise<Response>;
let remix: Pages | undefined;

/** The pages of a build. @throws when a loader or action does not say who may use it: then no page is served */
export function servePages(build: ServerBuild): Pages {
	const silent = pagesWithoutPolicy(build.routes);
	if (silent.length > 0) throw new Error(`pages without a policy: ${silent.join(", ")}`);
	return createRequestHandler(build, "production") as unknown as Pages;
}

/** Everything that is no door is a page. Remix is loaded with the first one, so that a webhook never waits for it. */
async function page(c: Context, app: OpenAPIHono<AppEnv>): Promise<Response> {
	const changesState = c.req.method !== "GET" && c.req.method !== "HEAD";
	if (changesState && !hasOwnOrigin(c)) throw new AppError("forbidden", "This form was not sent by a page of this installation.");
	const request = changesState ? await checkForm(c.req.raw) : c.req.raw;
	remix ??= servePages((await import("#remix-build")) as unknown as ServerBuild);
	const isLocal = isLoopbackDevelopment(c.env, new URL(c.req.url));
	const settings = readSettings(c.env);
	// A page that can't tell who asks treats them as nobody: the sign-in page, not an error.
	const actor = c.req.header("authorization") === undefined ? await c.get("actor")() : null;
	const slug = /^\/t\/([^/]+)/.exec(c.req.path)?.[1];
	const team = actor?.kind === "person" ? actor.teams.find((each) => each.slug === slug) : undefined;
	// What is in no team is counted in the person's first, as the doors do.
	const counted = team ?? (actor?.kind === "person" ? actor.teams[0] : undefined);
	if (actor && counted) await limitActor(c.env, actor, counted.id, c.get("now"));
	const context = {
		db: c.get("db"),
		ledger: ledgerPort(c.env),
		environments: environmentsPort(c.env),
		links: linksPort(c.env),
		sendTest: (teamId: string, integrationId: string) => sendTest(c, app.fetch, teamId, integrationId),
		actor,
		address: c.get("address"),
		now: c.get("now"),
		requestId: c.get("requestId"),
		nonce: randomSecret(),
		environment: settings.environment,
		signIn: { gitHub: settings.gitHub !== null, setup: c.req.path === "/login" && (await offersSetup(c, settings.setupToken !== null)) },
		demoSignIn: isLocal,
		demoTeams: isLocal && c.req.path === "/login" ? await allTeams(c.get("db")) : [],
	};
	return await withPatience(remix(request, context), PATIENCE_MS, tookTooLong);
}

/** Whether the sign-in page asks for the setup token. The first one who looks has it made and printed, this once. */
async function offersSetup(c: Context, isSet: boolean): Promise<boolean> {
	const db = c.get("db");
	// The sign-in page itself must open while the database is away: it says so better than an error does.
	const isNew = await withPatience(isWithoutAdmin(db), LOOKUP_MS, tookTooLong).catch(() => false);
	if (!isNew || isSet) return isNew;
	const token = await makeSetupToken(db);
	if (token !== null) logSetupToken("nobody is admin here yet: open /login and enter this setup token", token);
	return true;
}
