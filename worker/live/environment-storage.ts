import { type Bucket, type Limit, take } from "../domains/auth/limits.ts";

/** What the team's pages are not told of yet: a command, or the environment itself; `n` counts how often it changed. */
export type Mark = { about: string; n: number };

/** The mark of the environment itself: its lock, a hold, its settings. */
export const ENVIRONMENT_MARK = "environment";

/** The environment object's own SQLite storage: what is not in D1 and has to outlive the object's memory. */
export class EnvironmentStorage {
	readonly #sql: SqlStorage;
	readonly #known = new Map<string, unknown>();

	constructor(storage: DurableObjectStorage) {
		this.#sql = storage.sql;
		this.#sql.exec(`
			CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
			CREATE TABLE IF NOT EXISTS marks (about TEXT PRIMARY KEY, n INTEGER NOT NULL, is_open INTEGER NOT NULL);
		`);
	}

	/** Team and environment this object belongs to: its name is not at hand in an alarm. */
	get owner(): { teamId: string; environmentId: string } | null {
		return this.#meta("owner");
	}

	set owner(owner: { teamId: string; environmentId: string }) {
		this.#put("owner", owner);
	}

	/** Where the stream to its viewers stands. */
	get head(): { epoch: string; seq: number } {
		const head = this.#meta<{ epoch: string; seq: number }>("head");
		if (head) return head;
		this.#put("head", { epoch: crypto.randomUUID(), seq: 0 });
		return this.head;
	}

	/** The stream goes on. */
	step(): { epoch: string; prev: number; seq: number } {
		const { epoch, seq } = this.head;
		this.#put("head", { epoch, seq: seq + 1 });
		return { epoch, prev: seq, seq: seq + 1 };
	}

	/** Note that something may have changed, before it is written: what comes of it is read when it is told. */
	mark(about: string): void {
		this.#sql.exec(
			"INSERT INTO marks (about, n, is_open) VALUES (?, 1, 1) ON CONFLICT (about) DO UPDATE SET n = n + 1, is_open = 1",
			about,
		);
	}

	/** What is to be told. */
	marks(): Mark[] {
		return this.#sql.exec<Mark>("SELECT about, n FROM marks WHERE is_open = 1 LIMIT 100").toArray();
	}

	/** It was told as of then. */
	told({ about, n }: Mark): void {
		this.#sql.exec("UPDATE marks SET is_open = 0 WHERE about = ? AND n = ?", about, n);
	}

	/** Take one from somebody's bucket; in how many ms there is one, when there is none. Kept, so that a restart fills nothing. */
	spend(limit: Limit, who: string, now: number): number {
		const name = `bucket ${who}`;
		const { bucket, granted, retryAfterMs } = take(limit, this.#meta<Bucket>(name) ?? undefined, { want: 1, now });
		this.#put(name, bucket);
		return granted > 0 ? 0 : retryAfterMs;
	}

	/** Whether something was noted before; it is now. */
	isFirst(what: string): boolean {
		if (this.#meta(`once ${what}`) !== null) return false;
		this.#put(`once ${what}`, true);
		return true;
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
