import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serveHealth } from "../../../agent/health.ts";
import { secretFile } from "../../../agent/settings.ts";
import { breakCheckout, changesOf, enterAgent, imageOf, setStage } from "./support.ts";

test("after a break, what is durable is not told again, and what changed meanwhile is", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	await kube.deploy("api", "1.0.0");
	const agent = enterAgent(stage);
	await edge.until(() => edge.workloads.size === 2, "both workloads");
	const hellos = () => edge.heard.filter(({ message }) => message.type === "hello").length;
	edge.cut();
	await edge.until(() => hellos() === 2 && agent.state().ok, "the next connection");
	const before = edge.reports.length;
	await kube.deploy("web", "2.0.1");
	await edge.until(() => edge.workload("web")?.images[0]?.endsWith("2.0.1") === true, "the change");
	expect(edge.reports.slice(before).every(({ isSnapshot }) => !isSnapshot)).toBe(true);
});

test("after a break in which reports were lost, everything is told again", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	enterAgent(stage);
	await edge.until(() => edge.workload("web")?.state === "healthy", "the report");
	edge.isDeaf = true;
	await kube.deploy("web", "2.0.1");
	await edge.until(() => edge.heard.filter(({ message }) => message.type === "report").length > edge.reports.length, "a lost report");
	edge.isDeaf = false;
	const before = edge.reports.length;
	edge.cut();
	await edge.until(() => edge.reports.slice(before).some(({ isSnapshot }) => isSnapshot), "the snapshot");
	expect(edge.workload("web")?.images[0]).toContain("2.0.1");
});

test("an edge that lost the thread gets a snapshot", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	enterAgent(stage);
	await edge.until(() => edge.workload("web") !== undefined, "the report");
	edge.workloads.clear();
	edge.tell({ type: "resync" });
	await edge.until(() => edge.workload("web") !== undefined, "the snapshot");
});

test("a quiet agent says every few seconds that it is there", async () => {
	const stage = await setStage();
	enterAgent(stage);
	await stage.edge.until(() => stage.edge.heard.filter(({ message }) => message.type === "beat").length >= 2, "two beats");
});

test("where sockets break, the long poll carries the same messages, and a rollback works", async () => {
	const stage = await setStage({ edge: { refusesSockets: true } });
	const { edge } = stage;
	await breakCheckout(stage);
	enterAgent(stage, { pace: 0.01 });
	await edge.until(() => edge.workload("checkout")?.canPatch === true, "the report");
	expect(edge.sockets).toBe(0);
	edge.rollBack("c1", "checkout", 2);
	await edge.until(() => edge.command("c1").state === "succeeded", "the rollback");
	expect(imageOf(stage, "checkout")).toBe("1.4.2");
	expect(changesOf(stage, "checkout")).toHaveLength(1);
	expect(edge.polls).toBeGreaterThan(0);

	edge.refusesSockets = false;
	await edge.until(() => edge.sockets > 0, "a socket, once they work again");
	expect(edge.nonsense).toEqual([]);
});

test("an edge that was away for a while is reached by a socket again: that nobody answered says nothing of sockets", async () => {
	const stage = await setStage();
	const { edge, lines } = stage;
	enterAgent(stage, { pace: 0.01 });
	await edge.until(() => edge.sockets === 1, "the first socket");
	const { port } = new URL(edge.url);
	await edge.stop();
	const refused = () => lines.filter((line) => line.includes("ECONNREFUSED")).length;
	await expect.poll(refused, { timeout: 10_000 }).toBeGreaterThan(5);
	await edge.listen(Number(port));
	await edge.until(() => edge.sockets === 2, "the socket after it");
	expect(edge.polls).toBe(0);
});

test("fault 47: a token that is not known gets nothing, is not hammered, and is in no log line", async () => {
	const stage = await setStage();
	const { kube, edge, lines } = stage;
	await kube.deploy("web", "2.0.0");
	let asked = 0;
	const agent = enterAgent(stage, {
		token: () => {
			asked += 1;
			return "stolen-token";
		},
	});
	await edge.until(() => lines.some((line) => line.includes("401")), "the refusal");
	await new Promise((done) => setTimeout(done, 300));
	expect(edge.heard).toEqual([]);
	expect(agent.state().ok).toBe(false);
	// 10 to 60 s with jitter, a tenth of it here.
	expect(asked).toBeLessThan(20);
	expect(lines.join("")).not.toContain("stolen-token");
});

test("fault 47: whoever is sent away because its token was revoked does not come back at once", async () => {
	const stage = await setStage();
	const { edge, lines } = stage;
	enterAgent(stage, { pace: 1 });
	await edge.until(() => edge.holder() !== null, "the agent");
	edge.dismiss("revoked");
	await edge.until(() => lines.some((line) => line.includes("not connected")), "its leaving");
	expect(lines.join("")).toContain('"reason":"revoked"');
});

test("fault 56: a message that is not understood is passed over, and the next one is heard", async () => {
	const stage = await setStage();
	const { kube, edge, lines } = stage;
	await kube.deploy("web", "2.0.0");
	enterAgent(stage);
	await edge.until(() => edge.workload("web") !== undefined, "the report");
	edge.tell({ type: "dance" } as never);
	edge.tell({ type: "granted", command: { id: "" } } as never);
	edge.workloads.clear();
	edge.tell({ type: "resync" });
	await edge.until(() => edge.workload("web") !== undefined, "the snapshot");
	expect(lines.filter((line) => line.includes("not understood"))).toHaveLength(2);
});

test("a token that was rotated is used at the next connection", async () => {
	const stage = await setStage();
	const { edge, dir } = stage;
	const file = join(dir, "token");
	writeFileSync(file, "agent-token\n");
	const { read } = secretFile(file);
	enterAgent(stage, { token: read });
	await edge.until(() => edge.holder() !== null, "the agent");
	edge.token = "next-token";
	writeFileSync(file, "next-token");
	edge.cut();
	await edge.until(() => edge.heard.filter(({ message }) => message.type === "hello").length === 2, "the next connection");
});

test("a file that holds no token is a mistake, and nothing that could break a header", () => {
	expect(() => secretFile("/nowhere/token").read()).toThrow();
});

test("health, readiness and figures tell how it is doing", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await kube.deploy("web", "2.0.0");
	const agent = enterAgent(stage);
	const health = await serveHealth(0, { isReady: agent.state, figures: agent.figures });
	const get = async (path: string) => {
		const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
		return { status: response.status, text: await response.text() };
	};
	try {
		await edge.until(() => edge.workload("web") !== undefined, "the report");
		expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
		expect(await get("/readyz")).toEqual({ status: 200, text: "holder\n" });
		expect((await get("/elsewhere")).status).toBe(404);
		const { text } = await get("/metrics");
		expect(text).toContain("opssight_agent_holder 1\n");
		expect(text).toContain('opssight_agent_synced{resource="deployments"} 1\n');
		expect(text).toContain("opssight_agent_pods 3\n");
		await edge.stop();
		await expect.poll(async () => (await get("/readyz")).status).toBe(503);
	} finally {
		health.close();
	}
});
