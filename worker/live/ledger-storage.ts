import type { Delivery } from "../wire/delivery.ts";

/** An integration as the ledger keeps it at hand. */
export type IntegrationCopy = { id: string; source: string; isDisabled: boolean; secrets: { secret: string; expiresAt: number | null }[] };
/** An ingest token as the ledger keeps it at hand. */
export type TokenCopy = { hash: string; id: string; expiresAt: number | null };

/** The ledger's own SQLite storage: a copy of its credentials, and the deliveries that D1 could not take. */
export class LedgerStorage {
	readonly #sql: SqlStorage;
	#teamId: string | null = null;

	constructor(storage: DurableObjectStorage) {
		this.#sql = storage.sql;
		this.#sql.exec(`
			CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
			CREATE TABLE IF NOT EXISTS credentials (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id));
			CREATE TABLE IF NOT EXISTS backlog (no INTEGER PRIMARY KEY AUTOINCREMENT, delivery TEXT NOT NULL);
		`);
	}

	/** The team this object belongs to: its name is not at hand in an alarm. */
	get teamId(): string | null {
		this.#teamId ??= this.#sql.exec<{ value: string }>("SELECT value FROM meta WHERE name = 'team'").toArray()[0]?.value ?? null;
		return this.#teamId;
	}

	set teamId(teamId: string) {
		this.#teamId = teamId;
		this.#sql.exec("INSERT OR REPLACE INTO meta (name, value) VALUES ('team', ?)", teamId);
	}

	/** Replace the copy of all credentials. */
	replaceCredentials(integrations: readonly IntegrationCopy[], tokens: readonly TokenCopy[]): void {
		this.#sql.exec("DELETE FROM credentials");
		for (const item of integrations) {
			this.#sql.exec("INSERT INTO credentials (kind, id, value) VALUES ('integration', ?, ?)", item.id, JSON.stringify(item));
		}
		for (const item of tokens) {
			this.#sql.exec("INSERT INTO credentials (kind, id, value) VALUES ('token', ?, ?)", item.hash, JSON.stringify(item));
		}
	}

	/** One integration, or null. */
	integration(id: string): IntegrationCopy | null {
		return this.#credential<IntegrationCopy>("integration", id);
	}

	/** One ingest token by its hash, or null. */
	ingestToken(hash: string): TokenCopy | null {
		return this.#credential<TokenCopy>("token", hash);
	}

	/** Keep deliveries until D1 answers again. */
	keep(deliveries: readonly Delivery[]): void {
		for (const delivery of deliveries) this.#sql.exec("INSERT INTO backlog (delivery) VALUES (?)", JSON.stringify(delivery));
	}

	/** The oldest kept deliveries, by number and by size. */
	kept(limit: number, bytesMax: number): { no: number; delivery: Delivery }[] {
		const rows: { no: number; delivery: Delivery }[] = [];
		let bytes = 0;
		for (const row of this.#sql.exec<{ no: number; delivery: string }>("SELECT no, delivery FROM backlog ORDER BY no LIMIT ?", limit)) {
			bytes += row.delivery.length;
			if (rows.length > 0 && bytes > bytesMax) break;
			rows.push({ no: row.no, delivery: JSON.parse(row.delivery) as Delivery });
		}
		return rows;
	}

	/** Forget kept deliveries up to and including `no`: D1 has them. */
	release(no: number): void {
		this.#sql.exec("DELETE FROM backlog WHERE no <= ?", no);
	}

	/** How many deliveries wait. */
	get backlogSize(): number {
		return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM backlog").one().n;
	}

	#credential<T>(kind: string, id: string): T | null {
		const row = this.#sql.exec<{ value: string }>("SELECT value FROM credentials WHERE kind = ? AND id = ?", kind, id).toArray()[0];
		return row ? (JSON.parse(row.value) as T) : null;
	}
}
