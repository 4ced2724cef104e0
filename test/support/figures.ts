import { getJson, type TestTeam } from "./team.ts";

export type Summary = {
	total_runs: number;
	success_rate: number | null;
	avg_duration_seconds: number | null;
	last_updated: string | null;
	success: number;
	failure: number;
};
export type Metrics = {
	summary: Summary;
	time_series: { timestamp: string; success: number; failure: number; avg_duration: number | null }[];
	recent_runs: Record<string, unknown>[];
	previous: Summary;
	range: { from: string; to: string; group_by: string };
};

/** How many runs the last 30 days have, by the rollups. */
export async function total(team: TestTeam): Promise<number> {
	return (await getJson<Metrics>(team, "/api/metrics")).body.summary.total_runs;
}

/** A valid body of `POST /api/events`. */
export function eventBody(more: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		id: "run-1",
		workflow: "ci",
		status: "success",
		duration_seconds: 90,
		started_at: new Date(Date.now() - 600_000).toISOString(),
		finished_at: new Date(Date.now() - 510_000).toISOString(),
		repo: "acme/web",
		...more,
	};
}
