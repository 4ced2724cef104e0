import type { z } from "zod";
import type { Database, Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { log } from "../../log.ts";
import { fieldsOf } from "../../wire/fields.ts";
import { commitAudited, recordDenial } from "../audit/chain.server.ts";
import type { AuditEntry } from "../audit/model.ts";
import { redact } from "../redaction/mask.ts";
import { type Actor, nameInAudit, type Permission, refusal, roleIn } from "./model.ts";

/** What acts on members, tokens and sessions have in common: permission → parse → write with audit → tell the ledger. */

export type Deps = {
	db: Database;
	ledger: {
		syncCredentials: (teamId: string) => Promise<void>;
		endSessions: (teamId: string, holders: readonly string[]) => Promise<void>;
	};
	actor: Actor;
	requestId: string;
	/** The first part of the sender's address. */
	address: string | null;
	/** Epoch ms. */
	now: number;
};

/** What an act is about, as far as its input says. */
function objectIn(input: unknown): string {
	const { id, userId } = (input ?? {}) as { id?: unknown; userId?: unknown };
	const named = [id, userId].find((one) => typeof one === "string");
	// Masked before it is cut: half of a secret has no shape.
	return typeof named === "string" ? redact(named).text.slice(0, 100) : "";
}

type Who = Pick<Deps, "db" | "actor" | "requestId" | "address" | "now">;

/** Somebody may not do this: noted in the team's audit, with the reason they are given. */
export async function noteRefusal(deps: Who, teamId: string, refused: { permission: Permission; object: string; reason: string }) {
	const { db, actor, requestId, address, now: at } = deps;
	await recordDenial(db, teamId, { at, actor: nameInAudit(actor), role: roleIn(actor, teamId), ...refused, requestId, address });
}

/** Whether the actor may, and what they sent. @throws AppError forbidden (noted in the audit) | invalid */
export async function begin<T extends z.ZodType>(
	deps: Who,
	ask: { teamId: string; permission: Permission; schema: T; input: unknown },
): Promise<z.infer<T>> {
	const reason = refusal(deps.actor, ask.teamId, ask.permission);
	if (reason !== null) {
		if (ask.teamId === "") throw new AppError("forbidden", reason);
		throw await refused(deps, ask.teamId, { permission: ask.permission, object: objectIn(ask.input), reason });
	}
	const parsed = ask.schema.safeParse(ask.input);
	if (!parsed.success) {
		const fields = fieldsOf(parsed.error);
		throw new AppError("invalid", Object.values(fields)[0] ?? "This does not hold.", { fields });
	}
	return parsed.data;
}

/** A refusal that no door saw coming, noted in the team's audit like those of the doors: what to throw. */
export async function refused(deps: Who, teamId: string, denial: Parameters<typeof noteRefusal>[2]): Promise<AppError> {
	await noteRefusal(deps, teamId, denial);
	return new AppError("forbidden", denial.reason);
}

/** Something done, as the audit tells of it. */
export type Act = { act: string; object: string; before?: unknown; after?: unknown };

/**
 * Write a change and its audit entry together.
 * Nothing is recorded when the last of `statements` changed nothing, so the one that decides stands there.
 * @returns the rows of each of `statements`
 */
export async function commit(deps: Deps, teamId: string, statements: readonly Statement[], act: Act): Promise<unknown[][]> {
	const { actor, requestId, address, now: at } = deps;
	const who = { actor: nameInAudit(actor), role: roleIn(actor, teamId), requestId, address };
	const entry: AuditEntry = { at, ...who, ...act, outcome: "done" };
	return await commitAudited(deps.db, teamId, statements, [entry], { onlyIfChanged: statements.length > 0 });
}

/** Let the line know of changed tokens and rights. @throws AppError unavailable when it can't be told: the change itself is saved */
export async function sync({ ledger }: Deps, teamId: string): Promise<void> {
	try {
		await ledger.syncCredentials(teamId);
	} catch {
		throw new AppError("unavailable", "This is saved, but deliveries are still checked the old way. Do it once more in a few seconds.");
	}
}

type EndsSockets = { ledger: Pick<Deps["ledger"], "endSessions"> };

/** Close the sockets of sessions and tokens at once. When that fails, the ledger finds out by itself within a minute. */
export async function endSockets({ ledger }: EndsSockets, teamIds: readonly string[], holders: readonly string[]): Promise<void> {
	if (holders.length === 0) return;
	const ending = teamIds.map((teamId) => ledger.endSessions(teamId, holders));
	for (const ended of await Promise.allSettled(ending)) {
		if (ended.status === "rejected")
			log("warn", "sockets of an ended session stay open for up to a minute", { error: String(ended.reason) });
	}
}
