import type { Delivery } from "../wire/delivery.ts";
import { bodyOf } from "./body.ts";
import { BODY_DAYS, DELIVERIES, dayOffsets } from "./calendar.ts";
import { tellDay } from "./day.ts";
import { DEPLOYMENT_DAYS, tellDeployments } from "./deployments.ts";
import { INCIDENT, tellIncident } from "./incident.ts";
import { tellJobs } from "./jobs.ts";
import { stableHex } from "./random.ts";
import type { Told } from "./tell.ts";

/**
 * The demo story: 90 days of the fictional company Acme that end in an incident. Pure and the same at every telling; the only
 * moment it knows is the `anchor`, at which it ends.
 */

/** Deliveries in a group; the newest groups are stored first, so that a new screen is filled from the front. */
export const GROUP_SIZE = 500;
/** Runs that have jobs: the newest. The rest would be rows nobody opens. */
const RUNS_WITH_JOBS = 1500;

export type StoryOf = {
	/** The instant the story ends at, epoch ms. */
	anchor: number;
	/** Makes two teams' stories differ. */
	teamSalt: string;
	integrationId: string;
};

/** How many groups the story has. */
export function storySize(): number {
	return Math.ceil(DELIVERIES / GROUP_SIZE);
}

/** One group of the story, newest first; group 0 holds the newest deliveries. An unknown group is empty. */
export function storyGroup(input: StoryOf & { group: number }): Delivery[] {
	const { anchor, group } = input;
	const offsets = dayOffsets(anchor);
	const from = group * GROUP_SIZE;
	const to = Math.min(from + GROUP_SIZE, DELIVERIES);
	const deliveries: Delivery[] = [];
	for (let day = 0; day + 1 < offsets.length; day++) {
		const begins = offsets[day]!;
		const ends = offsets[day + 1]!;
		if (ends <= from || begins >= to) continue;
		const told = tellWholeDay(input, day, ends - begins);
		for (let n = Math.max(from, begins); n < Math.min(to, ends); n++) deliveries.push(deliveryOf(input, { told, at: n - begins, day, n }));
	}
	return deliveries;
}

/** A day; the newest one ends in the incident. */
function tellWholeDay({ anchor, teamSalt }: StoryOf, day: number, count: number): Told[] {
	if (day > 0) return tellDay({ anchor, day, teamSalt, count });
	const incident = tellIncident(anchor, teamSalt);
	const ordinary = tellDay({ anchor, day, teamSalt, count: count - incident.length, quiet: INCIDENT.repo });
	return [...incident, ...ordinary].sort((a, b) => b.at - a.at);
}

/** The `at`-th of what was told of a day, as the delivery it came in. `n` counts from the newest of the story. */
function deliveryOf(
	{ integrationId, teamSalt }: StoryOf,
	telling: { told: readonly Told[]; at: number; day: number; n: number },
): Delivery {
	const { told, day, n } = telling;
	const { at, event } = told[telling.at] as Told;
	const deployments = day < DEPLOYMENT_DAYS ? tellDeployments(told, telling.at) : [];
	// Among the newest deliveries about one in four is a push, so this many deliveries hold that many runs.
	const jobs = event.type === "run" && n < RUNS_WITH_JOBS * 1.36 ? tellJobs(event) : [];
	const body = day < BODY_DAYS ? bodyOf(event, jobs) : null;
	const deliveryId = `demo-${DELIVERIES - n}`;
	return {
		source: "github",
		integrationId,
		deliveryId,
		bodyHash: stableHex(`${teamSalt}/${deliveryId}`),
		event: event.type === "run" ? "workflow_run" : "push",
		receivedAt: at,
		events: [event, ...jobs, ...deployments],
		ignored: null,
		body,
		bodyAt: body === null ? "none" : "row",
		strict: false,
	};
}
