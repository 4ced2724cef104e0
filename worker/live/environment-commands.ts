import type { Database, Statement } from "../database.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import type { AuditEntry } from "../domains/audit/model.ts";
import type { Limit } from "../domains/auth/limits.ts";
import { readLinked } from "../domains/clusters/link.server.ts";
import { workloadsOf } from "../domains/clusters/store.server.ts";
import type { StoredDeployment } from "../domains/deployments/model.ts";
import { readSituation, type Situation } from "../domains/deployments/offer.server.ts";
import { planOf } from "../domains/deployments/offer.ts";
import type { RollbackPlan } from "../domains/deployments/plan.ts";
import { manualCommand } from "../domains/deployments/preflight.ts";
import { advance, auditOf, isEnd, type RollbackRecord, recover, sentAt, watchAt } from "../domains/deployments/rollback-record.ts";
import {
	hasAutomatic,
	holdBad,
	insertRecord,
	lockAfter,
	raiseFence,
	readByKey,
	readRecord,
	readUnderWay,
	updateRecord,
} from "../domains/deployments/rollbacks.server.ts";
import { spanInWords } from "../domains/deployments/words.ts";
import { LOCK_AFTER_ROLLBACK_MS } from "../domains/environments/model.ts";
import { readEnvironment } from "../domains/environments/store.server.ts";
import type { Env } from "../env.ts";
import { randomId, sha256Hex } from "../ids.ts";
import { log } from "../log.ts";
import type { GrantedCommand } from "../wire/agent.ts";
import type { RollbackRow } from "../wire/deployments.ts";
import * as protocol from "../wire/rollback.ts";
import type { Answered, Asker, Refused, RollbackRequest } from "./environment-port.ts";
import type { EnvironmentStorage } from "./environment-storage.ts";

/**
 * Rollbacks and rehearsals that one person or token may ask for in one environment. Each takes half a minute at least, so nobody who
 * knows what they do comes near it; a script that runs wild is stopped at ten. @source features, C15
 */
const REQUEST_LIMIT: Limit = { perMinute: 4, burst: 10, lease: 1 };
/** An agent that did not hear of a command hears of it again; one that nobody knows the fate of is asked for less often. */
const OFFER_AGAIN_MS = 5000;
const SETTLE_AGAIN_MS = 15_000;
/** Since when failures are rolled back by themselves: what failed earlier somebody has seen. */
const AUTOMATIC_MS = 10 * 60_000;

/** On whose behalf the product acts by itself. */
export const SYSTEM: Asker = { actor: "system", name: "OpsSight", role: null, requestId: null, address: null, mayForce: false };

/** What the desk works with: its environment, the database, its memory, and the way to clusters. */
export type DeskOf = {
	env: Pick<Env, "CLUSTER_LINK">;
	db: () => Database;
	storage: EnvironmentStorage;
	teamId: string;
	environmentId: string;
};

export type Kind = RollbackRow["kind"];
type Ask = Omit<RollbackRequest, "seen"> & { kind: Kind; seen?: string; automaticFor?: string };

const refuse = (code: Refused["code"], message: string, fields?: Record<string, string>): Refused => ({
	...{ ok: false, code, message },
	...(fields && { fields }),
});

/**
 * The commands of one environment: asked for, claimed, reported, watched until the service is back. Reads D1 anew for each step and
 * writes each together with its audit row; nothing of a command lives in memory. Whoever calls lets one step end before the next.
 */
export class CommandDesk {
	readonly #of: DeskOf;

	constructor(of: DeskOf) {
		this.#of = of;
	}

	/** Ask for a rollback or a rehearsal. The same key is the same command. */
	async request(by: Asker, ask: Ask): Promise<Answered<{ rollback: RollbackRow; isRepeat: boolean }>> {
		const { teamId, environmentId, storage } = this.#of;
		const { key, kind, component, to, seen, reason } = ask;
		const requestHash = await sha256Hex(JSON.stringify([by.actor, kind, component ?? null, to ?? null, seen ?? null, reason ?? null]));
		const known = await readByKey(this.#db(), teamId, environmentId, key);
		if (known) return this.#repeat(known, requestHash);
		const now = Date.now();
		const busy = (await readUnderWay(this.#db(), teamId, environmentId)).find(({ command }) => protocol.isActive(command.state));
		if (busy) return refuse("conflict", busyWords(busy, now));
		const found = await this.#situation({ component, to, askerId: by.actor, now, seen });
		if (!found.ok) return found;
		const { situation } = found;
		const plan = planOf(situation);
		const refusal = refusalOf(situation, plan, { by, ask });
		if (refusal) return refusal;
		if (!plan.ok || !situation.workload) return refuse("invalid", situation.offer.blocked ?? "There is nothing to go back to.");
		const retryAfterMs = by === SYSTEM ? 0 : storage.spend(REQUEST_LIMIT, by.actor, now);
		if (retryAfterMs > 0) {
			const seconds = Math.ceil(retryAfterMs / 1000);
			return {
				...refuse("rateLimited", `That was many rollbacks in a short time. Try again in ${seconds} s.`),
				retryAfterSeconds: seconds,
			};
		}
		const record = newRecord({ situation, plan, by, ask, id: `r-${randomId(12)}`, now });
		storage.mark(`rollback:${record.row.id}`);
		const forced = kind === "rollback" ? situation.offer.checks.filter(({ tone }) => tone === "stop").map(({ title }) => title) : [];
		const asked = this.#entry(by, record, kind === "rollback" ? "rollback.request" : "rollback.rehearse", now);
		const entry = forced.length === 0 ? asked : { ...asked, after: { ...auditOf(record).after, forced } };
		try {
			const inserted = insertRecord(teamId, record, { key, requestHash, automaticFor: ask.automaticFor ?? null });
			await commitAudited(this.#db(), teamId, [inserted], [entry]);
		} catch (error) {
			if (!/UNIQUE constraint failed: rollbacks\./.test(wordsOf(error))) throw error;
			// The table has the last word, whoever wrote there.
			const raced = await readByKey(this.#db(), teamId, environmentId, key);
			return raced ? this.#repeat(raced, requestHash) : refuse("conflict", "A rollback is under way here already. Watch it.");
		}
		return { ok: true, rollback: (await this.#offer(record)).row, isRepeat: false };
	}

	/** What the dialog draws. */
	async offer(ask: { component?: string; to?: string }, askerId: string | null): Promise<Answered<{ offer: Situation["offer"] }>> {
		const now = Date.now();
		const found = await this.#situation({ ...ask, askerId, now, isDrawn: true });
		if (!found.ok) return found;
		const busy = (await readUnderWay(this.#db(), this.#of.teamId, this.#of.environmentId)).find(({ command }) =>
			protocol.isActive(command.state),
		);
		const { offer } = found.situation;
		return { ok: true, offer: busy ? { ...offer, blocked: busyWords(busy, now) } : offer };
	}

	/** An agent claims a command of its cluster. */
	async claim(ask: {
		clusterId: string;
		commandId: string;
		agent: string;
		askedAt: number;
	}): Promise<{ ok: true; command: GrantedCommand } | { ok: false; reason: string }> {
		const { teamId, environmentId } = this.#of;
		const record = await readRecord(this.#db(), teamId, environmentId, ask.commandId);
		if (!record || record.target.clusterId !== ask.clusterId) return { ok: false, reason: "This cluster has no such command." };
		const now = Date.now();
		const lastFence = (await readEnvironment(this.#db(), teamId, environmentId))?.fence ?? 0;
		const step = protocol.claim(record.command, { agent: ask.agent, now, lastFence });
		if (!step.ok) {
			// It may be over by the clock alone: then that is written now. Else whoever still offers it did not hear that it is over.
			const aged = protocol.tick(record.command, now);
			if (step.reason === "over" && aged.ok && aged.changed) await this.#save(record, aged.command, now);
			else if (step.reason === "over") await this.#link(record).close(teamId, ask.clusterId, ask.commandId);
			return { ok: false, reason: step.reason === "taken" ? "Another agent has it." : "It is over." };
		}
		const { target, row } = record;
		if (step.changed) await this.#save(record, step.command, now, { fence: step.command.fence });
		const about = {
			...{ verb: row.kind, workload: target.workload, expectedRevision: target.expectedRevision },
			expectedHash: target.expectedHash,
			...{ targetRevision: target.targetRevision, targetHash: target.targetHash },
		};
		return { ok: true, command: protocol.grantOf(step.command, about, { now, askedAt: ask.askedAt }) };
	}

	/** What an agent says of a command it has. Returns once that is durable, or is known to change nothing. */
	async report({ clusterId, agent, message }: { clusterId: string; agent: string; message: protocol.CommandReport }): Promise<void> {
		const record = await readRecord(this.#db(), this.#of.teamId, this.#of.environmentId, message.commandId);
		if (!record || record.target.clusterId !== clusterId) return;
		const now = Date.now();
		const step = protocol.report(record.command, message, { agent, now });
		if (!step.ok || !step.changed) return;
		await this.#save(record, step.command, now, { changes: message.type === "result" ? message.changes : [] });
	}

	/** An offer went down a line. */
	async sent(commandId: string): Promise<void> {
		const record = await readRecord(this.#db(), this.#of.teamId, this.#of.environmentId, commandId);
		if (record && record.command.state === "pending") await this.#noteSent(record);
	}

	/** Somebody does not want a command any more. */
	async cancel(by: Asker, id: string): Promise<Answered<{ rollback: RollbackRow }>> {
		const { teamId, environmentId } = this.#of;
		const record = await readRecord(this.#db(), teamId, environmentId, id);
		if (!record) return refuse("notFound", "There is no such rollback in this environment.");
		const now = Date.now();
		const step = protocol.cancel(record.command, now);
		if (!step.ok) {
			return refuse("conflict", step.reason === "applied" ? "It is in the cluster already. Undo it by going back." : "It is over already.");
		}
		if (!step.changed) return { ok: true, rollback: record.row };
		const saved = await this.#save(record, step.command, now, { by, act: "rollback.cancel" });
		if (protocol.isActive(step.command.state)) await this.#link(record).cancel(teamId, record.target.clusterId, id);
		return { ok: true, rollback: saved.row };
	}

	/** Put a note beside a command that is over. */
	async note(by: Asker, id: string, text: string): Promise<Answered<{ rollback: RollbackRow }>> {
		const { teamId, environmentId, storage } = this.#of;
		const record = await readRecord(this.#db(), teamId, environmentId, id);
		if (!record) return refuse("notFound", "There is no such rollback in this environment.");
		if (protocol.isActive(record.command.state)) return refuse("conflict", "It is under way still. Write the note when it is over.");
		const next = { ...record, target: { ...record.target, rev: record.target.rev + 1 }, row: { ...record.row, note: text || null } };
		const now = Date.now();
		const { actor, role, requestId, address } = by;
		const entry: AuditEntry = {
			...{ at: now, actor, role, requestId, address, act: "rollback.note", object: id, outcome: "done" },
			...{ before: { note: record.row.note }, after: { note: text } },
		};
		storage.mark(`rollback:${id}`);
		await commitAudited(this.#db(), teamId, [updateRecord(teamId, record, next)], [entry], { onlyIfChanged: true });
		return { ok: true, rollback: next.row };
	}

	/**
	 * What time alone changes: leases and deadlines, commands that nobody was told of, services that come back.
	 * @returns when there is something to do next, or null
	 */
	async tick(): Promise<number | null> {
		const { teamId, environmentId } = this.#of;
		let wakeAt = Number.POSITIVE_INFINITY;
		for (const record of await readUnderWay(this.#db(), teamId, environmentId)) {
			const now = Date.now();
			let current = record;
			if (protocol.isActive(record.command.state)) {
				const isGone = (await readLinked(this.#db(), teamId, record.target.clusterId)) === null;
				const step = isGone ? protocol.abandon(record.command, now) : protocol.tick(record.command, now);
				if (step.ok && step.changed) current = await this.#save(record, step.command, now);
				if (protocol.isActive(current.command.state) && current.command.leaseUntil === null) current = await this.#offer(current);
			}
			if (current.row.recovery === "watching") current = await this.#watch(current, now);
			wakeAt = Math.min(wakeAt, nextOf(current, now));
		}
		return Number.isFinite(wakeAt) ? wakeAt : null;
	}

	/**
	 * Roll back a deployment that failed, by itself: once per deployment, never past a check that is red, or somebody's lock.
	 * @param failed what its sender or its cluster says has failed
	 */
	async automatic(component: string, failed: { id: string; version: string; at: number; sentence: string }): Promise<void> {
		const { teamId, storage } = this.#of;
		const now = Date.now();
		if (now - failed.at > AUTOMATIC_MS) return;
		// Until the ledger has heard of it the deployment is still the latest; its sentence may be another one by then.
		if (await hasAutomatic(this.#db(), teamId, failed.id)) return;
		const reason = `${failed.version} failed: ${failed.sentence}`;
		const key = `automatic-${failed.id}`;
		const answer = await this.request(SYSTEM, { kind: "rollback", component, seen: failed.id, reason, key, automaticFor: failed.id });
		if (answer.ok || !storage.isFirst(`refused ${failed.id}`)) return;
		const entry: AuditEntry = {
			...{ at: now, actor: SYSTEM.actor, role: null, act: "rollback.automatic", object: failed.id, outcome: "denied" },
			...{ after: { component, version: failed.version }, reason: `Not rolled back by itself: ${answer.message}` },
		};
		await commitAudited(this.#db(), teamId, [], [entry]);
	}

	async #situation(ask: {
		component?: string | undefined;
		to?: string | undefined;
		askerId: string | null;
		now: number;
		seen?: string | undefined;
		isDrawn?: boolean;
	}) {
		const { teamId, environmentId } = this.#of;
		const agentOf = async (clusterId: string) => await this.#linkOf(clusterId).status(teamId, clusterId);
		const found = await readSituation(this.#db(), teamId, environmentId, { ...ask, agentOf });
		if (found.ok) return found;
		if (found.reason === "noEnvironment") return refuse("notFound", "There is no such environment in this team.");
		return refuse("invalid", "Nothing was ever deployed here.", { component: "has no deployments in this environment" });
	}

	#repeat(
		{ record, requestHash }: { record: RollbackRecord; requestHash: string },
		asked: string,
	): Answered<{ rollback: RollbackRow; isRepeat: boolean }> {
		if (requestHash === asked) return { ok: true, rollback: record.row, isRepeat: true };
		return refuse("conflict", "This Idempotency-Key was used for another request. Take a new one.");
	}

	/** Let the cluster's agent know; whether it could be told is noted, but never stands in the way. */
	async #offer(record: RollbackRecord): Promise<RollbackRecord> {
		const { teamId, environmentId } = this.#of;
		try {
			const { clusterId } = record.target;
			const isSent = await this.#link(record).offer(teamId, clusterId, { commandId: record.row.id, environmentId });
			return isSent && record.command.state === "pending" ? await this.#noteSent(record) : record;
		} catch (error) {
			log("warn", "a command could not be offered", { team: teamId, command: record.row.id, error: String(error) });
			return record;
		}
	}

	async #noteSent(record: RollbackRecord): Promise<RollbackRecord> {
		const { teamId, storage } = this.#of;
		if (record.row.stages.some(({ stage }) => stage === "sent")) return record;
		const next = sentAt(record, Date.now());
		storage.mark(`rollback:${record.row.id}`);
		const changed = await this.#db().all(updateRecord(teamId, record, next));
		return changed.length > 0 ? next : record;
	}

	async #watch(record: RollbackRecord, now: number): Promise<RollbackRecord> {
		const { teamId, environmentId, storage } = this.#of;
		const { target, row } = record;
		const { namespace, kind, name } = target.workload;
		const workloads = await workloadsOf(this.#db(), teamId, { environmentId, component: row.component });
		const seen = workloads.find(
			(one) => one.clusterId === target.clusterId && one.namespace === namespace && one.kind === kind && one.name === name,
		);
		const { isConnected } = await this.#linkOf(target.clusterId).status(teamId, target.clusterId);
		const next = recover(record, { seen: seen ?? null, isConnected, now });
		if (next === record) return record;
		storage.mark(`rollback:${row.id}`);
		const { recovery, restoreMs, message } = next.row;
		const entry: AuditEntry = {
			...{ at: now, actor: SYSTEM.actor, role: null, act: "rollback.verify", object: row.id, outcome: "done" },
			after: {
				environment: row.environment,
				component: row.component,
				recovery,
				restoreMs,
				...(recovery === "notRecovered" && { message }),
			},
		};
		const [changed] = await commitAudited(this.#db(), teamId, [updateRecord(teamId, record, next)], [entry], { onlyIfChanged: true });
		return changed?.length ? next : record;
	}

	/** Write a command's next state, its end with its audit row, a success with the hold and the lock that follow it. */
	async #save(
		record: RollbackRecord,
		command: protocol.Command,
		now: number,
		more: { fence?: number; changes?: string[]; by?: Asker; act?: string } = {},
	): Promise<RollbackRecord> {
		const { teamId, storage } = this.#of;
		const isOver = isEnd(record.command, command);
		const isSuccess = isOver && command.state === "succeeded" && record.row.kind === "rollback";
		const until = now + LOCK_AFTER_ROLLBACK_MS;
		const advanced = advance(record, command, now, more.changes);
		const next = isSuccess ? { ...advanced, row: { ...advanced.row, lockUntil: until } } : advanced;
		const statements: Statement[] = [];
		if (more.fence !== undefined) statements.push(raiseFence(teamId, record, more.fence));
		if (isSuccess) {
			// A template that was rolled back under the same name must not hold the one that runs now.
			if (record.target.bad.version !== record.row.to.version) {
				statements.push(holdBad(teamId, record, { id: `h-${randomId(12)}`, at: now, until }));
			}
			statements.push(lockAfter(teamId, record, { at: now, until }));
			storage.mark("environment");
		}
		statements.push(updateRecord(teamId, record, next));
		storage.mark(`rollback:${record.row.id}`);
		const entries: AuditEntry[] = [];
		if (more.by && more.act) entries.push(this.#entry(more.by, next, more.act, now));
		if (isOver && more.act === undefined) entries.push(this.#endEntry(next, now));
		const answers = await commitAudited(this.#db(), teamId, statements, entries, { onlyIfChanged: true });
		if (!answers.at(-1)?.length) throw new Error("a command was written by somebody else meanwhile");
		if (isOver) await this.#link(record).close(teamId, record.target.clusterId, record.row.id);
		return next;
	}

	#entry({ actor, role, requestId, address }: Asker, record: RollbackRecord, act: string, at: number): AuditEntry {
		const who = { at, actor, role, requestId, address };
		return { ...who, act, object: record.row.id, ...auditOf(record), reason: record.row.reason, outcome: "done" };
	}

	#endEntry(record: RollbackRecord, at: number): AuditEntry {
		const { row, target } = record;
		const who = { at, actor: row.requestedBy.id, role: target.role, requestId: null, address: null };
		const act = row.kind === "rollback" ? "rollback.end" : "rollback.rehearsed";
		return { ...who, act, object: row.id, ...auditOf(record), reason: row.reason, outcome: "done" };
	}

	#db(): Database {
		return this.#of.db();
	}

	#link(record: RollbackRecord) {
		return this.#linkOf(record.target.clusterId);
	}

	#linkOf(clusterId: string) {
		return this.#of.env.CLUSTER_LINK.getByName(`${this.#of.teamId}:${clusterId}`);
	}
}

function nextOf(record: RollbackRecord, now: number): number {
	const { command } = record;
	const times = [watchAt(record, now), protocol.nextWakeAt(command)];
	if (protocol.isActive(command.state) && command.leaseUntil === null) {
		times.push(now + (command.state === "unknown" ? SETTLE_AGAIN_MS : OFFER_AGAIN_MS));
	}
	return Math.min(...times.map((at) => at ?? Number.POSITIVE_INFINITY));
}

function busyWords({ row }: RollbackRecord, now: number): string {
	const since = spanInWords(now - row.requestedAt);
	const what = row.kind === "rollback" ? "is rolling back" : "is rehearsing a rollback of";
	return `${row.requestedBy.name} ${what} ${row.component} here, for ${since}. Watch it.`;
}

/** Why a request is refused, in the order in which people can do something about it; null when it may go on. */
function refusalOf(situation: Situation, plan: RollbackPlan, { by, ask }: { by: Asker; ask: Ask }): Refused | null {
	const { offer, lock, history, now, workload } = situation;
	const [latest] = history as [StoredDeployment];
	if (ask.seen !== undefined && ask.seen !== latest.id) {
		return refuse(
			"conflict",
			`This environment changed while you were looking: ${latest.version} is the latest now. Reload, and look again.`,
			{
				reason: "environment_moved",
			},
		);
	}
	if (!plan.ok) return refuse("invalid", plan.message, { to: plan.message });
	if (offer.blocked !== null) {
		const byHand = offer.manual === null ? "" : ` Run it by hand: ${offer.manual}`;
		return refuse("conflict", `${offer.blocked}.${byHand}`, offer.manual === null ? undefined : { run: offer.manual });
	}
	if (ask.kind === "dry-run") return null;
	if (lock && lock.by.id !== by.actor && !by.mayForce) {
		const until = lock.until === null ? "until somebody releases it" : `for ${spanInWords(lock.until - now)} more`;
		return refuse("conflict", `${lock.by.name} has locked this environment, ${until}. A manager may override that.`);
	}
	const red = offer.checks.find(({ tone }) => tone === "stop");
	if (red && !by.mayForce) return refuse("forbidden", `${red.title}. Only a manager may go on.`);
	const isTyped = ask.confirm?.trim().toLowerCase() === offer.word.toLowerCase();
	if (red && !isTyped)
		return refuse("invalid", `${red.title}. Type ${offer.word} to go on all the same.`, { confirm: `type ${offer.word}` });
	// Who says nothing is a program that named what it saw; a page always says what was typed.
	if (ask.confirm !== undefined && offer.confirm === "word" && !isTyped) {
		return refuse("invalid", `Type ${offer.word} to confirm.`, { confirm: `type ${offer.word}` });
	}
	return workload === null ? refuse("conflict", "No agent speaks of this component.") : null;
}

type Made = { situation: Situation; plan: Extract<RollbackPlan, { ok: true }>; by: Asker; ask: Ask; id: string; now: number };

function newRecord({ situation, plan, by, ask, id, now }: Made): RollbackRecord {
	const { environment, component, history, offer } = situation;
	const workload = situation.workload as NonNullable<Situation["workload"]>;
	const { namespace, kind, name } = workload;
	const revision = plan.to.revision as NonNullable<RollbackPlan["from"]>["revision"] & object;
	const idOf = (wanted: string) => (history.some((one) => one.id === wanted) ? wanted : null);
	const bad = plan.from.deployment;
	const good = history.find((one) => one.id === plan.to.deployment.id);
	const command = protocol.newCommand({ id, now, deadlineMs: protocol.COMMAND_DEADLINE_MS, changesCluster: ask.kind === "rollback" });
	const [latest] = history as [StoredDeployment];
	const failingSince =
		workload.state === "degraded" ? workload.stateSince : latest.status === "failure" ? (latest.finishedAt ?? latest.startedAt) : null;
	return {
		command,
		target: {
			...{ rev: 1, clusterId: workload.clusterId, cluster: workload.cluster, workload: { namespace, kind, name } },
			expectedHash: workload.revisions.find((one) => one.revision === workload.revision)?.hash ?? null,
			...{ expectedRevision: workload.revision, targetRevision: revision.revision, targetHash: revision.hash },
			bad: { version: bad.version, commit: bad.commit, images: [...(plan.from.revision?.images ?? plan.from.images)] },
			good: { commit: plan.to.deployment.commit, repo: good?.repo ?? null, images: [...revision.images] },
			failingSince,
			role: by.role,
		},
		row: {
			...{ id, kind: ask.kind, environmentId: environment.id, environment: environment.name },
			isProduction: environment.settings.isProduction,
			component,
			state: command.state,
			from: { deploymentId: idOf(bad.id), version: bad.version },
			to: { deploymentId: idOf(plan.to.deployment.id), version: plan.to.deployment.version },
			requestedAt: now,
			requestedBy: { id: by.actor, name: by.name },
			isAutomatic: ask.automaticFor !== undefined,
			reason: ask.reason?.trim() || null,
			stages: [{ stage: "queued", at: now }],
			...{ pods: null, message: null, why: null, applied: false, deadlineAt: command.deadlineAt, finishedAt: null, tookMs: null },
			...{ recovery: null, recoveredAt: null, restoreMs: null, lockUntil: null },
			manual: offer.manual ?? manualCommand(workload, revision.revision),
			changes: [],
			note: null,
		},
	};
}

/** What an error and its causes say. */
function wordsOf(error: unknown): string {
	let words = "";
	for (let e: unknown = error; e instanceof Error; e = e.cause) words += `${e.message}\n`;
	return words;
}
