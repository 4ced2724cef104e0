import { DurableObject } from "cloudflare:workers";
import type { Database } from "../database.ts";
import { openDatabase } from "../dev/faults.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import { readLiveAgentTokens } from "../domains/auth/store.server.ts";
import { environmentsOf, noteAgent, noteConflict, readLinked, readWorkloadNames } from "../domains/clusters/link.server.ts";
import { AWAY_MS, type Binding, SEEN_WRITTEN_MS } from "../domains/clusters/model.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { ingest } from "../pipeline/hand-over.ts";
import { AGENT_MESSAGE_MAX, AGENT_PROTOCOL, AgentMessage, type EdgeMessage } from "../wire/agent.ts";
import { LEASE_MS } from "../wire/rollback.ts";
import { AgentLines, type Speaker } from "./agent-lines.ts";
import { deliveryOfReport, type Heard, SnapshotParts } from "./agent-reports.ts";
import { withoutSecrets } from "./agent-words.ts";
import { requirePolicies } from "./ledger-policy.ts";
import { type Holder, LinkStorage } from "./link-storage.ts";
import { CLUSTER_POLICIES } from "./object-policy.ts";

type Said<Type extends AgentMessage["type"]> = Extract<AgentMessage, { type: Type }>;
type CommandSaid = Said<"claim" | "progress" | "result">;

/** Whether a token still holds, and the cluster is still there, is asked again after this. */
const TOKENS_CHECK_MS = 60_000;
/** Bindings are read again after this, should nobody have said that they changed. */
const BINDINGS_MS = 60_000;
/** An alarm about two agents is worth a line in the audit this often. */
const CONFLICT_MS = 3600_000;
/** An agent has little to say: reports in parts, a beat. */
const MESSAGES_MAX_PER_10S = 2000;
const RETRY_MS = 5000;
/** One word waits for another: a database that never answers must not keep this link from working when it answers again. */
const D1_PATIENCE_MS = 5000;

const bye = (reason: "revoked" | "protocol" | "shutdown" | "replaced", message: string) => ({ type: "bye", reason, message }) as const;

/**
 * One per cluster: the lines to its agents. One agent process holds the cluster at a time, by a lease that everything it says renews;
 * others stand by. Passes commands on between the environments' objects and that agent, and its reports to the team's ledger.
 */
export class ClusterLink extends DurableObject<Env> {
	readonly #storage: LinkStorage;
	readonly #lines: AgentLines;
	readonly #snapshot = new SnapshotParts();
	#linked: { name: string; bindings: Binding[]; at: number } | null = null;
	/** Who wants the cluster while somebody else has it. */
	#contender: { agent: string; at: number } | null = null;
	#tokensCheckedAt = 0;
	#talk = { n: 0, at: 0 };
	/** Reports are handed over one after the other, and so are words about commands; neither waits for the other. */
	#reports: Promise<unknown> = Promise.resolve();
	#commands: Promise<unknown> = Promise.resolve();

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#storage = new LinkStorage(ctx.storage);
		this.#lines = new AgentLines(ctx);
	}

	/** Upgrade an agent's socket; the door has checked its token, and says which it is (`?team&cluster&token`). */
	override async fetch(request: Request): Promise<Response> {
		const { searchParams } = new URL(request.url);
		this.#belongsTo(searchParams.get("team") ?? "", searchParams.get("cluster") ?? "");
		await this.#wakeWithin(LEASE_MS);
		return this.#lines.accept(searchParams.get("token") ?? "");
	}

	/** What waits for an agent that polls, as a JSON list of EdgeMessage; after `waitMs` at the latest. */
	async poll(teamId: string, clusterId: string, ask: { tokenId: string; agent: string; waitMs: number }): Promise<string> {
		this.#belongsTo(teamId, clusterId);
		this.#heard(ask.agent, ask.tokenId);
		await this.#wakeWithin(LEASE_MS);
		return JSON.stringify(await this.#lines.take(ask.agent, ask.tokenId, { waitMs: ask.waitMs, now: Date.now() }));
	}

	/** What an agent that polls says: a JSON list of AgentMessage, checked by the door. The answers go to its mailbox. */
	async post(teamId: string, clusterId: string, from: { tokenId: string; agent: string }, json: string): Promise<void> {
		this.#belongsTo(teamId, clusterId);
		this.#lines.know(from.agent, from.tokenId, Date.now());
		for (const message of JSON.parse(json) as AgentMessage[]) await this.#hear(from, message);
		await this.#wakeWithin(LEASE_MS);
	}

	/** A command waits for this cluster's agent; whether it could be told at once. */
	offer(teamId: string, clusterId: string, ask: { commandId: string; environmentId: string }): boolean {
		this.#belongsTo(teamId, clusterId);
		this.#storage.offer(ask.commandId, ask.environmentId, Date.now());
		return this.#toHolder({ type: "offer", commandId: ask.commandId });
	}

	/** Somebody does not want a command any more. */
	cancel(teamId: string, clusterId: string, commandId: string): void {
		this.#belongsTo(teamId, clusterId);
		this.#toHolder({ type: "cancel", commandId });
	}

	/** A command is over. */
	close(teamId: string, clusterId: string, commandId: string): void {
		this.#belongsTo(teamId, clusterId);
		this.#storage.close(commandId);
	}

	/** Whether an agent is there, and when it was last heard. */
	status(teamId: string, clusterId: string): { isConnected: boolean; lastSeenAt: number | null } {
		this.#belongsTo(teamId, clusterId);
		const seenAt = this.#storage.holder?.seenAt ?? null;
		return { isConnected: seenAt !== null && Date.now() - seenAt < AWAY_MS, lastSeenAt: seenAt };
	}

	/** The cron has not heard of its agent for long: whether it is there is looked at now. */
	async check(teamId: string, clusterId: string): Promise<void> {
		this.#belongsTo(teamId, clusterId);
		await this.#wakeWithin(0);
		if (this.#storage.holder === null)
			await this.#db().run(noteAgent(teamId, clusterId, { now: Date.now(), isConnected: false, isNew: true }));
	}

	/** Tokens of this cluster are over: whoever came with one is closed now. */
	async endTokens(teamId: string, clusterId: string, tokenIds: string[]): Promise<void> {
		this.#belongsTo(teamId, clusterId);
		await this.#end((tokenId) => tokenIds.includes(tokenId));
	}

	/** The cluster is called otherwise now, or its namespaces are other environments: the agent says everything again. */
	rebind(teamId: string, clusterId: string): void {
		this.#belongsTo(teamId, clusterId);
		this.#linked = null;
		this.#toHolder({ type: "resync" });
	}

	override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
		const refuse = (message: string) => this.#lines.close(socket, bye("protocol", message));
		if (this.#isTooMuch()) return refuse("That is more than an agent has to say. Wait before you connect again.");
		if (typeof data !== "string" || data.length > AGENT_MESSAGE_MAX)
			return refuse(`A message is JSON of up to ${AGENT_MESSAGE_MAX} characters.`);
		const message = readMessage(data);
		if (!message) return refuse(`This edge speaks protocol ${AGENT_PROTOCOL} and does not understand that message. Update the agent.`);
		if (message.type === "hello") this.#lines.identify(socket, message.agent);
		const speaker = this.#lines.speakerOf(socket);
		if (speaker.agent === null) return refuse("Say hello first.");
		await this.#hear(speaker, message, socket);
	}

	override async webSocketClose(socket: WebSocket): Promise<void> {
		const { agent } = this.#lines.speakerOf(socket);
		const { holder } = this.#storage;
		if (agent === null || holder?.agent !== agent || this.#lines.present(Date.now()).some((line) => line.agent === agent)) return;
		// Whoever stands by need not wait for the lease; until it counts as away this process may come back.
		this.#storage.holder = { ...holder, until: Date.now() };
		await this.#wakeWithin(100);
	}

	override async webSocketError(socket: WebSocket): Promise<void> {
		await this.webSocketClose(socket);
	}

	override async alarm(): Promise<void> {
		try {
			const now = Date.now();
			const { holder } = this.#storage;
			if (holder && now >= holder.until) this.#passOn(now);
			if (holder && now - holder.seenAt >= AWAY_MS && this.#storage.holder?.agent === holder.agent) await this.#tell(false, now);
			await this.#checkTokens(now);
		} catch (error) {
			log("warn", "a cluster's alarm failed", { ...this.#storage.owner, error: String(error) });
		} finally {
			// An alarm that throws is given up after six tries; one that arms itself never is.
			if (this.#lines.tokens().length > 0 || this.#storage.told.isConnected) await this.#wakeWithin(RETRY_MS);
		}
	}

	/** One message of an agent that has said which process it is. */
	async #hear({ tokenId, agent }: Speaker, said: AgentMessage, socket?: WebSocket): Promise<void> {
		if (agent === null) return;
		const message = withoutSecrets(said);
		switch (message.type) {
			case "hello":
				return await this.#greet({ tokenId, agent }, message, socket);
			case "beat":
				this.#heard(agent, tokenId);
				break;
			case "report":
				if (this.#heard(agent, tokenId)) this.#inTurn("reports", () => this.#takeReport(agent, message));
				break;
			case "claim":
				if (!this.#heard(agent, tokenId)) {
					this.#lines.say(agent, { type: "declined", commandId: message.commandId, reason: "Another agent holds this cluster." });
					break;
				}
				this.#inTurn("commands", () => this.#takeWord(agent, message));
				break;
			case "progress":
			case "result":
				// Facts about a command are true whoever says them; its environment knows what to believe.
				this.#heard(agent, tokenId);
				this.#inTurn("commands", () => this.#takeWord(agent, message));
				break;
		}
		await this.#tell(true, Date.now(), { ifHolder: agent });
	}

	async #greet(from: { tokenId: string; agent: string }, hello: Said<"hello">, socket?: WebSocket): Promise<void> {
		if (hello.protocol !== AGENT_PROTOCOL) {
			const no = bye("protocol", `This edge speaks protocol ${AGENT_PROTOCOL}, the agent ${hello.protocol}. Update the agent.`);
			if (socket) this.#lines.close(socket, no);
			else this.#lines.say(from.agent, no);
			return;
		}
		const now = Date.now();
		const { holder } = this.#storage;
		if (holder && holder.agent !== from.agent && now < holder.until) {
			this.#contender = { agent: from.agent, at: now };
			this.#lines.say(from.agent, { type: "standby", holder: holder.agent, retryMs: Math.max(1000, holder.until - now) });
			await this.#wakeWithin(holder.until - now);
			return;
		}
		this.#take(from, now);
		const { version, kubernetes, verbs } = hello;
		await this.#tell(true, now, { hello: { version, kubernetes, verbs } });
	}

	/** The cluster is this process's now: it is welcomed, and told what waits. */
	#take({ tokenId, agent }: { tokenId: string; agent: string }, now: number): void {
		const { have, owner } = this.#storage;
		this.#storage.holder = { agent, tokenId, until: now + LEASE_MS, seenAt: now };
		if (have?.agent !== agent) this.#storage.have = { agent, seq: 0 };
		this.#snapshot.forget();
		const seq = this.#storage.have?.seq ?? 0;
		this.#lines.say(agent, { type: "welcome", cluster: this.#linked?.name ?? owner?.clusterId ?? "", have: seq, leaseMs: LEASE_MS });
		for (const { commandId, environmentId } of this.#storage.open()) {
			if (this.#lines.say(agent, { type: "offer", commandId })) this.#noteSent(environmentId, commandId);
		}
	}

	/** An agent was heard. Whether the cluster is its: it renews its lease, or takes the place of one whose lease is over. */
	#heard(agent: string, tokenId: string): boolean {
		const now = Date.now();
		const { holder } = this.#storage;
		if (holder?.agent === agent) {
			this.#storage.holder = { ...holder, tokenId, until: now + LEASE_MS, seenAt: now };
			const contender = this.#contender;
			// Two that both speak, and not one that takes over from one that is gone.
			if (contender && contender.agent !== agent && now > contender.at) this.#noteConflict(holder, contender.agent, now);
			return true;
		}
		if (holder && now < holder.until) {
			this.#contender = { agent, at: now };
			return false;
		}
		this.#take({ tokenId, agent }, now);
		return true;
	}

	/** The holder's lease is over: whoever stands by is next. */
	#passOn(now: number): void {
		const holder = this.#storage.holder as Holder;
		const next = this.#lines.present(now).find(({ agent }) => agent !== holder.agent);
		if (next) this.#take(next, now);
	}

	/** A word about a command, to its environment. */
	async #takeWord(agent: string, message: CommandSaid): Promise<void> {
		const { commandId } = message;
		const { teamId, clusterId } = this.#owner();
		const offer = this.#storage.offered(commandId);
		if (!offer) {
			// Of another cluster, or of none: there is nothing to wait for.
			if (message.type === "claim") this.#lines.say(agent, { type: "declined", commandId, reason: "This cluster has no such command." });
			if (message.type === "result") this.#lines.say(agent, { type: "resultAck", commandId, fence: message.fence });
			return;
		}
		const environment = this.env.ENVIRONMENT_LIVE.getByName(`${teamId}:${offer.environmentId}`);
		if (message.type === "claim") {
			const asked = { clusterId, commandId, agent, askedAt: message.at };
			const answer = await environment.claim(teamId, offer.environmentId, asked);
			this.#lines.say(
				agent,
				answer.ok ? { type: "granted", command: answer.command } : { type: "declined", commandId, reason: answer.reason },
			);
			return;
		}
		await environment.report(teamId, offer.environmentId, { clusterId, agent, message });
		// Only now: it is durable, or it changes nothing.
		if (message.type === "result") this.#lines.say(agent, { type: "resultAck", commandId, fence: message.fence });
	}

	/** A report, to the ledger, in order and once. */
	async #takeReport(agent: string, report: Said<"report">): Promise<void> {
		const { have } = this.#storage;
		const ack = (seq: number) => this.#lines.say(agent, { type: "reportAck", seq });
		if (have?.agent !== agent) return;
		if (report.seq <= have.seq) return void ack(have.seq);
		const isStart = report.isSnapshot && report.part === 1;
		if (report.seq !== have.seq + 1 && !isStart) return void this.#lines.say(agent, { type: "resync" });
		const { teamId, clusterId } = this.#owner();
		const linked = await this.#readLinked();
		if (!linked) return await this.#end(() => true);
		const gone = await this.#snapshot.goneAfter(report, () => readWorkloadNames(this.#db(), teamId, clusterId));
		if (gone === null) return void this.#lines.say(agent, { type: "resync" });
		const heard: Heard = { clusterId, agent, bindings: linked.bindings, at: Date.now(), gone };
		await ingest(this.env, teamId, [deliveryOfReport(report, heard)]);
		// The process may have been replaced meanwhile; what it said is durable all the same.
		if (this.#storage.have?.agent === agent) this.#storage.have = { agent, seq: report.seq };
		ack(report.seq);
	}

	#inTurn(line: "reports" | "commands", work: () => Promise<void>): void {
		const next = (line === "reports" ? this.#reports : this.#commands).then(work).catch((error: unknown) => {
			// Not acknowledged: the agent says it again.
			log("warn", "what an agent said could not be passed on", { ...this.#storage.owner, line, error: String(error) });
		});
		if (line === "reports") this.#reports = next;
		else this.#commands = next;
		this.ctx.waitUntil(next);
	}

	#toHolder(message: EdgeMessage): boolean {
		const { holder } = this.#storage;
		return holder !== null && this.#lines.say(holder.agent, message);
	}

	#noteSent(environmentId: string, commandId: string): void {
		const { teamId } = this.#owner();
		const telling = this.env.ENVIRONMENT_LIVE.getByName(`${teamId}:${environmentId}`).sent(teamId, environmentId, commandId);
		this.ctx.waitUntil(telling.catch((error: unknown) => log("warn", "an environment was not told", { error: String(error) })));
	}

	/** Write down whether an agent is there, when that is news or was not written for a while; environments hear of news. */
	async #tell(isConnected: boolean, now: number, more: { hello?: Parameters<typeof noteAgent>[2]["hello"]; ifHolder?: string } = {}) {
		if (more.ifHolder !== undefined && this.#storage.holder?.agent !== more.ifHolder) return;
		const { told } = this.#storage;
		const isNews = told.isConnected !== isConnected;
		if (!isNews && !more.hello && now - told.at < SEEN_WRITTEN_MS) return;
		const { teamId, clusterId } = this.#owner();
		this.#storage.told = { isConnected, at: now };
		try {
			const seen = { now, isConnected, isNew: isNews, ...(more.hello && { hello: more.hello }) };
			await this.#db().run(noteAgent(teamId, clusterId, seen));
			if (isNews) await this.#tellEnvironments();
		} catch (error) {
			this.#storage.told = told;
			log("warn", "whether an agent is there could not be written", { teamId, clusterId, error: String(error) });
		}
	}

	async #tellEnvironments(): Promise<void> {
		const { teamId } = this.#owner();
		const linked = await this.#readLinked();
		const telling = environmentsOf(teamId, linked?.bindings ?? []).map((id) =>
			this.env.ENVIRONMENT_LIVE.getByName(`${teamId}:${id}`).moved(teamId, id),
		);
		this.ctx.waitUntil(Promise.allSettled(telling));
	}

	#noteConflict(holder: Holder, other: string, now: number): void {
		this.#contender = null;
		if (now - this.#storage.conflictAt < CONFLICT_MS) return;
		this.#storage.conflictAt = now;
		const { teamId, clusterId } = this.#owner();
		const entry = {
			...{ at: now, actor: "system", role: null, act: "agent.conflict", object: clusterId, outcome: "done" as const },
			...{ after: { holder: holder.agent, other }, reason: "Two agents use this cluster's token at the same time." },
		};
		const writing = commitAudited(this.#db(), teamId, [noteConflict(teamId, clusterId, now)], [entry]);
		this.ctx.waitUntil(
			writing.catch((error: unknown) => {
				this.#storage.conflictAt = 0;
				log("warn", "two agents could not be reported", { teamId, clusterId, error: String(error) });
			}),
		);
	}

	async #checkTokens(now: number): Promise<void> {
		const tokens = this.#lines.tokens();
		if (tokens.length === 0 || now - this.#tokensCheckedAt < TOKENS_CHECK_MS) return;
		const { teamId, clusterId } = this.#owner();
		const live = await readLiveAgentTokens(this.#db(), teamId, clusterId, now);
		this.#tokensCheckedAt = now;
		await this.#end((tokenId) => !live.has(tokenId));
	}

	async #end(isOver: (tokenId: string) => boolean): Promise<void> {
		this.#lines.end(isOver, bye("revoked", "This token does not hold any more. Get a new one under Settings, Agents."));
		const { holder } = this.#storage;
		if (!holder || !isOver(holder.tokenId)) return;
		const now = Date.now();
		this.#storage.holder = { ...holder, until: now, seenAt: Math.min(holder.seenAt, now - AWAY_MS) };
		this.#passOn(now);
		if (this.#storage.holder.agent === holder.agent) await this.#tell(false, now);
	}

	/** What the cluster is called and what its namespaces are; null when it was removed. */
	async #readLinked(): Promise<{ name: string; bindings: Binding[] } | null> {
		const now = Date.now();
		if (this.#linked && now - this.#linked.at < BINDINGS_MS) return this.#linked;
		const { teamId, clusterId } = this.#owner();
		const linked = await readLinked(this.#db(), teamId, clusterId);
		this.#linked = linked && { ...linked, at: now };
		return linked;
	}

	#isTooMuch(): boolean {
		const now = Date.now();
		if (now - this.#talk.at > 10_000) this.#talk = { n: 0, at: now };
		this.#talk.n += 1;
		return this.#talk.n > MESSAGES_MAX_PER_10S;
	}

	#db(): Database {
		return openDatabase(this.env.DB, D1_PATIENCE_MS);
	}

	#owner(): { teamId: string; clusterId: string } {
		const { owner } = this.#storage;
		if (!owner) throw new Error("this link belongs to nobody yet");
		return owner;
	}

	#belongsTo(teamId: string, clusterId: string): void {
		const { owner } = this.#storage;
		if (owner === null) this.#storage.owner = { teamId, clusterId };
		else if (owner.teamId !== teamId || owner.clusterId !== clusterId)
			throw new Error(`this link belongs to ${owner.teamId}:${owner.clusterId}`);
	}

	async #wakeWithin(ms: number): Promise<void> {
		const due = Date.now() + Math.max(0, ms);
		const armed = await this.ctx.storage.getAlarm();
		if (armed === null || armed > due) await this.ctx.storage.setAlarm(due);
	}
}

function readMessage(text: string): AgentMessage | null {
	try {
		return AgentMessage.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}

requirePolicies(ClusterLink.prototype, CLUSTER_POLICIES);
