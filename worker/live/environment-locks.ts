import type { Database } from "../database.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import type { AuditEntry } from "../domains/audit/model.ts";
import { lockEnvironment, putSettings, releaseHold, unlockEnvironment, unreleasedHolds } from "../domains/environments/lock.server.ts";
import { lockNow, type StoredEnvironment } from "../domains/environments/model.ts";
import { readEnvironment } from "../domains/environments/store.server.ts";
import type { EnvironmentSettings } from "../wire/deployments.ts";
import { type DeskOf, SYSTEM } from "./environment-commands.ts";
import type { Asker, Refused } from "./environment-port.ts";
import { ENVIRONMENT_MARK } from "./environment-storage.ts";

type Done = { ok: true } | Refused;

const no = (code: Refused["code"], message: string): Refused => ({ ok: false, code, message });
const unknown = () => no("notFound", "There is no such environment in this team.");

/** Lock, holds and settings of one environment. Each act is written together with its audit row. */
export class LockDesk {
	readonly #of: DeskOf;

	constructor(of: DeskOf) {
		this.#of = of;
	}

	/** Lock it: somebody else's lock gives way to a manager. */
	async lock(by: Asker, { until, reason }: { until: number | null; reason: string }): Promise<Done> {
		const environment = await this.#read();
		if (!environment) return unknown();
		const now = Date.now();
		const before = lockNow(environment.lock, now);
		if (before && before.by.id !== by.actor && !by.mayForce) return no("conflict", `${before.by.name} has locked it already.`);
		const lock = { by: by.actor, byName: by.name, at: now, until, reason, mayForce: by.mayForce };
		const entry = this.#entry(by, "environment.lock", environment.id, now, {
			...{ before: before && { by: before.by.id, until: before.until }, after: { environment: environment.name, until }, reason },
		});
		const changed = await this.#write([lockEnvironment(this.#of, lock)], entry);
		return changed ? { ok: true } : no("conflict", "Somebody else has locked it just now. Look again.");
	}

	/** Release the lock; somebody else's needs a manager. Releasing what is not locked changes nothing, and neither does naming a lock of before. */
	async unlock(by: Asker, { rollbackId }: { rollbackId?: string } = {}): Promise<Done> {
		const environment = await this.#read();
		if (!environment) return unknown();
		const now = Date.now();
		const lock = lockNow(environment.lock, now);
		if (!lock) return { ok: true };
		if (rollbackId !== undefined && lock.rollbackId !== rollbackId)
			return no("conflict", `That lock is gone. ${lock.by.name} has locked ${environment.name} since.`);
		if (lock.by.id !== by.actor && !by.mayForce)
			return no("forbidden", `${lock.by.name} holds this lock. They or a manager may release it.`);
		await this.#release(environment, by, now);
		return { ok: true };
	}

	/** Let a version come again. */
	async releaseHold(by: Asker, id: string): Promise<Done> {
		const hold = (await unreleasedHolds(this.#of.db(), this.#of)).find((one) => one.id === id);
		if (!hold) return no("notFound", "There is no such hold in this environment, or it was released already.");
		await this.#releaseHold(hold, by, Date.now());
		return { ok: true };
	}

	/** Change settings. */
	async configure(by: Asker, changes: Partial<EnvironmentSettings>): Promise<Done> {
		const environment = await this.#read();
		if (!environment) return unknown();
		const { settings, name, id } = environment;
		const named = Object.keys(changes) as (keyof EnvironmentSettings)[];
		const before = Object.fromEntries(named.map((key) => [key, settings[key]]));
		const entry = this.#entry(by, "environment.configure", id, Date.now(), { before, after: { environment: name, ...changes } });
		await this.#write([putSettings(this.#of, { ...settings, ...changes })], entry);
		return { ok: true };
	}

	/** Release what the clock releases. @returns when the next one is due, or null */
	async tick(): Promise<number | null> {
		const [environment, holds] = await Promise.all([this.#read(), unreleasedHolds(this.#of.db(), this.#of)]);
		const now = Date.now();
		const times: number[] = [];
		const until = environment?.lock?.until ?? null;
		if (environment && until !== null) {
			if (until <= now) await this.#release(environment, SYSTEM, now);
			else times.push(until);
		}
		for (const hold of holds) {
			if (hold.until <= now) await this.#releaseHold(hold, SYSTEM, now);
			else times.push(hold.until);
		}
		return times.length === 0 ? null : Math.min(...times);
	}

	async #release({ id, name, lock }: StoredEnvironment, by: Asker, now: number): Promise<void> {
		if (!lock) return;
		const before = { by: lock.by.id, until: lock.until, reason: lock.reason };
		const why = by === SYSTEM ? { reason: "Its time was over." } : {};
		const entry = this.#entry(by, "environment.unlock", id, now, { before, after: { environment: name }, ...why });
		await this.#write([unlockEnvironment(this.#of, lock.at)], entry);
	}

	async #releaseHold(
		{ id, component, version }: { id: string; component: string; version: string },
		by: Asker,
		now: number,
	): Promise<void> {
		const why = by === SYSTEM ? { reason: "Its time was over." } : {};
		const entry = this.#entry(by, "hold.release", id, now, { before: { component, version }, ...why });
		await this.#write([releaseHold(this.#of, id, { by: by.actor, at: now })], entry);
	}

	async #write(statements: Parameters<typeof commitAudited>[2], entry: AuditEntry): Promise<boolean> {
		const { teamId, storage } = this.#of;
		storage.mark(ENVIRONMENT_MARK);
		const answers = await commitAudited(this.#of.db(), teamId, statements, [entry], { onlyIfChanged: true });
		return (answers.at(-1)?.length ?? 0) > 0;
	}

	#entry({ actor, role, requestId, address }: Asker, act: string, object: string, at: number, more: Partial<AuditEntry>): AuditEntry {
		return { at, actor, role, requestId, address, act, object, outcome: "done", ...more };
	}

	async #read(): Promise<StoredEnvironment | null> {
		const db: Database = this.#of.db();
		return await readEnvironment(db, this.#of.teamId, this.#of.environmentId);
	}
}
