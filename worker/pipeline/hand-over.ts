import type { Env } from "../env.ts";
import { AppError } from "../errors.ts";
import { log } from "../log.ts";
import type { Delivery, Receipt } from "../wire/delivery.ts";

/** A ledger's group closes at this many. */
const TOGETHER_MAX = 100;
const GATHER_TICKS_MAX = 8;

type Carriage = { deliveries: Delivery[]; receipts: Promise<Receipt[]> };
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
 * call waits as long as each tick brings more. The first of a call makes it, and keeps it alive should its own sender hang up.
 * @throws AppError unavailable when the ledger can't make it durable
 */
export async function handToLedger(
	env: Env,
	ctx: { waitUntil: (work: Promise<unknown>) => void },
	teamId: string,
	delivery: Delivery,
): Promise<Receipt> {
	let carriage = departing.get(teamId);
	if (!carriage || carriage.deliveries.length >= TOGETHER_MAX) {
		const deliveries: Delivery[] = [];
		const own: Carriage = { deliveries, receipts: gather(deliveries).then(() => depart(env, teamId, own)) };
		departing.set(teamId, own);
		ctx.waitUntil(own.receipts.catch(() => {}));
		carriage = own;
	}
	const seat = carriage.deliveries.push(delivery) - 1;
	let receipts: Receipt[];
	try {
		receipts = await carriage.receipts;
	} catch (error) {
		// Never tried again from here: an overloaded object would only be loaded more. The sender is told when to.
		log("warn", "the ledger did not take a delivery", { team: teamId, error: String(error) });
		throw notStored();
	}
	const receipt = receipts[seat];
	if (!receipt) throw notStored();
	return receipt;
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

function notStored(): AppError {
	return new AppError("unavailable", "The delivery could not be stored. Send it again in a few seconds.");
}
