// The file in which a state folder keeps its principals: the same values at every start, readable by nobody else.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makePrincipals } from "../../scripts/principals.mjs";
import { environmentIdOf } from "../../worker/domains/environments/model.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "opssight-principals-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("are made once, and kept where only their owner can read them", () => {
	const made = makePrincipals(folder, "http://127.0.0.1:1");
	expect(makePrincipals(folder, "http://127.0.0.1:1")).toEqual(made);
	expect(makePrincipals(folder, "http://127.0.0.1:2")).toEqual({ ...made, baseUrl: "http://127.0.0.1:2" });
	expect(statSync(join(folder, "principals.json")).mode & 0o777).toBe(0o600);
	expect(makePrincipals(mkdtempSync(`${folder}/`), "http://127.0.0.1:1")).not.toEqual(made);
});

test("name each team's production as the ledger does", () => {
	for (const team of Object.values(makePrincipals(folder, "x").teams)) {
		expect(team.objects.environment).toBe(environmentIdOf(team.id, "production"));
	}
});

test("of an earlier version keep what they have and get what has come since, once", () => {
	const made = makePrincipals(folder, "x");
	const file = join(folder, "principals.json");
	const kept = JSON.parse(readFileSync(file, "utf8")) as { teams: typeof made.teams };
	for (const team of Object.values(kept.teams)) team.objects = { run: team.objects.run as string };
	writeFileSync(file, JSON.stringify(kept));
	const grown = makePrincipals(folder, "x");
	expect(makePrincipals(folder, "x")).toEqual(grown);
	for (const [name, team] of Object.entries(grown.teams)) {
		expect({ ...team, objects: null }).toEqual({ ...made.teams[name], objects: null });
		expect(team.objects.run).toBe(made.teams[name]?.objects.run);
		// A delivery can't be put under a run that is there already.
		expect(Object.keys(team.objects).sort()).toEqual(
			Object.keys(made.teams[name]?.objects ?? {})
				.filter((kind) => kind !== "delivery")
				.sort(),
		);
	}
});
