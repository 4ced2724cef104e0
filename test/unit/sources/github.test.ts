import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { github } from "../../../worker/sources/github.ts";
import { githubStatus } from "../../../worker/sources/github-status.ts";
import { findSource, sources } from "../../../worker/sources/registry.ts";
import type { JobEvent, PushEvent, RunEvent } from "../../../worker/wire/events.ts";
import { at, dayStep, hmacHex, incoming, recordings } from "./corpus.ts";

const corpus = recordings("github");
const SECRETS = ["corpus-secret"];

function of(...entities: string[]) {
	return corpus.filter((one) => entities.includes(one.expect.entity));
}

function single<T>(text: string, headers: Headers): T {
	const normalised = github.normalise(JSON.parse(text), headers);
	if (normalised.kind !== "events") throw new Error(JSON.stringify(normalised));
	expect(normalised.events).toHaveLength(1);
	return normalised.events[0] as T;
}

describe("recordings", () => {
	test.each(of("run"))("$name is the run it says", ({ text, headers, expect: facts }) => {
		const run = single<RunEvent>(text, headers);
		const [statusRaw, conclusion] = facts.status_raw as [string, string | null];
		expect(run).toMatchObject({
			type: "run",
			source: "github",
			externalId: facts.external_id,
			id: `github-${JSON.parse(text).repository.id}-${facts.external_id}`,
			attempt: facts.attempt,
			repo: facts.repo,
			workflow: facts.workflow,
			branch: facts.branch,
			commit: facts.sha,
			status: facts.status,
			conclusionRaw: conclusion ?? statusRaw,
			startedAt: at(facts.started_at),
			finishedAt: at(facts.finished_at),
			durationMs: facts.duration_seconds === null ? null : Number(facts.duration_seconds) * 1000,
			triggeredBy: facts.triggered_by,
			actor: facts.actor,
			url: facts.url,
		});
	});

	test.each(of("job"))("$name is the job it says", ({ text, headers, expect: facts }) => {
		const job = single<JobEvent>(text, headers);
		const [statusRaw, conclusion] = facts.status_raw as [string, string | null];
		expect(job).toMatchObject({
			type: "job",
			externalId: facts.external_id,
			attempt: facts.attempt,
			name: facts.name,
			status: facts.status,
			conclusionRaw: conclusion ?? statusRaw,
			startedAt: at(facts.started_at),
			finishedAt: at(facts.finished_at),
			durationMs: facts.duration_seconds === null ? null : Number(facts.duration_seconds) * 1000,
			runner: facts.runner,
			labels: facts.labels,
		});
		expect(job.run).toMatchObject({ externalId: facts.run_id, repo: facts.repo, branch: facts.branch, commit: facts.sha });
		expect(job.steps).toHaveLength(Number(facts.steps));
		expect(job.steps?.filter((step) => step.conclusion === "failure").map((step) => step.name)).toEqual(facts.failed_steps);
	});

	test.each(of("push"))("$name is the push it says", ({ text, headers, expect: facts }) => {
		expect(single<PushEvent>(text, headers)).toMatchObject({
			type: "push",
			repo: facts.repo,
			ref: facts.ref,
			refType: facts.ref_type,
			before: facts.before,
			after: facts.after,
			deleted: facts.deleted,
			forced: facts.forced,
			commitCount: facts.commits,
			authors: facts.authors,
			pusher: facts.pusher,
		});
	});

	test.each(of("ping"))("$name is a ping", ({ text, headers }) => {
		expect(github.normalise(JSON.parse(text), headers)).toEqual({ kind: "ignored", reason: "ping" });
	});

	const unused = of("ignored", "ignored_or_secondary", "pull_request", "commit_status");
	test.each(unused)("$name is understood and not used", ({ text, headers }) => {
		const event = headers.get("x-github-event");
		expect(github.normalise(JSON.parse(text), headers)).toEqual({ kind: "ignored", reason: `event type ${event} is not used` });
	});

	test("every recording is covered above", () => {
		const covered = new Set([...of("run", "job", "push", "ping", "rejected", "deployment"), ...unused]);
		expect(corpus.filter((one) => !covered.has(one)).map((one) => one.name)).toEqual([]);
		expect(corpus.length).toBeGreaterThan(40);
	});

	test("the recorded day: one commit, a run that is queued, running, then done, and its job", () => {
		const read = <T>(n: number) => single<T>(dayStep(n).text, new Headers(dayStep(n).headers));
		expect(read<PushEvent>(1)).toMatchObject({ repo: "acme/checkout", commitCount: 1 });
		expect(read<RunEvent>(2)).toMatchObject({ id: "github-186853002-7100001", status: "queued" });
		expect(read<RunEvent>(3)).toMatchObject({ status: "running", finishedAt: null });
		expect(read<JobEvent>(4)).toMatchObject({ externalId: "8100001", status: "success", durationMs: 176_000 });
		expect(read<RunEvent>(5)).toMatchObject({ status: "success", durationMs: 195_000 });
	});
});

describe("signature", () => {
	const signed = corpus.filter((one) => one.expect.entity !== "rejected" || one.name.includes("truncated"));

	test.each(signed)("$name verifies, and a changed byte does not", async ({ text, headers }) => {
		expect(await github.verify(incoming(text, headers), ["another", ...SECRETS], 0)).toBe(true);
		expect(await github.verify(incoming(`${text.slice(0, -1)} `, headers), SECRETS, 0)).toBe(false);
		expect(await github.verify(incoming(text, headers), ["another", ""], 0)).toBe(false);
	});

	test("the forged recording does not verify", async () => {
		const forged = corpus.find((one) => one.name === "derived.bad-signature.json")!;
		expect(await github.verify(incoming(forged.text, forged.headers), SECRETS, 0)).toBe(false);
	});

	test("only sha256= and 64 lower-case hex characters are read", async () => {
		const body = '{"zen":1}';
		const hex = await hmacHex("corpus-secret", body);
		const check = (headers: Record<string, string>) => github.verify(incoming(body, headers), SECRETS, 0);
		expect(await check({ "x-hub-signature-256": `sha256=${hex}` })).toBe(true);
		const refused = [
			`sha256=${hex.toUpperCase()}`,
			`SHA256=${hex}`,
			`sha256=${hex.slice(0, 62)}`,
			`sha256=${hex}00`,
			`sha256=${hex}, sha256=${hex}`,
			`sha1=${hex.slice(0, 40)}`,
			hex,
			"sha256=",
			"",
			`sha256=${"0".repeat(64)}`,
		];
		for (const header of refused) expect(await check({ "x-hub-signature-256": header }), header).toBe(false);
		expect(await check({ "x-hub-signature": `sha1=${hex.slice(0, 40)}` })).toBe(false);
		expect(await check({})).toBe(false);
		expect(await github.verify(incoming("", { "x-hub-signature-256": `sha256=${hex}` }), SECRETS, 0)).toBe(false);
	});

	test("signed bytes that are not UTF-8 verify, so that their sender hears what is wrong", async () => {
		const bytes = new Uint8Array([0x7b, 0xff, 0x7d]);
		const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("s"), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
		const hex = Buffer.from(await crypto.subtle.sign("HMAC", key, bytes)).toString("hex");
		const headers = new Headers({ "x-hub-signature-256": `sha256=${hex}` });
		expect(await github.verify({ headers, bytes, text: new TextDecoder().decode(bytes) }, ["s"], 0)).toBe(true);
	});
});

describe("rules", () => {
	test.each([
		["queued", null, "queued"],
		["waiting", null, "queued"],
		["pending", null, "queued"],
		["requested", null, "queued"],
		["in_progress", null, "running"],
		["completed", "success", "success"],
		["completed", "failure", "failure"],
		["completed", "timed_out", "failure"],
		["completed", "startup_failure", "failure"],
		["completed", "action_required", "failure"],
		["completed", "cancelled", "cancelled"],
		["completed", "skipped", "cancelled"],
		["completed", "neutral", "cancelled"],
		["completed", "stale", "cancelled"],
		["completed", "something_new", "cancelled"],
		["completed", null, "cancelled"],
		["something_new", null, "running"],
		[null, null, "queued"],
		["constructor", "toString", "running"],
	] as const)("%s/%s is %s", (status, conclusion, ours) => {
		expect(githubStatus(status, conclusion)).toBe(ours);
	});

	const runHeaders = new Headers({ "x-github-event": "workflow_run" });
	const jobHeaders = new Headers({ "x-github-event": "workflow_job" });

	test("what is essential and missing is named", () => {
		expect(github.normalise({ workflow_run: {}, repository: { full_name: "a/b" } }, runHeaders)).toEqual({
			kind: "invalid",
			fields: { "workflow_run.id": expect.any(String), "repository.id": expect.any(String), "workflow_run.updated_at": expect.any(String) },
		});
		const job = github.normalise({}, jobHeaders);
		expect(job.kind === "invalid" && Object.keys(job.fields)).toContain("workflow_job.run_id");
		const push = github.normalise({}, new Headers({ "x-github-event": "push" }));
		expect(push.kind === "invalid" && Object.keys(push.fields)).toContain("ref");
	});

	test("ids as digit strings are the same ids, and other offsets the same instants", () => {
		const run = single<RunEvent>(
			JSON.stringify({
				workflow_run: { id: "7", status: "queued", created_at: "2026-11-20T11:00:00+01:00", updated_at: "2026-11-20T10:00:00Z" },
				repository: { id: "9", full_name: "a/b" },
			}),
			runHeaders,
		);
		expect(run).toMatchObject({ id: "github-9-7", startedAt: run.updatedAt, actor: null, attempt: 1 });
	});

	test("a queued job has no start, whatever stamp it carries", () => {
		const job = { id: 1, run_id: 2, status: "queued", created_at: "2026-11-20T10:00:00Z", started_at: "2026-11-20T10:00:00Z" };
		const body = JSON.stringify({ workflow_job: job, repository: { id: 9, full_name: "a/b" } });
		expect(single<JobEvent>(body, jobHeaders)).toMatchObject({ status: "queued", startedAt: null, queuedMs: null, steps: null });
	});

	test("a deleted branch counts no commits, and commits already counted elsewhere do not count again", () => {
		const push = (more: object) =>
			single<PushEvent>(
				JSON.stringify({ ref: "refs/heads/feature/x", before: "a", after: "b", repository: { id: 9, full_name: "a/b" }, ...more }),
				new Headers({ "x-github-event": "push" }),
			);
		expect(push({ deleted: true, commits: [{ id: "c" }] })).toMatchObject({ deleted: true, commitCount: 0, commits: [], authors: [] });
		const merged = push({
			commits: [
				{ id: "c", distinct: false },
				{ id: "d", distinct: true, message: "two\nlines", author: { name: "Ann" } },
			],
		});
		expect(merged).toMatchObject({ ref: "feature/x", commitCount: 1, authors: ["Ann"], id: "github-9-refs/heads/feature/x-a-b" });
		expect(merged.commits).toEqual([{ sha: "d", author: "Ann", message: "two", at: null }]);
	});

	test("hostile text is well-formed, without NUL, clipped and one line; no address but http", () => {
		const run = single<RunEvent>(
			JSON.stringify({
				workflow_run: {
					id: 1,
					status: "completed",
					updated_at: "2026-11-20T10:00:00Z",
					name: `a\0b\ud800${"x".repeat(999)}`,
					html_url: "javascript:alert(1)",
				},
				repository: { id: 9, full_name: "a/b" },
			}),
			runHeaders,
		);
		expect(run.workflow).toHaveLength(255);
		expect(run.workflow.startsWith("ab\ufffd")).toBe(true);
		expect(run.url).toBeNull();
	});

	test("form bodies are unwrapped, JSON bodies are not", () => {
		const form = new Headers({ "content-type": "application/x-www-form-urlencoded" });
		expect(github.unwrap?.(`payload=${encodeURIComponent('{"a":"b+c d"}')}`, form)).toBe('{"a":"b+c d"}');
		expect(github.unwrap?.("other=1", form)).toBe("");
		expect(github.unwrap?.("payload=1", new Headers({ "content-type": "application/json" }))).toBe("payload=1");
	});

	test("pushes may be 5 MiB, everything else 1 MiB", () => {
		expect(github.maxBytes(new Headers({ "x-github-event": "push" }))).toBe(5 * 2 ** 20);
		expect(github.maxBytes(runHeaders)).toBe(2 ** 20);
	});

	test("the registry finds what it lists and nothing else", () => {
		for (const [id, source] of Object.entries(sources)) expect(findSource(id)).toBe(source);
		for (const [id, source] of Object.entries(sources)) expect(source.id).toBe(id);
		for (const id of ["", "GitHub", "constructor", "__proto__"]) expect(findSource(id)).toBeNull();
	});
});

test("no mutation of a recording makes normalise throw", () => {
	const events = ["workflow_run", "workflow_job", "push", "ping", "constructor"];
	const bodies = [...of("run").slice(0, 2), ...of("job").slice(0, 2), ...of("push").slice(0, 2)].map((one) => one.text);
	const path = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });
	fc.assert(
		fc.property(
			fc.constantFrom(...bodies),
			fc.constantFrom(...events),
			fc.array(fc.tuple(path, fc.jsonValue())),
			(text, event, changes) => {
				const body = JSON.parse(text);
				for (const [steps, value] of changes) mutate(body, steps, value);
				const result = github.normalise(body, new Headers({ "x-github-event": event }));
				expect(["events", "ignored", "invalid"]).toContain(result.kind);
			},
		),
		{ numRuns: 300 },
	);
	expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

function mutate(node: unknown, [first = 0, ...rest]: number[], value: unknown): void {
	if (typeof node !== "object" || node === null) return;
	const keys = Object.keys(node);
	const key = keys[first % Math.max(1, keys.length)] ?? "new";
	const fields = node as Record<string, unknown>; // safe because it is an object, and tests may write anything
	if (rest.length === 0 || typeof fields[key] !== "object") fields[key] = value;
	else mutate(fields[key], rest, value);
}
