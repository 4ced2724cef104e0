import type { AgentMessage, EdgeMessage, GrantedCommand, Revision, WorkloadReport } from "#worker/wire/agent";
import type { Product, Team } from "./product.ts";

/** A scripted agent for journeys: it speaks the real protocol over a real WebSocket and plays a cluster with one workload. */

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A revision of the workload. */
export function revision(n: number, tag: string, more: Partial<Revision> = {}): Revision {
	return {
		...{ revision: n, images: [`registry.example.com/shop/checkout:${tag}`], hash: `hash${n}` },
		...{ createdAt: Date.now() - 3600_000 + n * 1000, changeCause: null, label: null },
		...more,
	};
}

/** A Deployment with these revisions, the newest of which runs and is well. */
export function workload(revisions: readonly Revision[], more: Partial<WorkloadReport> = {}): WorkloadReport {
	const sorted = [...revisions].sort((a, b) => b.revision - a.revision);
	const newest = sorted[0] as Revision;
	return {
		...{ namespace: "shop", kind: "Deployment", name: "checkout", component: "checkout" },
		...{ images: newest.images, revision: newest.revision, generation: newest.revision },
		...{ desired: 3, updated: 3, ready: 3, available: 3, total: 3, state: "healthy", reason: null },
		...{ sentence: "3 of 3 pods are ready.", isPaused: false, owner: null, commandId: null },
		...{ revisions: sorted, badPods: [], canPatch: true },
		...more,
	};
}

/** The same, its rollout failed. */
export function broken(revisions: readonly Revision[], more: Partial<WorkloadReport> = {}): WorkloadReport {
	return workload(revisions, {
		...{
			state: "degraded",
			reason: "ProgressDeadlineExceeded",
			sentence: "The rollout did not finish in time: 1 of 3 new pods crashes at start.",
		},
		...{ updated: 1, ready: 2, available: 2, total: 4 },
		badPods: [
			{ name: "checkout-7d9c-x2x", node: "n-1", reason: "CrashLoopBackOff", sentence: "exit 1, 3 restarts in 10 min", restarts: 3 },
		],
		...more,
	});
}

/** What it does with a command: carry it out step by step, as slowly as it is told, or nothing at all. */
export type Script = "carry out" | "ignore";

export class ScriptedAgent {
	readonly heard: EdgeMessage[] = [];
	readonly #product: Product;
	readonly #team: Team;
	readonly #name = `agent-${crypto.randomUUID()}`;
	#socket: WebSocket | null = null;
	#seq = 0;
	#timer: ReturnType<typeof setInterval> | undefined;
	#revisions: Revision[] = [];
	#lastPatch: string | null = null;
	/** Patches it made, by command. */
	readonly patches: string[] = [];
	script: Script = "carry out";
	/** Between two steps of a command, ms. */
	pace = 250;

	constructor(product: Product, team: Team = product.teams.a) {
		this.#product = product;
		this.#team = team;
	}

	/** Dial in, be welcome, and beat. */
	async connect(): Promise<void> {
		const url = `${this.#product.url.replace(/^http/, "ws")}/agent/connect`;
		const token = this.#team.agents["main-cluster"] ?? "";
		// Node's WebSocket takes headers, which the web's does not; its types only know the web's.
		const options = { headers: { authorization: `Bearer ${token}` } } as unknown as string[];
		const socket = new WebSocket(url, options);
		this.#socket = socket;
		await new Promise<void>((done, fail) => {
			socket.addEventListener("open", () => done());
			socket.addEventListener("error", () => fail(new Error("the agent was refused")));
		});
		socket.addEventListener("message", ({ data }) => {
			const message = JSON.parse(String(data)) as EdgeMessage;
			this.heard.push(message);
			void this.#react(message);
		});
		const verbs = [{ namespace: "shop", resource: "deployments", verbs: ["get", "list", "watch", "patch"] }];
		this.#say({ type: "hello", protocol: 1, agent: this.#name, version: "0.1.0", kubernetes: "1.31", verbs, at: Date.now() });
		await this.#next("welcome");
		this.#timer = setInterval(() => this.#say({ type: "beat", at: Date.now() }), 2000);
	}

	/** The workload rolls out well at a new revision. */
	async deployed(n: number, tag: string): Promise<void> {
		this.#revisions = [...this.#revisions, revision(n, tag)];
		await this.report([workload(this.#revisions)]);
	}

	/** The workload is at a new revision whose pods do not get ready. */
	async failed(n: number, tag: string): Promise<void> {
		this.#revisions = [...this.#revisions, revision(n, tag)];
		await this.report([broken(this.#revisions)]);
	}

	/** The workload has these revisions and stands as `look` draws it. */
	async fresh(revisions: Revision[], look: (revisions: readonly Revision[]) => WorkloadReport): Promise<void> {
		this.#revisions = revisions;
		await this.report([look(revisions)]);
	}

	/** Tell of the cluster; resolves once that is durable. */
	async report(workloads: WorkloadReport[]): Promise<void> {
		this.#seq += 1;
		const [seq, from] = [this.#seq, this.heard.length];
		const rest = { part: 1, parts: 1, gone: [], cluster: null, verbs: null, at: Date.now() };
		this.#say({ type: "report", seq, isSnapshot: seq === 1, workloads, ...rest });
		await this.#next("reportAck", from);
	}

	/** Hang up. */
	close(): void {
		clearInterval(this.#timer);
		this.#socket?.close(1000, "done");
		this.#socket = null;
	}

	#say(message: AgentMessage): void {
		if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
	}

	async #react(message: EdgeMessage): Promise<void> {
		if (this.script === "ignore") return;
		if (message.type === "offer") this.#say({ type: "claim", commandId: message.commandId, at: Date.now() });
		if (message.type === "granted") await this.#carryOut(message.command);
	}

	async #carryOut(command: GrantedCommand): Promise<void> {
		const { id: commandId, fence, verb, targetRevision, targetHash } = command;
		const progress = (stage: "accepted" | "applied" | "rolling", ready: number) =>
			this.#say({
				...{ type: "progress", commandId, fence, stage, sentence: null, at: Date.now() },
				pods: stage === "accepted" ? null : { updated: ready, ready, total: 3 },
			});
		const result = (changes: string[], applied: boolean, revisionNow: number | null) =>
			this.#say({
				...{ type: "result", commandId, fence, outcome: "succeeded", applied, barrier: false, reason: null, message: "" },
				...{ revision: revisionNow, changes, durationMs: this.pace * 5, at: Date.now() },
			});
		progress("accepted", 0);
		await wait(this.pace);
		if (verb === "dry-run") return result(["- image: 1.5.0", "+ image: 1.4.2"], false, null);
		const good = this.#revisions.find((one) => one.hash === targetHash || one.revision === targetRevision);
		if (verb !== "rollback" || !good) return;
		const at = Math.max(...this.#revisions.map((one) => one.revision)) + 1;
		this.patches.push(commandId);
		this.#lastPatch = commandId;
		this.#revisions = [...this.#revisions.filter((one) => one !== good), { ...good, revision: at }];
		progress("applied", 0);
		for (const ready of [1, 2, 3]) {
			await wait(this.pace);
			progress("rolling", ready);
		}
		result([], true, at);
		await this.report([workload(this.#revisions, { commandId: this.#lastPatch })]);
	}

	async #next(type: EdgeMessage["type"], from = 0): Promise<void> {
		for (let tries = 0; tries < 1000; tries++) {
			if (this.heard.slice(from).some((message) => message.type === type)) return;
			await wait(10);
		}
		throw new Error(`the agent waited for ${type} and heard ${JSON.stringify(this.heard.slice(from))}`);
	}
}
