// Every recording of a supported source, each into an empty team, gives the facts of its .expect.json through the API.
import { beforeAll, describe, expect, test } from "vitest";
import { ask, getJson, makeTeam, SECRET, type TestTeam } from "../support/team.ts";

type Expectation = {
	file: string;
	tags: string[];
	request: { headers: Record<string, string> };
	expect: Record<string, unknown> & { entity: string };
};

const bodies = import.meta.glob("../fixtures/{github,gitlab,argocd,cdevents}/*.json", {
	query: "?raw",
	import: "default",
	eager: true,
}) as Record<string, string>;
const story = import.meta.glob("../fixtures/e2e-main/*.json", { query: "?raw", import: "default", eager: true }) as Record<string, string>;

const recordings = Object.entries(bodies)
	.filter(([path]) => path.endsWith(".expect.json"))
	.map(([path, text]) => ({
		source: path.split("/").at(-2) as string,
		name: path.split("/").at(-1)?.replace(".expect.json", "") as string,
		body: bodies[path.replace(".expect.json", ".json")] as string,
		...(JSON.parse(text) as Expectation),
	}))
	// Runs are not told by CDEvents here.
	.filter(({ source, expect: { entity } }) => source !== "cdevents" || entity === "deployment" || entity === "ignored")
	.filter(({ expect: { entity } }) =>
		["run", "job", "push", "deployment", "ping", "ignored", "ignored_or_secondary", "rejected"].includes(entity),
	);

// The recordings of CDEvents came without a proof of their sender.
const proofOf = (source: string): Record<string, string> => (source === "cdevents" ? { authorization: `Bearer ${SECRET}` } : {});
const send = (team: TestTeam, source: string, headers: Record<string, string>, body: string) =>
	ask(team.webhooks[source]!.path, { method: "POST", headers: { ...headers, ...proofOf(source) }, body });

const iso = (value: unknown) =>
	value === null || value === undefined ? null : new Date(String(value).replace(/ UTC$/, "Z").replace(" ", "T")).toISOString();

type Run = Record<string, unknown> & { id: string; jobs: Record<string, unknown>[] };

type Deployment = Record<string, unknown> & { id: string };
type Environment = { current: Deployment | null; latest: Deployment | null };
/** What the recordings call a state, as the API does. */
const STATUS: Record<string, string> = {
	...{ pending: "queued", in_progress: "running", failed: "failure", inactive: "cancelled", rolled_back: "success" },
};

async function findRun(team: TestTeam, externalId: string): Promise<Run> {
	const { body } = await getJson<{ runs: Run[] }>(team, `/api/runs?external_id=${externalId}`);
	expect(body.runs).toHaveLength(1);
	const detail = await getJson<Run>(team, `/api/runs/${encodeURIComponent(body.runs[0]!.id)}`);
	expect(detail.status).toBe(200);
	return detail.body;
}

async function expectFacts(team: TestTeam, source: string, facts: Expectation["expect"], body: string): Promise<void> {
	const metrics = await getJson<{ summary: { total_runs: number } }>(
		team,
		"/api/metrics?from=2016-01-01T00:00:00Z&to=2016-12-31T00:00:00Z",
	);
	expect(metrics.status).toBe(200);
	switch (facts.entity) {
		case "run": {
			const run = await findRun(team, facts.external_id as string);
			const status = (facts.after_both as { status: string } | undefined)?.status ?? facts.status;
			const project = (JSON.parse(body).repository ?? JSON.parse(body).project).id ?? JSON.parse(body).project.id;
			expect(run.id).toBe(`${source}-${project}-${facts.external_id}`);
			expect(run).toMatchObject({
				source,
				repo: facts.repo,
				workflow: facts.workflow,
				branch: facts.branch,
				commit: facts.sha,
				status,
				triggered_by: facts.triggered_by,
				actor: facts.actor,
				started_at: iso(facts.started_at ?? facts.started_at_raw),
			});
			if (!facts.after_both) {
				expect(run.finished_at).toBe(iso(facts.finished_at ?? facts.finished_at_raw));
				expect(run.duration_seconds).toBe(facts.duration_seconds);
			}
			if (facts.attempt) expect(run.attempt).toBe(facts.attempt);
			if (facts.url) expect(run.url).toBe((JSON.parse(body).workflow_run as { html_url: string }).html_url);
			if (facts.jobs) {
				const jobs = run.jobs.map((job) => [job.name, job.stage, job.conclusion_raw]);
				for (const [name, stage, raw] of facts.jobs as [string, string, string][]) expect(jobs).toContainEqual([name, stage, raw]);
				expect(jobs).toHaveLength((facts.jobs as unknown[]).length);
				expect(run.jobs.filter((job) => job.status === "failure").map((job) => job.name)).toEqual(facts.failed_jobs);
			}
			break;
		}
		case "job": {
			const run = await findRun(team, facts.run_id as string);
			expect(run.jobs).toHaveLength(1);
			const [job] = run.jobs;
			expect(job).toMatchObject({
				external_id: facts.external_id,
				name: facts.name,
				status: facts.status,
				duration_seconds: facts.duration_seconds,
			});
			if (source === "github") {
				expect(job).toMatchObject({
					attempt: facts.attempt,
					started_at: iso(facts.started_at),
					finished_at: iso(facts.finished_at),
					runner: facts.runner,
					labels: facts.labels,
				});
				const steps = job!.steps as { name: string; conclusion: string | null }[];
				expect(steps).toHaveLength(facts.steps as number);
				expect(steps.filter((step) => step.conclusion === "failure").map((step) => step.name)).toEqual(facts.failed_steps);
				expect(run).toMatchObject({ branch: facts.branch, commit: facts.sha, repo: facts.repo });
			} else expect(job).toMatchObject({ stage: facts.stage, conclusion_raw: facts.status_raw });
			break;
		}
		case "push": {
			const { body: answer } = await getJson<{ pushes: Record<string, unknown>[] }>(team, "/api/pushes");
			expect(answer.pushes).toHaveLength(1);
			const [push] = answer.pushes;
			expect(push).toMatchObject({ repo: facts.repo, ref: facts.ref, ref_type: facts.ref_type, before: facts.before, after: facts.after });
			if (source === "github") {
				const { commits, authors, pusher, forced, deleted } = facts;
				expect(push).toMatchObject({ commits, authors, pusher, forced, deleted });
			} else expect(push!.commits).toBe(facts.commits_total);
			break;
		}
		case "deployment": {
			const { body: answer } = await getJson<{ deployments: Deployment[] }>(team, "/api/deployments");
			expect(answer.deployments).toHaveLength(1);
			const [deployment] = answer.deployments;
			const raw = String(facts.status ?? "success");
			const status = STATUS[raw] ?? raw;
			expect(deployment).toMatchObject({ source, status, environment: facts.environment ?? "production" });
			const { external_id: externalId, repo, sha, application, subject_id: service, revision } = facts;
			if (externalId) expect(deployment).toMatchObject({ external_id: externalId, repo, commit: sha });
			if (application ?? service) expect(deployment!.component).toBe(application ?? service);
			if (revision) expect(deployment!.commit).toBe(revision);
			expect(deployment!.is_rollback).toBe(facts.status === "rolled_back");
			const [environment] = (await getJson<{ environments: Environment[] }>(team, "/api/environments")).body.environments;
			// To be replaced is no attempt; a success becomes the current version, and nothing else does.
			expect(environment!.latest?.id ?? null).toBe(raw === "inactive" ? null : deployment!.id);
			expect(environment!.current?.id ?? null).toBe(status === "success" ? deployment!.id : null);
			break;
		}
		default: {
			expect((await getJson<{ deployments: unknown[] }>(team, "/api/deployments")).body.deployments).toEqual([]);
			const runs = await getJson<{ runs: unknown[] }>(team, "/api/runs");
			expect(runs.body.runs).toEqual([]);
			expect((await getJson<{ pushes: unknown[] }>(team, "/api/pushes")).body.pushes).toEqual([]);
		}
	}
}

describe.each(recordings.filter(({ tags }) => !tags.includes("duplicate") && !tags.includes("out-of-order")))(
	"$source $name",
	(recording) => {
		test(`is ${recording.expect.entity}`, async () => {
			const team = await makeTeam();
			const answer = await send(team, recording.source, recording.request.headers, recording.body);
			const { result } = (await answer.json()) as { result?: string };
			if (recording.expect.entity === "rejected") {
				expect(answer.status).toBe(recording.expect.http);
				await expectFacts(team, recording.source, recording.expect, recording.body);
				return;
			}
			expect(answer.status).toBe(202);
			expect(result).toBe(["run", "job", "push", "deployment"].includes(recording.expect.entity) ? "accepted" : "ignored");
			await expectFacts(team, recording.source, recording.expect, recording.body);
		});
	},
);

test.each(["duplicate", "out-of-order"])("the %s pair, sent in order into one team", async (tag) => {
	const pair = recordings.filter(({ tags }) => tags.includes(tag)).sort((a, b) => (a.name < b.name ? -1 : 1));
	expect(pair).toHaveLength(2);
	const team = await makeTeam();
	const results: unknown[] = [];
	for (const { source, request, body } of pair) {
		const answer = await send(team, source, request.headers, body);
		expect(answer.status).toBe(202);
		results.push(((await answer.json()) as { result: string }).result);
	}
	expect(results).toEqual(tag === "duplicate" ? ["accepted", "duplicate"] : ["accepted", "accepted"]);
	for (const { source, expect: facts, body } of pair) {
		await expectFacts(team, source, tag === "duplicate" ? facts : { ...facts, after_both: { status: "success" } }, body);
	}
	const year = await getJson<{ summary: { total_runs: number } }>(team, "/api/metrics?from=2020-10-01T00:00:00Z&to=2020-11-01T00:00:00Z");
	expect(year.body.summary.total_runs).toBe(1);
});

describe("the story of one push, from commit to failed deployment", () => {
	let team: TestTeam;
	const steps = (
		JSON.parse(story["../fixtures/e2e-main/sequence.json"] as string) as {
			steps: { n: number; file: string; headers: Record<string, string> }[];
		}
	).steps;
	const play = async (n: number) => {
		const step = steps.find((candidate) => candidate.n === n)!;
		const answer = await send(team, "github", step.headers, story[`../fixtures/e2e-main/${step.file}`] as string);
		expect(answer.status).toBe(202);
	};
	beforeAll(async () => {
		team = await makeTeam();
	});

	test("1: the push counts one commit", async () => {
		await play(1);
		const { body } = await getJson<{ pushes: Record<string, unknown>[] }>(team, "/api/pushes?repo=acme/checkout");
		expect(body.pushes).toMatchObject([{ repo: "acme/checkout", commits: 1 }]);
	});
	test("2: the run is queued", async () => {
		await play(2);
		expect(await findRun(team, "7100001")).toMatchObject({ status: "queued" });
	});
	test("3: the run is running", async () => {
		await play(3);
		expect(await findRun(team, "7100001")).toMatchObject({ status: "running" });
	});
	test("4: its job took 176 s", async () => {
		await play(4);
		const run = await findRun(team, "7100001");
		expect(run.jobs).toMatchObject([{ external_id: "8100001", status: "success", duration_seconds: 176 }]);
	});
	test("5: the run succeeded after 195 s, and counts once", async () => {
		await play(5);
		expect(await findRun(team, "7100001")).toMatchObject({ status: "success", duration_seconds: 195 });
		const { body } = await getJson<{ summary: Record<string, number> }>(
			team,
			"/api/metrics?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&repo=acme/checkout",
		);
		expect(body.summary).toMatchObject({ total_runs: 1, success: 1, avg_duration_seconds: 195 });
	});
	test("6, 7 and 11: its deployment waits, begins and fails; the version before stays the current one", async () => {
		const before = { id: "before", environment: "production", component: "checkout", version: "59b20b8", status: "success" };
		const commit = "59b20b8a0b7a4f1e9c7b1b2d3e4f5a6b7c8d9e0f";
		const posted = await ask("/api/deployments", {
			method: "POST",
			headers: { authorization: `Bearer ${team.ingestToken}`, "content-type": "application/json" },
			body: JSON.stringify({ ...before, commit, started_at: "2026-11-20T09:00:00Z", finished_at: "2026-11-20T09:02:00Z" }),
		});
		expect(posted.status).toBe(201);
		for (const [n, status] of [
			[6, "queued"],
			[7, "running"],
			[11, "failure"],
		] as const) {
			await play(n);
			const { body } = await getJson<{ environments: Environment[] }>(team, "/api/environments");
			expect(body.environments).toMatchObject([
				{ name: "production", current: { commit, version: "59b20b8" }, latest: { external_id: "9100001", status } },
			]);
		}
		expect((await getJson(team, "/api/deployments/github-186853002-9100001")).body).toMatchObject({
			...{
				component: "checkout",
				version: "a1b2c3d",
				started_at: "2026-11-20T10:03:35.000Z",
				finished_at: "2026-11-20T10:04:30.000Z",
				duration_seconds: 55,
			},
		});
	});
});
