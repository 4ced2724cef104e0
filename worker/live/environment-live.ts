import { DurableObject } from "cloudflare:workers";
import type { Database } from "../database.ts";
import { openDatabase } from "../dev/faults.ts";
import { readLiveHolders } from "../domains/auth/store.server.ts";
import { diffEnvironment } from "../domains/environments/snapshot.ts";
import { readEnvironmentState } from "../domains/environments/state.server.ts";
import { readEnvironment } from "../domains/environments/store.server.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { withPatience } from "../patience.ts";
import { D1Unavailable } from "../pipeline/commit.ts";
import type { EnvironmentSettings, EnvironmentState, Viewer, Who } from "../wire/deployments.ts";
import type { EnvironmentChange, EnvironmentSnapshot } from "../wire/live.ts";
import type { CommandReport } from "../wire/rollback.ts";
import { Audience } from "./audience.ts";
import { CommandDesk } from "./environment-commands.ts";
import { LockDesk } from "./environment-locks.ts";
import { flushOutbox } from "./environment-outbox.ts";
import type { Answered, Asker, Refused, RollbackRequest } from "./environment-port.ts";
import { EnvironmentStorage } from "./environment-storage.ts";
import { requirePolicies } from "./ledger-policy.ts";
import { ENVIRONMENT_POLICIES } from "./object-policy.ts";

const SNAPSHOT_PATIENCE_MS = 5000;
/** One step waits for another: a database that never answers must not keep this object from working when it answers again. */
const D1_PATIENCE_MS = 5000;
/** Who lost the right to watch and was not told so at once is found out within this. @source reliability rules, fault 37 */
const WATCHERS_CHECK_MS = 50_000;
/** While something is under way the object looks at least this often, whatever else it was told to do. */
const RETRY_MS = 2000;
/** A rehearsal nobody asked for happens this often. */
const DRILL_MS = 7 * 24 * 3600_000;

type Patch = { prev: number; seq: number; at: number; patch: Partial<EnvironmentState> };
/** What is known of a viewer's socket. */
type Watcher = { who: Who; since: number; isHandling: boolean };

const unknown = (): Refused => ({ ok: false, code: "notFound", message: "There is no such environment in this team." });

/**
 * One per environment: the single writer of its lock, its holds, its settings and its commands, and the stream to those who look at it.
 * Everything that matters is in D1; its own storage keeps what has to reach the team's ledger still.
 */
export class EnvironmentLive extends DurableObject<Env> {
	readonly #storage: EnvironmentStorage;
	readonly #audience: Audience<Patch, EnvironmentChange, EnvironmentSnapshot, Watcher>;
	#turn: Promise<unknown> = Promise.resolve();
	/** What its viewers see. */
	#shown: EnvironmentState | null = null;
	#looking: Promise<void> | null = null;
	#isNews = false;
	#flushing: Promise<void> | null = null;
	#watchersCheckedAt = 0;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#storage = new EnvironmentStorage(ctx.storage);
		this.#audience = new Audience(ctx, {
			head: async () => this.#storage.head,
			snapshot: () => this.#readSnapshot(),
			merge: mergePatches,
			nothing: (head) => ({ type: "change", ...head, prev: head.seq, at: Date.now(), patch: {} }),
			now: () => Date.now(),
			said: (socket, request) => {
				if (!("handling" in request) || typeof request.handling !== "boolean") return false;
				const isHandling = request.handling;
				this.#audience.note(socket, (watcher) => ({ ...watcher, isHandling }));
				return true;
			},
			changed: () => this.#look(),
		});
	}

	/** Everything about it; null when this team has no such environment. */
	async state(teamId: string, environmentId: string): Promise<EnvironmentState | null> {
		this.#belongsTo(teamId, environmentId);
		return await this.#readState();
	}

	/** What the dialog of a rollback draws. */
	async offer(teamId: string, environmentId: string, ask: { component?: string; to?: string; askerId?: string }) {
		this.#belongsTo(teamId, environmentId);
		const { askerId, ...what } = ask;
		return await this.#commands().offer(what, askerId ?? null);
	}

	/** Ask for a rollback. */
	async rollBack(teamId: string, environmentId: string, by: Asker, request: RollbackRequest) {
		this.#belongsTo(teamId, environmentId);
		return await this.#act((commands) => commands.request(by, { ...request, kind: "rollback" }));
	}

	/** Ask for a rehearsal of one. */
	async dryRun(teamId: string, environmentId: string, by: Asker, request: Omit<RollbackRequest, "seen" | "confirm">) {
		this.#belongsTo(teamId, environmentId);
		return await this.#act((commands) => commands.request(by, { ...request, kind: "dry-run" }));
	}

	/** Call a command off. */
	async cancel(teamId: string, environmentId: string, by: Asker, rollbackId: string) {
		this.#belongsTo(teamId, environmentId);
		return await this.#act((commands) => commands.cancel(by, rollbackId));
	}

	/** Put a note beside a command that is over. */
	async note(teamId: string, environmentId: string, by: Asker, ask: { rollbackId: string; text: string }) {
		this.#belongsTo(teamId, environmentId);
		return await this.#act((commands) => commands.note(by, ask.rollbackId, ask.text));
	}

	/** Lock it. */
	async lock(teamId: string, environmentId: string, by: Asker, ask: { until: number | null; reason: string }) {
		this.#belongsTo(teamId, environmentId);
		return await this.#change((locks) => locks.lock(by, ask));
	}

	/** Release its lock; where a rollback is named, only the lock that it left. */
	async unlock(teamId: string, environmentId: string, by: Asker, ask: { rollbackId?: string } = {}) {
		this.#belongsTo(teamId, environmentId);
		return await this.#change((locks) => locks.unlock(by, ask));
	}

	/** Let a held version come again. */
	async releaseHold(teamId: string, environmentId: string, by: Asker, holdId: string) {
		this.#belongsTo(teamId, environmentId);
		return await this.#change((locks) => locks.releaseHold(by, holdId));
	}

	/** Change its settings. */
	async configure(teamId: string, environmentId: string, by: Asker, settings: Partial<EnvironmentSettings>) {
		this.#belongsTo(teamId, environmentId);
		return await this.#change((locks) => locks.configure(by, settings));
	}

	/** A cluster's agent claims a command. */
	async claim(teamId: string, environmentId: string, ask: Parameters<CommandDesk["claim"]>[0]) {
		this.#belongsTo(teamId, environmentId);
		return await this.#act((commands) => commands.claim(ask));
	}

	/** A cluster's agent says something of a command. Returns once that is durable, or is known to change nothing. */
	async report(teamId: string, environmentId: string, said: { clusterId: string; agent: string; message: CommandReport }): Promise<void> {
		this.#belongsTo(teamId, environmentId);
		await this.#act((commands) => commands.report(said));
	}

	/** A command's offer went down a line. */
	async sent(teamId: string, environmentId: string, commandId: string): Promise<void> {
		this.#belongsTo(teamId, environmentId);
		await this.#act((commands) => commands.sent(commandId));
	}

	/** There is news of it in D1: a deployment, a workload, an agent that came or went. */
	async moved(teamId: string, environmentId: string): Promise<void> {
		this.#belongsTo(teamId, environmentId);
		this.#look();
		await this.#wakeWithin(50);
	}

	/** The weekly rehearsal, where it is wanted and due. */
	async drill(teamId: string, environmentId: string, by: Asker): Promise<void> {
		this.#belongsTo(teamId, environmentId);
		const state = await this.#readState();
		if (!state?.settings.drills || (state.drills.lastAt !== null && Date.now() - state.drills.lastAt < DRILL_MS)) return;
		// The same week is the same rehearsal, however often the cron comes by.
		const key = `drill-${Math.floor(Date.now() / DRILL_MS)}`;
		const answer = await this.#act((commands) => commands.request(by, { kind: "dry-run", key, reason: "Weekly rehearsal" }));
		if (!answer.ok) log("info", "a rehearsal was not possible", { team: teamId, environment: environmentId, reason: answer.message });
	}

	/** Upgrade a viewer's socket; the door has checked session, team and Origin, and says whose it is. */
	override async fetch(request: Request): Promise<Response> {
		const { searchParams } = new URL(request.url);
		const read = (name: string) => searchParams.get(name) ?? "";
		this.#belongsTo(read("team"), read("environment"));
		await this.#wakeWithin(WATCHERS_CHECK_MS);
		const watcher: Watcher = { who: { id: read("id"), name: read("name") }, since: Date.now(), isHandling: false };
		return this.#audience.accept(read("holder"), watcher);
	}

	/** The polling fallback: the frames after `since`. */
	async changes(teamId: string, environmentId: string, since: { epoch: string; seq: number } | null) {
		this.#belongsTo(teamId, environmentId);
		// Without viewers nobody has looked what is new.
		if (this.#audience.size === 0) await this.#show();
		return await this.#audience.framesSince(since);
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

	override async alarm(): Promise<void> {
		const { owner } = this.#storage;
		if (owner === null) return;
		let dueAt: number | null = Date.now() + RETRY_MS;
		try {
			const times = await this.#exclusive(async () => [await this.#commands().tick(), await this.#locks().tick()]);
			await this.#rollBackByItself();
			await this.#checkWatchers();
			await this.#flush();
			this.#look();
			const known = times.filter((at) => at !== null);
			dueAt = known.length > 0 ? Math.min(...known) : null;
		} catch (error) {
			log("warn", "an environment's alarm failed", { ...owner, error: String(error) });
		} finally {
			// An alarm that throws is given up after six tries; one that arms itself never is.
			if (this.#audience.size > 0) dueAt = Math.min(dueAt ?? Number.POSITIVE_INFINITY, Date.now() + WATCHERS_CHECK_MS);
			if (dueAt !== null) await this.#wakeWithin(dueAt - Date.now());
		}
	}

	/** One step of a command at a time; then viewers and the team's pages hear of it. */
	async #act<T>(step: (commands: CommandDesk) => Promise<T>): Promise<T> {
		// Before anything is written: whatever happens, somebody looks after it.
		await this.#wakeWithin(RETRY_MS);
		try {
			return await this.#exclusive(() => step(this.#commands()));
		} finally {
			this.#look();
			this.#tellLedger();
		}
	}

	async #change(act: (locks: LockDesk) => Promise<{ ok: true } | Refused>): Promise<Answered<{ state: EnvironmentState }>> {
		await this.#wakeWithin(RETRY_MS);
		const done = await this.#exclusive(() => act(this.#locks()));
		this.#look();
		this.#tellLedger();
		if (!done.ok) return done;
		const state = await this.#readState();
		return state ? { ok: true, state } : unknown();
	}

	/** Where settings ask for it: go back from a deployment that has failed. */
	async #rollBackByItself(): Promise<void> {
		const { teamId, environmentId } = this.#owner();
		const environment = await readEnvironment(this.#db(), teamId, environmentId);
		if (!environment?.settings.autoRollback) return;
		const state = await readEnvironmentState(this.#db(), teamId, environmentId, Date.now());
		for (const { component, latest, observed, sentence, since } of state?.components ?? []) {
			if (!latest || latest.source === "opssight" || latest.isRollback) continue;
			const hasStalled = observed?.state === "degraded" && observed.reason === "ProgressDeadlineExceeded" && latest.status !== "cancelled";
			if (latest.status !== "failure" && !hasStalled) continue;
			const at = latest.finishedAt ?? since ?? latest.startedAt;
			await this.#act((commands) => commands.automatic(component, { id: latest.id, version: latest.version, at, sentence }));
		}
	}

	/** Look what is new, soon and once, however often this is called meanwhile. */
	#look(): void {
		this.#isNews = true;
		this.#looking ??= this.#lookOnce().finally(() => {
			this.#looking = null;
		});
		this.ctx.waitUntil(this.#looking);
	}

	async #lookOnce(): Promise<void> {
		while (this.#isNews) {
			this.#isNews = false;
			try {
				await this.#show();
			} catch (error) {
				log("warn", "an environment could not be read", { ...this.#storage.owner, error: String(error) });
				await this.#wakeWithin(RETRY_MS);
			}
		}
	}

	/** Send viewers what is different from what they see. */
	async #show(): Promise<void> {
		if (this.#storage.owner === null) return;
		const state = await this.#readState();
		if (state === null) return;
		const patch = this.#shown === null ? state : diffEnvironment(this.#shown, state);
		if (patch === null) return;
		this.#shown = state;
		const { epoch, prev, seq } = this.#storage.step();
		this.#audience.publish(epoch, { prev, seq, at: Date.now(), patch });
	}

	async #readState(): Promise<EnvironmentState | null> {
		const { teamId, environmentId } = this.#owner();
		const state = await readEnvironmentState(this.#db(), teamId, environmentId, Date.now());
		return state && { ...state, viewers: this.#viewers() };
	}

	/** Who looks, each person once, whoever has looked longest first. */
	#viewers(): Viewer[] {
		const byPerson = new Map<string, Viewer>();
		for (const { who, since, isHandling } of this.#audience.present()) {
			const known = byPerson.get(who.id);
			byPerson.set(who.id, { who, since: Math.min(since, known?.since ?? since), isHandling: isHandling || known?.isHandling === true });
		}
		return [...byPerson.values()].sort((a, b) => a.since - b.since);
	}

	async #readSnapshot(): Promise<EnvironmentSnapshot> {
		const head = this.#storage.head;
		const reading = this.#readState();
		const state = await withPatience(reading, SNAPSHOT_PATIENCE_MS, () => new D1Unavailable("no snapshot within 5 s"));
		if (!state) throw new Error("there is no such environment");
		return { type: "snapshot", ...head, at: Date.now(), state };
	}

	#tellLedger(): void {
		this.ctx.waitUntil(
			this.#flush().catch(async (error: unknown) => {
				log("warn", "the ledger was not told of an environment", { ...this.#storage.owner, error: String(error) });
				await this.#wakeWithin(RETRY_MS);
			}),
		);
	}

	/** One flush at a time; one that is asked for meanwhile follows it, for it may have more to tell. */
	#flush(): Promise<void> {
		const flush = async () => await flushOutbox({ env: this.env, db: this.#db(), storage: this.#storage, ...this.#owner() });
		const next = (this.#flushing ?? Promise.resolve()).catch(() => {}).then(flush);
		this.#flushing = next;
		return next;
	}

	/** Close the sockets of sessions that ended and of people who left the team, at most once a while. */
	async #checkWatchers(): Promise<void> {
		const now = Date.now();
		const holders = this.#audience.holders();
		if (holders.length === 0 || now - this.#watchersCheckedAt < WATCHERS_CHECK_MS / 2) return;
		const live = await readLiveHolders(this.#db(), this.#owner().teamId, holders, now);
		this.#watchersCheckedAt = now;
		this.#audience.end((holder) => !live.has(holder));
	}

	#deskOf() {
		return { env: this.env, db: () => this.#db(), storage: this.#storage, ...this.#owner() };
	}

	#commands(): CommandDesk {
		return new CommandDesk(this.#deskOf());
	}

	#locks(): LockDesk {
		return new LockDesk(this.#deskOf());
	}

	#db(): Database {
		return openDatabase(this.env.DB, D1_PATIENCE_MS);
	}

	#owner(): { teamId: string; environmentId: string } {
		const { owner } = this.#storage;
		if (!owner) throw new Error("this object belongs to no environment yet");
		return owner;
	}

	#belongsTo(teamId: string, environmentId: string): void {
		const { owner } = this.#storage;
		if (owner === null) this.#storage.owner = { teamId, environmentId };
		else if (owner.teamId !== teamId || owner.environmentId !== environmentId)
			throw new Error(`this object belongs to ${owner.teamId}:${owner.environmentId}`);
	}

	/** Run one writer at a time. */
	#exclusive<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#turn.then(work, work);
		this.#turn = result.catch(() => {});
		return result;
	}

	async #wakeWithin(ms: number): Promise<void> {
		const due = Date.now() + Math.max(0, ms);
		const armed = await this.ctx.storage.getAlarm();
		if (armed === null || armed > due) await this.ctx.storage.setAlarm(due);
	}
}

function mergePatches(epoch: string, changes: readonly Patch[]): EnvironmentChange | null {
	const [first] = changes;
	const last = changes.at(-1);
	if (!first || !last) return null;
	const patch = Object.assign({}, ...changes.map((change) => change.patch)) as Partial<EnvironmentState>;
	return { type: "change", epoch, prev: first.prev, seq: last.seq, at: last.at, patch };
}

requirePolicies(EnvironmentLive.prototype, ENVIRONMENT_POLICIES);
