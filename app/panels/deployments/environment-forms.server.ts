import { AppError } from "#worker/errors";
import type { EnvironmentSettings, FreezeWindow } from "#worker/wire/deployments";

/** The forms of an environment's page, read. Each throws an AppError that says which field does not hold. */

const MINUTE = 60_000;
const FREEZES_MAX = 20;

/** Until when a lock is asked for: minutes from now, or null until somebody releases it. */
export function readLock(form: FormData, now: number): { until: number | null; reason: string } {
	const minutes = String(form.get("minutes") ?? "");
	const reason = String(form.get("reason") ?? "").trim();
	if (reason === "")
		throw new AppError("invalid", "Say why it is locked: whoever waits will want to know.", { fields: { reason: "is needed" } });
	if (reason.length > 300)
		throw new AppError("invalid", "The reason is too long: 300 characters at most.", { fields: { reason: "at most 300 characters" } });
	if (minutes === "") return { until: null, reason };
	const length = Number(minutes);
	if (!Number.isInteger(length) || length < 1 || length > 60 * 24 * 30) {
		throw new AppError("invalid", "A lock lasts from 1 minute to 30 days.", { fields: { minutes: "1 to 43200" } });
	}
	return { until: now + length * MINUTE, reason };
}

/** Settings as the form has them: a box that is not ticked is not sent. */
export function readSettings(form: FormData): Partial<EnvironmentSettings> {
	const goodMinutes = Number(form.get("goodMinutes"));
	if (!Number.isInteger(goodMinutes) || goodMinutes < 1 || goodMinutes > 24 * 60) {
		throw new AppError("invalid", "A version counts as good after 1 to 1440 minutes.", { fields: { goodMinutes: "1 to 1440" } });
	}
	const isOn = (name: string) => form.get(name) === "on";
	return {
		...{ goodMinutes, isProduction: isOn("isProduction"), autoRollback: isOn("autoRollback") },
		...{ needsApprover: isOn("needsApprover"), drills: isOn("drills") },
	};
}

/** A freeze window, weekly or once, in UTC. */
export function readFreeze(form: FormData): FreezeWindow {
	const reason = String(form.get("reason") ?? "").trim();
	if (reason === "" || reason.length > 300) {
		throw new AppError("invalid", "Say why nothing is deployed then, in at most 300 characters.", {
			fields: { reason: "1 to 300 characters" },
		});
	}
	if (form.get("kind") === "once") {
		const [from, to] = [readUtc(form.get("from")), readUtc(form.get("to"))];
		if (from === null || to === null || from >= to) {
			throw new AppError("invalid", "It begins before it ends: two moments in UTC.", {
				fields: { from: "before its end", to: "after its beginning" },
			});
		}
		return { kind: "once", from, to, reason };
	}
	const days = [...new Set(form.getAll("day").map(Number))].filter((day) => Number.isInteger(day) && day >= 0 && day <= 6).sort();
	const [fromMinute, toMinute] = [readMinute(form.get("fromTime")), readMinute(form.get("toTime"))];
	if (days.length === 0 || fromMinute === null || toMinute === null || fromMinute === toMinute) {
		throw new AppError("invalid", "Choose at least one day, and two different times.", {
			fields: { day: "at least one", fromTime: "hh:mm" },
		});
	}
	return { kind: "weekly", days, fromMinute, toMinute, reason };
}

/** One more window. @throws AppError when there are too many */
export function withFreeze(freezes: readonly FreezeWindow[], window: FreezeWindow): FreezeWindow[] {
	if (freezes.length >= FREEZES_MAX) throw new AppError("invalid", `There are ${FREEZES_MAX} windows already: remove one first.`);
	return [...freezes, window];
}

function readMinute(value: FormDataEntryValue | null): number | null {
	const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(String(value ?? "")) ?? [];
	const minute = Number(hours) * 60 + Number(minutes);
	return hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 ? minute : null;
}

function readUtc(value: FormDataEntryValue | null): number | null {
	const text = String(value ?? "");
	const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN;
	return Number.isNaN(at) ? null : at;
}
