// Deployments, what clusters run, and how environments stand, through the team's ledger.
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { workloadsOf } from "#worker/domains/clusters/store.server";
import { historyOf, listDeployments, readDeploymentRow } from "#worker/domains/deployments/store.server";
import { readBoard, readEnvironmentState } from "#worker/domains/environments/state.server";
import { listEnvironments, readEnvironment } from "#worker/domains/environments/store.server";
import { readSnapshot } from "#worker/domains/runs/store.server";
import type { NormalEvent } from "#worker/wire/events";
import { deployed, environmentOf, makeCluster, minute, report, reported, revision, tell, testDb } from "../support/deployments.ts";
import { ledgerOf, makeTeam, type TestTeam } from "../support/team.ts";

const db = testDb();
const history = (team: TestTeam) => historyOf(db, team.id, { environmentId: environmentOf(team), component: "checkout", limit: 50 });
const standing = async (team: TestTeam, now = minute(60)) => {
	const state = await readEnvironmentState(db, team.id, environmentOf(team), now);
	return { state, component: state?.components.find(({ component }) => component === "checkout") ?? null };
};

describe("deployments in the ledger", () => {
	const story = [
		deployed({ id: "d1", version: "1.4.2", status: "queued", updatedAt: minute(0) }),
		deployed({ id: "d1", version: "1.4.2", status: "running", updatedAt: minute(1) }),
		deployed({ id: "d1", version: "1.4.2", status: "success", updatedAt: minute(3) }),
		deployed({ id: "d2", version: "1.5.0", status: "running", updatedAt: minute(10) }),
		deployed({ id: "d2", version: "1.5.0", status: "failure", updatedAt: minute(12), reason: "its pods never got ready" }),
		deployed({ id: "d1", version: "1.4.2", status: null, updatedAt: minute(11), inactiveAt: minute(11), statusRaw: "inactive" }),
	];

	test("in whatever order and however often they come, the outcome is the same", async () => {
		const orders = [
			[0, 1, 2, 3, 4, 5],
			[5, 4, 3, 2, 1, 0],
			[2, 5, 0, 4, 1, 3],
			[5, 2, 2, 4, 3, 1, 0, 0],
		];
		const outcomes = [];
		for (const [n, order] of orders.entries()) {
			const team = await makeTeam();
			const events = order.map((at) => story[at] as NormalEvent);
			// Every other time each in a commit of its own.
			if (n % 2 === 0) await tell(team, events);
			else for (const event of events) await tell(team, [event]);
			outcomes.push((await history(team)).map(({ environmentId: _, ...row }) => row));
		}
		for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
		expect(outcomes[0]).toMatchObject([
			{ id: "d2", status: "failure", startedAt: minute(10), finishedAt: minute(12), durationMs: 120_000, inactiveAt: null },
			{ id: "d1", status: "success", startedAt: minute(1), finishedAt: minute(3), inactiveAt: minute(11) },
		]);
	});

	test("the newest success is the current version, the newest attempt the latest; to be replaced takes no success away", async () => {
		const team = await makeTeam();
		await tell(team, story);
		const { component } = await standing(team);
		expect(component).toMatchObject({ current: { id: "d1", version: "1.4.2" }, latest: { id: "d2", version: "1.5.0" }, observed: null });
		expect(component).toMatchObject({ health: "failing", canRollBack: { ok: false } });
		expect(component?.sentence).toBe("Deployment of 1.5.0 failed 48 min ago. Its pods never got ready. 1.4.2 was the last to succeed.");
	});

	test("one that is only known to have been replaced is neither a success nor the latest attempt", async () => {
		const team = await makeTeam();
		await tell(team, [story[2] as NormalEvent, deployed({ id: "d0", status: null, updatedAt: minute(20), inactiveAt: minute(20) })]);
		expect((await standing(team)).component).toMatchObject({ current: { id: "d1" }, latest: { id: "d1" } });
		expect(await readDeploymentRow(db, team.id, "d0")).toMatchObject({ status: "cancelled", inactiveAt: minute(20) });
	});

	test("environments are made once, whatever the case of their name, and production is known by it", async () => {
		const team = await makeTeam();
		await tell(team, [
			deployed({ id: "a", environment: "Production" }),
			deployed({ id: "b", environment: "production " }),
			deployed({ id: "c", environment: "dev" }),
		]);
		const environments = await listEnvironments(db, team.id);
		expect(environments.map(({ name, settings }) => [name, settings.isProduction])).toEqual([
			["Production", true],
			["dev", false],
		]);
		expect(await readEnvironment(db, team.id, "PRODUCTION")).toMatchObject({ id: environmentOf(team) });
		expect(await readEnvironment(db, team.id, environmentOf(team))).toMatchObject({ name: "Production" });
		const other = await makeTeam();
		expect(await readEnvironment(db, other.id, environmentOf(team))).toBeNull();
	});

	test("lists filter and go on where they stopped; another team sees nothing", async () => {
		const team = await makeTeam();
		await tell(
			team,
			Array.from({ length: 5 }, (_, i) => deployed({ id: `p${i}`, updatedAt: minute(i), environment: i % 2 ? "staging" : "production" })),
		);
		const first = await listDeployments(db, team.id, { limit: 2 });
		expect(first.map(({ id }) => id)).toEqual(["p4", "p3"]);
		const rest = await listDeployments(db, team.id, { limit: 9, after: first[1]! });
		expect(rest.map(({ id }) => id)).toEqual(["p2", "p1", "p0"]);
		const staging = await listDeployments(db, team.id, { environmentId: environmentOf(team, "staging"), status: ["success"], limit: 9 });
		expect(staging.map(({ id }) => id)).toEqual(["p3", "p1"]);
		expect(await listDeployments(db, (await makeTeam()).id, { limit: 9 })).toEqual([]);
	});

	test("what changed goes to the pages with the stream, and a snapshot holds the newest", async () => {
		const team = await makeTeam();
		const { epoch, seq } = await ledgerOf(team).changes(team.id, null);
		await tell(team, [story[0] as NormalEvent, story[2] as NormalEvent]);
		const { frames } = await ledgerOf(team).changes(team.id, { epoch, seq });
		expect(frames).toMatchObject([
			{
				type: "change",
				runs: [],
				deployments: [{ id: "d1", status: "success", environment: "production" }],
				environments: [environmentOf(team)],
			},
		]);
		expect(frames[0]).not.toHaveProperty("rollbacks");
		expect(await readSnapshot(db, team.id, minute(60))).toMatchObject({ deployments: [{ id: "d1" }] });
	});
});

describe("what clusters run", () => {
	test("without anybody declaring, what the cluster shows is the history", async () => {
		const team = await makeTeam();
		const cluster = await makeCluster(team);
		const [old, next] = [revision(1, "1.4.2", { changeCause: "deploy 1.4.2" }), revision(2, "1.5.0", { changeCause: "deploy 1.5.0" })];
		await tell(team, [
			report(cluster, 1, [reported({ revisions: [old] })]),
			report(cluster, 20, [reported({ revisions: [next, old], state: "progressing", updated: 1, available: 3, total: 4 })]),
			report(cluster, 22, [
				reported({
					revisions: [next, old],
					state: "degraded",
					reason: "ProgressDeadlineExceeded",
					updated: 1,
					total: 4,
					sentence: "Its newest pods never got ready.",
				}),
			]),
		]);
		expect(await history(team)).toMatchObject([
			{
				id: `cluster-${cluster}-shop-Deployment-checkout-2`,
				source: "cluster",
				version: "1.5.0",
				status: "failure",
				actor: null,
				title: "deploy 1.5.0",
				finishedAt: minute(22),
			},
			{ id: `cluster-${cluster}-shop-Deployment-checkout-1`, version: "1.4.2", status: "success", finishedAt: minute(1) },
		]);
		const { component } = await standing(team, minute(25));
		expect(component).toMatchObject({
			current: { version: "1.4.2" },
			latest: { version: "1.5.0" },
			observed: { version: "1.5.0", state: "degraded" },
			health: "failing",
		});
		const [workload] = await workloadsOf(db, team.id, { environmentId: environmentOf(team) });
		expect(workload?.templates).toEqual(
			expect.arrayContaining([
				{ hash: "hash-1.4.2", firstSeenAt: minute(1), healthyFrom: minute(1), healthyUntil: minute(20), failedAt: null },
				{ hash: "hash-1.5.0", firstSeenAt: minute(20), healthyFrom: null, healthyUntil: null, failedAt: minute(22) },
			]),
		);
	});

	test("once somebody declares, history is what is declared and the cluster's version stands beside it", async () => {
		const team = await makeTeam();
		const cluster = await makeCluster(team);
		await tell(team, [report(cluster, 1, [reported()])]);
		await tell(team, [deployed({ id: "d9", version: "1.6.0", updatedAt: minute(5) })]);
		expect((await history(team)).map(({ id }) => id)).toEqual(["d9"]);
		const { component } = await standing(team);
		expect(component).toMatchObject({ current: { id: "d9" }, observed: { version: "1.4.2" } });
		expect(component?.mismatch).toContain("1.6.0 was deployed, but");
		await tell(team, [report(cluster, 9, [reported({ revisions: [revision(2, "1.6.0"), revision(1, "1.4.2")] })])]);
		expect((await standing(team)).component).toMatchObject({ mismatch: null, observed: { version: "1.6.0" } });
		expect(await listDeployments(db, team.id, { limit: 9 })).toHaveLength(1);
	});

	test("a revision that a command of ours made is no deployment of somebody else's", async () => {
		const team = await makeTeam();
		const cluster = await makeCluster(team);
		await tell(team, [report(cluster, 1, [reported({ commandId: "r1" })])]);
		expect(await history(team)).toEqual([]);
		await tell(team, [deployed({ id: "opssight-r1", source: "opssight", isRollback: true, rollbackId: "r1" })], { source: "opssight" });
		await tell(team, [report(cluster, 2, [reported({ revisions: [revision(2, "1.5.0"), revision(1, "1.4.2")] })])]);
		// A rollback of ours declares nothing: what the cluster shows goes on to count.
		expect((await history(team)).map(({ source }) => source).sort()).toEqual(["cluster", "opssight"]);
	});

	test("an older template that comes back is a rollback, whoever made it", async () => {
		const team = await makeTeam();
		const cluster = await makeCluster(team);
		const [first, second] = [revision(1, "1.4.2"), revision(2, "1.5.0")];
		await tell(team, [
			report(cluster, 1, [reported({ revisions: [first] })]),
			report(cluster, 5, [reported({ revisions: [second, first] })]),
			report(cluster, 9, [reported({ revisions: [{ ...first, revision: 3 }, second] })]),
		]);
		expect((await history(team)).map(({ version, isRollback }) => [version, isRollback])).toEqual([
			["1.4.2", true],
			["1.5.0", false],
			["1.4.2", false],
		]);
	});

	test("older reports change nothing; a snapshot takes away what it does not name; a removed cluster is not heard", async () => {
		const team = await makeTeam();
		const cluster = await makeCluster(team);
		const names = async () =>
			(await workloadsOf(db, team.id, { environmentId: environmentOf(team) })).map(({ name, available }) => `${name} ${available}`);
		await tell(team, [report(cluster, 5, [reported(), reported({ name: "web", component: "web" })])]);
		await tell(team, [report(cluster, 4, [reported({ available: 0 })])]);
		await tell(team, [report(cluster, 1, [reported({ available: 1 })], { agent: "process-0", at: minute(0) - 1 })]);
		expect(await names()).toEqual(["checkout 3", "web 3"]);
		await tell(team, [report(cluster, 6, [], { gone: [{ namespace: "shop", kind: "Deployment", name: "web" }] })]);
		expect(await names()).toEqual(["checkout 3"]);
		await tell(team, [
			report(cluster, 1, [reported({ name: "api", component: "api" })], { agent: "process-2", at: Date.now(), isSnapshot: true }),
		]);
		expect(await names()).toEqual(["api 3"]);
		await db.run(sql`UPDATE clusters SET removed_at = 1 WHERE team_id = ${team.id}`);
		await tell(team, [report(cluster, 2, [reported({ name: "late" })], { agent: "process-2" })]);
		expect(await names()).toEqual([]);
		expect(await db.all(sql`SELECT name FROM workloads WHERE team_id = ${team.id}`)).toEqual([{ name: "api" }]);
	});

	test("a repeat of a report is no news for its environment, and a report of 300 workloads is stored whole", async () => {
		const team = await makeTeam();
		const cluster = await makeCluster(team);
		const many = Array.from({ length: 300 }, (_, i) =>
			reported({ name: `w${i}`, component: `w${i}`, revisions: Array.from({ length: 20 }, (_, r) => revision(20 - r, `1.${r}.0`)) }),
		);
		await tell(team, [report(cluster, 1, many, { isSnapshot: true })]);
		expect(await db.all(sql`SELECT count(*) AS n FROM workloads WHERE team_id = ${team.id}`)).toEqual([{ n: 300 }]);
		const { epoch, seq } = await ledgerOf(team).changes(team.id, null);
		await tell(team, [report(cluster, 2, many, { isSnapshot: true })]);
		const { frames } = await ledgerOf(team).changes(team.id, { epoch, seq });
		expect(frames[0]).not.toHaveProperty("environments");
		expect((await readBoard(db, team.id, minute(60)))[0]?.components).toHaveLength(300);
	});
});

test("environments' objects hear of news, but not of what they have done themselves", async () => {
	const team = await makeTeam();
	const told = vi.spyOn(env.ENVIRONMENT_LIVE, "getByName");
	await tell(team, [deployed({ id: "d1" })], { source: "opssight" });
	expect(told.mock.calls.filter(([name]) => name?.startsWith(team.id))).toEqual([]);
});
