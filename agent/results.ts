import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandResult } from "#worker/wire/agent";
import type { Log } from "./log.ts";
import { words } from "./text.ts";

// One command runs at a time in an environment, so a hundred unacknowledged results are months of a product that is away.
const KEPT_MAX = 100;

/** Results that the product has not acknowledged yet. */
export type Results = {
	keep(result: CommandResult): void;
	/** @param fence of the acknowledged result: a newer one of the same command stays */
	forget(commandId: string, fence: number): void;
	all(): CommandResult[];
};

/**
 * Results on disk, one file each, so that a command whose agent dies after acting is still answered. Without a directory, or when it
 * can't be written, they are kept in memory: another claim then finds the truth in the cluster.
 */
export function keepResults(dir: string | null, log: Log): Results {
	const kept = new Map<string, CommandResult>();
	const fileOf = (commandId: string) => join(dir ?? "", `${createHash("sha256").update(commandId).digest("hex")}.json`);
	const safely = (what: string, work: () => void) => {
		if (dir === null) return;
		try {
			work();
		} catch (error) {
			log("warn", what, { error: words(error) });
		}
	};
	safely("results could not be read", () => {
		mkdirSync(dir ?? "", { recursive: true });
		for (const name of readdirSync(dir ?? "").filter((name) => name.endsWith(".json"))) {
			const result = readResult(join(dir ?? "", name));
			if (result) kept.set(result.commandId, result);
			else rmSync(join(dir ?? "", name), { force: true });
		}
	});
	const forget = (commandId: string) => {
		kept.delete(commandId);
		safely("result could not be removed", () => rmSync(fileOf(commandId), { force: true }));
	};
	return {
		keep(result) {
			kept.set(result.commandId, result);
			safely("result could not be written", () => {
				const scratch = `${fileOf(result.commandId)}.${randomBytes(4).toString("hex")}.part`;
				writeFileSync(scratch, JSON.stringify(result), { flush: true });
				renameSync(scratch, fileOf(result.commandId));
			});
			const [oldest] = [...kept.values()].sort((a, b) => a.at - b.at);
			if (kept.size > KEPT_MAX && oldest) forget(oldest.commandId);
		},
		forget(commandId, fence) {
			if ((kept.get(commandId)?.fence ?? Number.POSITIVE_INFINITY) <= fence) forget(commandId);
		},
		all: () => [...kept.values()],
	};
}

function readResult(path: string): CommandResult | null {
	try {
		return CommandResult.parse(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		return null;
	}
}
