import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import manifest from "../../package.json";
import { opssight as run } from "../../scripts/opssight.mjs";

// `opssight` against a server that answers what each test says, and notes what it was asked.
type Asked = { method: string; path: string; headers: IncomingHttpHeaders; body: Record<string, unknown> | null };
type Answer = { status?: number; body?: unknown; headers?: Record<string, string>; hangUp?: boolean };

let server: Server;
let url: string;
let asked: Asked[] = [];
/** Answers by method and path, each used once, the last one for ever. */
let answers: Record<string, Answer[]> = {};
const folder = mkdtempSync(join(tmpdir(), "opssight-cli-"));

beforeAll(async () => {
	server = createServer(async (request, response) => {
		const parts: Buffer[] = [];
		for await (const part of request) parts.push(part as Buffer);
		const text = Buffer.concat(parts).toString();
		const { pathname } = new URL(request.url as string, "http://localhost");
		asked.push({
			method: request.method as string,
			path: request.url as string,
			headers: request.headers,
			body: text ? JSON.parse(text) : null,
		});
		const known = answers[`${request.method} ${pathname}`] ?? [
			{ status: 404, body: { error: { code: "notFound", message: "Not here." } } },
		];
		const { status = 200, body = {}, headers = {}, hangUp } = (known.length > 1 ? known.shift() : known[0]) as Answer;
		if (hangUp) {
			request.socket.destroy();
			return;
		}
		response.writeHead(status, { "content-type": "application/json", ...headers });
		response.end(typeof body === "string" ? body : JSON.stringify(body));
	});
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
	server.close();
	rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
	asked = [];
	answers = {};
});

const settings = () => ({ OPSSIGHT_URL: url, OPSSIGHT_TOKEN: "osa_secret" });

async function opssight(args: string[], { env = {} }: { env?: Record<string, string> } = {}) {
	let [out, err] = ["", ""];
	const code = await run(args, {
		env: { ...settings(), ...env },
		say: (line) => (out += `${line}\n`),
		warn: (line) => (err += `${line}\n`),
	});
	return { code, out, err };
}

/** The same as a process. */
function opssightProcess(args: string[], input = "") {
	return new Promise<{ code: number | null; out: string; err: string }>((done) => {
		const child = spawn(process.execPath, ["scripts/opssight.mjs", ...args], { env: { ...process.env, ...settings() }, stdio: "pipe" });
		let [out, err] = ["", ""];
		child.stdout.on("data", (part) => (out += part));
		child.stderr.on("data", (part) => (err += part));
		child.stdin.end(input);
		child.on("close", (code) => done({ code, out, err }));
	});
}

const error = (code: string, message: string, fields?: Record<string, string>) => ({
	error: { code, message, request_id: "r-1", ...(fields && { fields }) },
});

describe("usage", () => {
	test("it is the package's command", () => expect(manifest.bin).toEqual({ opssight: "scripts/opssight.mjs" }));
	test("--help says everything, also the exit codes", async () => {
		const { code, out } = await opssight(["--help"]);
		expect(code).toBe(0);
		for (const word of ["event", "deploy", "rollback", "gate", "environments", "OPSSIGHT_TOKEN_FILE", "Exit codes"])
			expect(out).toContain(word);
	});
	test.each<[string, string[], Record<string, string>, string]>([
		["no command", [], {}, ""],
		["an unknown command", ["undo"], {}, "no command undo"],
		["a name every object has", ["toString"], {}, "no command toString"],
		["an unknown option", ["gate", "--what"], {}, "--what"],
		["a token as an argument, which ps would show", ["gate", "--token", "x"], {}, "--token"],
		["what is missing", ["gate", "--version", "1"], {}, "--env"],
		["no version", ["gate", "--env", "prod"], {}, "--version"],
		["a number that is none", ["rollback", "--env", "prod", "--timeout", "soon"], {}, "--timeout"],
		["no address", ["environments"], { OPSSIGHT_URL: "" }, "OPSSIGHT_URL"],
		["an address that would show the token", ["environments"], { OPSSIGHT_URL: "http://ops.example.com" }, "https"],
		["no token", ["environments"], { OPSSIGHT_TOKEN: "" }, "OPSSIGHT_TOKEN"],
		["a token file that is not there", ["environments"], { OPSSIGHT_TOKEN: "", OPSSIGHT_TOKEN_FILE: "/nowhere" }, "/nowhere"],
	])("%s ends with 2 and asks nothing", async (_, args, env, said) => {
		const { code, err } = await opssight(args, { env });
		expect(code).toBe(2);
		expect(err).toContain(said);
		expect(asked).toEqual([]);
	});
	test("the token may lie in a file", async () => {
		const file = join(folder, "token");
		writeFileSync(file, "osa_from_file\n");
		answers["GET /api/environments"] = [{ body: { environments: [] } }];
		expect((await opssight(["environments"], { env: { OPSSIGHT_TOKEN: "", OPSSIGHT_TOKEN_FILE: file } })).code).toBe(0);
		expect(asked[0]?.headers.authorization).toBe("Bearer osa_from_file");
	});
});

describe("event", () => {
	const args = ["event", "--id", "b-1", "--workflow", "build", "--status", "success", "--repo", "acme/web"];
	test("records a run, with times where none are said", async () => {
		answers["POST /api/events"] = [{ status: 201, body: { id: "b-1", workflow: "build", status: "success" } }];
		const { code, out } = await opssight([...args, "--duration", "90", "--branch", "main", "--meta", "size=3=4"]);
		expect([code, out]).toEqual([0, "Recorded: build success (b-1).\n"]);
		const body = asked[0]?.body as Record<string, string>;
		expect(body).toMatchObject({ id: "b-1", repo: "acme/web", duration_seconds: 90, branch: "main", meta: { size: "3=4" } });
		expect(Date.parse(body.finished_at as string) - Date.parse(body.started_at as string)).toBe(90_000);
	});
	test("one that runs is not finished", async () => {
		answers["POST /api/events"] = [{ status: 201, body: { id: "b-1", workflow: "build", status: "running" } }];
		await opssight(args.map((arg) => (arg === "success" ? "running" : arg)));
		expect(asked[0]?.body).not.toHaveProperty("finished_at");
	});
	test("sends a body from standard input as it is", async () => {
		answers["POST /api/events"] = [{ status: 202, body: { delivery_id: "d", result: "accepted" } }];
		expect(await opssightProcess(["event", "--file", "-"], '{"id":"x","meta":{"a":1}}')).toEqual({ code: 0, out: "Accepted.\n", err: "" });
		expect(asked[0]?.body).toEqual({ id: "x", meta: { a: 1 } });
		expect(await opssightProcess(["event", "--file", "-"], "[1]")).toMatchObject({ code: 2, out: "" });
	});
	test("sends a body from a file, which has to hold an object", async () => {
		const file = join(folder, "body.json");
		writeFileSync(file, "[1]");
		expect((await opssight(["event", "--file", file])).err).toContain("does not hold a JSON object");
	});
	test("says the API's words and fields", async () => {
		answers["POST /api/events"] = [{ status: 422, body: error("invalid", "Does not hold.", { status: "must be one of success" }) }];
		const { code, err } = await opssight(args);
		expect([code, err]).toEqual([1, "opssight: Does not hold.\n  status: must be one of success\n"]);
	});
});

describe("an OpsSight that has trouble", () => {
	const args = ["environments"];
	test("is asked again after 503 and after a broken connection", async () => {
		const busy = { status: 503, body: error("unavailable", "Try again."), headers: { "retry-after": "0" } };
		answers["GET /api/environments"] = [busy, { hangUp: true }, { body: { environments: [] } }];
		expect((await opssight(args)).code).toBe(0);
		expect(asked).toHaveLength(3);
	});
	test("that never answers ends with 4 and the reason", async () => {
		answers["GET /api/environments"] = [
			{ status: 503, body: error("unavailable", "The database does not answer."), headers: { "retry-after": "0" } },
		];
		const { code, err } = await opssight(args);
		expect([code, err]).toEqual([4, "opssight: The database does not answer. (request r-1) (tried 5 times)\n"]);
	});
	test.each<[string, Answer, number, string]>([
		["is something else", { body: "<html>hello</html>" }, 4, "not OpsSight"],
		["sends the token elsewhere", { status: 302, headers: { location: "https://evil.test/" } }, 4, "not OpsSight"],
		["fails inside", { status: 500, body: error("internal", "Logged.") }, 4, "Logged. (request r-1)"],
		["does not know the token", { status: 401, body: error("unauthenticated", "This token is unknown.") }, 1, "This token is unknown."],
	])("that %s is said to", async (_, answer, expected, said) => {
		answers["GET /api/environments"] = [answer];
		const { code, err } = await opssight(args);
		expect(code).toBe(expected);
		expect(err).toContain(said);
		expect(err).not.toContain("osa_secret");
		expect(asked).toHaveLength(1);
	});
	test("can't write to the terminal what it likes", async () => {
		answers["GET /api/environments"] = [{ body: { environments: [{ id: "e", name: "prod\u001b[2J", current: null, latest: null }] } }];
		expect((await opssight(args)).out).not.toContain("\u001b");
	});
});

describe("deploy", () => {
	const args = ["deploy", "--env", "production", "--component", "checkout", "--version", "1.4.2"];
	test("with a status is recorded", async () => {
		answers["POST /api/deployments"] = [{ status: 201, body: { id: "d1", status: "success" } }];
		const { code, out } = await opssight([...args, "--commit", "59b20b8", "--status", "success"]);
		expect([code, out]).toEqual([0, "Recorded: checkout 1.4.2 in production, success.\n"]);
		expect(asked[0]?.body).toEqual({
			environment: "production",
			component: "checkout",
			version: "1.4.2",
			commit: "59b20b8",
			status: "success",
		});
	});
	test("without one is asked for, once", async () => {
		const busy = { status: 503, body: error("unavailable", "Try again."), headers: { "retry-after": "0" } };
		answers["POST /api/deployments"] = [busy, { status: 201, body: { request: { state: "sent", message: "GitHub was told." } } }];
		const { code, out } = await opssight(args);
		expect([code, out]).toEqual([0, "Asked for checkout 1.4.2 in production: sent. GitHub was told.\n"]);
		expect(asked[0]?.headers["idempotency-key"]).toMatch(/./);
		expect(asked[1]?.headers["idempotency-key"]).toBe(asked[0]?.headers["idempotency-key"]);
	});
	test("that a guard stands against is refused in its words", async () => {
		answers["POST /api/deployments"] = [{ status: 409, body: error("conflict", "Production is locked by Mia.") }];
		expect(await opssight(args)).toMatchObject({ code: 1, err: "opssight: Production is locked by Mia.\n" });
	});
});

describe("gate", () => {
	const args = ["gate", "--env", "production", "--version", "1.4.3", "--component", "checkout"];
	const reason = (message: string) => [{ code: "held", tone: "deny", message, until: null }];
	test.each([
		["allow", [], 0],
		["warn", reason("An alert is open."), 0],
		["deny", reason("1.4.3 was rolled back."), 3],
	] as const)("%s ends with its code and says why", async (decision, reasons, expected) => {
		answers["GET /api/gate"] = [{ body: { decision, reasons } }];
		const { code, out } = await opssight(args);
		expect(code).toBe(expected);
		expect(out).toBe(["1.4.3 in production: ", decision, "\n", ...reasons.map(({ message }) => `  ${message}\n`)].join(""));
		expect(asked[0]?.path).toBe("/api/gate?environment=production&component=checkout&version=1.4.3");
	});
	test("that does not answer does not allow", async () => {
		answers["GET /api/gate"] = [{ body: { hello: "world" } }];
		expect((await opssight(args)).code).toBe(4);
	});
});

describe("rollback", () => {
	const card = (version: string) => ({ deployment_id: `d-${version}`, version });
	const offer = (more: Record<string, unknown> = {}) => ({
		body: {
			offer: {
				component: "checkout",
				seen: "d-1.4.3",
				from: card("1.4.3"),
				to: card("1.4.2"),
				choices: [
					{ ...card("1.4.2"), eligible: true, why: null },
					{ ...card("1.4.1"), eligible: true, why: null },
					{ ...card("1.4.0"), eligible: false, why: "its revision is gone" },
				],
				checks: [{ id: "owner", tone: "warn", title: "Argo CD will undo this.", detail: null }],
				confirm: "word",
				word: "prod",
				blocked: null,
				run_by_hand: null,
				...more,
			},
		},
	});
	const row = (state: string, more: Record<string, unknown> = {}) => ({
		body: {
			rollback: {
				id: "r1",
				kind: "rollback",
				state,
				from: card("1.4.3"),
				to: card("1.4.2"),
				stages: [],
				recovery: null,
				applied: false,
				...more,
			},
		},
	});
	const stages = (...names: string[]) => names.map((stage, n) => ({ stage, at: `2026-11-30T00:00:0${n}Z` }));
	const args = ["rollback", "--env", "production", "--confirm", "prod"];
	beforeEach(() => {
		answers["GET /api/environments"] = [
			{
				body: {
					environments: [
						{ id: "e-1", name: "production" },
						{ id: "e-2", name: "staging" },
					],
				},
			},
		];
		answers["GET /api/environments/e-1/offer"] = [offer()];
		answers["POST /api/environments/e-1/rollback"] = [{ status: 202, ...row("pending") }];
	});
	const posts = () => asked.filter(({ method }) => method === "POST");

	test("asks for what was offered, and says what was seen", async () => {
		const { code, out, err } = await opssight([...args, "--reason", "errors"]);
		expect([code, out]).toEqual([0, "Rollback r1: checkout in production, 1.4.3 → 1.4.2, pending.\n"]);
		expect(err).toBe("Note: Argo CD will undo this.\n");
		expect(posts()[0]?.body).toEqual({ component: "checkout", to: "d-1.4.2", seen: "d-1.4.3", reason: "errors", confirm: "prod" });
	});
	test("is one command however often it has to be asked", async () => {
		const busy = { status: 503, body: error("unavailable", "Try again."), headers: { "retry-after": "0" } };
		answers["POST /api/environments/e-1/rollback"] = [busy, { hangUp: true }, { status: 202, ...row("pending") }];
		expect((await opssight(args)).code).toBe(0);
		const keys = posts().map(({ headers }) => headers["idempotency-key"]);
		expect(keys).toHaveLength(3);
		expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
		expect(new Set(keys).size).toBe(1);
	});
	test("takes a key of one's own, so that a job that is run again does nothing twice", async () => {
		await opssight([...args, "--key", "job-77"]);
		expect(posts()[0]?.headers["idempotency-key"]).toBe("job-77");
	});
	test("goes to the version that is named", async () => {
		answers["GET /api/environments/e-1/offer"] = [offer(), offer({ to: card("1.4.1") })];
		await opssight([...args, "--to", "1.4.1"]);
		expect(asked.filter(({ path }) => path.includes("/offer")).map(({ path }) => path)[1]).toContain("to=d-1.4.1");
		expect(posts()[0]?.body).toMatchObject({ to: "d-1.4.1" });
	});
	test.each<[string, string[], Record<string, unknown>, number, string]>([
		["an environment there is not", ["rollback", "--env", "prod"], {}, 1, "There are: production, staging."],
		["production without its word", ["rollback", "--env", "production"], {}, 2, "--confirm prod"],
		["a version that is gone", [...args, "--to", "1.4.0"], {}, 1, "its revision is gone"],
		["a version that never was", [...args, "--to", "9"], {}, 1, "There are: 1.4.2, 1.4.1."],
		[
			"an agent that is away",
			args,
			{ blocked: "The agent is away.", run_by_hand: "kubectl rollout undo" },
			1,
			"By hand: kubectl rollout undo",
		],
	])("of %s is not asked for", async (_, more, seen, expected, said) => {
		answers["GET /api/environments/e-1/offer"] = [offer(seen)];
		const { code, err } = await opssight(more);
		expect(code).toBe(expected);
		expect(err).toContain(said);
		expect(posts()).toEqual([]);
	});
	test("that is refused says why", async () => {
		answers["POST /api/environments/e-1/rollback"] = [{ status: 409, body: error("conflict", "A newer deployment is under way.") }];
		expect(await opssight(args)).toMatchObject({ code: 1, out: "" });
	});

	test("that is watched tells its stages until the service is back", async () => {
		answers["GET /api/rollbacks/r1"] = [
			row("claimed", { stages: stages("queued", "sent", "accepted"), message: "0 of 3 pods" }),
			{ status: 503, body: error("unavailable", "Try again.") },
			row("succeeded", {
				stages: stages("queued", "sent", "accepted", "applied", "ready"),
				applied: true,
				recovery: "watching",
				message: "3 of 3 pods",
			}),
			row("succeeded", {
				stages: stages("queued", "sent", "accepted", "applied", "ready", "verified"),
				applied: true,
				recovery: "recovered",
				took_seconds: 9,
			}),
		];
		const { code, out } = await opssight([...args, "--watch"]);
		expect(code).toBe(0);
		expect(
			out
				.trim()
				.split("\n")
				.map((line) => line.replace(/^\S+Z {2}/, "")) as string[],
		).toEqual([
			"Rollback r1: checkout in production, 1.4.3 → 1.4.2",
			...["queued", "sent", "accepted", "  0 of 3 pods", "applied", "ready", "  3 of 3 pods", "verified"],
			"1.4.2 runs again in 9 s, and the service recovered.",
		]);
	});
	test.each<[string, string, Record<string, unknown>, string]>([
		["fails after its change", "failed", { why: "rollout_failed", applied: true }, "failed (rollout_failed). The cluster was changed."],
		["is never begun", "expired", { why: "expired" }, "expired (expired). Nothing was changed."],
		["does not help", "succeeded", { applied: true, recovery: "notRecovered", took_seconds: 9 }, "did not recover"],
	])("that %s ends with 1", async (_, state, more, said) => {
		answers["GET /api/rollbacks/r1"] = [row(state, more)];
		const { code, out } = await opssight([...args, "--watch"]);
		expect(code).toBe(1);
		expect(out).toContain(said);
	});
	test("that is not over in time ends with 5, and goes on", async () => {
		answers["GET /api/rollbacks/r1"] = [row("unknown")];
		const { code, err } = await opssight([...args, "--watch", "--timeout", "0"]);
		expect(code).toBe(5);
		expect(err).toContain("unknown");
	});
	test("with --json prints the API's answer alone", async () => {
		answers["GET /api/rollbacks/r1"] = [row("succeeded", { applied: true, recovery: "recovered" })];
		const { out } = await opssight([...args, "--watch", "--json"]);
		expect(JSON.parse(out)).toMatchObject({ rollback: { id: "r1", state: "succeeded" } });
	});
	test("can be rehearsed without a word", async () => {
		answers["POST /api/environments/e-1/drill"] = [{ status: 202, ...row("pending", { kind: "dry-run" }) }];
		const { code, out } = await opssight(["rollback", "--env", "e-1", "--dry-run"]);
		expect([code, out]).toEqual([0, "Rehearsal r1: checkout in production, 1.4.3 → 1.4.2, pending.\n"]);
		expect(posts()[0]?.body).toEqual({ component: "checkout", to: "d-1.4.2" });
	});
});

test("environments are told with what runs, what was tried, and who holds them", async () => {
	const deployment = (version: string, status: string) => ({
		id: version,
		version,
		status,
		started_at: "2026-11-30T00:00:00Z",
		component: "checkout",
	});
	const [current, latest] = [deployment("1.4.2", "success"), deployment("1.4.3", "failure")];
	const body = {
		environments: [
			{
				id: "e",
				name: "production",
				production: true,
				current,
				latest,
				lock: { by: { name: "Mia" } },
				rollback: { state: "claimed" },
				components: [{ component: "checkout", current, latest, health: "failing" }],
			},
		],
	};
	answers["GET /api/environments"] = [{ body }];
	expect((await opssight(["environments"])).out).toBe(
		"production (production), locked by Mia, rollback claimed\n  checkout: 1.4.2 since 2026-11-30T00:00:00Z; last attempt 1.4.3: failure (failing)\n",
	);
	expect(JSON.parse((await opssight(["environments", "--json"])).out)).toEqual(body);
});
