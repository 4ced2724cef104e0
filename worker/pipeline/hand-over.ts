import type { Env } from "../env.ts";
import { AppError } from "../errors.ts";
import { log } from "../log.ts";
import { withPatience } from "../patience.ts";
import type { Delivery, Receipt } from "../wire/delivery.ts";

/** A ledger's group closes at this many. */
const TOGETHER_MAX = 100;
const GATHER_TICKS_MAX = 8;

/** A call that should have left by then belongs to a request that died: nobody joins it. */
const STANDING_MS_MAX = 100;
/** Longer than a commit ever takes, D1's two seconds of silence included. */
const PATIENCE_MS = 4000;

type Carriage = { since: number; deliveries: Delivery[]; receipts: Promise<Receipt[]> };
/** Per team, the call that is about to leave this isolate. */
const departing = new Map<string, Carriage>();

/**
 * Call a ledger's `ingest`. What goes and comes is JSON text: the platform's structured clone of the same objects costs more than
 * everything else in the call. The bodies go beside it, because a long string is copied as it is where JSON would escape it.
 */
export async function ingest(env: Env, teamId: string, deliveries: readonly Delivery[]): Promise<Receipt[]> {
	const facts = deliveries.map((delivery) => ({ ...delivery, body: null }));
	const bodies = deliveries.map(({ body }) => body);
	return JSON.parse(await env.TEAM_LEDGER.getByName(teamId).ingest(teamId, JSON.stringify(facts), bodies)) as Receipt[];
}

/**
 * Hand a delivery to its team's ledger, together with those of other requests that this isolate holds at the same moment: an
 * object takes about a thousand calls a second, whatever is in them. One that comes alone leaves after one tick; in a burst the
 * call waits as long as each tick brings more. The first of a call makes it, and keeps it alive should its own sender hang up;
 * the others go by themselves when it does not return, which changes nothing if it arrived: the ledger knows a repeat.
 * @throws AppError unavailable when the ledger can't make it durable
 */
export async function handToLedger(
	env: Env,
	ctx: { waitUntil: (work: Promise<unknown>) => void },
	teamId: string,
	delivery: Delivery,
): Promise<Receipt> {
	try {
		const receipt = await ride(env, ctx, teamId, delivery);
		if (receipt) return receipt;
	} catch (error) {
		// Never tried again from here: an overloaded object would only be loaded more. The sender is told when to.
		log("warn", "the ledger did not take a delivery", { team: teamId, error: String(error) });
	}
	throw new AppError("unavailable", "The delivery could not be stored. Send it again in a few seconds.");
}

class LeftBehind extends Error {}

async function ride(env: Env, ctx: { waitUntil: (work: Promise<unknown>) => void }, teamId: string, delivery: Delivery) {
	const now = Date.now();
	const carriage = departing.get(teamId);
	if (!carriage || carriage.deliveries.length >= TOGETHER_MAX || now - carriage.since > STANDING_MS_MAX) {
		const deliveries = [delivery];
		const own: Carriage = { since: now, deliveries, receipts: gather(deliveries).then(() => depart(env, teamId, own)) };
		departing.set(teamId, own);
		ctx.waitUntil(own.receipts.catch(() => {}));
		return (await own.receipts)[0];
	}
	const seat = carriage.deliveries.push(delivery) - 1;
	try {
		// The timer is this request's own: without one the platform takes a request that waits for another's work to be hung.
		return (await withPatience(carriage.receipts, PATIENCE_MS, () => new LeftBehind()))[seat];
	} catch (error) {
		if (!(error instanceof LeftBehind)) throw error;
		return (await ingest(env, teamId, [delivery]))[0];
	}
}

async function gather(deliveries: readonly Delivery[]): Promise<void> {
	let seen = 0;
	for (let ticks = 0; ticks === 0 || (deliveries.length > seen && deliveries.length < TOGETHER_MAX && ticks < GATHER_TICKS_MAX); ticks++) {
		seen = deliveries.length;
		await scheduler.wait(1);
	}
}

async function depart(env: Env, teamId: string, carriage: Carriage): Promise<Receipt[]> {
	if (departing.get(teamId) === carriage) departing.delete(teamId);
	return await ingest(env, teamId, carriage.deliveries);
}
