import type { DeliveryRef } from "../domains/deliveries/store.server.ts";

/** On whose behalf, for the audit. */
export type By = { actor: string; role: string | null; requestId: string | null; address: string | null };

export type Replayed = { replayed: number; failed: { deliveryId: string; reason: string }[] };

/** What pages and doors ask of a team's ledger. */
export type Ledger = {
	/** Let the line know of changed integrations, secrets and tokens. */
	syncCredentials: (teamId: string) => Promise<void>;
	/** Close the live sockets that these sessions and tokens opened, now. */
	endSessions: (teamId: string, holders: readonly string[]) => Promise<void>;
	/** Take up to `limit` of the demo's runs out; how many are left. Called until none is. */
	removeDemo: (teamId: string, limit: number, by?: By) => Promise<{ left: number }>;
	/** Apply dead deliveries again, in place. */
	replay: (teamId: string, deliveries: readonly DeliveryRef[], by?: By) => Promise<Replayed>;
};
