import { sql } from "drizzle-orm";
import { z } from "zod";
import { commitSizes, deliveryCounts } from "../domains/deliveries/store.server.ts";
import { runCounts } from "../domains/runs/store.server.ts";
import { isLoopbackDevelopment, readSettings } from "../env.ts";
import { withPatience } from "../patience.ts";
import { sources } from "../sources/registry.ts";
import { ConfigBody, HealthBody } from "../wire/api.ts";
import type { Context } from "./context.ts";
import { answers, type Door, refusals } from "./door.ts";
import { uptimeSeconds } from "./uptime.ts";
import { version } from "./version.ts";

const CHECK_PATIENCE_MS = 2000;
async function check(work: () => Promise<unknown>): Promise<string> {
	try {
		await withPatience(work(), CHECK_PATIENCE_MS, () => new Error("no answer within 2 s"));
		return "ok";
	} catch (error) {
		return error instanceof Error && error.message === "no answer within 2 s" ? error.message : "failing";
	}
}

async function getHealth(c: Context): Promise<Response> {
	const now = c.get("now");
	const [d1, ledger] = await Promise.all([
		check(async () => await c.get("db").run(sql`SELECT 1`)),
		check(async () => await c.env.TEAM_LEDGER.getByName("health").status()),
	]);
	const ok = d1 === "ok" && ledger === "ok";
	const body: z.infer<typeof HealthBody> = {
		status: ok ? "ok" : "failing",
		uptime_seconds: uptimeSeconds(now),
		timestamp: new Date(now).toISOString(),
		checks: { d1, ledger },
	};
	return c.json(body, ok ? 200 : 503, { "cache-control": "no-store", ...(ok ? {} : { "retry-after": "5" }) });
}

async function getPrometheus(c: Context): Promise<Response> {
	const db = c.get("db");
	const teamId = c.get("team").id;
	const [runs, deliveries, sizes, ledger] = await Promise.all([
		runCounts(db, teamId),
		deliveryCounts(db, teamId),
		commitSizes(db, teamId),
		c.env.TEAM_LEDGER.getByName(teamId).status(),
	]);
	const lines: string[] = [];
	const family = (name: string, type: string, help: string, samples: string[]) =>
		lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => `${name}${sample}`));
	family(
		"opssight_runs",
		"gauge",
		"Runs by status.",
		Object.entries(runs).map(([status, n]) => `{status="${status}"} ${n}`),
	);
	family(
		"opssight_deliveries_total",
		"counter",
		"Deliveries by source and result.",
		deliveries.map(({ source, result, n }) => `{source="${source}",result="${result}"} ${n}`),
	);
	const all = sizes.at(-1);
	const buckets = sizes.map(({ le, n }) => `_bucket{le="${le}"} ${n}`);
	family("opssight_commit_size", "histogram", "Deliveries in a commit, over the commits that are kept.", [
		...buckets,
		`_bucket{le="+Inf"} ${all?.n ?? 0}`,
		`_sum ${all?.sum ?? 0}`,
		`_count ${all?.n ?? 0}`,
	]);
	family("opssight_ledger_backlog", "gauge", "Deliveries that wait for D1 in the ledger.", [` ${ledger.backlog}`]);
	family("opssight_live_sockets", "gauge", "Open live sockets.", [` ${ledger.sockets}`]);
	family("opssight_uptime_seconds", "gauge", "Seconds since this instance's first request.", [` ${uptimeSeconds(c.get("now"))}`]);
	return c.text(`${lines.join("\n")}\n`, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" });
}

function getConfig(c: Context): Response {
	const isLocal = isLoopbackDevelopment(c.env, new URL(c.req.url));
	const { environment, gitHub } = readSettings(c.env);
	return c.json(
		{
			environment,
			version,
			sign_in: [...(gitHub ? ["github"] : []), "token", ...(isLocal ? ["role"] : [])],
			sources: Object.values(sources).map(({ id, label }) => ({ id, label })),
			channels: [],
		},
		200,
		{ "cache-control": "no-store" },
	);
}

const tags = ["Operations"];

/** Health, Prometheus metrics, configuration. */
export const operationDoors: Door[] = [
	{
		route: {
			...{ method: "get", path: "/health", tags, summary: "Liveness and readiness" },
			responses: { 200: answers(HealthBody, "All checks pass"), 503: answers(HealthBody, "The failing check is named") },
		},
		policy: { public: "says nothing about anyone" },
		handle: getHealth,
	},
	{
		route: {
			...{ method: "get", path: "/metrics", tags, summary: "Prometheus text of one team" },
			responses: {
				200: { description: "Prometheus text format 0.0.4", content: { "text/plain": { schema: z.string() } } },
				...refusals(401, 403, 404, 422, 429, 503),
			},
		},
		policy: { permission: "metrics:read" },
		handle: getPrometheus,
	},
	{
		route: {
			...{ method: "get", path: "/api/config", tags, summary: "What this installation is" },
			responses: { 200: answers(ConfigBody, "Configuration without secrets") },
		},
		policy: { public: "nothing about teams, never a secret" },
		handle: getConfig,
	},
];
