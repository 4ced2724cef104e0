// What `--principals` tells of a development installation: complete for two teams, the same at every start, and every value works.

import { env } from "cloudflare:workers";
import { mkdirSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { doors } from "#worker/http/app";
import { randomId } from "#worker/ids";
import { sources } from "#worker/sources/registry";
import { makePrincipals } from "../../scripts/principals.mjs";
import { eventBody } from "../support/figures.ts";
import { pageRoutes } from "../support/pages-build.ts";
import { ask, hmacHex, ORIGIN, workflowRun } from "../support/team.ts";

vi.mock("@remix-run/route-config", () => ({
	index: (file: string) => ({ file, index: true }),
	route: (path: string, file: string, children?: unknown[]) => ({ path, file, children }),
}));
vi.mock("#remix-build", async () => (await import("../support/pages-build.ts")).pagesBuild);

type Principals = ReturnType<typeof makePrincipals>;
type Role = "viewer" | "member" | "manager" | "admin";
const ROLES: readonly Role[] = ["viewer", "member", "manager", "admin"];
const NAMES = ["a", "b"] as const;

const folder = `/tmp/principals-${randomId(8)}`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const statusOf = async (path: string, headers: Record<string, string>) => (await ask(path, { headers, redirect: "manual" })).status;
let principals: Principals;
const teams = () => NAMES.map((name) => principals.teams[name]!);

/** As `npm run dev` starts. */
async function start(): Promise<void> {
	principals = makePrincipals(folder, ORIGIN);
	const answer = await ask("/dev/setup", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(principals),
	});
	expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
}

beforeAll(async () => {
	mkdirSync(folder, { recursive: true });
	await start();
});

test("every key of the contract, for two teams that share nothing", () => {
	expect(principals.baseUrl).toBe(ORIGIN);
	expect(Object.keys(principals.teams)).toEqual([...NAMES]);
	const text = expect.stringMatching(/./);
	const byRole = Object.fromEntries(ROLES.map((role) => [role, text]));
	for (const team of teams()) {
		expect(team).toEqual({
			...{ id: text, slug: text, name: text, ingestToken: text, metricsToken: text, tokens: byRole, agents: { "main-cluster": text } },
			webhooks: Object.fromEntries(
				Object.keys(sources).map((source) => [source, { path: expect.stringMatching(`^/webhooks/${source}/`), secret: "corpus-secret" }]),
			),
			sessions: Object.fromEntries(ROLES.map((role) => [role, expect.stringMatching(/^__Host-opssight=[\w-]{43}$/)])),
			objects: expect.any(Object),
			...{ live: `/live/${team.slug}`, signIn: "/login" },
		});
		for (const object of Object.values(team.objects)) expect(object).toEqual(text);
	}
	const valuesOf = (value: unknown): string[] =>
		typeof value === "object" ? Object.values(value ?? {}).flatMap(valuesOf) : [String(value)];
	const shared = valuesOf(principals.teams.a).filter((value) => valuesOf(principals.teams.b).includes(value));
	expect([...new Set(shared)].sort()).toEqual(["/login", "corpus-secret"]);
});

test("the same at every start on the same folder, and nothing is made twice", async () => {
	const first = JSON.stringify(principals);
	const before = await env.DB.prepare("SELECT count(*) AS n FROM runs").first("n");
	await start();
	await start();
	expect(JSON.stringify(principals)).toBe(first);
	expect(await env.DB.prepare("SELECT count(*) AS n FROM runs").first("n")).toBe(before);
});

describe.each(NAMES)("team %s", (name) => {
	const team = () => principals.teams[name]!;

	test("every role's token and session may what the role may, and nothing more", async () => {
		const may: [path: string, from: Role][] = [
			["/api/runs", "viewer"],
			["/api/integrations", "viewer"],
			["/api/members", "viewer"],
			["/api/audit", "manager"],
			["/metrics", "admin"],
			["/api/invitations", "admin"],
			["/api/machine-tokens", "admin"],
		];
		for (const role of ROLES) {
			for (const [path, from] of may) {
				const expected = ROLES.indexOf(role) >= ROLES.indexOf(from) ? 200 : 403;
				const seen = [await statusOf(path, bearer(team().tokens[role]!)), await statusOf(path, { cookie: team().sessions[role]! })];
				expect([role, path, ...seen]).toEqual([role, path, expected, expected]);
			}
			expect(await statusOf(`/t/${team().slug}/overview`, { cookie: team().sessions[role]! })).toBe(200);
			const sent = await post(team().tokens[role]!, `by-${role}`);
			expect([role, sent]).toEqual([role, role === "viewer" ? 403 : 201]);
			const rows = await env.DB.prepare("SELECT scopes FROM tokens WHERE user_id = ?")
				.bind(`u-${team().id}-${role}`)
				.all<{ scopes: string }>();
			const scopes = { viewer: ["read"], member: ["read", "ingest", "act"], manager: ["read", "ingest", "act"] } as Record<
				string,
				string[]
			>;
			expect(JSON.parse(rows.results[0]!.scopes)).toEqual(scopes[role] ?? ["read", "ingest", "act", "metrics", "admin"]);
		}
	});

	const post = async (token: string, id: string) =>
		(
			await ask("/api/events", {
				method: "POST",
				headers: { ...bearer(token), "content-type": "application/json" },
				body: JSON.stringify(eventBody({ id })),
			})
		).status;

	test("the machines' tokens do what they are for and nothing else", async () => {
		expect(await post(team().ingestToken, "by-machine")).toBe(201);
		expect(await statusOf("/metrics", bearer(team().metricsToken))).toBe(200);
		for (const token of [team().ingestToken, team().metricsToken]) expect(await statusOf("/api/runs", bearer(token))).toBe(403);
		expect(await post(team().metricsToken, "no")).toBe(403);
	});

	test("every source's webhook takes what is signed with its secret", async () => {
		const body = JSON.stringify(workflowRun({ id: 1 }));
		const { github, gitlab, argocd, cdevents, alertmanager, generic } = team().webhooks as Record<string, { path: string; secret: string }>;
		const json = { "content-type": "application/json" };
		const sent: [string, Record<string, string>, string][] = [
			[
				github!.path,
				{
					"x-github-event": "workflow_run",
					"x-github-delivery": randomId(12),
					"x-hub-signature-256": `sha256=${await hmacHex(github!.secret, body)}`,
				},
				body,
			],
			[gitlab!.path, { "x-gitlab-event": "Test Hook", "x-gitlab-token": gitlab!.secret }, "{}"],
			[argocd!.path, { "x-opssight-event": "ping", ...bearer(argocd!.secret) }, "{}"],
			[cdevents!.path, { "ce-type": "dev.cdevents.build.started.0.3.0", ...bearer(cdevents!.secret) }, "{}"],
			[alertmanager!.path, { "x-opssight-event": "ping", ...bearer(alertmanager!.secret) }, "{}"],
			[generic!.path, { "x-opssight-event": "ping", ...bearer(generic!.secret) }, "{}"],
		];
		expect(sent).toHaveLength(Object.keys(sources).length);
		for (const [path, headers, text] of sent)
			expect([path, (await ask(path, { method: "POST", headers: { ...json, ...headers }, body: text })).status]).toEqual([path, 202]);
	});

	test("the live address opens", async () => {
		const headers = { cookie: team().sessions.viewer!, origin: ORIGIN };
		const answer = await ask(team().live, { headers: { ...headers, upgrade: "websocket" } });
		expect(answer.status).toBe(101);
		answer.webSocket?.accept();
		answer.webSocket?.close();
		expect(await statusOf(`${team().live}/changes`, headers)).toBe(200);
	});

	test("there is an object for every kind that has a page or a route, it exists, and it is nobody else's", async () => {
		const other = principals.teams[name === "a" ? "b" : "a"]!;
		/** Which object stands for the variable part of an address. */
		const KINDS: [RegExp, string][] = [
			[/\/runs\/(\{id\}|:id)/, "run"],
			[/\/integrations\/(\{id\}|:integration)/, "integration"],
			[/\/members\/\{id\}/, "member"],
			[/^\/api\/invitations\/\{id\}/, "invitation"],
			[/^\/invitations\/:token/, "invitationLink"],
			[/\/machine-tokens\/\{id\}/, "machineToken"],
			[/\/tokens\/\{id\}/, "token"],
			[/\/sessions\/\{id\}/, "session"],
			[/\/environments\/(\{id\}|:environment|:id)/, "environment"],
			[/\/deployments\/(\{id\}|:deployment|:id)/, "deployment"],
			[/\/rollbacks\/(\{id\}|:rollback|:id)/, "rollback"],
			[/\/holds\/\{id\}/, "hold"],
			[/\/clusters\/(\{id\}|:cluster|:id)/, "cluster"],
			[/\/deploy-requests\/\{id\}/, "deployRequest"],
			[/\/dispatchers\/(\{id\}|:dispatcher|:id)/, "dispatcher"],
		];
		// A team is no object of a team, a webhook's address is a principal, and a preference is a cookie.
		const isAboutNone = (path: string) => !/[{:]/.test(path.replace(/\{team\}|:team|:preference|\{source\}\/\{integration\}/g, ""));
		const paths = [...doors.map(({ route }) => route.path), ...pageRoutes.map(({ path }) => path)].filter((path) => !isAboutNone(path));
		const kinds = new Set(
			paths
				.map((path) => [path, KINDS.find(([form]) => form.test(path))?.[1]] as const)
				.map(([path, kind]) => kind ?? `no object for ${path}`),
		);
		// Deliveries are named in bodies.
		expect(Object.keys(team().objects).sort()).toEqual([...kinds, "delivery"].sort());

		const listed = async (path: string, cookie = team().sessions.admin!) => await (await ask(path, { headers: { cookie } })).text();
		const { run, delivery, integration, member, token, machineToken, session, invitation, invitationLink } = team().objects as Record<
			string,
			string
		>;
		expect(await listed(`/api/runs/${run}`)).toContain(`"id":"${run}"`);
		const { environment, deployment, rollback, cluster, deployRequest, dispatcher } = team().objects as Record<string, string>;
		expect(await listed(`/api/environments/${environment}`)).toContain(`"id":"${environment}"`);
		expect(await listed(`/api/deployments/${deployment}`)).toContain(`"id":"${deployment}"`);
		expect(await listed(`/api/rollbacks/${rollback}`)).toContain(`"id":"${rollback}"`);
		expect(await listed("/api/clusters")).toContain(cluster);
		expect(await listed("/api/deploy-requests")).toContain(deployRequest);
		expect(await listed("/api/dispatchers")).toContain(dispatcher);
		for (const path of [`environments/${environment}`, `deployments/${deployment}`, `rollbacks/${rollback}`]) {
			expect(await statusOf(`/api/${path}`, { cookie: other.sessions.admin! })).toBe(404);
		}
		expect(await listed(`/api/runs/${run}/raw`)).toContain(`"delivery_id":"${delivery}"`);
		expect(await listed("/api/integrations")).toContain(integration);
		expect(await listed("/api/members")).toContain(member);
		expect(await listed("/api/tokens", team().sessions.viewer!)).toContain(token);
		expect(await listed("/api/machine-tokens")).toContain(machineToken);
		expect(await listed("/api/sessions", team().sessions.viewer!)).toContain(session);
		expect(await listed("/api/invitations")).toContain(invitation);
		expect(await statusOf(`/t/${team().slug}/runs/${run}`, { cookie: team().sessions.viewer! })).toBe(200);
		expect(await statusOf(`/t/${team().slug}/settings/integrations/${integration}`, { cookie: team().sessions.viewer! })).toBe(200);
		expect(await statusOf(invitationLink!, { cookie: other.sessions.viewer! })).toBe(200);
		expect(await statusOf(`/api/runs/${run}`, { cookie: other.sessions.admin! })).toBe(404);
	});
});
