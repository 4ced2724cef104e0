import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** A first start builds the pages. */
const READY_MS = 150_000;

export type Role = "viewer" | "member" | "manager" | "admin";

/** What a journey needs of one team in the principals file. */
export type Team = {
	slug: string;
	name: string;
	webhooks: Record<"github" | "gitlab" | "alertmanager" | "generic", { path: string; secret: string }>;
	ingestToken: string;
	sessions: Record<Role, string>;
	tokens: Record<Role, string>;
	agents: Record<string, string>;
	objects: Record<string, string>;
	live: string;
};

/** The real product, started as a person starts it, in a process group of its own. */
export type Product = {
	url: string;
	teams: Record<"a" | "b", Team>;
	/** Where it keeps everything. */
	state: string;
	/** SIGKILL of the whole group, as when the machine goes. */
	kill: () => Promise<void>;
	/** Start again on the same port and state. */
	start: () => Promise<void>;
	/** SIGSTOP or SIGCONT of the whole group: the sockets stay open and say nothing. */
	signal: (signal: "SIGSTOP" | "SIGCONT") => void;
	/** End it and remove its state. */
	end: () => Promise<void>;
};

/** Start `npm run dev` without demo data on a free port, with a state of its own; `more` are further options of it. */
export async function startProduct({ more = [] as string[] } = {}): Promise<Product> {
	const folder = mkdtempSync(join(tmpdir(), "opssight-web-"));
	const principals = join(folder, "principals.json");
	const port = await freePort();
	let child: ChildProcess | null = null;

	const kill = async () => {
		const running = child;
		child = null;
		if (running) await killGroup(running);
	};
	const start = async () => {
		rmSync(principals, { force: true });
		child = spawnDev({ port, state: join(folder, "state"), principals, more });
		await untilReady(child, principals).catch(async (error) => {
			await kill();
			throw error;
		});
	};
	const end = async () => {
		await kill();
		rmSync(folder, { recursive: true, force: true });
	};
	// Nothing may stay behind when the test run itself is ended in the middle.
	process.once("exit", () => child?.pid && signalGroup(child.pid, "SIGKILL"));

	await start();
	const { baseUrl, teams } = JSON.parse(readFileSync(principals, "utf8")) as { baseUrl: string; teams: Product["teams"] };
	return {
		url: baseUrl,
		teams,
		state: join(folder, "state"),
		kill,
		start,
		signal: (signal) => child?.pid && signalGroup(child.pid, signal),
		end,
	};
}

type Start = { port: number; state: string; principals: string; more: string[] };

function spawnDev({ port, state, principals, more }: Start): ChildProcess {
	const args = ["run", "dev", "--", "--port", String(port), "--state", state, "--principals", principals, "--demo", "off", ...more];
	// The test runner's NODE_ENV would make it build the pages with React's development code.
	const { NODE_ENV: _runners, ...env } = process.env;
	return spawn("npm", args, { cwd: ROOT, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
}

/** The principals file is written when everything answers. @throws with the last output when that does not happen */
async function untilReady(child: ChildProcess, principals: string): Promise<void> {
	let output = "";
	const keep = (chunk: Buffer) => {
		output = (output + chunk).slice(-4000);
	};
	child.stdout?.on("data", keep);
	child.stderr?.on("data", keep);
	// Later journeys would only say that the connection was refused.
	child.once("exit", (code) => code !== null && console.error(`npm run dev ended by itself with ${code}:\n${output}`));
	for (const end = Date.now() + READY_MS; Date.now() < end; ) {
		if (existsSync(principals)) return;
		if (child.exitCode !== null) throw new Error(`npm run dev ended by itself:\n${output}`);
		await new Promise((done) => setTimeout(done, 50));
	}
	throw new Error(`npm run dev was not ready after ${READY_MS / 1000} s:\n${output}`);
}

async function killGroup(child: ChildProcess): Promise<void> {
	const gone = new Promise((done) => child.once("exit", done));
	if (child.exitCode !== null || child.signalCode !== null) return;
	if (child.pid) signalGroup(child.pid, "SIGKILL");
	await gone;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// The group has ended already.
	}
}

function freePort(): Promise<number> {
	return new Promise((done, fail) => {
		const server = createServer();
		server.once("error", fail);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => (address && typeof address === "object" ? done(address.port) : fail(new Error("no port"))));
		});
	});
}

const RECORDED = readFileSync(join(ROOT, "test/fixtures/github/workflow_run.1.completed.json"), "utf8");
const RECORDED_ID = "289782451";
let lastRun = 7_000_000_000;

/** A recorded run under a number of its own, with its times moved to a minute ago. */
export type RecordedRun = { number: number; startedAt: number };
export type Phase = "requested" | "in_progress" | "completed";

/** A run that nothing has been told of yet. */
export function newRun(): RecordedRun {
	lastRun += 1;
	return { number: lastRun, startedAt: Math.floor(Date.now() / 1000) * 1000 - 61_000 };
}

/** Send one delivery of a recorded run, signed as GitHub signs. @returns the status of the answer */
export async function deliver(
	product: Product,
	run: RecordedRun,
	{ phase = "completed", conclusion = "success", deliveryId = randomUUID() as string, team = product.teams.a } = {},
): Promise<number> {
	const { path, secret } = team.webhooks.github;
	const payload = JSON.parse(RECORDED.replaceAll(RECORDED_ID, String(run.number)));
	const after = (ms: number) => new Date(run.startedAt + ms).toISOString().replace(".000Z", "Z");
	payload.action = phase;
	Object.assign(payload.workflow_run, {
		created_at: after(0),
		run_started_at: after(0),
		updated_at: after({ requested: 0, in_progress: 1000, completed: 60_000 }[phase as Phase]),
		status: phase === "requested" ? "queued" : phase,
		conclusion: phase === "completed" ? conclusion : null,
	});
	const body = JSON.stringify(payload);
	const answer = await fetch(product.url + path, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			"x-github-event": "workflow_run",
			"x-github-delivery": deliveryId,
			"x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
		},
		body,
	});
	return answer.status;
}

/** Send runs of anything else through `POST /api/events`. */
export async function postEvent(product: Product, team: Team, body: Record<string, unknown>): Promise<number> {
	const answer = await fetch(`${product.url}/api/events`, {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${team.ingestToken}` },
		body: JSON.stringify(body),
	});
	return answer.status;
}

/** Look into or change the running product's database behind its back. */
export function inDatabase<T>({ state }: Product, work: (database: DatabaseSync) => T): T {
	const folder = join(state, "v3/d1/miniflare-D1DatabaseObject");
	const file = readdirSync(folder).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
	const database = new DatabaseSync(join(folder, file ?? ""), { timeout: 5000 });
	try {
		return work(database);
	} finally {
		database.close();
	}
}

/** File a delivery as dead, as if it could not have been applied. A real one needs a fault of ours. */
export function fileAsDead(product: Product, deliveryId: string, reason: string): void {
	inDatabase(product, (database) =>
		database.prepare("UPDATE deliveries SET result = 'dead', reason = ? WHERE delivery_id = ?").run(reason, deliveryId),
	);
}

/** Take the database away, or give it back. */
export async function setDatabase(product: Product, d1: "ok" | "error"): Promise<void> {
	const headers = { "content-type": "application/json" };
	const answer = await fetch(`${product.url}/dev/faults`, { method: "POST", headers, body: JSON.stringify({ d1 }) });
	if (!answer.ok) throw new Error(`/dev/faults answered ${answer.status}`);
}
