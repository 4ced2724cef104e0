// The edge as an agent meets it: one holder for a cluster, offers, grants, acknowledgements, over sockets and over the long poll. What
// becomes of a command is decided by the production functions of worker/wire/rollback; this keeps the commands in memory.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
	AGENT_PROTOCOL,
	AgentMessage,
	AgentPost,
	type ClusterReport,
	type CommandResult,
	type EdgeMessage,
	type GrantedCommand,
	type Verbs,
	type WorkloadReport,
} from "#worker/wire/agent";
import { type About, type Command, cancel, claim, grantOf, isTerminal, LEASE_MS, newCommand, report, tick } from "#worker/wire/rollback";
import { accept, type ServerSocket } from "./sockets.ts";

type Report = Extract<AgentMessage, { type: "report" }>;
/** What happens to a message on its way: it arrives, is lost, arrives twice, or after so many milliseconds. */
export type Fate = "arrive" | "lose" | "twice" | { afterMs: number };

export type EdgeOptions = {
	token?: string;
	/** Sockets are refused, as a proxy would that does not know them. */
	refusesSockets?: boolean;
	/** What becomes of a message, in either direction. */
	fate?: (message: AgentMessage | EdgeMessage) => Fate;
	port?: number;
};

/** Somebody who is connected: by a socket, or by what it asks. */
type Peer = { agent: string | null; send(message: EdgeMessage): void; end(message: EdgeMessage & { type: "bye" }): void };

/** What waits for the next poll of an agent. */
type Mailbox = { messages: EdgeMessage[]; wake: () => void; peer: Peer };

const TICK_MS = 20;

export class EdgeDouble {
	url = "";
	token: string;
	refusesSockets: boolean;
	fate: (message: AgentMessage | EdgeMessage) => Fate;
	/** Everything that agents said, as it arrived. */
	readonly heard: { agent: string; message: AgentMessage }[] = [];
	readonly grants: GrantedCommand[] = [];
	readonly results: CommandResult[] = [];
	readonly refusals: { commandId: string; reason: string }[] = [];
	/** Messages that are none, by the schemas. */
	readonly nonsense: string[] = [];
	readonly commands = new Map<string, { command: Command; about: About; stages: { stage: string; at: number }[] }>();
	/** What the reports add up to. */
	readonly workloads = new Map<string, WorkloadReport>();
	cluster: ClusterReport | null = null;
	verbs: Verbs[] = [];
	reports: Report[] = [];
	/** Reports are heard and not acknowledged. */
	isDeaf = false;
	polls = 0;
	sockets = 0;
	#lastFence = 0;
	#offset = 0;
	#holder: { agent: string; until: number } | null = null;
	#have = new Map<string, number>();
	#server: Server | null = null;
	#timer: NodeJS.Timeout | undefined;
	readonly #peers = new Set<Peer>();
	readonly #lines = new Set<ServerSocket>();
	readonly #mailboxes = new Map<string, Mailbox>();
	readonly #ignored = new Set<string>();
	#snapshotSeen = new Set<string>();
	#offered = new Map<string, string>();

	constructor({ token = "agent-token", refusesSockets = false, fate = () => "arrive" }: EdgeOptions = {}) {
		this.token = token;
		this.refusesSockets = refusesSockets;
		this.fate = fate;
	}

	async listen(port = 0): Promise<this> {
		const server = createServer((request, response) => void this.#answer(request, response));
		server.on("upgrade", (request, socket, head) => {
			if (this.refusesSockets || request.url !== "/agent/connect")
				return void socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
			if (!this.#isKnown(request)) return void socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
			this.sockets += 1;
			const peer: Peer = {
				agent: null,
				send: (message) => this.#carry(message, () => line.send(JSON.stringify(message))),
				end: (message) => {
					line.send(JSON.stringify(message));
					line.close(1000, message.reason);
				},
			};
			const line = accept(request, socket, head, {
				onText: (text) => this.#hear(peer, text),
				onClose: () => {
					this.#peers.delete(peer);
					this.#lines.delete(line);
				},
			});
			this.#peers.add(peer);
			this.#lines.add(line);
		});
		await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
		this.#server = server;
		this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		this.#timer = setInterval(() => this.#tick(), TICK_MS);
		return this;
	}

	async stop(): Promise<void> {
		clearInterval(this.#timer);
		for (const line of this.#lines) line.cut();
		for (const box of this.#mailboxes.values()) box.wake();
		this.#server?.closeAllConnections();
		await new Promise((done) => (this.#server ? this.#server.close(done) : done(null)));
	}

	// ---- what a test asks of it

	now(): number {
		return Math.round(performance.timeOrigin + performance.now()) + this.#offset;
	}

	/** Let time pass on the edge's clock alone: leases end, deadlines pass. */
	advance(ms: number): void {
		this.#offset += ms;
		this.#tick();
	}

	/** Somebody asks for a command. */
	request(id: string, about: Partial<About> & Pick<About, "verb">, { deadlineMs = 120_000 }: { deadlineMs?: number } = {}): string {
		const command = newCommand({ id, now: this.now(), deadlineMs, changesCluster: about.verb !== "dry-run" && about.verb !== "snapshot" });
		const whole: About = { workload: null, expectedRevision: null, expectedHash: null, targetRevision: null, targetHash: null, ...about };
		this.commands.set(id, { command, about: whole, stages: [] });
		this.#tick();
		return id;
	}

	/** Back to a revision of what was reported, expecting what is there now. */
	rollBack(id: string, name: string, toRevision: number, more: Partial<About> = {}, options: { deadlineMs?: number } = {}): string {
		const seen = [...this.workloads.values()].find((one) => one.name === name);
		if (!seen) throw new Error(`${name} was not reported`);
		const hashOf = (wanted: number) => seen.revisions.find(({ revision }) => revision === wanted)?.hash ?? null;
		const workload = { namespace: seen.namespace, kind: seen.kind, name };
		return this.request(
			id,
			{
				verb: "rollback",
				workload,
				expectedRevision: seen.revision,
				expectedHash: hashOf(seen.revision),
				targetRevision: toRevision,
				targetHash: hashOf(toRevision),
				...more,
			},
			options,
		);
	}

	command(id: string): Command {
		const entry = this.commands.get(id);
		if (!entry) throw new Error(`there is no command ${id}`);
		return entry.command;
	}

	workload(name: string): WorkloadReport | undefined {
		return [...this.workloads.values()].find((one) => one.name === name);
	}

	cancel(id: string): void {
		const entry = this.commands.get(id);
		if (!entry) return;
		const step = cancel(entry.command, this.now());
		entry.command = step.command;
		if (step.ok && entry.command.state === "cancelling") this.#toHolder({ type: "cancel", commandId: id });
	}

	/** Say the same offer again, as an edge may at any time. */
	offer(id: string): void {
		this.#toHolder({ type: "offer", commandId: id });
	}

	/** Say something to whoever holds the cluster. */
	tell(message: EdgeMessage): void {
		this.#toHolder(message);
	}

	holder(): string | null {
		return this.#holder?.agent ?? null;
	}

	/** From now on nothing is heard of an agent, as when its machine stands still; its line stays up. */
	ignore(agent: string): void {
		this.#ignored.add(agent);
	}

	/** Lines that are up. */
	lines(): number {
		return this.#lines.size;
	}

	/** Cut all lines, without a word. */
	cut(): void {
		for (const line of this.#lines) line.cut();
	}

	/** Send everybody away. */
	dismiss(reason: "revoked" | "protocol" | "shutdown" | "replaced"): void {
		for (const peer of this.#peers) peer.end({ type: "bye", reason, message: `sent away: ${reason}` });
	}

	async until(done: () => boolean, what: string, withinMs = 20_000): Promise<void> {
		const last = performance.now() + withinMs;
		while (!done()) {
			if (performance.now() > last)
				throw new Error(`edge-double: ${what} did not happen; last heard ${JSON.stringify(this.heard.slice(-3))}`);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	// ---- what it does by itself

	#isKnown(request: IncomingMessage): boolean {
		return request.headers.authorization === `Bearer ${this.token}`;
	}

	#carry(message: AgentMessage | EdgeMessage, arrive: () => void): void {
		const fate = this.fate(message);
		if (fate === "lose") return;
		if (typeof fate === "object") return void setTimeout(arrive, fate.afterMs);
		arrive();
		if (fate === "twice") arrive();
	}

	#hear(peer: Peer, text: string): void {
		const parsed = AgentMessage.safeParse(JSON.parse(text));
		if (!parsed.success) {
			this.nonsense.push(`${parsed.error.message}: ${text.slice(0, 300)}`);
			return;
		}
		this.#carry(parsed.data, () => this.#take(peer, parsed.data));
	}

	#take(peer: Peer, message: AgentMessage): void {
		if (message.type === "hello") {
			this.#meet(peer, message);
			return;
		}
		const { agent } = peer;
		if (agent === null || this.#ignored.has(agent)) return;
		this.heard.push({ agent, message });
		if (this.#holder === null) this.#greet(peer);
		if (this.#holder?.agent === agent) this.#holder.until = this.now() + LEASE_MS;
		if (message.type === "claim") this.#claim(peer, agent, message);
		if (message.type === "progress" || message.type === "result") this.#report(peer, agent, message);
		if (message.type === "report") this.#fold(peer, agent, message);
	}

	#meet(peer: Peer, message: Extract<AgentMessage, { type: "hello" }>): void {
		if (message.protocol !== AGENT_PROTOCOL) {
			peer.end({ type: "bye", reason: "protocol", message: "Another version." });
			return;
		}
		peer.agent = message.agent;
		this.heard.push({ agent: message.agent, message });
		this.verbs = message.verbs;
		this.#greet(peer);
	}

	#greet(peer: Peer): void {
		const now = this.now();
		const agent = peer.agent as string;
		if (this.#holder && this.#holder.agent !== agent && this.#holder.until > now) {
			peer.send({ type: "standby", holder: this.#holder.agent, retryMs: this.#holder.until - now });
			return;
		}
		this.#holder = { agent, until: now + LEASE_MS };
		this.#offered.clear();
		peer.send({ type: "welcome", cluster: "cluster", have: this.#have.get(agent) ?? 0, leaseMs: LEASE_MS });
		this.#tick();
	}

	#claim(peer: Peer, agent: string, { commandId, at }: { commandId: string; at: number }): void {
		const entry = this.commands.get(commandId);
		const now = this.now();
		const step = entry && this.#holder?.agent === agent ? claim(entry.command, { agent, now, lastFence: this.#lastFence }) : null;
		if (!entry || !step?.ok) {
			peer.send({ type: "declined", commandId, reason: step && !step.ok ? step.reason : "not yours" });
			return;
		}
		entry.command = step.command;
		this.#lastFence = Math.max(this.#lastFence, step.command.fence);
		const command = grantOf(step.command, entry.about, { now, askedAt: at });
		this.grants.push(command);
		peer.send({ type: "granted", command });
	}

	#report(peer: Peer, agent: string, message: Extract<AgentMessage, { type: "progress" | "result" }>): void {
		const entry = this.commands.get(message.commandId);
		if (entry) {
			const step = report(entry.command, message, { agent, now: this.now() });
			entry.command = step.command;
			if (!step.ok) this.refusals.push({ commandId: message.commandId, reason: step.reason });
			entry.stages.push({ stage: message.type === "progress" ? message.stage : message.outcome, at: this.now() });
		}
		if (message.type !== "result") return;
		this.results.push(message);
		peer.send({ type: "resultAck", commandId: message.commandId, fence: message.fence });
	}

	#fold(peer: Peer, agent: string, message: Report): void {
		if (this.#holder?.agent !== agent) return;
		if (this.isDeaf) return;
		this.reports.push(message);
		const keyOf = ({ kind, namespace, name }: { kind: string; namespace: string; name: string }) => `${kind}/${namespace}/${name}`;
		if (message.isSnapshot && message.part === 1) this.#snapshotSeen = new Set();
		for (const one of message.workloads) {
			this.workloads.set(keyOf(one), one);
			this.#snapshotSeen.add(keyOf(one));
		}
		for (const one of message.gone) this.workloads.delete(keyOf(one));
		if (message.isSnapshot && message.part === message.parts) {
			for (const key of this.workloads.keys()) if (!this.#snapshotSeen.has(key)) this.workloads.delete(key);
		}
		if (message.cluster) this.cluster = message.cluster;
		if (message.verbs) this.verbs = message.verbs;
		this.#have.set(agent, message.seq);
		peer.send({ type: "reportAck", seq: message.seq });
	}

	#tick(): void {
		const now = this.now();
		if (this.#holder && this.#holder.until <= now) {
			const { agent: silent } = this.#holder;
			this.#holder = null;
			const [next] = [...this.#peers].filter(({ agent }) => agent !== null && agent !== silent && !this.#ignored.has(agent));
			if (next) this.#greet(next);
		}
		for (const [id, entry] of this.commands) {
			entry.command = tick(entry.command, now).command;
			if (isTerminal(entry.command.state) || entry.command.leaseUntil !== null) continue;
			// Once for each state that can be claimed, as the edge does; a lost offer is made again after a while.
			const key = `${entry.command.state} ${entry.command.fence} ${this.#holder?.agent} ${Math.floor(now / 1000)}`;
			if (this.#offered.get(id) === key) continue;
			if (this.#toHolder({ type: "offer", commandId: id })) this.#offered.set(id, key);
		}
	}

	#toHolder(message: EdgeMessage): boolean {
		const holder = this.#holder;
		if (holder === null) return false;
		const peer = [...this.#peers].reverse().find(({ agent }) => agent === holder.agent);
		peer?.send(message);
		return peer !== undefined;
	}

	// ---- the long poll

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const send = (status: number, body: unknown) => {
			response.writeHead(status, { "content-type": "application/json" });
			response.end(JSON.stringify(body));
		};
		const url = new URL(request.url ?? "/", "http://edge");
		if (!this.#isKnown(request)) return send(401, { error: { code: "unauthenticated", message: "No such token." } });
		if (request.method === "GET" && url.pathname === "/agent/commands") {
			this.polls += 1;
			const box = this.#mailbox(url.searchParams.get("agent") ?? "");
			const waitMs = Number(url.searchParams.get("wait") ?? 25) * 1000;
			if (box.messages.length === 0) {
				await new Promise<void>((done) => {
					const timer = setTimeout(done, waitMs);
					box.wake = () => {
						clearTimeout(timer);
						done();
					};
				});
			}
			return send(200, { messages: box.messages.splice(0) });
		}
		if (request.method === "POST" && url.pathname === "/agent/report") {
			let text = "";
			for await (const chunk of request) text += chunk;
			const parsed = AgentPost.safeParse(JSON.parse(text));
			if (!parsed.success) {
				this.nonsense.push(`${parsed.error.message}: ${text.slice(0, 300)}`);
				return send(422, { error: { code: "invalid", message: "Not an agent's message." } });
			}
			const box = this.#mailbox(parsed.data.agent);
			for (const message of parsed.data.messages) this.#carry(message, () => this.#take(box.peer, message));
			return send(200, { messages: [] });
		}
		send(404, { error: { code: "notFound", message: "No such door." } });
	}

	#mailbox(agent: string): Mailbox {
		const known = this.#mailboxes.get(agent);
		if (known) return known;
		const put = (message: EdgeMessage) => {
			box.messages.push(message);
			box.wake();
		};
		const peer: Peer = { agent, send: (message) => this.#carry(message, () => put(message)), end: put };
		const box: Mailbox = { messages: [], wake: () => {}, peer };
		this.#mailboxes.set(agent, box);
		this.#peers.add(peer);
		return box;
	}
}

/** An edge that runs until it is stopped. */
export function startEdgeDouble(options: EdgeOptions = {}): Promise<EdgeDouble> {
	return new EdgeDouble(options).listen(options.port);
}
