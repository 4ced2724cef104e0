import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argocd } from "../../../worker/sources/argocd.ts";
import { cdevents } from "../../../worker/sources/cdevents.ts";
import { versionOf } from "../../../worker/sources/deployment.ts";
import { github } from "../../../worker/sources/github.ts";
import { gitlab } from "../../../worker/sources/gitlab.ts";
import type { WebhookSource } from "../../../worker/sources/source.ts";
import type { DeploymentEvent } from "../../../worker/wire/events.ts";
import { at, dayStep, incoming, recordings } from "./corpus.ts";

function single(source: WebhookSource, body: unknown, headers: Headers | Record<string, string> = {}): DeploymentEvent {
	const normalised = source.normalise(body as Record<string, unknown>, new Headers(headers));
	if (normalised.kind !== "events") throw new Error(JSON.stringify(normalised));
	expect(normalised.events).toHaveLength(1);
	return normalised.events[0] as DeploymentEvent;
}

const STATUS = { pending: "queued", in_progress: "running", success: "success", failed: "failure", inactive: null } as Record<
	string,
	unknown
>;

describe("GitHub", () => {
	const deployments = recordings("github").filter(({ expect: { entity } }) => entity === "deployment");

	test.each(deployments)("$name is the deployment it says", ({ text, headers, expect: facts }) => {
		const event = single(github, JSON.parse(text), headers);
		expect(event).toMatchObject({
			type: "deployment",
			id: `github-${JSON.parse(text).repository.id}-${facts.external_id}`,
			source: "github",
			externalId: facts.external_id,
			repo: facts.repo,
			component: (facts.repo as string).split("/")[1],
			environment: facts.environment,
			ref: facts.ref,
			commit: facts.sha,
			version: (facts.sha as string).slice(0, 7),
			status: STATUS[facts.status as string],
			updatedAt: at(facts.status_at ?? facts.created_at),
		});
		if (facts.creator) expect(event.actor).toBe(facts.creator);
		if (facts.status_raw) expect(event.statusRaw).toBe(facts.status_raw);
		expect(event.inactiveAt).toBe(facts.status === "inactive" ? at(facts.status_at) : null);
		expect(event.finishedAt).toBe(["success", "failed"].includes(facts.status as string) ? at(facts.status_at) : null);
	});

	test("begins when a status says so, not when it was asked for", () => {
		const step = (n: number) => single(github, JSON.parse(dayStep(n).text), dayStep(n).headers);
		expect([step(6), step(7), step(11)]).toMatchObject([
			{ status: "queued", startedAt: null, finishedAt: null, updatedAt: at("2026-11-20T10:03:30Z") },
			{ status: "running", startedAt: at("2026-11-20T10:03:35Z"), finishedAt: null },
			{ status: "failure", startedAt: null, finishedAt: at("2026-11-20T10:04:30Z") },
		]);
		expect(step(6).id).toBe("github-186853002-9100001");
	});

	test("takes component and version from what the deployment itself says", () => {
		const body = JSON.parse(dayStep(6).text);
		for (const payload of [{ component: "api", version: "1.5.0" }, JSON.stringify({ component: "api", version: "1.5.0" })]) {
			body.deployment.payload = payload;
			expect(single(github, body, { "x-github-event": "deployment" })).toMatchObject({ component: "api", version: "1.5.0" });
		}
		body.deployment.payload = "not json";
		expect(single(github, body, { "x-github-event": "deployment" })).toMatchObject({ component: "checkout", version: "a1b2c3d" });
	});

	test("knows error as a failure, and a state of tomorrow as one that goes on", () => {
		const body = JSON.parse(dayStep(11).text);
		const said = { state: "error", description: "Pods never got ready\nsecond line", log_url: "javascript:alert(1)" };
		Object.assign(body.deployment_status, said);
		const event = single(github, body, { "x-github-event": "deployment_status" });
		expect(event).toMatchObject({ status: "failure", reason: "Pods never got ready", url: null });
		body.deployment_status.state = "levitating";
		expect(single(github, body, { "x-github-event": "deployment_status" }).status).toBe("running");
	});

	test("says which fields are missing", () => {
		const headers = new Headers({ "x-github-event": "deployment_status" });
		expect(github.normalise({ deployment: {}, deployment_status: {} }, headers)).toEqual({
			kind: "invalid",
			fields: expect.objectContaining({ "deployment.id": expect.any(String), "deployment_status.created_at": expect.any(String) }),
		});
	});
});

describe("GitLab", () => {
	const [recording] = recordings("gitlab").filter(({ expect: { entity } }) => entity === "deployment");
	const body = () => JSON.parse(recording!.text);

	test("the recording is the deployment it says, its offset read", () => {
		const facts = recording!.expect;
		expect(single(gitlab, body(), recording!.headers)).toMatchObject({
			id: "gitlab-30-15",
			externalId: facts.external_id,
			repo: facts.repo,
			component: "test-deployment-webhooks",
			environment: facts.environment,
			ref: facts.ref,
			// A tag that reads like a version is one.
			version: "1.0.0",
			commit: facts.sha,
			status: facts.status,
			finishedAt: at(facts.status_at),
			actor: "user1",
			title: "Add new file",
		});
	});

	test.each([
		["created", "queued"],
		["blocked", "queued"],
		["running", "running"],
		["failed", "failure"],
		["canceled", "cancelled"],
	])("%s is %s", (raw, status) => {
		const event = single(gitlab, { ...body(), status: raw }, recording!.headers);
		expect(event).toMatchObject({ status, statusRaw: raw });
		expect(event.startedAt === null).toBe(status !== "running");
	});
});

describe("Argo CD", () => {
	const corpus = Object.fromEntries(recordings("argocd").map((one) => [one.name, one]));
	const succeeded = () => JSON.parse(corpus["authored.sync-succeeded.json"]!.text);
	const failed = () => JSON.parse(corpus["authored.sync-failed.json"]!.text);

	test.each(Object.values(corpus))("$name is the deployment it says", ({ text, headers, expect: facts }) => {
		expect(single(argocd, JSON.parse(text), headers)).toMatchObject({
			source: "argocd",
			component: facts.application,
			environment: "production",
			commit: facts.revision,
			repo: "acme/deploy",
			status: facts.status === "success" ? "success" : "failure",
			statusRaw: facts.phase_raw,
			startedAt: at("2026-11-20T10:22:07Z"),
			finishedAt: at("2026-11-20T10:22:30Z"),
			actor: "Argo CD auto-sync",
			isRollback: false,
		});
	});

	test("a sync that succeeded is called like its image; one that did not, like its revision", () => {
		expect(single(argocd, succeeded())).toMatchObject({ version: "1.4.2", images: ["registry.example.com/shop/checkout:1.4.2"] });
		expect(single(argocd, failed())).toMatchObject({
			version: "59b20b8",
			images: [],
			reason: expect.stringContaining("admission webhook"),
		});
	});

	test("two tags of its image at once tell no version", () => {
		const body = succeeded();
		body.app.status.summary.images.push("registry.example.com/shop/checkout:1.4.1");
		expect(single(argocd, body).version).toBe("59b20b8");
	});

	test("beginning and end of one sync are one deployment, the next sync another", () => {
		const running = succeeded();
		Object.assign(running.app.status.operationState, { phase: "Running", finishedAt: null });
		expect(single(argocd, running)).toMatchObject({ id: single(argocd, succeeded()).id, status: "running", finishedAt: null });
		const next = succeeded();
		next.app.status.operationState.startedAt = "2026-11-20T11:00:00Z";
		expect(single(argocd, next).id).not.toBe(single(argocd, succeeded()).id);
	});

	test("falling ill right after a sync makes it a failure; falling ill a day later is no deployment", () => {
		const ill = succeeded();
		ill.app.status.health = { status: "Degraded", lastTransitionTime: "2026-11-20T10:25:00Z", message: "exceeded its progress deadline" };
		expect(single(argocd, ill)).toMatchObject({
			status: "failure",
			reason: "exceeded its progress deadline",
			finishedAt: at("2026-11-20T10:25:00Z"),
		});
		ill.app.status.health.lastTransitionTime = "2026-11-21T10:25:00Z";
		expect(argocd.normalise(ill, new Headers()).kind).toBe("ignored");
	});

	test("a revision that comes back is a rollback, by whoever asked for it", () => {
		const back = succeeded();
		const revision = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
		Object.assign(back.app.status.operationState, {
			startedAt: "2026-11-20T12:00:00Z",
			operation: { sync: { revision }, initiatedBy: { username: "ada" } },
		});
		expect(single(argocd, back)).toMatchObject({ isRollback: true, actor: "ada", commit: revision });
	});

	test("the template may name environment and component", () => {
		expect(single(argocd, { ...succeeded(), environment: "staging", component: "api" })).toMatchObject({
			environment: "staging",
			component: "api",
		});
	});

	test("proves itself with the bearer secret, and says what is missing", async () => {
		const sent = incoming("{}", { authorization: "Bearer corpus-secret" });
		expect(await argocd.verify(sent, ["corpus-secret"], 0)).toBe(true);
		expect(await argocd.verify(sent, ["another"], 0)).toBe(false);
		expect(argocd.normalise({ app: {} }, new Headers())).toMatchObject({ kind: "invalid" });
		expect(argocd.normalise({ app: { metadata: { name: "new" } } }, new Headers()).kind).toBe("ignored");
	});
});

describe("CDEvents", () => {
	const corpus = recordings("cdevents");
	const upgraded = () => corpus.find(({ name }) => name === "service_upgraded.json")!;

	test.each(corpus)("$name is what it says", ({ text, headers, expect: facts }) => {
		if (facts.entity !== "deployment") {
			expect(cdevents.normalise(JSON.parse(text), headers).kind).toBe("ignored");
			return;
		}
		expect(single(cdevents, JSON.parse(text), headers)).toMatchObject({
			source: "cdevents",
			externalId: facts.event_id,
			environment: facts.environment,
			component: facts.subject_id,
			status: "success",
			isRollback: facts.status === "rolled_back",
			finishedAt: Date.parse(facts.at as string),
			version: "0b31b1c02ff4",
			images: ["myapp@sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427"],
		});
	});

	test("structured mode tells the same as binary mode", () => {
		const data = JSON.parse(upgraded().text);
		const structured = { specversion: "1.0", id: data.context.id, source: "/x", type: data.context.type, data };
		expect(single(cdevents, structured)).toEqual(single(cdevents, data, upgraded().headers));
	});

	test("two events of one id and another kind are two deliveries", () => {
		const ids = corpus.map(({ headers }) => cdevents.deliveryId(headers));
		expect(new Set(ids).size).toBe(corpus.length);
	});

	test.each([
		[
			"pkg:oci/checkout@sha256%3Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?tag=1.5.0&repository_url=registry.example.com/shop/checkout",
			"1.5.0",
		],
		["pkg:golang/example.com/shop/checkout@234fd47e07d1004f0aed9c234fd47e07d1004f0a", "234fd47"],
		["pkg:npm/%40acme/checkout@2.0.1", "2.0.1"],
	])("%s is version %s", (artifactId, version) => {
		const body = JSON.parse(upgraded().text);
		body.subject.content.artifactId = artifactId;
		expect(single(cdevents, body).version).toBe(version);
	});

	test("a service without environment or artifact is refused by field", () => {
		const body = JSON.parse(upgraded().text);
		body.subject.content = {};
		expect(cdevents.normalise(body, new Headers())).toMatchObject({
			kind: "invalid",
			fields: { "subject.content.environment.id": expect.any(String), "subject.content.artifactId": expect.any(String) },
		});
	});
});

test.each([
	[{ said: "2.0", ref: "v1.0.0", commit: null }, "2.0"],
	[{ said: null, ref: "v1.4.2", commit: "59b20b8a0b7a4f1e9c7b1b2d3e4f5a6b7c8d9e0f" }, "v1.4.2"],
	[{ said: null, ref: "refs/tags/1.4.2-rc.1", commit: null }, "1.4.2-rc.1"],
	[{ said: null, ref: "main", commit: "59b20b8a0b7a4f1e9c7b1b2d3e4f5a6b7c8d9e0f" }, "59b20b8"],
	[{ said: null, ref: "main", commit: null }, "main"],
])("%o is called %s", (what, version) => expect(versionOf(what)).toBe(version));

test("whatever is sent, no source of deployments throws", () => {
	const sources: [WebhookSource, string][] = [
		[github, "deployment_status"],
		[gitlab, "Deployment Hook"],
		[argocd, "sync"],
		[cdevents, "dev.cdevents.service.upgraded.0.3.0"],
	];
	fc.assert(
		fc.property(
			fc.object({ maxDepth: 4, key: fc.constantFrom("app", "status", "deployment", "context", "subject", "object_kind", "x") }),
			(body) => {
				for (const [source, event] of sources) {
					expect(["events", "ignored", "invalid"]).toContain(source.normalise(body, new Headers({ [source.eventHeader]: event })).kind);
				}
			},
		),
		{ numRuns: 200 },
	);
});
