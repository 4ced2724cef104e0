/** A command that waits for this cluster's agent, or did: late reports of it still find their environment. */
export type Offer = { commandId: string; environmentId: string; isOpen: boolean };

/** Who holds a cluster: an agent process, by which token, and until when nobody else may. */
export type Holder = { agent: string; tokenId: string; until: number; seenAt: number };

/** Environments of late reports are looked up for this long. */
const OFFERS_KEPT_MS = 7 * 24 * 3600_000;

/** The link's own SQLite storage: what has to outlive the object's memory. */
export class LinkStorage {
	readonly #sql: SqlStorage;
	readonly #known = new Map<string, unknown>();

	constructor(storage: DurableObjectStorage) {
		this.#sql = storage.sql;
		this.#sql.exec(`
			CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
			CREATE TABLE IF NOT EXISTS offers (id TEXT PRIMARY KEY, environment_id TEXT NOT NULL, is_open INTEGER NOT NULL, at INTEGER NOT NULL);
		`);
	}

	/** Team and cluster this object belongs to: its name is not at hand in an alarm. */
	get owner(): { teamId: string; clusterId: string } | null {
		return this.#meta("owner");
	}

	set owner(owner: { teamId: string; clusterId: string }) {
		this.#put("owner", owner);
	}

	/** Who holds the cluster, whether the lease is over or not. */
	get holder(): Holder | null {
		return this.#meta("holder");
	}

	set holder(holder: Holder | null) {
		this.#put("holder", holder);
	}

	/** The newest report of a process that is durable. */
	get have(): { agent: string; seq: number } | null {
		return this.#meta("have");
	}

	set have(have: { agent: string; seq: number } | null) {
		this.#put("have", have);
	}

	/** Whether pages think that an agent is connected, and when that was last written for them. */
	get told(): { isConnected: boolean; at: number } {
		return this.#meta("told") ?? { isConnected: false, at: 0 };
	}

	set told(told: { isConnected: boolean; at: number }) {
		this.#put("told", told);
	}

	/** When a second agent was last reported. */
	get conflictAt(): number {
		return this.#meta("conflictAt") ?? 0;
	}

	set conflictAt(at: number) {
		this.#put("conflictAt", at);
	}

	/** Remember a command. */
	offer(commandId: string, environmentId: string, now: number): void {
		this.#sql.exec("INSERT OR REPLACE INTO offers (id, environment_id, is_open, at) VALUES (?, ?, 1, ?)", commandId, environmentId, now);
		this.#sql.exec("DELETE FROM offers WHERE is_open = 0 AND at < ?", now - OFFERS_KEPT_MS);
	}

	/** A command is over: it is offered to nobody any more. */
	close(commandId: string): void {
		this.#sql.exec("UPDATE offers SET is_open = 0 WHERE id = ?", commandId);
	}

	/** A command that this cluster knows, or null. */
	offered(commandId: string): Offer | null {
		return this.#offers("WHERE id = ?", commandId)[0] ?? null;
	}

	/** What waits for an agent. */
	open(): Offer[] {
		return this.#offers("WHERE is_open = 1 ORDER BY at LIMIT 100");
	}

	#offers(where: string, ...params: string[]): Offer[] {
		type Row = { id: string; environment_id: string; is_open: number };
		const rows = this.#sql.exec<Row>(`SELECT id, environment_id, is_open FROM offers ${where}`, ...params).toArray();
		return rows.map((row) => ({ commandId: row.id, environmentId: row.environment_id, isOpen: row.is_open === 1 }));
	}

	#meta<T>(name: string): T | null {
		if (!this.#known.has(name)) {
			const row = this.#sql.exec<{ value: string }>("SELECT value FROM meta WHERE name = ?", name).toArray()[0];
			this.#known.set(name, row ? JSON.parse(row.value) : null);
		}
		return this.#known.get(name) as T | null;
	}

	#put(name: string, value: unknown): void {
		this.#known.set(name, value);
		this.#sql.exec("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, JSON.stringify(value));
	}
}
