/** What came of an act of a settings page. A secret is in here once, and nowhere else. */
export type Outcome = {
	act: string;
	/** What it was done to; null for what has no row of its own. */
	id: string | null;
} & ({ ok: true; told: string; secret: { label: string; value: string } | null } | { ok: false; told: string; requestId: string });
