import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gitlab } from "../../../worker/sources/gitlab.ts";
import type { JobEvent, NormalEvent, PushEvent, RunEvent } from "../../../worker/wire/events.ts";
import { at, incoming, recordings } from "./corpus.ts";

const corpus = recordings("gitlab");

function of(...entities: string[]) {
	return corpus.filter((one) => entities.includes(one.expect.entity));
}

function read(body: Record<string, unknown>, headers = new Headers()): NormalEvent[] {
	const normalised = gitlab.normalise(body, headers);
	if (normalised.kind !== "events") throw new Error(JSON.stringify(normalised));
	return normalised.events;
}

describe("recordings", () => {
	test.each(of("run"))("$name is the run it says, with its jobs", ({ text, headers, expect: facts }) => {
		const [run, ...jobs] = read(JSON.parse(text), headers) as [RunEvent, ...JobEvent[]];
		expect(run).toMatchObject({
			type: "run",
			source: "gitlab",
			id: `gitlab-1-${facts.external_id}`,
			externalId: facts.external_id,
			attempt: 1,
			repo: facts.repo,
			workflow: facts.workflow,
			branch: facts.branch,
			commit: facts.sha,
			status: facts.status,
			conclusionRaw: facts.status_raw,
			startedAt: at(facts.started_at_raw),
			finishedAt: at(facts.finished_at_raw),
			durationMs: facts.duration_seconds === null ? null : Number(facts.duration_seconds) * 1000,
			triggeredBy: facts.triggered_by,
			actor: facts.actor,
			meta: { queued_seconds: facts.queued_seconds },
		});
		expect(run.error).toBe(facts.status === "failure" ? "production: script_failure" : null);
		expect(jobs.map((job) => [job.name, job.stage, job.conclusionRaw])).toEqual((facts.jobs as unknown[][]).map((job) => job.slice(0, 3)));
		expect(jobs.filter((job) => job.status === "failure").map((job) => job.name)).toEqual(facts.failed_jobs);
		for (const job of jobs) expect(job.run.id).toBe(run.id);
	});

	test.each(of("job"))("$name is the job it says", ({ text, headers, expect: facts }) => {
		expect(read(JSON.parse(text), headers)).toEqual([
			expect.objectContaining({
				type: "job",
				externalId: facts.external_id,
				name: facts.name,
				stage: facts.stage,
				status: facts.status,
				conclusionRaw: facts.status_raw,
				durationMs: facts.duration_seconds,
				run: expect.objectContaining({
					id: `gitlab-380-${facts.run_id}`,
					repo: "gitlab-org/gitlab-test",
					commit: facts.sha,
					branch: facts.ref,
				}),
			}),
		]);
	});

	test.each(of("push"))("$name is the push it says", ({ text, headers, expect: facts }) => {
		const [push] = read(JSON.parse(text), headers) as [PushEvent];
		expect(push).toMatchObject({
			repo: facts.repo,
			ref: facts.ref,
			refType: facts.ref_type,
			before: facts.before,
			after: facts.after,
			commitCount: facts.commits_total,
			deleted: false,
			pusher: "jsmith",
		});
		expect(push.commits).toHaveLength(Number(facts.commits_in_payload));
	});

	const unused = of("ignored", "pull_request");
	test.each(unused)("$name is understood and not used", ({ text, headers }) => {
		const reason = `event type ${headers.get("x-gitlab-event")} is not used`;
		expect(gitlab.normalise(JSON.parse(text), headers)).toEqual({ kind: "ignored", reason });
	});

	test.each(corpus)("$name: its token and its delivery id", async ({ text, headers, expect: facts }) => {
		expect(await gitlab.verify(incoming(text, headers), ["older", "corpus-secret"], 0)).toBe(facts.entity !== "rejected");
		expect(gitlab.deliveryId(headers)).toBe(headers.get("idempotency-key"));
		headers.delete("idempotency-key");
		expect(gitlab.deliveryId(headers)).toBe(headers.get("x-gitlab-event-uuid"));
	});
});

describe("rules", () => {
	test("no token, an empty one and an empty secret prove nothing", async () => {
		expect(await gitlab.verify(incoming("{}"), ["s", ""], 0)).toBe(false);
		expect(await gitlab.verify(incoming("{}", { "x-gitlab-token": "" }), ["s", ""], 0)).toBe(false);
		expect(await gitlab.verify(incoming("{}", { "x-gitlab-token": "s" }), [], 0)).toBe(false);
		expect(await gitlab.verify(incoming("{}", { "x-gitlab-token": "S" }), ["s"], 0)).toBe(false);
	});

	test("a named pipeline of a merge request goes by its name and its source branch", () => {
		const [run] = read({
			object_kind: "pipeline",
			object_attributes: {
				id: 5,
				name: "Nightly",
				ref: "refs/merge-requests/3/head",
				status: "manual",
				created_at: "2026-11-20 10:00:00 +0200",
			},
			project: { id: 1, path_with_namespace: "a/b", web_url: "https://gitlab.example.com/a/b" },
			merge_request: { source_branch: "topic" },
		}) as [RunEvent];
		expect(run).toMatchObject({ workflow: "Nightly", branch: "topic", status: "queued", startedAt: Date.parse("2026-11-20T08:00:00Z") });
		expect(run.url).toBe("https://gitlab.example.com/a/b/-/pipelines/5");
	});

	test("a deleted branch and a tag count no commits", () => {
		const push = (ref: string, after: string) =>
			read({
				object_kind: "push",
				ref,
				before: "1".repeat(40),
				after,
				project: { id: 1, path_with_namespace: "a/b" },
				total_commits_count: 3,
				commits: [{}],
			});
		expect(push("refs/heads/x", "0".repeat(40))).toEqual([expect.objectContaining({ deleted: true, commitCount: 0, commits: [] })]);
		expect(push("refs/tags/v1", "2".repeat(40))).toEqual([expect.objectContaining({ refType: "tag", ref: "v1", commitCount: 0 })]);
	});

	test("what is essential and missing is named", () => {
		const result = gitlab.normalise({ object_kind: "pipeline" }, new Headers());
		expect(result.kind === "invalid" && Object.keys(result.fields)).toEqual([
			"object_attributes.id",
			"project.id",
			"project.path_with_namespace",
			"object_attributes.created_at",
		]);
	});
});

test("no mutation of a recording makes normalise throw", () => {
	const bodies = of("run", "job", "push").map((one) => one.text);
	fc.assert(
		fc.property(fc.constantFrom(...bodies), fc.array(fc.tuple(fc.nat(), fc.nat(), fc.jsonValue())), (text, changes) => {
			const body = JSON.parse(text);
			for (const [first, second, value] of changes) {
				const key = Object.keys(body)[first % Object.keys(body).length] ?? "new";
				const inner = body[key];
				if (typeof inner === "object" && inner !== null)
					inner[Object.keys(inner)[second % Math.max(1, Object.keys(inner).length)] ?? "new"] = value;
				else body[key] = value;
			}
			expect(["events", "ignored", "invalid"]).toContain(gitlab.normalise(body, new Headers()).kind);
		}),
		{ numRuns: 300 },
	);
});
