import { z } from "zod";

/** What people may say about an environment: locks, settings. */

const Reason = z.string().trim().min(1, "Say why, in a few words.").max(500, "The reason may have up to 500 characters.");
const Minute = z
	.int("Minutes of the day are whole numbers from 0 to 1440.")
	.min(0, "Minutes of the day are whole numbers from 0 to 1440.")
	.max(1440, "Minutes of the day are whole numbers from 0 to 1440.");

/** A time in which nothing is deployed. */
export const Freeze = z.discriminatedUnion(
	"kind",
	[
		z.object({
			kind: z.literal("weekly"),
			days: z
				.array(z.int().min(0).max(6), { error: "Days are numbers from 0 (Sunday) to 6." })
				.min(1, "Choose at least one day.")
				.max(7, "Name each day once."),
			fromMinute: Minute,
			toMinute: Minute,
			reason: Reason,
		}),
		z
			.object({ kind: z.literal("once"), from: z.int().min(0), to: z.int().min(0), reason: Reason })
			.refine(({ from, to }) => to > from, { error: "It has to end after it begins.", path: ["to"] }),
	],
	{ error: "A freeze is weekly or once." },
);

/** Settings that are to be changed; the others stay. */
export const ChangeSettings = z
	.object({
		isProduction: z.boolean({ error: "Say yes or no." }),
		goodMinutes: z
			.int("Minutes are a whole number from 1 to 1440.")
			.min(1, "Minutes are a whole number from 1 to 1440.")
			.max(1440, "Minutes are a whole number from 1 to 1440."),
		autoRollback: z.boolean({ error: "Say yes or no." }),
		needsApprover: z.boolean({ error: "Say yes or no." }),
		freezes: z.array(Freeze).max(20, "Up to 20 freezes."),
		drills: z.boolean({ error: "Say yes or no." }),
	})
	.partial()
	.refine((changes) => Object.values(changes).some((value) => value !== undefined), "Say what to change.");

/** A lock: until when (epoch ms, null: until somebody releases it), and why. */
export const LockRequest = z.object({
	until: z.int().min(0).nullable().default(null),
	reason: Reason,
});
