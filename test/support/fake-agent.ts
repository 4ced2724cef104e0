import type { AgentMessage, EdgeMessage, GrantedCommand, Revision, WorkloadReport } from "#worker/wire/agent";
import { ask, type TestTeam } from "./team.ts";

/** A scripted agent that speaks the real protocol over a real WebSocket into the Worker. It does what a test tells it, nothing else. */

type Of<Type extends EdgeMessage["type"]> = Extract<EdgeMessage, { type: Type }>;
const CLUSTER = "main-cluster";

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A revision of a workload. */
export function revision(n: number, tag: string, more: Partial<Revision> = {}): Revision {
	return {
		...{ revision: n, images: [`registry.example.com/shop/checkout:${tag}`], hash: `hash${n}` },
		...{ createdAt: Date.now() - 3600_000 + n * 1000, changeCause: null, label: null },
		...more,
	};
}

/** A healthy Deployment `checkout` in `shop` with these revisions, the newest of which runs. */
export function workload(revisions: Revision[], more: Partial<WorkloadReport> = {}): WorkloadReport {
	const [newest] = [...revisions].sort((a, b) => b.revision - a.revision) as [Revision];
	return {
		...{ namespace: "shop", kind: "Deployment", name: "checkout", component: "checkout" },
		...{ images: newest.images, revision: newest.revision, generation: newest.revision },
		...{ desired: 3, updated: 3, ready: 3, available: 3, total: 3, state: "healthy", reason: null },
		...{ sentence: "3 of 3 pods are ready.", isPaused: false, owner: null, commandId: null },
		revisions: [...revisions].sort((a, b) => b.revision - a.revision),
		badPods: [],
		canPatch: true,
		...more,
	};
}

/** The same, its rollout failed. */
export const broken = (revisions: Revision[], more: Partial<WorkloadReport> = {}) =>
	workload(revisions, {
		...{ state: "degraded", reason: "ProgressDeadlineExceeded", sentence: "The rollout did not finish in time." },
		...{ updated: 1, ready: 3, available: 3, total: 4 },
		...more,
	});

export class FakeAgent {
	readonly name: string;
	readonly heard: EdgeMessage[] = [];
	readonly closes: number[] = [];
	readonly #token: string;
	readonly #cluster: string | undefined;
	#socket: WebSocket | null = null;
	#seq = 0;

	constructor(team: TestTeam, more: { name?: string; token?: string; cluster?: string } = {}) {
		this.name = more.name ?? `agent-${crypto.randomUUID()}`;
		this.#token = more.token ?? (team.agents[CLUSTER] as string);
		this.#cluster = more.cluster;
	}

	/** Dial in; the status of the upgrade. */
	async dial(): Promise<number> {
		const query = this.#cluster ? `?cluster=${this.#cluster}` : "";
		const headers = { upgrade: "websocket", authorization: `Bearer ${this.#token}` };
		const answer = await ask(`/agent/connect${query}`, { headers });
		const socket = answer.webSocket;
		if (socket) {
			socket.accept();
			this.#socket = socket;
			socket.addEventListener("message", ({ data }) => {
				// What an older connection of the same process is told on its way out is not for this one.
				if (this.#socket === socket || this.#socket === null) this.heard.push(JSON.parse(data as string) as EdgeMessage);
			});
			socket.addEventListener("close", ({ code }) => {
				if (this.#socket === socket) this.closes.push(code);
			});
		}
		return answer.status;
	}

	/** Dial in and say hello; resolves once it is welcome or stands by. */
	async connect(): Promise<EdgeMessage> {
		const status = await this.dial();
		if (status !== 101) throw new Error(`the agent was answered ${status}`);
		const n = this.heard.length;
		this.hello();
		return await this.next(["welcome", "standby", "bye"], n);
	}

	hello(more: Partial<Extract<AgentMessage, { type: "hello" }>> = {}): void {
		const verbs = [{ namespace: "shop", resource: "deployments", verbs: ["get", "list", "watch", "patch"] }];
		this.say({ type: "hello", protocol: 1, agent: this.name, version: "0.1.0", kubernetes: "1.31", verbs, at: Date.now(), ...more });
	}

	say(message: AgentMessage | Record<string, unknown> | string): void {
		this.#socket?.send(typeof message === "string" ? message : JSON.stringify(message));
	}

	/** Report the cluster; resolves once the report is durable. */
	async report(workloads: WorkloadReport[], more: Partial<Extract<AgentMessage, { type: "report" }>> = {}): Promise<void> {
		this.#seq += 1;
		const seq = more.seq ?? this.#seq;
		const n = this.heard.length;
		this.say({
			...{ type: "report", seq, isSnapshot: seq === 1, part: 1, parts: 1, workloads, gone: [], cluster: null, verbs: null, at: Date.now() },
			...more,
		});
		await this.next(["reportAck"], n);
	}

	/** The next message of one of these types, after the first `from` that were heard. */
	async next<Type extends EdgeMessage["type"]>(types: Type[], from = 0): Promise<Of<Type>> {
		for (let tries = 0; tries < 400; tries++) {
			const found = this.heard.slice(from).find((message) => (types as string[]).includes(message.type));
			if (found) return found as Of<Type>;
			await wait(10);
		}
		throw new Error(`the agent waited for ${types.join(", ")} and heard ${JSON.stringify(this.heard.slice(from))}`);
	}

	/** Wait for an offer and claim it. */
	async claim(commandId?: string): Promise<GrantedCommand> {
		const id = commandId ?? (await this.next(["offer"], this.heard.findLastIndex(({ type }) => type === "granted") + 1)).commandId;
		const n = this.heard.length;
		this.say({ type: "claim", commandId: id, at: Date.now() });
		return (await this.next(["granted"], n)).command;
	}

	progress(granted: GrantedCommand, stage: "accepted" | "applied" | "rolling", ready = 0): void {
		const pods = { updated: ready, ready, total: 3 };
		this.say({ type: "progress", commandId: granted.id, fence: granted.fence, stage, pods, sentence: `${ready} of 3`, at: Date.now() });
	}

	/** Report a result; resolves once it is acknowledged. */
	async result(granted: GrantedCommand, more: Partial<Extract<AgentMessage, { type: "result" }>> = {}): Promise<void> {
		const n = this.heard.length;
		this.say({
			...{ type: "result", commandId: granted.id, fence: granted.fence, outcome: "succeeded", applied: true, barrier: false },
			...{ reason: null, message: "", revision: 3, changes: [], durationMs: 1200, at: Date.now() },
			...more,
		});
		await this.next(["resultAck"], n);
	}

	beat(): void {
		this.say({ type: "beat", at: Date.now() });
	}

	close(): void {
		this.#socket?.close(1000, "done");
		this.#socket = null;
	}
}
