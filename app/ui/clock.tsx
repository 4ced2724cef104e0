import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

/** The loader's clock reading and the chosen zone: what the server rendered with, so that hydration says the same. */
type Clock = { now: number; zone: string };

const ClockContext = createContext<Clock>({ now: 0, zone: "UTC" });

/** Gives a page its time and zone. */
export function ClockProvider({ now, zone, children }: Clock & { children: ReactNode }) {
	return <ClockContext.Provider value={{ now, zone }}>{children}</ClockContext.Provider>;
}

type Waiting = { everyMs: number; dueAt: number; call: () => void };
const waiting = new Set<Waiting>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Call something at intervals of whole seconds. One timer serves the whole page. @returns how to stop */
export function every(everyMs: number, call: () => void): () => void {
	const entry = { everyMs, dueAt: Date.now() + everyMs, call };
	waiting.add(entry);
	timer ??= setInterval(() => {
		const now = Date.now();
		for (const each of waiting) {
			// Timers come a few milliseconds early or late; half a second of grace keeps the beat.
			if (now + 500 < each.dueAt) continue;
			each.dueAt = now + each.everyMs;
			each.call();
		}
	}, 1000);
	return () => {
		waiting.delete(entry);
		if (waiting.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	};
}

/** The time now, epoch ms: the server's reading first, then this browser's, renewed every `everyMs`. */
export function useNow(everyMs = 10_000): number {
	const [now, setNow] = useState(useContext(ClockContext).now);
	useEffect(() => {
		const read = () => setNow(Date.now());
		read();
		return every(everyMs, read);
	}, [everyMs]);
	return now;
}

/** The zone times are written in. */
export function useZone(): string {
	return useContext(ClockContext).zone;
}
