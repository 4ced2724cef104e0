import { at, type Event } from "../objects.ts";
import { cut } from "../text.ts";
import { type Collector, keyOf } from "../watch.ts";
import { type Heard, isEqual, type Known, type KnownEvent } from "./known.ts";

/** Kept at most; a cluster in trouble makes thousands, of which a person reads a handful. */
const EVENTS_MAX = 200;

/** Warnings, which Kubernetes itself forgets after an hour. */
export function eventCollector(known: Known, heard: Heard): Collector<Event> {
	return {
		name: "events",
		path: "/api/v1/events",
		query: { fieldSelector: "type=Warning" },
		put(object) {
			const key = keyOf(object);
			const event = keepEvent(object);
			if (isEqual(known.events.get(key), event)) return;
			known.events.set(key, event);
			if (known.events.size > EVENTS_MAX) known.events.delete(oldest(known.events));
			heard.cluster();
		},
		drop(key) {
			if (known.events.delete(key)) heard.cluster();
		},
		keys: () => known.events.keys(),
	};
}

/** What its report needs of an event: old ones count and time by themselves, newer ones in a series. */
export function keepEvent(event: Event): KnownEvent {
	const { involvedObject: about = {}, series, reason, message, count } = event;
	const times = [event.lastTimestamp, series?.lastObservedTime, event.eventTime, event.firstTimestamp, event.metadata.creationTimestamp];
	const name = [about.namespace, about.name].filter(Boolean).join("/");
	return {
		at: Math.max(...times.map(at)),
		reason: cut(reason ?? "", 255),
		about: cut(`${about.kind ?? "Object"} ${name}`, 1000),
		message: cut(message ?? "", 1000),
		count: Math.max(1, Math.trunc(count ?? series?.count ?? 1)),
	};
}

function oldest(events: ReadonlyMap<string, KnownEvent>): string {
	let found: [string, number] = ["", Number.POSITIVE_INFINITY];
	for (const [key, { at }] of events) if (at < found[1]) found = [key, at];
	return found[0];
}
