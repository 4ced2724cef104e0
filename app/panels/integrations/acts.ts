/** What can be done with one integration, and how an address asks for it: `?act=rotate&id=…`, so that it works without scripts. */

export const ACTS = ["rename", "rotate", "disable", "enable", "remove"] as const;
export type Act = (typeof ACTS)[number];

/** What stands in the page's address. */
export type AskedAct = { act: Act; id: string };

/** The act an address asks to confirm, or null. */
export function askedAct(search: URLSearchParams): AskedAct | null {
	const act = ACTS.find((each) => each === search.get("act"));
	const id = search.get("id");
	return act && id ? { act, id } : null;
}

/** The address that asks for an act, keeping what else the address says; null asks for none. */
export function searchForAct(search: URLSearchParams, asked: AskedAct | null): string {
	const next = new URLSearchParams(search);
	next.delete("act");
	next.delete("id");
	if (asked) {
		next.set("act", asked.act);
		next.set("id", asked.id);
	}
	const text = next.toString();
	return text === "" ? "" : `?${text}`;
}

/** What the page's action answers. The secret is in here once, and nowhere else. */
export type ActOutcome =
	| { ok: true; act: Act | "replay"; id: string | null; told: string; secret: string | null }
	| { ok: false; act: Act | "replay"; id: string | null; told: string; requestId: string };
