// The API as the contract words it: on an empty and on a full team, with its errors, and as its own document says.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { setD1Fault } from "#worker/dev/faults";
import { AppError } from "#worker/errors";
import { doors } from "#worker/http/app";
import { routerPath } from "#worker/http/door";
import { toAppError } from "#worker/http/error-response";
import { TeamLedger } from "#worker/live/team-ledger";
import { HealthBody, MetricsBody, PushListBody, RunBody, RunDetailBody, RunListBody } from "#worker/wire/api";
import { eventBody, type Metrics } from "../support/figures.ts";
import { ask, getJson, makeTeam, ORIGIN, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

type ErrorAnswer = { error: { code: string; fields?: Record<string, string>; request_id: string } };
const HOUR = 3600_000;
const DAY = 24 * HOUR;
let empty: TestTeam;
let full: TestTeam;
/** A Friday, and far enough from every edge of an hour, a day and a week. */
const T0 = Date.parse("2026-09-04T10:30:00Z");

const post = (team: TestTeam, body: unknown, token = team.ingestToken, headers: Record<string, string> = {}) =>
	ask("/api/events", {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
const at = (ms: number) => new Date(ms).toISOString();

beforeAll(async () => {
	empty = await makeTeam();
	full = await makeTeam();
	for (let n = 0; n < 30; n++) {
		const started = T0 + n * 2 * HOUR;
		const status = n % 5 === 0 ? "failure" : n % 7 === 0 ? "cancelled" : "success";
		const answer = await post(full, {
			...eventBody({ id: `run-${n}`, status, repo: n % 2 ? "acme/web" : "acme/api", workflow: n % 3 ? "ci" : "deploy" }),
			duration_seconds: 60 + n,
			started_at: at(started),
			finished_at: at(started + (60 + n) * 1000),
		});
		expect(answer.status).toBe(201);
	}
});

describe("GET /health", () => {
	test("names each check, and is public", async () => {
		const answer = await ask("/health");
		expect(answer.status).toBe(200);
		const body = HealthBody.parse(await answer.json());
		expect(body).toMatchObject({ status: "ok", checks: { d1: "ok", ledger: "ok" } });
		expect(body.uptime_seconds).toBeGreaterThanOrEqual(0);
		expect(Number.isInteger(body.uptime_seconds)).toBe(true);
		expect(body.timestamp).toMatch(/^\d{4}-.*Z$/);
	});
	test("is 503 with the failing check named while D1 is down", async () => {
		setD1Fault("error");
		try {
			const answer = await ask("/health");
			expect(answer.status).toBe(503);
			expect(await answer.json()).toMatchObject({ status: "failing", checks: { d1: "failing", ledger: "ok" } });
		} finally {
			setD1Fault("ok");
		}
	});
});

describe("POST /api/events", () => {
	test("the sample of the requirement document works as written", async () => {
		const own = await makeTeam();
		const sample = {
			id: "12345",
			workflow: "CI",
			status: "success",
			duration_seconds: 120,
			started_at: "2026-11-19T10:00:00Z",
			finished_at: "2026-11-19T10:02:00Z",
			repo: "org/repo",
			branch: "main",
			meta: { runner: "ubuntu-latest" },
		};
		const created = await post(own, sample);
		expect(created.status).toBe(201);
		expect(RunBody.parse(await created.json())).toMatchObject({ id: "12345", source: "generic", duration_seconds: 120, status: "success" });
	});

	test("201, then 200 for the same, 200 for newer, 409 for a contradiction that is not newer", async () => {
		const own = await makeTeam();
		const started = { id: "r", workflow: "ci", status: "running", started_at: at(T0), repo: "a/b" };
		expect((await post(own, started)).status).toBe(201);
		expect((await post(own, started)).status).toBe(200);
		// The same content in other bytes is still the same.
		expect((await post(own, JSON.stringify(started, null, 2))).status).toBe(200);
		const finished = { ...started, status: "success", finished_at: at(T0 + 60_000) };
		const updated = await post(own, finished);
		expect(updated.status).toBe(200);
		expect(await updated.json()).toMatchObject({ status: "success", duration_seconds: 60 });
		const clash = await post(own, { ...finished, workflow: "other" });
		expect(clash.status).toBe(409);
		expect((await post(own, { ...started, branch: "late" })).status).toBe(409);
		const { body } = await getJson<Metrics>(own, `/api/metrics?from=${at(T0 - DAY)}&to=${at(T0 + DAY)}`);
		expect(body.summary).toMatchObject({ total_runs: 1, success: 1, avg_duration_seconds: 60 });
		expect((await getJson(own, "/api/runs/r")).body).toMatchObject({ workflow: "ci" });
	});

	test.each([
		["id", { id: undefined }],
		["id", { id: "gitlab-1-2" }],
		["workflow", { workflow: "w".repeat(256) }],
		["status", { status: "done" }],
		["started_at", { started_at: "yesterday" }],
		["started_at", { started_at: "2026-02-30T10:00:00Z" }],
		["repo", { repo: "a\nb" }],
		["id", { id: ".." }],
		["finished_at", { finished_at: undefined }],
		["finished_at", { finished_at: "2001-01-01T00:00:00Z" }],
		["duration_seconds", { duration_seconds: "12" }],
		["duration_seconds", { duration_seconds: 1.5 }],
		["coverage", { coverage: 101 }],
		["meta", { meta: { x: "y".repeat(17_000) } }],
	])("422 with the path %s for %j", async (field, change) => {
		const answer = await post(empty, eventBody(change));
		expect(answer.status).toBe(422);
		expect(Object.keys(((await answer.json()) as ErrorAnswer).error.fields!)).toContain(field);
	});

	test("of two words for one moment the first stays, whatever the alphabet says", async () => {
		for (const order of [
			["failure", "success"],
			["success", "failure"],
		]) {
			const own = await makeTeam();
			const answers = [];
			for (const status of order)
				answers.push((await post(own, eventBody({ status, started_at: at(T0), finished_at: at(T0 + 1000) }))).status);
			expect(answers).toEqual([201, 409]);
			expect((await getJson(own, "/api/runs/run-1")).body).toMatchObject({ status: order[0] });
		}
	});

	test("an id that would be masked is refused, so that two runs never become one", async () => {
		const answer = await post(empty, eventBody({ id: `rel-token:${"build00001"}` }));
		expect(answer.status).toBe(422);
		expect(Object.keys(((await answer.json()) as ErrorAnswer).error.fields!)).toEqual(["id"]);
	});

	test("names with commas, quotes and other alphabets are found as they are, and paged through", async () => {
		const own = await makeTeam();
		const workflow = `Build, "test" & ship`;
		for (const n of [1, 2, 3])
			expect((await post(own, eventBody({ id: `${"名".repeat(250)}-${n}`, workflow, repo: "r/a,b" }))).status).toBe(201);
		const query = `workflow=${encodeURIComponent(workflow)}&repo=${encodeURIComponent("r/a,b")}`;
		const first = await getJson<{ runs: unknown[]; next_cursor: string }>(own, `/api/runs?limit=2&${query}`);
		const second = await getJson<{ runs: unknown[]; next_cursor: null }>(
			own,
			`/api/runs?limit=2&${query}&cursor=${first.body.next_cursor}`,
		);
		expect([first.body.runs.length, second.body.runs.length, second.body.next_cursor]).toEqual([2, 1, null]);
		expect((await getJson<Metrics>(own, `/api/metrics?${query}`)).body.summary.total_runs).toBe(3);
	});

	test("credentials come before content", async () => {
		const answer = await ask("/api/events", { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
		expect(answer.status).toBe(401);
		expect((await post(empty, "{")).status).toBe(400);
		expect((await post(empty, "[]")).status).toBe(400);
		expect((await post(empty, eventBody(), empty.ingestToken, { "content-type": "text/plain" })).status).toBe(415);
		expect((await post(empty, eventBody({ meta: { x: "y".repeat(2 ** 20) } }))).status).toBe(413);
	});
});

describe("GET /api/runs", () => {
	test("is empty for an empty team", async () => {
		expect((await getJson(empty, "/api/runs")).body).toEqual({ runs: [], next_cursor: null });
	});
	test("pages through everything exactly once, newest first", async () => {
		const ids: string[] = [];
		let cursor: string | null = null;
		do {
			const { body }: { body: { runs: { id: string; started_at: string }[]; next_cursor: string | null } } = await getJson(
				full,
				`/api/runs?limit=7${cursor ? `&cursor=${cursor}` : ""}`,
			);
			RunListBody.parse(body);
			ids.push(...body.runs.map(({ id }) => id));
			cursor = body.next_cursor;
		} while (cursor);
		expect(ids).toEqual(Array.from({ length: 30 }, (_, n) => `run-${29 - n}`));
	});
	test.each([
		["repo=acme/web", 15],
		["repo=acme/web&repo=acme/api", 30],
		["workflow=deploy", 10],
		["status=failure", 6],
		["status=failure,cancelled", 10],
		["source=github", 0],
		["external_id=run-3", 1],
		[`from=${at(T0 + 20 * HOUR)}`, 20],
		[`from=${at(T0)}&to=${at(T0 + 2 * HOUR)}`, 1],
		["q=RUN-1", 11],
		["q=%25", 0],
		["q=acme_web", 0],
		["unknown=1", 30],
	])("?%s finds %i", async (query, count) => {
		const { status, body } = await getJson<{ runs: unknown[] }>(full, `/api/runs?limit=200&${query}`);
		expect([status, body.runs.length]).toEqual([200, count]);
	});
	test.each(["limit=0", "limit=201", "limit=x", "status=done", "cursor=nonsense", "from=soon"])(
		"?%s is 422 on that parameter",
		async (query) => {
			const { status, body } = await getJson<ErrorAnswer>(full, `/api/runs?${query}`);
			expect(status).toBe(422);
			expect(Object.keys(body.error.fields!)).toEqual([query.split("=")[0]]);
		},
	);
	test("one run has its attempts, jobs and raw payloads; an unknown or foreign one is the same 404", async () => {
		const detail = await getJson(full, "/api/runs/run-3");
		expect(RunDetailBody.parse(detail.body)).toMatchObject({ id: "run-3", attempts: [{ attempt: 1 }], jobs: [] });
		const raw = await getJson<{ payloads: { body: { id: string } }[] }>(full, "/api/runs/run-3/raw");
		expect(raw.body.payloads.map(({ body }) => body.id)).toEqual(["run-3"]);
		for (const path of ["/api/runs/run-3", "/api/runs/nobody", "/api/runs/run-3/raw"]) {
			const { status, body } = await getJson<ErrorAnswer>(empty, path);
			expect([status, body.error.code]).toEqual([404, "notFound"]);
		}
	});
});

describe("GET /api/metrics", () => {
	const range = `from=${at(T0)}&to=${at(T0 + 60 * HOUR)}`;
	test("an empty team has every bucket, zeros and nulls", async () => {
		const { status, body } = await getJson<Metrics>(empty, "/api/metrics");
		expect(status).toBe(200);
		MetricsBody.parse(body);
		expect(body.summary).toMatchObject({ total_runs: 0, success_rate: null, avg_duration_seconds: null });
		expect(body.time_series.length).toBeGreaterThanOrEqual(30);
		expect(body.time_series.every(({ success, failure, avg_duration }) => success === 0 && failure === 0 && avg_duration === null)).toBe(
			true,
		);
		expect(body.recent_runs).toEqual([]);
	});
	test("sums what is there: fractions, averages of finished successes and failures", async () => {
		const { body } = await getJson<Metrics>(full, `/api/metrics?${range}`);
		MetricsBody.parse(body);
		const runs = Array.from({ length: 30 }, (_, n) => ({
			seconds: 60 + n,
			status: n % 5 === 0 ? "failure" : n % 7 === 0 ? "cancelled" : "success",
		}));
		const counted = runs.filter(({ status }) => status !== "cancelled");
		expect(body.summary.total_runs).toBe(30);
		expect(body.summary.success_rate).toBeCloseTo(20 / 26);
		expect(body.summary.avg_duration_seconds).toBeCloseTo(counted.reduce((sum, { seconds }) => sum + seconds, 0) / counted.length, 2);
		expect(body.time_series.reduce((sum, { success }) => sum + success, 0)).toBe(20);
		expect(body.recent_runs).toHaveLength(20);
		expect(body.previous.total_runs).toBe(0);
	});
	test("from is inclusive, to exclusive, both widened to whole hours; weeks start on Monday", async () => {
		const one = await getJson<Metrics>(full, `/api/metrics?from=2026-09-04T10:59:00Z&to=2026-09-04T11:01:00Z&group_by=hour`);
		expect(one.body.summary.total_runs).toBe(1);
		expect(one.body.time_series.map(({ timestamp }) => timestamp)).toEqual(["2026-09-04T10:00:00.000Z", "2026-09-04T11:00:00.000Z"]);
		const week = await getJson<Metrics>(full, `/api/metrics?${range}&group_by=week`);
		expect(week.body.time_series.map(({ timestamp }) => timestamp)).toEqual(["2026-08-31T00:00:00.000Z"]);
		expect(week.body.time_series[0]!.success).toBe(20);
	});
	test.each(["repo=acme/web", "workflow=ci", "repo=acme/web&workflow=ci"])("?%s counts what the list finds", async (filter) => {
		const list = await getJson<{ runs: unknown[] }>(full, `/api/runs?limit=200&${filter}`);
		const { body } = await getJson<Metrics>(full, `/api/metrics?${range}&${filter}`);
		expect(body.summary.total_runs).toBe(list.body.runs.length);
	});
	test.each([
		["from", `from=${at(T0)}&to=${at(T0)}`],
		["from", `from=${at(T0 - 401 * DAY)}&to=${at(T0)}`],
		["from", "from=soon"],
		["group_by", "group_by=minute"],
		["group_by", `from=${at(Date.now() - 100 * DAY)}&group_by=hour`],
		["group_by", `from=${at(Date.now() - 90 * DAY)}&group_by=hour`],
		["limit", "limit=0"],
		["limit", "limit=201"],
	])("422 on %s for ?%s", async (field, query) => {
		const { status, body } = await getJson<ErrorAnswer>(full, `/api/metrics?${query}`);
		expect(status).toBe(422);
		expect(Object.keys(body.error.fields!)).toEqual([field]);
	});
	test("is not sent twice: 304 for a known ETag until something happens", async () => {
		const own = await makeTeam();
		const headers = { authorization: `Bearer ${own.tokens.viewer}` };
		const first = await ask("/api/metrics", { headers });
		const etag = first.headers.get("etag")!;
		expect(first.headers.get("cache-control")).toBe("private, no-cache");
		expect((await ask("/api/metrics", { headers: { ...headers, "if-none-match": etag } })).status).toBe(304);
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		expect((await ask("/api/metrics", { headers: { ...headers, "if-none-match": etag } })).status).toBe(200);
	});
});

describe("who may ask", () => {
	test("a session in one team needs not name it; a foreign or unknown team is 404", async () => {
		const cookie = full.sessions.viewer;
		expect((await ask("/api/runs", { headers: { cookie } })).status).toBe(200);
		for (const slug of [empty.slug, "nobody"]) expect((await ask(`/api/runs?team=${slug}`, { headers: { cookie } })).status).toBe(404);
	});
	test.each([
		["no credentials", {}],
		["an unknown token", { authorization: `Bearer opst_${"t".padEnd(12, "a")}_${"x".repeat(43)}` }],
		["Basic", { authorization: "Basic YTpi" }],
		["a lower-case scheme", { authorization: "bearer x" }],
		["a 10 KB token", { authorization: `Bearer ${"x".repeat(10_240)}` }],
	])("%s is 401", async (_what, headers) => {
		const answer = await ask("/api/runs", { headers: headers as Record<string, string> });
		expect([answer.status, ((await answer.json()) as ErrorAnswer).error.code]).toEqual([401, "unauthenticated"]);
	});
	test("scopes are kept apart", async () => {
		expect((await getJson(full, "/api/runs", full.ingestToken)).status).toBe(403);
		expect((await getJson(full, "/metrics", full.tokens.viewer)).status).toBe(403);
	});
});

test("GET /metrics is Prometheus text of the token's own team", async () => {
	const answer = await ask("/metrics", { headers: { authorization: `Bearer ${full.metricsToken}` } });
	expect(answer.status).toBe(200);
	const text = await answer.text();
	expect(text).toContain('opssight_runs{status="success"} 20');
	expect(text).toContain('opssight_deliveries_total{source="generic",result="accepted"} 30');
	expect(text).toMatch(/opssight_commit_size_count \d+/);
	for (const line of text.trim().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?\d+(\.\d+)?)$/);
});

test("GET /api/config says what this is and nothing else", async () => {
	const body = (await (await ask("/api/config")).json()) as Record<string, unknown>;
	expect(body).toMatchObject({
		environment: "development",
		sign_in: ["token", "role"],
		sources: [{ id: "github" }, { id: "gitlab" }, { id: "argocd" }, { id: "cdevents" }, { id: "alertmanager" }, { id: "generic" }],
	});
});

describe("the document", () => {
	test("names exactly the routes there are, with a promise for each answer", async () => {
		const document = (await (await ask("/api/openapi.json")).json()) as {
			openapi: string;
			paths: Record<string, Record<string, { responses: object }>>;
		};
		expect(document.openapi).toBe("3.1.0");
		const promised = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
		expect(promised.sort()).toEqual(doors.map(({ route }) => `${route.method} ${route.path}`).sort());
		for (const { policy, route } of doors) {
			const statuses = Object.keys(document.paths[route.path]![route.method]!.responses);
			if ("permission" in policy) expect(statuses).toEqual(expect.arrayContaining(["401", "403", "404"]));
		}
	});
	test("every route that needs a permission refuses the anonymous, whatever else is wrong", async () => {
		for (const { route, policy } of doors) {
			if (!("permission" in policy)) continue;
			const path = routerPath(route.path).replaceAll(/:\w+/g, "x");
			const answer = await ask(path, { method: route.method.toUpperCase() });
			expect([path, answer.status]).toEqual([path, 401]);
		}
	});
	test("its schemas are the ones that hold", async () => {
		PushListBody.parse((await getJson(empty, "/api/pushes")).body);
		const docs = await ask("/api/docs");
		expect(docs.headers.get("content-security-policy")).toContain("default-src 'none'");
		expect(await docs.text()).toContain("/api/metrics");
	});
	test.each(["/api/none", "/api/runs/x/y", "//api//runs", "/api/runs/", "/webhooks/github", "/dev/none", "/live/x/y/z"])(
		"%s is a plain 404",
		async (path) => {
			const answer = await ask(path, { headers: { authorization: `Bearer ${full.tokens.admin}` } });
			expect([404, 401]).toContain(answer.status);
		},
	);
});

test("the doors of development do not exist anywhere else", async () => {
	for (const path of ["/dev/setup", "/dev/faults", "/dev/demo", "/dev/sign-in"]) {
		const answer = await ask(`https://opssight.example.com${path}`, { method: "POST", body: "{}" });
		expect([path, answer.status]).toEqual([path, 404]);
	}
});

test("a form of a foreign page can't sign anyone in or out", async () => {
	const form = new URLSearchParams({ team: full.slug, role: "admin" }).toString();
	const headers = { "content-type": "application/x-www-form-urlencoded" };
	for (const origin of ["https://evil.test", "null", undefined]) {
		const withOrigin = { ...headers, ...(origin === undefined ? {} : { origin }) } as Record<string, string>;
		expect((await ask("/dev/sign-in", { method: "POST", headers: withOrigin, body: form })).status).toBe(403);
		expect((await ask("/sign-out", { method: "POST", headers: withOrigin })).status).toBe(403);
	}
	const good = await ask("/dev/sign-in", { method: "POST", headers: { ...headers, origin: ORIGIN }, body: form, redirect: "manual" });
	expect(good.status).toBe(303);
	expect(good.headers.get("set-cookie")).toMatch(/^__Host-opssight=[\w-]{43}; Path=\/; .*Secure; HttpOnly; SameSite=Lax$/);
	for (const next of ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)"]) {
		const sneaky = await ask("/dev/sign-in", {
			method: "POST",
			headers: { ...headers, origin: ORIGIN },
			body: `${form}&next=${encodeURIComponent(next)}`,
			redirect: "manual",
		});
		expect(sneaky.headers.get("location")).toBe(`/t/${full.slug}/overview`);
	}
});

test("an error that a Durable Object throws reaches its caller as what it is", async () => {
	const thrown = new AppError("unavailable", "Too many at once.", { fields: { a: "wait" }, retryAfterSeconds: 7 });
	vi.spyOn(TeamLedger.prototype, "integration").mockImplementation(() => {
		throw thrown;
	});
	const caught = await Promise.resolve(env.TEAM_LEDGER.getByName(empty.id).integration("one")).catch((error: unknown) => error);
	vi.restoreAllMocks();
	expect(caught).not.toBe(thrown);
	const { code, message, fields, retryAfterSeconds } = toAppError(caught);
	expect({ code, message, fields, retryAfterSeconds }).toEqual({
		...{ code: "unavailable", message: "Too many at once." },
		...{ fields: { a: "wait" }, retryAfterSeconds: 7 },
	});
});
