// Secrets in more than forty shapes, put into everything that takes text from outside; then everything that gives text is read.
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openDatabase } from "#worker/dev/faults";
import { knowGitHubUser } from "#worker/domains/auth/sign-in.server";
import { RULES } from "#worker/domains/redaction/rules";
import type { Env } from "#worker/env";
import { doors } from "#worker/http/app";
import { randomId } from "#worker/ids";
import worker from "#worker/index";
import { eventBody } from "../support/figures.ts";
import { settingsFor } from "../support/github-double.mjs";
import { pageRoutes } from "../support/pages-build.ts";
import { SECRETS } from "../support/secrets.ts";
import { ask, ledgerOf, makeTeam, ORIGIN, SECRET, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

vi.mock("@remix-run/route-config", () => ({
	index: (file: string) => ({ file, index: true }),
	route: (path: string, file: string, children?: unknown[]) => ({ path, file, children }),
}));
vi.mock("#remix-build", async () => (await import("../support/pages-build.ts")).pagesBuild);

/** As it stands in a text, and where: what the rule of its name is about. Shorter ones could be found anywhere by chance. */
const firsts = SECRETS.filter(
	([rule], n) =>
		SECRETS.findIndex(([other]) => other === rule) === n || ["authorization", "secret-value", "url-credentials"].includes(rule),
);
const shapes = firsts
	.filter(([, secret]) => secret.length >= 6)
	.map(([rule, secret, before = "found ", after = " here"]) => ({
		...{ rule, secret, text: before + secret + after },
	}));
const needles = [...new Set(shapes.flatMap(({ secret }) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]))];

/** What takes many requests for each is asked with half of them, more than forty. */
const half = shapes.filter((_shape, n) => n % 2 === 0);

/** Where which secrets were found. */
const leaks = new Map<string, Set<string>>();
function look(where: string, text: string): void {
	for (const needle of needles) if (text.includes(needle)) leaks.set(where, (leaks.get(where) ?? new Set()).add(needle));
}
const found = () => [...leaks].map(([where, secrets]) => `${where}: ${[...secrets].slice(0, 3).join(" | ").slice(0, 300)}`);

const headersOf = (answer: Response) => [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
/** Ask, and look at the whole answer. What a person typed into an address stays theirs: its echo in `location` is not looked at. */
async function send(where: string, path: string, init: RequestInit = {}): Promise<Response | null> {
	let answer: Response;
	try {
		answer = await ask(path, { redirect: "manual", ...init });
	} catch (error) {
		// A header that can't be sent at all.
		if (error instanceof TypeError) return null;
		throw error;
	}
	const copy = answer.clone();
	if (answer.status !== 101) look(`answer to ${where}`, await answer.text());
	look(`headers of the answer to ${where}`, headersOf(answer).replace(/^location: .*$/m, ""));
	return copy;
}

let team: TestTeam;
let frames: string[];
const lines: string[] = [];
const asAdmin = () => ({ cookie: team.sessions.admin, origin: ORIGIN });
const json = { "content-type": "application/json" };

beforeAll(async () => {
	for (const level of ["log", "info", "warn", "error", "debug"] as const) {
		vi.spyOn(console, level).mockImplementation((...args: unknown[]) => {
			lines.push(args.map(String).join(" "));
		});
	}
	team = await makeTeam();
	const answer = await ask(`/live/${team.slug}`, { headers: { ...asAdmin(), upgrade: "websocket" } });
	frames = [];
	answer.webSocket!.accept();
	answer.webSocket!.addEventListener("message", ({ data }) => {
		frames.push(String(data));
	});
	answer.webSocket!.send(JSON.stringify({ hello: {} }));
});
afterAll(() => {
	vi.restoreAllMocks();
});

/** The same document with `text` in each of the named fields, wherever they stand, and in one more of every object. */
function fill(value: unknown, text: string, names: readonly string[]): unknown {
	if (Array.isArray(value)) return value.map((one) => fill(one, text, names));
	if (typeof value !== "object" || value === null) return value;
	const fields = Object.entries(value).map(([name, one]) => [
		name,
		names.includes(name) && typeof one !== "object" ? text : fill(one, text, names),
	]);
	return { ...Object.fromEntries(fields), note: text, [`about ${text}`]: 1 };
}
const TEXTS = [
	"name",
	"head_branch",
	"head_sha",
	"event",
	"html_url",
	"login",
	"full_name",
	"ref",
	"message",
	"path",
	"url",
	"username",
	"path_with_namespace",
	"title",
	"email",
	"failure_reason",
	"stage",
	"runner_name",
	"display_title",
];

const GITHUB_BODIES = (n: number): [event: string, body: object][] => [
	["workflow_run", workflowRun({ id: 1000 + n, conclusion: "failure" })],
	[
		"workflow_job",
		{
			action: "completed",
			workflow_job: {
				...{
					id: 5000 + n,
					run_id: 1000 + n,
					run_attempt: 1,
					name: "x",
					workflow_name: "ci",
					head_branch: "main",
					head_sha: "a".repeat(40),
				},
				...{ status: "completed", conclusion: "failure", created_at: "2026-09-04T10:00:00Z", started_at: "2026-09-04T10:00:00Z" },
				...{ completed_at: "2026-09-04T10:01:00Z", runner_name: "x", labels: ["x"], html_url: "https://github.com/a/b" },
				steps: [{ name: "x", status: "completed", conclusion: "failure", number: 1, started_at: null, completed_at: null }],
			},
			repository: { id: 77, full_name: "acme/web" },
		},
	],
	[
		"push",
		{
			...{ ref: "refs/heads/main", before: "a".repeat(40), after: `${n}`.padStart(40, "b"), forced: false, deleted: false, created: false },
			commits: [{ id: "c".repeat(40), message: "x", timestamp: "2026-09-04T10:00:00Z", author: { name: "x", username: "x", email: "x" } }],
			...{ pusher: { name: "x" }, repository: { id: 77, full_name: "acme/web" }, sender: { login: "x" } },
		},
	],
];
const GITLAB_BODY = (n: number) => ({
	object_kind: "pipeline",
	object_attributes: {
		id: 9000 + n,
		iid: n,
		ref: "main",
		sha: "a".repeat(40),
		status: "failed",
		source: "push",
		created_at: "2026-09-04 10:00:00 UTC",
		finished_at: "2026-09-04 10:01:00 UTC",
		duration: 60,
		url: "https://gitlab.com/x",
	},
	user: { username: "x", name: "x", email: "x" },
	project: { id: 78, name: "web", path_with_namespace: "acme/web", web_url: "https://gitlab.com/acme/web" },
	commit: { id: "a".repeat(40), message: "x", title: "x", author: { name: "x", email: "x" } },
	builds: [{ id: 100 + n, stage: "x", name: "x", status: "failed", created_at: "2026-09-04 10:00:00 UTC", failure_reason: "x" }],
});

/** Webhooks of every source, in the body and in the headers. */
async function seedWebhooks(text: string, n: number): Promise<string[]> {
	const taken: string[] = [];
	const note = (what: string, answer: Response | null) => taken.push(`${what} ${answer?.status}`);
	for (const [event, body] of GITHUB_BODIES(n)) {
		const sent = await sendGitHub(team, event, fill(body, text, TEXTS));
		look(`answer to github ${event}`, await sent.clone().text());
		note(event, sent);
	}
	const logged = JSON.stringify({ level: "info", line: text });
	await sendGitHub(team, "workflow_run", { ...workflowRun({ id: 2000 + n }), installation: { log: logged } });
	const secretive = { "content-type": "application/json", "user-agent": text };
	const bodies = {
		github: "{}",
		gitlab: JSON.stringify(fill(GITLAB_BODY(n), text, TEXTS)),
		generic: JSON.stringify(
			fill(eventBody({ id: `g-${n}`, branch: "x", triggered_by: "x" }), text, ["workflow", "repo", "branch", "triggered_by"]),
		),
	};
	const { gitlab, generic } = team.webhooks;
	note(
		"gitlab",
		await send("gitlab", gitlab!.path, {
			method: "POST",
			body: bodies.gitlab,
			headers: { ...secretive, "x-gitlab-event": "Pipeline Hook", "x-gitlab-token": SECRET, "x-gitlab-event-uuid": text },
		}),
	);
	note(
		"generic",
		await send("generic", generic!.path, {
			method: "POST",
			body: bodies.generic,
			headers: { ...secretive, authorization: `Bearer ${SECRET}`, "x-opssight-delivery": text },
		}),
	);
	await send("generic event", generic!.path, {
		method: "POST",
		body: "{}",
		headers: { ...secretive, authorization: `Bearer ${SECRET}`, "x-opssight-event": text },
	});
	await sendGitHub(team, text, {}, { delivery: `${text} ${n}` })
		.then(async (answer) => look("answer to github's headers", await answer.text()))
		.catch((error: unknown) => {
			if (!(error instanceof TypeError)) throw error;
		});
	await send("forged", team.webhooks.github!.path, {
		method: "POST",
		body: JSON.stringify({ text }),
		headers: { ...secretive, "x-hub-signature-256": text, "x-github-event": "push" },
	});
	await send("unknown webhook", `/webhooks/${encodeURIComponent(text)}/${encodeURIComponent(text)}`, { method: "POST", body: text });
	return taken;
}

/** POST /api/events, each field. */
async function seedEvents(text: string, n: number): Promise<void> {
	const good = eventBody({
		id: `e-${n}`,
		branch: text,
		triggered_by: text,
		workflow: text,
		repo: text,
		meta: { note: text, error: text, [text]: { deep: [text] } },
	});
	const post = async (body: object) =>
		await send("events", "/api/events", {
			method: "POST",
			body: JSON.stringify(body),
			headers: { ...json, authorization: `Bearer ${team.ingestToken}` },
		});
	await post(good);
	for (const field of Object.keys(eventBody())) await post({ ...eventBody({ id: `f-${n}` }), [field]: text });
	await send("events", "/api/events", { method: "POST", body: text, headers: { ...json, authorization: `Bearer ${team.ingestToken}` } });
}

/** Tokens and other headers, addresses, searches. */
async function seedRequests(text: string, n: number): Promise<void> {
	const inAddress = encodeURIComponent(text);
	for (const headers of [
		{ authorization: `Bearer ${text}` },
		{ authorization: text },
		{ cookie: `__Host-opssight=${text}` },
		{ "x-api-key": text },
		{ ...asAdmin(), "x-opssight-team": text },
	])
		for (const path of ["/api/runs", "/metrics"]) await send("headers", path, { headers: headers as unknown as Record<string, string> });
	const strange = {
		"user-agent": text,
		"cf-ray": text,
		"x-request-id": text,
		referer: text,
		"content-type": text,
		"content-encoding": text,
	};
	for (const [name, value] of Object.entries(strange)) {
		await send(`header ${name}`, "/api/tokens", { method: "POST", headers: { ...asAdmin(), [name]: value }, body: "{}" });
		await send(`header ${name}`, "/api/runs", { headers: { ...asAdmin(), [name]: value } });
	}
	for (const path of [`/api/runs?token=${inAddress}`, `/api/runs?access_token=${inAddress}`, `/api/${inAddress}`])
		await send("address", path);
	// Refused for their role: the audit tells of it, with the address.
	for (const path of ["/api/members/", "/api/tokens/", "/api/integrations/", "/api/invitations/", "/api/sessions/"]) {
		const { cookie } = { cookie: team.sessions.viewer };
		vi.setSystemTime(Date.now() + 61_000);
		await send("a denied address", path + inAddress, { method: "DELETE", headers: { cookie, origin: ORIGIN } });
		await send("an unknown address", path + inAddress, { method: "DELETE", headers: asAdmin() });
	}
	for (const path of ["/api/runs/", "/t/", `/t/${team.slug}/runs/`, `/t/${team.slug}/settings/integrations/`, "/invitations/"])
		await send("an unknown address", path + inAddress, { headers: { ...asAdmin(), accept: "text/html" } });
	const queries = [
		"q",
		"repo",
		"workflow",
		"branch",
		"status",
		"source",
		"external_id",
		"from",
		"to",
		"limit",
		"cursor",
		"group_by",
		"actor",
		"act",
		"team",
		"since",
		"integration",
	];
	const paths = ["/api/runs", "/api/metrics", "/api/pushes", "/api/audit", "/api/deliveries/dead", `/live/${team.slug}/changes`];
	// Each name on each path, by turns of the shapes.
	for (const [k, name] of queries.entries()) {
		const path = paths[(k + n) % paths.length]!;
		await send(`${path}?${name}`, `${path}?${name}=${inAddress}`, { headers: asAdmin() });
	}
	await send("a search", `/t/${team.slug}/pipelines?q=${inAddress}`, { headers: asAdmin() });
	const settings = { ...env, ...settingsFor("https://github.test") } as Env;
	const next = encodeURIComponent(`/t/${team.slug}/pipelines?q=${inAddress}`);
	await worker.fetch(
		new Request(`${ORIGIN}/sign-in/github?next=${next}`) as Parameters<typeof worker.fetch>[0],
		settings,
		createExecutionContext(),
	);
}

/** Everything that people fill in. */
async function seedForms(text: string, n: number): Promise<string[]> {
	const taken: string[] = [];
	const api = async (method: string, path: string, body: object) => {
		const answer = await send(`${method} ${path}`, path, { method, headers: { ...asAdmin(), ...json }, body: JSON.stringify(body) });
		taken.push(`${path.replace(/t[a-z2-9]{11}-[a-z2-9]{12}/, ":id")} ${answer?.status}`);
		return answer;
	};
	const made = (await (await api("POST", "/api/integrations", { source: "github", name: text }))!.json()) as { id?: string };
	const id = made.id ?? team.webhooks.generic!.path.split("/").at(-1)!;
	await api("PATCH", `/api/integrations/${id}`, { name: `${text} 2` });
	await api("DELETE", `/api/integrations/${made.id ?? "none"}`, {});
	for (const kind of ["tokens", "machine-tokens"]) {
		const token = (await (await api("POST", `/api/${kind}`, { name: text, scopes: ["read"] }))!.json()) as { id?: string };
		await api("POST", `/api/${kind}`, { name: "x", scopes: [text], expires_in_days: text });
		await api("DELETE", `/api/${kind}/${token.id ?? "none"}`, {});
	}
	await api("POST", "/api/invitations", { role: "viewer", login: text });
	await api("POST", "/api/invitations", { role: text, expires_in_days: text });
	await api("PATCH", `/api/members/u-${team.id}-viewer`, { role: text });
	await api("POST", "/api/deliveries/replay", { deliveries: [{ source: "github", delivery_id: text }] });
	const form = async (path: string, fields: Record<string, string>, headers: Record<string, string> = asAdmin()) => {
		const type = "application/x-www-form-urlencoded";
		const init = {
			method: "POST",
			body: new URLSearchParams(fields).toString(),
			headers: { ...headers, "content-type": type, accept: "text/html" },
		};
		const { id: routeId } = pageRoutes.find((page) => new RegExp(`^${page.path.replace(/:\w+/g, "[^/]+")}$`).test(path)) ?? {};
		await send(`form ${path} ${fields.act ?? ""}`, routeId ? `${path}?_data=${encodeURIComponent(routeId)}` : path, init);
	};
	const all = Object.fromEntries(
		[
			"id",
			"name",
			"login",
			"role",
			"scope",
			"days",
			"kind",
			"source",
			"from",
			"to",
			"tz",
			"delivery",
			"deliveries",
			"integration",
			"after",
			"reason",
		].map((name) => [name, text]),
	);
	const settings = `/t/${team.slug}/settings`;
	for (const act of ["role", "remove", "invite", "uninvite"]) await form(`${settings}/members`, { ...all, act });
	for (const act of ["create", "rotate", "revoke"])
		await form(`${settings}/tokens`, { ...all, act, ...(act === "create" && { scope: "read", days: "1" }) });
	for (const act of ["end", "others-no"]) await form(`${settings}/sessions`, { ...all, act });
	for (const act of ["rename", "rotate", "disable", "enable", "remove", "replay", "test"])
		await form(`${settings}/integrations`, { ...all, act });
	await form(`${settings}/integrations`, { ...all, act: "rename", id });
	await form(`${settings}/integrations/new`, { ...all, source: "gitlab" });
	for (const act of ["x", text]) await form(`${settings}/audit`, { ...all, act });
	await form("/settings/range", all);
	for (const name of ["theme", "zone", "density"]) await form(`/settings/${name}`, { ...all, [name]: text, value: text });
	await form("/sign-in/token", { token: text }, { origin: ORIGIN, "cf-connecting-ip": `10.${n}.1.1` });
	await form("/sign-in/setup", { token: text, team: text, name: text }, { origin: ORIGIN, "cf-connecting-ip": `10.${n}.2.1` });
	await form("/sign-in/token", { token: team.tokens.viewer }, { origin: ORIGIN, "user-agent": text });
	await form("/dev/sign-in", { team: team.slug, role: "viewer", next: "/" }, { origin: ORIGIN, "user-agent": text });
	await knowGitHubUser(openDatabase(env.DB), { id: `${70_000 + n}`, login: `octo-${n}`, name: text, avatar: null }, Date.now());
	return taken;
}

test("there are more than forty shapes, of the kept list of rules", () => {
	expect(shapes.length).toBeGreaterThan(80);
	expect(half.length).toBeGreaterThan(40);
	expect(new Set(shapes.map(({ rule }) => rule)).size).toBeGreaterThan(40);
	const rules = new Set([...RULES.map(({ name }) => name), "url-credentials", "secret-value"]);
	expect(shapes.filter(({ rule }) => !rules.has(rule))).toEqual([]);
});

describe("no page, answer, log line, export or error holds a secret that was put into", () => {
	test("webhooks of every source and the door of events", async () => {
		const taken: string[] = [];
		for (const [n, { text }] of shapes.entries()) {
			taken.push(...(await seedWebhooks(text, n)));
			await seedEvents(text, n);
		}
		// They were taken in, not turned away.
		for (const what of ["workflow_run", "workflow_job", "push", "gitlab", "generic"])
			expect([what, taken.filter((one) => one === `${what} 202`).length > 60]).toEqual([what, true]);
		expect(found()).toEqual([]);
	}, 240_000);

	test("tokens, headers, addresses and searches", async () => {
		vi.useFakeTimers({ toFake: ["Date"] });
		try {
			for (const [n, { text }] of half.entries()) await seedRequests(text, n);
		} finally {
			vi.useRealTimers();
		}
		expect(found()).toEqual([]);
	}, 240_000);

	test("what people fill in", async () => {
		const taken: string[] = [];
		// So much by one person is more than they may ask in a minute: a minute lies between.
		vi.useFakeTimers({ toFake: ["Date"] });
		try {
			for (const [n, { text }] of half.entries()) {
				vi.setSystemTime(Date.now() + 60_000);
				taken.push(...(await seedForms(text, n)));
			}
		} finally {
			vi.useRealTimers();
		}
		for (const path of ["/api/integrations 201", "/api/integrations/:id 200", "/api/tokens 201", "/api/machine-tokens 201"])
			expect([path, taken.filter((one) => one === path).length > 20]).toEqual([path, true]);
		expect(found()).toEqual([]);
	}, 240_000);

	test("and nothing that is read afterwards does", async () => {
		const rowsOf = async (text: string) => (await env.DB.prepare(text).all<Record<string, string>>()).results;
		const [run] = await rowsOf(`SELECT id FROM runs WHERE team_id = '${team.id}' LIMIT 1`);
		const runs = await rowsOf(`SELECT id FROM runs WHERE team_id = '${team.id}'`);
		expect(runs.length).toBeGreaterThan(3 * shapes.length);
		const generic = team.webhooks.generic!.path.split("/").at(-1)!;
		const filled = (path: string) =>
			path
				.replace(/\{team\}|:team\b/, team.slug)
				.replace(/\/runs\/(\{id\}|:id)/, `/runs/${run!.id}`)
				.replace(/\{integration\}|:integration\b/, generic)
				.replace(/\{\w+\}|:\w+/g, "x");
		const read = async (path: string, headers: Record<string, string> = {}) =>
			await send(`GET ${path}`, path, { headers: { ...asAdmin(), ...headers } });
		for (const { route } of doors) if (route.method === "get") await read(filled(route.path));
		for (const query of ["?limit=200", "?format=csv", "?format=json"]) await read(`/api/audit${query}`);
		for (const query of ["?limit=200", "?limit=200&status=failure"]) await read(`/api/runs${query}`);
		await read("/api/metrics?limit=200&group_by=hour&from=2026-09-01T00:00:00Z&to=2026-09-10T00:00:00Z");
		await read("/api/pushes?limit=200");
		for (const { id } of runs) for (const part of ["", "/raw"]) await read(`/api/runs/${encodeURIComponent(id!)}${part}`);
		for (const { path, id } of pageRoutes) {
			await read(filled(path), { accept: "text/html" });
			await read(`${filled(path)}?_data=${encodeURIComponent(id)}`);
		}
		for (const { id } of runs.slice(0, 30))
			await read(`/t/${team.slug}/runs/${encodeURIComponent(id!)}?_data=${encodeURIComponent("routes/run")}`);
		await read(`/t/${team.slug}/pipelines?from=now-30d&_data=${encodeURIComponent("routes/pipelines")}`);
		expect(found()).toEqual([]);

		const tables = await rowsOf(
			"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'd1_%'",
		);
		expect(tables.length).toBeGreaterThan(15);
		let texts = 0;
		for (const { name } of tables)
			for (const row of await rowsOf(`SELECT * FROM "${name}"`)) {
				texts += 1;
				look(`table ${name}`, Object.values(row).map(String).join("\n"));
			}
		expect(texts).toBeGreaterThan(1000);
		for (const { key } of (await env.BLOBS.list()).objects) look(`object ${key}`, `${key}\n${await (await env.BLOBS.get(key))?.text()}`);
		await runInDurableObject(ledgerOf(team), (_object, { storage: { sql } }) => {
			for (const { name } of sql.exec<{ name: string }>(
				"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
			))
				look(`the ledger's ${name}`, JSON.stringify([...sql.exec(`SELECT * FROM "${name}"`)]));
		});
		expect(frames.length).toBeGreaterThan(1);
		for (const frame of frames) look("a live frame", frame);
		expect(lines.length).toBeGreaterThan(10);
		for (const line of lines) look("a log line", line);
		expect(found()).toEqual([]);
	}, 240_000);

	test("the first team and its admin", async () => {
		await env.DB.exec("DELETE FROM members");
		const settings = { ...env, SETUP_TOKEN: `chosen-by-the-operator-${randomId(8)}` } as unknown as Env;
		for (const { text } of shapes.filter(({ text }) => text.length <= 80).slice(0, 12)) {
			await env.DB.exec("DELETE FROM members");
			const body = new URLSearchParams({
				token: (settings as unknown as { SETUP_TOKEN: string }).SETUP_TOKEN,
				team: text,
				name: text,
			}).toString();
			const headers = { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" };
			const request = new Request(`${ORIGIN}/sign-in/setup`, { method: "POST", body, headers, redirect: "manual" });
			const answer = await worker.fetch(request as Parameters<typeof worker.fetch>[0], settings, createExecutionContext());
			expect([text, answer.status]).toEqual([text, 303]);
			look("headers after the setup", headersOf(answer));
		}
		for (const table of ["teams", "users", "audit"])
			look(`table ${table}`, JSON.stringify((await env.DB.prepare(`SELECT * FROM ${table}`).all()).results));
		expect(found()).toEqual([]);
	});
});

test("the same inputs without a secret are kept as they are", async () => {
	const own = await makeTeam();
	await sendGitHub(own, "workflow_run", workflowRun({ id: 1, branch: "feature/tokens-page", workflow: "password reset" }));
	const answer = await ask("/api/runs", { headers: { authorization: `Bearer ${own.tokens.viewer}` } });
	expect(await answer.json()).toMatchObject({ runs: [{ branch: "feature/tokens-page", workflow: "password reset" }] });
});
