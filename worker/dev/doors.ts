import { Hono } from "hono";
import { z } from "zod";
import { storyGroup, storySize } from "../demo/story.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import { endSockets } from "../domains/auth/acting.server.ts";
import { ROLES, readCookie, SESSION_COOKIE } from "../domains/auth/model.ts";
import { startSession } from "../domains/auth/sign-in.server.ts";
import { demoIntegration, insertIntegration, putSecret } from "../domains/integrations/store.server.ts";
import { memberOfRole, teamBySlug } from "../domains/teams/store.server.ts";
import { isLoopbackDevelopment } from "../env.ts";
import { AppError } from "../errors.ts";
import type { AppEnv, Context } from "../http/context.ts";
import { ledgerPort } from "../http/ledger.ts";
import { hasOwnOrigin } from "../http/middleware.ts";
import { safePath, sessionCookie } from "../http/session.ts";
import { newIntegrationId, randomSecret } from "../ids.ts";
import { ingest } from "../pipeline/hand-over.ts";
import { fieldsOf } from "../wire/fields.ts";
import { setUpDemoCluster } from "./demo-cluster.ts";
import { hideExamples } from "./examples.ts";
import { setD1Fault } from "./faults.ts";
import { Principals, setUpTeam } from "./setup.ts";

const FaultRequest = z.object({ d1: z.enum(["ok", "error", "hang"]) });
const DemoRequest = z.object({ team: z.string(), group: z.int().min(0), anchor: z.int() });
const ClusterRequest = z.object({
	team: z.string(),
	token: z
		.string()
		.regex(/^opst_[\w-]{40,}$/)
		.optional(),
});
const TeamRequest = z.object({ team: z.string() });
const SignInForm = z.object({ team: z.string(), role: z.enum(ROLES), next: z.string().optional() });

async function parse<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
	const parsed = schema.safeParse(await c.req.json().catch(() => null));
	if (!parsed.success) throw new AppError("invalid", "The body does not hold. See `fields`.", { fields: fieldsOf(parsed.error) });
	return parsed.data;
}

async function teamNamed(c: Context, slug: string): Promise<{ id: string; slug: string }> {
	const team = await teamBySlug(c.get("db"), slug);
	if (!team) throw new AppError("notFound", "There is no such team.");
	return team;
}

/** One group of the demo story through the ordinary commit path; the first makes the demo's integration. */
async function postDemo(c: Context): Promise<Response> {
	const { team: slug, group, anchor } = await parse(c, DemoRequest);
	const db = c.get("db");
	const team = await teamNamed(c, slug);
	let integrationId = await demoIntegration(db, team.id);
	// It was removed while a script was still bringing it in: then nothing brings it back.
	if (integrationId === null && group > 0) return c.json({ groups: storySize(), done: true });
	if (integrationId === null) {
		integrationId = newIntegrationId(team.id);
		const { id: teamId } = team;
		const now = c.get("now");
		const statements = [
			insertIntegration({ id: integrationId, teamId, source: "github", name: "Demo", isDemo: true, now }),
			putSecret({ integrationId, teamId, slot: 0, secret: randomSecret(), now, expiresAt: null }),
			hideExamples(teamId),
		];
		const entry = { at: now, actor: "system", role: null, act: "demo.add", object: integrationId, outcome: "done" } as const;
		await commitAudited(db, teamId, statements, [entry]);
		await c.env.TEAM_LEDGER.getByName(team.id).syncCredentials(team.id);
	}
	const groups = storySize();
	if (group >= groups) return c.json({ groups, done: true });
	const deliveries = storyGroup({ anchor, group, teamSalt: team.id, integrationId });
	await ingest(c.env, team.id, deliveries);
	return c.json({ groups, done: group + 1 >= groups, deliveries: deliveries.length });
}

async function postRemoveDemo(c: Context): Promise<Response> {
	const team = await teamNamed(c, (await parse(c, TeamRequest)).team);
	return c.json(await ledgerPort(c.env).removeDemo(team.id, 500));
}

/** Where the dev script's trickle delivers: the demo's own integration, so that it goes when the demo goes. */
async function postDemoWebhook(c: Context): Promise<Response> {
	const team = await teamNamed(c, (await parse(c, TeamRequest)).team);
	const integrationId = await demoIntegration(c.get("db"), team.id);
	const integration = integrationId && (await c.env.TEAM_LEDGER.getByName(team.id).integration(integrationId));
	if (!integration) throw new AppError("notFound", "This team has no demo.");
	return c.json({ path: `/webhooks/github/${integration.id}`, secret: integration.secrets[0]?.secret });
}

/** The cluster in which the dev script runs the demo. With a token it is made where it is missing, and its agent comes with that. */
async function postDemoCluster(c: Context): Promise<Response> {
	const { team: slug, token } = await parse(c, ClusterRequest);
	const team = await teamNamed(c, slug);
	const cluster = await setUpDemoCluster(c.get("db"), team.id, { token, now: c.get("now") });
	if (!cluster) throw new AppError("notFound", "This team has no demo, or its cluster was taken out.");
	return c.json(cluster);
}

async function postSetup(c: Context): Promise<Response> {
	const { teams } = await parse(c, Principals);
	for (const team of Object.values(teams)) await setUpTeam(c.env, c.get("db"), team, c.get("now"));
	return c.json({ teams: Object.values(teams).map(({ slug }) => slug) });
}

async function postSignIn(c: Context): Promise<Response> {
	if (!hasOwnOrigin(c)) throw new AppError("forbidden", "This form was not sent by a page of this installation.");
	const parsed = SignInForm.safeParse(await c.req.parseBody());
	if (!parsed.success) throw new AppError("invalid", "Choose a team and a role.", { fields: fieldsOf(parsed.error) });
	const { team, role, next } = parsed.data;
	const db = c.get("db");
	const userId = await memberOfRole(db, team, role);
	if (userId === null) throw new AppError("notFound", "Nobody has this role in this team.");
	const { value, ended } = await startSession(db, userId, {
		...{ method: "dev", oldSession: readCookie(c.req.header("cookie"), SESSION_COOKIE), agent: c.req.header("user-agent") ?? null },
		...{ address: c.get("address"), requestId: c.get("requestId"), now: c.get("now") },
	});
	if (ended) await endSockets({ ledger: ledgerPort(c.env) }, ended.teamIds, [ended.id]);
	c.header("set-cookie", sessionCookie(value));
	return c.redirect(safePath(next) ?? `/t/${team}/overview`, 303);
}

/** Doors of a developer's own machine. Anywhere else, and in any other environment, they do not exist. */
export function devDoors(): Hono<AppEnv> {
	const doors = new Hono<AppEnv>();
	doors.use("*", async (c, next) => {
		if (!isLoopbackDevelopment(c.env, new URL(c.req.url))) throw new AppError("notFound", "There is no such page.");
		await next();
	});
	doors.post("/faults", async (c) => {
		// A page of somebody else must not be able to break things through a visitor's browser.
		if (c.req.header("origin") !== undefined && !hasOwnOrigin(c)) throw new AppError("forbidden", "Not from a page.");
		const { d1 } = await parse(c, FaultRequest);
		setD1Fault(d1);
		return c.json({ d1 });
	});
	for (const [path, handle] of [
		["/setup", postSetup],
		["/demo", postDemo],
		["/demo/remove", postRemoveDemo],
		["/demo/webhook", postDemoWebhook],
		["/demo/cluster", postDemoCluster],
	] as const) {
		doors.post(path, async (c) => {
			if (c.req.header("origin") !== undefined) throw new AppError("forbidden", "This door is for scripts, not for pages.");
			return await handle(c);
		});
	}
	doors.post("/sign-in", postSignIn);
	return doors;
}
