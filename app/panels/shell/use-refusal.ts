import { useLiveStatus } from "../../live/use-live.ts";

/** Why an act can't be done now: what the person's role lacks (`ofRole`), or that nothing gets through. Null when it can. */
export function useRefusal(ofRole: string | null): string | null {
	const { phase } = useLiveStatus();
	return ofRole ?? (phase === "offline" ? "You are offline. This works again as soon as the connection is back." : null);
}
