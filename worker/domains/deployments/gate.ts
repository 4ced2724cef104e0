import type { DeploymentRow, FreezeWindow, Hold, Lock, RollbackRow } from "../../wire/deployments.ts";
import { lockNow } from "../environments/model.ts";
import { imageParts, isSameVersion } from "./matching.ts";
import { spanInWords } from "./words.ts";

/** Whether a version may go into an environment now, and why not. Asked by pipelines before they deploy, and by the form before its button. */

export type GateFacts = {
	environment: { name: string; freezes: readonly FreezeWindow[]; needsApprover: boolean };
	/** Null: the whole environment is asked about. */
	component: string | null;
	version: string | null;
	commit: string | null;
	lock: Lock | null;
	holds: readonly (Hold & { images?: readonly string[] })[];
	/** The newest attempt of each component. */
	latest: readonly DeploymentRow[];
	rollback: RollbackRow | null;
	/** A lock of their own keeps nobody out. */
	askerId: string | null;
	now: number;
};

export type GateReason = {
	code: "locked" | "frozen" | "held" | "rollback" | "inFlight" | "approval" | "unknown";
	tone: "warn" | "deny";
	message: string;
	until: number | null;
};
export type GateAnswer = { decision: "allow" | "warn" | "deny"; reasons: GateReason[] };

/** Decide; the reasons that deny come first. */
export function decideGate(facts: GateFacts): GateAnswer {
	const reasons = [
		lockReason(facts),
		frozenReason(facts),
		...heldReasons(facts),
		rollbackReason(facts),
		...flightReasons(facts),
		approvalReason(facts),
	]
		.filter((reason) => reason !== null)
		.sort((a, b) => Number(a.tone === "warn") - Number(b.tone === "warn"));
	const decision = reasons.length === 0 ? "allow" : (reasons[0]?.tone ?? "deny");
	return { decision, reasons };
}

const because = (reason: string | null) => (reason === null || reason === "" ? "" : `: ${reason.replace(/[.\s]+$/, "")}`);
const left = (until: number | null, now: number) =>
	until === null ? "until somebody releases it" : `for ${spanInWords(until - now)} more`;

function lockReason({ environment, lock, askerId, now }: GateFacts): GateReason | null {
	const held = lockNow(lock, now);
	if (held === null || (askerId !== null && held.by.id === askerId)) return null;
	return {
		code: "locked",
		tone: "deny",
		message: `${held.by.name} has locked ${environment.name}, ${left(held.until, now)}${because(held.reason)}.`,
		until: held.until,
	};
}

function frozenReason({ environment, now }: GateFacts): GateReason | null {
	for (const window of environment.freezes) {
		const until = frozenUntil(window, now);
		if (until !== null) {
			return {
				code: "frozen",
				tone: "deny",
				message: `Nothing is deployed to ${environment.name} now, ${left(until, now)}${because(window.reason)}.`,
				until,
			};
		}
	}
	return null;
}

const DAY_MS = 24 * 3600_000;

/** When a freeze that holds now ends; null when it does not hold. A weekly one that ends before it begins goes over midnight. */
export function frozenUntil(window: FreezeWindow, now: number): number | null {
	if (window.kind === "once") return now >= window.from && now < window.to ? window.to : null;
	const { fromMinute, toMinute, days } = window;
	const today = Math.floor(now / DAY_MS) * DAY_MS;
	// It may have begun yesterday.
	for (const start of [today - DAY_MS, today]) {
		if (!days.includes(new Date(start).getUTCDay())) continue;
		const from = start + fromMinute * 60_000;
		const to = start + toMinute * 60_000 + (toMinute <= fromMinute ? DAY_MS : 0);
		if (now >= from && now < to) return to;
	}
	return null;
}

/** Whether a hold is about what is asked about. */
export function isHeld(
	hold: GateFacts["holds"][number],
	{ component, version, commit }: Pick<GateFacts, "component" | "version" | "commit">,
): boolean {
	if (component !== null && hold.component !== component) return false;
	const names = [version, commit].filter((name) => name !== null);
	return names.some(
		(name) =>
			isSameVersion(name, hold.version) ||
			(hold.commit !== null && /^[0-9a-f]{7,64}$/i.test(name) && hold.commit.toLowerCase().startsWith(name.toLowerCase())) ||
			(hold.images ?? []).some((image) => image === name || imageParts(image).tag === name || imageParts(image).digest === name),
	);
}

function heldReasons(facts: GateFacts): GateReason[] {
	return facts.holds
		.filter((hold) => hold.until > facts.now && isHeld(hold, facts))
		.map((hold) => ({
			code: "held",
			tone: "deny",
			message: `${hold.version} of ${hold.component} is held in ${facts.environment.name}, ${left(hold.until, facts.now)}: ${hold.by.name} rolled it back ${spanInWords(facts.now - hold.at)} ago${because(hold.reason)}.`,
			until: hold.until,
		}));
}

function rollbackReason({ rollback, component }: GateFacts): GateReason | null {
	if (rollback === null || !["pending", "claimed", "cancelling", "unknown"].includes(rollback.state)) return null;
	if (component !== null && rollback.component !== component) return null;
	return {
		code: "rollback",
		tone: "deny",
		message: `${rollback.component} is being rolled back from ${rollback.from.version} to ${rollback.to.version}.`,
		until: null,
	};
}

function flightReasons({ latest, component, now }: GateFacts): GateReason[] {
	return latest
		.filter((one) => (one.status === "queued" || one.status === "running") && (component === null || one.component === component))
		.map((one) => ({
			code: "inFlight",
			tone: "warn",
			message: `A deployment of ${one.component} ${one.version} is under way, for ${spanInWords(now - one.startedAt)}.`,
			until: null,
		}));
}

function approvalReason({ environment }: GateFacts): GateReason | null {
	if (!environment.needsApprover) return null;
	return {
		code: "approval",
		tone: "warn",
		message: `A second person has to approve what is deployed to ${environment.name} from here.`,
		until: null,
	};
}
