import { DurableObject } from "cloudflare:workers";
import type { Database } from "../database.ts";
import { openDatabase } from "../dev/faults.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import { readLiveHolders } from "../domains/auth/store.server.ts";
import { addCounts, type DeliveryRef, readHead } from "../domains/deliveries/store.server.ts";
import { readCredentials } from "../domains/integrations/store.server.ts";
import { readSnapshot } from "../domains/runs/store.server.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { withPatience } from "../patience.ts";
import { commitDead, commitGroup, D1Unavailable, freshMemory, type WriterMemory } from "../pipeline/commit.ts";
import { type DemoGone, pruneTeam, removeDemoChunk } from "../pipeline/housekeeping.ts";
import { rebuildDead } from "../pipeline/replay.ts";
import type { Delivery, Receipt } from "../wire/delivery.ts";
import type { NormalEvent } from "../wire/events.ts";
import type { Change, LiveChanges, Snapshot } from "../wire/live.ts";
import { Audience } from "./audience.ts";
import { EnvironmentLive } from "./environment-live.ts";
import { type CommitChange, mergeChanges, toCommitChange } from "./frames.ts";
import { requirePolicies } from "./ledger-policy.ts";
import type { By, Replayed } from "./ledger-port.ts";
import { type IntegrationCopy, LedgerStorage, type TokenCopy } from "./ledger-storage.ts";
import { type Lease, type QuotaKind, Quotas } from "./quotas.ts";

/** A group closes at 100 deliveries or 1 MB of bodies: one JSON parameter a table stays well under D1's 2 MB string. */
const GROUP_MAX = 100;
const GROUP_BYTES_MAX = 1_000_000;
/** While D1 is down deliveries are kept at once instead of waiting two seconds each for it to fail again. */
const D1_RETRY_MS = 1000;
const SNAPSHOT_PATIENCE_MS = 5000;
/** Who lost the right to watch and was not told so at once is found out within this. @source reliability rules, fault 37 */
const WATCHERS_CHECK_MS = 50_000;
/** Beyond this many waiting deliveries the object says no, so that its memory stays bounded. */
const WAITING_MAX = 20_000;

/** On whose behalf something is done where nobody is named. */
const SYSTEM: By = { actor: "system", role: null, requestId: null, address: null };

/** About how much an event weighs as JSON, bytes: the report of a workload carries its history. */
const sizeOf = (event: NormalEvent) => (event.type === "cluster" ? 500 + 2500 * event.workloads.length : 500);

/** Deliveries of one call in parts that each fit a group. */
function splitGroup(deliveries: readonly Delivery[]): { deliveries: Delivery[]; bytes: number }[] {
	const parts: { deliveries: Delivery[]; bytes: number }[] = [];
	for (const delivery of deliveries) {
		const bytes = (delivery.body?.length ?? 0) + delivery.events.reduce((sum, event) => sum + sizeOf(event), 500);
		const last = parts.at(-1);
		if (last && last.deliveries.length < GROUP_MAX && last.bytes + bytes <= GROUP_BYTES_MAX) {
			last.deliveries.push(delivery);
			last.bytes += bytes;
		} else parts.push({ deliveries: [delivery], bytes });
	}
	return parts;
}

/** What an environment's object is told. */
type Moves = { moved: (teamId: string, environmentId: string) => Promise<void> };

type Waiting = { deliveries: Delivery[]; bytes: number; resolve: (receipts: Receipt[]) => void; reject: (error: unknown) => void };

/**
 * One per team: the single writer of its stream. Gathers what arrives while a commit is under way and commits the group to D1;
 * keeps what D1 could not take; tells the team's pages. Nothing that matters lives in memory only.
 */
export class TeamLedger extends DurableObject<Env> {
	readonly #storage: LedgerStorage;
	readonly #audience: Audience<CommitChange, Change, Snapshot>;
	readonly #rejected = new Map<string, { integrationId: string; source: string; n: number; at: number }>();
	readonly #quotas = new Quotas();
	#watchersCheckedAt = 0;
	#memory: WriterMemory = freshMemory();
	#waiting: Waiting[] = [];
	#waitingCount = 0;
	#turn: Promise<unknown> = Promise.resolve();
	#isPumping = false;
	#d1DownUntil = 0;
	#snapshot: { seq: number; promise: Promise<Snapshot> } | null = null;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#storage = new LedgerStorage(ctx.storage);
		this.#audience = new Audience(ctx, {
			head: () => this.#head(),
			snapshot: () => this.#readSnapshot(),
			merge: mergeChanges,
			nothing: (head) => ({ type: "change", ...head, prev: head.seq, at: Date.now(), runs: [], tallies: [] }),
			now: () => Date.now(),
		});
		if (this.#storage.backlogSize > 0) ctx.waitUntil(this.#wakeWithin(D1_RETRY_MS));
	}

	/**
	 * Store deliveries (a JSON list of Delivery, their bodies beside it) and answer what became of each (a JSON list of Receipt), once they are durable.
	 * @see ingest in pipeline/hand-over.ts, which speaks in objects
	 * @throws when neither D1 nor the object's own storage takes them, or when too many wait
	 */
	async ingest(teamId: string, json: string, bodies: (string | null)[]): Promise<string> {
		this.#belongsTo(teamId);
		const deliveries = JSON.parse(json) as Delivery[];
		for (const [n, body] of bodies.entries()) if (deliveries[n]) deliveries[n].body = body;
		return JSON.stringify(await this.#ingest(deliveries));
	}

	async #ingest(deliveries: Delivery[]): Promise<Receipt[]> {
		if (this.#waitingCount + deliveries.length > WAITING_MAX) throw new Error("overloaded: too many deliveries wait for D1");
		if (Date.now() < this.#d1DownUntil) return await this.#keep(deliveries);
		const parts = splitGroup(deliveries).map(
			(part) =>
				new Promise<Receipt[]>((resolve, reject) => {
					this.#waiting.push({ ...part, resolve, reject });
					this.#waitingCount += part.deliveries.length;
				}),
		);
		this.#pump();
		return (await Promise.all(parts)).flat();
	}

	/** An integration's source and the secrets that are active now; null when this team has no such integration. */
	integration(integrationId: string): IntegrationCopy | null {
		return this.#storage.integration(integrationId);
	}

	/** An ingest token by the hash of its value; null when unknown. */
	ingestToken(hash: string): TokenCopy | null {
		return this.#storage.ingestToken(hash);
	}

	/** Read the team's credentials from D1 anew. Called after every change of them, before the change is answered. */
	async syncCredentials(teamId: string): Promise<void> {
		this.#belongsTo(teamId);
		const { integrations, tokens } = await readCredentials(this.#db(), teamId);
		this.ctx.storage.transactionSync(() => this.#storage.replaceCredentials(integrations, tokens));
	}

	/** Signature failures that a Worker counted; flushed to D1 at most every ten seconds. */
	async countRejected(teamId: string, integrationId: string, source: string, n: number): Promise<void> {
		this.#belongsTo(teamId);
		const entry = this.#rejected.get(integrationId) ?? { integrationId, source, n: 0, at: 0 };
		this.#rejected.set(integrationId, { ...entry, n: entry.n + n, at: Date.now() });
		await this.#wakeWithin(4000);
	}

	/** Upgrade a socket; the door has already checked session, team and Origin, and says whose it is (`?team&holder`). */
	override async fetch(request: Request): Promise<Response> {
		const { searchParams } = new URL(request.url);
		this.#belongsTo(searchParams.get("team") ?? "");
		await this.#wakeWithin(WATCHERS_CHECK_MS);
		return this.#audience.accept(searchParams.get("holder") ?? "");
	}

	/** Close the sockets that these sessions and tokens opened. */
	endSessions(teamId: string, holders: string[]): void {
		this.#belongsTo(teamId);
		this.#audience.end((holder) => holders.includes(holder));
	}

	/** A lease of requests for a person or a token of this team. */
	lease(key: string, kind: QuotaKind): Lease {
		return this.#quotas.lease(key, kind, Date.now());
	}

	/** The polling fallback: the frames after `since`. */
	async changes(teamId: string, since: { epoch: string; seq: number } | null): Promise<LiveChanges> {
		this.#belongsTo(teamId);
		return await this.#audience.framesSince(since);
	}

	/** Remove up to `limit` of the demo's runs; returns how many are left, and begins the stream anew when none are. */
	async removeDemo(teamId: string, limit: number, by: By = SYSTEM): Promise<{ left: number }> {
		this.#belongsTo(teamId);
		const { left, clusters, environmentIds } = await this.#exclusive(() =>
			removeDemoChunk({ db: this.#db(), teamId, memory: this.#memory, limit, by, now: Date.now(), newEpoch: crypto.randomUUID() }),
		);
		if (left === 0) {
			this.#memory = freshMemory();
			this.#snapshot = null;
			await this.#audience.restart();
			await this.syncCredentials(teamId);
			for (const cluster of clusters) this.#endLink(teamId, cluster);
			this.#tellEnvironments(teamId, environmentIds);
		}
		return { left };
	}

	/** Apply dead deliveries again. One that fails once more stays dead, with its newest reason. */
	async replay(teamId: string, refs: DeliveryRef[], by: By = SYSTEM): Promise<Replayed> {
		this.#belongsTo(teamId);
		const { ready, failed } = await rebuildDead({ db: this.#db(), blobs: this.env.BLOBS, teamId }, refs);
		let replayed = 0;
		for (const [n, receipt] of (await this.#ingest(ready)).entries()) {
			const deliveryId = ready[n]?.deliveryId ?? "";
			if (receipt.result === "dead") failed.push({ deliveryId, reason: receipt.reason });
			else if (receipt.result === "conflict") failed.push({ deliveryId, reason: "Another delivery has this id now." });
			else replayed += 1;
		}
		const after = { replayed, failed: failed.length };
		const object = refs.length === 1 ? `${refs[0]?.source}/${refs[0]?.deliveryId}` : `${refs.length} deliveries`;
		const entry = { at: Date.now(), ...by, act: "delivery.replay", object, after, outcome: "done" } as const;
		await commitAudited(this.#db(), teamId, [], [entry]);
		return { replayed, failed };
	}

	/** Delete what is older than its retention, a few hundred rows a statement. */
	async prune(teamId: string): Promise<void> {
		this.#belongsTo(teamId);
		await this.#exclusive(() => pruneTeam({ db: this.#db(), teamId, now: Date.now() }));
		this.#memory = freshMemory();
	}

	/** For `/health` and `/metrics`: that the object answers, and how much waits in it. */
	status(): { backlog: number; sockets: number; waiting: number } {
		return { backlog: this.#storage.backlogSize, sockets: this.#audience.size, waiting: this.#waitingCount };
	}

	override async alarm(): Promise<void> {
		try {
			await this.#drain();
			await this.#flushRejected();
			await this.#checkWatchers();
		} catch (error) {
			log("warn", "ledger alarm failed", { team: this.#storage.teamId, error: String(error) });
		} finally {
			// An alarm that throws is given up after six tries; one that arms itself never is.
			if (this.#storage.backlogSize > 0 || this.#rejected.size > 0) await this.#wakeWithin(D1_RETRY_MS);
			else if (this.#audience.size > 0) await this.#wakeWithin(WATCHERS_CHECK_MS);
		}
	}

	override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
		await this.#audience.message(socket, data);
	}

	override webSocketClose(socket: WebSocket): void {
		this.#audience.gone(socket);
	}

	override webSocketError(socket: WebSocket): void {
		this.#audience.gone(socket);
	}

	#db(): Database {
		return openDatabase(this.env.DB);
	}

	#belongsTo(teamId: string): void {
		const known = this.#storage.teamId;
		if (known === null) this.#storage.teamId = teamId;
		else if (known !== teamId) throw new Error(`this ledger belongs to ${known}`);
	}

	/** Run one writer at a time. */
	#exclusive<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#turn.then(work, work);
		this.#turn = result.catch(() => {});
		return result;
	}

	#pump(): void {
		if (this.#isPumping) return;
		this.#isPumping = true;
		const pumping = this.#exclusive(async () => {
			while (this.#waiting.length > 0) await this.#commitNext();
		}).finally(() => {
			this.#isPumping = false;
			if (this.#waiting.length > 0) this.#pump();
		});
		// The caller that started the pump may hang up; the others still wait for it.
		this.ctx.waitUntil(pumping);
	}

	async #commitNext(): Promise<void> {
		const calls: Waiting[] = [];
		let count = 0;
		let bytes = 0;
		for (const call of this.#waiting) {
			if (calls.length > 0 && (count + call.deliveries.length > GROUP_MAX || bytes + call.bytes > GROUP_BYTES_MAX)) break;
			calls.push(call);
			count += call.deliveries.length;
			bytes += call.bytes;
		}
		this.#waiting.splice(0, calls.length);
		this.#waitingCount -= count;
		const deliveries = calls.flatMap((call) => call.deliveries);
		try {
			const receipts = await this.#commitOrKeep(deliveries);
			let next = 0;
			for (const call of calls) {
				call.resolve(receipts.slice(next, next + call.deliveries.length));
				next += call.deliveries.length;
			}
		} catch (error) {
			for (const call of calls) call.reject(error);
		}
	}

	async #commitOrKeep(deliveries: Delivery[]): Promise<Receipt[]> {
		// The group before this one has just waited for D1 in vain: the senders of this one must not wait as well.
		if (Date.now() < this.#d1DownUntil) return await this.#keep(deliveries);
		try {
			return await this.#commit(deliveries);
		} catch (error) {
			if (!(error instanceof D1Unavailable)) throw error;
			log("warn", "D1 did not take a group; the ledger keeps it", {
				team: this.#storage.teamId,
				n: deliveries.length,
				error: error.message,
			});
			return await this.#keep(deliveries);
		}
	}

	/** Commit a group; where the group itself is at fault, halve it until the faulty delivery is alone, and file that as dead. */
	async #commit(deliveries: Delivery[]): Promise<Receipt[]> {
		const teamId = this.#storage.teamId ?? "";
		const now = Date.now();
		try {
			const { receipts, change, moved } = await commitGroup({ db: this.#db(), teamId, deliveries, memory: this.#memory, now });
			if (this.#memory.head) this.#audience.publish(this.#memory.head.epoch, toCommitChange(change));
			this.#tellEnvironments(teamId, moved);
			return receipts;
		} catch (error) {
			if (error instanceof D1Unavailable) throw error;
			const [delivery] = deliveries;
			if (deliveries.length === 1 && delivery) {
				const reason = error instanceof Error ? error.message.slice(0, 300) : "could not be applied";
				log("error", "a delivery could not be applied", { team: teamId, delivery: delivery.deliveryId, error: String(error) });
				await commitDead({ db: this.#db(), teamId, memory: this.#memory, now }, delivery, reason);
				return [{ result: "dead", reason }];
			}
			const half = Math.ceil(deliveries.length / 2);
			return [...(await this.#commit(deliveries.slice(0, half))), ...(await this.#commit(deliveries.slice(half)))];
		}
	}

	/** Let the objects of environments know that there is news of them. They read it themselves, and nobody waits for that. */
	#tellEnvironments(teamId: string, environmentIds: readonly string[]): void {
		for (const id of environmentIds) {
			const telling = async () => {
				const live = this.env.ENVIRONMENT_LIVE.getByName(`${teamId}:${id}`) as unknown as Moves;
				if (Object.hasOwn(EnvironmentLive.prototype, "moved")) await live.moved(teamId, id);
			};
			this.ctx.waitUntil(
				telling().catch((error) =>
					log("warn", "an environment was not told of news", { team: teamId, environment: id, error: String(error) }),
				),
			);
		}
	}

	/** A cluster is gone: whoever is connected as its agent is cut off. A link that could not be told finds out within a minute. */
	#endLink(teamId: string, { id, tokenIds }: DemoGone["clusters"][number]): void {
		const ending = this.env.CLUSTER_LINK.getByName(`${teamId}:${id}`).endTokens(teamId, id, tokenIds);
		this.ctx.waitUntil(
			ending.catch((error: unknown) => log("warn", "a cluster's link was not told", { team: teamId, error: String(error) })),
		);
	}

	async #keep(deliveries: Delivery[]): Promise<Receipt[]> {
		this.ctx.storage.transactionSync(() => this.#storage.keep(deliveries));
		this.#d1DownUntil = Date.now() + 2 * D1_RETRY_MS;
		await this.#wakeWithin(D1_RETRY_MS);
		// The answer must not leave before the rows are on disk.
		await this.ctx.storage.sync();
		return deliveries.map((delivery) => ({ result: delivery.ignored === null ? "accepted" : "ignored", visible: false, effect: null }));
	}

	/** Commit what was kept, oldest first, until nothing is left or D1 fails again. */
	async #drain(): Promise<void> {
		for (;;) {
			const kept = this.#storage.kept(GROUP_MAX, GROUP_BYTES_MAX);
			const last = kept.at(-1);
			if (!last) break;
			this.#d1DownUntil = Date.now() + 3 * D1_RETRY_MS;
			await this.#exclusive(() => this.#commit(kept.map((item) => item.delivery)));
			this.#storage.release(last.no);
		}
		this.#d1DownUntil = 0;
	}

	async #flushRejected(): Promise<void> {
		const teamId = this.#storage.teamId;
		if (this.#rejected.size === 0 || teamId === null) return;
		const counts = [...this.#rejected.values()].map((entry) => ({ ...entry, result: "rejected" }));
		await this.#db().batch([addCounts(teamId, counts)]);
		// Only now: while D1 is away they wait, like everything else, for the next alarm.
		this.#rejected.clear();
	}

	/** Close the sockets of sessions that ended and of people who left the team, at most once a while. */
	async #checkWatchers(): Promise<void> {
		const teamId = this.#storage.teamId;
		const now = Date.now();
		const holders = this.#audience.holders();
		if (teamId === null || holders.length === 0 || now - this.#watchersCheckedAt < WATCHERS_CHECK_MS / 2) return;
		const live = await readLiveHolders(this.#db(), teamId, holders, now);
		this.#watchersCheckedAt = now;
		this.#audience.end((holder) => !live.has(holder));
	}

	async #wakeWithin(ms: number): Promise<void> {
		const due = Date.now() + ms;
		const armed = await this.ctx.storage.getAlarm();
		if (armed === null || armed > due) await this.ctx.storage.setAlarm(due);
	}

	async #head(): Promise<{ epoch: string; seq: number }> {
		const head = this.#memory.head ?? (await readHead(this.#db(), this.#storage.teamId ?? ""));
		if (!head) throw new Error("the team is not in D1");
		this.#memory.head ??= head;
		return { epoch: head.epoch, seq: head.no };
	}

	/** One snapshot serves everyone who asks at the same seq: a thousand pages that reconnect at once cost one read. */
	async #readSnapshot(): Promise<Snapshot> {
		const { seq } = await this.#head();
		if (this.#snapshot?.seq !== seq) {
			const reading = readSnapshot(this.#db(), this.#storage.teamId ?? "", Date.now());
			const promise = withPatience(reading, SNAPSHOT_PATIENCE_MS, () => new D1Unavailable("no snapshot within 5 s"));
			promise.catch(() => {
				this.#snapshot = null;
			});
			this.#snapshot = { seq, promise };
		}
		return await this.#snapshot.promise;
	}
}

requirePolicies(TeamLedger.prototype);
